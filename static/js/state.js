// The progress of processing: asks state.json and puts its texts, already in the reader's language, into the
// section. If the structure of the section has changed (its "shape"), the page is fetched again and the
// section is replaced, without a reload. A section that says its page (data-state-page) is taken from there, and
// nothing else of the page changes: it may show what no later page does. A section that waits for a live lecture
// (data-state-live) is replaced when the lecture's state changes, at last by the player, which then plays.

import { put } from "./dom.js";

const BUSY = 2000,
  CALM = 10000,
  HIDDEN = 30000,
  LONGEST = 60000; // ms between questions
const SOON = 120; // s before a live lecture from which on it may begin

// What somebody has chosen stays chosen.
function choose(select, value) {
  if ([...(select?.options ?? [])].some(option => option.value === value)) select.value = value;
}

class State {
  #section;
  #timer = 0;
  #failures = 0;
  #asking = false;

  constructor(section) {
    this.#section = section;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.ask();
    });
    document.addEventListener("lectern:changed", () => this.ask());
    this.#plan(BUSY);
  }

  async ask() {
    if (this.#asking || !this.#section.isConnected) return; // the player may be in its place
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      const answer = await fetch(this.#section.dataset.state, {
        headers: { Accept: "application/json" },
        cache: "no-store",
      });
      if ([401, 403, 404].includes(answer.status)) return; // signed out or deleted: nothing more to show
      if (!answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      this.#failures = 0;
      if (!this.#same(state)) await this.#swap();
      else this.#show(state);
      this.#plan(state.busy || soon(state) ? BUSY : CALM);
    } catch {
      this.#failures++;
      this.#plan(Math.min(LONGEST, BUSY * 2 ** this.#failures));
    } finally {
      this.#asking = false;
    }
  }

  #same({ shape, live }) {
    const { stateShape, stateLive } = this.#section.dataset;
    return (shape ?? stateShape) === stateShape && (stateLive ?? live ?? "") === (live ?? "");
  }

  #plan(wait) {
    clearTimeout(this.#timer);
    if (!this.#section.isConnected) return;
    this.#timer = setTimeout(() => this.ask(), document.hidden ? Math.max(wait, HIDDEN) : wait);
  }

  #show({ texts = {}, progress = {} }) {
    for (const place of this.#section.querySelectorAll("[data-state-text]")) {
      const text = texts[place.dataset.stateText];
      if (text !== undefined) put(place, text);
    }
    if (this.#section.dataset.stateText in texts) put(this.#section, texts[this.#section.dataset.stateText]);
    for (const bar of this.#section.querySelectorAll("[data-state-progress]")) {
      const value = progress[bar.dataset.stateProgress];
      if (value === null) bar.removeAttribute("value");
      else if (value !== undefined) bar.value = value;
    }
  }

  async #swap() {
    const { statePage } = this.#section.dataset;
    const answer = await fetch(statePage ?? location.href, {
      headers: { Accept: "text/html" },
      cache: "no-store",
    });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(this.#section.id);
    if (!fresh) return statePage ? undefined : this.#play(page);
    const open = new Set(
      [...this.#section.querySelectorAll("details[open]")].map(
        one => one.querySelector("summary").textContent,
      ),
    );
    const focused = this.#section.contains(document.activeElement);
    const { id } = document.activeElement;
    const chosen = [...this.#section.querySelectorAll("select[id]")].map(one => [one.id, one.value]);
    this.#section.replaceWith(document.adoptNode(fresh));
    this.#section = fresh;
    for (const [name, value] of chosen) choose(fresh.querySelector(`#${CSS.escape(name)}`), value);
    for (const one of fresh.querySelectorAll("details"))
      one.open = open.has(one.querySelector("summary").textContent);
    const same = focused && id && fresh.querySelector(`#${CSS.escape(id)}`);
    if (same) same.focus();
    else if (focused) {
      fresh.tabIndex = -1;
      fresh.focus();
    }
    if (statePage) return;
    // Buttons such as "Publish" in the head depend on the state, too.
    const head = page.querySelector("main .head"),
      old = document.querySelector("main .head");
    if (head && old && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(head));
  }

  // The video can be watched now. A lecture that begins is played here, since the page was opened for that; a recording
  // waits on a page of its own until somebody presses play.
  async #play(page) {
    const player = page.getElementById("player"),
      main = document.querySelector("main");
    if (!["on", "interrupted"].includes(player?.dataset.live)) return location.reload();
    player.dataset.auto = "";
    main.replaceWith(document.adoptNode(page.querySelector("main")));
    await import("./player.js");
  }
}

// A live lecture may begin at any moment.
function soon({ live, starts, now = Date.now() / 1000 }) {
  return live === "waiting" || (live === "planned" && starts - now < SOON);
}

for (const section of document.querySelectorAll("[data-state]")) new State(section);
