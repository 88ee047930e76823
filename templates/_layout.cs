<!doctype html>
<html lang="<?cs var:Lang ?>">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark"><?cs
if:Csrf ?>
  <meta name="csrf" content="<?cs var:Csrf ?>"><?cs /if ?>
  <title><?cs var:Page.title ?> · Lectern</title>
  <link rel="preload" href="/static/vendor/inter-latin.woff2" as="font" type="font/woff2" crossorigin>
  <link rel="stylesheet" href="/static/css/base.css"><?cs
each:one = Page.styles ?>
  <link rel="stylesheet" href="/static/css/<?cs var:one ?>"><?cs /each ?><?cs
if:Page.accent ?>
  <link rel="stylesheet" href="/look/<?cs var:Page.accent ?>.css"><?cs /if ?>
  <link rel="icon" href="/static/img/lectern.svg" type="image/svg+xml">
  <script type="module" src="/static/js/base.js"></script><?cs
each:one = Page.scripts ?>
  <script type="module" src="/static/js/<?cs var:one ?>"></script><?cs /each ?>
</head>
<body class="p-<?cs var:Page.section ?>">
  <a class="skip" href="#main"><?cs var:T.Site.skip ?></a>
  <header class="top">
    <div class="top-in">
      <a class="brand" href="/">Lectern</a>
      <nav class="top-nav" aria-label="<?cs var:T.Site.nav ?>">
        <a href="/"<?cs if:Page.id == "start" ?> aria-current="page"<?cs /if ?>><?cs var:T.Site.lectures ?></a>
        <a href="/calendar"<?cs if:Page.section == "calendar" ?> aria-current="page"<?cs /if ?>><?cs var:T.Site.calendar ?></a><?cs
if:User.teaches || Page.section == "teach" ?>
        <a href="/teach"<?cs if:Page.section == "teach" ?> aria-current="page"<?cs /if ?>><?cs var:T.Site.teaching ?></a><?cs /if ?>
      </nav>
      <div class="top-end"><?cs
if:Menu.terms ?>
        <details class="menu">
          <summary><?cs var:Menu.term ?></summary>
          <ul class="menu-list"><?cs
  each:t = Menu.terms ?><?cs if:t.slug ?>
            <li><a href="/terms/<?cs var:t.slug ?>"<?cs if:t.current ?> aria-current="true"<?cs /if ?>><?cs var:t.name ?></a></li><?cs /if ?><?cs
  /each ?>
          </ul>
        </details><?cs
/if ?><?cs
if:User.name ?>
        <details class="menu">
          <summary><?cs var:User.name ?></summary>
          <ul class="menu-list">
            <li><a href="/account"><?cs var:T.Site.account ?></a></li><?cs
  if:User.teaches ?>
            <li><a href="/account/tokens"<?cs if:Page.id == "tokens" ?> aria-current="page"<?cs /if ?>><?cs var:T.Site.tokens ?></a></li><?cs /if ?><?cs
  if:User.maintains ?>
            <li><a href="/org"><?cs var:T.Org.all ?></a></li><?cs /if ?><?cs
  if:User.admin ?>
            <li><a href="/admin/terms"<?cs if:Page.id == "terms" ?> aria-current="page"<?cs /if ?>><?cs var:T.Terms.title ?></a></li>
            <li><a href="/admin/rights"<?cs if:Page.path == "/admin/rights" ?> aria-current="page"<?cs /if ?>><?cs var:T.Rights.title ?></a></li>
            <li><a href="/admin/idp"<?cs if:Page.id == "idps" ?> aria-current="page"<?cs /if ?>><?cs var:T.Site.idps ?></a></li><?cs /if ?>
            <li><form method="post" action="/logout"><?cs call:csrf() ?><button class="menu-item"><?cs var:T.Site.sign_out ?></button></form></li>
          </ul>
        </details><?cs
elif:Page.id != "login" ?>
        <a class="button plain" href="/login<?cs if:Page.path != "/" && Page.id != "error" ?>?next=<?cs var:Page.target ?><?cs /if ?>"><?cs var:T.Site.sign_in ?></a><?cs
/if ?>
      </div>
    </div>
  </header>
  <main id="main" class="main<?cs if:Page.width ?> <?cs var:Page.width ?><?cs /if ?>"><?cs
if:Flash.text ?>
    <div class="flash" role="status"><p><?cs var:Flash.text ?></p><?cs
  if:Flash.undo && Csrf ?><form method="post" action="<?cs var:Flash.undo ?>"><?cs call:csrf() ?><button class="link"><?cs var:T.Site.undo ?></button></form><?cs /if ?></div><?cs
/if ?><?cs
call:main() ?>
  </main>
  <footer class="foot">
    <div class="foot-in">
      <p><?cs var:Menu.organisation ?></p>
      <p><?cs each:l = Menu.languages ?><?cs if:l.code ?><a href="<?cs var:l.url ?>" hreflang="<?cs var:l.code ?>" lang="<?cs var:l.code ?>"><?cs var:l.name ?></a><?cs /if ?><?cs /each ?></p>
    </div>
  </footer>
</body>
</html>
