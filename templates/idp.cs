<?cs include:"_macros.cs" ?><?cs include:"_idp.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs if:!Form.org.few ?><?cs set:Page.scripts.0 = "picker.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/admin/idp"><?cs var:T.Idp.title ?></a></p>
      <h1><?cs var:Idp.name ?></h1>
      <p class="head-sub"><?cs var:Idp.entity ?></p>
    </header><?cs call:form_errors() ?>
    <section class="sec" aria-labelledby="h-metadata">
      <h2 id="h-metadata"><?cs var:T.Idp.metadata ?></h2>
      <p><span class="tag <?cs var:Idp.look ?>"><?cs var:Idp.state ?></span><?cs if:Idp.warning ?> <span class="tag warn"><?cs var:Idp.warning ?></span><?cs /if ?></p>
      <p class="hint"><?cs var:Idp.source ?></p><?cs
if:Idp.failure ?>
      <p><?cs var:Idp.failure ?></p><?cs
/if ?>
      <p><?cs var:T.Idp.next_ours ?><br><code><?cs var:Idp.ours ?></code></p><?cs
if:!Idp.brought ?>
      <form method="post" action="/admin/idp/<?cs var:Idp.id ?>/refresh"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Idp.refresh ?></button></form><?cs
/if ?>
    </section>
    <details class="sec part"<?cs if:Idp.tried || Form.rules.error || Open.rules ?> open<?cs /if ?>>
      <summary><h2 id="h-rules"><?cs var:T.Idp.rules ?></h2> <span class="hint"><?cs var:Idp.rules ?></span></summary>
      <form class="form" method="post" action="/admin/idp/<?cs var:Idp.id ?>/rules">
        <?cs call:csrf() ?><?cs call:seen_in(Form.seen_rules) ?><?cs
call:field(Form.rules, T.Field.rules, T.Idp.rules_hint) ?><textarea id="rules" name="rules" rows="6" spellcheck="false"<?cs call:described(Form.rules, T.Idp.rules_hint) ?>>
<?cs var:Form.rules.value ?></textarea>
        </div>
        <p class="hint"><code>eduPersonAffiliation = faculty : lecturer informatics</code></p>
        <div class="actions"><button class="button"><?cs var:T.Idp.try ?></button> <button class="button plain" name="do" value="save"><?cs var:T.Idp.save_rules ?></button></div>
      </form><?cs
if:Idp.tried ?>
      <h3 id="changes"><?cs var:T.Idp.changes ?></h3><?cs
  if:Changes ?>
      <ul class="rows"><?cs
    each:x = Changes ?><?cs if:x.login ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?></p>
          <p class="row-sub"><?cs var:x.login ?></p>
          <p class="row-end"><span class="tag <?cs if:x.gains ?>ok<?cs else ?>warn<?cs /if ?>"><?cs var:x.text ?></span></p>
        </li><?cs /if ?><?cs
    /each ?>
      </ul><?cs if:Idp.more ?>
      <p class="hint"><?cs var:T.Idp.more ?></p><?cs /if ?><?cs
  else ?>
      <div class="empty"><p><?cs var:T.Idp.no_changes ?></p></div><?cs
  /if ?><?cs
/if ?>
    </details>
    <details class="sec part"<?cs if:Open.settings ?> open<?cs /if ?>>
      <summary><h2 id="h-settings"><?cs var:T.Idp.settings ?></h2> <span class="hint"><?cs var:T.Idp.settings_sub ?></span></summary>
      <form class="form" method="post" action="/admin/idp/<?cs var:Idp.id ?>">
        <?cs call:csrf() ?><?cs call:seen_in(Form.seen_settings) ?><?cs call:default_button(Form.org, T.Idp.save) ?><?cs
call:text_field(Form.name, T.Field.name, T.Idp.name_hint, "120") ?><?cs
call:optional(Form.domains, T.Field.domains, T.Idp.domains_hint, "1000") ?><?cs
call:optional(Form.scopes, T.Field.scopes, T.Idp.scopes_hint, "1000") ?><?cs
call:org_field(Form.org, T.Field.home) ?>
        <fieldset class="field">
          <legend><?cs var:T.Idp.cbc_legend ?></legend>
          <div class="choice"><input type="checkbox" id="cbc" name="cbc" value="1"<?cs if:Form.cbc.on ?> checked<?cs /if ?>><label for="cbc"><?cs var:T.Idp.cbc ?></label></div>
        </fieldset>
        <div class="actions"><button class="button plain"><?cs var:T.Idp.save ?></button></div>
      </form>
    </details>
    <details class="sec part"<?cs if:Open.source ?> open<?cs /if ?>>
      <summary><h2 id="h-source"><?cs var:T.Idp.elsewhere ?></h2> <span class="hint"><?cs var:T.Idp.elsewhere_sub ?></span></summary>
      <form class="form" method="post" action="/admin/idp/<?cs var:Idp.id ?>/source" enctype="multipart/form-data">
        <?cs call:csrf() ?><?cs call:seen_in(Form.seen_source) ?><?cs
call:source() ?><?cs
call:signer() ?>
        <div class="actions"><button class="button plain"><?cs var:T.Idp.save_source ?></button></div>
      </form>
    </details>
    <section class="sec danger" aria-labelledby="h-end">
      <h2 id="h-end"><?cs var:T.Idp.end ?></h2>
      <p><?cs var:T.Idp.end_hint ?></p>
      <p><a class="button bad" href="/admin/idp/<?cs var:Idp.id ?>/remove"><?cs var:T.Idp.end_link ?></a></p>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
