<?cs include:"_macros.cs" ?><?cs include:"_live.cs" ?><?cs set:Page.section = "account" ?><?cs set:Page.width = "main-narrow" ?><?cs set:Page.styles.0 = "forms.css" ?><?cs set:Page.styles.1 = "lists.css" ?><?cs set:Page.styles.2 = "live.css" ?><?cs set:Page.scripts.0 = "copy.js" ?><?cs set:Page.scripts.1 = "state.js" ?><?cs

# A value to be copied; "once": it is a secret that no later page shows ?><?cs
def:copied(id, label, value, once) ?>
        <div class="find copied">
          <label for="<?cs var:id ?>"><?cs var:label ?></label>
          <input type="text" id="<?cs var:id ?>" value="<?cs var:value ?>" readonly autocomplete="off" spellcheck="false"<?cs if:once ?> data-once<?cs /if ?>>
          <button class="button<?cs if:!once ?> plain<?cs /if ?> needs-script" type="button" data-copy="<?cs var:id ?>" data-done="<?cs var:T.Tokens.copied ?>" data-hand="<?cs var:T.Tokens.by_hand ?>" aria-label="<?cs var:T.Tokens.copy ?>: <?cs var:label ?>"><?cs var:T.Tokens.copy ?></button>
        </div><?cs
/def ?><?cs

def:server() ?><?cs call:copied("server", T.Tokens.server, Live.server, #0) ?><?cs
  if:Live.plain ?>
        <p class="hint"><?cs var:Live.plain ?></p><?cs /if ?><?cs
/def ?><?cs

def:setup() ?>
      <ol class="steps">
        <li><?cs var:T.Tokens.step_profile ?>
          <p class="actions"><a class="button plain" href="/account/tokens/lectern-obs.zip" download><?cs var:T.Tokens.profile ?></a></p>
          <p class="hint"><?cs var:T.Tokens.profile_hint ?></p></li>
        <li><?cs var:T.Tokens.step_server ?><?cs
  if:!New.key ?><?cs call:server() ?><?cs /if ?></li>
        <li><?cs var:T.Tokens.step_start ?></li>
      </ol>
      <details class="more">
        <summary><?cs var:T.Tokens.zoom ?></summary>
        <p><?cs var:T.Tokens.zoom_text ?></p>
        <dl class="facts">
          <div><dt>Streaming URL</dt><dd><code><?cs var:Live.server ?></code></dd></div>
          <div><dt>Streaming key</dt><dd><?cs if:New.key ?><?cs var:T.Tokens.zoom_key ?><?cs else ?><?cs var:T.Tokens.key_place ?><?cs /if ?></dd></div>
          <div><dt>Live streaming page URL</dt><dd><code><?cs var:Live.site ?></code></dd></div>
        </dl>
      </details>
      <details class="more">
        <summary><?cs var:T.Tokens.ffmpeg ?></summary>
        <p><?cs var:T.Tokens.ffmpeg_text ?></p>
        <pre class="command" tabindex="0" aria-label="<?cs var:T.Tokens.ffmpeg ?>"><code>ffmpeg -re -i lecture.mp4 -c:v libx264 -preset veryfast -b:v 4M -maxrate 4M -bufsize 8M -force_key_frames 'expr:gte(t,n_forced*2)' -c:a aac -b:a 160k -f flv '<?cs var:Live.address ?>'</code></pre>
      </details><?cs
/def ?><?cs

# What the person's programs do at the moment ?><?cs
def:now() ?>
    <section class="sec live" id="live" data-state="<?cs var:Live.url ?>" data-state-shape="<?cs var:Live.shape ?>" data-state-page="/account/tokens" aria-labelledby="h-now">
      <h2 id="h-now"><?cs var:T.Live.due ?></h2><?cs
call:live_refused() ?><?cs call:live_due() ?><?cs
if:Live.Rehearsals ?>
      <h3 class="live-part"><?cs var:T.Live.rehearsals ?></h3>
      <ul class="rows"><?cs
  each:r = Live.Rehearsals ?><?cs if:r.url ?>
        <li class="row">
          <p class="row-title"><a href="<?cs var:r.url ?>"><?cs var:r.title ?></a><?cs if:r.open ?> <span class="tag live"><?cs var:T.Live.open ?></span><?cs /if ?></p>
          <p class="row-sub"><?cs var:r.sub ?></p>
        </li><?cs /if ?><?cs
  /each ?>
      </ul><?cs /if ?>
    </section><?cs
/def ?><?cs

# The list, and the form for one more ?><?cs
def:tokens() ?><?cs
if:Tokens ?>
    <section class="sec" aria-labelledby="h-list">
      <h2 id="h-list"><?cs var:T.Tokens.list_title ?></h2>
      <ul class="rows"><?cs
  each:x = Tokens ?><?cs if:x.id ?>
        <li class="row">
          <p class="row-main"><?cs var:x.name ?><?cs if:x.expired ?> <span class="tag warn"><?cs var:T.Tokens.expired ?></span><?cs /if ?><?cs if:x.streams ?> <span class="tag live"><?cs var:T.Live.open ?></span><?cs /if ?></p>
          <p class="row-sub"><?cs var:x.may ?> · <?cs var:x.until ?><br><?cs var:x.used ?></p>
          <form class="row-end" method="post" action="/account/tokens/revoke"><?cs call:csrf() ?><input type="hidden" name="id" value="<?cs var:x.id ?>"><button class="button plain" aria-label="<?cs var:x.label ?>"><?cs if:x.streams ?><?cs var:T.Tokens.revoke_stream ?><?cs else ?><?cs var:T.Tokens.revoke ?><?cs /if ?></button></form>
        </li><?cs /if ?><?cs
  /each ?>
      </ul>
      <p class="hint"><?cs var:T.Tokens.revoke_hint ?></p>
    </section><?cs
/if ?>
    <section class="sec" aria-labelledby="h-create">
      <h2 id="h-create"><?cs var:T.Tokens.create ?></h2>
      <form class="form" method="post" action="/account/tokens">
        <?cs call:csrf() ?><input type="hidden" name="newest" value="<?cs var:Form.newest.value ?>"><?cs
call:text_field(Form.name, T.Tokens.name, T.Tokens.name_hint, "100") ?><?cs
call:select_field(Form.days, T.Tokens.days) ?>
        <fieldset class="field<?cs if:Form.scopes.error ?> field-bad<?cs /if ?>" id="scopes">
          <legend><?cs var:T.Tokens.scopes ?></legend><?cs
if:Form.scopes.error ?>
          <p class="error"><?cs var:Form.scopes.error ?></p><?cs /if ?><?cs
each:o = Form.scopes.options ?>
          <div class="choice"><input type="checkbox" id="scope-<?cs var:o.value ?>" name="scopes" value="<?cs var:o.value ?>"<?cs if:o.on ?> checked<?cs /if ?>><label for="scope-<?cs var:o.value ?>"><?cs var:o.name ?></label></div><?cs
/each ?>
        </fieldset>
        <div class="actions"><button class="button"><?cs var:T.Tokens.create_send ?></button></div>
      </form>
    </section><?cs
/def ?><?cs

def:main() ?>
    <header class="head">
      <p class="crumbs"><a href="/account"><?cs var:T.Account.title ?></a></p><?cs
if:New.key ?>
      <h1><?cs var:New.title ?></h1>
      <p class="head-sub"><?cs var:T.Tokens.once ?></p><?cs
else ?>
      <h1><?cs var:T.Tokens.title ?></h1>
      <p class="head-sub"><?cs var:T.Tokens.sub ?></p><?cs
/if ?>
    </header><?cs
call:form_errors() ?><?cs
if:!Live.server ?>
    <p class="notice"><?cs var:T.Tokens.no_server ?></p><?cs
/if ?><?cs
if:New.key ?>
    <section class="sec" aria-labelledby="h-new">
      <h2 id="h-new"><?cs var:T.Tokens.enter ?></h2><?cs
  if:Live.server ?><?cs call:server() ?><?cs /if ?><?cs
  call:copied("key", T.Tokens.key, New.key, #1) ?>
      <p class="hint"><?cs var:T.Tokens.secret ?></p>
    </section><?cs
else ?><?cs
  if:Tokens ?><?cs call:now() ?><?cs /if ?><?cs call:tokens() ?><?cs
/if ?><?cs
if:Live.server ?>
    <section class="sec" aria-labelledby="h-setup">
      <h2 id="h-setup"><?cs var:T.Tokens.setup ?></h2><?cs call:setup() ?>
    </section><?cs
/if ?><?cs
if:New.key ?><?cs call:now() ?>
    <p class="actions"><a class="button plain" href="/account/tokens"><?cs var:T.Tokens.list_title ?></a></p><?cs
/if ?><?cs
/def ?><?cs include:"_layout.cs" ?>
