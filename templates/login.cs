<?cs include:"_macros.cs" ?><?cs set:Page.section = "login" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Login.title ?></h1>
      <p class="head-sub"><?cs var:T.Login.sub ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="/login">
      <?cs call:csrf() ?>
      <input type="hidden" name="next" value="<?cs var:Login.next ?>"><?cs
call:field(Form.login, T.Field.login, "") ?><input class="w-m" type="text" id="login" name="login" value="<?cs var:Form.login.value ?>" autocomplete="username" autocapitalize="none" spellcheck="false" required<?cs call:described(Form.login, "") ?>>
        </div><?cs
call:password_field(Form.password, T.Field.password, "", "current-password") ?>
      <div class="actions"><button class="button"><?cs var:T.Login.send ?></button></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
