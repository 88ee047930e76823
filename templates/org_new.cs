<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#1) ?>
      <h1><?cs var:T.Org.new ?></h1>
      <p class="head-sub"><?cs var:T.Org.new_text ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="<?cs var:Org.url ?>/new"><?cs call:csrf() ?><?cs call:org_names(T.Org.slug_hint_new, #1) ?>
        <div class="actions"><button class="button"><?cs var:T.Org.create ?></button> <a href="<?cs var:Org.url ?>"><?cs var:T.Form.back ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
