<?cs include:"_macros.cs" ?><?cs set:Page.section = "start" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs
def:main() ?>
    <h1 class="hidden"><?cs var:T.Start.title ?></h1><?cs
if:Continue ?>
    <section class="sec" aria-labelledby="h-continue">
      <h2 id="h-continue"><?cs var:T.Start.continue ?></h2><?cs call:cards(Continue) ?>
    </section><?cs
/if ?><?cs
if:User.name ?>
    <section class="sec" aria-labelledby="h-mine">
      <h2 id="h-mine"><?cs var:T.Start.mine ?></h2><?cs
  if:Mine ?><?cs call:courses(Mine) ?><?cs
    if:Start.more_mine ?>
      <p class="sec-more"><a href="/courses"><?cs var:T.Start.mine_all ?></a></p><?cs /if ?><?cs
  else ?>
      <div class="empty"><p><?cs var:T.Start.mine_empty ?></p></div><?cs /if ?>
    </section><?cs
/if ?><?cs
if:Recent ?>
    <section class="sec" aria-labelledby="h-recent">
      <h2 id="h-recent"><?cs var:T.Start.recent ?></h2><?cs call:cards(Recent) ?>
    </section><?cs
/if ?><?cs
if:RecentPublic ?>
    <section class="sec" aria-labelledby="h-recent-public">
      <h2 id="h-recent-public"><?cs var:T.Start.recent ?></h2><?cs call:cards(RecentPublic) ?>
    </section><?cs
/if ?>
    <section class="sec" aria-labelledby="h-public">
      <h2 id="h-public"><?cs var:T.Start.public ?></h2><?cs
  if:Public ?><?cs call:courses(Public) ?><?cs
  elif:!Start.all_own ?>
      <div class="empty"><p><?cs var:T.Start.public_empty ?></p></div><?cs /if ?><?cs
  if:Term.url ?>
      <p class="sec-more"><a href="<?cs var:Term.url ?>"><?cs var:Term.all ?></a></p><?cs /if ?>
    </section><?cs
/def ?><?cs include:"_layout.cs" ?>
