// Feeds a lectern-lived as an ingest does: parts that FFmpeg made, PUT one after the other in real time or as fast as
// they are taken. Renditions and sound are encoded before; each is a fragmented MP4 that is cut into its boxes here.
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { sleep } from "./tap.mjs";
import { sign } from "./tokens.mjs";

// --- boxes

// [{type, at, head, length}] of the boxes in bytes[from, to).
function boxesOf(bytes, from = 0, to = bytes.length) {
  const boxes = [];
  for (let at = from; at + 8 <= to; ) {
    let length = bytes.readUInt32BE(at);
    const head = length === 1 ? 16 : 8;
    if (length === 1) length = Number(bytes.readBigUInt64BE(at + 8));
    boxes.push({ type: bytes.toString("latin1", at + 4, at + 8), at, head, length });
    at += length;
  }
  return boxes;
}

// The box at the end of a path of names; its content begins at `body`.
function boxAt(bytes, names, from, to) {
  let box;
  for (const name of names) {
    box = boxesOf(bytes, from, to).find(b => b.type === name);
    if (!box) return undefined;
    box.body = box.at + box.head;
    [from, to] = [box.body, box.at + box.length];
  }
  return box;
}

// Ticks of a second, from the mdhd of the first track.
function scaleOf(bytes) {
  const mdhd = boxAt(bytes, ["moov", "trak", "mdia", "mdhd"]);
  return bytes.readUInt32BE(mdhd.body + (bytes[mdhd.body] === 1 ? 20 : 12));
}

// {start, ticks, key} of a moof: decode time and length, and whether it begins with a keyframe.
function fragmentOf(bytes, moof, usual) {
  const traf = boxAt(bytes, ["traf"], moof.at + moof.head, moof.at + moof.length);
  const inside = [traf.body, traf.at + traf.length];
  const tfdt = boxAt(bytes, ["tfdt"], ...inside);
  const start = bytes[tfdt.body]
    ? Number(bytes.readBigUInt64BE(tfdt.body + 4))
    : bytes.readUInt32BE(tfdt.body + 4);
  const tfhd = boxAt(bytes, ["tfhd"], ...inside);
  const flags = bytes.readUIntBE(tfhd.body + 1, 3);
  let at = tfhd.body + 8;
  if (flags & 1) at += 8;
  if (flags & 2) at += 4;
  let [length, sample] = [usual.length, usual.flags];
  if (flags & 8) [length, at] = [bytes.readUInt32BE(at), at + 4];
  if (flags & 0x10) at += 4;
  if (flags & 0x20) sample = bytes.readUInt32BE(at);
  const trun = boxAt(bytes, ["trun"], ...inside);
  const each = bytes.readUIntBE(trun.body + 1, 3);
  const n = bytes.readUInt32BE(trun.body + 4);
  at = trun.body + 8;
  if (each & 1) at += 4;
  if (each & 4) [sample, at] = [bytes.readUInt32BE(at), at + 4];
  let ticks = 0;
  for (let i = 0; i < n; i++) {
    ticks += each & 0x100 ? bytes.readUInt32BE(at) : length;
    if (i === 0 && each & 0x400)
      sample = bytes.readUInt32BE(at + (each & 0x100 ? 4 : 0) + (each & 0x200 ? 4 : 0));
    for (const flag of [0x100, 0x200, 0x400, 0x800]) if (each & flag) at += 4;
  }
  return { start, ticks, key: !(sample & 0x10000) };
}

// {init, parts: [{start, end, key, bytes}]} of a fragmented MP4 of one track; times in seconds.
export function splitTrack(bytes) {
  const boxes = boxesOf(bytes);
  const init = Buffer.concat(
    ["ftyp", "moov"].map(type => {
      const box = boxes.find(b => b.type === type);
      return bytes.subarray(box.at, box.at + box.length);
    }),
  );
  const trex = boxAt(bytes, ["moov", "mvex", "trex"]);
  const usual = { length: bytes.readUInt32BE(trex.body + 12), flags: bytes.readUInt32BE(trex.body + 20) };
  const scale = scaleOf(bytes);
  const parts = [];
  for (const [i, moof] of boxes.entries()) {
    if (moof.type !== "moof") continue;
    const { start, ticks, key } = fragmentOf(bytes, moof, usual);
    const mdat = boxes[i + 1];
    parts.push({
      start: start / scale,
      end: (start + ticks) / scale,
      key,
      bytes: bytes.subarray(moof.at, mdat.at + mdat.length),
    });
  }
  return { init, parts };
}

// --- a clip

const RUNGS = [
  { name: "v0", width: 640, height: 360, bitrate: 900000 },
  { name: "v1", width: 320, height: 180, bitrate: 300000 },
];

function encode(file, argv) {
  const frag = "+empty_moov+default_base_moof+skip_trailer+frag_keyframe";
  const { status, stderr } = spawnSync(
    "ffmpeg",
    ["-nostdin", "-hide_banner", "-v", "error", "-y", ...argv, "-f", "mp4"].concat([
      "-movflags",
      frag,
      "-frag_duration",
      "333000",
      file,
    ]),
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`no clip: ${stderr}`);
  const bytes = fs.readFileSync(file);
  fs.rmSync(file);
  return splitTrack(bytes);
}

// Tracks as an ingest has them, made in `dir`: [{name, width, height, bitrate, init, parts: [{k, p, start, end, …}]}].
// A keyframe every `gop` seconds; what is shown is a test picture with the frame's number as 16 black and white blocks
// at the bottom (tests/lib/browser.mjs reads it), beginning with `first`, and a tone.
export function makeClip(dir, { seconds = 20, rungs = RUNGS, sound = true, gop = 2, first = 0 } = {}) {
  const tracks = [];
  const counter = [];
  for (let bit = 0; bit < 16; bit++)
    counter.push(
      `drawbox=x=iw*${bit}/40:y=ih-iw/40:w=iw/40:h=iw/40:t=fill:color=white:enable='mod(floor((n+${first})/${2 ** (15 - bit)})\\,2)'`,
    );
  for (const rung of rungs) {
    const source = `testsrc2=s=${rung.width}x${rung.height}:r=25:d=${seconds}`;
    const black = `drawbox=x=0:y=ih-iw/40:w=iw*16/40:h=iw/40:t=fill:color=black`;
    const vf = [black, ...counter, "format=yuv420p"].join(",");
    const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", String(gop * 25)];
    const rate = ["-sc_threshold", "0", "-b:v", String(rung.bitrate), "-maxrate", String(rung.bitrate)];
    const argv = ["-f", "lavfi", "-i", source, "-vf", vf, ...x264, ...rate, "-bufsize", String(rung.bitrate)];
    tracks.push({ ...rung, ...encode(path.join(dir, `${rung.name}.mp4`), argv) });
  }
  if (sound) {
    const tone = [
      "-f",
      "lavfi",
      "-i",
      `sine=frequency=440:r=48000:d=${seconds}`,
      "-c:a",
      "aac",
      "-b:a",
      "64k",
    ];
    tracks.push({ name: "a", bitrate: 64000, ...encode(path.join(dir, "a.mp4"), tone) });
  }
  number(tracks);
  return tracks;
}

// Segments begin at the keyframes of the first track; the others follow it. None is longer than 2.4 s.
function number(tracks) {
  const begins = [];
  for (const part of tracks[0].parts)
    if (begins.length === 0 || part.key || part.end - begins.at(-1) > 2.4) begins.push(part.start);
  for (const track of tracks) {
    let [k, p] = [0, 0];
    for (const part of track.parts) {
      const at = begins.findLastIndex(t => t <= part.start + 0.1);
      if (at > k) [k, p] = [at, 0];
      Object.assign(part, { k, p: p++ });
    }
  }
}

// --- the ingest

// The put token of a job, signed with a key for the audience `store` (tokens.mjs).
export const putToken = (key, base, job = 7) =>
  sign(key, { job, put: `live/${base}`, exp: Math.floor(Date.now() / 1000) + 3600 });

// The newest key of a running core, from its key_dir.
export function coreKey(dir, aud) {
  const kid = fs
    .readdirSync(path.join(dir, aud))
    .filter(f => f.endsWith(".pem"))
    .sort()
    .at(-1)
    .slice(0, -".pem".length);
  return { kid, aud, secret: crypto.createPrivateKey(fs.readFileSync(path.join(dir, aud, `${kid}.pem`))) };
}

// One run: everything below `url` (http://HOST/live/v1/<lecture>/g<N>/<view>/<fence>), or the same on a unix socket.
export class Run {
  constructor({ url, socket, token, session = "session00001", child = 0, at = 0, tracks }) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    Object.assign(this, { url, socket, token, session, child, at, tracks });
    this.sent = 0; // parts
    this.answers = {}; // how often which
  }

  // The answer's status; `body` is JSON if it is no bytes.
  put(name, body = "") {
    const bytes = Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body);
    const { hostname, port, pathname } = new URL(this.url);
    const where = this.socket ? { socketPath: this.socket } : { hostname, port };
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Length": Buffer.byteLength(bytes) };
    const options = {
      ...where,
      method: "PUT",
      path: `${pathname}.${this.child}/${name}`,
      headers,
      agent: this.agent,
    };
    return new Promise((resolve, reject) => {
      const rq = http.request(options, rs => {
        rs.resume();
        rs.on("error", reject);
        rs.on("end", () => {
          this.answers[rs.statusCode] = (this.answers[rs.statusCode] ?? 0) + 1;
          resolve(rs.statusCode);
        });
      });
      rq.on("error", reject);
      rq.end(bytes);
    });
  }

  // As an ingest does: again until lived answers. While it is away lighttpd says 500, 502, 503 or 504.
  async send(name, body) {
    for (let tries = 0; ; tries++) {
      const status = await this.put(name, body).catch(() => 0);
      if ((status !== 0 && (status < 500 || status === 507)) || tries > 400) return status;
      await sleep(50);
    }
  }

  async begin() {
    const tracks = this.tracks.map(({ name, width, height, bitrate }) => ({ name, width, height, bitrate }));
    const status = await this.send("run", { session: this.session, at: this.at, tracks });
    for (const t of this.tracks) await this.send(`${t.name}/init`, t.init);
    return status;
  }

  // The parts that end in (from, to], in the order of their ends; in real time after `from` if `paced`. Resolves when
  // all are sent, the disk is full, or stop() was called.
  async parts({ from = 0, to = Infinity, paced = true } = {}) {
    const all = this.tracks.flatMap(t => t.parts.map(part => ({ name: t.name, ...part })));
    all.sort((a, b) => a.end - b.end);
    const begun = Date.now();
    for (const part of all) {
      if (part.end <= from || part.end > to || this.stopped) continue;
      if (paced) await sleep(Math.max(0, begun + (part.end - from) * 1000 - Date.now()));
      if (this.stopped) break;
      this.last = await this.send(`${part.name}/${part.k}.${part.p}`, part.bytes);
      if (this.last === 507) return;
      this.sent++;
      this.end = part.end;
    }
  }

  stop() {
    this.stopped = true;
  }

  async finish() {
    const status = await this.send("end");
    this.close();
    return status;
  }

  close() {
    this.agent.destroy();
  }
}

// What lectern-noded says at the end: {views}, or the status if it is none of success.
export function seal(socket, lecture, generation) {
  const body = JSON.stringify({ lecture, generation });
  const options = { socketPath: socket, method: "POST", path: "/node/v1/seal", agent: false };
  return new Promise((resolve, reject) => {
    const rq = http.request({ ...options, headers: { "Content-Length": body.length } }, rs => {
      let text = "";
      rs.on("error", reject);
      rs.on("data", d => (text += d));
      rs.on("end", () => resolve(rs.statusCode === 200 ? JSON.parse(text) : rs.statusCode));
    });
    rq.on("error", reject);
    rq.end(body);
  });
}
