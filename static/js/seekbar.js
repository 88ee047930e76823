// The seek bar: a native range input (which has keyboard, screen reader and touch) lies invisible over what
// is painted: buffered, played, silences, chapters, and the tip with the picture and time under the pointer.

import { el, put, set } from "./dom.js";
import { clock } from "./texts.js";

const percent = share => `${(100 * Math.min(1, Math.max(0, share))).toFixed(3)}%`;

export class Seekbar {
  #deck;
  #live;
  #thumbs;
  #chapters;
  #t;
  #dragging = false;
  #duration = 0;

  constructor({ deck, live, thumbs, chapters, silences, t, onseek }) {
    Object.assign(this, { onseek });
    this.#deck = deck;
    this.#live = live;
    this.#thumbs = thumbs;
    this.#chapters = chapters;
    this.#t = t;
    this.input = el("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 1,
      value: 0,
      "aria-label": t("seek"),
      oninput: () => this.#drag(),
      onchange: () => this.#drop(),
    });
    this.buffer = el("i", { class: "seek-buffer" });
    this.played = el("i", { class: "seek-played" });
    this.head = el("span", { class: "seek-head" });
    this.thumb = el("span", { class: "seek-thumb" });
    this.tipText = el("span");
    this.tip = el(
      "div",
      { class: "seek-tip", hidden: true, "aria-hidden": "true" },
      this.thumb,
      this.tipText,
    );
    this.track = el("div", { class: "seek-track" }, this.buffer, this.played);
    this.element = el(
      "div",
      {
        class: "seek",
        onpointermove: event => this.#hover(event),
        onpointerleave: () => {
          if (!this.#dragging) this.tip.hidden = true;
        },
      },
      this.input,
      this.track,
      this.head,
      this.tip,
    );
    this.silences = silences;
    this.input.addEventListener("focus", () => this.#say());
  }

  update() {
    const { time, duration } = this.#deck;
    if (duration !== this.#duration) this.#marks(duration);
    if (!this.#dragging) this.#paint(this.#live.on && this.#live.at ? 1 : time / duration);
    if (!this.#dragging && document.activeElement !== this.input) this.#say();
    const { buffered } = this.#deck.lead.video;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) > time + 0.5 || buffered.end(i) < time) continue;
      this.buffer.style.left = percent(buffered.start(i) / duration);
      this.buffer.style.width = percent((buffered.end(i) - buffered.start(i)) / duration);
    }
  }

  // While it has the focus, its value is spoken only after the viewer has moved it.
  #say() {
    const { time, duration } = this.#deck;
    this.input.value = time;
    set(this.input, "aria-valuetext", this.#t("seek_value", { at: clock(time), total: clock(duration) }));
  }
  moved() {
    this.#say();
  }

  #paint(share) {
    const at = Number.isFinite(share) ? share : 0;
    this.played.style.transform = `scaleX(${at.toFixed(5)})`;
    this.head.style.left = percent(at);
  }

  #marks(duration) {
    this.#duration = duration;
    this.input.max = duration;
    for (const old of this.element.querySelectorAll(".seek-mark, .seek-silence")) old.remove();
    for (const [from, to] of this.silences ?? []) {
      const mark = el("i", { class: "seek-silence" });
      mark.style.left = percent(from / duration);
      mark.style.width = percent((to - from) / duration);
      this.track.append(mark);
    }
    for (const { at } of this.#chapters ?? []) {
      if (at <= 0) continue;
      const mark = el("span", { class: "seek-mark" });
      mark.style.left = percent(at / duration);
      this.head.before(mark);
    }
  }

  #drag() {
    this.#dragging = true;
    const at = Number(this.input.value);
    this.#paint(at / this.#duration);
    this.#show(at, (this.element.clientWidth * at) / this.#duration);
  }

  #drop() {
    this.#dragging = false;
    this.tip.hidden = true;
    this.onseek(Number(this.input.value));
    this.#say();
  }

  #hover(event) {
    if (this.#dragging || event.pointerType === "touch" || !(this.#duration > 0)) return;
    const box = this.element.getBoundingClientRect(),
      x = Math.min(box.width, Math.max(0, event.clientX - box.left));
    this.#show((x / box.width) * this.#duration, x);
  }

  #show(seconds, x) {
    this.tip.hidden = false;
    this.thumb.hidden = !this.#thumbs.draw(this.thumb, seconds);
    const chapter = this.#chapters?.findLast(({ at }) => at <= seconds)?.label;
    put(this.tipText, chapter ? `${clock(seconds)} · ${chapter}` : clock(seconds));
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.min(this.element.clientWidth - 2 * half, Math.max(0, x - half))}px`;
  }
}
