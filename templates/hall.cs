<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="<?cs var:Org.url ?>"><?cs var:Org.name ?></a> <span aria-hidden="true">/</span> <a href="<?cs var:Org.url ?>/halls"><?cs var:T.Halls.title ?></a></p>
      <h1><?cs var:Hall.name ?></h1>
      <p class="head-sub"><a href="<?cs var:Hall.calendar ?>"><?cs var:T.Halls.calendar ?></a></p><?cs
if:Hall.archived ?>
      <p class="head-sub"><span class="tag warn"><?cs var:T.Halls.archived_tag ?></span> <?cs var:Hall.archived ?></p>
      <form class="head-actions" method="post" action="<?cs var:Hall.url ?>/restore"><?cs call:csrf() ?><button class="button"><?cs var:T.Halls.restore_short ?></button></form><?cs
/if ?>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="<?cs var:Hall.url ?>"><?cs call:csrf() ?><?cs call:seen() ?><?cs call:hall_fields() ?>
      <div class="actions"><button class="button"><?cs var:T.Halls.save ?></button> <a href="<?cs var:Org.url ?>/halls"><?cs var:T.Form.back ?></a></div>
    </form><?cs
if:!Hall.archived ?>
    <section class="sec danger" aria-labelledby="h-archive">
      <h2 id="h-archive"><?cs var:T.Halls.archive ?></h2>
      <p><?cs var:T.Halls.archive_text ?></p>
      <form method="post" action="<?cs var:Hall.url ?>/archive"><?cs call:csrf() ?><button class="button bad"><?cs var:T.Halls.archive_button ?></button></form>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
