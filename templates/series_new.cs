<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "schedule.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>/schedule"><?cs var:T.Schedule.head ?></a></p>
      <h1><?cs var:T.Schedule.new ?></h1>
    </header><?cs call:form_errors() ?>
    <form class="form plan-new" method="post" action="/teach/course/<?cs var:Course.id ?>/schedule/new">
        <?cs call:csrf() ?><?cs call:hall_default(T.Schedule.show) ?>
        <fieldset class="field" id="repeat">
          <legend><?cs var:T.Schedule.repeat ?></legend>
          <div class="plan-days">
            <label class="plan-day"><input type="radio" id="repeat-weekly" name="repeat" value="weekly"<?cs if:Form.repeat.value != "once" ?> checked<?cs /if ?>> <?cs var:T.Schedule.weekly ?></label>
            <label class="plan-day"><input type="radio" id="repeat-once" name="repeat" value="once"<?cs if:Form.repeat.value == "once" ?> checked<?cs /if ?>> <?cs var:T.Schedule.once ?></label>
          </div>
        </fieldset>
        <fieldset class="field plan-weekly" id="day">
          <legend><?cs var:T.Schedule.days ?> <span class="hint"><?cs var:T.Schedule.days_hint ?></span></legend>
          <div class="plan-days"><?cs
  each:d = Days ?><?cs if:d.name ?>
            <label class="plan-day"><input type="checkbox" name="day" value="<?cs var:d.value ?>"<?cs if:d.on ?> checked<?cs /if ?>> <?cs var:d.name ?></label><?cs /if ?><?cs
  /each ?>
          </div>
        </fieldset>
        <div class="field-pair"><?cs
  call:field(Form.time, T.Schedule.time, Page.there) ?><input class="w-m" id="time" name="time" type="time" value="<?cs var:Form.time.value ?>" required<?cs call:described(Form.time, Page.there) ?>>
        </div><?cs
  call:field(Form.length, T.Schedule.length, "") ?><input class="w-m" id="length" name="length" type="number" min="1" max="1440" inputmode="numeric" value="<?cs var:Form.length.value ?>" required<?cs call:described(Form.length, "") ?>>
        </div>
        </div>
        <div class="field-pair"><?cs
  call:date_field(Form.first, T.Schedule.first, "", #1) ?>
        <div class="plan-weekly"><?cs
  call:date_field(Form.until, T.Schedule.until, "", #0) ?>
        </div></div>
        <div class="field-pair"><?cs
  call:hall_field(Form.hall) ?>
        <div class="plan-weekly"><?cs
  call:field(Form.count, T.Schedule.count, T.Schedule.count_hint) ?><input class="w-m" id="count" name="count" type="number" min="1" max="500" inputmode="numeric" value="<?cs var:Form.count.value ?>"<?cs call:described(Form.count, T.Schedule.count_hint) ?>>
        </div></div>
        </div><?cs call:hall_list() ?>
        <details class="more field"<?cs if:Form.title.error || Form.number.error || Form.every.error ?> open<?cs /if ?>><summary><?cs var:T.Schedule.more ?></summary><?cs
  call:text_field(Form.title, T.Field.title, T.Schedule.title_hint, "200") ?>
        <div class="field-pair"><?cs
  call:field(Form.number, T.Schedule.number, "") ?><input class="w-m" id="number" name="number" type="number" min="0" max="100000" inputmode="numeric" value="<?cs var:Form.number.value ?>"<?cs call:described(Form.number, "") ?>>
        </div>
        <div class="plan-weekly"><?cs
  call:field(Form.every, T.Schedule.every, T.Schedule.every_hint) ?><input class="w-m" id="every" name="every" type="number" min="1" max="52" inputmode="numeric" value="<?cs var:Form.every.value ?>"<?cs call:described(Form.every, T.Schedule.every_hint) ?>>
        </div></div>
        </div>
        </details>
        <div class="actions"><button class="button"><?cs var:T.Schedule.show ?></button> <a href="/teach/course/<?cs var:Course.id ?>/schedule"><?cs var:T.Form.back ?></a></div>
        <p class="hint"><?cs var:T.Schedule.show_hint ?></p>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
