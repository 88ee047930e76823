<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:T.Teach.title ?></h1><?cs
if:Teach.may_create ?>
      <p class="head-actions"><a class="button" href="/teach/course/new"><?cs var:T.Teach.create ?></a></p><?cs /if ?>
    </header><?cs
each:t = Terms ?><?cs if:t.slug ?>
    <section class="sec" aria-labelledby="t-<?cs var:t.slug ?>">
      <h2 class="small" id="t-<?cs var:t.slug ?>"><?cs var:t.name ?></h2><?cs call:courses(t.courses) ?>
    </section><?cs /if ?><?cs
/each ?><?cs call:pager() ?><?cs
if:!Terms ?>
    <div class="empty"><p><?cs if:Teach.may_create ?><?cs var:T.Teach.empty ?><?cs else ?><?cs var:T.Teach.none ?><?cs /if ?></p></div><?cs /if ?><?cs
if:Deleted ?><?cs call:deleted(Deleted) ?><?cs /if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
