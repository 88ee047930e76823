<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs if:!Form.org.few ?><?cs set:Page.scripts.0 = "picker.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a></p>
      <h1><?cs var:T.CourseEdit.new ?></h1>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="/teach/course/new" data-keep="course-new">
        <?cs call:csrf() ?><?cs call:default_button(Form.org, T.CourseEdit.create) ?><?cs call:course_fields(T.CourseEdit.slug_hint_new, #1) ?>
        <div class="actions"><button class="button"><?cs var:T.CourseEdit.create ?></button> <a href="/teach"><?cs var:T.Form.back ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
