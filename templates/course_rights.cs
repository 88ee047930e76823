<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>/people"><?cs var:T.People.title ?></a></p>
      <h1><?cs var:T.Rights.title ?></h1>
    </header>
    <section class="sec" aria-labelledby="h-here">
      <h2 id="h-here"><?cs var:T.Rights.here_course ?></h2><?cs
if:Here ?>
      <ul class="rows"><?cs
  each:x = Here ?>
        <li class="row"><?cs call:right(x) ?><?cs
    if:x.url ?>
          <p class="row-end"><a href="<?cs var:x.url ?>" aria-label="<?cs var:x.change ?>"><?cs var:T.People.change_short ?></a></p><?cs /if ?>
        </li><?cs
  /each ?>
      </ul><?cs
else ?>
      <div class="empty"><p><?cs var:T.Rights.here_empty ?></p></div><?cs /if ?>
    </section>
    <section class="sec" aria-labelledby="h-give">
      <h2 id="h-give"><?cs var:T.Rights.give ?></h2><?cs call:form_errors() ?>
      <form class="form" method="post" action="/teach/course/<?cs var:Course.id ?>/rights">
        <?cs call:csrf() ?><?cs
call:text_field(Form.login, T.Field.login, T.People.login_hint, "60") ?><?cs
call:role_fields(T.Staff.role) ?>
        <div class="actions"><button class="button"><?cs var:T.Rights.give ?></button></div>
      </form>
    </section><?cs
call:rights_above(T.Rights.above_course) ?><?cs
/def ?><?cs include:"_layout.cs" ?>
