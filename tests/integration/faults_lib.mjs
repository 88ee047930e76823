// What the fault tests share: TAP, waiting for conditions, the services of an instance and what shows that each
// of them works, a lecturer's browser (sign-in, forms, tus), and what must be true of a lecture in the end.
import { execFileSync, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";

export const env = Object.fromEntries(
  ["SRC", "NAME", "STATE", "RUN", "APP", "BUILD", "URL", "ACCOUNTS"].map(k => [
    k.toLowerCase(),
    process.env["LECTERN_" + k],
  ]),
);
if (!env.state || !env.accounts) {
  console.log("1..0 # SKIP run me by ./lectern test integration/faults");
  process.exit(0);
}

// --- TAP

let count = 0;
let bad = 0;
export function ok(pass, name, detail) {
  count++;
  if (!pass) {
    bad++;
    if (detail !== undefined) console.log("# " + JSON.stringify(detail));
  }
  console.log(`${pass ? "ok" : "not ok"} ${count} - ${name}`);
}
export const equal = (got, want, name) => ok(got === want, name, { got, want });

// Runs the parts one after the other; what one throws is its failure, and cleaning up is done in any case.
export async function run(parts, cleanUp) {
  const begun = Date.now();
  let ended = false;
  const once = async () => {
    if (ended) return;
    ended = true;
    await cleanUp();
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => once().finally(() => process.exit(1)));
  for (const part of parts) {
    try {
      await part();
    } catch (e) {
      ok(false, `${part.name || "part"} runs to its end: ${e.message}`);
      console.log("# " + String(e.stack).replaceAll("\n", "\n# "));
    }
    console.log(`# ${part.name}: ${((Date.now() - begun) / 1000).toFixed(1)} s since the beginning`);
  }
  await once();
  console.log(`1..${count}`);
  process.exit(bad ? 1 : 0);
}

// --- waiting

export const sleep = ms => new Promise(r => setTimeout(r, ms));

// Looks until test() is true; what it throws counts as "not yet". Returns what it returned, or throws.
export async function until(what, test, seconds = 60, pause = 50) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const got = await Promise.resolve()
      .then(test)
      .catch(() => false);
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(pause);
  }
}

// --- the instance

const lectern = path.join(env.src, "lectern");
const loud = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 };
export const ctl = (...words) => execFileSync(lectern, ["ctl", "--name", env.name, ...words], loud);
export const status = () => JSON.parse(execFileSync(lectern, ["status", "--json", "--name", env.name], loud));
export const show = lecture => JSON.parse(ctl("lecture", "show", lecture, "--json"));

// Rows of texts, straight from MariaDB.
export function sql(text) {
  const argv = [
    "--no-defaults",
    "-S",
    path.join(env.run, "mariadb.sock"),
    "-uroot",
    "--connect-timeout=2",
    "-N",
    "-B",
    "lectern",
  ];
  const out = execFileSync("mariadb", [...argv, "-e", text], { ...loud, timeout: 10000 });
  return out
    .split("\n")
    .filter(Boolean)
    .map(line => line.split("\t"));
}
export const value = text => sql(text)[0]?.[0];

const serviceDir = name => path.join(env.state, "service", name);
export const sv = (...words) => spawnSync("sv", [...words.slice(0, -1), serviceDir(words.at(-1))], loud);
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
const works = {
  mariadb: () => value("SELECT 1") === "1",
  redis: async () => (await redisSays()).startsWith("+PONG"),
  store: async () => (await statusOf("/store/v1/health")) === 200,
  authz: async () => (await statusOf("/m/forged/aaaaaaaaaaaa/g1/CAM/master.m3u8")) === 403,
  web: async () => (await statusOf("/health")) === 200,
  schedd: () =>
    value(
      `SELECT expires > UTC_TIMESTAMP(3) AND holder LIKE '%:${pidOf("schedd")}:%' FROM leader WHERE role = 'schedd'`,
    ) === "1",
  noded: beats(2),
  workerd: beats(1),
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
  await until(`the end of ${name}`, () => !alive(old), 10, 5);
  const since = name === "mariadb" ? "" : value("SELECT UTC_TIMESTAMP(3)");
  const runs = () => pid(name) !== old && alive(pid(name));
  const isBack = async () => runs() && (held.includes(name) || (await back(name, since)));
  const works = until(`${name} to work again`, isBack, 10).then(
    () => ok(true, `${where}: ${name} works again after ${((Date.now() - begun) / 1000).toFixed(1)} s`),
    e => ok(false, `${where}: ${name} works again within 10 s`, e.message),
  );
  await until(`${name} to run again`, runs, 20);
  return { works };
}

// --- freezing

export async function freeze(pids) {
  signal(pids, "SIGSTOP");
  await until("the frozen to stand still", () => [pids].flat().every(isStopped), 10, 2);
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

// --- a lecturer's browser

export class Browser {
  cookies = new Map();

  async go(url, { headers = {}, ...options } = {}) {
    const cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
    const answer = await get(url, { ...options, headers: { ...(cookie && { cookie }), ...headers } });
    for (const line of answer.headers.getSetCookie?.() ??
      [answer.headers.get("set-cookie")].filter(Boolean)) {
      const [, name, content] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, content);
    }
    return answer;
  }

  // Fills the form on a page: its token, and what is given. `to`: where it is sent.
  async send(page, fields, to = page, headers = {}) {
    const text = await (await this.go(page)).text();
    const csrf = /name="csrf" (?:value|content)="([^"]+)"/.exec(text)?.[1] ?? "";
    return this.go(to, { method: "POST", body: new URLSearchParams({ csrf, ...fields }), headers });
  }

  async signIn(role) {
    const { login, password } = JSON.parse(fs.readFileSync(env.accounts, "utf8")).accounts[role];
    const answer = await this.send("/login", { login, password, next: "/" });
    if (answer.status !== 303) throw new Error(`sign-in answers ${answer.status}`);
  }

  async newLecture(course, title) {
    const answer = await this.send(`/teach/course/${course}/lecture/new`, {
      title,
      start: "2026-11-24T10:15",
    });
    if (answer.status !== 303) throw new Error(`a new lecture answers ${answer.status}`);
    return answer.headers.get("location").split("/").pop().split("?")[0];
  }

  // {upload, url, token} of a new upload.
  async open(lecture, view, file) {
    const fields = {
      view,
      name: path.basename(file),
      size: fs.statSync(file).size,
      nonce: crypto.randomBytes(12).toString("hex"),
    };
    const answer = await this.send(`/teach/lecture/${lecture}`, fields, `/teach/lecture/${lecture}/source`, {
      accept: "application/json",
    });
    if (answer.status !== 200)
      throw new Error(`a new upload answers ${answer.status}: ${await answer.text()}`);
    const ticket = await answer.json();
    return { ...ticket, url: new URL(ticket.url, env.url).href };
  }
}

// --- tus

const tusHeaders = t => ({ "tus-resumable": "1.0.0", authorization: "Bearer " + t.token });

export async function tusOffset(t) {
  const answer = await fetched(`${t.url}/${t.upload}`, { method: "HEAD", headers: tusHeaders(t) });
  if (answer.status === 200) return Number(answer.headers.get("upload-offset"));
  if (answer.status !== 404) throw new Error(`HEAD answers ${answer.status}`);
  return null;
}

export async function tusCreate(t, size) {
  const headers = {
    ...tusHeaders(t),
    "upload-length": String(size),
    "upload-metadata": "filename " + btoa("x.mp4"),
  };
  return fetched(t.url, { method: "POST", headers });
}

// One PATCH from `from`; pace.slow sends a piece now and then until it is false. The answer, or a broken connection.
export function tusPatch(t, bytes, from, pace) {
  return new Promise((resolve, reject) => {
    const headers = {
      ...tusHeaders(t),
      "upload-offset": from,
      "content-type": "application/offset+octet-stream",
      "content-length": bytes.length - from,
    };
    const rq = http.request(`${t.url}/${t.upload}`, { method: "PATCH", headers, agent: false }, async rs => {
      const parts = [];
      for await (const part of rs) parts.push(part);
      resolve({ status: rs.statusCode, text: Buffer.concat(parts).toString() });
    });
    rq.on("error", reject);
    rq.setTimeout(30000, () => rq.destroy(new Error("silent for 30 s")));
    (async () => {
      for (let at = from, n; at < bytes.length && !rq.destroyed; at += n) {
        n = pace?.slow ? 1024 : 65536;
        if (!rq.write(bytes.subarray(at, at + n)))
          await Promise.race([new Promise(r => rq.once("drain", r)), sleep(1000)]);
        if (pace?.slow) await sleep(50);
      }
      rq.end();
    })();
  });
}

// As tus-js-client does: ask, go on, and again after whatever broke. Ends with the last byte.
export function tusSend(t, file, pace) {
  const bytes = fs.readFileSync(file);
  return until(
    "the upload to be whole",
    async () => {
      const offset = await tusOffset(t);
      if (offset === null) await tusCreate(t, bytes.length);
      else if (offset < bytes.length) await tusPatch(t, bytes, offset, pace);
      return offset === bytes.length;
    },
    120,
    100,
  );
}

// --- what must be true in the end

const sha256 = file => crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
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
    v.artifacts.filter(a => sha256(path.join(dir, v.view, a.path)) !== a.sha256).map(a => a.path),
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
    sha256(path.join(store, "spool", upload + ".full")),
    sha256(file),
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
  await until("scratch to be empty", () => left().length === 0, 10).catch(() => {});
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
    loud,
  );
  fs.chmodSync(file, 0o644);
}
