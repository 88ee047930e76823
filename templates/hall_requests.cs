<?cs include:"_macros.cs" ?><?cs set:Page.section = "org" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs set:Page.styles.2 = "schedule.css" ?><?cs
def:main() ?>
    <header class="head"><?cs call:org_crumbs(#1) ?>
      <h1><?cs var:T.Halls.requests_title ?></h1>
      <p class="head-sub"><?cs var:T.Halls.requests_sub ?></p>
    </header><?cs call:org_tabs() ?><?cs call:form_errors() ?>
    <div id="pick"><?cs
each:g = Groups ?><?cs if:g.id ?>
    <section class="sec">
      <h2><?cs var:g.hall ?>: <a href="<?cs var:g.url ?>"><?cs var:g.course ?></a></h2>
      <form method="post" action="<?cs var:Org.url ?>/requests"><?cs call:csrf() ?><?cs
# Enter in the note presses the first button, which neither gives nor refuses: the page asks. ?><button hidden><?cs var:T.Halls.give ?></button><input type="hidden" name="group" value="<?cs var:g.key ?>">
        <ol class="plan-dates"><?cs
  each:r = g.rows ?><?cs if:r.key ?>
          <li class="plan-date">
            <label class="plan-pick"><input type="checkbox" name="pick" value="<?cs var:r.key ?>"<?cs if:r.on ?> checked<?cs /if ?>> <span><?cs var:r.time ?> · <?cs var:r.title ?></span></label><?cs
    if:r.note ?>
            <p class="plan-note"><?cs var:r.note ?></p><?cs /if ?>
          </li><?cs /if ?><?cs
  /each ?>
        </ol>
        <div class="field<?cs if:g.error ?> field-bad<?cs /if ?>"><label for="note-<?cs var:g.id ?>"><?cs var:T.Halls.note ?></label><?cs
  if:g.error ?>
          <p class="error" id="note-<?cs var:g.id ?>-error"><?cs var:g.error ?></p><?cs /if ?><input type="text" id="note-<?cs var:g.id ?>" name="note" maxlength="300" value="<?cs var:g.note ?>"<?cs if:g.error ?> aria-describedby="note-<?cs var:g.id ?>-error"<?cs /if ?>></div>
        <div class="actions"><button class="button" name="give" value="1"><?cs var:T.Halls.give ?></button> <button class="button plain" name="refuse" value="1"><?cs var:T.Halls.refuse ?></button></div>
      </form>
    </section><?cs /if ?><?cs
/each ?><?cs
if:!Groups.0.id ?>
    <div class="empty"><p><?cs var:T.Halls.requests_none ?></p></div><?cs
/if ?>
    </div><?cs
if:Requests.more ?>
    <p class="hint"><?cs var:Requests.more ?></p><?cs /if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
