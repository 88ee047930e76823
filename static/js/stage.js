// The stage: the pictures, the division between them, and what lies over them: the start button, short notes,
// waiting, and errors with a way to continue.

import { el, icon, put } from "./dom.js";

const NOTE = 1600; // ms a note stays
const TWICE = 280; // ms in which a second tap makes a double tap
const TAP_S = 10; // s that a double tap at a side skips, and every tap after it
const STEP = 0.04; // of the split by one key
const LEAST = 0.2,
  MOST = 0.8;

export class Stage {
  #root;
  #t;
  #deck;
  #noteTimer = 0;
  #split;
  #finger = false;
  #asleep = false;
  #tapTimer = 0;
  #tapping = false;
  #waiting = "";

  constructor({ root, deck, sources, t, split, onsplit }) {
    this.#root = root;
    this.#t = t;
    this.#deck = deck;
    this.#split = split;
    this.onsplit = onsplit;
    this.panes = sources.map(source => {
      const pane = el(
        "div",
        {
          class: "pane",
          "data-view": source.view,
          onpointerdown: event => this.#down(event),
          onclick: event => this.#press(event),
          ondblclick: () => {
            if (!this.#finger) this.onfull?.();
          },
        },
        source.video,
      );
      source.video.setAttribute("aria-label", t(`layout_${source.view.toLowerCase()}`));
      return { source, pane };
    });
    this.separator = el("div", {
      class: "split",
      role: "separator",
      tabindex: 0,
      "aria-orientation": "vertical",
      "aria-label": t("split"),
      "aria-valuemin": LEAST * 100,
      "aria-valuemax": MOST * 100,
      hidden: true,
      onpointerdown: event => this.#drag(event),
      onkeydown: event => this.#key(event),
    });
    this.start = el(
      "button",
      { class: "stage-start", type: "button", "aria-label": t("play"), onclick: () => deck.play() },
      icon("play"),
    );
    this.noteBox = el("div", { class: "stage-note", hidden: true });
    this.waitBox = el("p", { class: "stage-wait", hidden: true });
    this.errorBox = el("div", { class: "stage-error", role: "alert", hidden: true });
    this.live = el("p", { class: "hidden", role: "status" });
    this.element = el(
      "div",
      { class: "stage" },
      ...this.panes.map(({ pane }) => pane),
      this.separator,
      this.start,
      this.noteBox,
      this.waitBox,
      this.errorBox,
      this.live,
    );
    this.#setSplit(split);
  }

  // The visible views; the first one has the larger place.
  show(views) {
    for (const { source, pane } of this.panes) {
      pane.hidden = !views.includes(source.view);
      pane.classList.toggle("first", views[0] === source.view);
    }
    this.separator.hidden = views.length < 2;
    this.#root.classList.toggle("both", views.length > 1);
  }

  // A short note on the effect of a key; `speak` also tells a screen reader.
  note(text, { speak = true, stay = 0, action = null } = {}) {
    clearTimeout(this.#noteTimer);
    this.noteBox.replaceChildren(
      text,
      ...(action
        ? [
            el(
              "button",
              {
                class: "link",
                type: "button",
                onclick: () => {
                  this.noteBox.hidden = true;
                  action.go();
                },
              },
              action.text,
            ),
          ]
        : []),
    );
    this.noteBox.hidden = false;
    if (speak) this.say(text);
    this.#noteTimer = setTimeout(() => {
      this.noteBox.hidden = true;
    }, stay || NOTE);
  }

  say(text) {
    put(this.live, text);
  }

  // What is waited for; "": nothing.
  wait(text) {
    if (this.#waiting === text) return;
    this.#waiting = text;
    this.waitBox.hidden = !text;
    put(this.waitBox, text);
    this.say(text);
  }

  // Something that stops playing: a sentence and, where it may help, a button.
  error(text, retry = null) {
    this.errorBox.replaceChildren(...(text ? [el("p", {}, text)] : []));
    if (text && retry)
      this.errorBox.append(
        el("button", { class: "button plain", type: "button", onclick: retry }, this.#t("retry")),
      );
    this.errorBox.hidden = !text;
    if (text) this.waitBox.hidden = true;
  }

  #down(event) {
    this.#finger = event.pointerType === "touch";
    this.#asleep = this.#root.classList.contains("idle");
  }

  // With a mouse, a click plays and a double click fills the screen. With a finger, the first tap shows the
  // bar; after that one tap plays, and two taps at a side skip, as on phones.
  #press(event) {
    if (!this.#finger) return this.#deck.toggle();
    if (this.#asleep) return;
    const box = this.element.getBoundingClientRect(),
      share = (event.clientX - box.left) / box.width;
    const side = share < 0.36 ? -1 : share > 0.64 ? 1 : 0,
      second = this.#tapTimer !== 0;
    clearTimeout(this.#tapTimer);
    if (second && side) {
      this.#tapping = true;
      this.onskip?.(side * TAP_S);
    } else if (second) this.onfull?.();
    this.#tapTimer = setTimeout(
      () => {
        if (!second && !this.#tapping) this.#deck.toggle();
        this.#tapTimer = 0;
        this.#tapping = false;
      },
      this.#tapping ? 2 * TWICE : TWICE,
    );
  }

  #setSplit(share) {
    this.#split = Math.min(MOST, Math.max(LEAST, share));
    this.#root.style.setProperty("--split", this.#split.toFixed(3));
    this.separator.setAttribute("aria-valuenow", Math.round(this.#split * 100));
  }

  #drag(event) {
    event.preventDefault();
    const bar = this.separator;
    bar.setPointerCapture(event.pointerId);
    const move = ({ clientX }) => {
      const box = this.element.getBoundingClientRect();
      this.#setSplit((clientX - box.left) / box.width);
    };
    const end = () => {
      bar.removeEventListener("pointermove", move);
      this.onsplit(this.#split);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", end, { once: true });
  }

  #key(event) {
    const to = { ArrowLeft: this.#split - STEP, ArrowRight: this.#split + STEP, Home: LEAST, End: MOST }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#setSplit(to);
    this.onsplit(this.#split);
  }
}
