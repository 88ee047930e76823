// What the viewer may play, and until when. Holds the last play.json and renews its token before it expires;
// a token that expired while the machine slept is renewed before the next request is sent. It knows nothing
// of video elements.
//
// A live stream is a generation that still grows; when it is over, the same one is on demand.
//
// Events: "renewed", "generation" (a newer one is in `next`; the player decides when to take it by adopt()),
// "denied" (detail: the server's sentence or "").

const EARLY = 60; // seconds before expiry at which a token is renewed
const LAST_CALL = 15; // seconds before expiry at which a newer generation is taken in any case
const YOUNG = 20; // seconds until the first check for a second generation; doubles
const EAGER = 3; // seconds between questions while a live stream is lost or ends; ten times that on a hidden page

// There is a stream that can be watched: until it is sealed, so that it is on demand.
export const onAir = ({ live }) => live?.views.length > 0 && live.views.some(view => !view.master);
const generation = play => (onAir(play) ? play.live.generation : play.generation);

export class Access extends EventTarget {
  #url;
  #timer = 0;
  #renewing = null;
  #young = YOUNG;
  #eager = false;
  #denied = false;
  play = null;
  next = null;

  constructor(url) {
    super();
    this.#url = url;
  }

  // Fetches play.json; rejects when it cannot be had.
  async open() {
    this.play = await this.#fetch();
    this.#plan();
    return this.play;
  }

  close() {
    clearTimeout(this.#timer);
  }

  // Asks at once, and every few seconds, what has become of the stream.
  set eager(eager) {
    if (eager === this.#eager) return;
    this.#eager = eager;
    if (eager) this.renew().catch(() => {});
    else this.#plan();
  }

  // Takes the waiting generation and returns the play.json to use from now on.
  adopt() {
    if (this.next) {
      this.play = this.next;
      this.next = null;
    }
    this.#plan();
    return this.play;
  }

  // A token that is valid now. Resolves to the old one if no new one can be had: the failure of the request
  // itself then says why.
  async token() {
    if (this.#left(this.play) < 5) await this.renew().catch(() => {});
    return this.play.token;
  }

  // The address with the current token instead of the one it was made with.
  fresh(url) {
    return url.replace(/\/m\/[^/]+\//, `/m/${this.play.token}/`);
  }

  renew() {
    this.#renewing ??= this.#fetch()
      .then(play => this.#take(play))
      .finally(() => {
        this.#renewing = null;
        this.#plan();
      });
    return this.#renewing;
  }

  #take(play) {
    if (generation(play) === generation(this.play)) {
      this.play = play;
      this.dispatchEvent(new Event("renewed"));
      return;
    }
    // The old generation stays readable with the old token; the new token may not open it.
    this.next = play;
    this.dispatchEvent(new Event("generation"));
  }

  async #fetch() {
    const answer = await fetch(this.#url, { headers: { Accept: "application/json" }, cache: "no-store" });
    if ([401, 403, 404, 410].includes(answer.status)) {
      const sentence =
        (await answer.json().then(
          body => body.error,
          () => "",
        )) || "";
      this.#eager = false;
      this.#denied = true;
      this.dispatchEvent(new CustomEvent("denied", { detail: sentence }));
      throw Object.assign(new Error("denied"), { denied: true, sentence });
    }
    if (!answer.ok) throw new Error(`play.json: ${answer.status}`);
    this.#denied = false;
    const play = await answer.json();
    // The viewer's clock may be wrong: count from the server's.
    play.until = performance.now() / 1000 + (play.expires - (play.now ?? Date.now() / 1000));
    return play;
  }

  #left(play) {
    return play.until - performance.now() / 1000;
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#denied) return; // token() asks again when somebody plays on
    let wait = Math.max(5, this.#left(this.play) - (this.next ? LAST_CALL : EARLY));
    // A first generation has no thumbnails: the full one will follow.
    if (this.#eager) wait = document.hidden ? 10 * EAGER : EAGER;
    else if (!this.next && !onAir(this.play) && this.play.views.some(view => !view.thumbs)) {
      wait = Math.min(wait, this.#young);
      this.#young *= 2;
    }
    this.#timer = setTimeout(() => {
      if (this.next) this.dispatchEvent(new CustomEvent("generation", { detail: "now" }));
      else this.renew().catch(() => {});
    }, wait * 1000);
  }
}
