<?cs include:"_macros.cs" ?><?cs set:Page.section = "admin" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs

# Which term's days are shown ?><?cs
def:term_tabs() ?><?cs
  if:Terms ?>
    <nav class="tabs" aria-label="<?cs var:T.Terms.title ?>"><?cs
    each:t = Terms ?><?cs if:t.url ?>
      <a href="<?cs var:t.url ?>"<?cs if:t.current ?> aria-current="page"<?cs /if ?>><?cs var:t.name ?></a><?cs /if ?><?cs /each ?>
    </nav><?cs
  /if ?><?cs
/def ?><?cs

def:main() ?>
    <header class="head"><?cs
if:Org.url ?><?cs call:org_crumbs(#1) ?><?cs /if ?>
      <h1><?cs if:Org.url ?><?cs var:T.Terms.free ?><?cs else ?><?cs var:T.Terms.title ?><?cs /if ?></h1>
      <p class="head-sub"><?cs if:Org.url ?><?cs var:T.Terms.sub_org ?><?cs else ?><?cs var:T.Terms.sub ?><?cs /if ?></p>
    </header><?cs
if:Org.url ?><?cs call:org_tabs() ?><?cs /if ?><?cs
if:!Org.url ?><?cs call:term_tabs() ?><?cs /if ?><?cs
call:form_errors() ?><?cs
if:Term.name ?><?cs
  if:!Org.url ?>
    <section class="sec" aria-labelledby="h-period">
      <h2 id="h-period"><?cs var:T.Terms.period_head ?></h2>
      <p><?cs var:Term.period ?></p>
      <form class="form" method="post" action="/admin/terms/period"><?cs call:csrf() ?><input type="hidden" name="term" value="<?cs var:Term.slug ?>">
        <div class="field-pair"><?cs
    call:date_field(Form.period_first, T.Terms.first, "", #1) ?><?cs call:date_field(Form.period_last, T.Terms.last, "", #1) ?>
        </div>
        <div class="actions"><button class="button"><?cs var:T.Terms.save ?></button></div>
      </form>
    </section><?cs
  /if ?>
    <section class="sec" aria-labelledby="h-free-add">
      <h2 id="h-free-add"><?cs var:T.Terms.free_add ?></h2>
      <form class="form" method="post" action="<?cs var:Terms.url ?>/free"><?cs call:csrf() ?><input type="hidden" name="term" value="<?cs var:Term.slug ?>"><?cs
  call:text_field(Form.name, T.Terms.name, T.Terms.name_hint, "120") ?>
        <div class="field-pair"><?cs
  call:date_field(Form.first, T.Terms.first, "", #1) ?><?cs call:date_field(Form.last, T.Terms.last_optional, "", #0) ?>
        </div>
        <div class="actions"><button class="button"><?cs var:T.Terms.free_send ?></button></div>
      </form>
    </section>
    <section class="sec" aria-labelledby="h-free">
      <h2 id="h-free"><?cs if:Org.url ?><?cs var:T.Terms.free_there ?><?cs else ?><?cs var:T.Terms.free ?><?cs /if ?></h2><?cs
  if:Org.url ?><?cs call:term_tabs() ?>
      <p class="hint"><?cs var:T.Terms.period_head ?>: <?cs var:Term.period ?></p><?cs /if ?><?cs
  if:Free ?>
      <ul class="rows"><?cs
    each:x = Free ?><?cs if:x.name ?>
        <li class="row">
          <p class="row-main"><?cs var:x.dates ?></p>
          <p class="row-sub"><?cs var:x.name ?></p><?cs
      if:x.id ?>
          <form class="row-end" method="post" action="<?cs var:Terms.url ?>/free/remove"><?cs call:csrf() ?><input type="hidden" name="term" value="<?cs var:Term.slug ?>"><input type="hidden" name="day" value="<?cs var:x.id ?>"><button class="link" aria-label="<?cs var:x.remove ?>"><?cs var:T.Terms.remove_short ?></button></form><?cs
      else ?>
          <p class="row-end"><?cs var:x.from ?></p><?cs /if ?>
        </li><?cs /if ?><?cs
    /each ?>
      </ul><?cs
  else ?>
      <div class="empty"><p><?cs var:T.Terms.free_empty ?></p></div><?cs
  /if ?>
    </section><?cs
else ?>
    <div class="empty"><p><?cs var:T.Terms.empty ?></p></div><?cs
/if ?><?cs
if:Terms.next ?>
    <section class="sec" aria-labelledby="h-term-add">
      <h2 id="h-term-add"><?cs var:T.Terms.add_head ?></h2>
      <form method="post" action="/admin/terms"><?cs call:csrf() ?><input type="hidden" name="new" value="<?cs var:Terms.next ?>"><button class="button plain"><?cs var:Terms.next_text ?></button></form>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
