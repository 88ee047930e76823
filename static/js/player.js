// The watch page's player: puts together what plays (access, source, sync), what is seen
// (stage, controls) and what is remembered (memory). A new generation of the recording
// rebuilds it at the same position; everything else lives as long as the page.

import { Access } from "./access.js";
import { Controls, FASTEST, SLOWEST } from "./controls.js";
import { keys } from "./keys.js";
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
const PICTURE = { w: 96, h: 54 }; // of a chapter, in CSS pixels

const ORDER = ["CAM", "PRES", "COMB"];
const prefs = settings.values;

class Player {
  #root;
  #t;
  #access;
  #place;
  #started = false;
  #links;
  #link = null;

  constructor(root, t) {
    this.#root = root;
    this.#t = t;
    this.#links = [...document.querySelectorAll(".chapters [data-at]")];
    this.#access = new Access(root.dataset.play);
    this.#place = new Place(root.dataset);
    this.#access.addEventListener("generation", event => this.#generation(event.detail === "now"));
    this.#access.addEventListener("denied", event => this.stage?.error(event.detail || t("error_denied")));
    addEventListener("pagehide", () => this.#note(true));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#note(true);
    });
  }

  async open() {
    const play = await this.#access.open();
    const { at, resumed } = this.#place.start(this.#root.dataset.position, play.duration);
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
    this.play = play;
    this.life = new AbortController();
    const views = [...play.views].sort((a, b) => ORDER.indexOf(a.view) - ORDER.indexOf(b.view));
    this.sources = views.map(view => new Source(view, this.#access));
    const deck = (this.deck = new Deck(this.sources, play.duration));
    this.layouts = layouts(views.map(view => view.view));
    this.stage = new Stage({
      root,
      deck,
      sources: this.sources,
      t,
      split: prefs.split,
      onsplit: share => settings.set("split", share),
    });
    const thumbs = new Thumbs(this.#access);
    thumbs
      .load(
        (play.views.find(view => view.view === "PRES" && view.thumbs) ?? play.views.find(view => view.thumbs))
          ?.thumbs,
      )
      .then(() => this.#pictures(thumbs));
    const seekbar = new Seekbar({
      deck,
      thumbs,
      t,
      chapters: play.chapters,
      silences: play.silences,
      onseek: to => this.actions.seek(to),
    });
    this.actions = this.#makeActions(deck);
    this.controls = new Controls({
      deck,
      t,
      actions: this.actions,
      layouts: this.layouts,
      chapters: play.chapters.length > 0,
      seekbar,
      settings,
    });
    root.replaceChildren(this.stage.element, this.controls.element);
    root.classList.add("ready");
    this.stage.onfull = this.actions.full;
    this.stage.onskip = this.actions.skip;
    this.#wire(deck);
    deck.rate = prefs.rate;
    deck.volume = prefs.volume;
    deck.muted = prefs.muted;
    this.#layout(this.layouts.includes(prefs.layout) ? prefs.layout : usual(this.layouts), at);
    this.stage.start.hidden = this.#started;
    this.#link = null;
    this.#chapter();
    this.controls.update();
  }

  #wire(deck) {
    const { signal } = this.life,
      draw = () => this.controls.update();
    deck.addEventListener("state", () => {
      if (deck.wanted) this.#started = true;
      this.stage.start.hidden = this.#started;
      this.stage.wait(deck.waiting);
      if (!deck.wanted) this.#note(true);
      if (this.#access.next && (!deck.wanted || deck.waiting)) queueMicrotask(() => this.#generation());
      draw();
    });
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
      source.addEventListener("trouble", ({ detail: { key, wait } }) => this.#trouble(source, key, wait));
    }
    document.addEventListener("fullscreenchange", draw, { signal });
    keys(deck, this.actions, signal);
    this.#idle(signal);
    this.#chapterLinks(signal);
    this.#share(signal);
    this.#session(deck);
  }

  #makeActions(deck) {
    const t = this.#t,
      tell = (text, speak) => this.stage.note(text, { speak });
    const actions = {
      seek: to => {
        deck.seek(to);
        this.controls.seekbar.moved();
        this.#note(true);
      },
      skip: by => {
        actions.seek(deck.time + by);
        tell(`${by > 0 ? "+" : "−"}${Math.abs(by)} s`, false);
      },
      chapter: by => {
        const starts = [0, ...this.play.chapters.map(({ at }) => at)],
          { time } = deck;
        if (starts.length < 2) return;
        const to =
          by > 0 ? starts.find(at => at > time + 0.05) : (starts.findLast(at => at < time - AGAIN) ?? 0);
        if (to === undefined) return;
        actions.seek(to);
        this.#chapter();
        if (this.#label) tell(this.#label);
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
    const stalled = source.video.readyState < 3;
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
    const { time, wanted } = this.deck;
    const focused = this.#root.contains(document.activeElement) && document.activeElement.className;
    this.life.abort();
    this.controls.destroy();
    this.deck.destroy();
    this.#build(play, time);
    if (focused) this.#root.getElementsByClassName(focused)[0]?.focus();
    if (wanted) this.deck.play();
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
      this.#place.note(this.deck.ended ? this.deck.duration : this.deck.time, this.deck.duration, now);
  }

  get #label() {
    return this.#link?.querySelector(".chapters-label").textContent ?? "";
  }

  // The current chapter: in the bar, and in the list, which scrolls to it unless somebody is reading in the
  // list.
  #chapter() {
    const now = this.#links.findLast(link => Number(link.dataset.at) <= this.deck.time + 0.05) ?? null;
    if (now === this.#link) return;
    this.#link?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    this.#link = now;
    this.controls.showChapter(this.#label);
    const side = now?.closest(".watch-side");
    if (!side || side.scrollHeight <= side.clientHeight || side.matches(":hover, :focus-within")) return;
    const row = now.getBoundingClientRect(),
      box = side.getBoundingClientRect();
    if (row.top < box.top || row.bottom > box.bottom) side.scrollTop += row.top - box.top - box.height / 3;
  }

  #chapterLinks(signal) {
    document.querySelector(".chapters")?.addEventListener(
      "click",
      event => {
        const link = event.target.closest("[data-at]");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (event.detail > 0) link.blur();
        this.actions.seek(Number(link.dataset.at));
      },
      { signal },
    );
  }

  // A chapter's picture is loaded when it scrolls near: whoever never opens the list loads none.
  #pictures(thumbs) {
    const draw = link => {
      const at = Number(link.dataset.at),
        next = this.#links[this.#links.indexOf(link) + 1];
      thumbs.draw(link.querySelector(".chapters-thumb i"), at, {
        end: next ? Number(next.dataset.at) : Infinity,
        box: PICTURE,
      });
    };
    const watch = new IntersectionObserver(
      entries => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting) {
            watch.unobserve(target);
            draw(target);
          }
      },
      { rootMargin: "200px" },
    );
    for (const link of this.#links) if (link.querySelector(".chapters-thumb")) watch.observe(link);
    this.life.signal.addEventListener("abort", () => watch.disconnect());
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
