<?cs include:"_macros.cs" ?><?cs set:Page.section = "start" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <h1><?cs var:Page.title ?></h1><?cs
if:List.count ?>
      <p class="head-sub"><?cs var:List.count ?></p><?cs /if ?>
    </header><?cs
if:List.search ?>
    <form class="form find" method="get" action="/terms/<?cs var:Page.term ?>" role="search">
      <label for="q"><?cs var:T.Term.find ?></label>
      <input type="search" id="q" name="q" value="<?cs var:List.find ?>" maxlength="200" autocomplete="off" spellcheck="false">
      <button class="button plain"><?cs var:T.Picker.find ?></button>
    </form><?cs
/if ?><?cs
if:Courses ?><?cs call:courses(Courses) ?><?cs
else ?>
    <div class="empty"><p><?cs var:List.empty ?></p><?cs
  if:!User.name ?><p><a class="button" href="/login?next=<?cs var:Page.target ?>"><?cs var:T.Site.sign_in ?></a></p><?cs /if ?></div><?cs
/if ?><?cs call:pager() ?><?cs
/def ?><?cs include:"_layout.cs" ?>
