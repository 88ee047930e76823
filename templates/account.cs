<?cs include:"_macros.cs" ?><?cs set:Page.section = "account" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Account.title ?></h1>
      <p class="head-sub"><?cs var:User.name ?> · <?cs var:User.login ?></p>
    </header>
    <section class="sec" aria-labelledby="h-language">
      <h2 id="h-language"><?cs var:T.Account.language ?></h2>
      <form class="form" method="post" action="/account/language">
        <?cs call:csrf() ?>
        <div class="field">
          <label for="language"><?cs var:T.Account.language_label ?></label>
          <select class="w-m" id="language" name="language"><?cs
each:l = Languages ?><?cs if:l.code ?><option value="<?cs var:l.code ?>" lang="<?cs var:l.code ?>"<?cs if:l.current ?> selected<?cs /if ?>><?cs var:l.name ?></option><?cs /if ?><?cs /each ?></select>
        </div>
        <div class="actions"><button class="button plain"><?cs var:T.Account.language_send ?></button></div>
      </form>
    </section>
    <section class="sec" aria-labelledby="h-password">
      <h2 id="h-password"><?cs var:T.Account.password ?></h2><?cs call:form_errors() ?><?cs
if:Account.local ?>
      <form class="form" method="post" action="/account/password">
        <?cs call:csrf() ?>
        <input class="hidden" type="text" name="username" value="<?cs var:User.login ?>" autocomplete="username" tabindex="-1" aria-hidden="true" readonly><?cs
call:password_field(Form.old_password, T.Account.old_password, "", "current-password") ?><?cs
call:password_field(Form.password, T.Account.new_password, Account.password_hint, "new-password") ?>
        <div class="actions"><button class="button"><?cs var:T.Account.password_send ?></button></div>
      </form><?cs
else ?>
      <p><?cs var:T.Account.no_password ?></p><?cs
/if ?>
    </section>
    <section class="sec" aria-labelledby="h-signins">
      <h2 id="h-signins"><?cs var:T.Signins.title ?></h2>
      <p><a href="/account/signins"><?cs var:T.Account.signins ?></a></p>
    </section><?cs
if:User.teaches ?>
    <section class="sec" aria-labelledby="h-tokens">
      <h2 id="h-tokens"><?cs var:T.Tokens.title ?></h2>
      <p><a href="/account/tokens"><?cs var:T.Account.tokens ?></a></p>
    </section><?cs /if ?>
    <section class="sec" aria-labelledby="h-signout">
      <h2 id="h-signout"><?cs var:T.Account.signout ?></h2>
      <p><?cs var:T.Account.signout_text ?></p>
      <form method="post" action="/account/signout"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Account.signout_send ?></button></form>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
