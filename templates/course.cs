<?cs include:"_macros.cs" ?><?cs set:Page.section = "course" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs
def:main() ?>
    <header class="head"><?cs
if:Logo.url ?>
      <p class="logo"><img src="<?cs var:Logo.url ?>" width="<?cs var:Logo.width ?>" height="<?cs var:Logo.height ?>" alt="<?cs var:Logo.name ?>"></p><?cs /if ?>
      <p class="crumbs"><a href="<?cs var:Course.term_url ?>"><?cs var:Course.term ?></a> <span aria-hidden="true">/</span> <?cs var:Course.organisation ?></p>
      <h1<?cs if:Text.lang ?> lang="<?cs var:Text.lang ?>"<?cs /if ?>><?cs var:Course.title ?></h1><?cs
if:Course.sub ?>
      <p class="head-sub"><?cs var:Course.sub ?></p><?cs /if ?><?cs
if:Course.next ?>
      <p class="head-sub"><strong><?cs var:Course.next ?></strong></p><?cs /if ?><?cs
if:Contact.url ?>
      <p class="contact"><?cs var:T.Course.contact ?> <a href="<?cs var:Contact.url ?>"><?cs var:Contact.text ?></a></p><?cs /if ?><?cs
if:Course.edit_url || Course.calendar ?>
      <p class="head-actions"><?cs if:Course.edit_url ?><a class="button plain" href="<?cs var:Course.edit_url ?>"><?cs var:T.Course.edit ?></a> <?cs /if ?><?cs if:Course.calendar ?><a class="button plain" href="<?cs var:Course.calendar ?>"><?cs var:T.Site.calendar ?></a><?cs /if ?></p><?cs /if ?>
    </header><?cs
if:Course.description_html ?>
    <div class="prose"<?cs if:Text.lang ?> lang="<?cs var:Text.lang ?>"<?cs /if ?>><?cs escape:"none" ?><?cs var:Course.description_html ?><?cs /escape ?></div><?cs /if ?><?cs
if:Course.rows > #1 ?>
    <nav class="tabs" aria-label="<?cs var:T.Course.sort ?>">
      <a href="<?cs var:Sort.newest ?>"<?cs if:Sort.is_newest ?> aria-current="page"<?cs /if ?>><?cs var:T.Course.newest ?></a>
      <a href="<?cs var:Sort.oldest ?>"<?cs if:!Sort.is_newest ?> aria-current="page"<?cs /if ?>><?cs var:T.Course.oldest ?></a><?cs
  if:User.name ?>
      <a href="<?cs var:Sort.toggle ?>"><?cs if:Sort.hides ?><?cs var:T.Course.show_watched ?><?cs else ?><?cs var:T.Course.hide_watched ?><?cs /if ?></a><?cs /if ?>
    </nav><?cs
/if ?><?cs
each:m = Months ?><?cs if:m.name ?>
    <section class="sec" aria-labelledby="m-<?cs name:m ?>">
      <h2 class="small" id="m-<?cs name:m ?>"><?cs var:m.name ?></h2>
      <ol class="lectures"><?cs each:x = m.lectures ?><?cs if:x.url ?><?cs call:lecture(x) ?><?cs /if ?><?cs /each ?>
      </ol>
    </section><?cs /if ?><?cs
/each ?><?cs
call:pager() ?><?cs
if:!Months ?>
    <div class="empty"><p><?cs if:Course.rows ?><?cs var:T.Course.all_watched ?><?cs else ?><?cs var:T.Course.empty ?><?cs /if ?></p></div><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
