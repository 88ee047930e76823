<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs if:!Form.parent.few ?><?cs set:Page.scripts.0 = "picker.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#1) ?>
      <h1><?cs var:T.Org.move_title ?></h1>
      <p class="head-sub"><?cs var:Org.move_text ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="<?cs var:Org.url ?>/move"><?cs call:csrf() ?><?cs call:default_button(Form.parent, T.Org.move) ?><?cs
call:org_field(Form.parent, T.Field.parent) ?>
        <div class="actions"><button class="button"><?cs var:T.Org.move ?></button> <a href="<?cs var:Org.url ?>"><?cs var:T.Form.back ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
