#!/usr/bin/env node
// Every process killed with -9 at every stage of a recording's way, the database away, Redis away: what was sent
// arrives, one attempt is committed, nothing is left over, everything runs again. Each stage is reached and held
// by freezing who would go on, never by timing.
// timeout: 1800
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  alive,
  answers,
  assertWhole,
  childrenOf,
  freeze,
  freezeEncode,
  freezeWhen,
  get,
  isPutting,
  isStopped,
  jobIs,
  jobs,
  killOne,
  makeClip,
  makeLarge,
  mediaIs,
  pidOf,
  services,
  sv,
  thaw,
} from "./faults_lib.mjs";
import { ctl, env, sql, status, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { folder } from "../lib/programs.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";
import { tusOffset, tusSend } from "../lib/tus.mjs";

const tmp = folder("faults");
const clip = path.join(tmp, "clip.mp4"); // small, so that it is encoded in seconds
const large = path.join(tmp, "large.mp4"); // takes long enough on its way to be caught there
const store = path.join(env.state, "store");
const teacher = new Person("lecturer");
const lectures = [];
let course;

const newUpload = async (title, file, view = "CAM") => {
  const lecture = await teacher.newLecture(course, title);
  lectures.push(lecture);
  return { lecture, file, ...(await teacher.open(lecture, view, file)) };
};
const spool = (u, suffix) => path.join(store, "spool", u.upload + suffix);
const sizeOf = file => (fs.existsSync(file) ? fs.statSync(file).size : 0);

// --- one lecture goes through all stages; at each it is held and every process is killed. reach() gets it there and
// --- gives still(), which waits until the stage is (again) what its name says, and release(), which lets it go on.

const way = { file: large };

async function midPatch() {
  Object.assign(way, await newUpload("Every stage", large));
  const pace = { slow: true };
  const sent = tusSend(way, large, pace);
  let seen = 0;
  return {
    still: () =>
      until("bytes to arrive", () => {
        const now = sizeOf(spool(way, ".part"));
        const more = now > seen;
        if (more) seen = now;
        return more;
      }),
    release: async () => {
      const before = await tusOffset(way);
      ok(before > 0 && before < sizeOf(large), "mid-PATCH: it was in the middle all the time", before);
      pace.slow = false;
      await sent;
    },
  };
}

const notAnnounced = () => ({
  still: () =>
    until(
      "a whole upload that the core does not know",
      () =>
        fs.existsSync(spool(way, ".full")) &&
        value(
          `SELECT COUNT(*) FROM source s JOIN upload u ON u.id = s.upload_id WHERE u.\`key\` = '${way.upload}'`,
        ) === "0",
    ),
});

async function leased() {
  await until("a lease", () => {
    sql(
      "UPDATE node SET seen_at = UTC_TIMESTAMP(3) WHERE roles = 1 AND revoked_at IS NULL AND seen_at > UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE",
    );
    return jobIs(way.lecture, "probe", "leased");
  });
  sql(
    `UPDATE job SET lease_expires = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = ${jobs(way.lecture, "probe")[0].id}`,
  );
  return { still: () => until("the lease", () => jobIs(way.lecture, "probe", "leased")) };
}

// With a scratch folder on another disk, the worker cannot use links: from its next start on all files are
// sent by HTTP, as for a worker that is not beside its store.
const scratch = path.join(env.state, "scratch");
function diskOfItsOwn() {
  const { uid, gid, mode } = fs.statSync(scratch);
  const options = `size=600m,uid=${uid},gid=${gid},mode=${(mode & 0o777).toString(8)}`;
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "lectern-faults", scratch], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`no disk of its own: ${stderr}`);
}
function sameDiskAgain() {
  if (spawnSync("mountpoint", ["-q", scratch]).status !== 0) return;
  spawnSync("umount", ["-l", scratch]);
  sv("restart", "workerd");
}

const halfPut = lecture => {
  const dir = path.join(store, "incoming", lecture);
  return fs
    .readdirSync(dir)
    .some(job =>
      fs.readdirSync(path.join(dir, job)).some(f => f.endsWith(".tmp") && sizeOf(path.join(dir, job, f)) > 0),
    );
};

async function midPut() {
  await until("the copy to be due", () => jobIs(way.lecture, "quick", "queued", "leased", "running"), 60, 10);
  await freezeWhen("half an artifact", pidOf("workerd"), () =>
    isPutting(pidOf("store"), path.join(store, "incoming", way.lecture), large, 14 << 20),
  );
  return { still: () => until("half an artifact", () => halfPut(way.lecture)) };
}

const notCommitted = () => ({
  still: () =>
    until(
      "a commit to be due",
      () => jobIs(way.lecture, "commit", "queued", "leased") && !jobIs(way.lecture, "commit", "done"),
    ),
});

async function midEncode() {
  const children = await freezeEncode(way.lecture, () => pidOf("workerd"));
  return {
    still: () =>
      until("the encode", () => children.every(isStopped) && jobIs(way.lecture, "full", "running")),
    release: async () => {
      await until("FFmpeg to end with its worker", () => !children.some(alive), 10);
      ok(true, "mid-encode: no FFmpeg outlives its worker");
    },
  };
}

// --- the table. holder: killed last, which lets the lecture go on. early: frozen before the stage before lets go.
// --- then: done before that.

const stages = [
  { name: "mid-PATCH", reach: midPatch },
  { name: "finished but not announced", reach: notAnnounced, holder: "noded", early: true },
  { name: "leased", reach: leased, holder: "workerd", early: true, then: diskOfItsOwn },
  { name: "mid-PUT over HTTP", reach: midPut, holder: "workerd" },
  { name: "verified but not committed", reach: notCommitted, holder: "noded", early: true },
  { name: "mid-encode", reach: midEncode, holder: "workerd" },
];

// The services that start slowly first, so that they start while the others are killed.
const order = ["mariadb", "schedd", ...services.filter(s => s !== "mariadb" && s !== "schedd")];

async function killAt({ name, reach, holder, then }, next) {
  const { still, release } = await reach();
  const held = holder && isStopped(pidOf(holder)) ? [holder] : [];
  const works = [];
  for (const one of order.filter(s => s !== holder)) {
    await still();
    works.push((await killOne(one, name, { held })).works);
    if (one === "mariadb") await works[0]; // the checks of the others need it
  }
  await Promise.all(works);
  await still();
  if (next?.early) await freeze(pidOf(next.holder));
  then?.();
  if (holder) await (await killOne(holder, name)).works;
  await release?.();
}

async function everyStage() {
  try {
    for (const [i, stage] of stages.entries()) {
      await killAt(stage, stages[i + 1]);
      console.log(`# ${stage.name}: every process was killed`);
    }
    await assertWhole(way.lecture, way.upload, way.file, "after all stages");
  } finally {
    for (const one of services) if (pidOf(one)) thaw(pidOf(one));
    sameDiskAgain();
  }
}

async function everythingRuns() {
  const all = status().processes;
  equal(all.map(p => p.name).join(), services.join(), "every process of the status was killed");
  equal(
    all
      .filter(p => p.state !== "run")
      .map(p => p.name)
      .join(),
    "",
    "and every one runs",
  );
}

// --- the database away

const page503 = async (url, browser) => {
  const { status, text } = await browser.get(url);
  return {
    status,
    says: /<h1[^>]*>[^<]{10,}/.test(text) && /try again/i.test(text),
    text: text.slice(0, 300),
  };
};

const leaseRunsOut = job =>
  sql(`UPDATE job SET lease_expires = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE WHERE id = ${job}`);
const overdue =
  "SELECT COUNT(*) FROM job WHERE state IN ('leased', 'running') AND lease_expires < UTC_TIMESTAMP(3)";

// The core was restarted: the scheduler runs first, since the worker could not report for longer than its
// lease.
async function coreAway(job) {
  await freeze(pidOf("workerd"));
  sv("down", "schedd");
  await until("the scheduler to end", () => pidOf("schedd") === 0, 30);
  leaseRunsOut(job);
  sv("up", "schedd");
  await until("the scheduler", () => answers("schedd"), 20);
  await until("a look at the leases", () => value(overdue) === "0", 10);
  thaw(pidOf("workerd"));
}

// The lease of an encode runs out while it cannot be renewed; another file is sent at the same time.
async function databaseAway() {
  const u = await newUpload("No database", clip);
  const other = { file: clip, ...(await teacher.open(u.lecture, "PRES", clip)) };
  await tusSend(u, clip);
  const children = await freezeEncode(u.lecture, () => pidOf("workerd"));
  const { id, attempt } = jobs(u.lecture, "full")[0];
  await coreAway(id);
  ok(
    jobIs(u.lecture, "full", "running") && jobs(u.lecture, "full")[0].attempt === attempt,
    "no core: a lease that ran out meanwhile begins anew",
  );
  const others = [pidOf("schedd"), pidOf("workerd")];
  const log = path.join(env.state, "log/schedd/current");
  await freeze(others);
  leaseRunsOut(id);
  sv("down", "mariadb");
  await until("the database to be down", () => !alive(pidOf("mariadb")) || pidOf("mariadb") === 0, 30);
  const said = sizeOf(log);
  thaw(others);
  await until(
    "the scheduler to notice",
    () => fs.readFileSync(log).subarray(said).includes("round failed"),
    30,
  );

  for (const url of ["/teach", `/lecture/${u.lecture}`, "/login"]) {
    const got = await page503(url, teacher);
    ok(got.status === 503 && got.says, `no database: ${url} answers 503 with a sentence`, got);
  }
  equal((await get("/health")).status, 503, "no database: /health says so");
  await tusSend(other, clip);
  ok(fs.existsSync(spool(other, ".full")), "no database: an upload that was begun goes on to its end");
  ok(children.every(alive), "no database: the worker keeps what it is doing");
  thaw(children);
  await until("the results", () =>
    fs.existsSync(path.join(store, "incoming", u.lecture, `${id}-${attempt}`, "master.m3u8")),
  );
  ok(true, "no database: and brings its results to the storage");

  // the scheduler runs first: it must not take the job away before the worker can report it
  await freeze(pidOf("workerd"));
  sv("up", "mariadb");
  await until("the database", () => answers("mariadb"), 30);
  await until("the scheduler", () => answers("schedd"), 20);
  await until("a look at the leases", () => value(overdue) === "0", 10);
  thaw(pidOf("workerd"));
  await until("pages", async () => (await teacher.get("/teach")).status === 200);
  ok(true, "no database: pages are back by themselves");
  await until(
    "the second view",
    () => jobs(u.lecture, "full").length === 2 && mediaIs(u.lecture, "complete"),
    120,
  );
  equal(jobs(u.lecture, "full")[0].attempt, attempt, "no database: the encode was not done again");
  await assertWhole(u.lecture, u.upload, clip, "no database");
}

// --- Redis away

async function redisAway() {
  sv("down", "redis");
  await until("Redis to be down", () => pidOf("redis") === 0, 30);
  const someone = new Person("student");
  equal((await someone.signIn()).status, 303, "no Redis: signing in works");
  for (const url of ["/", "/account"]) equal((await someone.get(url)).status, 200, `no Redis: ${url} works`);
  const u = await newUpload("No Redis", clip);
  await tusSend(u, clip);
  await assertWhole(u.lecture, u.upload, clip, "no Redis");
  sv("up", "redis");
  await until("Redis", () => answers("redis"), 10);
}

// ---

async function prepare() {
  makeClip(clip);
  makeLarge(large, 24); // 33 MB
  course = JSON.parse(ctl("course", "list", "--json")).find(c => c.slug === "lectern").id;
  await teacher.signIn();
  const since = value("SELECT UTC_TIMESTAMP(3)");
  for (const one of services) await until(`${one} to work`, () => answers(one, since), 30);
}

async function cleanUp() {
  for (const one of services) {
    if (pidOf(one)) thaw([pidOf(one), ...childrenOf(pidOf(one))]);
    else sv("up", one);
  }
  await until("the database", () => answers("mariadb"), 30).catch(() => {});
  for (const lecture of lectures) {
    try {
      ctl("lecture", "delete", lecture, "--now");
    } catch (e) {
      console.log(`# ${lecture} stays: ${e.stderr ?? e.message}`);
    }
  }
  sameDiskAgain();
}

const only = process.argv[2]; // a part of a part's name
const parts = [everyStage, everythingRuns, databaseAway, redisAway];
await run([prepare, ...parts.filter(p => !only || p.name.includes(only))], cleanUp);
