<?cs # Pieces that pages share. Included first by every page; a macro must stand before its call. ?><?cs
def:csrf() ?><input type="hidden" name="csrf" value="<?cs var:Csrf ?>"><?cs /def ?><?cs

# The picture of a lecture: x.poster, else why there is none (x.end), else a letter; its length, how much was watched. ?><?cs
def:thumb(x) ?><span class="thumb"><?cs
  if:x.poster ?><img src="<?cs var:x.poster ?>" width="320" height="180" alt="" loading="lazy"><?cs
  elif:x.end ?><span class="thumb-why<?cs if:x.end_look ?> <?cs var:x.end_look ?><?cs /if ?>"><?cs var:x.end ?></span><?cs
  else ?><span class="thumb-none" aria-hidden="true"><?cs if:x.number ?><?cs var:x.number ?><?cs else ?><?cs var:x.letter ?><?cs /if ?></span><?cs /if ?><?cs
  if:x.duration ?><span class="thumb-time"><?cs var:x.duration ?></span><?cs /if ?><?cs
  if:x.percent ?><progress class="thumb-seen" max="100" value="<?cs var:x.percent ?>" aria-label="<?cs var:x.percent_text ?>"></progress><?cs /if ?></span><?cs
/def ?><?cs

def:cards(list) ?>
      <ul class="cards"><?cs
  each:x = list ?>
        <li class="card"><a href="<?cs var:x.url ?>">
          <?cs call:thumb(x) ?>
          <span class="card-title"><?cs var:x.title ?></span>
          <span class="card-sub"><?cs var:x.sub ?></span>
        </a></li><?cs
  /each ?>
      </ul><?cs
/def ?><?cs

def:courses(list) ?>
      <ul class="rows"><?cs
  each:x = list ?>
        <li class="row">
          <a class="row-main" href="<?cs var:x.url ?>"><?cs var:x.title ?></a>
          <p class="row-sub"><?cs var:x.sub ?><?cs if:x.next ?><br><?cs var:x.next ?><?cs /if ?></p>
          <p class="row-end"><?cs if:x.failed ?><span class="tag bad"><?cs var:x.failed ?></span> <?cs /if ?><?cs
            if:x.drafts ?><span class="tag warn"><?cs var:x.drafts ?></span> <?cs /if ?><?cs
            if:x.fresh ?><span class="tag new"><?cs var:x.fresh ?></span> <?cs /if ?><?cs var:x.count ?></p>
        </li><?cs
  /each ?>
      </ul><?cs
/def ?><?cs

# A row of lectures: x.tag, and what its picture does not say, stand at its end. ?><?cs
def:lecture(x) ?>
        <li class="lecture">
          <a class="lecture-link" href="<?cs var:x.url ?>">
            <?cs call:thumb(x) ?>
            <span class="lecture-no"><?cs var:x.number ?></span>
            <span class="lecture-title"><?cs var:x.title ?></span>
            <span class="lecture-sub"><?cs var:x.sub ?><?cs if:x.note ?><br><?cs var:x.note ?><?cs /if ?></span>
          </a><?cs
  if:x.end && x.poster || x.tag || x.watched ?>
          <p class="lecture-end"><?cs
    if:x.end && x.poster ?><?cs if:x.end_look ?><span class="tag <?cs var:x.end_look ?>"><?cs var:x.end ?></span> <?cs else ?><?cs var:x.end ?> <?cs /if ?><?cs /if ?><?cs
    if:x.tag ?><span class="tag <?cs if:x.look ?><?cs var:x.look ?><?cs else ?>warn<?cs /if ?>"><?cs var:x.tag ?></span><?cs /if ?><?cs
    if:x.watched ?><?cs var:T.Lecture.watched ?><?cs /if ?></p><?cs
  /if ?>
        </li><?cs
/def ?><?cs

# Something deleted that can be brought back, and a list of it ?><?cs
def:undo(x) ?><form method="post" action="<?cs var:x.undo ?>"><?cs call:csrf() ?><button class="button plain" aria-label="<?cs var:x.label ?>"><?cs var:T.Site.undo ?></button></form><?cs /def ?><?cs

def:deleted(list) ?>
    <section class="sec" aria-labelledby="h-deleted">
      <h2 id="h-deleted"><?cs var:T.Deleted.title ?></h2>
      <ul class="rows"><?cs
  each:x = list ?><?cs if:x.undo ?>
        <li class="row">
          <p class="row-main"><?cs var:x.title ?></p>
          <p class="row-sub"><?cs var:x.text ?></p>
          <div class="row-end"><?cs call:undo(x) ?></div>
        </li><?cs /if ?><?cs
  /each ?>
      </ul>
    </section><?cs
/def ?><?cs

# Around a control: f is Form.<name>, hint may be empty. field_end closes it. ?><?cs
def:field(f, label, hint) ?>
        <div class="field<?cs if:f.error ?> field-bad<?cs /if ?>">
          <label for="<?cs var:f.name ?>"><?cs var:label ?></label><?cs
  if:hint ?>
          <p class="hint" id="<?cs var:f.name ?>-hint"><?cs var:hint ?></p><?cs /if ?><?cs
  if:f.error ?>
          <p class="error" id="<?cs var:f.name ?>-error"><?cs var:f.error ?></p><?cs /if ?>
          <?cs /def ?><?cs

# aria attributes of a control inside a field ?><?cs
def:described(f, hint) ?><?cs
  if:f.error ?> aria-invalid="true"<?cs /if ?><?cs
  if:hint && f.error ?> aria-describedby="<?cs var:f.name ?>-hint <?cs var:f.name ?>-error"<?cs
  elif:hint ?> aria-describedby="<?cs var:f.name ?>-hint"<?cs
  elif:f.error ?> aria-describedby="<?cs var:f.name ?>-error"<?cs /if ?><?cs
/def ?><?cs

def:text_field(f, label, hint, max) ?><?cs call:field(f, label, hint) ?><input type="text" id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" value="<?cs var:f.value ?>" maxlength="<?cs var:max ?>" required<?cs call:described(f, hint) ?>>
        </div><?cs
/def ?><?cs

def:markdown_field(f, label) ?><?cs call:field(f, label, T.Form.markdown_hint) ?><textarea id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" rows="6"<?cs call:described(f, T.Form.markdown_hint) ?>>
<?cs var:f.value ?></textarea>
        </div><?cs
/def ?><?cs

def:time_field(f, label, hint, required) ?><?cs call:field(f, label, hint) ?><input id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" type="datetime-local" value="<?cs var:f.value ?>"<?cs if:required ?> required<?cs /if ?><?cs call:described(f, hint) ?>>
        </div><?cs
/def ?><?cs

def:date_field(f, label, hint, required) ?><?cs call:field(f, label, hint) ?><input id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" type="date" value="<?cs var:f.value ?>"<?cs if:required ?> required<?cs /if ?><?cs call:described(f, hint) ?>>
        </div><?cs
/def ?><?cs

def:select_field(f, label) ?><?cs call:field(f, label, "") ?><select id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" required<?cs call:described(f, "") ?>><?cs
  each:o = f.options ?><option value="<?cs var:o.value ?>"<?cs if:o.selected ?> selected<?cs /if ?>><?cs var:o.name ?></option><?cs /each ?></select>
        </div><?cs
/def ?><?cs

# Choosing an organisation (cgi-bin/web/picker.h): a list of few, else a search. The form begins with default_button, which Enter
# presses in any field, instead of the button of the search. ?><?cs
def:org_field(f, label) ?><?cs
  if:f.few ?><?cs call:select_field(f, label) ?><?cs
  else ?>
        <fieldset class="field picker<?cs if:f.error ?> field-bad<?cs /if ?>" id="<?cs var:f.name ?>" data-name="<?cs var:f.name ?>" data-find="/org.json?for=<?cs var:f.purpose ?><?cs if:f.except ?>&amp;except=<?cs var:f.except ?><?cs /if ?>">
          <legend id="<?cs var:f.name ?>-legend"><?cs var:label ?></legend><?cs
    if:f.error ?>
          <p class="error" id="<?cs var:f.name ?>-error"><?cs var:f.error ?></p><?cs /if ?><?cs
    each:o = f.options ?><?cs if:o.name ?>
          <div class="choice"><input type="radio" id="<?cs var:f.name ?>-<?cs var:o.value ?>" name="<?cs var:f.name ?>" value="<?cs var:o.value ?>" required<?cs if:o.selected ?> checked<?cs /if ?>><label for="<?cs var:f.name ?>-<?cs var:o.value ?>"><?cs var:o.name ?></label><?cs if:o.hint ?><p class="hint"><?cs var:o.hint ?></p><?cs /if ?></div><?cs /if ?><?cs
    /each ?>
          <div class="picker-find">
            <label for="<?cs var:f.name ?>-find"><?cs var:T.Picker.label ?></label>
            <p class="hint" id="<?cs var:f.name ?>-find-hint"><?cs if:f.outcome ?><?cs var:f.outcome ?><?cs else ?><?cs var:T.Picker.hint ?><?cs /if ?></p>
            <input type="search" id="<?cs var:f.name ?>-find" name="<?cs var:f.name ?>_find" value="<?cs var:f.words ?>" maxlength="100" autocomplete="off" spellcheck="false" aria-describedby="<?cs var:f.name ?>-find-hint"><input type="hidden" name="<?cs var:f.name ?>_found" value="<?cs var:f.words ?>">
            <button class="button plain" name="find" value="<?cs var:f.name ?>" formnovalidate><?cs var:T.Picker.find ?></button>
          </div>
        </fieldset><?cs
  /if ?><?cs
/def ?><?cs
def:default_button(f, label) ?><?cs if:!f.few ?><button hidden formnovalidate><?cs var:label ?></button><?cs /if ?><?cs /def ?><?cs

# The way from the top of the tree; whole: with the organisation itself. ?><?cs
def:org_crumbs(whole) ?>
      <p class="crumbs"><a href="/org"><?cs var:T.Org.all ?></a><?cs
  each:x = Trail ?><?cs if:x.name ?> <span aria-hidden="true">/</span> <?cs if:x.url ?><a href="<?cs var:x.url ?>"><?cs var:x.name ?></a><?cs else ?><?cs var:x.name ?><?cs /if ?><?cs /if ?><?cs /each ?><?cs
  if:whole ?> <span aria-hidden="true">/</span> <a href="<?cs var:Org.url ?>"><?cs var:Org.name ?></a><?cs /if ?></p><?cs
/def ?><?cs
# The pages of one organisation ?><?cs
def:org_tabs() ?>
    <nav class="tabs" aria-label="<?cs var:Org.name ?>">
      <a href="<?cs var:Org.url ?>"<?cs if:Page.id == "org" ?> aria-current="page"<?cs /if ?>><?cs var:T.Org.overview ?></a>
      <a href="<?cs var:Org.url ?>/rights"<?cs if:Page.id == "org_rights" ?> aria-current="page"<?cs /if ?>><?cs var:T.Rights.title ?></a>
      <a href="<?cs var:Org.url ?>/terms"<?cs if:Page.id == "terms" ?> aria-current="page"<?cs /if ?>><?cs var:T.Terms.free ?></a>
      <a href="<?cs var:Org.url ?>/halls"<?cs if:Page.id == "halls" || Page.id == "hall_requests" ?> aria-current="page"<?cs /if ?>><?cs var:T.Halls.title ?></a>
      <a href="<?cs var:Org.url ?>/look"<?cs if:Page.id == "org_look" ?> aria-current="page"<?cs /if ?>><?cs var:T.Look.title ?></a>
    </nav><?cs
/def ?><?cs

# A part of addresses; what is optional is made of the name. ?><?cs
def:slug_field(hint, optional) ?><?cs
  if:optional ?><?cs call:field(Form.slug, T.Field.slug_optional, hint) ?><?cs
  else ?><?cs call:field(Form.slug, T.Field.slug, hint) ?><?cs
  /if ?><input class="w-m" type="text" id="slug" name="slug" value="<?cs var:Form.slug.value ?>" maxlength="60" autocapitalize="none" spellcheck="false"<?cs if:!optional ?> required<?cs /if ?><?cs call:described(Form.slug, hint) ?>>
        </div><?cs
/def ?><?cs
def:org_names(slug_hint, optional) ?><?cs
  call:text_field(Form.name, T.Field.name, "", "200") ?><?cs
  call:slug_field(slug_hint, optional) ?><?cs
/def ?><?cs

def:hall_fields() ?><?cs
  call:text_field(Form.name, T.Field.name, T.Halls.name_hint, "120") ?>
        <div class="field-pair"><?cs
  call:field(Form.building, T.Field.building, "") ?><input type="text" id="building" name="building" maxlength="120" value="<?cs var:Form.building.value ?>"<?cs call:described(Form.building, "") ?>>
        </div><?cs
  call:field(Form.seats, T.Field.seats, "") ?><input class="w-m" id="seats" name="seats" type="number" min="0" max="100000" inputmode="numeric" value="<?cs var:Form.seats.value ?>"<?cs call:described(Form.seats, "") ?>>
        </div>
        </div>
        <fieldset class="field<?cs if:Form.booking.error ?> field-bad<?cs /if ?>" id="booking">
          <legend><?cs var:T.Field.booking ?></legend><?cs
  if:Form.booking.error ?>
          <p class="error"><?cs var:Form.booking.error ?></p><?cs /if ?>
          <div class="choices"><?cs
  each:o = Form.booking.options ?>
          <div class="choice"><input type="radio" id="booking-<?cs var:o.value ?>" name="booking" value="<?cs var:o.value ?>"<?cs if:o.selected ?> checked<?cs /if ?> aria-describedby="booking-<?cs var:o.value ?>-hint"><label for="booking-<?cs var:o.value ?>"><?cs var:o.name ?></label><p class="hint" id="booking-<?cs var:o.value ?>-hint"><?cs var:o.hint ?></p></div><?cs
  /each ?>
          </div>
        </fieldset>
        <details class="more field"<?cs if:Form.codes.error || Form.codes.value ?> open<?cs /if ?>>
          <summary><?cs var:T.Halls.further ?></summary><?cs
  call:field(Form.codes, T.Field.codes, T.Halls.codes_hint) ?><input type="text" id="codes" name="codes" maxlength="200" value="<?cs var:Form.codes.value ?>" autocapitalize="none" spellcheck="false"<?cs call:described(Form.codes, T.Halls.codes_hint) ?>>
        </div>
        </details><?cs
/def ?><?cs

# A hall: one of those that are offered (hall_list, once a page), or any text. If there are more of them, a search (hall_asked). ?><?cs
def:hall_input(f) ?><input type="text" id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" maxlength="120" value="<?cs var:f.value ?>"<?cs if:Offered.0.name ?> list="halls"<?cs /if ?><?cs if:f.asked ?> autofocus<?cs /if ?><?cs call:described(f, f.hint) ?>><?cs /def ?><?cs
def:hall_field(f) ?><?cs call:field(f, T.Schedule.hall, f.hint) ?><?cs
  if:f.search ?>
          <div class="find"><?cs call:hall_input(f) ?> <button class="button plain" name="find" value="hall" formnovalidate><?cs var:T.Halls.find ?></button></div><?cs
    if:f.outcome ?>
          <p class="hint" role="status"><?cs var:f.outcome ?></p><?cs
      if:Found.0.name ?>
          <ul class="found"><?cs each:h = Found ?><?cs if:h.name ?>
            <li><button class="button plain" type="submit" name="take" value="<?cs var:h.name ?>" formnovalidate><?cs var:h.name ?></button> <span class="hint"><?cs var:h.about ?></span></li><?cs /if ?><?cs /each ?>
          </ul><?cs /if ?><?cs /if ?><?cs
  else ?><?cs call:hall_input(f) ?><?cs /if ?>
        </div><?cs
/def ?><?cs
# Enter presses the button of the form, not that of the search; at the beginning of a form with a hall ?><?cs
def:hall_default(label) ?><?cs if:Form.hall.search ?><button hidden><?cs var:label ?></button><?cs /if ?><?cs /def ?><?cs
def:hall_list() ?><?cs if:Offered.0.name ?>
        <datalist id="halls"><?cs each:h = Offered ?><?cs if:h.name ?><option value="<?cs var:h.name ?>"><?cs var:h.about ?></option><?cs /if ?><?cs /each ?></datalist><?cs /if ?><?cs
/def ?><?cs

# Organisations, each with what is above it or in it ?><?cs
def:orgs(list) ?>
      <ul class="rows"><?cs
  each:x = list ?><?cs if:x.url ?>
        <li class="row">
          <a class="row-main" href="<?cs var:x.url ?>"><?cs var:x.title ?></a>
          <p class="row-sub"><?cs var:x.sub ?></p><?cs
    if:x.archived ?>
          <p class="row-end"><span class="tag warn"><?cs var:T.Org.archived_tag ?></span></p><?cs /if ?>
        </li><?cs /if ?><?cs
  /each ?>
      </ul><?cs
/def ?><?cs

def:password_field(f, label, hint, complete) ?><?cs call:field(f, label, hint) ?><input class="w-m" id="<?cs var:f.name ?>" name="<?cs var:f.name ?>" type="password" autocomplete="<?cs var:complete ?>" required<?cs call:described(f, hint) ?>>
        </div><?cs
/def ?><?cs

# What is wrong with a form, above it ?><?cs
def:form_errors() ?><?cs
  if:Errors ?>
      <div class="errors" id="errors" role="alert" tabindex="-1"><?cs
    if:Form.seen.error ?>
        <h2><?cs var:T.Form.seen_title ?></h2>
        <p id="seen" tabindex="-1"><?cs var:Form.seen.error ?></p><?cs
      if:Form.seen.now ?>
        <p><?cs var:T.Form.seen_now ?></p>
        <dl class="seen"><?cs
        each:f = Form.seen.now ?><?cs if:f.name ?>
          <div><dt><?cs var:f.name ?></dt><dd><?cs var:f.text ?></dd></div><?cs /if ?><?cs /each ?>
        </dl>
        <p><?cs var:T.Form.seen_next ?></p><?cs
      else ?>
        <p><?cs var:T.Form.seen_same ?></p><?cs /if ?><?cs
      if:Form.seen.url ?>
        <p><a href="<?cs var:Form.seen.url ?>"><?cs var:T.Form.seen_discard ?></a></p><?cs /if ?><?cs
    else ?>
        <h2><?cs var:Errors.title ?></h2>
        <ul><?cs
    each:e = Errors ?><?cs if:e.text ?>
          <li><?cs if:e.field ?><a href="#<?cs var:e.field ?>"><?cs if:e.name ?><?cs var:e.name ?>: <?cs /if ?><?cs var:e.text ?></a><?cs else ?><?cs var:e.text ?><?cs /if ?></li><?cs /if ?><?cs
    /each ?>
        </ul><?cs
    /if ?>
      </div><?cs
  /if ?><?cs
/def ?><?cs

# What the form was made of, so that an older one does not overwrite (cgi-bin/web/seen.h) ?><?cs
def:seen_in(f) ?><?cs if:f.value ?><input type="hidden" name="seen" value="<?cs var:f.value ?>"><?cs /if ?><?cs /def ?><?cs
def:seen() ?><?cs call:seen_in(Form.seen) ?><?cs /def ?><?cs

# Which role ?><?cs
def:as_field(legend) ?>
        <fieldset class="field<?cs if:Form.as.error ?> field-bad<?cs /if ?>" id="as">
          <legend><?cs var:legend ?></legend><?cs
  if:Form.as.error ?>
          <p class="error"><?cs var:Form.as.error ?></p><?cs /if ?><?cs
  each:o = Form.as.options ?>
          <div class="choice"><input type="radio" id="as-<?cs var:o.value ?>" name="as" value="<?cs var:o.value ?>"<?cs if:o.selected ?> checked<?cs /if ?> aria-describedby="as-<?cs var:o.value ?>-hint"><label for="as-<?cs var:o.value ?>"><?cs var:o.name ?></label><p class="hint" id="as-<?cs var:o.value ?>-hint"><?cs var:o.hint ?></p></div><?cs
  /each ?>
        </fieldset><?cs
/def ?><?cs

# A role in a course, and the rights of an assistant ?><?cs
def:role_fields(legend) ?><?cs
  call:as_field(legend) ?>
        <fieldset class="field of-assistant<?cs if:Form.rights.error ?> field-bad<?cs /if ?>" id="rights">
          <legend><?cs var:T.Staff.rights ?></legend><?cs
  if:Form.rights.error ?>
          <p class="error"><?cs var:Form.rights.error ?></p><?cs /if ?><?cs
  each:o = Form.rights.options ?>
          <div class="choice"><input type="checkbox" id="<?cs var:o.name ?>" name="<?cs var:o.name ?>" value="1"<?cs if:o.on ?> checked<?cs /if ?>><label for="<?cs var:o.name ?>"><?cs var:o.label ?></label></div><?cs
  /each ?>
        </fieldset><?cs
/def ?><?cs

# Somebody who may do something: who, what, since when ?><?cs
def:right(x) ?>
          <p class="row-main"><?cs var:x.name ?><?cs if:x.disabled ?> <span class="tag warn"><?cs var:T.Rights.disabled ?></span><?cs /if ?></p>
          <p class="row-sub"><?cs var:x.login ?> · <?cs var:x.role ?><br><?cs var:x.since ?><?cs if:x.note ?><br><?cs var:x.note ?><?cs /if ?></p><?cs
/def ?><?cs

# What is given above and holds here ?><?cs
def:rights_above(text) ?>
    <section class="sec" aria-labelledby="h-above">
      <h2 id="h-above"><?cs var:T.Rights.above ?></h2>
      <p class="hint"><?cs var:text ?></p>
      <ul class="rows"><?cs
  each:x = Above ?>
        <li class="row"><?cs call:right(x) ?>
          <p class="row-end"><?cs if:x.from_url ?><a href="<?cs var:x.from_url ?>"><?cs var:x.from ?></a><?cs else ?><?cs var:x.from ?><?cs /if ?></p>
        </li><?cs
  /each ?>
      </ul><?cs
  if:Rights.more ?>
      <p class="hint"><?cs var:T.Rights.more ?></p><?cs /if ?>
    </section><?cs
/def ?><?cs

# Once lectures of a course would be at the same time: may they? (cgi-bin/web/twice.h) ?><?cs
def:twice_box() ?><?cs
  if:Form.twice.offered ?>
        <div class="field<?cs if:Form.twice.error ?> field-bad<?cs /if ?>"><?cs
    if:Form.twice.error ?>
          <p class="error" id="twice-error"><?cs var:Form.twice.error ?></p><?cs /if ?>
          <div class="choice"><input type="checkbox" id="twice" name="twice" value="1"<?cs if:Form.twice.on ?> checked<?cs /if ?><?cs call:described(Form.twice, "") ?>><label for="twice"><?cs var:T.Schedule.twice_box ?></label></div>
        </div><?cs
  /if ?><?cs
/def ?><?cs

def:lecture_times() ?>
        <div class="field-pair"><?cs
  call:time_field(Form.start, T.Field.start, Page.when, #1) ?><?cs
  call:time_field(Form.end, T.Field.end, Page.there, #0) ?>
        </div><?cs
  call:hall_field(Form.hall) ?><?cs call:hall_list() ?><?cs
  call:twice_box() ?><?cs
/def ?><?cs

def:lecture_texts() ?><?cs
  call:text_field(Form.title, T.Field.title, "", "200") ?><?cs
  call:markdown_field(Form.description, T.Field.description) ?><?cs
/def ?><?cs

def:lecture_fields() ?><?cs
  call:text_field(Form.title, T.Field.title, "", "200") ?><?cs
  call:lecture_times() ?><?cs
  call:markdown_field(Form.description, T.Field.description) ?><?cs
/def ?><?cs

def:course_fields(slug_hint, optional) ?><?cs
  call:text_field(Form.title, T.Field.title, "", "200") ?><?cs
  if:!optional ?><?cs call:slug_field(slug_hint, #0) ?><?cs /if ?>
        <div class="field-pair"><?cs
  call:select_field(Form.term, T.Field.term) ?><?cs
  if:Form.org.fixed ?><input type="hidden" name="org" value="<?cs var:Form.org.value ?>"><?cs
  elif:Form.org.few ?><?cs call:org_field(Form.org, T.Field.org) ?><?cs /if ?>
        </div><?cs
  if:!Form.org.few && !Form.org.fixed ?><?cs call:org_field(Form.org, T.Field.org) ?><?cs /if ?>
        <fieldset class="field<?cs if:Form.visibility.error ?> field-bad<?cs /if ?>" id="visibility">
          <legend><?cs var:T.Field.visibility ?></legend><?cs
  if:Form.visibility.error ?>
          <p class="error"><?cs var:Form.visibility.error ?></p><?cs /if ?>
          <div class="choices"><?cs
  each:o = Form.visibility.options ?>
          <div class="choice"><input type="radio" id="vis-<?cs var:o.value ?>" name="visibility" value="<?cs var:o.value ?>"<?cs if:o.selected ?> checked<?cs /if ?> aria-describedby="vis-<?cs var:o.value ?>-hint"><label for="vis-<?cs var:o.value ?>"><?cs var:o.name ?></label><p class="hint" id="vis-<?cs var:o.value ?>-hint"><?cs var:o.hint ?></p></div><?cs
  /each ?>
          </div>
        </fieldset><?cs
# What can as well be said later, of a new one ?><?cs
  if:optional ?>
        <details class="more field"<?cs if:Form.slug.error || Form.slug.value || Form.description.error || Form.description.value || Form.downloads.on || Form.keep_gaps.on || Form.keep_first.on ?> open<?cs /if ?>>
          <summary><?cs var:T.CourseEdit.further ?></summary><?cs call:slug_field(slug_hint, #1) ?><?cs /if ?>
        <fieldset class="field">
          <legend><?cs var:T.CourseEdit.downloads_legend ?></legend>
          <div class="choice"><input type="checkbox" id="downloads" name="downloads" value="1"<?cs if:Form.downloads.on ?> checked<?cs /if ?>><label for="downloads"><?cs var:T.CourseEdit.downloads_label ?></label></div>
        </fieldset>
        <fieldset class="field">
          <legend><?cs var:T.CourseEdit.gaps_legend ?></legend>
          <div class="choice"><input type="checkbox" id="keep_gaps" name="keep_gaps" value="1"<?cs if:Form.keep_gaps.on ?> checked<?cs /if ?> aria-describedby="keep_gaps-hint"><label for="keep_gaps"><?cs var:T.CourseEdit.gaps_label ?></label><p class="hint" id="keep_gaps-hint"><?cs var:T.CourseEdit.gaps_hint ?></p></div>
          <div class="choice"><input type="checkbox" id="keep_first" name="keep_first" value="1"<?cs if:Form.keep_first.on ?> checked<?cs /if ?> aria-describedby="keep_first-hint"><label for="keep_first"><?cs var:T.CourseEdit.first_label ?></label><p class="hint" id="keep_first-hint"><?cs var:T.CourseEdit.first_hint ?></p></div>
        </fieldset><?cs
  call:markdown_field(Form.description, T.Field.description) ?><?cs
  if:optional ?>
        </details><?cs /if ?><?cs
/def ?><?cs

# To the pages of a list before and behind this one. ?><?cs
def:pager() ?><?cs
  if:Pager.previous || Pager.next ?>
    <p class="actions"><?cs
    if:Pager.previous ?><a class="button plain" rel="prev" href="<?cs var:Pager.previous ?>"><?cs var:T.Site.previous ?></a><?cs /if ?><?cs
    if:Pager.next ?> <a class="button plain" rel="next" href="<?cs var:Pager.next ?>"><?cs var:T.Site.next ?></a><?cs /if ?></p><?cs
  /if ?><?cs
/def ?>
