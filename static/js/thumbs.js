// Small pictures for the seek bar: reads thumbs.vtt, whose cues name a part of a sprite
// ("thumbs.jpg#xywh=160,90,160,90"), and draws the one of a time into an element.

const stamp = text =>
  text
    .trim()
    .split(":")
    .reduce((sum, part) => sum * 60 + parseFloat(part), 0);

export function parse(vtt, base) {
  const cues = [];
  for (const block of vtt.replace(/\r/g, "").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex(line => line.includes("-->"));
    const part = /^(.*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)\s*$/.exec(lines[at + 1] ?? "");
    if (at < 0 || !part) continue;
    const [from, to] = lines[at].split("-->");
    const [x, y, w, h] = part.slice(2).map(Number);
    cues.push({ from: stamp(from), to: stamp(to), url: new URL(part[1], base).href, x, y, w, h });
  }
  return cues;
}

export class Thumbs {
  #cues = [];
  #access;
  #sheet = { w: 0, h: 0 };

  constructor(access) {
    this.#access = access;
  }

  // Missing pictures are not reported: the time is shown alone.
  async load(url) {
    if (!url) return;
    const answer = await fetch(this.#access.fresh(url)).catch(() => null);
    if (answer?.ok) this.#cues = parse(await answer.text(), answer.url);
    this.#sheet = {
      w: Math.max(...this.#cues.map(cue => cue.x + cue.w)),
      h: Math.max(...this.#cues.map(cue => cue.y + cue.h)),
    };
  }

  // The picture for [seconds, end): the first one taken in it, else the last one before it.
  #cue(seconds, end) {
    return (
      this.#cues.find(({ from }) => from >= seconds && from < end) ??
      this.#cues.findLast(({ from }) => from <= seconds) ??
      this.#cues[0]
    );
  }

  // Fits the picture into a box if there is one. False when there is no picture for that time.
  draw(element, seconds, { end = seconds, box = null } = {}) {
    const cue = this.#cue(seconds, end);
    if (!cue) return false;
    const scale = box ? Math.min(box.w / cue.w, box.h / cue.h) : 1,
      px = n => `${(n * scale).toFixed(2)}px`;
    const image = `url("${this.#access.fresh(cue.url)}")`;
    if (element.style.backgroundImage !== image) element.style.backgroundImage = image;
    element.style.backgroundSize = `${px(this.#sheet.w)} ${px(this.#sheet.h)}`;
    element.style.backgroundPosition = `-${px(cue.x)} -${px(cue.y)}`;
    element.style.width = px(cue.w);
    element.style.height = px(cue.h);
    return true;
  }
}
