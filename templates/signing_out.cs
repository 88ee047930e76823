<?cs include:"_macros.cs" ?><?cs set:Page.section = "login" ?><?cs set:Page.width = "main-narrow" ?><?cs if:Out.value ?><?cs set:Page.scripts.0 = "leave.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Out.title ?></h1>
      <p class="head-sub"><?cs var:Out.text ?></p>
    </header><?cs
if:Out.value ?>
    <form id="leave" method="post" action="<?cs var:Out.url ?>"><input type="hidden" name="<?cs var:Out.field ?>" value="<?cs var:Out.value ?>"><?cs
  if:Out.relay ?><input type="hidden" name="RelayState" value="<?cs var:Out.relay ?>"><?cs /if ?>
      <p class="actions"><button class="button"><?cs var:T.Out.go ?></button></p>
    </form><?cs
else ?>
    <p class="actions"><a class="button" href="<?cs var:Out.url ?>"><?cs var:T.Out.go ?></a></p><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
