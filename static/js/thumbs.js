// Small pictures for the seek bar: reads thumbs.vtt, whose cues name a part of a sprite
// ("thumbs.jpg#xywh=160,90,160,90"), and draws the one of a time into an element.

const stamp = text => text.trim().split(":").reduce((sum, part) => sum * 60 + parseFloat(part), 0);

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
  #cues = []; #access;

  constructor(access) { this.#access = access; }

  // Missing pictures are no reason to tell anybody: the time alone is shown then.
  async load(url) {
    if (!url) return;
    const answer = await fetch(this.#access.fresh(url)).catch(() => null);
    if (answer?.ok) this.#cues = parse(await answer.text(), answer.url);
  }

  // False when there is no picture for that time.
  draw(element, seconds) {
    const cue = this.#cues.find(({ from, to }) => seconds >= from && seconds < to) ?? this.#cues.at(-1);
    if (!cue) return false;
    const image = `url("${this.#access.fresh(cue.url)}")`;
    if (element.style.backgroundImage !== image) element.style.backgroundImage = image;
    element.style.backgroundPosition = `-${cue.x}px -${cue.y}px`;
    element.style.width = `${cue.w}px`;
    element.style.height = `${cue.h}px`;
    return true;
  }
}
