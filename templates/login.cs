<?cs include:"_macros.cs" ?><?cs set:Page.section = "login" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "signin.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Login.title ?></h1>
      <p class="head-sub"><?cs var:T.Login.sub ?></p>
    </header><?cs
if:Idps ?>
    <section class="sec" aria-labelledby="h-university">
      <h2 id="h-university"><?cs var:T.Login.university ?></h2><?cs
  if:Login.find ?>
      <form class="form signin-find" method="get" action="/login" role="search">
        <input type="hidden" name="next" value="<?cs var:Login.next ?>">
        <div class="field<?cs if:Login.unknown ?> field-bad<?cs /if ?>">
          <label for="find"><?cs var:T.Login.find_label ?></label>
          <p class="hint" id="find-hint"><?cs var:T.Login.find_hint ?></p><?cs
    if:Login.unknown ?>
          <p class="error" id="find-error"><?cs var:T.Login.unknown ?></p><?cs /if ?>
          <input class="w-m" type="search" id="find" name="find" value="<?cs var:Login.words ?>" maxlength="254" autocomplete="email" autocapitalize="none" spellcheck="false"<?cs if:Login.unknown ?> aria-invalid="true" aria-describedby="find-hint find-error"<?cs else ?> aria-describedby="find-hint"<?cs /if ?>>
        </div>
        <div class="actions"><button class="button plain"><?cs var:T.Login.find ?></button><?cs if:Login.all ?> <a href="<?cs var:Login.all ?>"><?cs var:T.Login.all ?></a><?cs /if ?></div>
      </form><?cs
  /if ?>
      <ul class="signin-list"><?cs
  each:x = Idps ?><?cs if:x.url ?>
        <li><a class="signin-one" href="<?cs var:x.url ?>"><span class="signin-name"><?cs var:x.name ?></span><?cs if:x.home ?> <span class="hint"><?cs var:x.home ?></span><?cs /if ?><?cs if:x.mark ?> <span class="hint"><?cs var:x.mark ?></span><?cs /if ?></a></li><?cs elif:x.away ?>
        <li class="signin-one signin-away"><span class="signin-name"><?cs var:x.name ?></span> <span class="hint"><?cs var:x.away ?></span></li><?cs /if ?><?cs
  /each ?>
      </ul><?cs
  if:Login.more ?>
      <p class="hint"><?cs var:T.Login.more ?></p><?cs /if ?>
    </section>
    <section class="sec" aria-labelledby="h-local">
      <h2 id="h-local"><?cs var:T.Login.local ?></h2><?cs
/if ?><?cs call:form_errors() ?>
    <form class="form" method="post" action="/login">
      <?cs call:csrf() ?>
      <input type="hidden" name="next" value="<?cs var:Login.next ?>"><?cs
call:field(Form.login, T.Field.login, "") ?><input class="w-m" type="text" id="login" name="login" value="<?cs var:Form.login.value ?>" autocomplete="username" autocapitalize="none" spellcheck="false" required<?cs call:described(Form.login, "") ?>>
        </div><?cs
call:password_field(Form.password, T.Field.password, "", "current-password") ?>
      <div class="actions"><button class="button<?cs if:Idps ?> plain<?cs /if ?>"><?cs var:T.Login.send ?></button></div>
    </form><?cs
if:Idps ?>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
