#!/usr/bin/env node
// lectern-noded against a core of a few lines: joining, keys, complete uploads until acknowledged, commit, delete, killing.
// instance: none
// timeout: 90
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

const build = process.env.LECTERN_BUILD;
if (!build) {
  console.log("1..0 # SKIP run me by ./lectern test integration/noded");
  process.exit(0);
}
let count = 0;
let bad = 0;
function ok(pass, name, detail) {
  count++;
  if (!pass) {
    bad++;
    if (detail !== undefined) console.log("# " + JSON.stringify(detail));
  }
  console.log(`${pass ? "ok" : "not ok"} ${count} - ${name}`);
}
const equal = (got, want, name) => ok(got === want, name, { got, want });
const sleep = ms => new Promise(r => setTimeout(r, ms));
async function until(test, what) {
  for (let i = 0; i < 600; i++) {
    if (await test()) return;
    await sleep(25);
  }
  throw new Error(`waited too long for ${what}`);
}
const sha256 = b => crypto.createHash("sha256").update(b).digest("hex");

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "lectern-noded-"));
const at = (...p) => path.join(dir, ...p);
for (const d of ["run", "store", "store/spool"]) fs.mkdirSync(at(d));

// --- the core

const core = { joins: [], beats: [], answer: () => ({}), join: 200, down: false, revoked: false };
const server = http.createServer((rq, rs) => {
  const parts = [];
  rq.on("data", d => parts.push(d));
  rq.on("end", () => {
    const send = (status, o) => {
      rs.writeHead(status, { "Content-Type": "application/json" });
      rs.end(JSON.stringify(o));
    };
    const body = JSON.parse(Buffer.concat(parts));
    if (core.down) return send(503, {});
    if (rq.url === "/api/v1/node/join") {
      core.joins.push(body);
      return send(core.join, { node: 3, token: "node-token-" + core.joins.length });
    }
    if (rq.headers.authorization !== "Bearer node-token-" + core.joins.length || core.revoked)
      return send(401, {});
    core.beats.push(body);
    send(200, {
      every: 0.3,
      now: Date.now(),
      assign: [],
      cancel: [],
      refused: [],
      ack: { jobs: [], uploads: [] },
      ...core.answer(body),
    });
  });
});
await new Promise(r => server.listen(0, "127.0.0.1", r));
const last = () => core.beats[core.beats.length - 1];
const jobOf = id => last()?.jobs.find(j => j.job === id);

// --- the node

const log = [];
let child;
function start() {
  child = spawn(path.join(build, "lectern-noded"), ["-c", at("lectern.conf")], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  child.stderr.on("data", d => log.push(d.toString()));
  child.gone = new Promise(r => child.on("exit", (code, signal) => r(signal || code)));
}
async function kill(signal) {
  child.kill(signal);
  return child.gone;
}
fs.writeFileSync(at("join"), "org-token\n");
fs.writeFileSync(
  at("lectern.conf"),
  `run_dir = ${at("run")}\nnode_dir = ${at("node")}\nstore_root = ${at("store")}\ncore_url = http://127.0.0.1:${server.address().port}\nstore_url = http://store.example\njoin_token_file = ${at("join")}\nnode_name = keeper\n`,
);
process.on("exit", () => {
  child?.kill("SIGKILL");
  fs.rmSync(dir, { recursive: true, force: true });
});
process.on("SIGTERM", () => process.exit(1));

function spool(id, data) {
  fs.writeFileSync(at("store/spool", id + ".json"), JSON.stringify({ size: data.length, name: "x.mp4" }));
  fs.writeFileSync(at("store/spool", ".new"), data); // a .part with all bytes would be completed by the node itself
  fs.renameSync(at("store/spool", ".new"), at("store/spool", id + ".full"));
}
function artifact(prefix, name, data) {
  fs.mkdirSync(at("store/incoming", prefix), { recursive: true });
  fs.writeFileSync(at("store/incoming", prefix, name), data);
  return { name, size: data.length, sha256: sha256(data) };
}
let fence = 100;
const commitJob = (job, generation, base, views, attempt = 1) => ({
  job,
  attempt,
  fence: ++fence,
  kind: "commit",
  lane: "store",
  lecture: "lecture00001",
  view: "",
  expires: 15,
  params: { lecture: "lecture00001", generation, base, views },
});
const assignOnce = (...jobs) => {
  let given = false;
  core.answer = () => {
    const assign = given ? [] : jobs;
    given = true;
    return { assign };
  };
};
const ended = id => until(() => jobOf(id) && jobOf(id).state !== "running", `job ${id}`);

async function testJoining() {
  core.down = true;
  start();
  await sleep(500);
  core.down = false;
  await until(() => core.beats.length > 0, "a heartbeat");
  equal(core.joins[0].token, "org-token", "joins with the organisation token, as soon as the core is there");
  equal(core.joins[0].name, "keeper", "with its name");
  equal(core.joins[0].url, "http://store.example", "and its address");
  equal(core.joins[0].roles.join(), "storage", "and role");
  equal(fs.statSync(at("node/storage.token")).mode & 0o777, 0o600, "its token is for nobody else");
  const b = last();
  ok(
    b.load.disk_total > 0 && b.load.memory_total > 0 && b.load.cpu >= 0 && b.load.cpu <= 1,
    "tells its load",
    b.load,
  );
  ok(b.slots.store > 0, "and free places", b.slots);
  const x = crypto.generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x;
  core.answer = () => ({ keys: [{ kid: "p1", aud: "play", x }] });
  await until(() => fs.existsSync(at("node/keys.json")), "keys.json");
  equal(JSON.parse(fs.readFileSync(at("node/keys.json"))).keys[0].x, x, "keeps the keys");
  core.answer = () => ({ keys: [{ kid: "p1", aud: "play", x: "AAAA" }] });
  await sleep(700);
  equal(JSON.parse(fs.readFileSync(at("node/keys.json"))).keys[0].x, x, "but no list that is none");
  core.answer = () => ({});
}

async function testUploads() {
  const data = crypto.randomBytes(3 << 20);
  const found = () => last().uploads.find(u => u.id === "upload000001");
  const begun = Date.now();
  spool("upload000001", data);
  await until(found, "the upload");
  ok(Date.now() - begun < 2500, `a complete upload is told at once (${Date.now() - begun} ms)`);
  equal(found().sha256, sha256(data), "with its SHA-256");
  equal(found().size, data.length, "and size");
  const n = core.beats.length;
  await until(() => core.beats.length >= n + 2, "more heartbeats");
  ok(found(), "it is told again until acknowledged");
  core.answer = () => ({ ack: { jobs: [], uploads: ["upload000001"] } });
  await until(() => !found(), "silence");
  ok(fs.existsSync(at("store/spool/upload000001.full")), "acknowledged is not dropped");
  core.answer = () => ({});

  await kill("SIGKILL");
  spool("upload000002", Buffer.from("while it was dead"));
  fs.writeFileSync(at("store/spool/upload000003.json"), '{"size":5}');
  fs.writeFileSync(at("store/spool/upload000003.part"), "whole"); // the store died before the rename
  fs.writeFileSync(at("store/spool/upload000004.json"), '{"size":9}');
  fs.writeFileSync(at("store/spool/upload000004.part"), "half");
  core.beats.length = 0;
  start();
  await until(() => last()?.uploads.length === 3, "the scan");
  equal(
    last()
      .uploads.map(u => u.id)
      .sort()
      .join(),
    "upload000001,upload000002,upload000003",
    "a scan finds what came while it was dead",
  );
  equal(core.joins.length, 1, "it does not join again");
  core.answer = () => ({ upload_drop: ["upload000001", "../../x", 7] });
  await until(() => !fs.existsSync(at("store/spool/upload000001.json")), "the drop");
  ok(!fs.existsSync(at("store/spool/upload000001.full")), "dropped when the core says so");
  ok(fs.existsSync(at("store/spool/upload000002.full")), "and only that");
  core.answer = () => ({});
}

// Originals stay in the spool as long as their lectures: new ones must be reported however many there are.
async function testManyUploads() {
  const told = new Set();
  const strangers = ["upload000002", "upload000003"]; // the core answers that they belong to another node: neither acknowledged nor dropped
  core.answer = body => {
    const uploads = body.uploads.map(u => u.id).filter(id => !strangers.includes(id));
    uploads.forEach(id => told.add(id));
    return { ack: { jobs: [], uploads } };
  };
  for (let i = 0; i < 1200; i++) spool("many" + String(i).padStart(8, "0"), Buffer.from(`${i}`));
  await until(() => told.size === 1200, "all of them");
  ok(
    core.beats.every(b => b.uploads.length <= 256),
    "many uploads are told, a bounded number at a time",
  );
  spool("onemore00001", Buffer.from("one more"));
  await until(() => told.has("onemore00001"), "one more");
  ok(true, "and one more");
  for (const f of fs.readdirSync(at("store/spool")))
    if (/^(many|onemore)/.test(f)) fs.rmSync(at("store/spool", f));
  core.answer = () => ({});
}

async function testCommit() {
  const cam = [
    artifact("lecture00001/7-1", "v720.mp4", crypto.randomBytes(100000)),
    artifact("lecture00001/7-1", "master.m3u8", Buffer.from("#EXTM3U\n")),
  ];
  assignOnce(commitJob(21, 1, 0, [{ view: "CAM", from: "lecture00001/7-1", files: cam }]));
  await ended(21);
  equal(jobOf(21).state, "done", "a commit");
  equal(jobOf(21).outputs.generation, 1, "tells the generation");
  equal(
    sha256(fs.readFileSync(at("store/media/lecture00001/g1/CAM/v720.mp4"))),
    cam[0].sha256,
    "the file is in its place",
  );
  ok(!fs.existsSync(at("store/incoming/lecture00001/7-1")), "the prefix is gone");
  const n = core.beats.length;
  await until(() => core.beats.length >= n + 2, "more heartbeats");
  ok(jobOf(21), "told until acknowledged");
  core.answer = () => ({ ack: { jobs: [21], uploads: [] } });
  await until(() => !jobOf(21), "silence");

  assignOnce(commitJob(21, 1, 0, [{ view: "CAM", from: "lecture00001/7-1", files: cam }], 2));
  await ended(21);
  equal(jobOf(21).state, "done", "a second attempt of what is done: done");

  const pres = [artifact("lecture00001/8-1", "v720.mp4", crypto.randomBytes(5000))];
  assignOnce(commitJob(22, 2, 1, [{ view: "PRES", from: "lecture00001/8-1", files: pres }]));
  await ended(22);
  equal(
    fs.readdirSync(at("store/media/lecture00001/g2")).sort().join(),
    "CAM,PRES",
    "the other view is carried over",
  );
  equal(fs.statSync(at("store/media/lecture00001/g2/CAM/v720.mp4")).nlink, 2, "as a hard link");

  const broken = [
    { ...artifact("lecture00001/9-1", "v720.mp4", Buffer.from("other")), sha256: "a".repeat(64) },
  ];
  assignOnce(
    commitJob(23, 3, 2, [{ view: "CAM", from: "lecture00001/9-1", files: broken }]),
    commitJob(24, 3, 2, [{ view: "CAM", from: "lecture00001/10-1", files: broken }]),
    commitJob(25, 3, 2, [{ view: "CAM", from: "../../../etc", files: broken }]),
    { ...commitJob(26, 3, 2, []), kind: "full" },
  );
  await ended(26);
  for (const id of [23, 24])
    ok(
      jobOf(id).state === "failed" && jobOf(id).error.code === "verify" && jobOf(id).error.permanent,
      `job ${id}: a file that differs or is missing is refused`,
      jobOf(id),
    );
  for (const id of [25, 26])
    ok(
      jobOf(id).state === "failed" && jobOf(id).error.code === "internal",
      `job ${id}: nonsense is refused`,
      jobOf(id),
    );
  ok(!fs.existsSync(at("store/media/lecture00001/g3")), "and nothing is committed");
  ok(!fs.readdirSync(at("store/media/lecture00001")).some(f => f.startsWith(".")), "nor left half-made");
}

async function testKillMidCommit() {
  const files = [];
  for (let i = 0; i < 40; i++)
    files.push(artifact("lecture00001/30-1", `f${i}.mp4`, crypto.randomBytes(1 << 20)));
  const job = commitJob(31, 3, 2, [{ view: "CAM", from: "lecture00001/30-1", files }]);
  assignOnce(job);
  await until(
    () =>
      fs.existsSync(at("store/media/lecture00001/.g3-31")) ||
      fs.existsSync(at("store/media/lecture00001/g3")),
    "the commit to begin",
  );
  const half = !fs.existsSync(at("store/media/lecture00001/g3"));
  await kill("SIGKILL");
  core.beats.length = 0;
  start();
  await until(() => core.beats.length > 0, "the node to be back");
  ok(!jobOf(31), `killed in the middle of a commit (${half ? "half-made" : "done"}): it knows of nothing`);
  assignOnce({ ...job, attempt: 2, fence: ++fence });
  await ended(31);
  equal(jobOf(31).state, "done", "the next attempt commits");
  equal(fs.readdirSync(at("store/media/lecture00001/g3/CAM")).length, 40, "all files");
  equal(fs.readdirSync(at("store/media/lecture00001")).sort().join(), "g1,g2,g3", "and nothing else");
  ok(!fs.existsSync(at("store/incoming/lecture00001/30-1")), "no orphans");
}

async function testDelete() {
  const job = {
    job: 41,
    attempt: 1,
    fence: ++fence,
    kind: "delete",
    lane: "store",
    lecture: "lecture00001",
    params: {
      paths: ["media/lecture00001/g1", "media/lecture00001/g1"],
      uploads: ["upload000002", "upload999999"],
    },
  };
  assignOnce(
    job,
    { ...job, job: 42, params: { paths: ["media/../../etc"] } },
    { ...job, job: 43, params: { paths: ["spool"] } },
  );
  await ended(43);
  equal(jobOf(41).state, "done", "a deletion, also of what is gone");
  ok(
    !fs.existsSync(at("store/media/lecture00001/g1")) &&
      fs.existsSync(at("store/media/lecture00001/g2/CAM/v720.mp4")),
    "only what was named",
  );
  ok(!fs.existsSync(at("store/spool/upload000002.full")), "uploads, too");
  equal(jobOf(42).state + jobOf(43).state, "failedfailed", "other paths are refused");
}

async function testRevoked() {
  core.revoked = true;
  await until(() => fs.existsSync(at("node/storage.token.revoked")), "the revocation");
  ok(true, "a revoked token is laid aside");
  core.revoked = false;
  core.beats.length = 0;
  await until(() => core.joins.length === 2 && core.beats.length > 0, "joining again");
  equal(last().jobs.length, 0, "it joins again, without its jobs");
  const begun = Date.now();
  const how = await kill("SIGTERM");
  ok(how === 0 && Date.now() - begun < 3000, `stops on SIGTERM (${Date.now() - begun} ms)`, how);
  const text = log.join("");
  ok(!/node-token|org-token/.test(text), "no token in the log");
  ok(!/Sanitizer|runtime error/.test(text), "no report of a sanitizer", text.slice(-2000));
}

try {
  for (const test of [
    testJoining,
    testUploads,
    testManyUploads,
    testCommit,
    testKillMidCommit,
    testDelete,
    testRevoked,
  ])
    await test();
} catch (e) {
  ok(false, `${e.stack}`.split("\n").slice(0, 4).join(" | "));
  console.log(log.join("").slice(-3000).replace(/^/gm, "# "));
}
console.log(`1..${count}`);
process.exit(bad ? 1 : 0);
