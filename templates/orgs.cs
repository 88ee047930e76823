<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Org.all ?></h1>
    </header>
    <section class="sec" aria-labelledby="h-find">
      <h2 id="h-find"><?cs var:T.Org.find_head ?></h2>
      <form class="form find" method="get" action="/org" role="search">
        <label for="q"><?cs var:T.Picker.label ?></label>
        <input type="search" id="q" name="q" value="<?cs var:Search.words ?>" maxlength="100" autocomplete="off" spellcheck="false">
        <button class="button plain"><?cs var:T.Picker.find ?></button>
      </form><?cs
if:Search.outcome ?>
      <p class="hint"><?cs var:Search.outcome ?></p><?cs /if ?><?cs
if:Orgs ?><?cs call:orgs(Orgs) ?><?cs
elif:!Search.outcome ?>
      <div class="empty"><p><?cs var:T.Org.none ?></p></div><?cs /if ?><?cs call:pager() ?>
    </section><?cs
if:Org.may_create ?>
    <section class="sec" aria-labelledby="h-new">
      <h2 id="h-new"><?cs var:T.Org.new_root ?></h2><?cs call:form_errors() ?>
      <form class="form" method="post" action="/org"><?cs call:csrf() ?><?cs call:org_names(T.Org.slug_hint_new, #1) ?>
        <div class="actions"><button class="button"><?cs var:T.Org.create ?></button></div>
      </form>
    </section><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
