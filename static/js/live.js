// Where somebody who watches a live lecture is: at what happens now (`at`), or behind it because they went back or
// paused. Who is at it and falls behind, since the line or the machine was slow, is brought back; who went back is
// never moved. On demand nothing here has an effect.
//
// Events: "lost" (nothing comes any more, or it comes again: `lost` has changed).

const LATE = 2; // s behind now from which on somebody who is at it is brought back by a jump
const NEAR = 0.5; // s behind now that nobody notices
const SHOWN = 4; // s behind now from which on it is said
const FASTER = 1.05; // rate at which less than a jump is caught up with
const REST = 2000; // ms from one jump to the next
const LOST = 4000; // ms without a picture until it is said

export class Live extends EventTarget {
  #deck;
  #begun = false;
  #jumped = 0;
  at;
  lost = false;

  // at: begins with what happens now.
  constructor(deck, at) {
    super();
    this.#deck = deck;
    this.at = at;
    deck.addEventListener("time", () => this.#look());
  }

  get on() {
    return this.#deck.live;
  }

  // Seconds behind those who see what happens now.
  get behind() {
    const { now } = this.#deck.lead;
    return this.on && now !== null ? Math.max(0, now - this.#deck.time) : 0;
  }

  // The same in whole seconds, where it is worth a word; 0 elsewhere.
  get shown() {
    return this.at || this.behind < SHOWN ? 0 : Math.round(this.behind);
  }

  // To what happens now.
  go() {
    const { now } = this.#deck.lead;
    if (!this.on) return;
    this.at = true;
    if (now !== null) this.#jump(now);
    if (!this.#deck.wanted) this.#deck.play();
  }

  // The viewer goes to a position.
  seek(to) {
    const { now } = this.#deck.lead;
    this.at = this.on && (now === null || to > now - NEAR);
    this.#deck.seek(to);
  }

  #jump(to) {
    this.#jumped = performance.now();
    this.#deck.hurry = 1;
    this.#deck.seek(to);
  }

  #look() {
    const deck = this.#deck;
    const { behind } = this;
    this.#hear(behind);
    if (!this.on) {
      deck.hurry = 1;
      return;
    }
    if (!deck.wanted) this.#stand(behind);
    else if (!this.#begun) {
      this.#begun = true;
      if (this.at && behind > LATE) this.go(); // the page was open for a while before it was played
    } else if (this.at) this.#keep(behind);
    else if (behind < NEAR) this.at = true;
    if (!this.at || !deck.wanted) deck.hurry = 1;
    if (this.at && deck.rate > 1) deck.rate = 1; // there is nothing to be faster than
  }

  // Who pauses is no longer at it, except before the first play.
  #stand(behind) {
    if (this.#begun && behind > LATE) this.at = false;
  }

  #keep(behind) {
    const deck = this.#deck;
    if (behind <= LATE) deck.hurry = behind > NEAR && !deck.waiting ? FASTER : 1;
    else if (deck.rate < 1) this.at = false;
    else if (performance.now() - this.#jumped > REST) this.#jump(deck.lead.now);
  }

  #hear(behind) {
    const lost = this.on && behind < LATE && this.#deck.waited > LOST;
    if (lost === this.lost) return;
    this.lost = lost;
    this.dispatchEvent(new Event("lost"));
  }
}
