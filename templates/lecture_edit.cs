<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "teach.css" ?><?cs
set:Page.scripts.0 = "upload.js" ?><?cs if:State.url ?><?cs set:Page.scripts.1 = "state.js" ?><?cs /if ?><?cs

def:state_row(v) ?>
        <div class="view">
          <dt><?cs var:v.name ?> <span class="tag<?cs if:v.look ?> <?cs var:v.look ?><?cs /if ?>" data-state-text="<?cs var:v.id ?>_tag"><?cs var:v.tag ?></span></dt>
          <dd>
            <p data-state-text="<?cs var:v.id ?>"><?cs var:v.text ?></p><?cs
  if:v.moving ?>
            <progress max="1"<?cs if:v.progress ?> value="<?cs var:v.progress ?>"<?cs /if ?> data-state-progress="<?cs var:v.id ?>" aria-label="<?cs var:v.name ?>"></progress><?cs /if ?><?cs
  if:v.plan ?>
            <p class="hint" data-state-text="<?cs var:v.id ?>_plan"><?cs var:v.plan ?></p><?cs /if ?><?cs
  if:v.detail ?>
            <details class="more"><summary><?cs var:T.LectureEdit.detail ?></summary><pre><?cs var:v.detail ?></pre></details><?cs /if ?><?cs
  if:v.upload && May.upload ?>
            <form method="post" action="/teach/upload/<?cs var:v.upload ?>/cancel"><?cs call:csrf() ?><button class="link"><?cs var:T.LectureEdit.cancel_upload ?></button></form><?cs /if ?><?cs
  if:v.again && May.upload ?>
            <form method="post" action="/teach/upload/<?cs var:v.again ?>/again"><?cs call:csrf() ?><button class="<?cs if:v.look == "bad" ?>button plain<?cs else ?>link<?cs /if ?>" aria-label="<?cs var:v.again_label ?>"><?cs var:T.LectureEdit.again ?></button></form><?cs /if ?>
          </dd>
        </div><?cs
/def ?><?cs

def:upload_form(u) ?>
        <form class="upload" id="upload-<?cs var:u.view ?>" method="post" action="/teach/lecture/<?cs var:Lecture.key ?>/source" data-upload="<?cs var:u.view ?>" data-lecture="<?cs var:Lecture.key ?>" data-max="<?cs var:Upload.max ?>" data-max-text="<?cs var:Upload.max_text ?>" data-cancel="/teach/upload/{u}/cancel">
          <?cs call:csrf() ?>
          <input type="hidden" name="view" value="<?cs var:u.view ?>">
          <input type="hidden" name="nonce" value="<?cs var:u.nonce ?>">
          <h3><?cs var:u.name ?></h3>
          <p class="upload-now"><?cs var:u.now ?></p>
          <div class="upload-pick">
            <label class="button<?cs if:!u.main ?> plain<?cs /if ?>" for="file-<?cs var:u.view ?>"><?cs var:u.choose ?></label>
            <input id="file-<?cs var:u.view ?>" type="file" accept="video/*,.mkv,.mov,.mp4,.m4v,.webm,.avi,.ts,.mts,.m2ts,.mpg,.mpeg,.flv,.ogv,.wmv" aria-describedby="hint-<?cs var:u.view ?>">
            <p class="hint" id="hint-<?cs var:u.view ?>"><?cs var:u.hint ?></p>
          </div>
          <div class="upload-live" hidden>
            <p class="upload-name"></p>
            <progress max="1" value="0" aria-label="<?cs var:u.progress ?>"></progress>
            <p class="upload-line"></p>
            <div class="actions upload-buttons"></div>
          </div>
          <p class="error upload-error" role="alert" hidden></p>
          <noscript><p><button class="button plain"><?cs var:u.send ?></button></p></noscript>
        </form><?cs
/def ?><?cs

def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a></p>
      <h1><?cs var:Lecture.title ?></h1><?cs
if:Lecture.deleted.text ?>
      <p class="head-sub"><span class="tag warn"><?cs var:T.Deleted.title ?></span> <?cs var:Lecture.deleted.text ?></p>
<?cs
if:May.timetable ?>
      <div class="head-actions"><?cs call:undo(Lecture.deleted) ?></div><?cs /if ?>
    </header><?cs
elif:Course.is_deleted ?>
      <p class="head-sub"><?cs var:T.Deleted.course ?></p>
      <div class="head-actions"><a class="button plain" href="/teach/course/<?cs var:Course.id ?>"><?cs var:T.Deleted.to_course ?></a></div>
    </header><?cs
else ?>
      <p class="head-sub"><?cs if:Lecture.cancelled ?><span class="tag bad"><?cs var:Lecture.cancelled ?></span> <?cs /if ?><span class="tag <?cs var:Lecture.look ?>"><?cs var:Lecture.tag ?></span> <?cs var:Lecture.time ?><?cs if:Lecture.hall_tag ?> <span class="tag <?cs var:Lecture.hall_look ?>"><?cs var:Lecture.hall_tag ?></span><?cs /if ?></p>
      <div class="head-actions"><?cs
if:!May.publish ?><?cs
elif:Lecture.published ?>
        <form method="post" action="/teach/lecture/<?cs var:Lecture.key ?>/unpublish"><?cs call:csrf() ?><button class="button plain"><?cs var:T.LectureEdit.unpublish ?></button></form><?cs
else ?>
        <form method="post" action="/teach/lecture/<?cs var:Lecture.key ?>/publish"><?cs call:csrf() ?><button class="button<?cs if:!Lecture.watchable ?> plain<?cs /if ?>"><?cs var:T.LectureEdit.publish ?></button></form><?cs
/if ?>
        <a class="button plain" href="<?cs var:Lecture.url ?>"><?cs if:Lecture.watchable ?><?cs var:T.LectureEdit.watch ?><?cs else ?><?cs var:T.LectureEdit.view ?><?cs /if ?></a><?cs
if:May.upload && Lecture.live_url ?>
        <a class="button plain" href="<?cs var:Lecture.live_url ?>"><?cs var:T.Live.link ?></a><?cs /if ?><?cs
if:May.timetable ?>
        <a class="button plain" href="/teach/course/<?cs var:Course.id ?>/schedule/change?lecture=<?cs var:Lecture.key ?>&amp;scope=one"><?cs var:T.Schedule.change_row ?></a><?cs /if ?>
      </div>
    </header>
    <section class="sec" id="processing" data-state="<?cs var:State.url ?>" data-state-shape="<?cs var:State.shape ?>" aria-labelledby="h-recording">
      <h2 id="h-recording"><?cs var:T.LectureEdit.recording ?></h2>
      <p class="state-line" role="status" data-state-text="status"><?cs var:State.status ?></p><?cs
if:State.views ?>
      <dl class="views"><?cs each:v = State.views ?><?cs if:v.id ?><?cs call:state_row(v) ?><?cs /if ?><?cs /each ?>
      </dl><?cs /if ?><?cs
if:Lecture.release ?>
      <p><?cs var:Lecture.release ?></p><?cs /if ?><?cs
if:May.publish ?>
      <div class="actions"><?cs
  if:Lecture.by_hand ?>
        <form method="post" action="/teach/lecture/<?cs var:Lecture.key ?>/release/<?cs if:Lecture.released ?>back<?cs else ?>now<?cs /if ?>"><?cs call:csrf() ?><button class="button plain"><?cs if:Lecture.released ?><?cs var:T.Release.back ?><?cs else ?><?cs var:T.Release.now ?><?cs /if ?></button></form><?cs /if ?>
        <a href="/teach/lecture/<?cs var:Lecture.key ?>/release"><?cs var:T.Release.link ?></a>
      </div><?cs /if ?>
    </section><?cs
if:May.upload ?>
    <section class="sec" aria-labelledby="h-upload">
      <h2 id="h-upload"><?cs var:T.LectureEdit.upload ?></h2>
      <p class="hint"><?cs var:Upload.hint ?></p>
      <div class="uploads"><?cs each:u = Uploads ?><?cs if:u.view ?><?cs call:upload_form(u) ?><?cs /if ?><?cs /each ?>
      </div>
    </section><?cs /if ?><?cs
if:May.texts || May.timetable ?>
    <section class="sec" aria-labelledby="h-details">
      <h2 id="h-details"><?cs var:T.LectureEdit.details ?></h2><?cs call:form_errors() ?>
      <form class="form" method="post" action="/teach/lecture/<?cs var:Lecture.key ?>" data-keep="lecture-<?cs var:Lecture.key ?>">
        <?cs call:csrf() ?><?cs call:seen() ?><?cs if:May.timetable ?><?cs call:hall_default(T.LectureEdit.save) ?><?cs /if ?><?cs
if:May.texts && May.timetable ?><?cs call:lecture_fields() ?><?cs
elif:May.texts ?><input type="hidden" name="only" value="texts"><?cs call:lecture_texts() ?><?cs
else ?><input type="hidden" name="only" value="times"><?cs call:lecture_times() ?><?cs /if ?>
        <div class="actions"><button class="button"><?cs var:T.LectureEdit.save ?></button></div>
      </form>
    </section><?cs /if ?><?cs
if:May.timetable ?>
    <section class="sec danger" aria-labelledby="h-delete">
      <h2 id="h-delete"><?cs var:T.LectureEdit.delete ?></h2>
      <p><?cs var:T.LectureEdit.delete_text ?></p>
      <form method="post" action="/teach/lecture/<?cs var:Lecture.key ?>/delete"><?cs call:csrf() ?><button class="button bad"><?cs var:Lecture.delete_button ?></button></form>
    </section><?cs /if ?>
    <template id="upload-texts"><?cs each:t = T.Upload ?><data value="<?cs name:t ?>"><?cs var:t ?></data><?cs /each ?></template><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
