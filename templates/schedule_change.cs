<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "forms.css" ?><?cs set:Page.styles.2 = "schedule.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>/schedule"><?cs var:T.Schedule.head ?></a></p>
      <h1><?cs var:T.Schedule.change ?></h1>
    </header><?cs
if:Scopes ?>
    <nav class="tabs" aria-label="<?cs var:T.Schedule.which ?>"><?cs
  each:s = Scopes ?><?cs if:s.url ?>
      <a href="<?cs var:s.url ?>"<?cs if:s.current ?> aria-current="page"<?cs /if ?>><?cs var:s.name ?></a><?cs /if ?><?cs /each ?>
    </nav><?cs
/if ?><?cs call:form_errors() ?>
    <form class="plan-change" method="post" action="/teach/course/<?cs var:Course.id ?>/schedule/change">
      <?cs call:csrf() ?><?cs call:seen() ?><?cs call:hall_default(T.Schedule.move_send) ?><?cs
if:Change.lecture ?><input type="hidden" name="lecture" value="<?cs var:Change.lecture ?>"><input type="hidden" name="scope" value="<?cs var:Change.scope ?>"><?cs /if ?><?cs
if:Change.one ?><input type="hidden" name="one" value="1"><?cs if:Change.restore ?><input type="hidden" name="was" value="1"><?cs /if ?><?cs /if ?>
      <section class="sec plan-which" aria-labelledby="h-which">
        <h2 id="h-which"><?cs var:Change.count ?></h2>
        <ol class="plan-dates" id="pick"><?cs
each:r = Rows ?><?cs if:r.key ?>
          <li class="plan-date">
            <label class="plan-pick"><input type="checkbox" name="pick" value="<?cs var:r.key ?>"<?cs if:r.on ?> checked<?cs /if ?>> <span><?cs var:r.time ?> · <?cs var:r.title ?><?cs if:r.hall ?> · <?cs var:r.hall ?><?cs /if ?></span></label><?cs
  if:r.note ?>
            <p class="plan-note"><?cs var:r.note ?></p><?cs /if ?>
          </li><?cs /if ?><?cs
/each ?>
        </ol>
      </section>
      <div class="plan-do">
      <section class="sec form" aria-labelledby="h-move">
        <h2 id="h-move"><?cs var:T.Schedule.move ?></h2><?cs
if:!Change.one ?>
        <p class="hint"><?cs var:T.Schedule.move_hint ?></p><?cs /if ?>
        <div class="field-pair"><?cs
if:Change.one ?><?cs
  call:date_field(Form.date, T.Schedule.date, "", #0) ?><?cs
else ?><?cs
  call:field(Form.weekday, T.Schedule.weekday_field, "") ?><select id="weekday" name="weekday"<?cs call:described(Form.weekday, "") ?>><option value=""><?cs var:T.Schedule.unchanged ?></option><?cs
  each:o = Form.weekday.options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.name ?></option><?cs /each ?></select>
        </div><?cs
/if ?><?cs
call:field(Form.time, T.Schedule.time, Page.there) ?><input class="w-m" id="time" name="time" type="time" value="<?cs var:Form.time.value ?>"<?cs call:described(Form.time, Page.there) ?>>
        </div>
        </div>
        <div class="field-pair"><?cs
call:field(Form.length, T.Schedule.length, "") ?><input class="w-m" id="length" name="length" type="number" min="1" max="1440" inputmode="numeric" value="<?cs var:Form.length.value ?>"<?cs call:described(Form.length, "") ?>>
        </div><?cs
call:hall_field(Form.hall) ?>
        </div><?cs call:hall_list() ?><?cs
if:!Change.restoring ?><?cs call:twice_box() ?><?cs /if ?>
        <div class="actions"><button class="button" name="move" value="1"><?cs if:Change.one ?><?cs var:T.Schedule.move_one ?><?cs else ?><?cs var:T.Schedule.move_send ?><?cs /if ?></button></div>
      </section>
      <section class="sec form" aria-labelledby="h-cancel">
        <h2 id="h-cancel"><?cs var:T.Schedule.cancel ?></h2>
        <p class="hint"><?cs var:T.Schedule.cancel_hint ?></p><?cs
call:field(Form.note, T.Schedule.note, T.Schedule.note_hint) ?><input type="text" id="note" name="note" maxlength="300" value="<?cs var:Form.note.value ?>"<?cs call:described(Form.note, T.Schedule.note_hint) ?>>
        </div><?cs if:Change.restoring ?><?cs call:twice_box() ?><?cs /if ?>
        <div class="actions"><button class="button plain" name="cancel" value="1"><?cs if:Change.one ?><?cs var:T.Schedule.cancel_one ?><?cs else ?><?cs var:T.Schedule.cancel_send ?><?cs /if ?></button><?cs
if:Change.restore ?> <button class="button plain" name="restore" value="1"><?cs var:T.Schedule.restore_send ?></button><?cs /if ?></div>
      </section>
      </div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
