#!/usr/bin/env node
// lectern-workerd against a core and a store that misbehave: broken downloads, refused artifacts, cancelled and withdrawn
// jobs, foreign bytes. The core here is a few lines of this file, so that each mishap happens at a known moment.
// instance: none
// timeout: 1200
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { comes, note, ok, run, skipAll, until } from "../lib/tap.mjs";
import { sha256 } from "../lib/tokens.mjs";

const build = process.env.LECTERN_BUILD;
if (!build) skipAll("run me by ./lectern test integration/media_worker");
const tmp = folder("media-worker");
const dir = name => (mkdirSync(join(tmp, name), { recursive: true }), join(tmp, name));

// --- source: ten seconds of 720p, which encode for a while; and a minute that an encode does not finish soon
const source = join(tmp, "source.mp4"),
  slow = join(tmp, "slow.mp4");
execFileSync("ffmpeg", [
  "-v",
  "error",
  "-f",
  "lavfi",
  "-i",
  "testsrc2=s=640x360:r=25:d=6",
  "-f",
  "lavfi",
  "-i",
  "sine=d=6",
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-pix_fmt",
  "yuv420p",
  "-g",
  "50",
  "-c:a",
  "aac",
  "-ac",
  "2",
  source,
]);
execFileSync("ffmpeg", [
  "-v",
  "error",
  "-f",
  "lavfi",
  "-i",
  "color=gray:s=1920x1080:r=60:d=60",
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-pix_fmt",
  "yuv420p",
  "-g",
  "999",
  slow,
]);
const objects = {
  good: readFileSync(source),
  slow: readFileSync(slow),
  lie: Buffer.from("#!/bin/sh\necho no\n"),
};
objects.near = Buffer.concat([objects.good, Buffer.from([0, 0, 0, 8]), Buffer.from("free")]);

// --- core and store
let nextJob = 0,
  assign = [],
  cancel = [],
  reports = new Map(),
  acked = new Set(),
  slots = null,
  beside = 0,
  refuse = [],
  tokens = [],
  hold = null;
let puts = new Map(),
  putFailures = 0,
  breakDownload = 0,
  ranges = 0,
  digestsBad = 0,
  joins = 0,
  sourceGets = 0;
const answer = (res, status, body) => {
  res.writeHead(status, { "Content-Type": "application/json" });
  res.end(JSON.stringify(body ?? {}));
};
const body = async req => {
  const parts = [];
  for await (const p of req) parts.push(p);
  return Buffer.concat(parts);
};
const heartbeat = (beat, res) => {
  slots = beat.slots ?? {}; // what is 0 or nothing is not said
  beside = beat.store ?? 0;
  const ack = [];
  for (const j of beat.jobs ?? []) {
    reports.set(j.job, j);
    if (j.state !== "running") (ack.push(j.job), acked.add(j.job));
  }
  answer(res, 200, {
    every: 0.2,
    now: Date.now(),
    assign: assign.splice(0),
    cancel: cancel.splice(0),
    tokens: tokens.splice(0),
    refused: refuse.splice(0),
    ack: { jobs: ack, uploads: [] },
    keys: [],
  });
};
const sendSource = async (name, req, res) => {
  await hold;
  const all = objects[name];
  sourceGets++;
  const m = /bytes=(\d+)-/.exec(req.headers.range ?? "");
  const from = m ? Number(m[1]) : 0;
  if (from > 0) ranges++;
  res.writeHead(m ? 206 : 200, {
    "Content-Length": all.length - from,
    ...(m ? { "Content-Range": `bytes ${from}-${all.length - 1}/${all.length}` } : {}),
  });
  if (breakDownload > 0) {
    breakDownload--;
    res.write(all.subarray(from, from + Math.floor((all.length - from) / 2)), () =>
      setTimeout(() => res.destroy(), 100),
    );
  } else res.end(all.subarray(from));
};
const takeArtifact = async (path, req, res) => {
  const bytes = await body(req);
  if (putFailures > 0) return (putFailures--, answer(res, 503));
  if (req.headers["repr-digest"] !== `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`)
    digestsBad++;
  puts.set(path, bytes);
  answer(res, 201);
};
const server = createServer(async (req, res) => {
  const auth = req.headers.authorization;
  if (req.url === "/api/v1/node/join") {
    joins++;
    const b = JSON.parse(await body(req));
    return b.token === "org-token" ? answer(res, 200, { node: 7, token: "node-token" }) : answer(res, 403);
  }
  if (req.url === "/api/v1/node/heartbeat")
    return auth === "Bearer node-token" ? heartbeat(JSON.parse(await body(req)), res) : answer(res, 401);
  const mayWrite = auth === (req.url.includes("/lasting/") ? "Bearer new-token" : "Bearer job-token");
  if (req.method === "PUT" ? !mayWrite : auth !== "Bearer job-token") return answer(res, 401);
  const get = /^\/store\/v1\/sources\/(\w+)$/.exec(req.url),
    put = /^\/store\/v1\/artifacts\/(.*)$/.exec(req.url);
  if (req.method === "GET" && get) return sendSource(get[1], req, res);
  if (req.method === "PUT" && put) return takeArtifact(put[1], req, res);
  answer(res, 404);
});
await new Promise(r => server.listen(0, "127.0.0.1", r));
const base = `http://127.0.0.1:${server.address().port}`;

// --- worker
const programs = dir("programs"),
  scratch = dir("scratch"),
  store = dir("store"),
  spool = join(store, "spool"); // made later
symlinkSync(join(build, "lectern-sandbox"), join(programs, "lectern-sandbox"));
mkdirSync(join(scratch, "99-1/out"), { recursive: true });
mkdirSync(join(scratch, "keep"));
writeFileSync(join(tmp, "join"), "org-token\n");
writeFileSync(
  join(tmp, "lectern.conf"),
  `core_url = ${base}
scratch_dir = ${scratch}
program_dir = ${programs}
run_dir = ${dir("run")}
node_dir = ${dir("node")}
join_token_file = ${join(tmp, "join")}
node_name = tester
store_root = ${store}
worker_quick_slots = 2
worker_encode_slots = 1
`,
);
const startWorker = () => start([join(build, "lectern-workerd"), "-c", join(tmp, "lectern.conf")]);
let worker = startWorker();
const give = (kind, object, params = {}, extra = {}) => {
  const job = ++nextJob;
  assign.push({
    job,
    attempt: 1,
    fence: job * 10,
    kind,
    lane: kind === "full" ? "encode" : "quick",
    lecture: "lecture00001",
    view: "CAM",
    expires: 15,
    params: { view: "CAM", ...params },
    inputs: [
      {
        name: "x.mp4",
        url: `${base}/store/v1/sources/${object}`,
        token: "job-token",
        size: objects[object].length,
        sha256: sha256(objects[object]),
        source: object.padEnd(12, "0"), // the key of an upload
        ...extra,
      },
    ],
    put: { url: `${base}/store/v1/artifacts/lecture00001/${job}-1/`, token: "job-token" },
  });
  return job;
};
const done = async job => ((await comes(() => acked.has(job), 120)) ? reports.get(job) : undefined);
// A job whose encode takes longer than this test, under way.
const encoding = async probe => {
  const job = give("full", "slow", { probe });
  await until(`job ${job} to be under way`, () => reports.get(job)?.progress > 0.06);
  return job;
};
const children = () =>
  spawnSync("ps", ["-o", "pid=", "--ppid", String(worker.pid)])
    .stdout.toString()
    .trim();
const scratchNames = () => readdirSync(scratch).sort();
let probe, slowProbe; // what the worker said of the sources

async function joining() {
  ok(
    await comes(() => slots?.quick === 2 && slots?.encode === 1),
    "joins with the organisation token, offers its places",
    slots,
  );
  ok(
    joins === 1 && !scratchNames().includes("99-1") && scratchNames().includes("keep"),
    "sweeps old scratch at start, nothing else",
  );
  ok(beside === 0, "links from no store", beside);
  mkdirSync(spool);
  writeFileSync(join(store, "node"), "7\n");
  ok(await comes(() => beside === 7), "a store that is made beside it later is found and told", beside);
  ok(readdirSync(join(scratch, "sources")).length === 0, "finding out that it can link leaves nothing");
}

async function goodJobs() {
  breakDownload = 2;
  const probed = await done(give("probe", "good"));
  ok(
    probed?.state === "done" && probed.outputs.plan.quick && ranges === 2,
    "probe: a download that breaks twice is resumed",
    probed,
  );
  ok(probed?.fence === 10, "reports carry the fencing number");
  probe = probed?.outputs?.probe;

  const before = sourceGets;
  putFailures = 2;
  const quick = give("quick", "good", { probe }),
    q = await done(quick);
  const sent = [...puts.keys()]
    .filter(k => k.startsWith(`lecture00001/${quick}-1/`))
    .map(k => k.split("/").pop())
    .sort();
  ok(
    q?.state === "done" && sent.length === q.outputs.files.length && sent.includes("master.m3u8"),
    "quick: artifacts put in spite of 503",
    sent,
  );
  ok(sourceGets === before, "the source is fetched once for both jobs");
  // a store on this machine: the source is taken from it if its hash is right, and the results are linked
  // into it
  const beside = async (kind, file, bytes) => {
    writeFileSync(join(spool, `${file}.full`), bytes);
    const job = give(kind, "near", { probe }, { source: file });
    assign.at(-1).put.url = `${base}/store/v1/artifacts/locallecture/${job}-1/`;
    const report = await done(job),
      put = [...puts.keys()].filter(k => k.startsWith("locallecture/")).length;
    return { job, report, put, gets: sourceGets - before };
  };
  const stranger = await beside("quick", "otherstored1", Buffer.from(objects.near).fill(7, 99, 999));
  ok(
    stranger.report?.state === "done" &&
      stranger.gets === 1 &&
      stranger.put === stranger.report.outputs.files.length,
    "a store beside with another file of that name is not used",
    stranger,
  );
  const local = await beside("quick", "localsource1", objects.near);
  const here = name => join(store, "incoming/locallecture", `${local.job}-1`, name);
  ok(
    local.report?.state === "done" &&
      local.gets === 1 &&
      local.put === stranger.put &&
      local.report.outputs.files.every(f => sha256(readFileSync(here(f.name))) === f.sha256),
    "a store beside: nothing is sent, the results are there",
    local,
  );
  objects.near = Buffer.concat([objects.near, Buffer.from([0, 0, 0, 8]), Buffer.from("free")]);
  const linked = await beside("probe", "localsource2", objects.near);
  ok(
    linked.report?.state === "done" &&
      linked.gets === 1 &&
      readFileSync(join(spool, "localsource2.full")).equals(objects.near),
    "a store beside: the source is not fetched",
    linked,
  );

  ok(
    q?.outputs.files.every(f => sha256(puts.get(`lecture00001/${quick}-1/${f.name}`)) === f.sha256) &&
      digestsBad === 0,
    "what arrived has the reported hashes, digests are right",
  );

  const f = await done(give("full", "good", { probe }));
  ok(
    f?.state === "done" &&
      f.outputs.sprite &&
      f.outputs.loudness &&
      f.outputs.files.some(x => x.name === "download.mp4"),
    "full",
    f,
  );
  ok(scratchNames().join() === "keep,sources", "scratch is empty after the jobs", scratchNames());
}

// --- parts: recordings of one live stream

const flv = (name, args) => {
  const file = join(tmp, `${name}.flv`);
  const picture = size => ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=25`];
  const sound = ["-f", "lavfi", "-i", "sine=f=440:r=48000"];
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-bf", "2"];
  execFileSync("ffmpeg", [
    ...["-v", "error", ...picture(args.size), ...(args.silent ? [] : sound), "-t", `${args.seconds}`],
    ...[...video, "-c:a", "aac", "-ac", "2", "-f", "flv", file],
  ]);
  return readFileSync(file);
};
// FFmpeg 5.1 writes no HEVC into FLV: tags that say that they are HEVC (Enhanced RTMP), a second of them.
const hevc = () => {
  const tags = [Buffer.from("464c5601050000000900000000", "hex")];
  for (let time = 0; time < 1000; time += 40) {
    const frame = Buffer.from(`${time ? "a3" : "93"}68766331${"00".repeat(100)}`, "hex");
    const head = Buffer.alloc(11),
      tail = Buffer.alloc(4);
    head.writeUInt8(9, 0);
    head.writeUIntBE(frame.length, 1, 3);
    head.writeUIntBE(time, 4, 3);
    tail.writeUInt32BE(frame.length + 11);
    tags.push(head, frame, tail);
  }
  return Buffer.concat(tags);
};

// parts: [object, begins, goes_on]
const giveParts = (kind, parts, params) => {
  const job = give(kind, parts[0][0], params);
  assign.at(-1).inputs = parts.map(([object, begins, goes_on]) => ({
    url: `${base}/store/v1/sources/${object}`,
    token: "job-token",
    size: objects[object].length,
    sha256: sha256(objects[object]),
    source: object.padEnd(12, "0"),
    begins,
    goes_on,
  }));
  return job;
};
const near = (value, wanted, by) => Math.abs(value - wanted) <= by;

async function joinedParts() {
  const whole = flv("whole", { size: "640x360", seconds: 8 });
  objects.whole = whole;
  objects.start = whole.subarray(0, whole.length * 0.6); // ends within a tag
  objects.small = flv("small", { size: "320x180", seconds: 4 });
  objects.silent = flv("silent", { size: "640x360", seconds: 4, silent: true });
  objects.hevc = hevc();
  const probed = async (parts, params) => await done(giveParts("probe", parts, params));
  const pictures = 200;

  const one = await probed([["whole", 0, false]]);
  const taken = await probed([
    ["start", 0, false],
    ["whole", 0, true],
  ]);
  ok(
    one?.outputs.probe.video.frames === pictures &&
      taken?.outputs.probe.video.frames === pictures &&
      taken.outputs.plan.quick &&
      near(taken.outputs.probe.duration, one.outputs.probe.duration, 0.002),
    "a stream that another ingest took over: no picture is lost or there twice, and it can be copied",
    taken,
  );
  const quick = await done(
    giveParts(
      "quick",
      [
        ["start", 0, false],
        ["whole", 0, true],
      ],
      { probe: taken.outputs.probe },
    ),
  );
  ok(quick?.state === "done" && quick.outputs.renditions[0].frames === pictures, "and it is copied", quick);

  const torn = await probed([["start", 0, false]]);
  ok(
    torn?.state === "done" && torn.outputs.plan.quick && torn.outputs.probe.video.frames < pictures,
    "a recording that ends within a tag is not damaged",
    torn,
  );

  const all = [
    ["whole", 0, false],
    ["small", 18000, false],
    ["silent", 22100, false],
    ["hevc", 27000, false],
  ];
  const kept = await probed(all),
    cut = await probed(all, { cut_gaps: true });
  ok(
    near(kept?.outputs.probe.duration, 26.1, 0.2) &&
      kept.outputs.probe.video.fps.join("/") === "25/1" &&
      kept.outputs.probe.video.configurations > 1 &&
      kept.outputs.probe.audio &&
      kept.outputs.plan.words.some(w => w.key === "pictures_left_out" && w.args.codec === "HEVC"),
    "a size, a gap, another size, no sound, HEVC: the gap stays, 25 pictures a second are planned",
    kept,
  );
  const larger = await probed([
    ["small", 0, false],
    ["whole", 5000, false],
  ]);
  ok(
    larger?.outputs.plan.full.renditions[0].height === 360,
    "the largest picture decides, not the first",
    larger?.outputs.plan,
  );
  ok(near(cut?.outputs.probe.duration, 16.14, 0.2), "the gap is cut if that is wanted", cut);
  for (const [parts, params, probe, seconds] of [
    [all, {}, kept.outputs.probe, 26.1],
    [all, { cut_gaps: true }, cut.outputs.probe, 16.14],
  ]) {
    const full = await done(giveParts("full", parts, { ...params, probe }));
    ok(
      full?.state === "done" && near(full.outputs.duration, seconds, 0.2),
      `and becomes a lecture of ${seconds} seconds`,
      full,
    );
  }

  const strange = await probed([["hevc", 0, false]]);
  ok(
    strange?.state === "failed" && strange.error.code === "live_codec" && /HEVC/.test(strange.error.text),
    "only HEVC: a clear word",
    strange,
  );
  const none = await probed([["lie", 0, false]]);
  ok(none?.state === "failed" && none.error.permanent, "recordings without anything fail", none);
  ok(scratchNames().join() === "keep,sources", "scratch is empty after joining", scratchNames());
}

// A token that would end before the job: the core sends another while the job runs, and that is used.
async function renewedToken() {
  objects.long = Buffer.concat([objects.good, Buffer.from([0, 0, 0, 8]), Buffer.from("skip")]); // never seen before, so it is fetched, and waits
  let letGo;
  hold = new Promise(r => (letGo = r));
  const lasting = give("quick", "long", { probe });
  assign.at(-1).put.url = `${base}/store/v1/artifacts/lasting/${lasting}-1/`;
  assign.at(-1).token_until = 1000;
  ok(
    await comes(() => reports.get(lasting)?.token_until === 1000),
    "a running job tells until when its token holds",
    reports.get(lasting),
  );
  tokens.push({ job: lasting, attempt: 1, token: "new-token", token_until: 5000 });
  ok(
    await comes(() => reports.get(lasting)?.token_until === 5000),
    "a new one is taken",
    reports.get(lasting),
  );
  hold = null;
  letGo();
  const renewed = await done(lasting);
  ok(
    renewed?.state === "done" && [...puts.keys()].some(k => k.startsWith(`lasting/${lasting}-1/`)),
    "and the results are sent with it",
    renewed,
  );
}

async function badJobs() {
  const lie = await done(give("probe", "lie"));
  ok(
    lie?.state === "failed" &&
      lie.error.code === "unreadable" &&
      lie.error.permanent === true &&
      lie.log.length > 0,
    "a script is refused for good, with a log",
    lie,
  );
  const wrong = await done(give("probe", "good", {}, { sha256: "0".repeat(64) }));
  ok(
    wrong?.state === "failed" && wrong.error.code === "io" && !wrong.error.permanent,
    "a source with another hash is not used",
    wrong,
  );
  for (const name of ["../../escaped", "ab", "x".repeat(64)]) {
    const job = give("probe", "good", {}, { sha256: name });
    const next = await done(give("probe", "good"));
    ok(
      next?.state === "done" && !reports.has(job) && !existsSync(join(tmp, "escaped")),
      `a hash that is none names no file: ${name.slice(0, 14)}`,
      reports.get(job),
    );
  }
  const strange = await done(give("paint", "good"));
  ok(strange?.state === "failed" && strange.error.permanent === true, "an unknown kind fails", strange);
}

async function cancelledJobs() {
  slowProbe = (await done(give("probe", "slow"))).outputs.probe;
  const running = give("full", "slow", { probe: slowProbe });
  const parallel = give("probe", "good");
  ok(
    (await done(parallel))?.state === "done" && !acked.has(running),
    "the quick lane does not wait behind an encode",
  );
  ok(await comes(() => reports.get(running)?.progress > 0.1), "progress is reported", reports.get(running));
  ok(!slots.encode, "a busy place is not offered", slots);
  cancel.push(running);
  ok(await comes(() => children() === "" && slots.encode === 1), "cancelled: the encode is gone", children());
  ok(
    !acked.has(running) && !scratchNames().includes(`${running}-1`),
    "a cancelled job reports nothing and leaves nothing",
    scratchNames(),
  );

  const late = await encoding(slowProbe);
  refuse.push({ job: late, attempt: 1 });
  ok(
    (await comes(() => children() === "" && slots.encode === 1)) && !acked.has(late),
    "refused: the encode is stopped at once",
    children(),
  );
}

async function deaths() {
  for (const signal of ["SIGSEGV", "SIGTERM"]) {
    const killed = await encoding(slowProbe);
    for (const pid of children().split(/\s+/)) if (pid) process.kill(Number(pid), signal);
    const crash = await done(killed);
    ok(
      crash?.state === "failed" && crash.error.code === "crashed" && !crash.error.permanent,
      `an FFmpeg that ended by ${signal} may be tried again`,
      crash,
    );
  }

  await encoding(slowProbe);
  const child = children().split(/\s+/)[0];
  await stop(worker, "SIGKILL");
  ok(await comes(() => !existsSync(`/proc/${child}`), 20), "kill -9 of the worker takes FFmpeg along");
  worker = startWorker();
  slots = null;
  ok(
    (await comes(() => slots?.encode === 1)) && joins === 1 && scratchNames().join() === "keep,sources",
    "the next one needs no organisation token and starts clean",
    scratchNames(),
  );

  const ending = await encoding(slowProbe);
  ok(
    (await stop(worker)) === 0 &&
      reports.get(ending).state === "failed" &&
      reports.get(ending).error.code === "killed",
    "SIGTERM: gives its job back and ends",
    reports.get(ending),
  );
  ok(!slots.quick && !slots.encode, "and says that it takes no other", slots);
  ok(!/job-token|new-token|node-token|org-token/.test(output()), "no token in the log");
}

await run([joining, goodJobs, joinedParts, renewedToken, badJobs, cancelledJobs, deaths], failed => {
  if (failed) note(output().split("\n").slice(-25).join("\n"));
});
