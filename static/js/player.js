// The watch page's player: puts together what plays (access, source, sync), what is seen
// (stage, controls) and what is remembered (memory). A new generation of the recording
// rebuilds it at the same position; everything else lives as long as the page.

import { Access, onAir } from "./access.js";
import { Chapters } from "./chapters.js";
import { Controls, FASTEST, SLOWEST } from "./controls.js";
import { keys } from "./keys.js";
import { Live } from "./live.js";
import { Place, settings } from "./memory.js";
import { Seekbar } from "./seekbar.js";
import { Source } from "./source.js";
import { Stage } from "./stage.js";
import { Deck } from "./sync.js";
import { clock, number, texts } from "./texts.js";
import { Thumbs } from "./thumbs.js";

const SILENCE_EDGE = 0.3; // s of a silence that are not skipped, at each end
const IDLE = 2500; // ms without a movement until the bar is hidden on a full screen
const AGAIN = 2; // s into a chapter after which "back" goes to its beginning
const NOW = -1; // the position of what happens now, in a live lecture

const ORDER = ["CAM", "PRES", "COMB"];
const prefs = settings.values;

class Player {
  #root;
  #t;
  #access;
  #place;
  #started = false;
  #auto;
  #chapters = new Chapters();

  constructor(root, t) {
    this.#root = root;
    this.#t = t;
    this.#auto = root.dataset.auto !== undefined;
    this.#access = new Access(root.dataset.play);
    this.#place = new Place(root.dataset);
    this.#access.addEventListener("generation", event => this.#generation(event.detail === "now"));
    this.#access.addEventListener("renewed", () => this.#renewed());
    this.#access.addEventListener("denied", event => this.stage?.error(event.detail || t("error_denied")));
    addEventListener("pagehide", () => this.#note(true));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#note(true);
    });
  }

  // Who waited on the page for a live lecture sees it begin (data-auto); others press play.
  async open() {
    const play = await this.#access.open();
    const { at, resumed, asked } = this.#place.start(this.#root.dataset.position, play.duration);
    if (onAir(play)) {
      this.#build(play, asked ? at : NOW);
      if (this.#auto) this.deck.play();
      return;
    }
    this.#build(play, at);
    if (resumed)
      this.stage.note(this.#t("resumed", { at: clock(at) }), {
        stay: 8000,
        action: { text: this.#t("from_start"), go: () => this.actions.seek(0) },
      });
  }

  #build(play, at) {
    const t = this.#t,
      root = this.#root;
    this.#take(play);
    this.life = new AbortController();
    const views = streams(play).sort((a, b) => ORDER.indexOf(a.view) - ORDER.indexOf(b.view));
    this.sources = views.map(view => new Source(view, this.#access));
    const deck = (this.deck = new Deck(this.sources, play.duration));
    this.live = new Live(deck, at === NOW);
    this.layouts = layouts(views.map(view => view.view));
    this.stage = new Stage({
      root,
      deck,
      sources: this.sources,
      t,
      split: prefs.split,
      onsplit: share => settings.set("split", share),
    });
    const seekbar = this.#seekbar(views);
    this.actions = this.#makeActions(deck);
    this.controls = new Controls({
      deck,
      live: this.live,
      t,
      actions: this.actions,
      layouts: this.layouts,
      chapters: this.play.chapters.length > 0,
      seekbar,
      settings,
    });
    root.replaceChildren(this.stage.element, this.controls.element);
    root.classList.add("ready");
    this.stage.onfull = this.actions.full;
    this.stage.onskip = this.actions.skip;
    this.#wire(deck);
    deck.rate = at === NOW ? 1 : prefs.rate;
    deck.volume = prefs.volume;
    deck.muted = prefs.muted;
    this.#layout(this.layouts.includes(prefs.layout) ? prefs.layout : usual(this.layouts), at);
    this.stage.start.hidden = this.#started;
    this.#chapter(true);
    this.controls.update();
  }

  // A stream has nothing yet that only a whole recording has.
  #take(play) {
    this.play = onAir(play) ? { ...play, chapters: [], silences: [] } : play;
  }

  #seekbar(views) {
    const thumbs = new Thumbs(this.#access);
    const view = views.find(one => one.view === "PRES" && one.thumbs) ?? views.find(one => one.thumbs);
    thumbs.load(view?.thumbs).then(() => this.#chapters.pictures(thumbs, this.life.signal));
    return new Seekbar({
      deck: this.deck,
      live: this.live,
      thumbs,
      t: this.#t,
      chapters: this.play.chapters,
      silences: this.play.silences,
      onseek: to => this.actions.seek(to),
    });
  }

  #wire(deck) {
    const { signal } = this.life,
      draw = () => this.controls.update();
    deck.addEventListener("state", () => {
      if (deck.wanted) this.#started = true;
      this.stage.start.hidden = this.#started;
      this.#waiting();
      if (!deck.wanted) this.#note(true);
      if (this.#access.next && (!deck.wanted || deck.waiting)) queueMicrotask(() => this.#generation());
      draw();
    });
    deck.addEventListener("refused", () => this.#silent());
    this.live.addEventListener("lost", () => this.#lost());
    deck.addEventListener("time", () => {
      draw();
      this.#chapter();
      if (!deck.wanted || deck.waiting) return;
      this.#skipSilence();
      this.#note();
    });
    for (const source of this.sources) {
      source.addEventListener("levels", () => this.#qualities());
      source.addEventListener("well", () => this.stage.error(""));
      source.addEventListener("over", () => this.#over());
      source.addEventListener("trouble", ({ detail: { key, wait } }) => this.#trouble(source, key, wait));
    }
    document.addEventListener("fullscreenchange", draw, { signal });
    keys(deck, this.actions, signal);
    this.#idle(signal);
    this.#chapters.wire(at => this.actions.seek(at), signal);
    this.#share(signal);
    this.#session(deck);
  }

  #makeActions(deck) {
    const t = this.#t,
      tell = (text, speak) => this.stage.note(text, { speak });
    const actions = {
      seek: to => {
        this.live.seek(to);
        this.controls.seekbar.moved();
        this.#note(true);
      },
      skip: by => {
        actions.seek(deck.time + by);
        tell(`${by > 0 ? "+" : "−"}${Math.abs(by)} s`, false);
      },
      end: () => (deck.live ? actions.now() : actions.seek(deck.duration)),
      now: () => this.live.go(),
      chapter: by => {
        const starts = [0, ...this.play.chapters.map(({ at }) => at)],
          { time } = deck;
        if (starts.length < 2) return;
        const to =
          by > 0 ? starts.find(at => at > time + 0.05) : (starts.findLast(at => at < time - AGAIN) ?? 0);
        if (to === undefined) return;
        actions.seek(to);
        this.#chapter();
        if (this.#chapters.label) tell(this.#chapters.label);
      },
      rate: (rate, byKey) => {
        deck.rate = Math.round(Math.min(FASTEST, Math.max(SLOWEST, rate)) * 100) / 100;
        settings.set("rate", deck.rate);
        if (byKey) tell(`${number(deck.rate, 2)}×`);
      },
      volume: (volume, byKey) => {
        deck.volume = volume;
        deck.muted = false;
        settings.set("volume", deck.volume);
        settings.set("muted", false);
        this.controls.update();
        if (byKey) tell(`${t("volume")} ${number(deck.volume * 100)} %`);
      },
      mute: byKey => {
        deck.muted = !deck.muted;
        settings.set("muted", deck.muted);
        this.controls.update();
        if (byKey) tell(`${t("volume")}: ${deck.muted ? t("off") : t("on")}`);
      },
      quality: height => {
        settings.set("quality", height);
        this.#qualities();
      },
      silence: (on = !prefs.silence) => {
        settings.set("silence", on);
        tell(`${t("silence")}: ${on ? t("on") : t("off")}`);
      },
      layout: name => {
        settings.set("layout", name);
        this.#layout(name);
      },
      nextLayout: () => {
        if (this.layouts.length < 2) return;
        const name = this.layouts[(this.layouts.indexOf(this.layoutName) + 1) % this.layouts.length];
        actions.layout(name);
        tell(t(`layout_${name.toLowerCase()}`));
      },
      full: () => {
        if (document.fullscreenElement) document.exitFullscreen();
        else if (this.#root.requestFullscreen) this.#root.requestFullscreen().catch(() => {});
        else this.#front().video.webkitEnterFullscreen?.();
      },
      pip: () => {
        if (document.pictureInPictureElement) document.exitPictureInPicture();
        else
          this.#front()
            .video.requestPictureInPicture?.()
            .catch(() => {});
      },
      help: () => this.controls.openHelp(),
    };
    return actions;
  }

  // "both" shows the slides in the first place and the camera beside them.
  #layout(name, at) {
    this.layoutName = name;
    const views = name === "both" ? ["PRES", "CAM"] : [name];
    this.stage.show(views);
    this.deck.show(
      this.sources.filter(source => views.includes(source.view)),
      at,
    );
    this.controls.showLayout(name);
    this.#qualities();
  }

  #front() {
    return this.sources.find(
      source => source.view === (this.layoutName === "both" ? "PRES" : this.layoutName),
    );
  }

  #qualities() {
    const shown =
      this.layoutName === "both" ? this.sources.filter(source => source.view !== "COMB") : [this.#front()];
    const heights = [...new Set(shown.flatMap(source => source.heights))].sort((a, b) => b - a);
    for (const source of this.sources) source.quality = prefs.quality;
    this.controls.showQualities(
      heights,
      heights.includes(prefs.quality) ? prefs.quality : 0,
      this.#front().height,
    );
  }

  #trouble(source, key, wait) {
    const text = this.#t(key, { n: wait });
    // Loaded data plays on; people are told only if the video stands still.
    const stalled = source.video.readyState < 3 && !(source.live && this.#away);
    if (key === "error_media") this.stage.error(text, () => this.#rebuild(this.play));
    else if (stalled) this.stage.error(text, () => dispatchEvent(new Event("online")));
  }

  // A newer generation is available: it is taken at a moment when nobody notices, at the latest before the
  // old token expires.
  #generation(now = false) {
    if (!this.#access.next || !this.deck) return;
    if (now || !this.deck.wanted || this.deck.waiting) this.#rebuild(this.#access.adopt());
  }

  #rebuild(play) {
    const { time, wanted, ended, muted } = this.deck;
    const begins = onAir(play) && !onAir(this.play);
    const focused = this.#root.contains(document.activeElement) && document.activeElement.className;
    this.life.abort();
    this.controls.destroy();
    this.deck.destroy();
    this.#build(play, begins || (onAir(play) && this.live.at) ? NOW : time);
    this.deck.muted = muted;
    this.deck.ended = ended && !onAir(play);
    if (focused) this.#root.getElementsByClassName(focused)[0]?.focus();
    if (wanted) this.deck.play();
  }

  // A live lecture: nothing comes from the lecturer, as play.json says.
  get #away() {
    return ["interrupted", "ended"].includes(this.play.live?.state);
  }

  #waiting() {
    const why = this.play.live?.state === "ended" ? "live_over" : "live_lost";
    this.stage.wait(this.deck.waiting ? this.#t(this.live.lost && this.#away ? why : "waiting") : "");
  }

  // Nothing comes any more: whether the lecturer is gone, or only the line is bad, is asked until it comes again.
  #lost() {
    this.#access.eager = this.live.lost || (onAir(this.play) && !this.deck.live); // or it is sealed in a moment
    this.#waiting();
    this.controls.update();
  }

  // The lecture is over, and can be seen on demand as soon as play.json says so.
  #over() {
    if (this.deck.live) return;
    this.#access.eager = true;
    this.stage.note(this.#t("live_over"), { stay: 8000 });
    this.controls.update();
  }

  #renewed() {
    if (!this.deck) return;
    this.#take(this.#access.play);
    if (!onAir(this.play)) this.#access.eager = false;
    this.#waiting();
  }

  // The browser plays no sound on a page where nobody has clicked: a live lecture that begins is seen without.
  #silent() {
    if (!this.#auto || !this.deck.live) return;
    if (this.deck.muted) {
      this.#started = this.stage.start.hidden = false; // it plays nothing before a click
      return;
    }
    this.deck.muted = true;
    this.deck.play();
    this.stage.note(this.#t("live_muted"), {
      stay: 15000,
      action: {
        text: this.#t("unmute"),
        go: () => {
          this.deck.muted = false;
          this.controls.update();
        },
      },
    });
  }

  #skipSilence() {
    if (!prefs.silence) return;
    const { time } = this.deck;
    const gap = this.play.silences?.find(([from, to]) => time >= from + SILENCE_EDGE && time < to - 1);
    if (!gap || gap[1] >= this.deck.duration - 1) return;
    this.deck.seek(gap[1] - SILENCE_EDGE);
    this.stage.note(this.#t("skipped", { n: number(gap[1] - time) }), { speak: false });
  }

  #note(now = false) {
    if (this.deck && this.#started)
      this.#place.note(this.deck.ended ? this.deck.duration : this.deck.time, this.deck.duration, {
        now,
        live: this.deck.live,
      });
  }

  #chapter(anew = false) {
    const moved = this.#chapters.mark(this.deck.time);
    if (moved || anew) this.controls.showChapter(this.#chapters.label);
  }

  // The address of this moment, to be sent or noted.
  #share(signal) {
    document.querySelector("[data-share]")?.addEventListener(
      "click",
      async ({ currentTarget: button }) => {
        const at = Math.floor(this.deck.time),
          link = new URL(button.dataset.share, location.href);
        if (at > 0) link.searchParams.set("t", at);
        const done = await navigator.clipboard?.writeText(link.href).then(
          () => true,
          () => false,
        );
        this.stage.note(done ? this.#t("copied", { at: clock(at) }) : link.href, { stay: done ? 0 : 8000 });
      },
      { signal },
    );
  }

  // On a full screen bar and pointer go when nothing moves while the lecture plays.
  #idle(signal) {
    let timer = 0;
    const wake = () => {
      clearTimeout(timer);
      this.#root.classList.remove("idle");
      timer = setTimeout(() => {
        const open = this.#root.querySelector(".pop:not([hidden])");
        this.#root.classList.toggle("idle", Boolean(document.fullscreenElement) && this.deck.wanted && !open);
      }, IDLE);
    };
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"])
      this.#root.addEventListener(name, wake, { signal });
  }

  // Keys of headsets and the system's own panel.
  #session(deck) {
    if (!navigator.mediaSession) return;
    navigator.mediaSession.metadata = new MediaMetadata({ title: this.play.title });
    const on = (name, act) => {
      try {
        navigator.mediaSession.setActionHandler(name, act);
      } catch {
        /* unknown to this browser */
      }
    };
    on("play", () => deck.play());
    on("pause", () => deck.pause());
    on("seekbackward", () => this.actions.skip(-10));
    on("seekforward", () => this.actions.skip(10));
    on("seekto", ({ seekTime }) => this.actions.seek(seekTime));
  }
}

// What can be watched: of a lecture on the air its streams.
function streams(play) {
  if (!onAir(play)) return [...play.views];
  return play.live.views.map(({ view, low, plain }) => ({
    view,
    master: low,
    plain,
    audio: true,
    live: true,
  }));
}

// Ways to see these views; each is one view, "both" is camera beside slides.
function layouts(views) {
  return views.includes("CAM") && views.includes("PRES") ? [...views, "both"] : views;
}

function usual(names) {
  if (names.includes("COMB")) return "COMB";
  if (names.includes("both")) return matchMedia("(min-width: 900px)").matches ? "both" : "PRES";
  return names[0];
}

const root = document.getElementById("player");
if (root) {
  const t = texts("player-texts");
  new Player(root, t).open().catch(error => {
    if (root.querySelector(".stage")) return;
    const line = document.createElement("p");
    line.setAttribute("role", "alert");
    line.textContent = error.sentence || t(error.denied ? "error_denied" : "error_start");
    root.replaceChildren(line);
    root.classList.add("player-empty", "ready");
  });
}
