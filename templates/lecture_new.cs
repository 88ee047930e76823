<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a></p>
      <h1><?cs var:T.LectureEdit.new ?></h1>
      <p class="head-sub"><?cs var:T.LectureEdit.new_sub ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="/teach/course/<?cs var:Course.id ?>/lecture/new" data-keep="lecture-new-<?cs var:Course.id ?>">
        <?cs call:csrf() ?><?cs call:hall_default(T.LectureEdit.create) ?><?cs call:lecture_fields() ?>
        <div class="actions"><button class="button"><?cs var:T.LectureEdit.create ?></button> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:T.Form.back ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
