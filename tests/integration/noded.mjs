#!/usr/bin/env node
// lectern-noded against a core of a few lines: joining, keys, complete uploads until acknowledged, commit, delete, killing.
// instance: none
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { comes, equal, ok, run, skipAll, until } from "../lib/tap.mjs";
import { sha256 } from "../lib/tokens.mjs";

const build = process.env.LECTERN_BUILD;
if (!build) skipAll("run me by ./lectern test integration/noded");

const dir = folder("noded");
const at = (...p) => path.join(dir, ...p);
for (const d of ["run", "store", "store/spool"]) fs.mkdirSync(at(d));

// --- the core

const core = { joins: [], beats: [], refused: 0, answer: () => ({}), join: 200, down: false, revoked: false };
const server = http.createServer((rq, rs) => {
  const parts = [];
  rq.on("data", d => parts.push(d));
  rq.on("end", () => {
    const send = (status, o) => {
      rs.writeHead(status, { "Content-Type": "application/json" });
      rs.end(JSON.stringify(o));
    };
    const body = { jobs: [], uploads: [], ...JSON.parse(Buffer.concat(parts)) }; // what is 0 or nothing is not said
    if (core.down) return (core.refused++, send(503, {}));
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

let node;
const startNode = () => (node = start([path.join(build, "lectern-noded"), "-c", at("lectern.conf")]));
fs.writeFileSync(at("join"), "org-token\n");
fs.writeFileSync(
  at("lectern.conf"),
  `run_dir = ${at("run")}\nnode_dir = ${at("node")}\nstore_root = ${at("store")}\nlived_socket = ${at("run/lived.sock")}\ncore_url = http://127.0.0.1:${server.address().port}\nstore_url = http://store.example\njoin_token_file = ${at("join")}\nnode_name = keeper\n`,
);

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
const ended = id => until(`job ${id}`, () => jobOf(id) && jobOf(id).state !== "running");
// So many more heartbeats: the answers to all but the last have been heard.
const beats = async n => {
  const from = core.beats.length;
  await until("more heartbeats", () => core.beats.length >= from + n);
};

async function testJoining() {
  core.down = true;
  startNode();
  await until("a try to join", () => core.refused > 0);
  core.down = false;
  await until("a heartbeat", () => core.beats.length > 0);
  equal(core.joins[0].token, "org-token", "joins with the organisation token, as soon as the core is there");
  equal(core.joins[0].name, "keeper", "with its name");
  equal(core.joins[0].url, "http://store.example", "and its address");
  equal(core.joins[0].roles.join(), "storage", "and role");
  equal(fs.statSync(at("node/storage.token")).mode & 0o777, 0o600, "its token is for nobody else");
  const b = last();
  ok(
    b.load.disk_total > 0 && b.load.memory_total > 0 && (b.load.cpu ?? 0) >= 0 && (b.load.cpu ?? 0) <= 1,
    "tells its load",
    b.load,
  );
  ok(b.slots.store > 0, "and free places", b.slots);
  const x = crypto.generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x;
  core.answer = () => ({ keys: [{ kid: "p1", aud: "play", x }] });
  await until("keys.json", () => fs.existsSync(at("node/keys.json")));
  equal(JSON.parse(fs.readFileSync(at("node/keys.json"))).keys[0].x, x, "keeps the keys");
  core.answer = () => ({ keys: [{ kid: "p1", aud: "play", x: "AAAA" }] });
  await beats(3);
  equal(JSON.parse(fs.readFileSync(at("node/keys.json"))).keys[0].x, x, "but no list that is none");
  core.answer = () => ({ node: 3 });
  ok(
    await comes(() => fs.readFileSync(at("store/node"), "utf8") === "3\n"),
    "tells the store the number of its node",
  );
  core.answer = () => ({});
}

async function testUploads() {
  const data = crypto.randomBytes(3 << 20);
  const found = () => last().uploads.find(u => u.id === "upload000001");
  core.answer = body => ({ every: body.uploads.length ? 0.3 : 60 });
  await beats(1);
  spool("upload000001", data);
  ok(await comes(found, 30), "a complete upload is told at once, not with the next heartbeat in a minute");
  equal(found().sha256, sha256(data), "with its SHA-256");
  equal(found().size, data.length, "and size");
  await beats(2);
  ok(found(), "it is told again until acknowledged");
  core.answer = () => ({ ack: { jobs: [], uploads: ["upload000001"] } });
  await until("silence", () => !found());
  ok(fs.existsSync(at("store/spool/upload000001.full")), "acknowledged is not dropped");
  core.answer = () => ({});

  await stop(node, "SIGKILL");
  spool("upload000002", Buffer.from("while it was dead"));
  fs.writeFileSync(at("store/spool/upload000003.json"), '{"size":5}');
  fs.writeFileSync(at("store/spool/upload000003.part"), "whole"); // the store died before the rename
  fs.writeFileSync(at("store/spool/upload000004.json"), '{"size":9}');
  fs.writeFileSync(at("store/spool/upload000004.part"), "half");
  core.beats.length = 0;
  startNode();
  await until("the scan", () => last()?.uploads.length === 3);
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
  await until("the drop", () => !fs.existsSync(at("store/spool/upload000001.json")));
  ok(!fs.existsSync(at("store/spool/upload000001.full")), "dropped when the core says so");
  ok(fs.existsSync(at("store/spool/upload000002.full")), "and only that");
  core.answer = () => ({});
}

// The writer of an upload is gone for good: the core takes what has arrived.
async function testSealed() {
  const told = id => last().uploads.find(u => u.id === id);
  fs.writeFileSync(at("store/spool/growing00001.json"), '{"size":-1,"name":"a.flv"}');
  fs.writeFileSync(at("store/spool/growing00001.part"), "so far");
  await beats(2);
  ok(!told("growing00001"), "an upload that grows is not told");
  core.answer = () => ({ upload_seal: ["growing00001", "upload000004", "neverbegan01"] });
  ok(await comes(() => told("growing00001")), "until the core says that it will not grow any more");
  equal(told("growing00001").sha256, sha256("so far"), "with what there is");
  ok(await comes(() => told("upload000004")?.size === 4), "so is one of which less came than was said");
  ok(
    await comes(() => told("neverbegan01") && !told("neverbegan01").size),
    "and one that never began has no bytes",
  );
  core.answer = () => ({ upload_drop: ["growing00001", "upload000004", "neverbegan01"] });
  await until("the drop", () => !fs.existsSync(at("store/spool/neverbegan01.json")));
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
  await until("all of them", () => told.size === 1200);
  ok(
    core.beats.every(b => b.uploads.length <= 256),
    "many uploads are told, a bounded number at a time",
  );
  spool("onemore00001", Buffer.from("one more"));
  await until("one more", () => told.has("onemore00001"));
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
  await beats(2);
  ok(jobOf(21), "told until acknowledged");
  core.answer = () => ({ ack: { jobs: [21], uploads: [] } });
  await until("silence", () => !jobOf(21));

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
    "the commit to begin",
    () =>
      fs.existsSync(at("store/media/lecture00001/.g3-31")) ||
      fs.existsSync(at("store/media/lecture00001/g3")),
  );
  const half = !fs.existsSync(at("store/media/lecture00001/g3"));
  await stop(node, "SIGKILL");
  core.beats.length = 0;
  startNode();
  await until("the node to be back", () => core.beats.length > 0);
  ok(!jobOf(31), `killed in the middle of a commit (${half ? "half-made" : "done"}): it knows of nothing`);
  assignOnce({ ...job, attempt: 2, fence: ++fence });
  await ended(31);
  equal(jobOf(31).state, "done", "the next attempt commits");
  equal(fs.readdirSync(at("store/media/lecture00001/g3/CAM")).length, 40, "all files");
  equal(fs.readdirSync(at("store/media/lecture00001")).sort().join(), "g1,g2,g3", "and nothing else");
  ok(!fs.existsSync(at("store/incoming/lecture00001/30-1")), "no orphans");

  // The number between belongs to a live stream.
  const late = [artifact("lecture00001/32-1", "v720.mp4", crypto.randomBytes(5000))];
  assignOnce(commitJob(32, 5, 3, [{ view: "PRES", from: "lecture00001/32-1", files: late }]));
  await ended(32);
  equal(
    fs.readdirSync(at("store/media/lecture00001/g5/CAM")).length,
    40,
    "a commit above a gap builds on its base",
  );
}

// The origin of live streams, as far as lectern-noded knows it.
async function testSeal() {
  // lectern-noded passes members on in the order of their names
  const params = { generation: 5, lecture: "lecture00001" };
  const views = [{ audio: true, bytes: 7000, files: 31, seconds: 61.5, tracks: [], view: "CAM" }];
  const job = (id, attempt = 1) => ({
    job: id,
    attempt,
    fence: ++fence,
    kind: "seal",
    lane: "store",
    lecture: "lecture00001",
    params,
  });
  assignOnce(job(51));
  await ended(51);
  ok(
    jobOf(51).state === "failed" && jobOf(51).error.code === "io" && !jobOf(51).error.permanent,
    "without an origin a seal is tried again",
    jobOf(51),
  );
  const asked = [];
  let status = 503;
  const origin = http.createServer((rq, rs) => {
    const parts = [];
    rq.on("data", d => parts.push(d));
    rq.on("end", () => {
      asked.push(`${rq.method} ${rq.url} ${Buffer.concat(parts)}`);
      rs.writeHead(status, { "Content-Type": "application/json" });
      rs.end(JSON.stringify({ views }));
    });
  });
  await new Promise(r => origin.listen(at("run/lived.sock"), r));
  assignOnce(job(52));
  await ended(52);
  ok(jobOf(52).state === "failed" && jobOf(52).error.code === "io", "nor with one that cannot now");
  status = 200;
  assignOnce(job(52, 2));
  await until("the seal", () => jobOf(52)?.attempt === 2 && jobOf(52).state !== "running");
  equal(jobOf(52).state, "done", "a seal");
  equal(JSON.stringify(jobOf(52).outputs), JSON.stringify({ views }), "tells what the origin has");
  equal(asked[1], `POST /node/v1/seal ${JSON.stringify(params)}`, "which was asked for that generation");
  await new Promise(r => origin.close(r));
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
  await until("the revocation", () => fs.existsSync(at("node/storage.token.revoked")));
  ok(true, "a revoked token is laid aside");
  core.revoked = false;
  core.beats.length = 0;
  await until("joining again", () => core.joins.length === 2 && core.beats.length > 0);
  equal(last().jobs.length, 0, "it joins again, without its jobs");
  equal(await stop(node), 0, "stops on SIGTERM");
  const text = output();
  ok(!/node-token|org-token/.test(text), "no token in the log");
  ok(!/Sanitizer|runtime error/.test(text), "no report of a sanitizer", text.slice(-2000));
}

await run([
  testJoining,
  testUploads,
  testSealed,
  testManyUploads,
  testCommit,
  testKillMidCommit,
  testSeal,
  testDelete,
  testRevoked,
]);
