// What the fault tests share: the services of an instance and what shows that each of them works, freezing and
// killing, what must be true of a lecture in the end, clips.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { env, show, sql, value } from "../lib/instance.mjs";
import { equal, ok, sleep, until } from "../lib/tap.mjs";
import { sha256 } from "../lib/tokens.mjs";

// --- services

const serviceDir = name => path.join(env.state, "service", name);
export const sv = (...words) => spawnSync("sv", [...words.slice(0, -1), serviceDir(words.at(-1))]);
export const pidIn = dir => Number(fs.readFileSync(path.join(dir, "supervise/pid"), "utf8")) || 0; // of a runit service
export const pidOf = name => pidIn(serviceDir(name));
export const signal = (pids, what) => [pids].flat().forEach(pid => process.kill(pid, what));
export function alive(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0] !== "Z";
  } catch {
    return false;
  }
}
// Checks all of its threads: one in a system call would complete it.
export const isStopped = pid =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .every(task => fs.readFileSync(`/proc/${pid}/task/${task}/stat`, "utf8").split(") ")[1][0] === "T");
export function childrenOf(pid) {
  return fs.readdirSync(`/proc/${pid}/task`).flatMap(task => {
    const list = fs.readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
    return list ? list.split(" ").map(Number) : [];
  });
}

// --- HTTP

const fetched = (url, options = {}) =>
  fetch(url, { redirect: "manual", signal: AbortSignal.timeout(15000), ...options });
export const get = (url, options) => fetched(url.startsWith("/") ? env.url + url : url, options);
const statusOf = async url => (await get(url)).status;
function redisSays() {
  return new Promise(resolve => {
    const s = net.connect(path.join(env.run, "redis.sock"), () => s.write("PING\r\n"));
    s.setTimeout(2000, () => s.destroy());
    s.on("data", d => (resolve(String(d)), s.destroy()));
    s.on("error", () => resolve(""));
    s.on("close", () => resolve(""));
  });
}

// The check that a service works. `since` is the database's time when the old process was killed: a node must
// have reported after it.
const beats = role => since =>
  value(`SELECT seen_at > '${since}' FROM node WHERE roles = ${role} AND revoked_at IS NULL
  ORDER BY seen_at DESC LIMIT 1`) === "1";
const leads = role => () =>
  value(
    `SELECT expires > UTC_TIMESTAMP(3) AND holder LIKE '%:${pidOf(role)}:%' FROM leader WHERE role = '${role}'`,
  ) === "1";
const works = {
  mariadb: () => value("SELECT 1") === "1",
  redis: async () => (await redisSays()).startsWith("+PONG"),
  store: async () => (await statusOf("/store/v1/health")) === 200,
  authz: async () => (await statusOf("/m/forged/aaaaaaaaaaaa/g1/CAM/master.m3u8")) === 403,
  lived: async () => (await statusOf("/m/forged/aaaaaaaaaaaa/g1/CAM/live.m3u8")) === 403,
  web: async () => (await statusOf("/health")) === 200,
  schedd: leads("schedd"),
  courierd: leads("courierd"),
  noded: beats(2),
  workerd: beats(1),
  rtmpd: beats(24),
  lighttpd: async () => (await statusOf("/static/css/base.css")) < 500,
};
export const services = Object.keys(works);
export const answers = (name, since = "2000-01-01") => works[name](since);

// kill -9; the service must work again within ten seconds. Returns when it runs again, with a promise that it
// works. Services in `held` are frozen and not asked. pid, back: for a service of another instance.
export async function killOne(name, where, { held = [], pid = pidOf, back = answers } = {}) {
  const old = pid(name);
  const begun = Date.now();
  // a store that has lost its parent ends its transfers first
  const serving = name === "store" ? childrenOf(old) : [];
  signal([old, ...serving], "SIGKILL");
  await until(`the end of ${name}`, () => !alive(old), 60, 5);
  const since = name === "mariadb" ? "" : value("SELECT UTC_TIMESTAMP(3)");
  const runs = () => pid(name) !== old && alive(pid(name));
  const isBack = async () => runs() && (held.includes(name) || (await back(name, since)));
  const works = until(`${name} to work again`, isBack).then(
    () => ok(true, `${where}: ${name} works again after ${((Date.now() - begun) / 1000).toFixed(1)} s`),
    e => ok(false, `${where}: ${name} works again`, e.message),
  );
  await until(`${name} to run again`, runs);
  return { works };
}

// --- freezing

export async function freeze(pids) {
  signal(pids, "SIGSTOP");
  await until("the frozen to stand still", () => [pids].flat().every(isStopped), 60, 2);
}
export const thaw = pids =>
  [pids]
    .flat()
    .filter(alive)
    .forEach(pid => signal(pid, "SIGCONT"));

// A large artifact is being sent by HTTP into `dir`: lectern-store has its file open and has received a part
// of it. `rest`: at least so much is missing. Up to about 10 MB that the kernel has buffered arrive even
// while the sender is frozen.
const MB = 1 << 20;
export const isPutting = (store, dir, whole, rest = MB) =>
  childrenOf(store)
    .flatMap(pid => fs.readdirSync(`/proc/${pid}/fd`).map(fd => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)))
    .some(file => {
      if (!file.startsWith(dir) || !file.endsWith(".tmp")) return false;
      const { size } = fs.statSync(file);
      return size > MB && size < fs.statSync(whole).size - rest;
    });

// The process runs for a few milliseconds at a time until test() is true, and then stays frozen.
export async function freezeWhen(what, pid, test) {
  await until(
    what,
    async () => {
      await freeze(pid);
      if (
        await Promise.resolve()
          .then(test)
          .catch(() => false)
      )
        return true;
      thaw(pid);
      await sleep(1);
      return false;
    },
    90,
    1,
  );
}

// Freezes the FFmpeg of the lecture's full job. Each new child of the worker is stopped first; its scratch
// folder then tells which job it belongs to, so that none is missed.
export async function freezeEncode(lecture, worker, attempt = 1) {
  const others = new Set();
  const child = await until(
    "FFmpeg of the full job",
    async () => {
      for (const pid of childrenOf(worker())) {
        const job = /\/(\d+)-(\d+)\/(?:out|tmp)/.exec(fs.readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        if (!job || others.has(job[0]) || fs.readFileSync(`/proc/${pid}/comm`, "utf8") !== "ffmpeg\n")
          continue;
        await freeze(pid);
        if (jobs(lecture, "full").some(j => String(j.id) === job[1]) && Number(job[2]) === attempt)
          return pid;
        others.add(job[0]);
        thaw(pid);
      }
      return false;
    },
    90,
    3,
  );
  await until("the core to know of it", () => jobIs(lecture, "full", "running"));
  return [child];
}

// --- what must be true in the end

const hashOf = file => sha256(fs.readFileSync(file));
function filesBelow(dir, base = "") {
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir, { withFileTypes: true })
    .flatMap(e =>
      e.isDirectory() ? filesBelow(path.join(dir, e.name), `${base}${e.name}/`) : [base + e.name],
    );
}
const sorted = list => [...list].sort().join(" ");

export const mediaIs = (lecture, state) =>
  value(`SELECT media_state FROM lecture WHERE \`key\` = '${lecture}'`) === state;
export const jobs = (lecture, kind) =>
  sql(`SELECT j.id, j.state, j.attempt FROM job j JOIN lecture l ON l.id = j.lecture_id
    WHERE l.\`key\` = '${lecture}' AND j.kind = '${kind}' ORDER BY j.id`).map(([id, state, attempt]) => ({
    id: Number(id),
    state,
    attempt: Number(attempt),
  }));
export const jobIs = (lecture, kind, ...states) => jobs(lecture, kind).some(j => states.includes(j.state));

// Files are removed after half a minute (purge), one minute (leftovers) or twenty (the generation before):
// this makes it happen now.
export async function removeNow(lecture) {
  await until(`the deletions of ${lecture}`, () => {
    sql(`UPDATE job j JOIN lecture l ON l.id = j.lecture_id SET j.not_before = UTC_TIMESTAMP(3)
      WHERE l.\`key\` = '${lecture}' AND j.kind = 'delete' AND j.state = 'queued'`);
    return jobs(lecture, "delete").every(j => j.state === "done");
  });
}

const failedFiles = (l, dir) =>
  l.views.flatMap(v =>
    v.artifacts.filter(a => hashOf(path.join(dir, v.view, a.path)) !== a.sha256).map(a => a.path),
  );

async function plays(view) {
  const answer = await get(view.playback);
  const text = await answer.text();
  const rendition = text.split("\n").find(line => line && !line.startsWith("#"));
  return answer.status === 200 && (await get(new URL(rendition, view.playback).href)).status === 200;
}

// Sources of lectures that earlier tests deleted: a worker keeps them for a while.
const before = new Set(filesBelow(path.join(env.state, "scratch")));

// The lecture is complete, made from this file, and no intermediate file is left.
export async function assertWhole(
  lecture,
  upload,
  file,
  where,
  { store = path.join(env.state, "store"), scratch = [path.join(env.state, "scratch")] } = {},
) {
  await until(
    `${lecture} to be complete`,
    () => mediaIs(lecture, "complete") || mediaIs(lecture, "failed"),
    120,
  );
  const l = show(lecture);
  equal(l.media, "complete", `${where}: the lecture is complete`);
  equal(
    hashOf(path.join(store, "spool", upload + ".full")),
    hashOf(file),
    `${where}: the file arrived as it was sent`,
  );
  const twice =
    sql(`SELECT j.id, j.kind, COUNT(*) FROM job j JOIN lecture l ON l.id = j.lecture_id JOIN job_log g ON g.job_id = j.id
    WHERE l.\`key\` = '${lecture}' AND g.outcome = 'done' GROUP BY j.id, j.kind HAVING COUNT(*) <> 1`);
  equal(
    jobs(lecture, "commit").filter(j => j.state === "done").length,
    l.generation,
    `${where}: one commit for each generation`,
  );
  ok(twice.length === 0, `${where}: one attempt of each job was taken`, twice);

  await removeNow(lecture);
  const media = path.join(store, "media", lecture);
  const kept = l.views.flatMap(v => v.artifacts.map(a => `g${l.generation}/${v.view}/${a.path}`));
  equal(sorted(filesBelow(media)), sorted(kept), `${where}: on disk is what the manifest says, no more`);
  equal(
    failedFiles(l, path.join(media, `g${l.generation}`)).join(),
    "",
    `${where}: every file with its hash`,
  );
  equal(sorted(filesBelow(path.join(store, "incoming", lecture))), "", `${where}: no artifact is left over`);
  const spool = fs.readdirSync(path.join(store, "spool")).filter(name => name.startsWith(upload));
  equal(sorted(spool), `${upload}.full ${upload}.json`, `${where}: nothing else in the spool`);
  const sources = new Set(sql("SELECT sha256 FROM source").map(([s]) => "sources/" + s));
  const left = () =>
    scratch.flatMap(dir => filesBelow(dir)).filter(name => !sources.has(name) && !before.has(name));
  await until("scratch to be empty", () => left().length === 0, 30).catch(() => {});
  equal(sorted(left()), "", `${where}: nothing in scratch but sources kept for the next job`);
  for (const v of l.views) ok(await plays(v), `${where}: ${v.view} can be watched`);
}

// --- clips

// H.264 as recorders write it, so that the top is copied and only the small one is encoded.
// Long enough to be interrupted on its way.
export const makeLarge = (file, seconds = 6) =>
  makeClip(file, {
    seconds,
    size: "1280x720",
    rate: [
      "-b:v",
      "11M",
      "-minrate",
      "11M",
      "-maxrate",
      "11M",
      "-bufsize",
      "4M",
      "-x264-params",
      "nal-hrd=cbr",
    ],
  });

export function makeClip(file, { seconds = 4, size = "854x480", rate = ["-crf", 23] } = {}) {
  const argv = [
    "-nostdin",
    "-v",
    "error",
    "-y",
    "-f",
    "lavfi",
    "-i",
    `testsrc2=s=${size}:r=25`,
    "-f",
    "lavfi",
    "-i",
    "sine=f=330:r=48000",
    "-t",
    seconds,
  ];
  execFileSync(
    "ffmpeg",
    [
      ...argv,
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      ...rate,
      "-pix_fmt",
      "yuv420p",
      "-g",
      50,
      "-c:a",
      "aac",
      file,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  fs.chmodSync(file, 0o644);
}
