<?cs include:"_macros.cs" ?><?cs set:Page.section = "calendar" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "calendar.css" ?><?cs set:Page.styles.2 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/calendar"><?cs var:T.Calendar.title ?></a></p>
      <h1><?cs var:T.Calendar.feeds ?></h1>
      <p class="head-sub"><?cs var:T.Calendar.feeds_sub ?></p>
    </header><?cs
if:New.url ?>
    <section class="sec" aria-labelledby="h-new">
      <h2 id="h-new"><?cs var:New.name ?></h2>
      <p><?cs var:T.Calendar.new_text ?></p>
      <div class="field"><label for="address"><?cs var:T.Calendar.address ?></label><input id="address" class="cal-address" type="text" value="<?cs var:New.url ?>" readonly></div>
    </section><?cs /if ?>
    <section class="sec" aria-labelledby="h-list">
      <h2 id="h-list"><?cs var:T.Calendar.list_title ?></h2><?cs
if:Feeds ?>
      <ul class="rows"><?cs
  each:x = Feeds ?><?cs if:x.id ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.made ?> · <?cs var:x.used ?></p>
          <div class="row-end"><form method="post" action="/calendar/feeds/revoke"><?cs call:csrf() ?><input type="hidden" name="id" value="<?cs var:x.id ?>"><button class="button plain" aria-label="<?cs var:x.label ?>"><?cs var:T.Calendar.revoke ?></button></form></div>
        </li><?cs /if ?><?cs
  /each ?>
      </ul><?cs
else ?>
      <div class="empty"><p><?cs var:T.Calendar.feeds_none ?></p><p><a class="button plain" href="/calendar"><?cs var:T.Calendar.feeds_open ?></a></p></div><?cs
/if ?>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
