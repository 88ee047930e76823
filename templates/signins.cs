<?cs include:"_macros.cs" ?><?cs set:Page.section = "account" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "signin.css" ?><?cs if:Find.offered ?><?cs set:Page.styles.2 = "forms.css" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/account"><?cs var:T.Account.title ?></a></p>
      <h1><?cs var:T.Signins.title ?></h1>
      <p class="head-sub"><?cs var:T.Signins.sub ?></p>
    </header>
    <section class="sec" aria-labelledby="h-own">
      <h2 id="h-own"><?cs var:T.Signins.own ?></h2><?cs
if:Signins ?>
      <ul class="rows"><?cs
  each:x = Signins ?><?cs if:x.id ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.sub ?></p><?cs
    if:x.remove ?>
          <form class="row-end" method="post" action="/account/signins/remove"><?cs call:csrf() ?><input type="hidden" name="id" value="<?cs var:x.id ?>"><button class="link" aria-label="<?cs var:x.remove ?>"><?cs var:T.Signins.remove ?></button></form><?cs
    /if ?>
        </li><?cs /if ?><?cs
  /each ?>
      </ul>
      <p class="hint"><?cs var:T.Signins.ends ?></p><?cs
else ?>
      <div class="empty"><p><?cs var:T.Signins.none ?></p></div><?cs
/if ?>
    </section><?cs
if:Idps ?>
    <section class="sec" aria-labelledby="h-more">
      <h2 id="h-more"><?cs var:T.Signins.more ?></h2><?cs
  if:Find.offered ?>
      <form class="form find" method="get" action="/account/signins#h-more" role="search">
        <label for="find"><?cs var:T.Login.find_label ?></label>
        <input type="search" id="find" name="find" value="<?cs var:Find.words ?>" maxlength="254" autocapitalize="none" spellcheck="false">
        <button class="button plain"><?cs var:T.Login.find ?></button>
      </form><?cs
    if:Find.none ?>
      <p class="hint"><?cs var:T.Signins.find_none ?></p><?cs
    elif:Find.more ?>
      <p class="hint"><?cs var:T.Login.more ?></p><?cs /if ?><?cs
  /if ?>
      <ul class="signin-list"><?cs
  each:x = Idps ?><?cs if:x.url ?>
        <li><a class="signin-one" href="<?cs var:x.url ?>"><span class="signin-name"><?cs var:x.name ?></span><?cs if:x.home ?> <span class="hint"><?cs var:x.home ?></span><?cs /if ?></a></li><?cs /if ?><?cs
  /each ?>
      </ul>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
