// The bar below the stage. It shows the state of the deck and calls `actions`, which the keys call, too; it
// decides nothing itself.

import { el, icon, put, set } from "./dom.js";
import { arrows, pop } from "./pop.js";
import { clock, number } from "./texts.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
export const SLOWEST = 0.5,
  FASTEST = 3;

const times = rate => `${number(rate, 2)}×`;

export class Controls {
  #deck;
  #live;
  #t;
  #actions;
  #pops = [];
  #icons = new Map();

  constructor({ deck, live, t, actions, layouts, chapters, seekbar, settings }) {
    this.#deck = deck;
    this.#live = live;
    this.#t = t;
    this.#actions = actions;
    this.seekbar = seekbar;
    this.play = this.#button("bar-play", "play", () => deck.toggle());
    this.mute = this.#button("bar-mute", "sound", () => actions.mute());
    this.volume = el("input", {
      type: "range",
      min: 0,
      max: 1,
      step: 0.05,
      "aria-label": t("volume"),
      oninput: () => actions.volume(Number(this.volume.value)),
    });
    this.now = el("b", {}, "0:00");
    this.total = el("span");
    this.onAir = el("span", { class: "tag live", hidden: true }, t("live"));
    this.behind = el("span", { class: "bar-behind", hidden: true });
    this.back = el(
      "button",
      { type: "button", class: "bar-back", hidden: true, onclick: () => actions.now() },
      t("back_to_live"),
    );
    this.chapter = el("span", { class: "bar-chapter", "aria-hidden": "true" });
    this.full = this.#button("bar-full", "full", () => actions.full());
    this.pip = document.pictureInPictureEnabled ? this.#button("bar-pip", "pip", () => actions.pip()) : null;
    if (this.pip) this.#name(this.pip, t("pip"));
    this.layouts = layouts.length > 1 ? this.#layouts(layouts) : null;
    // A click does not move the focus, so that the space key still means play.
    const stay = event => {
      if (event.target.closest("button")) event.preventDefault();
    };
    this.bar = el(
      "div",
      { class: live.on ? "bar bar-live" : "bar", onmousedown: stay },
      this.play,
      el("div", { class: "bar-volume" }, this.mute, this.volume),
      el("span", { class: "bar-time" }, this.now, this.total),
      this.onAir,
      this.behind,
      this.back,
      this.chapter,
      el("span", { class: "bar-gap" }),
      this.layouts,
      el(
        "div",
        { class: "bar-set" },
        this.#speed(settings),
        this.#quality(),
        this.#help(chapters),
        this.pip,
        this.full,
      ),
    );
    this.element = el("div", { class: "player-bar" }, seekbar.element, this.bar);
  }

  destroy() {
    for (const one of this.#pops) one.destroy();
  }

  update() {
    const { wanted, ended, time, duration, rate, muted, volume } = this.#deck,
      t = this.#t;
    this.#icon(this.play, ended ? "replay" : wanted ? "pause" : "play");
    this.#name(this.play, t(ended ? "replay" : wanted ? "pause" : "play"));
    this.#icon(this.mute, muted || volume === 0 ? "muted" : "sound");
    this.#name(this.mute, t(muted ? "unmute" : "mute"));
    this.volume.value = muted ? 0 : volume;
    put(this.now, clock(time));
    put(this.total, this.#live.on ? "" : ` / ${clock(duration)}`);
    this.#where();
    put(this.speedButton, times(rate));
    set(this.speedButton, "aria-label", `${t("speed")}: ${times(rate)}`);
    const full = document.fullscreenElement !== null;
    this.#icon(this.full, full ? "unfull" : "full");
    this.#name(this.full, t(full ? "fullscreen_exit" : "fullscreen"));
    this.seekbar.update();
  }

  // Live: at what happens now, or how far behind it and the way back.
  #where() {
    const { on, at, lost, shown } = this.#live,
      focused = document.activeElement === this.back;
    this.onAir.hidden = !on || !at || lost;
    this.back.hidden = !on || at;
    this.behind.hidden = !shown;
    put(this.behind, shown ? this.#t("behind", { time: shown < 60 ? `${shown} s` : clock(shown) }) : "");
    if (focused && this.back.hidden) this.play.focus();
  }

  showChapter(label) {
    put(this.chapter, label);
  }

  // The current layout, and the qualities that can be chosen (0: automatic).
  showLayout(name) {
    for (const button of this.layouts?.children ?? []) set(button, "aria-pressed", button.value === name);
  }

  showQualities(heights, chosen, now) {
    const t = this.#t;
    const auto = now ? t("quality_auto_now", { n: now }) : t("quality_auto");
    put(this.qualityButton, chosen ? `${chosen}p` : t("quality_auto"));
    set(this.qualityButton, "aria-label", `${t("quality")}: ${chosen ? `${chosen}p` : auto}`);
    const wanted = [0, ...heights];
    if (this.qualityList.children.length !== wanted.length)
      this.qualityList.replaceChildren(
        ...wanted.map(height =>
          el("button", {
            type: "button",
            role: "menuitemradio",
            value: height,
            tabindex: -1,
            onclick: () => {
              this.#actions.quality(height);
              this.closeQuality();
            },
          }),
        ),
      );
    wanted.forEach((height, index) => {
      const item = this.qualityList.children[index];
      item.value = height;
      put(item, height ? `${height}p` : auto);
      set(item, "aria-checked", height === chosen);
    });
  }

  openHelp() {
    this.helpButton.click();
  }

  #layouts(layouts) {
    return el(
      "div",
      { class: "bar-layout", role: "group", "aria-label": this.#t("layout") },
      ...layouts.map(name =>
        el(
          "button",
          { type: "button", value: name, "aria-pressed": "false", onclick: () => this.#actions.layout(name) },
          this.#t(`layout_${name.toLowerCase()}`),
        ),
      ),
    );
  }

  #speed(settings) {
    const t = this.#t,
      actions = this.#actions;
    const out = el("output", {});
    const range = el("input", {
      type: "range",
      min: SLOWEST,
      max: FASTEST,
      step: 0.05,
      "aria-label": t("speed"),
      oninput: () => choose(Number(range.value)),
    });
    const list = el(
      "div",
      { role: "group", "aria-label": t("speed") },
      ...SPEEDS.map(rate =>
        el(
          "button",
          {
            type: "button",
            value: rate,
            onclick: () => {
              choose(rate);
              panel.close(true);
            },
          },
          times(rate),
        ),
      ),
    );
    const silence = el("input", { type: "checkbox", onchange: () => actions.silence(silence.checked) });
    const choose = rate => {
      actions.rate(rate);
      show();
    };
    const show = () => {
      range.value = this.#deck.rate;
      put(out, times(this.#deck.rate));
      silence.checked = settings.values.silence;
      for (const button of list.children)
        set(button, "aria-pressed", Number(button.value) === this.#deck.rate);
    };
    this.speedButton = el("button", { type: "button", class: "bar-speed" });
    const panel = this.#pop(
      this.speedButton,
      el(
        "div",
        { class: "pop pop-speed" },
        el("label", {}, range, out),
        list,
        el("label", {}, silence, t("silence")),
      ),
      { onopen: show },
    );
    return panel.box;
  }

  #quality() {
    this.qualityButton = el("button", { type: "button", class: "bar-quality", "aria-haspopup": "menu" });
    this.qualityList = el("div", { class: "pop", role: "menu", "aria-label": this.#t("quality") });
    arrows(this.qualityList);
    const panel = this.#pop(this.qualityButton, this.qualityList);
    this.closeQuality = () => panel.close(true);
    this.showQualities([], 0, 0);
    return panel.box;
  }

  // Only the keys that have an effect here.
  #help(chapters) {
    const t = this.#t;
    const keys = [
      [t("space_k"), "key_space"],
      ["J, L", "key_jl"],
      ["← →", "key_arrows"],
      chapters && [t("shift_arrows"), "key_chapter"],
      ["↑ ↓", "key_updown"],
      this.#live.on && ["N", "key_n"],
      ["0–9", "key_digits"],
      ["< >", "key_speed"],
      this.layouts && ["V", "key_v"],
      ["S", "key_s"],
      ["M", "key_m"],
      ["F", "key_f"],
      this.pip && ["P", "key_p"],
      ["?", "key_help"],
    ].filter(Boolean);
    this.helpButton = el(
      "button",
      { type: "button", class: "bar-help", "aria-label": `? ${t("help")}` },
      "?",
    );
    const list = el("dl", {}, ...keys.flatMap(([key, text]) => [el("dt", {}, key), el("dd", {}, t(text))]));
    return this.#pop(
      this.helpButton,
      el("div", { class: "pop pop-keys", tabindex: -1, role: "group", "aria-label": t("help") }, list),
    ).box;
  }

  #pop(button, panel, options) {
    const made = pop(button, panel, options);
    this.#pops.push(made);
    return made;
  }

  #button(name, picture, onclick) {
    const button = el("button", { type: "button", class: name, onclick }, icon(picture));
    this.#icons.set(button, picture);
    return button;
  }

  #icon(button, picture) {
    if (this.#icons.get(button) === picture) return;
    this.#icons.set(button, picture);
    button.replaceChildren(icon(picture));
  }

  #name(button, text) {
    set(button, "aria-label", text);
    set(button, "title", text);
  }
}
