<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>/people"><?cs var:T.People.title ?></a></p>
      <h1><?cs var:Person.name ?></h1>
      <p class="head-sub"><?cs var:Person.login ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="/teach/course/<?cs var:Course.id ?>/staff/<?cs var:Person.id ?>">
        <?cs call:csrf() ?><?cs call:seen() ?><?cs call:role_fields(T.Staff.role) ?>
        <div class="actions"><button class="button"><?cs var:T.Staff.save ?></button></div>
    </form>
    <section class="sec danger" aria-labelledby="h-remove">
      <h2 id="h-remove"><?cs var:T.Staff.remove ?></h2>
      <p><?cs var:T.Staff.remove_text ?></p>
      <form method="post" action="/teach/course/<?cs var:Course.id ?>/people/remove"><?cs call:csrf() ?><input type="hidden" name="user" value="<?cs var:Person.id ?>"><input type="hidden" name="as" value="staff"><button class="button bad"><?cs var:Person.remove ?></button></form>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
