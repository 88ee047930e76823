#!/usr/bin/env node
// lectern-rtmpd against a core of a few lines: FFmpeg publishes at an entry, ingests record, packets are compared with
// what was published. Refusals, tickets, limits; ingests killed and stopped; an entry killed.
// instance: none
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { freePort } from "../lib/net.mjs";
import { folder, output, stop } from "../lib/programs.mjs";
import { comes, equal, note, ok, run, skipAll, sleep, until } from "../lib/tap.mjs";
import { makeKey } from "../lib/tokens.mjs";
import * as lib from "./rtmpd_lib.mjs";
import { core, publish, size, TOKEN } from "./rtmpd_lib.mjs";

const build = process.env.LECTERN_BUILD;
if (!build) skipAll("run me by ./lectern test integration/rtmpd");

const dir = folder("rtmpd");
const at = (...p) => path.join(dir, ...p);
const SECONDS = 8;

await new Promise(r => lib.server.listen(0, "127.0.0.1", r));

// --- the programs

const { programs, configure, launch, kill, recordings, recording } = lib.fleet(dir);
const ports = {
  entry: await freePort(),
  secure: await freePort(),
  first: await freePort(),
  second: await freePort(),
};
core.addresses = { first: `127.0.0.1:${ports.first}`, second: `localhost:${ports.second}` };

const url = (key = TOKEN) => `rtmp://127.0.0.1:${ports.entry}/live/${key}`;
const said = text => output().includes(text);
const count = text => output().split(text).length - 1;
let source = [];
let part = 0; // bytes of a third of it
const compare = (found, what) => lib.compare(source, found, what);
const sessionName = number => `session${String(number).padStart(5, "0")}`;
// What the core was told of the end of a session. An end is told in its own time: that of a session which another part
// began may come later than what this part does.
const end = session => core.stops.find(s => s.session === session);

function makeCertificate(secret, certificate) {
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"];
  execFileSync("openssl", [...kind, "-keyout", at(secret), "-out", at(certificate)], { stdio: "ignore" });
}

// The fingerprint of the certificate that the entry shows.
const shown = () =>
  new Promise((resolve, reject) => {
    const c = tls.connect({ host: "127.0.0.1", port: ports.secure, rejectUnauthorized: false }, () => {
      resolve(c.getPeerCertificate().fingerprint256);
      c.destroy();
    });
    c.on("error", reject);
  });

// --- parts

async function testJoining() {
  lib.makeSource(at("source.flv"), SECONDS);
  source = lib.packets(at("source.flv"));
  part = size(at("source.flv")) / 3;
  configure("first", {
    rtmpd_roles: "ingest",
    ingest_listen: `127.0.0.1:${ports.first}`,
    ingest_url: `rtmp://127.0.0.1:${ports.first}`,
  });
  configure("second", {
    rtmpd_roles: "ingest",
    ingest_listen: `127.0.0.1:${ports.second}`,
    ingest_url: `rtmp://localhost:${ports.second}`,
  });
  makeCertificate("key.pem", "cert.pem");
  configure("entry", {
    rtmpd_roles: "entry",
    rtmp_listen: `127.0.0.1:${ports.entry}`,
    rtmps_listen: `127.0.0.1:${ports.secure}`,
    rtmps_certificate: at("cert.pem"),
    rtmps_key: at("key.pem"),
    rtmp_wrong_tokens: 3,
  });
  for (const name of ["first", "second", "entry"]) await launch(name);
  equal(core.joins.first.roles.join(), "ingest", "an ingest joins as one");
  equal(core.joins.first.url, `rtmp://127.0.0.1:${ports.first}`, "with its address");
  equal(core.joins.entry.roles.join(), "entry", "and an entry as one");
  equal(fs.statSync(at("entry/node/entry.token")).mode & 0o777, 0o600, "its token is for nobody else");
}

async function testRecording() {
  core.ingests = ["first"];
  equal(await publish(at("source.flv"), url(), { log: at("log") }).gone, 0, "FFmpeg publishes and ends well");
  await until("the core is told of the end", () => core.stops.length === 1);
  equal(core.stops[0].why, "finished", "the core is told that it is finished");
  equal(core.stops[0].session, "session00001", "of this session");
  equal(core.starts[0].from, "127.0.0.1", "it was told the publisher's address");
  ok(
    !("view" in core.starts[0] || "session" in core.starts[0]),
    "and neither view nor session",
    core.starts[0],
  );
  equal(
    recordings("first").join(),
    "session00001-1.flv",
    "there is one recording, named by session and fence",
  );
  compare(lib.packets(recording("first", "session00001-1.flv")), "recorded");

  equal(
    await publish(at("source.flv"), url(TOKEN + "?view=PRES"), { log: at("log") }).gone,
    0,
    "another view",
  );
  equal(core.starts.at(-1).view, "PRES", "is named to the core");
  equal(
    await publish(at("source.flv"), `rtmps://127.0.0.1:${ports.secure}/live/${TOKEN}`, { log: at("log") })
      .gone,
    0,
    "and one by RTMPS",
  );
  await until("all ends are told", () => core.stops.length === 3);
  compare(lib.packets(recording("first", "session00003-3.flv")), "by RTMPS");
}

const refusedBy = async (from, name, app) => {
  const c = lib.connect(ports.entry, from, lib.publishing(name, app));
  await c.gone;
  return c.heard();
};

async function testRefusals() {
  const before = core.starts.length;
  ok(
    (await publish(at("source.flv"), url("wrong"), { log: at("log") }).gone) !== 0,
    "FFmpeg with a wrong token fails",
  );
  ok(
    fs.readFileSync(at("log"), "utf8").includes("This stream key is not known"),
    "and says why, in the core's words",
    fs.readFileSync(at("log"), "utf8"),
  );
  let heard = await refusedBy("127.0.0.3", "wrong");
  ok(
    heard.includes("NetStream.Publish.Rejected") &&
      heard.includes("not known") &&
      !heard.includes("Publish.Start"),
    "before it was on air",
  );
  equal(core.starts.at(-1).from, "127.0.0.3", "the core knows from where");
  ok(
    (await refusedBy("127.0.0.4", TOKEN, "vod")).includes("ends with /live"),
    "another application is refused in words",
  );
  ok(
    (await refusedBy("127.0.0.4", TOKEN + "?view=TOP")).includes("view=PRES"),
    "and a view that there is not",
  );
  equal(core.starts.length, before + 2, "without asking the core");
  for (let i = 0; i < 2; i++) await refusedBy("127.0.0.3", "wrong");
  heard = await refusedBy("127.0.0.3", TOKEN);
  ok(
    heard.includes("Too many attempts"),
    "after three wrong tokens even a right one of that address has to wait",
  );
  core.ingests = [];
  heard = await refusedBy("127.0.0.5", TOKEN);
  ok(heard.includes("No machine is free."), "without an ingest the stream is refused, too");
  core.ingests = ["first"];
}

const direct = (name, claim, log) => {
  const options = ["-rtmp_app", "live", "-rtmp_playpath", claim];
  return publish(at("source.flv"), `rtmp://127.0.0.1:${ports[name]}/`, { log: at(log ?? "log"), options })
    .gone;
};

async function testTickets() {
  const node = core.nodes.first;
  const good = lib.ticket({ ses: "ticketed0001", fen: 5, node });
  equal(await direct("first", good), 0, "a ticket is good");
  ok(recordings("first").includes("ticketed0001-5.flv"), "for one recording");
  ok((await direct("first", good)) !== 0, "and not a second time");
  ok(
    (await direct("first", lib.ticket({ ses: "ticketed0001", fen: 4, node }))) !== 0,
    "nor is one of an older fence",
  );
  ok(
    (await direct("first", lib.ticket({ ses: "ticketed0002", fen: 1, node: node + 9 }))) !== 0,
    "nor of another node",
  );
  const forged = makeKey("i1", "ingest");
  ok(
    (await direct("first", lib.ticket({ ses: "ticketed0003", fen: 1, node }, forged))) !== 0,
    "nor a forged one",
  );
  ok((await direct("first", lib.ticket({ ses: "../../etc/x1", fen: 1, node }))) !== 0, "nor one with a path");
  equal(
    recordings("first")
      .filter(f => f.startsWith("ticketed"))
      .join(),
    "ticketed0001-5.flv",
    "which leave nothing",
  );
  for (const why of [
    "used before",
    "a newer one",
    "another node",
    "wrong signature",
    "does not say what it is for",
  ])
    ok(said(why), `the log says: ${why}`);
  const old = publish(at("source.flv"), `rtmp://127.0.0.1:${ports.first}/`, {
    slowly: true,
    log: at("old"),
    options: ["-rtmp_app", "live", "-rtmp_playpath", lib.ticket({ ses: "ticketed0004", fen: 1, node })],
  });
  await until("the older one is recorded", () => size(recording("first", "ticketed0004-1.flv")) > 20000);
  equal(
    await direct("first", lib.ticket({ ses: "ticketed0004", fen: 2, node })),
    0,
    "a newer fence is taken",
  );
  ok((await old.gone) !== 0, "and ends the older one");
}

async function testCoreAway() {
  core.down = true;
  const heard = await refusedBy("127.0.0.6", TOKEN);
  ok(
    heard.includes("does not answer") && heard.includes("Rejected"),
    "without a core a new stream is refused in words",
  );
  core.down = false;
}

async function testAnswerLost() {
  const asked = core.starts.length;
  core.script = ["lost", "taken", "taken"];
  equal(
    await publish(at("source.flv"), url(), { log: at("log") }).gone,
    0,
    "a publisher whose first answer was lost",
  );
  equal(
    core.starts.length,
    asked + 4,
    "is not in its own way: the core is asked until its first session is gone",
  );
  const name = `${sessionName(core.sessions)}-${core.fence}.flv`;
  compare(lib.packets(recording("first", name)), "after a lost answer");
  core.script = ["taken"];
  const heard = await refusedBy("127.0.0.11", TOKEN);
  ok(heard.includes("Somebody streams"), "who has lost no answer and finds the view taken is refused");
  equal(core.starts.length, asked + 5, "at once");
}

// More publishers than the entry has questions on their way at a time.
async function testForgotten() {
  const THREADS = 8;
  const asked = core.starts.length;
  const first = core.sessions + 1;
  const gone = count("publisher gone");
  let release;
  core.hold = new Promise(r => (release = r));
  const crowd = Array.from({ length: THREADS + 6 }, (_, i) =>
    lib.connect(ports.entry, `127.0.1.${i + 1}`, lib.publishing(TOKEN)),
  );
  await until("the core is asked", () => core.starts.length === asked + THREADS);
  await sleep(500); // for the others to come into the queue
  for (const x of crowd) x.socket.destroy();
  await until("the entry sees them go", () => count("publisher gone") === gone + crowd.length);
  core.hold = null;
  release();
  ok(
    await comes(() =>
      Array.from({ length: THREADS }, (_, i) => end(sessionName(first + i))).every(e => e?.why === "lost"),
    ),
    "sessions for which nobody waits any more are ended",
    core.stops,
  );
  equal(await publish(at("source.flv"), url(), { log: at("log") }).gone, 0, "others stream");
  equal(core.starts.length, asked + THREADS + 1, "and questions of publishers who have gone were not asked");
}

async function testCertificate() {
  const before = await shown();
  makeCertificate("key.new", "cert.new");
  const looks = (what, test) => until(what, test, 60, 500);
  fs.copyFileSync(at("cert.new"), at("cert.pem"));
  await looks("the log", async () => (await shown(), said("the new certificate cannot be used")));
  equal(await shown(), before, "a certificate that came before its key is not used");
  fs.copyFileSync(at("key.new"), at("key.pem"));
  ok(await looks("the new one", async () => (await shown()) !== before), "until the key is there");
  equal(count("the new certificate cannot be used"), 1, "the log says so once");
}

async function testSlow() {
  const c = lib.connect(ports.entry, "127.0.0.7");
  const slow = setInterval(() => c.socket.write(Buffer.from([3])), 200);
  const silent = lib.connect(ports.entry, "127.0.0.8", lib.publishing("x").subarray(0, 1 + 2 * 1536));
  await c.gone;
  clearInterval(slow);
  ok(said("no handshake within five seconds"), "who sends a byte at a time is dropped");
  await silent.gone;
  ok(said("no publish within five seconds"), "and who says nothing after the handshake");
  const crowd = Array.from({ length: 80 }, () => lib.connect(ports.entry, "127.0.0.9"));
  await Promise.any(crowd.map(x => x.gone));
  const other = publish(at("source.flv"), url(), { log: at("log") });
  equal(await other.gone, 0, "while one address has as many connections as it may, others stream");
  for (const x of crowd) x.socket.destroy();
}

async function testNotReading() {
  const c = lib.connect(ports.entry, "127.0.0.10", lib.publishing(TOKEN));
  await until("it is on air", () => c.heard().includes("Publish.Start"));
  const session = sessionName(core.sessions);
  c.socket.pause();
  const many = Buffer.concat(Array.from({ length: 2000 }, (_, i) => lib.command(0, "whatever", i + 10)));
  let open = true;
  c.gone.then(() => (open = false));
  while (open && !said("the peer does not read")) {
    if (!c.socket.write(many))
      await Promise.race([sleep(50), new Promise(r => c.socket.once("drain", r)), c.gone]);
  }
  c.socket.destroy();
  ok(
    await comes(() => said("the peer does not read")),
    "a publisher that does not read its answers is dropped",
  );
  ok(await comes(() => end(session)?.why === "dropped"), "and the core is told so", core.stops);
}

async function takeover(how, what) {
  core.ingests = ["first", "second"];
  const asked = core.starts.length;
  const child = publish(at("source.flv"), url(), { slowly: true, log: at("log") });
  await until("it is on air", () => core.starts.length > asked);
  const session = sessionName(core.sessions);
  const one = recording("first", `${session}-${core.fence}.flv`);
  await until("the first has a part", () => size(one) > part);
  await how();
  equal(await child.gone, 0, `${what}: the publisher does not notice`);
  await until("the end is told", () => end(session));
  equal(core.starts.length, asked + 2, "the core was asked once more");
  equal(core.starts.at(-1).session, session, "for this session");
  equal(core.starts.at(-1).avoid.join(), String(core.nodes.first), "and another ingest");
  const two = recording("second", `${session}-${core.fence}.flv`);
  const a = lib.packets(one);
  const b = lib.packets(two);
  note(
    `${what}: ${a.length} packets in the first, ${b.length} in the second, ${a.filter(p => b.includes(p)).length} in both`,
  );
  ok(b.length < source.length, "the second has not all of it");
  compare([...a, ...b], what);
}

async function testKilled() {
  await takeover(() => kill("first"), "an ingest killed");
  await launch("first");
}

async function testStopped() {
  await takeover(async () => programs.first.kill("SIGSTOP"), "an ingest stopped");
  programs.first.kill("SIGCONT");
}

async function testAlone() {
  core.ingests = ["first"];
  const asked = core.starts.length;
  const child = publish(at("source.flv"), url(), { slowly: true, log: at("log") });
  await until("it is on air", () => core.starts.length > asked);
  const session = sessionName(core.sessions);
  const one = recording("first", `${session}-${core.fence}.flv`);
  await until("it has a part", () => size(one) > part);
  core.ingests = []; // none that is silent
  await kill("first");
  await launch("first");
  core.ingests = ["first"];
  equal(await child.gone, 0, "the only ingest is restarted: the publisher does not notice");
  await until("the end is told", () => end(session));
  equal(end(session).why, "finished", "the stream ends well");
  const two = recording("first", `${session}-${core.fence}.flv`);
  ok(one !== two, "the ingest was given it again");
  compare([...lib.packets(one), ...lib.packets(two)], "restarted");
}

async function testEntryKilled() {
  core.ingests = ["second"];
  const child = publish(at("source.flv"), url(), { slowly: true, log: at("log") });
  const file = () => recording("second", `${sessionName(core.sessions)}-${core.fence}.flv`);
  const sessions = core.sessions;
  await until("it is recorded", () => core.sessions > sessions && size(file()) > part);
  const ended = count("recording ended");
  await kill("entry");
  ok((await child.gone) !== 0, "an entry killed: FFmpeg ends");
  ok(await comes(() => count("recording ended") > ended), "and so does the recording");
  const found = lib.packets(file());
  ok(
    found.length > 0 && found.every(p => source.includes(p)),
    `which has ${found.length} packets, all of them true`,
  );
  await launch("entry");
}

async function testStopping() {
  core.ingests = ["second"];
  const sessions = core.sessions;
  const child = publish(at("source.flv"), url(), { slowly: true, log: at("log") });
  const file = () => recording("second", `${sessionName(core.sessions)}-${core.fence}.flv`);
  await until("it is recorded", () => core.sessions > sessions && size(file()) > part);
  equal(await stop(programs.entry), 0, "an entry ends when it is told to");
  ok((await child.gone) !== 0, "its publisher has to go elsewhere");
  equal(end(sessionName(core.sessions))?.why, "entry", "the core is told why");
  for (const name of ["first", "second"]) equal(await stop(programs[name]), 0, `${name} ends`);
}

async function testSecrets() {
  ok(!output().includes(TOKEN) && !output().includes("eyJ"), "neither tokens nor tickets stand in a log");
  ok(
    !/AddressSanitizer|LeakSanitizer|runtime error/.test(output()),
    "the sanitizers find nothing",
    output().slice(-3000),
  );
}

await run(
  [
    testJoining,
    testRecording,
    testRefusals,
    testTickets,
    testCoreAway,
    testAnswerLost,
    testForgotten,
    testCertificate,
    testSlow,
    testNotReading,
    testKilled,
    testStopped,
    testAlone,
    testEntryKilled,
    testStopping,
    testSecrets,
  ],
  failed => {
    if (failed) note(output().split("\n").slice(-25).join("\n"));
    lib.server.close();
    lib.server.closeAllConnections();
  },
);
