#!/usr/bin/env node
// From a publisher to a recording, with the whole instance: a personal token, FFmpeg, entries, ingests, the core, the store, the worker. Counted
// are the packets of the published file that the finished lecture has. Kill test: each program ends by kill -9, or stands still, while
// somebody publishes; several in one stream, or with LECTERN_LONG=1 each in one of its own.
// timeout: 2400
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { freeze, killOne, mediaIs, pidOf, thaw } from "./faults_lib.mjs";
import { makeSource, publish } from "./rtmpd_lib.mjs";
import { ctl, env, show, sql, value } from "../lib/instance.mjs";
import { asService, makeCourse, program, revokeNodes, writeConf } from "../lib/node.mjs";
import { checkTogether, Follower } from "../lib/hls_check.mjs";
import { freePort } from "../lib/net.mjs";
import { Person } from "../lib/person.mjs";
import { folder, output, start } from "../lib/programs.mjs";
import { equal, note, ok, run, sleep, until } from "../lib/tap.mjs";

const name = "live";
const dir = folder(name);
const at = (...p) => path.join(dir, ...p);
const teacher = new Person("lecturer");
const login = "live-lecturer";
const store = path.join(env.state, "store");
const LONG = 24; // s
const LONGER = 40; // s: so long do all deaths of services last on a busy machine
const REPEATED = 8; // s: after a takeover a player may get the rest of a segment again
let course, key;
let base = process.env.LECTERN_RTMP; // of the entry

// --- lectures

// No lecture of the course takes place now any more, also if its part of the test failed.
function endAll() {
  for (const l of JSON.parse(ctl("live", "list", "--json")).filter(l => l.course === "Live"))
    ctl("live", "end", l.lecture, "--discard");
  sql("UPDATE live SET ended_at = ended_at - INTERVAL 2 MINUTE"); // the minute in which nobody begins is over
  sql(
    `UPDATE lecture SET starts_at = starts_at - INTERVAL 3 DAY, ends_at = ends_at - INTERVAL 3 DAY WHERE course_id = ${course}`,
  );
}

// One that takes place now.
async function due(title) {
  endAll();
  const lecture = await teacher.newLecture(course, title);
  sql(`UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE, ends_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, time_state = 'planned'
    WHERE \`key\` = '${lecture}'`);
  return lecture;
}
const onAir = lecture => JSON.parse(ctl("live", "list", "--json")).find(l => l.lecture === lecture);

// What the finished lecture has of the published packets: the top rendition is a copy.
async function finished(lecture, view = "COMB") {
  await until(
    `${lecture} to be complete`,
    () => mediaIs(lecture, "complete") || mediaIs(lecture, "failed"),
    300,
  );
  const state = show(lecture);
  equal(state.media, "complete", `${lecture} is complete`);
  const shown = state.views.find(v => v.view === view);
  const top = shown.renditions[0];
  const file = path.join(store, "media", lecture, `g${state.generation}`, view, `${top.name}.mp4`);
  return { ...shown, top, file };
}
// Hashes of the coded pictures of a file, in the order of their decoding.
const pictures = file =>
  execFileSync(
    "ffmpeg",
    ["-nostdin", "-loglevel", "error", "-i", file, "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  )
    .split("\n")
    .filter(line => line && !line.startsWith("#"))
    .map(line => line.split(",").at(-1).trim());

// The finished file has every picture of the files that were published, in their order, and no other.
function whole(file, sent, what) {
  const want = sent.flatMap(f => pictures(at(f))),
    got = pictures(file),
    there = new Set(got);
  const lost = want.filter(p => !there.has(p));
  equal(lost.length, 0, `${what}: of ${want.length} pictures none is missing`);
  ok(got.join() === want.join(), `${what}: they come in their order, each once`, `${got.length} pictures`);
}

// --- publishing

const stream = (file, k = key) => publish(at(file), `${base}/${k}`, { slowly: true, log: at("ffmpeg.log") });
const said = () => fs.readFileSync(at("ffmpeg.log"), "utf8");

// --- watching

// Follows the playlists of a lecture that is on air, with low latency. over(): what they had when the stream was sealed.
// restarted: lectern-lived is killed meanwhile, and forgets the parts of segments that are whole.
async function watch(lecture, restarted) {
  const live = async () =>
    JSON.parse(
      (await teacher.get(`/lecture/${lecture}/play.json`, { headers: { Accept: "application/json" } })).text,
    ).live;
  const [view] = await until("the stream can be watched", async () => {
    const { state, views } = await live();
    return state === "on" && views;
  });
  const followers = ["v0", "a"].map(
    track => new Follower(new URL(view.low.replace("live.m3u8", `live-${track}.m3u8`), env.url).href),
  );
  for (const f of followers) f.history.restarted = restarted;
  const ends = followers.map(f => f.run());
  return async what => {
    const limit = setTimeout(() => followers.forEach(f => f.stop()), 60000);
    await Promise.all(ends);
    clearTimeout(limit);
    const histories = followers.map(f => f.history);
    const findings = [...histories.flatMap(h => h.findings), ...checkTogether(histories)];
    equal(findings.length, 0, `${what}: every playlist is valid`);
    if (findings.length) note(findings.slice(0, 20).join("\n"));
    for (const f of followers) {
      const { segments, ended } = f.history.before;
      ok(ended, `${what}: the playlist of ${f.history.name} has an end`, f.errors.slice(-5));
      f.had = segments.reduce((sum, s) => sum + s.length, 0);
      f.cuts = segments.filter(s => s.discontinuity).length;
    }
    note(
      `${what}: ${followers.map(f => `${f.history.name} ${f.had.toFixed(1)} s, ${f.cuts} discontinuities, ${f.errors.length} failed requests`).join("; ")}`,
    );
    return followers;
  };
}

// --- parts

async function prepare() {
  revokeNodes(name);
  course = makeCourse(name, "Live");
  await teacher.signIn();
  makeSource(at("short.flv"), 6);
  makeSource(at("second.flv"), 4, "testsrc");
  makeSource(at("long.flv"), LONG);
  // somebody who has no other lecture now
  if (!value(`SELECT id FROM user WHERE login = '${login}'`))
    ctl("user", "add", login, "--name", "Live Lecturer", "--password-random");
  ctl("course", "staff", name, login);
  key = ctl("token", "create", "--login", login, "--scopes", "stream").trim();
  ok(key.length > 20 && !/\s/.test(key), "lecternctl prints a token for streaming");
}

// By the instance's own entry and ingest. No lecture is due, so it is a rehearsal; the lecturer's program ends, and begins again: it is
// the same one. Nobody else finds it.
async function rehearsed() {
  endAll();
  ok((await stream("short.flv", "wrong").gone) !== 0, "a wrong key is refused", said());
  for (const file of ["short.flv", "second.flv"]) equal(await stream(file).gone, 0, `${file} is published`);
  const rehearsals = () =>
    JSON.parse(ctl("live", "list", "--json")).filter(
      l => l.course === "Rehearsals" && l.state === "interrupted",
    );
  await until("the stream to be interrupted", () => rehearsals().length === 1);
  const [{ lecture }] = rehearsals();
  ctl("live", "end", lecture);
  const { top, file } = await finished(lecture);
  equal(top.copied, true, "the top rendition is a copy of what was published");
  whole(file, ["short.flv", "second.flv"], "two sessions of a rehearsal");
  equal((await teacher.get(`/lecture/${lecture}`)).status, 404, "to others it does not exist");
}

// --- the kill test: an entry and two ingests of the course's own organisation, which are chosen before the instance's

const nodes = {};
function configure(who, lines) {
  fs.mkdirSync(at(who, "run"), { recursive: true });
  fs.writeFileSync(
    at(who, "join"),
    ctl("node", "token", "--org", name, "--roles", "entry,ingest", "--uses", "1"),
  );
  writeConf(at(who, "lectern.conf"), {
    core_url: env.url,
    run_dir: at(who, "run"),
    node_dir: at(who, "node"),
    live_dir: at(who, "live"),
    join_token_file: at(who, "join"),
    node_name: who,
    ...lines,
  });
}
const launch = who => (nodes[who] = start(asService([program("rtmpd"), "-c", at(who, "lectern.conf")])));

async function ownNodes() {
  const entry = await freePort();
  base = `rtmp://127.0.0.1:${entry}/live`;
  configure(`${name}-entry`, { rtmpd_roles: "entry", rtmp_listen: `127.0.0.1:${entry}` });
  for (const who of [`${name}-one`, `${name}-two`]) {
    const port = await freePort();
    configure(who, {
      rtmpd_roles: "ingest",
      ingest_listen: `127.0.0.1:${port}`,
      ingest_url: `rtmp://127.0.0.1:${port}`,
    });
  }
  execFileSync("chown", ["-R", "lectern:lectern", dir]);
  execFileSync("chmod", ["755", dir]);
  for (const who of [`${name}-entry`, `${name}-one`, `${name}-two`]) launch(who);
  await until("the nodes to be there", () => alive() === "3");
}
const alive = () =>
  value(
    `SELECT COUNT(*) FROM node WHERE name LIKE '${name}-%' AND revoked_at IS NULL AND seen_at > UTC_TIMESTAMP(3) - INTERVAL 2 SECOND`,
  );

// The ingest that has the lecture's stream now.
const ingest = lecture =>
  value(`SELECT n.name FROM live_session s JOIN job j ON j.id = s.job_id JOIN node n ON n.id = j.node_id
    JOIN lecture l ON l.id = s.lecture_id WHERE l.\`key\` = '${lecture}' AND s.stopped_at IS NULL`);

// While a file is published, `happen` is done to the machines; FFmpeg must not notice, and nothing may be missing.
async function survives(what, happen, { file = "long.flv", seconds = LONG, restarted = false } = {}) {
  const lecture = await due(what);
  const child = stream(file);
  await until(`${what}: the lecture to be on air`, () => ingest(lecture));
  const over = await watch(lecture, restarted);
  await sleep(1500); // of the stream, so that there is something to lose
  await happen(lecture);
  ok(child.exitCode === null, `${what}: all of it was during the stream`);
  equal(await child.gone, 0, `${what}: the publisher does not notice`);
  await until(`${what}: the core to hear of the end`, () => onAir(lecture)?.state === "interrupted");
  ctl("live", "end", lecture);
  for (const { had, history } of await over(what))
    ok(
      had > seconds - 1 && had < seconds + REPEATED,
      `${what}: viewers had all of ${history.name}, and of ${seconds} s at most ${REPEATED} twice`,
      `${had} s`,
    );
  whole((await finished(lecture)).file, [file], what);
}

// One after the other; what was killed is started again and sends what it has recorded.
async function ingestsLost() {
  await survives("one ingest killed, another stopped", async lecture => {
    const first = ingest(lecture);
    ok(first.startsWith(`${name}-`), `${first} has the stream, which is of the course's organisation`);
    nodes[first].kill("SIGKILL");
    const second = await until("another ingest", () => ingest(lecture) !== first && ingest(lecture));
    launch(first);
    await sleep(1000); // of the stream, at the second
    nodes[second].kill("SIGSTOP");
    await until("a third one", () => ingest(lecture) !== second);
    await sleep(1000); // of the stream, while the stopped one stands still
    nodes[second].kill("SIGCONT");
  });
}

const services = ["store", "web", "schedd", "redis", "mariadb", "noded", "lived"];
const kill = async service => (await killOne(service, "during a stream")).works;
async function standStill(pids) {
  await freeze(pids);
  await sleep(2000); // so long they stand still
  thaw(pids);
}

async function servicesLost() {
  const entry = nodes[`${name}-entry`];
  if (process.env.LECTERN_LONG) {
    await survives("entry stopped", () => standStill([entry.pid]));
    for (const service of services) {
      await survives(`${service} killed`, () => kill(service), { restarted: service === "lived" });
      await survives(`${service} stopped`, () => standStill([pidOf(service)]));
    }
    return;
  }
  makeSource(at("longer.flv"), LONGER);
  const all = async () => {
    for (const service of services) await kill(service);
    await standStill([entry.pid]);
    await standStill(["store", "schedd", "redis"].map(pidOf));
    await standStill(["mariadb", "noded", "web", "lived"].map(pidOf));
  };
  await survives("services killed and stopped", all, {
    file: "longer.flv",
    seconds: LONGER,
    restarted: true,
  });
}

// The publisher connects again, as OBS does by itself after 2 s: a second session of the same lecture.
async function entryKilled() {
  const lecture = await due("entry killed");
  const child = stream("long.flv");
  await until("the lecture to be on air", () => ingest(lecture));
  await sleep(3000); // of the stream
  nodes[`${name}-entry`].kill("SIGKILL");
  ok((await child.gone) !== 0, "the publisher of an entry that is killed loses its connection");
  launch(`${name}-entry`);
  await until("the entry to be there", async () => {
    const again = stream("second.flv");
    return (await again.gone) === 0;
  });
  ctl("live", "end", lecture);
  const got = pictures((await finished(lecture)).file),
    first = pictures(at("long.flv")),
    second = pictures(at("second.flv"));
  const kept = got.length - second.length;
  ok(
    kept > 25 && got.join() === [...first.slice(0, kept), ...second].join(),
    `it has ${kept} pictures of the first session and all of the second`,
  );
}

// Keys and tickets are in no log.
function keptSecret() {
  const logs = path.join(env.state, "log");
  for (const service of fs.readdirSync(logs).filter(d => fs.existsSync(path.join(logs, d, "current"))))
    ok(
      !fs.readFileSync(path.join(logs, service, "current"), "utf8").includes(key),
      `no key is in the log of ${service}`,
    );
  ok(!output().includes(key), "nor in what the test's own nodes say");
}

async function clear(failed) {
  if (failed) note(said() + output().slice(-3000));
  revokeNodes(name);
  for (const who of Object.keys(nodes)) revokeNodes(who);
}

await run([prepare, rehearsed, ownNodes, ingestsLost, servicesLost, entryKilled, keptSecret], clear);
