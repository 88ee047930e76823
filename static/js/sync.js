// Plays one or two views as one. The lead (the view with the sound) is the clock; the other follows it: small
// differences are corrected by its playback rate, large ones by aligning both while they stand still. If one
// has no data, both wait.
//
// Streams of a live lecture begin and stop each at its own time, so there the lead waits for nobody: the other is shown
// as soon as it has that moment.
//
// What the viewer wants (`wanted`) and what the elements do are separate; `held` is true while the elements
// wait for data or for a seek.
//
// Events: "state" (play, pause, waiting or ended may have changed), "time" (a few times a second), "refused" (the
// browser plays no sound before a click: it is paused).

const TICK = 50; // ms between checks
const CALM = 0.012; // s: smaller differences are ignored (half a frame at 25/s)
const ALIGN = 0.03; // s: largest difference with which standing views start
const JUMP = 0.25; // s: beyond this both stop and are aligned
const PULL = 0.4; // s in which a changed rate should remove a difference
const NUDGE = 0.4; // largest change of a follower's rate (it is muted, so nobody hears it)
const AHEAD = 0.8; // s of data that must be there before waiting ends
const SHOW_WAIT = 400; // ms of waiting before it is shown
const HOLE = 1.5; // s that may be missing in a stream where its encoder was started anew
const HOLE_WAIT = 2000; // ms of waiting until such a hole is jumped over

export class Deck extends EventTarget {
  #sources;
  #shown = [];
  #timer = 0;
  #rate = 1;
  #hurry = 1;
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
      source.addEventListener("zero", () => this.#place());
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

  // The time of each stream begins where the lecture was then, as the lead counts it.
  #place() {
    const { zero } = this.lead;
    for (const source of this.#sources)
      if (zero !== null && source.zero !== null) source.offset = (source.zero - zero) / 1000;
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
    return this.lead.video.readyState < 1 ? this.#at : this.#clock.time;
  }
  // A live stream has no end yet: its duration is what there is of it.
  get live() {
    return this.lead.live;
  }
  get duration() {
    if (this.live) return Math.max(this.lead.edge, this.time);
    const real = this.members.map(source => source.duration).filter(Number.isFinite);
    return real.length ? Math.max(...real) : this.known;
  }
  get waiting() {
    return this.#told;
  }
  // ms since which a picture is waited for; 0: none is.
  get waited() {
    return this.wanted && this.#held ? performance.now() - this.#heldAt : 0;
  }
  get rate() {
    return this.#rate;
  }
  set rate(rate) {
    this.#rate = rate;
    this.#pace();
    this.#state();
  }
  // A factor that nobody is shown, to come a little nearer to the end of a live stream.
  set hurry(factor) {
    if (factor === this.#hurry) return;
    this.#hurry = factor;
    this.#pace();
  }
  get #speed() {
    return this.#rate * this.#hurry;
  }
  #pace() {
    for (const { video } of this.#sources) video.playbackRate = video.defaultPlaybackRate = this.#speed;
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
          source.time = at;
        } else source.attach(this.live && source !== this.lead ? -1 : at);
        source.video.playbackRate = this.#speed;
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
    const last = (this.live && this.lead.now) || this.duration - 0.1;
    const at = Math.min(Math.max(0, to), Math.max(0, last));
    if (this.wanted) this.#hold();
    this.ended = false;
    this.#at = at;
    for (const source of this.members) {
      source.time = at;
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
    const at = this.#clock.time;
    let done = true;
    for (const source of this.#followers()) {
      const { video, duration } = source,
        goal = Math.min(at, Number.isFinite(duration) ? duration : at);
      if (video.readyState < 1 || Math.abs(source.time - goal) <= ALIGN) continue;
      if (!video.seeking) source.time = goal;
      done = false;
    }
    return done;
  }

  #followers() {
    return this.members.filter(
      source => source !== this.#clock && !atEnd(source.video) && this.#begun(source),
    );
  }
  #begun(source) {
    return source === this.#clock || this.#clock.time >= source.offset;
  }

  // Those without which it does not go on. The browser may stop the silent video of a hidden page: then only the sound
  // counts.
  #counted() {
    if (document.hidden || this.live) return [this.#clock];
    return this.members.filter(source => !this.#joining.has(source) && this.#begun(source));
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
    if (!this.#counted().every(source => flowing(source.video))) {
      if (this.live) this.lead.stalled();
      return this.#hold();
    }
    if (!document.hidden) for (const source of this.#followers()) this.#follow(source);
  }

  #follow(source) {
    const { video } = source,
      { time } = this.#clock;
    if (video.readyState < 1 || video.seeking) return;
    const drift = source.time - time;
    if (this.#joining.has(source)) {
      if (Math.abs(drift) > JUMP) {
        if (!this.live || time < source.edge) source.time = time + 0.2 * this.#speed;
        return;
      }
      if (!flowing(video)) return;
      this.#joining.delete(source);
    }
    if (video.paused) {
      video.play().catch(() => {});
      return;
    }
    if (Math.abs(drift) > JUMP * Math.max(1, this.#speed)) {
      if (!this.live) return this.#hold();
      this.#joining.add(source);
      return;
    }
    const pull = Math.abs(drift) < CALM ? 0 : -drift / PULL / this.#speed;
    const rate = this.#speed * (1 + Math.min(NUDGE, Math.max(-NUDGE, pull)));
    if (Math.abs(video.playbackRate - rate) > 0.004) video.playbackRate = rate;
  }

  #tryRelease() {
    const members = this.#counted();
    if (!members.every(source => enough(source.video, this.#speed))) return this.#overHole(members);
    if (!document.hidden && !this.#align() && !this.live) return;
    this.#let(false);
    for (const source of this.members) {
      source.video.playbackRate = this.#speed;
      if (!atEnd(source.video) && this.#begun(source))
        source.video.play().catch(error => this.#refused(source, error));
    }
  }

  #overHole(members) {
    if (!this.lead.streamed || performance.now() - this.#heldAt < HOLE_WAIT) return;
    const to = Math.max(...members.map(source => behindHole(source.video) + source.offset));
    if (to > this.time) for (const source of members) source.time = to;
  }

  // Browsers refuse sound before the first click: the video then stays paused.
  #refused(source, error) {
    if (source !== this.lead || error.name !== "NotAllowedError") return;
    this.pause();
    this.dispatchEvent(new Event("refused"));
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

// Where data goes on behind a hole at the position; 0: there is none.
function behindHole({ buffered, currentTime, seeking }) {
  if (seeking) return 0;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.end(i) <= currentTime + 0.1) continue;
    const start = buffered.start(i);
    return start > currentTime + 0.1 && start < currentTime + HOLE ? start + 0.01 : 0;
  }
  return 0;
}
