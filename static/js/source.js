// One view: a <video> fed by hls.js, or by the browser itself where hls.js cannot run. Knows renditions and
// how to recover from a failure; nothing about the other view (sync.js) and nothing about buttons
// (controls.js).
//
// A live view (`live`) ends some day: then it is `live` no more, and what there is of it stays.
//
// Events: "levels", "trouble" (detail {key, wait}: what to tell people, seconds until the next attempt),
// "well" (data arrives again), "zero" (`zero` has changed), "over" (a live view has ended).

import Hls from "../vendor/hls.mjs";
import { Buffers, Segments, Sound } from "./mends.js";

const FULL_BUFFER = 60; // seconds ahead once somebody has pressed play
const SMALL_BUFFER = 8; // seconds ahead before that: many people only look at the page
const WAITS = [1, 2, 4, 8, 15, 30];
const LIVE_WAIT = 2; // seconds between attempts at most, while it is live
const PLAIN_BEHIND = 6; // seconds behind the end: where the browser's own HLS is live
const SAME = 100; // ms by which dates may differ that mean the same
const SMALLEST = 0; // of the renditions, as hls.js sorts them

export class Source extends EventTarget {
  #access;
  #hls = null;
  #tries = 0;
  #repairs = [];
  #timer = 0;
  #quality = 0;
  #kinds = new Set();
  #seen = true;
  #poor = false;
  #ready = false;
  #load = null;
  #begin = 0;
  #zero = null;

  constructor(view, access) {
    super();
    this.view = view.view;
    this.audio = view.audio;
    this.master = view.master;
    this.plain = view.plain ?? view.master;
    this.live = this.streamed = view.live === true;
    this.#access = access;
    this.video = document.createElement("video");
    this.video.playsInline = true;
    this.video.preload = "auto";
    this.video.disableRemotePlayback = true;
    this.video.tabIndex = -1;
    if (view.poster) this.video.poster = view.poster;
  }

  get attached() {
    return this.#hls !== null || this.video.src !== "";
  }

  // Heights of the renditions, tallest first.
  get heights() {
    const all = this.#hls?.levels.map(level => level.height) ?? [];
    return [...new Set(all)].filter(Boolean).sort((a, b) => b - a);
  }

  get height() {
    return this.#hls?.levels[this.#hls.currentLevel]?.height ?? 0;
  }

  // Streams begin at different moments: the seconds from the beginning of the lecture's time, which is that of the
  // deck's lead, to the beginning of this view's own. 0 for recordings.
  offset = 0;
  get time() {
    return this.video.currentTime + this.offset;
  }
  set time(at) {
    this.video.currentTime = Math.max(0, at - this.offset);
  }
  get duration() {
    return this.video.duration + this.offset;
  }

  // The date at which this view's own time began, as its newest segment says (ms since 1970; null while it is not known, and
  // for recordings).
  get zero() {
    return this.#zero;
  }

  // Of a live view: the end of what is there, and the position of those who see what happens now (seconds; null
  // while it is not known).
  get edge() {
    const { seekable } = this.video,
      end = seekable.length ? seekable.end(seekable.length - 1) : 0;
    return (this.#hls?.latestLevelDetails?.edge ?? end) + this.offset;
  }
  get now() {
    const own = this.#hls ? this.#hls.liveSyncPosition : this.edge - this.offset - PLAIN_BEHIND;
    return own === null ? null : Math.max(0, own + this.offset);
  }

  // The deck stops the element itself when data is missing, so hls.js does not notice. It is told, and keeps a
  // little more distance from the end (liveSyncOnStallIncrease).
  stalled() {
    this.#hls?.trigger(Hls.Events.ERROR, {
      type: Hls.ErrorTypes.MEDIA_ERROR,
      details: Hls.ErrorDetails.BUFFER_STALLED_ERROR,
      error: new Error("no data"),
      fatal: false,
    });
  }

  // Begins to load at a position (seconds); -1: where a live view is now.
  attach(at) {
    this.#begin = at;
    if (!Hls.isSupported()) return this.#native(at);
    const access = this.#access;
    const hls = (this.#hls = new Hls({
      startPosition: at,
      bufferController: Buffers,
      audioStreamController: Sound,
      fLoader: Segments,
      enableWorker: false, // fragmented MP4 needs no transmuxing
      capLevelToPlayerSize: true, // no rendition larger than the view on the page
      abrEwmaDefaultEstimate: 3e6, // bit/s until measured: writing on slides is sharp from the start
      maxBufferLength: SMALL_BUFFER,
      maxBufferSize: 0, // bytes that may make it longer: lectures are small, it would be a minute at once
      maxMaxBufferLength: FULL_BUFFER,
      backBufferLength: 60,
      liveDurationInfinity: true,
      liveSyncOnStallIncrease: 0.2,
      async xhrSetup(xhr, url) {
        await access.token();
        xhr.open("GET", access.fresh(url), true);
      },
    }));
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.#ready = true;
      this.#applyQuality();
      this.dispatchEvent(new Event("levels"));
    });
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
      this.#dated(details.fragments.at(-1));
      if (!details.live) this.#over();
    });
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.dispatchEvent(new Event("levels")));
    hls.on(Hls.Events.FRAG_LOADING, (_, { frag }) => {
      if (frag.type === "main") this.#poor ||= !this.#seen;
    });
    hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => {
      if (this.#tries) this.dispatchEvent(new Event("well"));
      this.#tries = 0;
      if (frag.type === "main") this.#kinds.add(frag.level);
    });
    hls.on(Hls.Events.BUFFER_FLUSHED, (_, { type }) => {
      if (type !== "audio") this.#refresh();
    });
    hls.on(Hls.Events.ERROR, (_, data) => this.#failed(data));
    hls.loadSource(access.fresh(this.master));
    hls.attachMedia(this.video);
  }

  // The browser's own HLS. It cannot get a new token while it plays: when it fails, it is started again.
  #native(at) {
    const { video } = this;
    this.#load = from => {
      video.src = this.#access.fresh(this.live ? this.plain : this.master);
      video.addEventListener(
        "loadedmetadata",
        () => {
          if (from >= 0) video.currentTime = from;
          if (this.#tries) this.dispatchEvent(new Event("well"));
          this.#tries = 0;
        },
        { once: true },
      );
    };
    video.addEventListener("durationchange", () => {
      if (Number.isFinite(video.duration)) this.#over();
    });
    video.addEventListener("error", () => {
      if (this.#tries < 4) this.#retry("error_network", () => this.#access.renew());
      else this.dispatchEvent(new CustomEvent("trouble", { detail: { key: "error_media" } }));
    });
    this.#load(at);
  }

  // Stops loading; the picture stays. resume() continues at a position.
  rest() {
    this.#hls?.stopLoad();
  }
  resume(at) {
    this.#hls?.startLoad(at);
  }
  fill() {
    if (this.#hls) this.#hls.config.maxBufferLength = FULL_BUFFER;
  }

  // 0: automatic; otherwise the tallest rendition that is not taller. What the viewer chooses is
  // seen at once, even if other data was there already.
  set quality(height) {
    if (height === this.#quality) return;
    this.#quality = height;
    this.#applyQuality();
  }

  // A view that is only heard takes the smallest picture. Nothing is thrown away for it, so that the sound goes on; nor
  // when it is seen again while it plays (or waits to): the good picture comes as soon as it can be there without a
  // gap. A picture that stands is replaced at once.
  see(seen, plays) {
    if (seen === this.#seen) return;
    this.#seen = seen;
    const hls = this.#hls;
    if (!hls?.levels.length) return;
    if (!seen) hls.loadLevel = SMALLEST;
    else if (!this.#poor) hls.loadLevel = this.#level;
    else if (plays) hls.nextLevel = this.#level;
    else this.#replace();
    if (seen) this.#poor = false;
  }

  // The rendition that is wanted, as hls.js counts them: from the smallest on; -1 is automatic.
  get #level() {
    if (!this.#quality) return -1;
    const fit = this.#hls.levels
      .map((level, index) => [level.height, index])
      .filter(([height]) => height <= this.#quality)
      .sort((a, b) => b[0] - a[0]);
    return fit[0]?.[1] ?? SMALLEST;
  }

  #replace() {
    this.#kinds.clear();
    this.#hls.currentLevel = this.#level;
  }

  // All other data is removed, wherever it is and also if it is being loaded, so that only the chosen
  // rendition remains. (hls.js knows which rendition is at the position only while the video does not seek,
  // and a moment late; using that would sometimes keep the wrong one.)
  #applyQuality() {
    const hls = this.#hls;
    if (!hls?.levels.length) return;
    if (!this.#seen) {
      hls.loadLevel = SMALLEST;
      return;
    }
    const level = this.#level;
    const pure = hls.loadLevel === level && [...this.#kinds].every(kind => kind === level);
    if (level < 0 || pure) hls.nextLevel = level;
    else this.#replace();
  }

  // The picture stays on the screen after its data was removed, and a video that stands still would keep it.
  // Seeking to the current position makes the browser decode the new data (at the very end there is nothing
  // to decode).
  #refresh() {
    const { video } = this,
      { buffered, currentTime, duration } = video;
    if (!(duration > 0)) return;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime && currentTime < buffered.end(i)) return;
    video.currentTime = Math.min(currentTime, Math.max(0, duration - 0.1));
  }

  // Of the newest segment: a stream that was interrupted has a gap in its dates, and none in its own time.
  #dated(segment) {
    if (!segment?.programDateTime) return;
    const zero = segment.programDateTime - segment.start * 1000;
    if (Math.abs(zero - (this.#zero ?? 0)) < SAME) return;
    this.#zero = zero;
    this.dispatchEvent(new Event("zero"));
  }

  #over() {
    if (!this.live) return;
    this.live = false;
    this.dispatchEvent(new Event("over"));
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#hls?.destroy();
    this.#hls = this.#load = null;
    this.video.removeAttribute("src");
    this.video.remove();
  }

  #failed(data) {
    const code = data.response?.code;
    // No token any more, or a generation that was replaced and removed: play.json knows.
    if ([401, 403, 404, 410].includes(code)) return this.#retry("error_network", () => this.#access.renew());
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR)
      this.#retry(navigator.onLine ? "error_network" : "error_offline");
    else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#mayRepair()) this.#hls.recoverMediaError();
    else this.dispatchEvent(new CustomEvent("trouble", { detail: { key: "error_media" } }));
  }

  // At most two repairs within half a minute: after that the file is broken.
  #mayRepair() {
    const now = performance.now();
    this.#repairs = this.#repairs.filter(then => now - then < 30000);
    return this.#repairs.push(now) <= 2;
  }

  #retry(key, before = async () => {}) {
    if (this.#timer) return;
    const wait = Math.min(WAITS[Math.min(this.#tries++, WAITS.length - 1)], this.live ? LIVE_WAIT : Infinity);
    if (this.#tries > 1) this.dispatchEvent(new CustomEvent("trouble", { detail: { key, wait } }));
    const go = () => {
      removeEventListener("online", go);
      clearTimeout(this.#timer);
      this.#timer = 0;
      before()
        .catch(() => {})
        .then(() => {
          const at = this.video.readyState < 1 ? this.#begin : this.video.currentTime;
          if (this.#load) return this.#load(at);
          if (!this.#hls) return;
          if (this.#ready) this.#hls.startLoad(at);
          else this.#hls.loadSource(this.#access.fresh(this.master));
        });
    };
    addEventListener("online", go);
    this.#timer = setTimeout(go, (key === "error_network" && this.#tries === 1 ? 0.1 : wait) * 1000);
  }
}
