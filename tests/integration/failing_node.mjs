#!/usr/bin/env node
// A node that fails whatever it is given, and says that the recordings are to blame, beside the worker of the instance. It is the nearest one
// and says that it has free places, so it gets every job first. Good lectures are published all the same, the node gets one job at a time, and
// its maintainer is told.
// timeout: 1200
import fs from "node:fs";
import path from "node:path";
import { makeClip, mediaIs, removeNow } from "./faults_lib.mjs";
import { ctl, env, show, sql, value } from "../lib/instance.mjs";
import { joinToken, makeCourse, revokeNodes } from "../lib/node.mjs";
import { Person } from "../lib/person.mjs";
import { folder } from "../lib/programs.mjs";
import { equal, note, ok, run, sleep, until } from "../lib/tap.mjs";
import { tusSend } from "../lib/tus.mjs";

const name = "failing";
const dir = folder(name);
const clip = path.join(dir, "clip.mp4");
const noise = path.join(dir, "noise.mp4");
const teacher = new Person("lecturer");
const lectures = [];
let course;

// --- the node

const node = {
  id: 0,
  token: "",
  jobs: new Map(), // what it has, by number
  most: 0, // so many at once
  hold: false, // keeps its jobs instead of failing them
  beats: 0,
  over: null, // a promise, once it beats
  stopped: false,
};

async function post(target, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(env.url + target, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${target} answers ${answer.status}`);
  return answer.json();
}

// One failure says so, the next leaves it to the reason.
const report = ({ job, attempt, fence }) => ({
  job,
  attempt,
  fence,
  ...(node.hold
    ? { state: "running", progress: 0.1 }
    : {
        state: "failed",
        error: { code: "unreadable", text: "no idea", permanent: job % 2 === 0 },
        log: "not even tried",
      }),
});

async function beat() {
  const answer = await post(
    "/api/v1/node/heartbeat",
    {
      version: "0",
      load: { cpu: 0, memory_total: 1 << 30, disk_free: 2 ** 40, disk_total: 2 ** 40, uptime: 1 },
      slots: { quick: 4, encode: 4 },
      jobs: [...node.jobs.values()].map(report),
    },
    node.token,
  );
  const gone = [answer.ack?.jobs, answer.cancel, (answer.refused ?? []).map(r => r.job)];
  for (const job of gone.flat()) node.jobs.delete(job);
  for (const a of answer.assign ?? []) node.jobs.set(a.job, a);
  node.most = Math.max(node.most, node.jobs.size);
  node.beats++;
}

async function live() {
  while (!node.stopped) {
    await beat();
    await sleep(200);
  }
}

// --- lectures

async function upload(title, file = clip) {
  const lecture = await teacher.newLecture(course, title);
  lectures.push(lecture);
  await tusSend(await teacher.open(lecture, "CAM", file), file);
  return lecture;
}

const whole = lecture =>
  until(`${lecture} to be over`, () => mediaIs(lecture, "complete") || mediaIs(lecture, "failed"), 300);

// Outcomes of the lecture's attempts on the failing node and on other workers, as "failed", "done"; a store has jobs, too.
const outcomes = (lecture, here) =>
  sql(`SELECT g.outcome FROM job_log g JOIN job j ON j.id = g.job_id JOIN lecture l ON l.id = j.lecture_id
    WHERE l.\`key\` = '${lecture}' AND j.target_node IS NULL
      AND g.node_id ${here ? "=" : "<>"} ${node.id} ORDER BY j.id, g.attempt`).map(([outcome]) => outcome);

function check() {
  let text;
  try {
    text = ctl("check", "--json");
  } catch (e) {
    text = e.stdout; // something is wrong: status 1
  }
  return JSON.parse(text).find(c => c.name === "nodes");
}

// --- parts

async function prepare() {
  makeClip(clip, { seconds: 2, size: "320x180" });
  fs.writeFileSync(noise, Buffer.alloc(100000, "not a video "));
  revokeNodes(name); // left by a run that was interrupted
  course = makeCourse(name, "Failures");
  await teacher.signIn();
  const hello = { token: joinToken(name, 1).trim(), name, roles: ["worker"], version: "0" };
  ({ node: node.id, token: node.token } = await post("/api/v1/node/join", hello));
  node.over = live().catch(e => note(`the failing node has ended: ${e.message}`));
  await until("its first heartbeat", () => node.beats > 0);
  ok(check().good, "check finds nothing wrong with a node that has just joined", check());
}

async function goodLecturesArePublished() {
  const good = [];
  for (let i = 1; i <= 3; i++) good.push(await upload(`Good ${i}`));
  for (const lecture of good) {
    await whole(lecture);
    equal(show(lecture).media, "complete", "a good lecture is published");
    const here = outcomes(lecture, true);
    ok(here.length > 0 && here.every(o => o === "failed"), "though the failing node was asked first", here);
  }
}

async function theMaintainerIsTold() {
  const { good, text } = check();
  ok(
    !good && text.includes(`node ${node.id} (${name}, worker) failed`) && /node revoke \d/.test(text),
    "check names the node and what to do",
    text,
  );
  ok(text.includes("The file cannot be read as a recording."), "and the reason it gave last", text);
  const task = /task show (\d+)/.exec(text)?.[1];
  ok(ctl("task", "show", task).includes("not even tried"), "the task that it names has the node's log");
  const listed = JSON.parse(ctl("node", "list", "--json"));
  equal(
    listed
      .filter(n => n.failing)
      .map(n => n.id)
      .join(),
    String(node.id),
    "node list says that it is failing, and no other",
  );
  const said = fs
    .readFileSync(path.join(env.state, "log/web/current"), "utf8")
    .split("\n")
    .filter(
      line => line.includes("a node fails whatever it is given") && line.includes(`"holder":${node.id},`),
    );
  equal(said.length, 1, "the log says it once");
}

async function oneJobAtATime() {
  node.hold = true;
  const first = await upload("Held");
  await until("the failing node to have it", () => node.jobs.size > 0);
  node.most = 0;
  const second = await upload("Beside it");
  await whole(second);
  equal(show(second).media, "complete", "while it has one job, others go elsewhere");
  equal(outcomes(second, true).length, 0, "all of them");
  equal(node.most, 1, "it has one, and four free places in each lane");
  node.hold = false;
  await whole(first);
  equal(show(first).media, "complete", "and the one that it had is made elsewhere in the end");
}

async function whatIsBrokenIsRefused() {
  const lecture = await upload("Broken", noise);
  await until("the second opinion", () => mediaIs(lecture, "failed") || mediaIs(lecture, "complete"), 120);
  equal(show(lecture).reason, "unreadable", "a file that is broken is refused");
  equal(outcomes(lecture, true).join(), "failed", "one word of the failing node");
  equal(outcomes(lecture, false).join(), "failed", "and one of the other");
  equal(
    value(
      `SELECT COUNT(*) FROM node_failure f JOIN lecture l ON l.id = f.lecture_id WHERE l.\`key\` = '${lecture}'`,
    ),
    "0",
    "which counts against neither",
  );
}

async function withoutIt() {
  node.stopped = true;
  await node.over;
  ctl("node", "revoke", String(node.id));
  ok(check().good, "once it is revoked nothing is wrong", check());
}

async function cleanUp() {
  node.stopped = true;
  await node.over;
  const gently = what => {
    try {
      what();
    } catch (e) {
      note(e.stderr ?? e.message);
    }
  };
  gently(() => revokeNodes(name));
  for (const lecture of lectures) gently(() => ctl("lecture", "delete", lecture, "--now"));
  for (const lecture of lectures) await removeNow(lecture).catch(e => note(e.message));
}

await run(
  [prepare, goodLecturesArePublished, theMaintainerIsTold, oneJobAtATime, whatIsBrokenIsRefused, withoutIt],
  cleanUp,
);
