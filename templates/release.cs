<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a><?cs
if:Lecture.key ?> <span aria-hidden="true">/</span> <a href="/teach/lecture/<?cs var:Lecture.key ?>"><?cs var:Lecture.title ?></a><?cs /if ?></p>
      <h1><?cs var:T.Release.title ?></h1>
      <p class="head-sub"><?cs var:Release.hint ?></p>
    </header><?cs call:form_errors() ?>
    <form class="form" method="post" action="<?cs var:Release.action ?>">
        <?cs call:csrf() ?><?cs call:seen() ?>
        <fieldset class="field<?cs if:Form.release.error ?> field-bad<?cs /if ?>" id="release">
          <legend><?cs var:T.Release.when ?></legend><?cs
if:Form.release.error ?>
          <p class="error"><?cs var:Form.release.error ?></p><?cs /if ?><?cs
each:o = Form.release.options ?>
          <div class="choice"><input type="radio" id="release-<?cs var:o.value ?>" name="release" value="<?cs var:o.value ?>"<?cs if:o.selected ?> checked<?cs /if ?>><label for="release-<?cs var:o.value ?>"><?cs var:o.name ?></label></div><?cs
/each ?>
        </fieldset><?cs
# The days count only with their choice. ?>
        <div class="of-days"><?cs call:field(Form.days, T.Release.days_field, T.Release.days_hint) ?><input class="w-m" id="days" name="days" type="number" min="1" max="365" inputmode="numeric" value="<?cs var:Form.days.value ?>"<?cs call:described(Form.days, T.Release.days_hint) ?>>
        </div></div>
        <fieldset class="field">
          <legend><?cs var:T.Release.hides_legend ?></legend>
          <div class="choice"><input type="checkbox" id="hides" name="hides" value="1"<?cs if:Form.hides.on ?> checked<?cs /if ?>><label for="hides"><?cs var:T.Release.hides ?></label></div>
        </fieldset>
        <div class="actions"><button class="button"><?cs var:T.Release.save ?></button></div>
    </form><?cs
/def ?><?cs include:"_layout.cs" ?>
