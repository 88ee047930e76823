<?cs # What a person could stream, and why they were refused lately (cgi-bin/web/live_words.h). Included after _macros.cs. ?><?cs

def:live_choose(key, label, plain) ?><form method="post" action="<?cs var:key ?>/choose"><?cs call:csrf() ?><button class="button<?cs if:plain ?> plain<?cs /if ?>"<?cs if:label ?> aria-label="<?cs var:label ?>"<?cs /if ?>><?cs var:T.Live.choose ?></button></form><?cs /def ?><?cs

def:live_refused() ?><?cs
  if:Live.Refused ?>
        <div class="errors" role="alert">
          <h3><?cs var:T.Live.refused ?></h3>
          <ul><?cs
    each:r = Live.Refused ?><?cs if:r.text ?>
            <li><p class="error"><?cs var:r.text ?><?cs if:r.url ?> <a href="<?cs var:r.url ?>"><?cs var:r.title ?></a><?cs /if ?></p>
              <p><?cs var:r.cure ?></p>
              <p class="hint"><?cs var:r.when ?></p></li><?cs /if ?><?cs
    /each ?>
          </ul>
        </div><?cs
  /if ?><?cs
/def ?><?cs

def:live_test() ?><?cs
  if:Live.test ?>
        <p class="notice"><?cs var:Live.test_text ?></p>
        <form class="actions" method="post" action="<?cs var:Live.test_url ?>"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Live.test_end ?></button></form><?cs
  else ?>
        <form class="actions" method="post" action="<?cs var:Live.test_url ?>"><?cs call:csrf() ?><input type="hidden" name="on" value="1"><button class="button plain"><?cs var:T.Live.test ?></button></form>
        <p class="hint"><?cs var:T.Live.test_hint ?></p><?cs
  /if ?><?cs
/def ?><?cs

def:live_due() ?><?cs
  if:Live.pause ?>
        <p class="notice"><?cs var:T.Live.pause ?></p><?cs
  /if ?><?cs
  if:Live.Due ?><?cs
    if:!Live.test ?>
        <p class="hint"><?cs var:T.Live.due_hint ?></p><?cs /if ?>
        <ul class="rows"><?cs
    each:d = Live.Due ?><?cs if:d.url ?>
          <li class="row">
            <p class="row-title"><a href="<?cs var:d.url ?>"><?cs var:d.title ?></a><?cs
      if:d.open ?> <span class="tag live"><?cs var:T.Live.open ?></span><?cs elif:d.first && !d.rehearsal ?> <span class="tag ok"><?cs var:T.Live.first ?></span><?cs /if ?></p>
            <p class="row-sub"><?cs var:d.sub ?></p>
            <div class="row-end"><?cs
      if:d.chosen ?><form method="post" action="<?cs var:d.url ?>/unchoose"><?cs call:csrf() ?><button class="button plain"><?cs var:T.Live.unchoose ?></button></form><?cs
      elif:!d.first && !d.rehearsal ?><?cs call:live_choose(d.url, d.label, #1) ?><?cs /if ?></div>
          </li><?cs /if ?><?cs
    /each ?>
        </ul><?cs
  else ?>
        <p class="empty"><?cs var:T.Live.none_due ?></p><?cs
  /if ?><?cs call:live_test() ?><?cs
/def ?>
