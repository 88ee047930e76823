<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#1) ?>
      <h1><?cs var:T.Halls.title ?></h1>
      <p class="head-sub"><?cs var:Halls.sub ?></p>
      <p class="head-actions"><?cs if:Halls.0.title ?><a class="button" href="#h-add"><?cs var:T.Halls.add ?></a> <?cs /if ?><a class="button plain" href="<?cs var:Org.url ?>/requests"><?cs var:T.Halls.requests_title ?></a><?cs if:Requests.count ?> <span class="tag warn"><?cs var:Requests.count ?></span><?cs /if ?></p>
    </header><?cs call:org_tabs() ?><?cs call:form_errors() ?><?cs
if:Halls.0.title ?>
    <section class="sec" aria-labelledby="h-halls">
      <h2 id="h-halls"><?cs var:T.Halls.list ?></h2>
      <ul class="rows"><?cs
  each:x = Halls ?><?cs if:x.url ?>
        <li class="row">
          <a class="row-main" href="<?cs var:x.url ?>"><?cs var:x.title ?></a>
          <p class="row-sub"><?cs var:x.sub ?></p><?cs
    if:x.undo ?>
          <div class="row-end"><span class="tag warn"><?cs var:T.Halls.archived_tag ?></span> <form method="post" action="<?cs var:x.undo ?>"><?cs call:csrf() ?><button class="link" aria-label="<?cs var:x.label ?>"><?cs var:T.Halls.restore_short ?></button></form></div><?cs
    elif:x.requests ?>
          <p class="row-end"><span class="tag warn"><?cs var:x.requests ?></span></p><?cs /if ?>
        </li><?cs /if ?><?cs
  /each ?>
      </ul><?cs call:pager() ?>
    </section><?cs
/if ?>
    <section class="sec" aria-labelledby="h-add">
      <h2 id="h-add"><?cs var:T.Halls.add ?></h2><?cs
if:!Halls.0.title ?>
      <p><?cs var:T.Halls.empty ?></p><?cs /if ?>
      <form class="form" method="post" action="<?cs var:Org.url ?>/halls"><?cs call:csrf() ?><?cs call:hall_fields() ?>
        <div class="actions"><button class="button"><?cs var:T.Halls.add_send ?></button></div>
      </form>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
