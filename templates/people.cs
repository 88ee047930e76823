<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a></p>
      <h1><?cs var:T.People.title ?></h1>
    </header>
    <section class="sec" aria-labelledby="h-add">
      <h2 id="h-add"><?cs var:T.People.add_head ?></h2><?cs call:form_errors() ?>
    <form class="form" method="post" action="/teach/course/<?cs var:Course.id ?>/people">
        <?cs call:csrf() ?><?cs
call:text_field(Form.login, T.Field.login, T.People.login_hint, "60") ?><?cs
call:role_fields(T.People.as) ?>
        <div class="actions"><button class="button"><?cs var:T.People.add ?></button></div>
    </form>
    </section>
    <section class="sec" aria-labelledby="h-staff">
      <h2 id="h-staff"><?cs var:T.People.staff ?></h2>
      <p><a href="/teach/course/<?cs var:Course.id ?>/rights"><?cs var:T.Rights.link ?></a></p>
      <ul class="rows"><?cs
each:x = Staff ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.login ?> · <?cs var:x.role ?></p><?cs
  if:x.url ?>
          <p class="row-end"><a href="<?cs var:x.url ?>" aria-label="<?cs var:x.change ?>"><?cs var:T.People.change_short ?></a></p><?cs /if ?>
        </li><?cs
/each ?>
      </ul>
    </section>
    <section class="sec" aria-labelledby="h-students">
      <h2 id="h-students"><?cs var:T.People.students ?></h2><?cs
if:Students ?>
      <ul class="rows"><?cs
  each:x = Students ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.login ?></p>
          <form class="row-end" method="post" action="/teach/course/<?cs var:Course.id ?>/people/remove"><?cs call:csrf() ?><input type="hidden" name="user" value="<?cs var:x.id ?>"><input type="hidden" name="as" value="student"><button class="link" aria-label="<?cs var:x.remove ?>"><?cs var:T.People.remove_short ?></button></form>
        </li><?cs
  /each ?>
      </ul><?cs
else ?>
      <div class="empty"><p><?cs var:T.People.students_empty ?></p></div><?cs /if ?><?cs call:pager() ?>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
