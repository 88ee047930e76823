#!/usr/bin/env node
// A recording that fits once, but not twice, on the disks of an organisation's two workers: one elsewhere, which would have
// to copy it, and one on the disk of the store, which links it. The first is refused the encode and `lecternctl check`
// says what is missing; the second does it. With a little more room the first does another one, from the copy it has.
// timeout: 900
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { answers, assertWhole, jobIs, jobs, makeClip, pidOf, removeNow, sv } from "./faults_lib.mjs";
import { ctl, env, sql, value } from "../lib/instance.mjs";
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
import { output, start, stop } from "../lib/programs.mjs";
import { equal, note, ok, run, until } from "../lib/tap.mjs";
import { tusSend } from "../lib/tus.mjs";

const MB = 1 << 20;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "lectern-beside-"));
const at = (...p) => path.join(dir, ...p);
const recording = at("recording.mp4"); // of 128 MB: an encode needs 256 MB besides it, and as much again for results
const disks = { disk: "size=576m", elsewhere: "size=448m" }; // of the store and the worker beside it; of the other one
const places = { store: at("disk/store"), scratch: [at("disk/scratch"), at("elsewhere/scratch")] };
const names = ["beside", "elsewhere"];
const teacher = new Person("lecturer");
const running = [];
const lectures = [];
let course, url, lecture, upload, besideStore;

const startOne = (...argv) => {
  const child = start(asService(argv));
  running.push(child);
  return child;
};
async function send(title, file) {
  lecture = await teacher.newLecture(course, title);
  lectures.push(lecture);
  const ticket = await teacher.open(lecture, "CAM", file);
  upload = ticket.upload;
  await tusSend(ticket, file);
}
const didTheRest = name => {
  const steps =
    sql(`SELECT j.kind, n.name FROM job_log g JOIN job j ON j.id = g.job_id JOIN node n ON n.id = g.node_id
    JOIN lecture l ON l.id = j.lecture_id WHERE l.\`key\` = '${lecture}' AND j.kind IN ('quick', 'full')`);
  ok(steps.length === 2 && steps.every(([, by]) => by === name), `the worker ${name} did the rest`, steps);
};
const alive = (name, role) =>
  JSON.parse(ctl("node", "list", "--json")).find(n => n.name === name && n.roles === role && n.alive);
// What `lecternctl check` says of the queue; it fails while something waits in vain.
function queue() {
  const argv = ["ctl", "--name", env.name, "check", "--json"];
  const { stdout } = spawnSync(path.join(env.src, "lectern"), argv, { encoding: "utf8" });
  return JSON.parse(stdout).find(c => c.name === "queue");
}

// A clip, and then a box of nothing until it has that size.
function makeRecording(file, size) {
  makeClip(file);
  const box = Buffer.alloc(8);
  box.writeUInt32BE(size - fs.statSync(file).size);
  box.write("free", 4);
  fs.appendFileSync(file, box);
  fs.truncateSync(file, size);
}

async function prepare() {
  sv("down", "workerd"); // the instance's own worker may work for every organisation below it
  await until("the other worker to end", () => pidOf("workerd") === 0, 30);
  for (const [folder, options] of Object.entries(disks)) {
    fs.mkdirSync(at(folder));
    mountDisk(at(folder), options);
    fs.mkdirSync(at(folder, "scratch"));
  }
  for (const folder of ["run", "node", "node-elsewhere", "tmp", "disk/store"]) fs.mkdirSync(at(folder));
  makeRecording(recording, 128 * MB);
  names.forEach(revokeNodes); // left by a run that was interrupted
  course = makeCourse("beside", "Rooms");
  fs.writeFileSync(at("join.token"), joinToken("beside", 3));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const conf = {
    base_url: env.url,
    core_url: env.url,
    store_url: url,
    node_name: "beside",
    run_dir: at("run"),
    node_dir: at("node"),
    join_token_file: at("join.token"),
    store_root: at("disk/store"),
    store_socket: at("run/store.sock"),
    store_min_free: "4M",
    authz_socket: at("run/authz.sock"),
    scratch_dir: at("disk/scratch"),
  };
  writeConf(at("beside.conf"), conf);
  const elsewhere = { node_name: "elsewhere", node_dir: at("node-elsewhere"), store_root: at("nowhere") };
  writeConf(at("elsewhere.conf"), { ...conf, ...elsewhere, scratch_dir: at("elsewhere/scratch") });
  const words = { PORT: port, STATE: dir, RUN: at("run"), STORE: at("disk/store"), CORE: env.url };
  writeFront(at("lighttpd.conf"), words);
  spawnSync("chown", ["-R", "lectern:lectern", dir]);
  for (const one of ["store", "authz", "noded"]) startOne(program(one), "-c", at("beside.conf"));
  startOne("/usr/sbin/lighttpd", "-D", "-f", at("lighttpd.conf"));
  await until("the store", async () => (await fetch(`${url}/store/v1/health`)).status === 200, 30);
  await until("its node", () => alive("beside", "storage"), 30);
  await teacher.signIn();
}

async function elsewhere() {
  startOne(program("workerd"), "-c", at("elsewhere.conf"));
  await until("the worker elsewhere", () => alive("elsewhere", "worker"), 30);
  equal(alive("elsewhere", "worker").links_from, null, "a worker elsewhere links nothing");
  await send("Fits once", recording);
  await until("the probe", () => jobIs(lecture, "probe", "done"), 60);
  const told = await until("the encode to wait", () => {
    const q = queue();
    return !q.good && q;
  });
  ok(
    /jobs wait for room in a scratch_dir: .* lacks up to 0\.\d GB.* 0\.5 GB free/.test(told.text),
    "check says what is missing, and where",
    told,
  );
  const [{ state, attempt }] = jobs(lecture, "quick");
  ok(
    state === "queued" && attempt === 0,
    "the worker elsewhere has no room for source and results, and is not given the job",
    { state, attempt },
  );
}

async function beside() {
  besideStore = startOne(program("workerd"), "-c", at("beside.conf"));
  await until("the worker beside the store", () => alive("beside", "worker"), 30);
  const store = Number(
    value("SELECT id FROM node WHERE name = 'beside' AND roles = 2 AND revoked_at IS NULL"),
  );
  equal(
    Number(fs.readFileSync(at("disk/store/node"), "utf8")),
    store,
    "the store knows the number of its node",
  );
  equal(alive("beside", "worker").links_from, store, "the worker beside it says whose files it links");
  await assertWhole(lecture, upload, recording, "beside the store", places);
  const [[sha256]] = sql(
    `SELECT s.sha256 FROM source s JOIN lecture l ON l.id = s.lecture_id WHERE l.\`key\` = '${lecture}'`,
  );
  equal(
    fs.statSync(at("disk/scratch/sources", sha256)).ino,
    fs.statSync(at("disk/store/spool", upload + ".full")).ino,
    "the source lies on the disk once",
  );
  didTheRest("beside");
  ok(queue().good, "and nothing waits in vain");
}

// After the probe the copy takes a part of the disk; it is not asked for a second time.
async function elsewhereFromItsCopy() {
  await stop(besideStore);
  spawnSync("mount", ["-o", "remount,size=600m", at("elsewhere")]);
  makeRecording(recording, 128 * MB - 1);
  await send("Fits once beside its copy", recording);
  await assertWhole(lecture, upload, recording, "elsewhere", places);
  didTheRest("elsewhere");
  const fetched =
    fs.readFileSync(at("access.log"), "utf8").split(`GET /store/v1/sources/${upload} `).length - 1;
  equal(fetched, 1, "the source was fetched once");
}

async function sanitizers() {
  const report = output().match(/.*(ERROR: (Address|Leak)Sanitizer|runtime error:).*/);
  ok(!report, "no sanitizer report", report?.[0]);
}

async function cleanUp(failed) {
  if (failed) note(output().split("\n").slice(-25).join("\n"));
  for (const l of lectures) {
    ctl("lecture", "delete", l, "--now");
    await removeNow(l).catch(e => note(e.message));
  }
  names.forEach(revokeNodes);
  for (const child of running) await stop(child);
  for (const folder of Object.keys(disks)) spawnSync("umount", ["-l", at(folder)]);
  fs.rmSync(dir, { recursive: true, force: true });
  sv("up", "workerd");
  await until("the other worker", () => answers("workerd"), 10);
}

await run([prepare, elsewhere, beside, elsewhereFromItsCopy, sanitizers], cleanUp);
