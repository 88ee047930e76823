#!/usr/bin/env node
// From a publisher to what players read: FFmpeg publishes at lectern-rtmpd, whose ingest brings renditions to lectern-lived
// behind lighttpd. Every playlist is validated, and every picture that was published is looked for on disk. The ingest's
// FFmpeg killed, lectern-lived killed, a second ingest that takes over.
// instance: none
// timeout: 600
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { boxes, fragment, scaleOf } from "../lib/boxes.mjs";
import { putToken, seal } from "../lib/feed.mjs";
import { checkTogether, Follower, parse, parseMaster } from "../lib/hls_check.mjs";
import { freePort, request } from "../lib/net.mjs";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { equal, note, ok, run, skipAll, until } from "../lib/tap.mjs";
import { makeKey, sign } from "../lib/tokens.mjs";
import * as lib from "./rtmpd_lib.mjs";
import { core, LECTURE, publish, TOKEN } from "./rtmpd_lib.mjs";

const build = process.env.LECTERN_BUILD;
const src = process.env.LECTERN_SRC || new URL("../..", import.meta.url).pathname;
if (!build) skipAll("run me by ./lectern test integration/shown");

const dir = folder("shown");
const at = (...p) => path.join(dir, ...p);
const SECONDS = 10;
const storeKey = makeKey("s1", "store");
const playKey = makeKey("p1", "play");
const port = await freePort();
const site = `http://127.0.0.1:${port}`;

await new Promise(r => lib.server.listen(0, "127.0.0.1", r));

// --- the storage node

let generation = 1; // of the next stream: one more
let lived;

core.put = (job, fence) => {
  const base = `${LECTURE}/g${generation}/CAM/${fence}`;
  return { url: `${site}/live/v1/${base}`, token: putToken(storeKey, base, job) };
};
const playToken = () => sign(playKey, { lec: LECTURE, gmin: 1, gmax: 99, views: ["CAM"], dl: false });
const address = name => `${site}/m/${playToken()}/${LECTURE}/g${generation}/CAM/${name}`;
const get = name => request("GET", address(name));
const onDisk = name => fs.readFileSync(at("store/media", LECTURE, `g${generation}`, "CAM", name));

async function startLived() {
  lived = start([path.join(build, "lectern-lived"), "-c", at("lectern.conf")]);
  await until("lectern-lived", async () => [200, 404].includes((await get("live.m3u8")).status));
}

async function startStore() {
  for (const d of ["run", "node", "store", "tmp"]) fs.mkdirSync(at(d));
  const keys = [storeKey, playKey].map(({ kid, aud, x }) => ({ kid, aud, x }));
  fs.writeFileSync(at("node/keys.json"), JSON.stringify({ keys }));
  const conf = { run_dir: at("run"), node_dir: at("node"), store_root: at("store"), store_url: site };
  Object.assign(conf, { authz_socket: at("run/authz.sock"), lived_socket: at("run/lived.sock") });
  const lines = Object.entries(conf).map(([key, value]) => `${key} = ${value}\n`);
  fs.writeFileSync(at("lectern.conf"), lines.join(""));
  let text = fs.readFileSync(path.join(src, "contrib/lighttpd/storage.conf.in"), "utf8");
  const words = { PORT: port, STATE: dir, RUN: at("run"), STORE: at("store"), CORE: site };
  for (const [k, v] of Object.entries(words)) text = text.replaceAll(`@${k}@`, v);
  fs.writeFileSync(at("lighttpd.conf"), text + 'server.bind = "127.0.0.1"\n');
  start(["lighttpd", "-D", "-f", at("lighttpd.conf")]);
  start([path.join(build, "lectern-authz"), "-c", at("lectern.conf")]);
  await startLived();
}

// --- what is there

const md5 = bytes => crypto.createHash("md5").update(bytes).digest("hex");

// The hashes of all samples of a sealed track, in order.
function samplesOf(track) {
  const list = parse(onDisk(`${track}.m3u8`).toString());
  return list.segments.flatMap(s => {
    const scale = scaleOf(onDisk(s.map));
    const bytes = onDisk(s.uri);
    const found = [];
    for (let from = 0; from < bytes.length; ) {
      const pair = bytes.readUInt32BE(from) + bytes.readUInt32BE(from + bytes.readUInt32BE(from));
      found.push(...fragment(bytes.subarray(from, from + pair), scale).samples.map(x => md5(x.bytes)));
      from += pair;
    }
    return found;
  });
}

function packetsOf(stream) {
  const argv = ["-v", "error", "-select_streams", stream, "-show_packets", "-show_data_hash", "md5"];
  const text = execFileSync("ffprobe", [...argv, "-of", "json", at("source.flv")], {
    encoding: "utf8",
    maxBuffer: 1 << 27,
  });
  return JSON.parse(text).packets.map(p => p.data_hash.slice("MD5:".length));
}

let pictures = [];
let sound = [];
const lost = (all, found) => all.filter(x => !new Set(found).has(x)).length;

// Waits for the end of the last run, seals, and looks at everything.
async function checkSealed(what) {
  const length = list => list.segments.reduce((sum, s) => sum + s.length, 0);
  await until("all segments are complete", async () => {
    const { status, body } = await get("plain-v0.m3u8");
    return status === 200 && length(parse(body.toString())) > SECONDS - 0.2;
  });
  const told = await seal(at("run/lived.sock"), LECTURE, generation);
  equal(told.views?.[0]?.view, "CAM", `${what}: it is sealed`);
  const list = parse(onDisk("v0.m3u8").toString());
  equal(list.findings.join(), "", `${what}: its playlist is valid`);
  const found = samplesOf("v0");
  equal(lost(pictures, found), 0, `${what}: no picture is lost`);
  // FFmpeg begins with the pictures, and a sound that begins later with a whole part
  equal(lost(sound.slice(20), samplesOf("a")), 0, `${what}: and no sound`);
  return { list, doubles: found.length - pictures.length };
}

// --- the programs

const { programs, configure, launch, kill } = lib.fleet(dir);
const ports = { entry: await freePort(), first: await freePort(), second: await freePort() };
core.addresses = { first: `127.0.0.1:${ports.first}`, second: `127.0.0.1:${ports.second}` };
const job = () => 100 + core.sessions;

async function live() {
  const sessions = core.sessions;
  generation++;
  const publisher = publish(at("source.flv"), `rtmp://127.0.0.1:${ports.entry}/live/${TOKEN}`, {
    slowly: true,
    log: at("log"),
  });
  await until("a new stream", () => core.sessions > sessions);
  await until("it is shown", () => core.shown.has(job()));
  return publisher;
}

function encoderOf(name) {
  const tasks = fs.readdirSync(`/proc/${programs[name].pid}/task`);
  const children = tasks.flatMap(task =>
    fs.readFileSync(`/proc/${programs[name].pid}/task/${task}/children`, "utf8").trim().split(" "),
  );
  return Number(children.find(pid => pid && fs.readFileSync(`/proc/${pid}/comm`, "utf8") === "ffmpeg\n"));
}

function makeSource() {
  const inputs = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=854x480:r=25",
    "-f",
    "lavfi",
    "-i",
    "aevalsrc=sin(2*PI*(200+50*t)*t):s=48000",
  ];
  const video = [
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
  const rest = ["-g", "50", "-c:a", "aac", "-t", String(SECONDS), "-f", "flv", at("source.flv")];
  execFileSync("ffmpeg", ["-nostdin", "-loglevel", "error", ...inputs, ...video, ...rest]);
  pictures = packetsOf("v");
  sound = packetsOf("a");
}

// --- parts

async function testStart() {
  makeSource();
  await startStore();
  for (const name of ["first", "second"])
    configure(name, {
      rtmpd_roles: "ingest",
      ingest_listen: `127.0.0.1:${ports[name]}`,
      ingest_url: `rtmp://127.0.0.1:${ports[name]}`,
    });
  configure("entry", { rtmpd_roles: "entry", rtmp_listen: `127.0.0.1:${ports.entry}` });
  for (const name of ["first", "second", "entry"]) await launch(name);
  core.ingests = ["first"];
}

async function testShown() {
  const publisher = await live();
  const master = parseMaster((await get("live.m3u8")).body.toString());
  equal(master.findings.join(), "", "the master is valid");
  equal(master.variants.map(v => v.RESOLUTION).join(), "854x480,640x360", "a top and a rung");
  const all = ["v0", "v1", "a"].map(name => new Follower(address(`live-${name}.m3u8`)));
  const running = all.map(f => f.run());
  equal(await publisher.gone, 0, "the publisher ends");
  const { list, doubles } = await checkSealed("a stream");
  await Promise.all(running);
  const findings = [...all.flatMap(f => f.history.findings), ...checkTogether(all.map(f => f.history))];
  equal(findings.join("\n"), "", "every playlist that players saw is valid");
  equal(all.flatMap(f => f.errors).join("\n"), "", "and no request failed");
  ok(list.segments.every(s => !s.discontinuity) && doubles === 0, "it is one run", doubles);
  ok(boxes(onDisk(list.segments[0].uri)).length > 2, "of several parts a segment");
}

async function testEncoderKilled() {
  const publisher = await live();
  const all = ["v0", "v1", "a"].map(name => new Follower(address(`live-${name}.m3u8`)));
  const running = all.map(f => f.run());
  process.kill(encoderOf("first"), "SIGKILL");
  equal(await publisher.gone, 0, "the ingest's FFmpeg is killed");
  const { list, doubles } = await checkSealed("FFmpeg killed");
  await Promise.all(running);
  const findings = [...all.flatMap(f => f.history.findings), ...checkTogether(all.map(f => f.history))];
  equal(findings.join("\n"), "", "every playlist that players saw is valid");
  equal(list.segments.filter(s => s.discontinuity).length, 1, "there is one discontinuity");
  ok(doubles < 60, "and less than a segment is there twice", doubles);
}

async function testIngestKilled() {
  core.ingests = ["first", "second"];
  const publisher = await live();
  await kill("first");
  equal(await publisher.gone, 0, "an ingest is killed: the publisher does not notice");
  const { list, doubles } = await checkSealed("an ingest killed");
  equal(list.segments.filter(s => s.discontinuity).length, 1, "there is one discontinuity");
  ok(doubles < 60, "and less than a segment is there twice", doubles);
  core.ingests = ["second"];
}

async function testLivedKilled() {
  const publisher = await live();
  await stop(lived, "SIGKILL");
  await startLived();
  equal(await publisher.gone, 0, "lectern-lived is killed");
  await checkSealed("lectern-lived killed");
}

async function testEnd() {
  for (const name of ["entry", "second"]) equal(await stop(programs[name]), 0, `${name} ends`);
  ok(!output().includes(TOKEN) && !output().includes("eyJ"), "no token stands in a log");
  ok(
    !/AddressSanitizer|LeakSanitizer|runtime error/.test(output()),
    "the sanitizers find nothing",
    output().slice(-3000),
  );
}

await run([testStart, testShown, testEncoderKilled, testIngestKilled, testLivedKilled, testEnd], failed => {
  if (failed) note(output().split("\n").slice(-25).join("\n"));
  lib.server.close();
  lib.server.closeAllConnections();
});
