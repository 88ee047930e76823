<?cs include:"_macros.cs" ?><?cs include:"_live.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "lists.css" ?><?cs set:Page.styles.2 = "live.css" ?><?cs set:Page.scripts.0 = "state.js" ?><?cs

def:live_publishers() ?>
        <ul class="rows"><?cs
  each:p = Live.Publishers ?><?cs if:p.who ?>
          <li class="row">
            <p class="row-title"><?cs var:p.who ?></p>
            <p class="row-sub"><?cs var:p.with ?></p>
            <p class="row-end"><span class="tag<?cs if:p.look ?> <?cs var:p.look ?><?cs /if ?>"><?cs var:p.tag ?></span></p>
          </li><?cs /if ?><?cs
  /each ?>
        </ul><?cs
/def ?><?cs

def:live_end() ?>
        <div class="actions">
          <form method="post" action="<?cs var:Live.page ?>/end"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Live.end_keep ?></button></form>
          <form method="post" action="<?cs var:Live.page ?>/end"><?cs call:csrf() ?><input type="hidden" name="discard" value="1"><button class="button bad"><?cs var:T.Live.end_discard ?></button></form>
        </div>
        <p class="hint"><?cs var:T.Live.end_hint ?></p><?cs
/def ?><?cs

def:live_give() ?>
        <form class="form" method="post" action="<?cs var:Live.page ?>/give"><?cs call:csrf() ?>
          <div class="field">
            <label for="course"><?cs var:T.Live.give_course ?></label>
            <p class="hint" id="course-hint"><?cs var:T.Live.give_hint ?></p>
            <select id="course" name="course" aria-describedby="course-hint"><?cs
  each:c = Live.Courses ?><?cs if:c.id ?><option value="<?cs var:c.id ?>"><?cs var:c.name ?></option><?cs /if ?><?cs /each ?></select>
          </div>
          <div class="actions"><button class="button"><?cs var:T.Live.give ?></button></div>
        </form><?cs
/def ?><?cs

def:main() ?>
    <header class="head">
      <p class="crumbs"><?cs if:Live.rehearsal ?><a href="/account/tokens"><?cs var:T.Live.rehearsals ?></a><?cs else ?><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/lecture/<?cs var:Lecture.key ?>"><?cs var:T.Live.lecture ?></a><?cs /if ?></p>
      <h1><?cs var:Lecture.title ?></h1>
      <p class="head-sub"><?cs var:Lecture.time ?></p>
      <noscript><p class="head-actions"><a class="button plain" href="<?cs var:Live.page ?>"><?cs var:T.Live.reload ?></a></p></noscript>
    </header>
    <section class="sec live" id="live" data-state="<?cs var:Live.url ?>" data-state-shape="<?cs var:Live.shape ?>" aria-labelledby="h-live">
      <h2 class="hidden" id="h-live"><?cs var:T.Live.title ?></h2>
      <div class="live-head">
        <p class="live-state" role="status"><span class="tag<?cs if:Live.look ?> <?cs var:Live.look ?><?cs /if ?>"><?cs var:Live.tag ?></span></p><?cs
if:Live.clock ?>
        <p class="live-clock"><span class="hidden"><?cs var:T.Live.since ?></span> <span data-state-text="clock"><?cs var:Live.clock ?></span></p><?cs /if ?>
      </div>
      <p class="live-text" role="status"><?cs var:Live.text ?></p><?cs
if:Live.made ?>
      <p class="live-text"><?cs var:Live.made ?><?cs if:Live.kept ?> <?cs var:Live.kept ?><?cs /if ?></p><?cs /if ?><?cs
call:live_refused() ?><?cs
if:Live.no_token && !Live.on ?>
        <p class="live-text"><?cs var:T.Live.no_token ?></p>
        <p class="actions"><a class="button" href="/account/tokens"><?cs var:T.Live.setup ?></a></p><?cs /if ?><?cs
if:Live.may_choose ?>
        <div class="actions"><?cs call:live_choose(Live.page, "", #0) ?></div><?cs /if ?><?cs
if:Live.recording || Live.undo ?>
        <div class="actions"><?cs
  if:Live.recording ?><a class="button" href="<?cs var:Live.recording_url ?>"><?cs var:T.Live.to_recording ?></a><?cs /if ?><?cs
  if:Live.undo ?><form method="post" action="<?cs var:Live.page ?>/undo"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Live.undo ?></button></form><?cs /if ?></div><?cs /if ?><?cs
if:Live.Courses ?>
        <h3 class="live-part"><?cs var:T.Live.give_title ?></h3><?cs call:live_give() ?><?cs /if ?><?cs
if:Live.Publishers ?>
        <h3 class="live-part"><?cs if:Live.on ?><?cs var:T.Live.publishers ?><?cs else ?><?cs var:T.Live.publishers_past ?><?cs /if ?></h3><?cs call:live_publishers() ?><?cs /if ?><?cs
if:Live.on ?>
        <h3 class="live-part"><?cs if:Live.rehearsal ?><?cs var:T.Live.end_rehearsal ?><?cs else ?><?cs var:T.Live.end ?><?cs /if ?></h3><?cs call:live_end() ?><?cs /if ?>
        <h3 class="live-part"><?cs var:T.Live.due ?></h3><?cs
call:live_due() ?>
    </section>
    <p><a href="/account/tokens"><?cs var:T.Live.setup ?></a></p><?cs
/def ?><?cs include:"_layout.cs" ?>
