<?cs include:"_macros.cs" ?><?cs set:Page.section = "error" ?><?cs set:Page.width = "main-narrow" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:Error.title ?></h1>
      <p class="head-sub"><?cs var:Error.text ?></p>
    </header>
    <p class="actions"><a class="button" href="/"><?cs var:T.Error.home ?></a><?cs
if:!User.name && (Error.status == #403 || Error.status == #404) ?> <a class="button plain" href="/login?next=<?cs var:Page.target ?>"><?cs var:T.Site.sign_in ?></a><?cs /if ?></p><?cs
if:Error.status >= #500 ?>
    <p class="ref"><?cs var:T.Error.reference ?> <code><?cs var:Error.id ?></code></p><?cs /if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
