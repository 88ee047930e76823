<?cs include:"_macros.cs" ?><?cs set:Page.section = "watch" ?><?cs set:Page.width = "main-watch" ?><?cs set:Page.styles.0 = "watch.css" ?><?cs
if:Lecture.playable ?><?cs set:Page.scripts.0 = "player.js" ?><?cs elif:State.url ?><?cs set:Page.scripts.0 = "state.js" ?><?cs
  if:Lecture.left ?><?cs set:Page.scripts.1 = "countdown.js" ?><?cs /if ?><?cs /if ?><?cs
def:main() ?>
    <div class="watch<?cs if:Chapters ?> watch-two<?cs /if ?>">
      <div class="watch-video"><?cs
if:Lecture.playable ?>
        <div class="player" id="player" data-lecture="<?cs var:Lecture.key ?>" data-views="<?cs var:Lecture.views ?>" data-play="/lecture/<?cs var:Lecture.key ?>/play.json"<?cs
  if:Lecture.live ?> data-live="<?cs var:Lecture.live ?>"<?cs /if ?><?cs
  if:User.name ?> data-progress="/lecture/<?cs var:Lecture.key ?>/progress"<?cs /if ?><?cs
  if:Lecture.position ?> data-position="<?cs var:Lecture.position ?>"<?cs /if ?>>
          <noscript>
            <video class="player-native" controls preload="none" width="1280" height="720" src="<?cs var:Lecture.native ?>"></video>
            <p class="player-note"><?cs var:T.Watch.noscript ?><?cs
  each:v = Views ?><?cs if:v.download ?> <a href="<?cs var:v.download ?>"><?cs var:v.as_file ?></a><?cs elif:v.master ?> <a href="<?cs var:v.master ?>"><?cs var:v.name ?></a><?cs /if ?><?cs /each ?><?cs
  if:Lecture.live && Lecture.live != "ended" ?> <a href="/lecture/<?cs var:Lecture.key ?>"><?cs var:T.Watch.again ?></a><?cs /if ?></p>
          </noscript>
        </div>
        <script src="/static/js/place.js"></script><?cs
else ?>
        <div class="player-empty" id="processing" data-state="<?cs var:State.url ?>" data-state-shape="<?cs var:State.shape ?>"<?cs
  if:Lecture.live ?> data-state-live="<?cs var:Lecture.live ?>"<?cs /if ?>>
          <p class="state-line" role="status" data-state-text="status"><?cs var:State.status ?></p><?cs
  if:Lecture.left ?>
          <p class="countdown" role="timer" data-left="<?cs var:Lecture.left ?>" data-hours="<?cs var:T.Watch.hours ?>" hidden><?cs var:T.Watch.starts_in ?> <b></b></p><?cs /if ?><?cs
  if:State.busy && Lecture.live != "waiting" ?>
          <p class="hint"><?cs var:T.Watch.wait ?></p><?cs /if ?><?cs
  if:Lecture.live ?>
          <noscript><p><a class="button plain" href="/lecture/<?cs var:Lecture.key ?>"><?cs var:T.Watch.again ?></a></p></noscript><?cs /if ?>
        </div><?cs
/if ?>
      </div>
      <div class="watch-about">
        <header class="head">
          <p class="crumbs"><a href="<?cs var:Lecture.course_url ?>"><?cs var:Lecture.course ?></a></p>
          <h1><?cs var:Lecture.title ?></h1>
          <p class="head-sub"><?cs if:Lecture.cancelled ?><span class="tag bad"><?cs var:Lecture.cancelled ?></span> <?cs /if ?><?cs if:Lecture.tag ?><span class="tag warn"><?cs var:Lecture.tag ?></span> <?cs /if ?><?cs
if:Lecture.time ?><time datetime="<?cs var:Lecture.datetime ?>"><?cs var:Lecture.time ?></time><?cs /if ?><?cs
if:Lecture.time && Lecture.duration ?> · <?cs /if ?><?cs var:Lecture.duration ?></p><?cs
if:Lecture.edit_url || Lecture.playable ?>
          <p class="head-actions"><?cs
  if:Lecture.playable ?><button class="button plain needs-script" type="button" data-share="/lecture/<?cs var:Lecture.key ?>"><?cs var:T.Watch.share ?></button> <?cs /if ?><?cs
  each:v = Views ?><?cs if:v.download ?><a class="button plain" href="<?cs var:v.download ?>" download><?cs var:v.save ?></a> <?cs /if ?><?cs /each ?><?cs
  if:Lecture.edit_url ?><a class="button plain" href="<?cs var:Lecture.edit_url ?>"><?cs var:T.Watch.edit ?></a><?cs /if ?></p><?cs
/if ?>
        </header><?cs
if:Lecture.description_html ?>
        <div class="prose"><?cs escape:"none" ?><?cs var:Lecture.description_html ?><?cs /escape ?></div><?cs /if ?>
      </div><?cs
if:Chapters ?>
      <aside class="watch-side" aria-labelledby="h-chapters">
        <h2 class="small" id="h-chapters"><?cs var:T.Watch.chapters ?></h2>
        <ol class="chapters"><?cs
  each:c = Chapters ?><?cs if:c.time ?>
          <li><a href="?t=<?cs var:c.second ?>" data-at="<?cs var:c.at ?>"><?cs if:Lecture.thumbs ?><span class="chapters-thumb" aria-hidden="true"><i></i></span><?cs /if ?><span class="chapters-time"><?cs var:c.time ?></span> <span class="chapters-label"><?cs var:c.label ?></span></a></li><?cs /if ?><?cs
  /each ?>
        </ol>
      </aside><?cs
/if ?>
    </div><?cs
if:Lecture.playable ?>
    <template id="player-texts"><?cs each:t = T.Player ?><data value="<?cs name:t ?>"><?cs var:t ?></data><?cs /each ?></template><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
