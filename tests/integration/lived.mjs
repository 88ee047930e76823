#!/usr/bin/env node
// lectern-lived behind lighttpd with contrib/lighttpd/storage.conf.in, fed with parts that FFmpeg made: every playlist is
// validated, every part and segment compared with what was fed. Takeovers, kill -9, hostile ingests and players, the end.
// instance: none
// timeout: 600
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { makeClip, putToken, Run, seal } from "../lib/feed.mjs";
import { checkTogether, Follower, History, parse, parseMaster } from "../lib/hls_check.mjs";
import { begin, freePort, request } from "../lib/net.mjs";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { comes, equal, note, ok, run, skip, skipAll, sleep, until } from "../lib/tap.mjs";
import { makeKey, sign } from "../lib/tokens.mjs";

const build = process.env.LECTERN_BUILD;
const src = process.env.LECTERN_SRC || new URL("../..", import.meta.url).pathname;
if (!build) skipAll("run me by ./lectern test integration/lived");

const dir = folder("lived");
const at = (...p) => path.join(dir, ...p);
const storeKey = makeKey("s1", "store");
const playKey = makeKey("p1", "play");
const port = await freePort();
const site = `http://127.0.0.1:${port}`;
const LECTURE = "lecture00001";
const SECONDS = 12;

let front;
let lived;
let small;
let clip;

const playToken = (claims = {}) =>
  sign(playKey, { lec: LECTURE, gmin: 1, gmax: 9, views: ["CAM"], dl: false, ...claims });
const address = (g, file, token = playToken()) => `${site}/m/${token}/${LECTURE}/g${g}/CAM/${file}`;
const get = (...words) => request("GET", address(...words));
const file = (g, name) => at("store/media", LECTURE, `g${g}`, "CAM", name);
const base = (g, fence = 1) => `${LECTURE}/g${g}/CAM/${fence}`;
const makeRun = (g, { fence = 1, job = 7, ...rest } = {}) =>
  new Run({
    url: `${site}/live/v1/${base(g, fence)}`,
    token: putToken(storeKey, base(g, fence), job),
    tracks: clip,
    ...rest,
  });
const followers = (g, names = ["v0", "v1", "a"], options) =>
  names.map(name => new Follower(address(g, `live-${name}.m3u8`), options));
const startLived = async () => {
  lived = start([path.join(build, "lectern-lived"), "-c", at("lectern.conf")]);
  await until("lived", async () => (await get(9, "live.m3u8")).status === 404);
};
const index = g => fs.readFileSync(file(g, "index"), "utf8");

// --- parts

async function testStart() {
  for (const d of ["run", "node", "store", "tmp", "clip", "other"]) fs.mkdirSync(at(d));
  clip = makeClip(at("clip"), { seconds: SECONDS });
  const keys = [storeKey, playKey].map(({ kid, aud, x }) => ({ kid, aud, x }));
  fs.writeFileSync(at("node/keys.json"), JSON.stringify({ keys }));
  const conf = {
    run_dir: at("run"),
    node_dir: at("node"),
    store_root: at("store"),
    store_url: site,
    store_min_free: "64K",
  };
  Object.assign(conf, { authz_socket: at("run/authz.sock"), lived_socket: at("run/lived.sock") });
  const text = Object.entries(conf).map(([key, value]) => `${key} = ${value}\n`);
  fs.writeFileSync(at("lectern.conf"), text.join(""));
  let config = fs.readFileSync(path.join(src, "contrib/lighttpd/storage.conf.in"), "utf8");
  const words = { PORT: port, STATE: dir, RUN: at("run"), STORE: at("store"), CORE: site };
  for (const [k, v] of Object.entries(words)) config = config.replaceAll(`@${k}@`, v);
  fs.writeFileSync(at("lighttpd.conf"), config + 'server.bind = "127.0.0.1"\n');
  front = start(["lighttpd", "-D", "-f", at("lighttpd.conf")]);
  start([path.join(build, "lectern-authz"), "-c", at("lectern.conf")]);
  await startLived();
  ok(true, "lived answers behind lighttpd");
}

// What a player has seen of one stream is valid, and agrees.
function valid(all, what) {
  const findings = [...all.flatMap(f => f.history.findings), ...checkTogether(all.map(f => f.history))];
  ok(findings.length === 0, `${what}: every playlist is valid`, findings.slice(0, 10));
}

// Everything that was fed of a track from segment k on is in the files from msn on.
function whole(g, track, { k = 0, msn = 0, to = Infinity } = {}) {
  const wrong = [];
  const last = track.parts.at(-1).k;
  for (let i = k; i <= last && i - k + msn < to; i++) {
    const fed = Buffer.concat(track.parts.filter(p => p.k === i).map(p => p.bytes));
    const name = `${track.name}-${msn + i - k}.m4s`;
    if (!fs.existsSync(file(g, name)) || !fed.equals(fs.readFileSync(file(g, name)))) wrong.push(name);
  }
  return wrong;
}

async function testStream() {
  equal((await get(1, "live.m3u8")).status, 404, "before the start there is nothing");
  const feed = makeRun(1);
  equal(await feed.begin(), 201, "a run is announced");
  equal((await get(1, "live.m3u8")).status, 404, "without a part there is nothing to show");
  const fed = feed.parts();
  await until("something to show", async () => (await get(1, "live.m3u8")).status === 200);
  const master = parseMaster((await get(1, "live.m3u8")).body.toString());
  equal(master.findings.length, 0, "the master is valid");
  equal(
    master.variants.map(v => `${v.uri} ${v.RESOLUTION}`).join(),
    "live-v0.m3u8 640x360,live-v1.m3u8 320x180",
    "variants",
  );
  equal(master.media[0].uri, "live-a.m3u8", "the sound is a group of its own");
  const all = followers(1);
  const plain = new History("plain-v0.m3u8");
  const running = all.map(f => f.run());
  while (feed.end === undefined || feed.end < SECONDS - 0.5) {
    plain.add((await get(1, "plain-v0.m3u8")).body.toString());
    await sleep(300);
  }
  await fed;
  equal(feed.last, 201, "parts are taken");
  equal(
    await feed.put("v0/2.1", clip[0].parts.find(p => p.k === 2 && p.p === 1).bytes),
    200,
    "a repeat changes nothing",
  );
  equal(await feed.finish(), 201, "the run ends");
  const told = await seal(at("run/lived.sock"), LECTURE, 1);
  await Promise.all(running);
  valid(all, "low latency");
  equal(plain.findings.length, 0, "plain: every playlist is valid");
  for (const [i, f] of all.entries()) {
    equal(f.errors.length, 0, `${clip[i].name}: no request failed`);
    ok(f.reloads > clip[i].parts.length / 2, `${clip[i].name}: a reload for each part`, f.reloads);
    const fedParts = clip[i].parts.map(p => `${clip[i].name}-${p.k}.${p.p}.m4s`);
    const wrong = fedParts.filter(
      (name, j) => f.parts.has(name) && !f.parts.get(name).equals(clip[i].parts[j].bytes),
    );
    equal(wrong.length, 0, `${clip[i].name}: parts have the bytes that were fed`);
    ok(f.parts.size > fedParts.length * 0.7, `${clip[i].name}: parts were there to be read`, f.parts.size);
    equal(whole(1, clip[i]).join(), "", `${clip[i].name}: so do the segments on disk`);
  }
  testTold(told);
}

function testTold(told) {
  equal(told.views?.length, 1, "one view is sealed");
  const [view] = told.views;
  equal(view.view, "CAM", "its name");
  ok(Math.abs(view.seconds - SECONDS) < 0.1, "its length", view.seconds);
  equal(
    view.tracks.map(t => `${t.name} ${t.width}x${t.height}`).join(),
    "v0 640x360,v1 320x180",
    "its tracks",
  );
  ok(view.audio && view.tracks.every(t => t.bitrate > 100000), "sound and bitrates", view);
}

async function testSealed() {
  const sizes = fs.readdirSync(at("store/media", LECTURE, "g1/CAM")).filter(f => f.endsWith(".m4s"));
  const told = await seal(at("run/lived.sock"), LECTURE, 1);
  equal(told.views[0].files, sizes.length, "sealing again tells the same, and how many segments there are");
  equal((await seal(at("run/lived.sock"), LECTURE, 55)).views?.length, 0, "no such generation: no views");
  equal(await seal(at("run/lived.sock"), "x", 1), 400, "no such lecture: refused");
  for (const name of ["master.m3u8", "v0.m3u8", "a.m3u8"]) {
    const text = (await get(1, name)).body.toString();
    const found = name === "master.m3u8" ? parseMaster(text).findings : new History(name).add(text);
    equal(found.join(), "", `${name}: valid`);
    if (name !== "master.m3u8")
      ok(/PLAYLIST-TYPE:VOD/.test(text) && /ENDLIST/.test(text), `${name}: of a recording`);
  }
  ok(/INDEPENDENT/.test((await get(1, "master.m3u8")).body), "its segments are independent");
  const probe = [
    "-v",
    "error",
    "-count_packets",
    "-select_streams",
    "v:0",
    "-show_entries",
    "stream=nb_read_packets",
  ];
  const { stdout } = spawnSync("ffprobe", [...probe, "-of", "csv=p=0", address(1, "master.m3u8")], {
    encoding: "utf8",
  });
  equal(Number(stdout.trim().split("\n")[0]), SECONDS * 25, "FFmpeg reads every picture of it");
  for (const form of ["live", "plain"])
    ok(/ENDLIST/.test((await get(1, `${form}-v0.m3u8`)).body), `${form}-v0.m3u8 has an end`);
  const late = makeRun(1, { child: 1 });
  equal(
    await late.put("run", { session: "s2", at: 0, tracks: [{ name: "v0" }] }),
    410,
    "nothing more is taken",
  );
  late.close();
}

// An ingest dies; another goes on from a window that begins before what is there.
async function testTakeover() {
  const first = makeRun(2);
  await first.begin();
  await first.parts({ to: 7.3, paced: false });
  const all = followers(2);
  const running = all.map(f => f.run());
  await until("the followers are there", () => all.every(f => f.reloads > 0));
  const tracks = makeClip(at("other"), { seconds: 8, first: 100 });
  const second = makeRun(2, { fence: 2, at: 4000, tracks });
  equal(await second.begin(), 201, "another ingest goes on");
  equal(
    await first.put("v0/4.0", clip[0].parts.at(-1).bytes),
    409,
    "the first one is told that a newer run is there",
  );
  equal(
    await first.put("run", { session: "session00001", at: 0, tracks: [{ name: "v0" }] }),
    409,
    "… also if it begins anew",
  );
  equal(await first.put("end"), 409, "… and it cannot end what the other sends");
  await second.parts({ paced: false });
  await second.finish();
  first.close();
  await seal(at("run/lived.sock"), LECTURE, 2);
  await Promise.all(running);
  valid(all, "takeover");
  const list = all[0].history.before;
  const cut = list.segments.findIndex(s => s.discontinuity);
  equal(cut, 4, "a discontinuity where the second run begins");
  equal(list.segments.filter(s => s.discontinuity).length, 1, "and only there");
  equal(list.segments[cut].map, "v0-r1.mp4", "with its own init");
  for (const t of tracks)
    equal(
      whole(2, t, { k: 1, msn: 4 }).join(),
      "",
      `${t.name}: from the segment on that goes beyond what is there`,
    );
  const dates = list.segments.filter(s => s.date !== undefined).map(s => s.date);
  ok(Math.abs(dates.at(-1) - dates[0] - 6) < 0.1 || dates.length > 2, "dates go on", dates);
}

// kill -9 of lived in the middle of a segment: the ingest repeats what was not answered.
async function testKilled() {
  const feed = makeRun(4);
  await feed.begin();
  await feed.parts({ to: 5.2, paced: false });
  const before = (await get(4, "live-v0.m3u8")).body.toString();
  await stop(lived, "SIGKILL");
  fs.appendFileSync(file(4, "v0-2.m4s"), Buffer.from("half a part"));
  fs.appendFileSync(file(4, "index"), "v0 99 half a li");
  await startLived();
  const after = (await get(4, "live-v0.m3u8")).body.toString();
  const history = new History("live-v0.m3u8");
  const findings = [...history.add(before), ...history.add(after)];
  equal(findings.join("; "), "", "after kill -9 the playlist goes on where it was");
  ok(!index(4).includes("half"), "what is no line of the index is cut off");
  const old = clip[0].parts.find(p => p.k === 2 && p.p === 0);
  equal(await feed.put("v0/2.0", old.bytes), 200, "what was there is there");
  const all = followers(4);
  const running = all.map(f => f.run());
  await until("the followers are there", () => all.every(f => f.reloads > 0));
  const rest = feed.parts({ from: 5.2, paced: true });
  await until("more has come", () => feed.end > 6.5);
  await stop(lived, "SIGKILL");
  await startLived();
  await rest;
  await feed.finish();
  await seal(at("run/lived.sock"), LECTURE, 4);
  await Promise.all(running);
  valid(all, "killed while it is fed");
  for (const t of clip) equal(whole(4, t).join(), "", `${t.name}: nothing is lost`);
  await stop(lived, "SIGKILL");
  await startLived();
  ok(/ENDLIST/.test((await get(4, "live-v0.m3u8")).body), "a sealed stream stays sealed");
  equal(await feed.put("v0/9.0", old.bytes), 410, "and takes nothing");
  feed.close();
}

// Another session (the publisher came back) and fewer tracks: the playlists of those that are missing go on.
async function testSessions() {
  const first = makeRun(5);
  await first.begin();
  await first.parts({ to: 4, paced: false });
  await first.finish();
  const few = makeRun(5, { job: 8, session: "session00002", tracks: clip.slice(0, 1) });
  equal(await few.begin(), 201, "another session has the same fence");
  equal(await first.put("v0/5.0", clip[0].parts[0].bytes), 409, "the job before is told");
  await few.parts({ to: 4, paced: false });
  await few.finish();
  const third = makeRun(5, { job: 9, session: "session00003" });
  await third.begin();
  await third.parts({ to: 4, paced: false });
  await third.finish();
  const old = makeRun(5, { job: 7 });
  equal(
    await old.put("run", { session: "session00001", at: 9000, tracks: [{ name: "v0" }] }),
    409,
    "a session that is over stays over",
  );
  old.close();
  await seal(at("run/lived.sock"), LECTURE, 5);
  const all = followers(5, ["v0", "v1", "a"], { parts: false });
  await Promise.all(all.map(f => f.run()));
  valid(all, "three sessions");
  const [, v1, a] = all.map(f => f.history.before.segments);
  equal(v1[2].uri + v1[2].map, "v0-2.m4sv0-r1.mp4", "a picture that is missing: the larger one");
  ok(a[2].gap && !a[1].gap && !a[4].gap, "a sound that is missing: gaps", a);
}

async function testHostile() {
  const feed = makeRun(6);
  const part = clip[0].parts[0].bytes;
  const announce = { session: "session00001", at: 0, tracks: [{ name: "v0" }, { name: "a" }] };
  equal(await feed.put("v0/0.0", part), 422, "a part without a run");
  equal(await feed.put("run", "{"), 422, "no JSON");
  for (const wrong of [
    { session: "../x" },
    { at: -1 },
    { tracks: [] },
    { tracks: [{ name: "v9" }] },
    { tracks: [{ name: "v0" }, { name: "v0" }] },
  ])
    equal(
      await feed.put("run", { ...announce, ...wrong }),
      422,
      `a run that is none: ${JSON.stringify(wrong)}`,
    );
  await feed.put("run", announce);
  equal(await feed.put("v0/0.0", part), 422, "a part without an init");
  equal(await feed.put("v0/init", clip[2].init), 422, "sound is no picture");
  equal(await feed.put("v0/init", part), 422, "a part is no init");
  equal(await feed.put("v1/init", clip[1].init), 422, "a track that was not announced");
  await feed.put("v0/init", clip[0].init);
  await feed.put("a/init", clip[2].init);
  const lie = Buffer.from(part);
  lie.writeUInt32BE(0x7fffffff, lie.indexOf("mdat") - 4);
  for (const [what, bytes] of [
    ["nothing", Buffer.alloc(0)],
    ["garbage", Buffer.alloc(5000, "x")],
    ["half a part", part.subarray(0, 999)],
    ["two parts", Buffer.concat([part, part])],
    ["boxes that lie", lie],
  ])
    equal(await feed.put("v0/0.0", bytes), 422, what);
  equal(await feed.put("v0/1000000.0", part), 422, "a segment far ahead");
  equal(await feed.put("v0/0.-1", part), 422, "no number");
  equal(await feed.put("v0/0.0", part), 201, "after all that it goes on");
  for (const p of clip[0].parts.slice(1, 6)) await feed.put(`v0/0.${p.p}`, p.bytes);
  equal(await feed.put("v0/0.9", clip[0].parts[6].bytes), 201, "…");
  equal(
    await feed.put("v0/0.10", clip[0].parts[7].bytes),
    422,
    "a segment that is longer than two seconds and a half",
  );
  const other = token => new Run({ url: feed.url, token, tracks: clip });
  for (const [what, token] of [
    ["no token", ""],
    ["another lecture's", putToken(storeKey, base(6).replace("1", "2"))],
    ["another view's", putToken(storeKey, base(6).replace("CAM", "PRES"))],
    ["another fence's", putToken(storeKey, base(6, 2))],
    ["a player's", playToken()],
    ["forged", putToken(makeKey("s1", "store"), base(6))],
    ["expired", sign(storeKey, { put: `live/${base(6)}`, exp: 1 })],
  ]) {
    const run = other(token);
    equal(await run.put("v0/1.0", part), 403, `a token that is not right: ${what}`);
    run.close();
  }
  const traversal = await request("PUT", "/live/v1/lecture00001/g6/CAM/../../x/run", { base: site });
  ok([400, 403].includes(traversal.status), "no way out of the folder", traversal.status);
  const big = begin("PUT", `/live/v1/${base(6)}.0/v0/1.0`, {
    base: site,
    headers: { "Content-Length": 100 << 20, Authorization: `Bearer ${feed.token}` },
  });
  for (let i = 0; i < 100 && !big.rq.destroyed; i++) big.rq.write(Buffer.alloc(1 << 20));
  const status = await big.answer.then(
    a => a.status,
    () => 413,
  );
  equal(status, 413, "a part of 100 MiB");
  const direct = makeRun(6, {});
  Object.assign(direct, { socket: at("run/lived.sock") });
  ok(
    [0, 413].includes(await direct.put("v0/1.0", Buffer.alloc(9 << 20)).catch(() => 0)),
    "… nor one of 9 MiB on the socket",
  );
  equal((await get(6, "live-v0.m3u8")).status, 200, "and lived goes on");
  equal(
    (await request("POST", "/node/v1/seal", { base: site, body: "{}" })).status !== 200,
    true,
    "nobody seals by the web server",
  );
  feed.close();
  direct.close();
}

async function testPlayers() {
  const feed = makeRun(7);
  await feed.begin();
  await feed.parts({ to: 5.5, paced: false });
  const statusOf = async (name, claims) => (await get(7, name, playToken(claims))).status;
  equal(await statusOf("live-v0.m3u8"), 200, "a player with a token");
  for (const [what, claims] of [
    ["lecture", { lec: "lecture00002" }],
    ["generation", { gmax: 6 }],
    ["view", { views: ["PRES"] }],
    ["time", { exp: 1 }],
  ])
    equal(await statusOf("live-v0.m3u8", claims), 403, `another ${what}`);
  equal((await get(7, "live-v0.m3u8", "x.y.z")).status, 403, "no token at all");
  equal(
    (await request("GET", "/live/v1/health", { base: site })).status,
    200,
    "anybody may ask whether it runs",
  );
  for (const name of ["live-v2.m3u8", "live-x.m3u8", "v0-0.99.m4s", "v0-77.m4s", "v1-0.0.m4s/x"])
    ok([403, 404].includes(await statusOf(name)), `there is no ${name}`);
  equal(await statusOf("live-v0.m3u8?_HLS_msn=1000000000"), 503, "far in the future");
  equal(await statusOf("live-v0.m3u8?_HLS_msn=99999999999999999999"), 400, "a number that is none");
  equal(await statusOf("live-v0.m3u8?_HLS_part=1"), 400, "a part without a segment");
  equal(await statusOf("live-v0.m3u8?_HLS_msn=2&_HLS_part=80"), 503, "a part far ahead");
  equal((await request("POST", address(7, "live-v0.m3u8"))).status !== 200, true, "only GET");
  await testWaiting(feed);
}

// 5,000 requests that wait, on the socket, of which half go away.
async function testWaiting(feed) {
  const list = parse((await get(7, "live-v0.m3u8")).body.toString());
  const query = `?_HLS_msn=${list.segments.length}&_HLS_part=${list.open.parts.length}`;
  const waiting = [];
  let answered = 0;
  let refused = 0;
  const wait = token => {
    const target = address(7, `live-v0.m3u8${query}`, token).slice(site.length);
    const rq = http.request({ socketPath: at("run/lived.sock"), path: target, agent: false }, rs => {
      rs.resume();
      rs.on("end", () => (rs.statusCode === 429 ? refused++ : answered++));
    });
    rq.on("error", () => {});
    rq.end();
    return rq;
  };
  const many = playToken({ vid: "many" });
  const greedy = Array.from({ length: 100 }, () => wait(many));
  ok(await comes(() => refused >= 68), "with one token 32 requests wait, no more", refused);
  for (const rq of greedy) rq.destroy();
  for (let i = 0; i < 5000; i++) waiting.push(wait(playToken({ vid: String(i) })));
  const open = () => fs.readdirSync(`/proc/${lived.pid}/fd`).length;
  ok(await comes(() => open() > 5000), "5,000 requests of as many players wait", open());
  equal((await get(7, "plain-v0.m3u8")).status, 200, "meanwhile others are answered");
  for (const rq of waiting.slice(0, 2500)) rq.destroy();
  ok(await comes(() => open() < 2600), "who goes away is forgotten", open());
  await feed.parts({ from: 5.5, to: 6.5, paced: false });
  ok(await comes(() => answered >= 2500 && open() < 200), "all that still wait are answered", answered);
  await feed.finish();
}

// A disk that is full, and has room again: the ingest repeats what was not taken. A lecture that is deleted.
async function testDisk() {
  const lecture = "lecturefull0";
  const folder = at("store/media", lecture);
  const mount = (...words) => spawnSync("mount", [...words, folder], { encoding: "utf8" });
  fs.mkdirSync(folder);
  const { status, stderr } = mount("-t", "tmpfs", "-o", "size=1m", "lectern-test");
  if (status !== 0) return skip("a disk that is full", `no small disk: ${stderr.trim()}`);
  small = folder;
  const place = `${lecture}/g1/CAM/1`;
  const feed = new Run({ url: `${site}/live/v1/${place}`, token: putToken(storeKey, place), tracks: clip });
  await feed.begin();
  await feed.parts({ paced: false });
  ok(feed.answers[507] > 0, "a full disk: 507", feed.answers);
  mount("-o", "remount,size=20m");
  const again = new Run({ ...feed, tracks: clip });
  await again.parts({ paced: false });
  ok(
    again.answers[200] > 0 && again.answers[201] > 0,
    "with room again what is repeated is taken",
    again.answers,
  );
  ok(!(507 in again.answers), "all of it");
  await again.finish();
  const list = new History("live-v0.m3u8");
  const token = playToken({ lec: lecture });
  const text = (await request("GET", `${site}/m/${token}/${lecture}/g1/CAM/live-v0.m3u8`)).body.toString();
  equal(list.add(text).join(), "", "the playlist is valid");
  const wrong = clip[0].parts
    .map(p => [`v0-${p.k}.m4s`, Buffer.concat(clip[0].parts.filter(x => x.k === p.k).map(x => x.bytes))])
    .filter(([name, bytes]) => !fs.readFileSync(path.join(folder, "g1/CAM", name)).equals(bytes));
  equal(wrong.length, 0, "nothing is lost");
  feed.close();

  const gone = makeRun(8);
  await gone.begin();
  await gone.parts({ to: 3, paced: false });
  fs.rmSync(at("store/media", LECTURE, "g8"), { recursive: true });
  await gone.parts({ from: 3, to: 5, paced: false });
  ok(gone.answers[410] > 0, "a stream whose folder was removed: 410", gone.answers);
  ok(!fs.existsSync(at("store/media", LECTURE, "g8")), "and nothing is written any more");
  gone.close();
}

async function testEnd() {
  const list = parse((await get(7, "live-v0.m3u8")).body.toString());
  const waits = get(7, `live-v0.m3u8?_HLS_msn=${list.segments.length}&_HLS_part=0`);
  const open = () => fs.readdirSync(`/proc/${lived.pid}/fd`).filter(fd => isSocket(fd)).length;
  const isSocket = fd => fs.readlinkSync(`/proc/${lived.pid}/fd/${fd}`).startsWith("socket:");
  await until("the request to wait", () => open() > 1);
  equal(await stop(lived), 0, "lived ends");
  equal((await waits).status, 200, "who waits is answered before");
  await stop(front);
  const log = () => ["access.log", "error.log"].map(name => fs.readFileSync(at(name), "utf8")).join("");
  ok(await comes(() => log().includes("/m/-")), "the access log has requests of players");
  const leak = `${log()}\n${output()}`.split("\n").find(line => line.includes("eyJ"));
  equal(leak?.slice(0, 300), undefined, "no log has a token");
  ok(
    !/ERROR: AddressSanitizer|runtime error/.test(output()),
    "no finding of the sanitizers",
    output().slice(-3000),
  );
}

await run(
  [
    testStart,
    testStream,
    testSealed,
    testTakeover,
    testKilled,
    testSessions,
    testHostile,
    testPlayers,
    testDisk,
    testEnd,
  ],
  failed => {
    if (small) spawnSync("umount", ["-l", small]);
    if (failed) note(output().split("\n").slice(-30).join("\n"));
  },
);
