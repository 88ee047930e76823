<?cs include:"_macros.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs if:Search.offered ?><?cs set:Page.styles.1 = "forms.css" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Idp.title ?></h1>
      <p class="head-sub"><?cs var:T.Idp.sub ?></p>
      <div class="head-actions"><a class="button" href="/admin/idp/new"><?cs var:T.Idp.add ?></a></div>
    </header>
    <section class="sec" aria-labelledby="h-idps">
      <h2 id="h-idps"><?cs var:T.Idp.list ?></h2><?cs
if:Search.offered ?>
      <form class="form find" method="get" action="/admin/idp" role="search">
        <label for="q"><?cs var:T.Idp.find ?></label>
        <input type="search" id="q" name="q" value="<?cs var:Search.words ?>" maxlength="200" autocomplete="off" spellcheck="false">
        <button class="button plain"><?cs var:T.Picker.find ?></button>
      </form><?cs
/if ?><?cs
if:Idps ?>
      <ul class="rows"><?cs
  each:x = Idps ?><?cs if:x.url ?>
        <li class="row">
          <a class="row-main" href="<?cs var:x.url ?>"><?cs var:x.title ?></a>
          <p class="row-sub"><?cs var:x.sub ?><?cs if:x.failure ?><br><?cs var:x.failure ?><?cs /if ?></p>
          <p class="row-end"><?cs if:x.warning ?><span class="tag warn"><?cs var:x.warning ?></span> <?cs /if ?><span class="tag <?cs var:x.look ?>"><?cs var:x.state ?></span></p>
        </li><?cs /if ?><?cs
  /each ?>
      </ul><?cs
else ?>
      <div class="empty"><p><?cs if:Search.words ?><?cs var:T.Idp.find_none ?><?cs else ?><?cs var:T.Idp.empty ?><?cs /if ?></p></div><?cs
/if ?><?cs call:pager() ?>
    </section><?cs
if:Keys ?>
    <section class="sec" aria-labelledby="h-keys">
      <h2 id="h-keys"><?cs var:T.Idp.keys ?></h2>
      <ul class="rows"><?cs
  each:x = Keys ?><?cs if:x.name ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.sub ?></p><?cs if:x.warning ?>
          <p class="row-end"><span class="tag warn"><?cs var:x.warning ?></span></p><?cs /if ?>
        </li><?cs /if ?><?cs
  /each ?>
      </ul>
      <p class="hint"><?cs var:T.Idp.keys_hint ?> <code>lecternctl idp keys</code></p>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
