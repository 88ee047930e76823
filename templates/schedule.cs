<?cs include:"_macros.cs" ?><?cs set:Page.section = "teach" ?><?cs set:Page.styles.0 = "lists.css" ?><?cs set:Page.styles.1 = "schedule.css" ?><?cs
def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/teach"><?cs var:T.Teach.title ?></a> <span aria-hidden="true">/</span> <a href="/teach/course/<?cs var:Course.id ?>"><?cs var:Course.title ?></a></p>
      <h1><?cs var:T.Schedule.head ?></h1>
      <p class="head-sub"><?cs var:Schedule.sub ?></p><?cs
if:Course.may_plan ?>
      <p class="head-actions"><a class="button" href="/teach/course/<?cs var:Course.id ?>/schedule/new"><?cs var:T.Schedule.new ?></a></p><?cs /if ?>
    </header><?cs
call:form_errors() ?><?cs
if:Schedule.earlier ?>
    <p><a href="<?cs var:Schedule.earlier ?>"><?cs var:T.Schedule.earlier ?></a></p><?cs /if ?><?cs
if:Course.may_plan && Weeks ?>
    <form class="plan-form" method="get" action="/teach/course/<?cs var:Course.id ?>/schedule/change">
      <p class="hint plan-hint"><?cs var:T.Schedule.tick_hint ?></p><?cs /if ?><?cs
each:w = Weeks ?><?cs if:w.name ?>
    <section class="sec" aria-labelledby="w-<?cs var:w.id ?>">
      <h2 class="small" id="w-<?cs var:w.id ?>"><?cs var:w.name ?></h2>
      <ul class="plan-list"><?cs
  each:x = w.lectures ?><?cs if:x.key ?>
        <li class="plan-row<?cs if:x.over ?> plan-over<?cs /if ?>"><?cs
    if:Course.may_plan ?>
          <input type="checkbox" name="pick" value="<?cs var:x.key ?>" aria-label="<?cs var:x.pick ?>"><?cs /if ?>
          <p class="plan-what"><a href="<?cs var:x.url ?>"><?cs var:x.title ?></a></p>
          <p class="plan-when"><?cs if:x.cancelled ?><s><?cs var:x.time ?></s><?cs else ?><?cs var:x.time ?><?cs /if ?><?cs if:x.hall ?> · <?cs var:x.hall ?><?cs /if ?></p>
          <p class="plan-end"><?cs if:x.cancelled ?><span class="tag bad"><?cs var:x.cancelled ?></span> <?cs /if ?><?cs if:x.hall_tag ?><span class="tag <?cs var:x.hall_look ?>"><?cs var:x.hall_tag ?></span> <?cs /if ?><?cs if:x.tag ?><span class="tag warn"><?cs var:x.tag ?></span> <?cs /if ?><?cs var:x.media ?><?cs
    if:Course.may_plan ?> <a href="/teach/course/<?cs var:Course.id ?>/schedule/change?lecture=<?cs var:x.key ?>&amp;scope=one" aria-label="<?cs var:x.change ?>"><?cs var:T.Schedule.change_row ?></a><?cs /if ?></p>
        </li><?cs /if ?><?cs
  /each ?>
      </ul>
    </section><?cs /if ?><?cs
/each ?><?cs
if:Course.may_plan && Weeks ?>
      <div class="actions plan-send"><button class="button plain"><?cs var:T.Schedule.tick_send ?></button></div>
    </form><?cs
/if ?><?cs
call:pager() ?><?cs
if:!Weeks ?>
    <div class="empty"><p><?cs var:T.Schedule.empty ?></p></div><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
