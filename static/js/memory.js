// What is remembered: the viewer's settings in this browser, and where they stopped:
// on the server for people with a session, in this browser for visitors.

const SETTINGS = "lectern.player";
const EVERY = 10; // seconds between reports while playing

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* full or forbidden */
  }
}

export const settings = {
  values: {
    rate: 1,
    volume: 1,
    muted: false,
    layout: "",
    split: 0.62,
    quality: 0,
    silence: false,
    ...read(SETTINGS),
  },
  set(name, value) {
    this.values[name] = value;
    write(SETTINGS, this.values);
  },
};

export class Place {
  #lecture;
  #url;
  #last = -1;
  #when = 0;
  #seen = false;

  constructor({ lecture, progress }) {
    this.#lecture = `lectern.place.${lecture}`;
    this.#url = progress;
  }

  // Seconds to start at. An explicit ?t= or #t= wins; the last seconds of a lecture do not count.
  start(position, duration) {
    const asked = /[?&#]t=(\d+(?:\.\d+)?)/.exec(location.search + location.hash);
    if (asked) return { at: Number(asked[1]), resumed: false, asked: true };
    const at = this.#url ? Number(position) || 0 : read(this.#lecture) || 0,
      resumed = at > 10 && at < duration - 15;
    return { at: resumed ? at : 0, resumed, asked: false };
  }

  // Called often; reports seldom unless `now`. A live lecture has no end yet (`live`), so nobody has watched it.
  note(position, duration, { now = false, live = false } = {}) {
    const clock = performance.now() / 1000;
    if (!(duration > 0) || Math.abs(position - this.#last) < 1 || (!now && clock - this.#when < EVERY))
      return;
    this.#last = position;
    this.#when = clock;
    this.#seen ||= !live && position >= duration * 0.95;
    if (!this.#url) return write(this.#lecture, Math.round(position));
    const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";
    const body = new URLSearchParams({
      position: position.toFixed(1),
      duration: duration.toFixed(1),
      watched: this.#seen ? 1 : 0,
    });
    // If a report is lost, the next one follows within ten seconds.
    fetch(this.#url, { method: "POST", body, headers: { "X-CSRF-Token": csrf }, keepalive: true }).catch(
      () => {},
    );
  }
}
