<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "schedule.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>/schedule"><?cs var:T.Schedule.head ?></a></p>
      <h1><?cs var:T.Schedule.check ?></h1>
      <p class="head-sub"><?cs var:Dates.count ?> <?cs var:Dates.free ?> <?cs var:Dates.twice ?> <?cs var:Dates.taken ?> <?cs var:Dates.outside ?></p><?cs
if:Dates.hall ?>
      <p class="head-sub"><?cs var:Dates.hall ?><?cs if:Dates.hall_url ?> <a href="<?cs var:Dates.hall_url ?>"><?cs var:T.Halls.calendar ?></a><?cs /if ?></p><?cs /if ?>
    </header><?cs call:form_errors() ?>
    <form class="plan-form" method="post" action="/teach/course/<?cs var:Course.id ?>/schedule">
      <?cs call:csrf() ?><input type="hidden" name="title" value="<?cs var:Series.title ?>"><input type="hidden" name="number" value="<?cs var:Series.number ?>"><input type="hidden" name="nonce" value="<?cs var:Series.nonce ?>"><input type="hidden" name="rule" value="<?cs var:Series.rule ?>">
      <ol class="plan-dates" id="pick"><?cs
  each:d = Dates ?><?cs if:d.row ?>
        <li class="plan-date<?cs if:d.error ?> field-bad<?cs /if ?>">
          <label class="plan-pick"><input type="checkbox" name="pick" value="<?cs var:d.row ?>"<?cs if:d.on ?> checked<?cs /if ?>> <span><?cs var:d.text ?><?cs if:d.hall ?> · <?cs var:d.hall ?><?cs /if ?></span></label><?cs
    if:d.note ?>
          <p class="plan-note"><?cs var:d.note ?></p><?cs /if ?><?cs
    if:d.error ?>
          <p class="error"><?cs var:d.error ?></p><?cs /if ?>
          <details class="more"<?cs if:d.error ?> open<?cs /if ?>><summary><?cs var:T.Schedule.change_one ?></summary>
            <div class="plan-edit">
              <p><label for="date-<?cs var:d.row ?>"><?cs var:T.Schedule.date ?></label> <input id="date-<?cs var:d.row ?>" name="date[]" type="date" value="<?cs var:d.date ?>" required></p>
              <p><label for="time-<?cs var:d.row ?>"><?cs var:T.Schedule.time ?></label> <input id="time-<?cs var:d.row ?>" name="time[]" type="time" value="<?cs var:d.time ?>" required></p>
              <p><label for="length-<?cs var:d.row ?>"><?cs var:T.Schedule.length ?></label> <input id="length-<?cs var:d.row ?>" name="length[]" type="number" min="1" max="1440" value="<?cs var:d.length ?>" required></p>
              <p><label for="hall-<?cs var:d.row ?>"><?cs var:T.Schedule.hall ?></label> <input id="hall-<?cs var:d.row ?>" name="hall[]" type="text" maxlength="120" value="<?cs var:d.hall ?>"<?cs if:Offered.0.name ?> list="halls"<?cs /if ?>></p>
            </div>
          </details>
        </li><?cs /if ?><?cs
  /each ?>
      </ol><?cs call:hall_list() ?>
      <?cs call:twice_box() ?>
      <div class="actions plan-send"><button class="button"><?cs var:T.Schedule.create ?></button> <a href="/teach/course/<?cs var:Course.id ?>/schedule/new?<?cs var:Series.rule ?>"><?cs var:T.Schedule.again ?></a></div>
      <p class="hint"><?cs var:T.Schedule.create_hint ?></p>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
