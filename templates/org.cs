<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#0) ?>
      <h1><?cs var:Org.name ?></h1>
      <p class="head-sub"><?cs if:Org.archived ?><span class="tag warn"><?cs var:T.Org.archived_tag ?></span> <?cs var:Org.archived ?> <?cs /if ?><?cs var:Org.counts ?></p><?cs
if:Org.archived ?><?cs
  if:Org.may_restore ?>
      <form class="head-actions" method="post" action="<?cs var:Org.url ?>/restore"><?cs call:csrf() ?><button class="button"><?cs var:T.Org.restore ?></button></form><?cs
  else ?>
      <p class="head-sub"><?cs var:T.Org.archived_above ?></p><?cs /if ?><?cs
else ?>
      <p class="head-actions"><a class="button" href="<?cs var:Org.url ?>/new"><?cs var:T.Org.new ?></a><?cs
  if:Org.may_move ?> <a class="button plain" href="<?cs var:Org.url ?>/move"><?cs var:T.Org.move ?></a><?cs /if ?> <a class="button plain" href="<?cs var:Org.calendar ?>"><?cs var:T.Site.calendar ?></a> <a class="button plain" href="#h-settings"><?cs var:T.Org.settings ?></a></p><?cs
/if ?><?cs
if:Requests.count ?>
      <p class="head-sub"><span class="tag warn"><?cs var:Requests.count ?></span> <a href="<?cs var:Org.url ?>/requests"><?cs var:T.Halls.requests_title ?></a></p><?cs /if ?>
    </header><?cs call:org_tabs() ?>
    <section class="sec" aria-labelledby="h-children">
      <h2 id="h-children"><?cs var:T.Org.children ?></h2><?cs
if:Children ?><?cs call:orgs(Children) ?><?cs
else ?>
      <div class="empty"><p><?cs var:T.Org.children_none ?></p></div><?cs /if ?><?cs call:pager() ?>
    </section>
    <section class="sec" aria-labelledby="h-settings">
      <h2 id="h-settings"><?cs var:T.Org.settings ?></h2><?cs call:form_errors() ?>
      <form class="form" method="post" action="<?cs var:Org.url ?>"><?cs call:csrf() ?><?cs call:seen() ?><?cs
call:org_names(T.Org.slug_hint, #0) ?>
        <div class="field-pair"><?cs
call:field(Form.zone, T.Field.zone, T.Org.zone_hint) ?><input type="text" id="zone" name="zone" value="<?cs var:Form.zone.value ?>" maxlength="40" autocapitalize="none" spellcheck="false" required<?cs call:described(Form.zone, T.Org.zone_hint) ?>>
        </div><?cs
call:field(Form.lang, T.Field.lang, T.Org.lang_hint) ?><select id="lang" name="lang"<?cs call:described(Form.lang, T.Org.lang_hint) ?>><?cs
each:o = Form.lang.options ?><?cs if:o.name ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.name ?></option><?cs /if ?><?cs /each ?></select>
        </div>
        </div><?cs
call:field(Form.contact, T.Field.contact, T.Org.contact_hint) ?><input type="text" id="contact" name="contact" value="<?cs var:Form.contact.value ?>" maxlength="254" autocapitalize="none" spellcheck="false"<?cs call:described(Form.contact, T.Org.contact_hint) ?>>
        </div>
        <div class="actions"><button class="button"><?cs var:T.Org.save ?></button></div>
      </form>
    </section><?cs
if:!Org.archived ?>
    <section class="sec danger" aria-labelledby="h-archive">
      <h2 id="h-archive"><?cs var:T.Org.archive ?></h2>
      <p><?cs var:Org.archive_text ?></p>
      <form method="post" action="<?cs var:Org.url ?>/archive"><?cs call:csrf() ?><button class="button bad"><?cs var:T.Org.archive_button ?></button></form>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
