<?cs include:"_macros.cs" ?><?cs set:Page.section = "login" ?><?cs set:Page.width = "main-narrow" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Out.title ?></h1>
      <p class="head-sub"><?cs var:Out.text ?></p>
    </header>
    <p class="actions"><a class="button" href="<?cs var:Out.url ?>"><?cs var:T.Out.go ?></a></p><?cs
/def ?><?cs include:"_layout.cs" ?>
