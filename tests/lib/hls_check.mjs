// A validator of HLS media playlists (RFC 8216, draft-pantos-hls-rfc8216bis) that reads all versions of a playlist one
// after the other: each by itself, and what may not change from one to the next. Used over every playlist of every live
// test. It knows what Lectern writes, and what it does not know is a finding, too.
import { request } from "./net.mjs";

const ONCE = new Set([
  ..."VERSION TARGETDURATION SERVER-CONTROL PART-INF MEDIA-SEQUENCE PLAYLIST-TYPE SKIP ENDLIST INDEPENDENT-SEGMENTS PRELOAD-HINT"
    .split(" ")
    .map(word => `EXT-X-${word}`),
]);
const EPSILON = 0.001; // s

// --- reading

// An attribute list as an object; quotes are kept off. Throws on a malformed one.
export function attributes(text) {
  const out = {};
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",]+)(,|$)/y;
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text);
    if (!found) throw new Error(`attribute list: ${text}`);
    if (found[1] in out) throw new Error(`attribute ${found[1]} twice`);
    out[found[1]] = found[2].replace(/^"|"$/g, "");
  }
  return out;
}

// {tags, sequence, target, control, partTarget, type, skipped, ended, hint, segments, parts, findings}. `parts`: those
// behind the last segment.
export function parse(text) {
  const list = { segments: [], findings: [], short: [], skipped: 0, sequence: 0, ended: false, tags: {} };
  const bad = what => list.findings.push(what);
  const lines = text.split("\n");
  if (lines.at(-1) !== "") bad("the last line does not end");
  if (lines.shift() !== "#EXTM3U") bad("does not begin with #EXTM3U");
  const fresh = () => ({ parts: [], discontinuity: false, gap: false });
  let next = fresh();
  let map = null;
  for (const line of lines) {
    if (line === "") continue;
    if (!line.startsWith("#")) {
      if (next.length === undefined) bad(`${line} has no EXTINF`);
      list.segments.push({ ...next, uri: line, map });
      next = fresh();
      continue;
    }
    const [, name, value = ""] = /^#([A-Z0-9-]+):?(.*)$/.exec(line) ?? [];
    if (ONCE.has(name)) {
      if (name in list.tags) bad(`${name} twice`);
      list.tags[name] = value;
      if (list.segments.length + next.parts.length > 0 && !/ENDLIST|HINT/.test(name))
        bad(`${name} behind the first segment`);
    } else if (name === "EXTINF") {
      next.length = Number(/^(\d+(\.\d+)?),$/.exec(value)?.[1]);
      if (!(next.length >= 0)) bad(line);
    } else if (name === "EXT-X-PART") {
      const a = attributes(value);
      next.parts.push({ uri: a.URI, length: Number(a.DURATION), independent: a.INDEPENDENT === "YES" });
      if (!a.URI || !(Number(a.DURATION) >= 0)) bad(line);
    } else if (name === "EXT-X-MAP") map = attributes(value).URI;
    else if (name === "EXT-X-PROGRAM-DATE-TIME") next.date = Date.parse(value) / 1000;
    else if (name === "EXT-X-DISCONTINUITY") next.discontinuity = true;
    else if (name === "EXT-X-GAP") next.gap = true;
    else bad(`not known: ${line}`);
  }
  return finish(list, next, bad);
}

function finish(list, next, bad) {
  const { tags } = list;
  const number = (name, otherwise) => {
    if (!(name in tags)) return otherwise;
    if (!/^\d+$/.test(tags[name])) bad(`${name}:${tags[name]}`);
    return Number(tags[name]);
  };
  list.version = number("EXT-X-VERSION", 1);
  list.target = number("EXT-X-TARGETDURATION");
  list.sequence = number("EXT-X-MEDIA-SEQUENCE", 0);
  list.type = tags["EXT-X-PLAYLIST-TYPE"];
  list.ended = "EXT-X-ENDLIST" in tags;
  list.control = attributes(tags["EXT-X-SERVER-CONTROL"] ?? "");
  list.partTarget = Number(attributes(tags["EXT-X-PART-INF"] ?? "")["PART-TARGET"] ?? 0);
  list.skipped = Number(attributes(tags["EXT-X-SKIP"] ?? "")["SKIPPED-SEGMENTS"] ?? 0);
  list.hint = attributes(tags["EXT-X-PRELOAD-HINT"] ?? "").URI;
  list.open = next;
  return list;
}

// --- one version

const sum = parts => parts.reduce((s, p) => s + p.length, 0);

function checkHead(list, bad) {
  if (!(list.target > 0)) bad("no target duration");
  if (list.version < 6) bad("EXT-X-MAP needs version 6");
  if (list.skipped > 0 && list.version < 9) bad("EXT-X-SKIP needs version 9");
  if (list.partTarget > 0) {
    const hold = Number(list.control["PART-HOLD-BACK"]);
    if (!(hold >= 3 * list.partTarget - EPSILON)) bad(`PART-HOLD-BACK ${hold} is less than three parts`);
  }
  const skip = Number(list.control["CAN-SKIP-UNTIL"] ?? Infinity);
  if (skip < 6 * list.target) bad(`CAN-SKIP-UNTIL ${skip} is less than six target durations`);
  if (list.type === "VOD" && !list.ended) bad("a VOD playlist without an end");
  if (list.ended && (list.hint || list.open.parts.length > 0)) bad("something behind the end");
}

function checkSegment(list, s, msn, bad) {
  if (Math.round(s.length) > list.target) bad(`segment ${msn} is ${s.length} s long`);
  if (s.parts.length > 0 && Math.abs(sum(s.parts) - s.length) > EPSILON * s.parts.length)
    bad(`segment ${msn} is ${s.length} s long, its parts ${sum(s.parts)}`);
  if (!s.map && !s.gap) bad(`segment ${msn} has no EXT-X-MAP`);
}

function checkParts(list, parts, whole, bad) {
  if (parts.length > 0 && !(list.partTarget > 0)) bad("parts without EXT-X-PART-INF");
  for (const [i, p] of parts.entries()) {
    if (p.length > list.partTarget + EPSILON) bad(`${p.uri} is ${p.length} s long`);
    // Apple's profile for low latency wants 85 % of the target; players go by what is said of each part
    if (i < parts.length - 1 && p.length < 0.85 * list.partTarget - EPSILON && whole) list.short.push(p.uri);
  }
}

// --- all of them

// The history of one playlist. add() returns what is wrong with the next version; `findings` has all of them.
export class History {
  constructor(name = "playlist") {
    Object.assign(this, { name, segments: [], findings: [], versions: 0, hints: new Map() });
  }

  add(text) {
    const list = parse(text);
    const bad = what => list.findings.push(what);
    checkHead(list, bad);
    this.#fill(list, bad);
    list.segments.forEach((s, i) => s && checkSegment(list, s, list.sequence + i, bad));
    for (const s of [...list.segments, list.open]) if (s) checkParts(list, s.parts, s !== list.open, bad);
    this.#checkRecent(list, bad);
    this.#compare(list, bad);
    this.#checkDates(list, bad);
    const found = list.findings.map(f => `${this.name}, version ${this.versions}: ${f}`);
    this.findings.push(...found);
    this.before = list;
    this.versions++;
    return found;
  }

  // What a delta update leaves out is what was there before (section 6.2.5.1).
  #fill(list, bad) {
    if (list.skipped === 0) return;
    const until = Number(list.control["CAN-SKIP-UNTIL"]);
    const behind = list.segments.reduce((s, x) => s + x.length, 0) + sum(list.open.parts);
    if (!(behind >= until)) bad(`skips what is only ${behind} s from the end`);
    const old = this.before?.segments.slice(0, list.skipped) ?? [];
    if (old.length < list.skipped)
      bad(`skips ${list.skipped} segments, of which ${old.length} were shown before`);
    let map = old.at(-1)?.map ?? null;
    for (const s of list.segments) {
      map = s.map ?? map;
      s.map = map;
    }
    list.segments = [...old.map(s => ({ ...s, parts: [] })), ...list.segments];
  }

  // Parts stay listed for three target durations.
  #checkRecent(list, bad) {
    if (!(list.partTarget > 0) || list.ended) return;
    let behind = sum(list.open.parts);
    for (let i = list.segments.length - 1; i >= 0; i--) {
      const s = list.segments[i];
      behind += s.length;
      if (behind >= 3 * list.target) break;
      if (s.parts.length === 0 && !s.gap) bad(`segment ${list.sequence + i} has no parts any more`);
    }
  }

  #compare(list, bad) {
    const old = this.before;
    if (!old) return;
    for (const name of ["target", "type", "sequence"])
      if (old[name] !== list[name]) bad(`${name} was ${old[name]} and is ${list[name]}`);
    if (old.ended && !list.ended) bad("the end is gone");
    if (list.segments.length < old.segments.length) bad("segments are gone");
    for (const [i, was] of old.segments.entries()) {
      const is = list.segments[i];
      for (const key of is ? ["uri", "length", "map", "discontinuity", "date", "gap"] : [])
        if (was[key] !== is[key]) bad(`segment ${i}: ${key} was ${was[key]} and is ${is[key]}`);
      if (is) this.#compareParts(was.parts, is.parts, bad, true);
    }
    const grown = list.segments[old.segments.length] ?? list.open;
    if (grown.parts.length > 0) this.#compareParts(old.open.parts, grown.parts, bad, false);
    else if (list.segments.length === old.segments.length && old.open.parts.length > 0) bad("parts are gone");
    const next = grown.parts[old.open.parts.length];
    if (old.hint && next && old.hint !== next.uri) {
      // the hint was for a part of a segment that was complete without it
      const after = list.segments[old.segments.length + 1] ?? list.open;
      if (old.hint !== after.parts[0]?.uri) bad(`the hint was ${old.hint}, the next part is ${next.uri}`);
    }
  }

  #compareParts(was, is, bad, whole) {
    if (is.length === 0) return; // no longer listed
    if (whole && was.length > 0 && was.length !== is.length) bad(`${was.length} parts became ${is.length}`);
    for (const [i, p] of was.entries())
      if (is[i]?.uri !== p.uri || is[i]?.length !== p.length || is[i]?.independent !== p.independent)
        bad(`part ${p.uri} has changed`);
  }

  // From one date to the next there is what lies between them; a discontinuity begins anew. Inits change only there.
  #checkDates(list, bad) {
    let since = null;
    let before = null;
    for (const [i, s] of list.segments.entries()) {
      if (s.discontinuity) since = null;
      if (before && !s.discontinuity && before.map !== s.map && s.map) bad(`segment ${i} has another init`);
      if (s.date !== undefined && since !== null && Math.abs(s.date - since) > 0.3)
        bad(`segment ${i} is at ${s.date}, expected ${since}`);
      if (s.date !== undefined) since = s.date;
      since = since === null ? null : since + s.length;
      before = s;
    }
  }
}

// What must agree between the playlists of the tracks (section 6.2.4): numbers, discontinuities, times.
export function checkTogether(histories) {
  const found = [];
  const [first, ...others] = histories;
  for (const other of others) {
    const n = Math.min(first.before.segments.length, other.before.segments.length);
    let apart = 0;
    for (let i = 0; i < n; i++) {
      const [a, b] = [first.before.segments[i], other.before.segments[i]];
      if (a.discontinuity !== b.discontinuity) found.push(`${other.name}: discontinuity at ${i} differs`);
      apart = a.discontinuity ? a.length - b.length : apart + a.length - b.length;
      if (Math.abs(apart) > 0.5 && !b.gap) found.push(`${other.name}: ${apart} s apart at ${i}`);
      if (a.date !== undefined && b.date !== undefined && Math.abs(a.date - b.date) > 0.5)
        found.push(`${other.name}: dates differ by ${a.date - b.date} s at ${i}`);
    }
  }
  return found;
}

// A master playlist: {variants: [{uri, …}], media: [{uri, …}], findings}.
export function parseMaster(text) {
  const master = { variants: [], media: [], findings: [] };
  const lines = text.trimEnd().split("\n");
  if (lines[0] !== "#EXTM3U") master.findings.push("does not begin with #EXTM3U");
  for (const [i, line] of lines.entries()) {
    const value = line.slice(line.indexOf(":") + 1);
    if (line.startsWith("#EXT-X-STREAM-INF:")) {
      const v = { ...attributes(value), uri: lines[i + 1] };
      if (!(Number(v.BANDWIDTH) > 0) || !v.CODECS || !v.uri || v.uri.startsWith("#"))
        master.findings.push(line);
      master.variants.push(v);
    } else if (line.startsWith("#EXT-X-MEDIA:")) {
      master.media.push({ ...attributes(value), uri: attributes(value).URI });
    }
  }
  for (const v of master.variants)
    if (v.AUDIO && !master.media.some(m => m["GROUP-ID"] === v.AUDIO))
      master.findings.push(`no group ${v.AUDIO}`);
  if (master.variants.length === 0) master.findings.push("no variants");
  return master;
}

// --- a player that reads everything

// Follows the playlist at `address` as a player with low latency does: blocking reloads, delta updates if `skip`, and
// every part. Ends when the playlist ends, or stop() is called. `parts` has their bytes by name.
export class Follower {
  constructor(address, { skip = true, parts = true } = {}) {
    this.history = new History(address.split("/").at(-1));
    Object.assign(this, { address, skip, wantsParts: parts, parts: new Map(), errors: [], reloads: 0 });
  }

  get(name) {
    return request("GET", new URL(name, this.address).href);
  }

  async run() {
    let query = "";
    while (!this.stopped) {
      const answer = await this.get(this.address.split("/").at(-1) + query).catch(e => ({
        status: e.message,
      }));
      if (answer.status !== 200) {
        this.errors.push(`${query}: ${answer.status}`);
        await new Promise(r => setTimeout(r, 200));
        continue;
      }
      this.reloads++;
      this.history.add(answer.body.toString());
      const list = this.history.before;
      if (this.wantsParts) await this.#load(list);
      if (list.ended) break;
      const next = list.sequence + list.segments.length;
      query = `?_HLS_msn=${next}&_HLS_part=${list.open.parts.length}${this.skip ? "&_HLS_skip=YES" : ""}`;
    }
    return this;
  }

  async #load(list) {
    for (const s of [...list.segments, list.open])
      for (const { uri } of s.parts) {
        if (this.parts.has(uri)) continue;
        const { status, body } = await this.get(uri);
        if (status === 200) this.parts.set(uri, body);
        else this.errors.push(`${uri}: ${status}`);
      }
  }

  stop() {
    this.stopped = true;
  }
}
