<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/lecture/<?cs var:Lecture.key ?>"><?cs var:Lecture.title ?></a></p>
      <h1><?cs var:Upload.title ?></h1>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="<?cs var:Upload.form_url ?>" enctype="multipart/form-data">
      <div class="field">
        <label for="file"><?cs var:T.UploadForm.file ?></label>
        <p class="hint" id="file-hint"><?cs var:Upload.hint ?></p>
        <input id="file" name="file" type="file" accept="video/*,.mkv,.mov,.mp4,.m4v,.webm,.avi,.ts,.mts,.m2ts,.mpg,.mpeg,.flv,.ogv,.wmv" required aria-describedby="file-hint">
      </div>
      <div class="actions"><button class="button"><?cs var:T.UploadForm.send ?></button> <a href="/teach/lecture/<?cs var:Lecture.key ?>"><?cs var:T.UploadForm.back ?></a></div>
    </form>
    <section class="sec" aria-labelledby="h-cancel">
      <h2 class="small" id="h-cancel"><?cs var:T.UploadForm.cancel ?></h2>
      <form method="post" action="/teach/upload/<?cs var:Upload.key ?>/cancel"><?cs call:csrf() ?><button class="button plain"><?cs var:T.UploadForm.cancel_send ?></button></form>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
