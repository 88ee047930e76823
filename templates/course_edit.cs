<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs if:!Form.org.few && !Form.org.fixed ?><?cs set:Page.scripts.0 = "picker.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <?cs var:Course.term ?></p>
      <h1><?cs var:Course.title ?></h1><?cs
if:Course.deleted.text ?>
      <p class="head-sub"><span class="tag warn"><?cs var:T.Deleted.title ?></span> <?cs var:Course.deleted.text ?></p>
<?cs
if:May.own ?>
      <div class="head-actions"><?cs call:undo(Course.deleted) ?></div><?cs /if ?>
    </header><?cs
else ?>
      <p class="head-actions"><?cs
if:May.timetable ?><a class="button" href="/teach/course/<?cs var:Course.id ?>/lecture/new"><?cs var:T.CourseEdit.add_lecture ?></a> <?cs /if ?><a class="button plain" href="/teach/course/<?cs var:Course.id ?>/schedule"><?cs var:T.Schedule.head ?></a> <?cs
if:May.publish ?><a class="button plain" href="/teach/course/<?cs var:Course.id ?>/release"><?cs var:T.Release.link ?></a> <?cs /if ?><a class="button plain" href="<?cs var:Course.url ?>"><?cs var:T.CourseEdit.view ?></a><?cs
if:May.people ?> <a class="button plain" href="/teach/course/<?cs var:Course.id ?>/people"><?cs var:T.People.title ?></a><?cs /if ?><?cs
if:May.texts ?> <a class="button plain" href="#h-settings"><?cs var:T.CourseEdit.settings ?></a><?cs /if ?></p>
    </header>
    <section class="sec" aria-labelledby="h-lectures">
      <h2 id="h-lectures"><?cs var:T.CourseEdit.lectures ?></h2><?cs
if:Lectures ?>
      <ol class="lectures"><?cs each:x = Lectures ?><?cs if:x.url ?><?cs call:lecture(x) ?><?cs /if ?><?cs /each ?>
      </ol><?cs
else ?>
      <div class="empty"><p><?cs var:T.CourseEdit.empty ?></p></div><?cs /if ?><?cs call:pager() ?>
    </section><?cs
if:Deleted ?><?cs call:deleted(Deleted) ?><?cs /if ?><?cs
if:May.texts ?>
    <section class="sec" aria-labelledby="h-settings">
      <h2 id="h-settings"><?cs var:T.CourseEdit.settings ?></h2><?cs
if:Course.link ?>
      <p><?cs var:T.CourseEdit.link ?> <a href="<?cs var:Course.link ?>"><?cs var:Course.link_text ?></a></p><?cs /if ?><?cs
call:form_errors() ?>
      <form class="form" method="post" action="/teach/course/<?cs var:Course.id ?>" data-keep="course-<?cs var:Course.id ?>">
        <?cs call:csrf() ?><?cs call:seen() ?><?cs
if:May.settings ?><?cs call:course_fields(Course.slug_hint, #0) ?><?cs
else ?><input type="hidden" name="only" value="texts"><?cs
call:text_field(Form.title, T.Field.title, "", "200") ?><?cs
call:markdown_field(Form.description, T.Field.description) ?><?cs
/if ?>
        <div class="actions"><button class="button"><?cs var:T.CourseEdit.save ?></button></div>
      </form>
    </section><?cs /if ?><?cs
if:May.own ?>
    <section class="sec danger" aria-labelledby="h-delete">
      <h2 id="h-delete"><?cs var:T.CourseEdit.delete ?></h2>
      <p><?cs var:Course.delete_text ?></p>
      <form method="post" action="/teach/course/<?cs var:Course.id ?>/delete"><?cs call:csrf() ?><button class="button bad"><?cs var:Course.delete_button ?></button></form>
    </section><?cs /if ?><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
