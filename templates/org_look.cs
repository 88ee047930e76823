<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs set:Page.scripts.0 = "look.js" ?><?cs
def:swatch(colour) ?><svg class="swatch" width="24" height="24" aria-hidden="true"><rect width="24" height="24" rx="4" fill="<?cs var:colour ?>"/></svg> <?cs var:colour ?><?cs /def ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#1) ?>
      <h1><?cs var:T.Look.title ?></h1>
      <p class="head-sub"><?cs var:T.Look.text ?></p>
    </header><?cs call:org_tabs() ?><?cs call:form_errors() ?>
    <section class="sec" aria-labelledby="h-colour">
      <h2 id="h-colour"><?cs var:T.Look.colour ?></h2>
      <p><?cs var:T.Look.light ?> <?cs call:swatch(Look.light) ?> · <?cs var:T.Look.dark ?> <?cs call:swatch(Look.dark) ?></p>
      <form class="form" method="post" action="<?cs var:Org.url ?>/look"><?cs call:csrf() ?><input type="hidden" name="shown" value="<?cs var:Form.shown.value ?>">
        <fieldset class="field" id="own">
          <legend><?cs var:T.Look.which ?></legend>
          <div class="choice"><input type="radio" id="own-above" name="own" value="above"<?cs if:Form.own.value != "own" ?> checked<?cs /if ?>><label for="own-above"><?cs var:T.Look.above ?></label></div>
          <div class="choice"><input type="radio" id="own-own" name="own" value="own"<?cs if:Form.own.value == "own" ?> checked<?cs /if ?>><label for="own-own"><?cs var:T.Look.own ?></label></div>
        </fieldset><?cs
call:field(Form.accent, T.Field.accent, T.Look.accent_hint) ?><input class="w-colour" type="color" id="accent" name="accent" value="<?cs var:Form.accent.value ?>"<?cs call:described(Form.accent, T.Look.accent_hint) ?>>
        </div>
        <div class="actions"><button class="button"><?cs var:T.Look.save ?></button></div>
      </form>
    </section>
    <section class="sec" aria-labelledby="h-logo">
      <h2 id="h-logo"><?cs var:T.Field.logo ?></h2><?cs
if:Logo.url ?>
      <p class="logo"><img src="<?cs var:Logo.url ?>" width="<?cs var:Logo.width ?>" height="<?cs var:Logo.height ?>" alt="<?cs var:Logo.name ?>"></p><?cs
  if:Look.logo_from ?>
      <p><?cs var:Look.logo_from ?></p><?cs /if ?><?cs
else ?>
      <p><?cs var:T.Look.logo_none ?></p><?cs /if ?>
      <form class="form" method="post" action="<?cs var:Org.url ?>/logo" enctype="multipart/form-data"><?cs call:csrf() ?><?cs
call:field(Form.logo, T.Look.file, T.Look.logo_hint) ?><input type="file" id="logo" name="logo" accept="image/png,image/webp" required<?cs call:described(Form.logo, T.Look.logo_hint) ?>>
        </div>
        <div class="actions"><button class="button"><?cs var:T.Look.upload ?></button></div>
      </form><?cs
if:Look.own_logo ?>
      <form method="post" action="<?cs var:Org.url ?>/logo/remove"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Look.remove ?></button></form><?cs /if ?>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
