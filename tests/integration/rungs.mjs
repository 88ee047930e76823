#!/usr/bin/env node
// What viewers see of a live stream, as lectern-rtmpd makes it: FFmpeg publishes at an entry, the ingest's own FFmpeg makes
// renditions, and a lectern-lived of a few lines gets inits and parts, which are put together and compared with what
// was published. That FFmpeg killed, stopped and slowed down; lived away, refusing, with another token.
// instance: none
// timeout: 600
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fragment, scaleOf } from "../lib/boxes.mjs";
import { freePort } from "../lib/net.mjs";
import { folder, output, stop } from "../lib/programs.mjs";
import { comes, equal, note, ok, run, skipAll, sleep, until } from "../lib/tap.mjs";
import { now } from "../lib/tokens.mjs";
import * as lib from "./rtmpd_lib.mjs";
import { core, publish, TOKEN } from "./rtmpd_lib.mjs";

const build = process.env.LECTERN_BUILD;
if (!build) skipAll("run me by ./lectern test integration/rungs");

const dir = folder("rungs");
const at = (...p) => path.join(dir, ...p);
const SECONDS = 8;

await new Promise(r => lib.server.listen(0, "127.0.0.1", r));

// --- lectern-lived

// answer: the status of a request instead of the usual one, or nothing. runs: by "job/fence.child".
const lived = { answer: () => {}, token: "put-token", runs: new Map(), asked: 0 };

function take(rq, body) {
  const [, job, name, rest] = /^\/live\/v1\/(\d+)\/(\d+\.\d+)\/(.*)$/.exec(rq.url) ?? [];
  lived.asked++;
  if (rq.method !== "PUT" || !name) return 404;
  if (rq.headers.authorization !== `Bearer ${lived.token}`) return 403;
  const other = lived.answer(job, name, rest);
  if (other) return other;
  const key = `${job}/${name}`;
  if (rest === "run")
    lived.runs.set(key, { ...JSON.parse(body), job: Number(job), pieces: new Map(), ended: false });
  const r = lived.runs.get(key);
  if (!r) return 404;
  if (rest === "end") r.ended = true;
  if (r.pieces.has(rest)) return 200;
  r.pieces.set(rest, body);
  return 201;
}

const server = http.createServer((rq, rs) => {
  const parts = [];
  rq.on("data", d => parts.push(d));
  rq.on("end", () => {
    const status = take(rq, Buffer.concat(parts));
    rs.writeHead(status, { "Content-Type": "application/json" });
    rs.end(status < 300 ? "" : JSON.stringify({ error: "no" }));
  });
});
await new Promise(r => server.listen(0, "127.0.0.1", r));
core.put = (job, fence) => ({
  url: `http://127.0.0.1:${server.address().port}/live/v1/${job}/${fence}`,
  token: lived.token,
});

const runsOf = job => [...lived.runs.values()].filter(r => r.job === job);

// The parts of a track: {segment, part, from, to (seconds), key, bytes}, in order.
function partsOf(r, track) {
  const init = r.pieces.get(`${track}/init`);
  const scale = scaleOf(init);
  return [...r.pieces]
    .filter(([name]) => name.startsWith(`${track}/`) && !name.endsWith("init"))
    .map(([name, bytes]) => {
      const [segment, part] = name
        .slice(track.length + 1)
        .split(".")
        .map(Number);
      return { segment, part, ...fragment(bytes, scale), bytes };
    });
}

// Time (ms, that of the stream) and hash of each sample of a track, and of each packet of a file.
const samplesOf = (r, track) =>
  partsOf(r, track).flatMap(p =>
    p.samples.map(
      x => `${Math.round(x.shown * 1000) + r.at} ${crypto.createHash("md5").update(x.bytes).digest("hex")}`,
    ),
  );

function packetsOf(file, stream) {
  const argv = [
    "-v",
    "error",
    "-select_streams",
    stream,
    "-show_packets",
    "-show_data_hash",
    "md5",
    "-of",
    "json",
  ];
  const text = execFileSync("ffprobe", [...argv, at(file)], { encoding: "utf8", maxBuffer: 1 << 27 });
  return JSON.parse(text).packets.map(
    p => `${Math.round(p.pts_time * 1000)} ${p.data_hash.slice("MD5:".length)}`,
  );
}

const time = sample => sample.split(" ")[0];
const hash = sample => sample.split(" ")[1];
const lost = (all, found) => all.filter(x => !new Set(found).has(x));

// No two frames of the sound are alike. FFmpeg counts their times by samples, where an FLV has milliseconds. What begins
// before the pictures, or too little behind them for a part, is left out.
function lostSound(name, runs) {
  const found = new Set(runs.flatMap(r => (r.pieces.has("a/init") ? samplesOf(r, "a") : [])).map(hash));
  return packetsOf(name, "a")
    .slice(20)
    .filter(p => !found.has(hash(p))).length;
}

// --- the programs

const { programs, configure, launch, recordings, recording } = lib.fleet(dir);
const ports = { entry: await freePort(), first: await freePort() };
core.addresses = { first: `127.0.0.1:${ports.first}` };
core.ingests = ["first"];

const said = text => output().includes(text);
const reported = () => core.reports.filter(r => r.job === job());
const job = () => 100 + core.sessions;

function makeSource(name, { seconds = SECONDS, keyframes = 50, sound = true, lines = 480 } = {}) {
  const width = Math.round((lines * 16) / 18) * 2;
  const picture = ["-f", "lavfi", "-i", `testsrc2=s=${width}x${lines}:r=25`];
  const tone = sound ? ["-f", "lavfi", "-i", "aevalsrc=sin(2*PI*(200+50*t)*t):s=48000", "-c:a", "aac"] : [];
  const x264 = [
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-pix_fmt",
    "yuv420p",
    "-bf",
    "2",
    "-sc_threshold",
    "0",
  ];
  const keys = ["-g", String(keyframes), "-keyint_min", String(keyframes)];
  const quiet = ["-nostdin", "-loglevel", "error", "-y"];
  const all = [...quiet, ...picture, ...tone, ...x264, ...keys, "-t", String(seconds), "-f", "flv", at(name)];
  execFileSync("ffmpeg", all);
}

async function live(name) {
  const sessions = core.sessions;
  const publisher = publish(at(name), `rtmp://127.0.0.1:${ports.entry}/live/${TOKEN}`, {
    slowly: true,
    log: at("log"),
  });
  await until("a new stream", () => core.sessions > sessions);
  return publisher;
}
const shows = (number = job()) => until("it is shown", () => core.shown.has(number));
const ended = (number = job()) =>
  until("its picture ends", () => runsOf(number).length > 0 && runsOf(number).at(-1).ended);

// The FFmpeg of the ingest.
function encoder() {
  const tasks = fs.readdirSync(`/proc/${programs.first.pid}/task`);
  const children = tasks.flatMap(task =>
    fs.readFileSync(`/proc/${programs.first.pid}/task/${task}/children`, "utf8").trim().split(" "),
  );
  return Number(children.findLast(pid => pid && fs.readFileSync(`/proc/${pid}/comm`, "utf8") === "ffmpeg\n"));
}

function recorded(name, what) {
  const session = `session${String(core.sessions).padStart(5, "0")}`;
  const file = recordings("first")
    .filter(f => f.startsWith(session))
    .at(-1);
  lib.compare(lib.packets(at(name)), lib.packets(recording("first", file)), what);
}

// --- parts

const ingest = more => ({
  rtmpd_roles: "ingest",
  ingest_listen: `127.0.0.1:${ports.first}`,
  ingest_url: `rtmp://127.0.0.1:${ports.first}`,
  ...more,
});

async function testStart() {
  makeSource("source.flv");
  makeSource("long.flv", { seconds: 20 });
  makeSource("uneven.flv", { seconds: 12, keyframes: 200 });
  makeSource("mute.flv", { seconds: 5, sound: false });
  configure("first", ingest());
  configure("entry", { rtmpd_roles: "entry", rtmp_listen: `127.0.0.1:${ports.entry}` });
  for (const name of ["first", "entry"]) await launch(name);
  ok(await comes(() => said("measured what live streams cost here")), "an ingest measures what streams cost");
  ok(core.slots.first.live > 0, "and has places", core.slots.first);
}

// Numbers and lengths of a track's parts.
function checkParts(r, track) {
  const parts = partsOf(r, track);
  const order = parts.every(
    (p, i) =>
      i === 0 ||
      (p.segment === parts[i - 1].segment && p.part === parts[i - 1].part + 1) ||
      (p.segment === parts[i - 1].segment + 1 && p.part === 0),
  );
  ok(order && parts[0].segment === 0 && parts[0].part === 0, `${track}: segments and parts are numbered`);
  const longest = Math.max(...parts.map(p => p.to - p.from));
  ok(longest <= 0.4, `${track}: no part is longer than 0.4 s`, longest);
  const short = parts.filter((p, i) => parts[i + 1]?.segment === p.segment && p.to - p.from < 0.339);
  ok(
    short.length === 0,
    `${track}: nor shorter than 0.34 s, but the last of a segment`,
    short.map(p => p.from),
  );
  const gaps = parts.filter((p, i) => i > 0 && Math.abs(p.from - parts[i - 1].to) > 0.0011);
  ok(
    gaps.length === 0,
    `${track}: each part begins where the one before ends`,
    gaps.map(p => p.from),
  );
  return parts;
}

const begins = parts => parts.filter(p => p.part === 0);

function checkAligned(r) {
  const top = begins(partsOf(r, "v0"));
  for (const track of r.tracks.map(t => t.name)) {
    const near = track === "a" ? 0.12 : 0.0011; // sound is written as much earlier as B-frames let pictures wait
    const found = begins(partsOf(r, track));
    const off = top.filter(
      (s, i) => Math.abs(found[i]?.from - s.from) > (track === "a" && i === 0 ? 0.4 : near),
    );
    ok(found.length === top.length && off.length === 0, `${track}: its segments are those of the top`, {
      top: top.map(s => s.from),
      found: found.map(s => s.from),
    });
    ok(
      found.every(s => s.key),
      `${track}: each begins with a keyframe`,
    );
  }
}

async function testRungs() {
  const publisher = await live("source.flv");
  await shows();
  ok(runsOf(job()).length === 1 && !runsOf(job())[0].ended, "while the stream goes on it is shown");
  equal(await publisher.gone, 0, "the publisher ends");
  await ended();
  const [r] = runsOf(job());
  equal(r.tracks.map(t => t.name).join(), "v0,v1,a", "there are a top, a rung below it, and the sound");
  equal(r.tracks.map(t => t.copied ?? false).join(), "true,false,true", "the rung is encoded");
  equal(
    r.tracks
      .slice(0, 2)
      .map(t => `${t.width}x${t.height}`)
      .join(),
    "854x480,640x360",
    "of these sizes",
  );
  equal(r.session, `session${String(core.sessions).padStart(5, "0")}`, "it says its session");
  for (const t of r.tracks) checkParts(r, t.name);
  checkAligned(r);
  const pictures = packetsOf("source.flv", "v");
  const top = samplesOf(r, "v0");
  equal(top.join(), pictures.join(), "the top is what was published");
  equal(
    samplesOf(r, "v1").map(time).join(),
    pictures
      .map(time)
      .sort((a, b) => a - b)
      .join(),
    "the rung has the same pictures",
  );
  equal(lostSound("source.flv", [r]), 0, "the sound is what was published");
  recorded("source.flv", "the recording");
}

// All pictures and the sound of a source, over several runs.
function checkTogether(runs, name) {
  const all = track => runs.flatMap(r => (r.pieces.has(`${track}/init`) ? samplesOf(r, track) : []));
  equal(lost(packetsOf(name, "v"), all("v0")).length, 0, "over all runs no picture is lost");
  equal(lostSound(name, runs), 0, "and no sound");
}

async function testKilled() {
  const publisher = await live("source.flv");
  await shows();
  process.kill(encoder(), "SIGKILL");
  equal(await publisher.gone, 0, "the ingest's FFmpeg is killed: the publisher does not notice");
  await ended();
  const runs = runsOf(job());
  ok(runs.length === 2 && runs[0].ended, "another one goes on", runs.length);
  equal(runs[1].tracks.length, 3, "with as many rungs");
  checkTogether(runs, "source.flv");
  checkAligned(runs[1]);
  recorded("source.flv", "the recording");
}

async function testStopped() {
  const publisher = await live("source.flv");
  await shows();
  const pid = encoder();
  process.kill(pid, "SIGSTOP");
  equal(await publisher.gone, 0, "the ingest's FFmpeg stands still");
  await ended();
  ok(said("FFmpeg is stuck"), "which is noticed");
  ok(await comes(() => !fs.existsSync(`/proc/${pid}`)), "it is gone");
  checkTogether(runsOf(job()), "source.flv");
  recorded("source.flv", "the recording");
}

// It stands still for two seconds, which is not stuck, until it has brought something, and so on.
async function testSlow() {
  const publisher = await live("long.flv");
  await shows();
  const [first] = runsOf(job());
  const pid = encoder();
  const signal = name => fs.existsSync(`/proc/${pid}/fd`) && process.kill(pid, name);
  while (!first.ended) {
    const pieces = first.pieces.size;
    signal("SIGSTOP");
    await sleep(2000);
    signal("SIGCONT");
    await until("a piece", () => first.ended || first.pieces.size > pieces, 60, 1);
  }
  ok(said("this machine is too slow"), "that is noticed");
  equal(await publisher.gone, 0, "the ingest's FFmpeg is too slow");
  await ended();
  const last = runsOf(job()).at(-1);
  equal(last.tracks.map(t => t.name).join(), "v0,a", "the encoded rung is left out");
  checkTogether(runsOf(job()), "long.flv");
  recorded("long.flv", "the recording");
}

async function testAway() {
  const publisher = await live("source.flv");
  await shows();
  const { asked } = lived;
  lived.answer = () => 503;
  await until("it is asked again and again", () => lived.asked > asked + 4);
  lived.answer = () => {};
  equal(await publisher.gone, 0, "lectern-lived is away for a while");
  await ended();
  equal(runsOf(job()).length, 1, "the run goes on");
  checkTogether(runsOf(job()), "source.flv");
}

async function testToken() {
  const publisher = await live("source.flv");
  await shows();
  const [r] = runsOf(job());
  const pieces = r.pieces.size;
  lived.token = "another-token";
  core.renew.push({ job: job(), token: lived.token, token_until: now() + 600 });
  ok(await comes(() => r.pieces.size > pieces + 2), "a renewed token is used");
  equal(await publisher.gone, 0, "to the end");
  await ended();
  checkTogether(runsOf(job()), "source.flv");
}

async function testRefused() {
  lived.answer = (number, name, rest) => (name.endsWith(".0") && rest === "v1/1.1" ? 422 : undefined);
  const publisher = await live("source.flv");
  equal(await publisher.gone, 0, "lectern-lived refuses a part");
  await ended();
  lived.answer = () => {};
  equal(runsOf(job()).length, 2, "there is another run");
  checkTogether(runsOf(job()), "source.flv");
}

async function testTaken() {
  const publisher = await live("source.flv");
  await shows();
  lived.answer = () => 409;
  ok(await comes(() => said("a stream is shown from elsewhere")), "a newer run is there");
  const { asked } = lived;
  equal(await publisher.gone, 0, "the recording goes on");
  ok(await comes(() => reported().length > 0), "to its end");
  lived.answer = () => {};
  ok(lived.asked <= asked + 1 && runsOf(job()).length === 1, "nothing more is sent");
  recorded("source.flv", "the recording");
}

// Keyframes as OBS has them by itself.
async function testUneven() {
  const publisher = await live("uneven.flv");
  equal(await publisher.gone, 0, "keyframes are 8 seconds apart");
  await ended();
  const runs = runsOf(job());
  const last = runs.at(-1);
  ok(runs[0].tracks[0].copied && !last.tracks[0].copied, "the top is encoded as soon as that is known");
  equal(
    last.tracks.map(t => `${t.name} ${t.height ?? ""}`).join(),
    "v0 480,v1 360,a ",
    "with a rung below it",
  );
  for (const t of last.tracks) checkParts(last, t.name);
  checkAligned(last);
  const times = new Set(runs.flatMap(r => samplesOf(r, "v0")).map(time));
  ok(
    packetsOf("uneven.flv", "v").every(p => times.has(time(p))),
    "no picture is lost",
  );
}

async function testNoSound() {
  const publisher = await live("mute.flv");
  equal(await publisher.gone, 0, "a stream without sound");
  await ended();
  const [r] = runsOf(job());
  equal(r.tracks.map(t => t.name).join(), "v0,v1", "has no track of sound");
  checkAligned(r);
  equal(samplesOf(r, "v0").join(), packetsOf("mute.flv", "v").join(), "and all its pictures");
}

async function testRoom() {
  await stop(programs.first);
  configure("first", ingest({ live_cpu: 0 }));
  await launch("first");
  const publisher = await live("source.flv");
  equal(await publisher.gone, 0, "a machine that may not encode");
  await ended();
  equal(
    runsOf(job())[0]
      .tracks.map(t => t.name)
      .join(),
    "v0,a",
    "shows the picture as it comes",
  );
  await stop(programs.first);
  configure("first", ingest({ live_cpu: 1 }));
  await launch("first");
  ok(await comes(() => !core.slots.first.live), "one that has no room takes no streams", core.slots.first);
}

async function testSecrets() {
  for (const name of ["entry", "first"]) equal(await stop(programs[name]), 0, `${name} ends`);
  ok(
    !output().includes(TOKEN) && !output().includes("put-token") && !output().includes(lived.token),
    "no token stands in a log",
  );
  ok(
    !/AddressSanitizer|LeakSanitizer|runtime error/.test(output()),
    "the sanitizers find nothing",
    output().slice(-3000),
  );
}

await run(
  [
    testStart,
    testRungs,
    testKilled,
    testStopped,
    testSlow,
    testAway,
    testToken,
    testRefused,
    testTaken,
    testUneven,
    testNoSound,
    testRoom,
    testSecrets,
  ],
  failed => {
    if (failed) note(output().split("\n").slice(-25).join("\n"));
    for (const s of [lib.server, server]) {
      s.close();
      s.closeAllConnections();
    }
  },
);
