// Corrections of hls.js 1.7.4. Without them some changes of quality or jumps left the wrong quality in place,
// or nothing was loaded any more and a seek never ended; watch.test.mjs provokes these cases. Nothing here
// knows of views or of what the viewer wants.

import { AudioStreamController, BufferController, XhrLoader } from "../vendor/hls.mjs";

// Controls the two source buffers: each has a queue of operations, of which the first one is removed at the
// buffer's "updateend".
export class Buffers extends BufferController {
  #names = null;

  // An operation that waited for a buffer removes only its own mark from that queue. Upstream advances both
  // queues when one is done: after each audio segment it removed an operation of video before video's
  // "updateend" came, nobody was told, and data that had been removed counted as loaded for ever.
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

  // Video that is being removed counts as removed. Upstream counts it until it is gone; a tick in between
  // finds the end loaded and may end the media source, where a seek is over before there is a picture. (A
  // segment that ends here may reach a little beyond.)
  onBufferFlushing(event, data) {
    super.onBufferFlushing(event, data);
    if (data.type !== "audio" && data.endOffset === Infinity)
      this.fragmentTracker.removeFragmentsInRange(data.startOffset + 0.1, Infinity, "main");
  }

  // The end may be removed again: upstream refuses the second time until something was appended.
  removeExecutor(type, start, end) {
    const track = this.tracks[type];
    if (track && end === Infinity) track.ending = false;
    super.removeExecutor(type, start, end);
  }
}

// If there is only one audio track, it counts as present once a part of it is. Upstream treats it as a switch
// between two tracks, which ends when the new one is heard, and does not declare the media source complete
// before that: a browser that must know that nothing follows, to show one of the last pictures, waited for
// hls.js, and hls.js waited for the browser.
export class Sound extends AudioStreamController {
  onFragBuffered(event, data) {
    super.onFragBuffered(event, data);
    if (data.frag.type === "audio" && data.frag.sn !== "initSegment" && this.switchingTrack)
      this.completeAudioSwitch(this.switchingTrack);
  }
}

// Loads segments. An aborted load of an init segment is not reported: the next segment loads it again. When
// upstream was told, it gave up that segment as well, at every tick, for ever if the network needs longer
// than a tick.
export class Segments extends XhrLoader {
  abort() {
    if (this.context?.frag?.sn === "initSegment" && this.callbacks) this.callbacks.onAbort = undefined;
    super.abort();
  }
}
