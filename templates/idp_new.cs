<?cs include:"_macros.cs" ?><?cs include:"_idp.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs if:!Form.org.few ?><?cs set:Page.scripts.0 = "picker.js" ?><?cs /if ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/admin/idp"><?cs var:T.Idp.title ?></a></p>
      <h1><?cs var:T.Idp.add ?></h1>
      <p class="head-sub"><?cs var:T.Idp.add_sub ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="/admin/idp/new" enctype="multipart/form-data">
      <?cs call:csrf() ?><?cs call:default_button(Form.org, T.Idp.add_send) ?><?cs
call:text_field(Form.name, T.Field.name, T.Idp.name_hint, "120") ?><?cs
call:source() ?><?cs
call:org_field(Form.org, T.Field.home) ?>
        <details class="more field"<?cs if:Form.cert.error || Form.cert.value || Form.entity.error || Form.entity.value || Form.domains.error || Form.domains.value ?> open<?cs /if ?>>
          <summary><?cs var:T.Idp.further ?></summary><?cs
call:signer() ?><?cs
call:optional(Form.domains, T.Field.domains, T.Idp.domains_hint, "1000") ?><?cs
call:optional(Form.entity, T.Field.entity, T.Idp.entity_hint, "1024") ?>
        </details>
      <div class="prose"><h2><?cs var:T.Idp.next ?></h2><ol>
        <li><?cs var:T.Idp.next_read ?></li>
        <li><?cs var:T.Idp.next_ours ?><br><code><?cs var:Idp.ours ?></code></li>
        <li><?cs var:T.Idp.next_try ?></li>
      </ol></div>
      <div class="actions"><button class="button"><?cs var:T.Idp.add_send ?></button> <a href="/admin/idp"><?cs var:T.Form.back ?></a></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
