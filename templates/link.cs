<?cs include:"_macros.cs" ?><?cs set:Page.section = "account" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/account"><?cs var:T.Account.title ?></a> <span aria-hidden="true">/</span> <a href="/account/signins"><?cs var:T.Signins.title ?></a></p>
      <h1><?cs var:Link.question ?></h1>
      <p class="head-sub"><?cs var:Link.what ?></p>
    </header>
    <form class="form" method="post" action="/account/link">
      <?cs call:csrf() ?>
      <div class="actions"><button class="button"><?cs var:T.Link.send ?></button> <a class="button plain" href="/account/signins"><?cs var:T.Link.no ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
