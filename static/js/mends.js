// Parts of hls.js with what 1.7.4 gets wrong in them mended. Unmended, after an unlucky choice of quality or jump the
// wrong quality stayed, or nothing was loaded any more and a seek had no end; which is what watch.test.mjs makes
// happen. Nothing here knows of views or of what the viewer wants.

import { AudioStreamController, BufferController, XhrLoader } from "../vendor/hls.mjs";

// Keeps the two source buffers: a queue of operations for each, whose head is taken off at the buffer's "updateend".
export class Buffers extends BufferController {
  #names = null;

  // Whoever waited for a buffer takes his own mark off its queue, and nothing else. Upstream steps both queues when
  // one is through: audio, after each of its segments, took away what video had just done before video's "updateend"
  // came, and nobody heard of it: what had been removed counted as loaded for good.
  blockBuffers(done, names = this.sourceBufferTypes) {
    return super.blockBuffers(() => {
      this.#names = names;
      done();
    }, names);
  }

  stepOperationQueue(names) {
    const own = this.#names ?? names;
    this.#names = null;
    super.stepOperationQueue(own.filter(name => this.currentOp(name)?.label === "async-blocker"));
  }

  // Video that is about to go counts as gone. Upstream keeps it in its books until it is; a tick meanwhile finds the
  // end loaded and may end the media source, where a seek is over before there is a picture. (Of a segment that ends
  // here a little may reach beyond.)
  onBufferFlushing(event, data) {
    super.onBufferFlushing(event, data);
    if (data.type !== "audio" && data.endOffset === Infinity)
      this.fragmentTracker.removeFragmentsInRange(data.startOffset + 0.1, Infinity, "main");
  }

  // Who takes the end away may do so again: upstream refuses the second time until something was appended.
  removeExecutor(type, start, end) {
    const track = this.tracks[type];
    if (track && end === Infinity) track.ending = false;
    super.removeExecutor(type, start, end);
  }
}

// The only sound is there as soon as some of it is. Upstream takes it for a switch between two, which is over when the
// new one is heard, and calls no media source complete before: a browser that needs to know that there is nothing more,
// to show one of the last pictures, waited for hls.js, and hls.js for the browser.
export class Sound extends AudioStreamController {
  onFragBuffered(event, data) {
    super.onFragBuffered(event, data);
    if (data.frag.type === "audio" && data.frag.sn !== "initSegment" && this.switchingTrack)
      this.completeAudioSwitch(this.switchingTrack);
  }
}

// Loads segments. An init segment is given up without a word: it is when the next segment wants it anew, and upstream,
// told of it, gave up that segment as well, at every tick, for ever on a line that needs longer than a tick for it.
export class Segments extends XhrLoader {
  abort() {
    if (this.context?.frag?.sn === "initSegment" && this.callbacks) this.callbacks.onAbort = undefined;
    super.abort();
  }
}
