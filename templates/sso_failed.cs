<?cs include:"_macros.cs" ?><?cs set:Page.section = "login" ?><?cs set:Page.width = "main-narrow" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:Sso.title ?></h1>
      <p class="head-sub"><?cs var:Sso.text ?></p>
    </header>
    <p class="actions"><?cs if:Sso.again ?><a class="button" href="<?cs var:Sso.again ?>"><?cs var:T.SsoFailed.again ?></a> <?cs /if ?><a class="button plain" href="/"><?cs var:T.Error.home ?></a></p>
    <p class="ref"><?cs var:T.Error.reference ?> <code><?cs var:Sso.number ?></code></p><?cs
/def ?><?cs include:"_layout.cs" ?>
