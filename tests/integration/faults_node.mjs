#!/usr/bin/env node
// A storage node and a worker of their own organisation on small disks, the worker without a store beside it: it is
// frozen past its lease; killed with -9 in the middle of a PUT, and so are the store and the web server before it; the
// disks run full during upload, encoding, PUT and commit; results are gone before they are committed. Nothing is lost,
// what happened is said, and it goes on when there is room.
// timeout: 1800
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  alive,
  answers,
  assertWhole,
  childrenOf,
  freeze,
  freezeEncode,
  freezeWhen,
  isPutting,
  isStopped,
  jobIs,
  jobs,
  killOne,
  makeClip,
  makeLarge,
  mediaIs,
  pidIn,
  pidOf,
  removeNow,
  signal,
  sv,
  thaw,
} from "./faults_lib.mjs";
import { ctl, env, show, sql, value } from "../lib/instance.mjs";
import { freePort } from "../lib/net.mjs";
import {
  asService,
  joinToken,
  makeCourse,
  mountDisk,
  program,
  revokeNodes,
  writeConf,
  writeFront,
} from "../lib/node.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run, sleep, until } from "../lib/tap.mjs";
import { tusCreate, tusOffset, tusPatch, tusSend } from "../lib/tus.mjs";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "lectern-node-"));
const at = (...p) => path.join(dir, ...p);
const clip = at("clip.mp4");
const large = at("large.mp4"); // the transfer of its copy takes long enough to be interrupted
const disks = { store: "size=128m,nr_inodes=1000", scratch: "size=400m" }; // jobs want 256 MB of scratch
const children = new Map();
const teacher = new Person("lecturer");
const lectures = [];
const places = { store: at("store"), scratch: [at("scratch"), path.join(env.state, "scratch")] };
let course, url;

// --- the node

// Under runit, as an installation has them.
const service = name => at("service", name);
const pid = name => pidIn(service(name));
const worker = () => pid("workerd");
const serving = () => childrenOf(pid("store"));

function start(name, argv) {
  fs.mkdirSync(service(name), { recursive: true });
  const command = asService(argv).join(" ");
  fs.writeFileSync(
    path.join(service(name), "run"),
    `#!/bin/sh\nexec ${command} >>${at(name + ".log")} 2>&1\n`,
    { mode: 0o755 },
  );
  const child = spawn("setpriv", ["--pdeathsig", "TERM", "runsv", service(name)], { stdio: "ignore" }); // ends with this process in any case
  child.gone = new Promise(r => child.on("exit", r));
  children.set(name, child);
}
const said = name => fs.readFileSync(at(name + ".log"), "utf8");

// What shows that one of them works.
const storeSays = async () => (await fetch(`${url}/store/v1/health`)).status;
const works = {
  store: async () => (await storeSays()) === 200,
  lighttpd: async () => (await storeSays()) < 500,
  workerd: since =>
    value(
      `SELECT seen_at > '${since}' FROM node WHERE name = 'faults' AND roles = 1 AND revoked_at IS NULL`,
    ) === "1",
};
const back = (name, since) => works[name](since);

async function prepare() {
  makeClip(clip);
  makeLarge(large);
  const port = await freePort();
  for (const folder of ["run", "node", "tmp", "store", "scratch"]) fs.mkdirSync(at(folder));
  for (const [folder, options] of Object.entries(disks)) mountDisk(at(folder), options);
  revokeNodes("faults"); // left by a run that was interrupted
  course = makeCourse("faults", "Faults");
  fs.writeFileSync(at("node/join.token"), joinToken("faults", 2));
  url = `http://127.0.0.1:${port}`;
  const conf = {
    base_url: env.url,
    core_url: env.url,
    store_url: url,
    node_name: "faults",
    run_dir: at("run"),
    node_dir: at("node"),
    join_token_file: at("node/join.token"),
    store_root: at("store"),
    store_socket: at("run/store.sock"),
    store_min_free: "4M",
    authz_socket: at("run/authz.sock"),
    scratch_dir: at("scratch"),
  };
  writeConf(at("lectern.conf"), conf);
  // the worker does not know of the store on this machine, so it uses HTTP
  writeConf(at("worker.conf"), { ...conf, store_root: at("nowhere") });
  writeFront(at("lighttpd.conf"), {
    PORT: port,
    STATE: dir,
    RUN: at("run"),
    STORE: at("store"),
    CORE: env.url,
  });
  spawnSync("chown", ["-R", "lectern:lectern", dir]);
  for (const one of ["store", "authz", "lived", "noded", "workerd"])
    start(one, [program(one), "-c", at(one === "workerd" ? "worker.conf" : "lectern.conf")]);
  start("lighttpd", ["/usr/sbin/lighttpd", "-D", "-f", at("lighttpd.conf")]);
  await until(
    "the node to join",
    () =>
      value(
        "SELECT COUNT(*) FROM node WHERE name = 'faults' AND revoked_at IS NULL AND seen_at IS NOT NULL",
      ) === "2",
    30,
  );
  await until("its store", works.store, 30);
  await teacher.signIn();
}

async function newUpload(title, file = clip) {
  const lecture = await teacher.newLecture(course, title);
  lectures.push(lecture);
  return { lecture, ...(await teacher.open(lecture, "CAM", file)) };
}

// --- filling

const fill = disk => spawnSync("dd", ["if=/dev/zero", `of=${at(disk, "filler")}`, "bs=64k"]);
const makeRoom = disk => fs.rmSync(at(disk, "filler"));
// Uses all inodes: the disk cannot hold another file.
const fillNames = disk => {
  fs.mkdirSync(at(disk, "names"));
  try {
    for (let i = 0; ; i++) fs.writeFileSync(at(disk, "names", String(i)), "");
  } catch (e) {
    if (e.code !== "ENOSPC") throw e;
  }
};
const freeNames = disk => fs.rmSync(at(disk, "names"), { recursive: true });
const attempts = (lecture, kind = "full") =>
  sql(`SELECT g.attempt, n.name, g.outcome, COALESCE(g.error_code, ''), COALESCE(g.error_text, '') FROM job_log g JOIN job j ON j.id = g.job_id
    JOIN lecture l ON l.id = j.lecture_id JOIN node n ON n.id = g.node_id WHERE l.\`key\` = '${lecture}' AND j.kind = '${kind}' ORDER BY j.id, g.attempt`);
const failed = (lecture, kind, code) =>
  attempts(lecture, kind).find(([, , outcome, why]) => outcome === "failed" && why === code);

// Checks that the job's log and the lecture's page say why.
function saysFull(lecture, kind, what, sentence) {
  const [, , , code, text] = failed(lecture, kind, "disk_full");
  ok(code === "disk_full" && sentence.test(text), `${what}: disk_full, and a sentence`, { code, text });
  const l = show(lecture);
  ok(
    l.failures.some(f => f.code === "disk_full" && /disk|room/.test(f.sentence)),
    `${what}: the lecture says so, too`,
    l.failures,
  );
}

// --- a worker frozen past its lease

async function frozenWorker() {
  const u = await newUpload("Frozen worker");
  await tusSend(u, clip);
  const encode = await freezeEncode(u.lecture, worker);
  await freeze([worker()]);
  ok(true, "a worker and its FFmpeg freeze in the middle of an encode");
  const second = await freezeEncode(u.lecture, () => pidOf("workerd"), 2);
  ok(
    attempts(u.lecture)[0][2] === "lost",
    "its lease runs out, another worker begins a second attempt",
    attempts(u.lecture),
  );
  thaw([...encode, worker()]);
  const { id } = jobs(u.lecture, "full")[0];
  await until(
    "the late report",
    () =>
      said("workerd")
        .split("\n")
        .some(
          line =>
            line.includes('"job withdrawn"') && line.includes(`"job":${id}`) && line.includes("refused"),
        ),
    20,
  );
  ok(true, "it wakes up: its late report is refused");
  await until(
    "it to drop the job",
    () => !encode.some(alive) && !fs.existsSync(at("scratch", `${id}-1`)),
    20,
  );
  ok(true, "it ends its FFmpeg and clears its scratch");
  equal(jobs(u.lecture, "full")[0].state, "running", "the second attempt is not disturbed");
  thaw(second);
  await assertWhole(u.lecture, u.upload, clip, "frozen worker", places);
  equal(
    attempts(u.lecture)
      .map(a => a[2])
      .join(),
    "lost,done",
    "one lost, one taken",
  );
}

// --- disks that run full

async function fullDuringUpload() {
  const u = await newUpload("Full during upload");
  const bytes = fs.readFileSync(clip);
  fill("store");
  let answer = await tusCreate(u, bytes.length);
  let text = String(answer.body);
  ok(
    answer.status === 507 && /not enough room/.test(text),
    "no room: refused in words before the first byte",
    text,
  );
  makeRoom("store");
  equal((await tusCreate(u, bytes.length)).status, 201, "with room it begins");

  const pace = { slow: true };
  const part = at("store/spool", u.upload + ".part");
  const sent = tusPatch(u, bytes, 0, pace);
  await until("the first bytes", () => fs.statSync(part).size > 0);
  fill("store");
  pace.slow = false;
  const end = await sent;
  ok(
    end.status === 507 && /storage is full/i.test(end.body),
    "the disk runs full in the middle: 507 and a sentence",
    String(end.body),
  );
  const kept = await tusOffset(u);
  ok(
    kept > 0 && kept < bytes.length && fs.readFileSync(part).equals(bytes.subarray(0, kept)),
    "what came is kept",
    kept,
  );
  makeRoom("store");
  await tusSend(u, clip);
  await assertWhole(u.lecture, u.upload, clip, "full during upload", places);
}

// The other workers are stopped, so that this one has to continue.
async function alone(test) {
  sv("down", "workerd");
  await until("the other worker to end", () => pidOf("workerd") === 0, 30);
  try {
    await test();
  } finally {
    sv("up", "workerd");
  }
}

async function fullDuringEncode() {
  await alone(async () => {
    const u = await newUpload("Full during encoding");
    await tusSend(u, clip);
    const encode = await freezeEncode(u.lecture, worker);
    fill("scratch");
    thaw(encode);
    await until("the failure", () => failed(u.lecture, "full", "disk_full"));
    saysFull(u.lecture, "full", "encoding", /worker's disk is full/);
    equal(show(u.lecture).media, "watchable", "encoding: what there was can be watched all the time");
    makeRoom("scratch");
    await assertWhole(u.lecture, u.upload, clip, "encoding", places);
  });
}

// --- one lecture's way over HTTP, and everything that can happen to it

const putting = lecture => isPutting(pid("store"), at("store/incoming", lecture), large);

async function freezePut(lecture, kind, pids) {
  await until(`${kind} to be due`, () => jobIs(lecture, kind, "queued", "leased", "running"), 60, 10);
  await freezeWhen("half an artifact", pids, () => putting(lecture));
}

// The worker is frozen in the middle of a PUT while the store, the web server in front of it and the worker
// itself are killed, one after the other.
async function killedWhilePutting(u) {
  for (const one of ["store", "lighttpd", "workerd"]) {
    await freezePut(u.lecture, "quick", worker());
    await (
      await killOne(one, "mid-PUT over HTTP", { pid, back })
    ).works;
    if (one === "workerd") break;
    thaw(worker());
  }
  ok(true, "mid-PUT over HTTP: each was killed with half an artifact sent");
}

async function commitIsDue(lecture) {
  await until("a commit to be due", () => jobIs(lecture, "commit", "queued", "leased"));
}

async function fullDuringCommit(u) {
  await commitIsDue(u.lecture);
  fillNames("store");
  thaw(pid("noded"));
  await until("the failure", () => failed(u.lecture, "commit", "disk_full"));
  saysFull(u.lecture, "commit", "commit", /storage is full/);
  ok(!fs.existsSync(at("store/media", u.lecture, "g1")), "commit: there is no half generation");
  freeNames("store");
  await until("the first generation", () => mediaIs(u.lecture, "watchable"));
}

async function fullDuringPut(u) {
  await freezePut(u.lecture, "full", serving());
  fill("store");
  thaw(serving());
  await until("the failure", () => failed(u.lecture, "full", "disk_full"));
  saysFull(u.lecture, "full", "mid-PUT", /storage node's disk is full/);
  equal(show(u.lecture).media, "watchable", "mid-PUT: what there was can be watched all the time");
  makeRoom("store");
}

// The results are missing at the commit: the encode is discarded, and the button on the page starts it again.
async function processedAgain(u) {
  await freeze(pid("noded"));
  await commitIsDue(u.lecture);
  const { id } = jobs(u.lecture, "full").at(-1);
  const dir = fs
    .readdirSync(at("store/incoming", u.lecture))
    .find(
      name =>
        name.startsWith(`${id}-`) && fs.existsSync(at("store/incoming", u.lecture, name, "master.m3u8")),
    );
  fs.rmSync(at("store/incoming", u.lecture, dir, "master.m3u8"));
  thaw(pid("noded"));
  await until("the failure", () => failed(u.lecture, "commit", "verify"));
  const page = `/teach/lecture/${u.lecture}`;
  const { text } = await teacher.get(page);
  ok(
    text.includes(`action="/teach/upload/${u.upload}/again"`) && /did not pass our checks/.test(text),
    "spoilt: the page says so and offers to process it again",
  );
  const pressed = await teacher.post(`/teach/upload/${u.upload}/again`);
  equal(pressed.status, 303, "spoilt: pressed");
  equal(
    (await teacher.post(`/teach/upload/${u.upload}/again`)).status,
    409,
    "spoilt: pressed twice is refused",
  );
  ok(
    show(u.lecture).generation === 1 && show(u.lecture).media === "watchable",
    "spoilt: what there was can be watched all the time",
  );
}

async function theLongWay() {
  const u = await newUpload("The long way", large);
  await tusSend(u, large);
  await killedWhilePutting(u);
  await freeze(pid("noded"));
  await fullDuringCommit(u);
  await fullDuringPut(u);
  await processedAgain(u);
  await assertWhole(u.lecture, u.upload, large, "the long way", places);
  equal(show(u.lecture).generation, 2, "the long way: two generations");
}

// --- the end

async function sanitizers() {
  for (const name of children.keys()) {
    const report = said(name).match(/.*(ERROR: (Address|Leak)Sanitizer|runtime error:).*/);
    ok(!report, `${name}: no sanitizer report`, report?.[0]);
  }
}

// A failure here does not prevent the rest of the clean-up.
function gently(what) {
  try {
    what();
  } catch (e) {
    console.log("# " + (e.stderr ?? e.message).trim());
  }
}

async function cleanUp() {
  if (!pidOf("workerd")) sv("up", "workerd");
  for (const pid of childrenOf(pidOf("workerd") || process.pid)) if (isStopped(pid)) signal(pid, "SIGCONT");
  for (const lecture of lectures) gently(() => ctl("lecture", "delete", lecture, "--now"));
  for (const lecture of lectures) await removeNow(lecture).catch(e => console.log("# " + e.message));
  gently(() => revokeNodes("faults"));
  for (const [name, child] of children) {
    if (pid(name)) thaw([pid(name), ...childrenOf(pid(name))]);
    child.kill("SIGTERM"); // runsv ends its service, then itself
    await Promise.race([child.gone, sleep(15000)]);
    if (pid(name)) signal(pid(name), "SIGKILL");
    child.kill("SIGKILL");
  }
  for (const folder of Object.keys(disks)) spawnSync("umount", ["-l", at(folder)]);
  if (!process.env.KEEP) fs.rmSync(dir, { recursive: true, force: true });
  await until("the other worker", () => answers("workerd"), 10);
}

const only = process.argv[2]; // a part of a part's name
const parts = [frozenWorker, fullDuringUpload, fullDuringEncode, theLongWay];
await run([prepare, ...parts.filter(p => !only || p.name.includes(only)), sanitizers], cleanUp);
