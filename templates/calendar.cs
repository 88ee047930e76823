<?cs include:"_macros.cs" ?><?cs set:Page.section = "calendar" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "calendar.css" ?><?cs
def:event(x) ?>
          <li class="cal-event<?cs if:x.over ?> cal-over<?cs /if ?><?cs if:x.cancelled ?> cal-off<?cs /if ?>"><a href="<?cs var:x.url ?>">
            <span class="cal-time"><?cs if:x.cancelled ?><s><?cs var:x.time ?></s><?cs else ?><?cs var:x.time ?><?cs /if ?><?cs if:x.hall ?> · <?cs var:x.hall ?><?cs /if ?></span>
            <span class="cal-title"><?cs var:x.title ?></span><?cs
  if:x.course ?>
            <span class="cal-course"><?cs var:x.course ?></span><?cs /if ?><?cs
  if:x.cancelled ?>
            <span class="tag bad"><?cs var:x.cancelled ?></span><?cs /if ?><?cs
  if:x.tag ?>
            <span class="tag warn"><?cs var:x.tag ?></span><?cs /if ?>
          </a></li><?cs
/def ?><?cs
def:links(list, label) ?>
      <nav class="cal-links" aria-label="<?cs var:label ?>"><?cs each:x = list ?><?cs if:x.url ?><a href="<?cs var:x.url ?>"<?cs if:x.current ?> aria-current="true"<?cs /if ?>><?cs var:x.name ?></a><?cs /if ?><?cs /each ?></nav><?cs
/def ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Calendar.title ?></h1><?cs
if:!Calendar.own ?>
      <p class="head-sub"><?cs if:Calendar.course ?><a href="<?cs var:Calendar.course ?>"><?cs var:Calendar.name ?></a><?cs else ?><?cs var:Calendar.name ?><?cs /if ?><?cs if:Calendar.of_hall ?>. <?cs var:T.Calendar.hall_text ?><?cs /if ?></p><?cs /if ?>
    </header>
    <div class="cal-bar"><?cs
call:links(Views, T.Calendar.views) ?><?cs
if:Scopes ?><?cs call:links(Scopes, T.Calendar.scopes) ?><?cs /if ?>
    </div>
    <div class="cal-move">
      <h2 class="cal-period"><?cs var:Calendar.period ?></h2>
      <p class="cal-steps"><a class="button plain" href="<?cs var:Calendar.previous ?>" rel="prev"><?cs var:T.Calendar.previous ?></a> <a class="button plain" href="<?cs var:Calendar.today ?>"><?cs var:T.Calendar.today ?></a> <a class="button plain" href="<?cs var:Calendar.next ?>" rel="next"><?cs var:T.Calendar.next ?></a></p>
    </div><?cs
if:Calendar.none ?>
    <div class="empty"><p><?cs var:T.Calendar.none ?></p></div><?cs /if ?><?cs
if:Days && !(Calendar.none && Calendar.view == "list") ?>
    <ol class="cal cal-<?cs var:Calendar.view ?>"><?cs
  each:d = Days ?><?cs if:d.name ?>
      <li class="cal-day<?cs if:d.empty ?> cal-empty<?cs /if ?><?cs if:d.today ?> cal-today<?cs /if ?><?cs if:d.outside ?> cal-outside<?cs /if ?>">
        <h3 class="cal-date"<?cs if:d.today ?> aria-current="date"<?cs /if ?>><?cs var:d.name ?></h3><?cs
    if:d.events ?>
        <ul class="cal-events"><?cs each:x = d.events ?><?cs if:x.url ?><?cs call:event(x) ?><?cs /if ?><?cs /each ?>
        </ul><?cs /if ?><?cs
    if:d.more ?>
        <p class="cal-more"><a href="<?cs var:d.url ?>"><?cs var:d.more ?></a></p><?cs /if ?>
      </li><?cs /if ?><?cs
  /each ?>
    </ol><?cs
/if ?><?cs
if:Calendar.rest ?>
    <p class="hint"><?cs var:Calendar.rest ?></p><?cs /if ?>
    <section class="sec cal-tools" aria-labelledby="h-subscribe">
      <h2 id="h-subscribe"><?cs var:T.Calendar.subscribe ?></h2>
      <p><?cs var:T.Calendar.subscribe_text ?></p><?cs
if:Calendar.public ?>
      <p><?cs var:T.Calendar.public_text ?> <a href="<?cs var:Calendar.public ?>"><?cs var:Calendar.public ?></a></p><?cs
elif:User.name ?>
      <form method="post" action="/calendar/feeds">
        <?cs call:csrf() ?>
        <input type="hidden" name="scope" value="<?cs var:Calendar.scope ?>">
        <input type="hidden" name="id" value="<?cs var:Calendar.id ?>">
        <p class="actions"><button class="button plain"><?cs var:T.Calendar.subscribe_send ?></button> <a href="/calendar/feeds"><?cs var:T.Calendar.feeds_link ?></a></p>
      </form><?cs
else ?>
      <p><?cs var:T.Calendar.subscribe_signin ?></p><?cs
/if ?>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
