<?cs include:"_macros.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head"><?cs
if:Org.url ?><?cs call:org_crumbs(#1) ?><?cs
else ?>
      <p class="crumbs"><?cs var:T.Rights.installation ?></p><?cs /if ?>
      <h1><?cs var:T.Rights.title ?></h1><?cs
if:!Org.url ?>
      <p class="head-sub"><?cs var:T.Rights.elsewhere ?> <a href="/org"><?cs var:T.Org.all ?></a></p><?cs /if ?>
    </header><?cs
if:Org.url ?><?cs call:org_tabs() ?><?cs /if ?><?cs call:form_errors() ?>
    <section class="sec" aria-labelledby="h-here">
      <h2 id="h-here"><?cs var:T.Rights.here ?></h2><?cs
if:Here ?>
      <ul class="rows"><?cs
  each:x = Here ?>
        <li class="row"><?cs call:right(x) ?>
          <form class="row-end" method="post" action="<?cs var:Rights.action ?>/take"><?cs call:csrf() ?><input type="hidden" name="login" value="<?cs var:x.login ?>"><input type="hidden" name="as" value="<?cs var:x.as ?>"><button class="link" aria-label="<?cs var:x.take ?>"><?cs var:T.Rights.take_short ?></button></form>
        </li><?cs
  /each ?>
      </ul><?cs
else ?>
      <div class="empty"><p><?cs var:T.Rights.here_empty ?></p></div><?cs /if ?><?cs call:pager() ?>
    </section>
    <section class="sec" aria-labelledby="h-give">
      <h2 id="h-give"><?cs var:T.Rights.give ?></h2>
      <form class="form" method="post" action="<?cs var:Rights.action ?>">
        <?cs call:csrf() ?><?cs
call:text_field(Form.login, T.Field.login, T.People.login_hint, "60") ?><?cs
call:as_field(T.Staff.role) ?>
        <div class="actions"><button class="button"><?cs var:T.Rights.give ?></button></div>
      </form>
    </section><?cs
if:Above ?><?cs call:rights_above(T.Rights.above_org) ?><?cs /if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
