// What the tests of lectern-rtmpd are made of: a core of a few lines, the programs, a publisher that speaks RTMP by
// itself, FFmpeg as a publisher, and the packets of a file.
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { start } from "../lib/programs.mjs";
import { ok, until } from "../lib/tap.mjs";
import { makeKey, now, sign } from "../lib/tokens.mjs";

// --- the core

export const TOKEN = "personal-" + crypto.randomBytes(12).toString("hex");
export const LECTURE = "lecture00001";
export const key = makeKey("i1", "ingest");

// nodes: number by name, as they join. ingests: names that may be given a stream, in that order. sessions: what was made.
// jobs: as they are leased; reports: of those that ended. target: answers which upload a recording is, with a status.
// script: what happens to the next questions for a place: "lost" (the answer), "taken" (refused); hold: a promise that they
// wait for.
// put: where what viewers see of a job goes, {url, token}; renew: tokens that the next answers bring.
// assignFirst: the job is given to its ingest before the ticket to the entry.
export const core = {
  jobs: new Map(),
  reports: [],
  slots: {},
  target: () => [503, {}],
  put: () => undefined,
  renew: [],
  assignFirst: false,
  script: [],
  hold: null,
  every: {}, // by name, where it is not 0.3
  keys: [key],
  nodes: {},
  beats: {},
  starts: [],
  stops: [],
  ingests: [],
  sessions: 0,
  shown: new Set(), // jobs
  fence: 0,
  down: false,
};
let jti = 0;

export const ticket = (claims, set = key) =>
  sign(set, {
    jti: `jti-${++jti}`,
    job: 7,
    att: claims.fen,
    lec: LECTURE,
    views: ["CAM"],
    exp: now() + 60,
    ...claims,
  });

const FIRST_JOB = 100;
const attempts = new Map();

// A new attempt of the job for this node; it leaves the one that had it.
export function lease(job, node, fence) {
  const attempt = (attempts.get(job) ?? 0) + 1;
  attempts.set(job, attempt);
  const put = core.put(job, fence);
  core.jobs.set(job, { job, attempt, fence, node, kind: "live", lane: "live", lecture: LECTURE, put });
  return attempt;
}

async function begin(q) {
  if (q.token !== TOKEN)
    return { refused: "token", text: "This stream key is not known: make a new one in Lectern." };
  const name = core.ingests.find(n => !(q.avoid ?? []).includes(core.nodes[n]));
  if (!name) return { refused: "ingest", text: "No machine is free." };
  const session = q.session || `session${String(++core.sessions).padStart(5, "0")}`;
  const fence = ++core.fence;
  const node = core.nodes[name];
  const view = q.view ?? "CAM";
  const address = core.addresses[name];
  const job = FIRST_JOB + Number(session.slice("session".length));
  const att = lease(job, node, fence);
  if (core.assignFirst) await until("the ingest has the job", () => core.jobs.get(job)?.told);
  return {
    session,
    job,
    fence,
    node,
    address,
    ticket: ticket({ ses: session, fen: fence, node, job, att, views: [view] }),
  };
}

// The jobs of an answer to a heartbeat.
function beat(node, reports) {
  const ack = [];
  const refused = [];
  for (const r of reports) {
    const j = core.jobs.get(r.job);
    if (j?.node !== node || j.attempt !== r.attempt) {
      refused.push({ job: r.job, attempt: r.attempt });
      continue;
    }
    j.told = true;
    if (r.shown) core.shown.add(r.job);
    if (r.state === "running") continue;
    core.reports.push({ ...r, node });
    core.jobs.delete(r.job);
    ack.push(r.job);
  }
  const assign = [...core.jobs.values()].filter(j => j.node === node && !j.told);
  const mine = r => core.jobs.get(r.job)?.node === node;
  const tokens = core.renew.filter(mine).map(r => ({ ...r, attempt: core.jobs.get(r.job).attempt }));
  core.renew = core.renew.filter(r => !mine(r));
  return { assign, refused, tokens, ack: { jobs: ack, uploads: [] } };
}

async function answer(rq, body) {
  if (core.down) return [503, {}];
  if (rq.url === "/api/v1/node/join") {
    const node = (core.nodes[body.name] ??= Object.keys(core.nodes).length + 1);
    core.joins = { ...core.joins, [body.name]: body };
    return [200, { node, token: `node-${body.name}` }];
  }
  const name = rq.headers.authorization?.slice("Bearer node-".length);
  if (!core.nodes[name]) return [401, {}];
  if (rq.url === "/api/v1/live/start") {
    core.starts.push({ ...body, by: name });
    await core.hold;
    const turn = core.script.shift();
    if (turn === "taken") return [200, { refused: "taken", text: "Somebody streams this view already." }];
    const place = await begin(body);
    return turn === "lost" ? [504, {}] : [200, place];
  }
  if (rq.url === "/api/v1/live/stop") return [200, (core.stops.push(body), {})];
  if (rq.url === "/api/v1/live/upload") return core.target(body, name);
  core.beats[name] = (core.beats[name] ?? 0) + 1;
  core.slots[name] = body.slots;
  const jobs = beat(core.nodes[name], body.jobs ?? []);
  return [
    200,
    {
      every: core.every[name] ?? 0.3,
      node: core.nodes[name],
      keys: core.keys.map(k => ({ kid: k.kid, aud: k.aud, x: k.x })),
      ...jobs,
    },
  ];
}

export const server = http.createServer((rq, rs) => {
  const parts = [];
  rq.on("data", d => parts.push(d));
  rq.on("end", async () => {
    const [status, o] = await answer(rq, JSON.parse(Buffer.concat(parts)));
    rs.writeHead(status, { "Content-Type": "application/json" });
    rs.end(JSON.stringify(o));
  });
});

// --- the programs

export const size = file => (fs.existsSync(file) ? fs.statSync(file).size : 0);

// Entries and ingests in folders of their own below `dir`, where the core listens already.
export function fleet(dir) {
  const at = (...p) => path.join(dir, ...p);
  const programs = {};
  fs.writeFileSync(at("join"), "org-token\n");
  return {
    programs,
    configure(name, lines) {
      fs.mkdirSync(at(name, "run"), { recursive: true });
      const all = {
        run_dir: at(name, "run"),
        node_dir: at(name, "node"),
        live_dir: at(name, "live"),
        core_url: `http://127.0.0.1:${server.address().port}`,
        join_token_file: at("join"),
        node_name: name,
        store_min_free: "1M",
        program_dir: process.env.LECTERN_BUILD,
        ...lines,
      };
      fs.writeFileSync(
        at(name, "lectern.conf"),
        Object.entries(all)
          .map(([k, v]) => `${k} = ${v}\n`)
          .join(""),
      );
    },
    async launch(name) {
      const before = core.beats[name] ?? 0;
      programs[name] = start([
        path.join(process.env.LECTERN_BUILD, "lectern-rtmpd"),
        "-c",
        at(name, "lectern.conf"),
      ]);
      // the answer to the first heartbeat has the number and the keys; the second comes after it was heard
      await until(`${name} has joined`, () => (core.beats[name] ?? 0) >= before + 2);
    },
    async kill(name) {
      programs[name].kill("SIGKILL");
      await programs[name].gone;
    },
    recordings: name =>
      fs.existsSync(at(name, "live/rec")) ? fs.readdirSync(at(name, "live/rec")).sort() : [],
    recording: (name, file) => at(name, "live/rec", file),
  };
}

// --- FFmpeg

const quiet = ["-nostdin", "-hide_banner", "-loglevel", "warning"];

export function makeSource(file, seconds, picture = "testsrc2") {
  const video = ["-f", "lavfi", "-i", `${picture}=s=320x180:r=25`];
  const audio = ["-f", "lavfi", "-i", "sine=f=440:r=48000"];
  const codecs = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-g",
    "25",
    "-c:a",
    "aac",
  ];
  execFileSync("ffmpeg", [...quiet, ...video, ...audio, "-t", String(seconds), ...codecs, "-f", "flv", file]);
}

// Publishes the file as it is; in real time if `slowly`. What it says goes to `log`: it repeats the address.
export function publish(file, url, { slowly = false, log, options = [] } = {}) {
  const fd = fs.openSync(log, "w");
  const pace = slowly ? ["-re"] : [];
  const argv = ["ffmpeg", ...quiet, ...pace, "-i", file, "-c", "copy", "-f", "flv", ...options, url];
  const child = start(argv, { stdio: ["ignore", fd, fd] });
  fs.closeSync(fd);
  return child;
}

// Every packet of a file: stream, decoding time, presentation time, length and hash.
export function packets(file) {
  const text = execFileSync(
    "ffmpeg",
    [...quiet, "-i", file, "-map", "0:v", "-map", "0:a", "-c", "copy", "-copyts", "-f", "framemd5", "-"],
    {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    },
  );
  const rows = text.split("\n").filter(line => line && !line.startsWith("#"));
  return rows
    .map(line => line.split(",").map(cell => cell.trim()))
    .map(c => [c[0], c[1], c[2], c[4], c[5]].join(" "));
}

export function compare(source, found, what) {
  const lost = source.filter(p => !new Set(found).has(p));
  ok(source.length > 0 && lost.length === 0, `${what}: 0 of ${source.length} packets are missing`, lost);
  const alien = found.filter(p => !new Set(source).has(p));
  ok(alien.length === 0, `${what}: and none is there that was not sent`, alien);
}

// --- RTMP by hand

const number = v => {
  const b = Buffer.alloc(9);
  b.writeDoubleBE(v, 1);
  return b;
};
const raw = s => Buffer.concat([Buffer.from([s.length >> 8, s.length & 255]), Buffer.from(s)]);
const text = s => Buffer.concat([Buffer.from([2]), raw(s)]);
const none = Buffer.from([5]);
const object = members => {
  const rows = Object.entries(members).flatMap(([k, v]) => [raw(k), text(v)]);
  return Buffer.concat([Buffer.from([3]), ...rows, Buffer.from([0, 0, 9])]);
};

export function message(type, stream, body) {
  const head = Buffer.alloc(12);
  head[0] = 3;
  head.writeUIntBE(body.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(stream, 8);
  return Buffer.concat([head, body]);
}
export const command = (stream, name, transaction, ...rest) =>
  message(20, stream, Buffer.concat([text(name), number(transaction), ...rest]));

const hello = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]);
const largeChunks = message(1, 0, Buffer.from([0, 16, 0, 0]));

// All that leads up to publish, in one piece.
export const publishing = (name, app = "live") =>
  Buffer.concat([
    hello,
    largeChunks,
    command(0, "connect", 1, object({ app, tcUrl: `rtmp://127.0.0.1/${app}` })),
    command(0, "createStream", 2, none),
    command(1, "publish", 3, none, text(name), text("live")),
  ]);

// A connection that says `bytes`: {socket, heard(), gone}. gone resolves when the other side has ended it.
export function connect(port, from, bytes) {
  const socket = net.connect({ host: "127.0.0.1", port, localAddress: from });
  const parts = [];
  socket.on("data", d => parts.push(d));
  socket.on("error", () => {});
  const gone = new Promise(resolve => socket.on("close", resolve));
  socket.on("end", () => socket.destroy());
  if (bytes) socket.write(bytes);
  return { socket, heard: () => Buffer.concat(parts).toString("latin1"), gone };
}
