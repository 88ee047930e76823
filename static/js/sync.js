// Plays one or two views as one. The lead (the view with the sound) is the clock; the other follows it: small
// differences are corrected by its playback rate, large ones by aligning both while they stand still. If one
// has no data, both wait.
//
// What the viewer wants (`wanted`) and what the elements do are separate; `held` is true while the elements
// wait for data or for a seek.
//
// Events: "state" (play, pause, waiting or ended may have changed), "time" (a few times a second).

const TICK = 50; // ms between checks
const CALM = 0.012; // s: smaller differences are ignored (half a frame at 25/s)
const ALIGN = 0.03; // s: largest difference with which standing views start
const JUMP = 0.25; // s: beyond this both stop and are aligned
const PULL = 0.4; // s in which a changed rate should remove a difference
const NUDGE = 0.4; // largest change of a follower's rate (it is muted, so nobody hears it)
const AHEAD = 0.8; // s of data that must be there before waiting ends
const SHOW_WAIT = 400; // ms of waiting before it is shown

export class Deck extends EventTarget {
  #sources;
  #shown = [];
  #timer = 0;
  #rate = 1;
  #held = false;
  #heldAt = 0;
  #told = false;
  #joining = new Set();
  #lastTime = 0;
  #at = 0;
  wanted = false;
  ended = false;

  constructor(sources, duration) {
    super();
    this.#sources = sources;
    this.lead = sources.find(source => source.audio) ?? sources[0];
    this.known = duration;
    for (const source of sources) {
      source.video.muted = source !== this.lead;
      source.video.preservesPitch = true;
      for (const name of ["waiting", "stalled", "seeked", "canplay", "ended", "error"])
        source.video.addEventListener(name, () => this.#tick());
    }
    // Pause and play that come from outside (a headset, the system, picture in picture).
    this.lead.video.addEventListener("pause", () => this.#outside(false));
    this.lead.video.addEventListener("play", () => this.#outside(true));
    this.lead.video.addEventListener("leavepictureinpicture", () => this.#look());
    this.visible = () => {
      if (!document.hidden && this.wanted) this.#hold();
    };
    document.addEventListener("visibilitychange", this.visible);
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  destroy() {
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.visible);
    for (const source of this.#sources) source.destroy();
  }

  // The lead plays even if it is not shown, so that the sound does not stop at a change of view.
  get members() {
    return this.#sources.filter(source => source === this.lead || this.#shown.includes(source));
  }
  get #clock() {
    const longer = source => !atEnd(source.video);
    return atEnd(this.lead.video) ? (this.members.find(longer) ?? this.lead) : this.lead;
  }

  get time() {
    return this.lead.video.readyState < 1 ? this.#at : this.#clock.video.currentTime;
  }
  get duration() {
    const real = this.members.map(source => source.video.duration).filter(Number.isFinite);
    return real.length ? Math.max(...real) : this.known;
  }
  get waiting() {
    return this.#told;
  }
  get rate() {
    return this.#rate;
  }
  set rate(rate) {
    this.#rate = rate;
    for (const source of this.#sources) source.video.playbackRate = source.video.defaultPlaybackRate = rate;
    this.#state();
  }
  get volume() {
    return this.lead.video.volume;
  }
  set volume(volume) {
    this.lead.video.volume = Math.min(1, Math.max(0, volume));
  }
  get muted() {
    return this.lead.video.muted;
  }
  set muted(muted) {
    this.lead.video.muted = muted;
  }

  // Sets the visible views. A view that is added catches up while the lead plays on.
  show(shown, at = this.time) {
    const before = this.members;
    this.#shown = shown;
    this.#at = at;
    this.#look();
    for (const source of this.#sources) {
      if (this.members.includes(source)) {
        if (before.includes(source) && source.attached) continue;
        if (source.attached) {
          source.resume(at);
          source.video.currentTime = at;
        } else source.attach(at);
        source.video.playbackRate = this.#rate;
        if (source !== this.lead && this.wanted) this.#joining.add(source);
        if (this.wanted) source.fill();
      } else if (source.attached) {
        source.video.pause();
        source.rest();
        this.#joining.delete(source);
      }
    }
  }

  // Tells the lead whether it is seen as well: here, or in a window of its own.
  #look() {
    const { lead } = this;
    lead.see(this.#shown.includes(lead) || document.pictureInPictureElement === lead.video, this.wanted);
  }

  play() {
    if (this.ended) this.seek(0);
    this.wanted = true;
    for (const source of this.members) source.fill();
    this.#hold();
    this.#state();
  }

  pause() {
    this.wanted = false;
    this.#let(false);
    for (const source of this.members) source.video.pause();
    this.#align();
    this.#state();
  }

  toggle() {
    if (this.wanted) this.pause();
    else this.play();
  }

  seek(to) {
    const at = Math.min(Math.max(0, to), Math.max(0, this.duration - 0.1));
    if (this.wanted) this.#hold();
    this.ended = false;
    this.#at = at;
    for (const source of this.members) {
      source.video.currentTime = at;
      this.#joining.delete(source);
    }
    this.#lastTime = 0;
    this.#state();
  }

  // Both stop; #tick aligns and starts them as soon as both have data.
  #hold() {
    if (!this.#held) {
      this.#held = true;
      this.#heldAt = performance.now();
    }
    for (const source of this.members) if (!source.video.paused) source.video.pause();
  }

  #let(held) {
    this.#held = held;
    if (this.#told) {
      this.#told = false;
      this.#state();
    }
  }

  // Brings standing followers to the lead's position; true when nothing was left to do.
  #align() {
    const at = this.#clock.video.currentTime;
    let done = true;
    for (const { video } of this.#followers()) {
      const goal = Math.min(at, Number.isFinite(video.duration) ? video.duration : at);
      if (video.readyState < 1 || Math.abs(video.currentTime - goal) <= ALIGN) continue;
      if (!video.seeking) video.currentTime = goal;
      done = false;
    }
    return done;
  }

  #followers() {
    return this.members.filter(source => source !== this.#clock && !atEnd(source.video));
  }

  #tick() {
    const now = performance.now();
    if (this.wanted && !this.ended) {
      if (this.#held) this.#tryRelease();
      else this.#run();
      if (this.#held && !this.#told && now - this.#heldAt > SHOW_WAIT) {
        this.#told = true;
        this.#state();
      }
    }
    if (now - this.#lastTime > 200) {
      this.#lastTime = now;
      this.dispatchEvent(new Event("time"));
    }
  }

  #run() {
    if (this.members.every(source => atEnd(source.video))) {
      this.ended = true;
      this.wanted = false;
      for (const source of this.members) source.video.pause();
      return this.#state();
    }
    // The browser may stop the silent video of a hidden page: then only the sound counts.
    const counted = document.hidden
      ? [this.#clock]
      : this.members.filter(source => !this.#joining.has(source));
    if (!counted.every(source => flowing(source.video))) return this.#hold();
    if (!document.hidden) for (const source of this.#followers()) this.#follow(source);
  }

  #follow(source) {
    const { video } = source,
      lead = this.#clock.video;
    if (video.readyState < 1 || video.seeking) return;
    const drift = video.currentTime - lead.currentTime;
    if (this.#joining.has(source)) {
      if (Math.abs(drift) > JUMP) {
        video.currentTime = lead.currentTime + 0.2 * this.#rate;
        return;
      }
      if (!flowing(video)) return;
      this.#joining.delete(source);
    }
    if (video.paused) {
      video.play().catch(() => {});
      return;
    }
    if (Math.abs(drift) > JUMP * Math.max(1, this.#rate)) return this.#hold();
    const pull = Math.abs(drift) < CALM ? 0 : -drift / PULL / this.#rate;
    const rate = this.#rate * (1 + Math.min(NUDGE, Math.max(-NUDGE, pull)));
    if (Math.abs(video.playbackRate - rate) > 0.004) video.playbackRate = rate;
  }

  #tryRelease() {
    const members = document.hidden
      ? [this.#clock]
      : this.members.filter(source => !this.#joining.has(source));
    if (!members.every(source => enough(source.video, this.#rate))) return;
    if (!document.hidden && !this.#align()) return;
    this.#let(false);
    for (const source of this.members) {
      source.video.playbackRate = this.#rate;
      if (!atEnd(source.video)) source.video.play().catch(error => this.#refused(source, error));
    }
  }

  // Browsers refuse sound before the first click: the video then stays paused.
  #refused(source, error) {
    if (source === this.lead && error.name === "NotAllowedError") this.pause();
  }

  #outside(playing) {
    if (
      this.#held ||
      playing === this.wanted ||
      playing === this.lead.video.paused ||
      this.lead.video.ended ||
      this.ended
    )
      return;
    if (playing) this.play();
    else this.pause();
  }

  #state() {
    this.dispatchEvent(new Event("state"));
  }
}

const atEnd = video => video.ended || (video.readyState >= 1 && video.currentTime >= video.duration - 0.05);
const flowing = video => atEnd(video) || (!video.seeking && video.readyState >= 3);

function enough(video, rate) {
  if (!flowing(video)) return false;
  if (atEnd(video)) return true;
  const { buffered, currentTime, duration } = video;
  for (let i = 0; i < buffered.length; i++)
    if (
      buffered.start(i) <= currentTime + 0.1 &&
      buffered.end(i) >= Math.min(currentTime + AHEAD * rate, duration - 0.2)
    )
      return true;
  return false;
}
