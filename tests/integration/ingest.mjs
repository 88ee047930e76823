#!/usr/bin/env node
// Recordings of lectern-rtmpd grow as uploads at a real lectern-store behind lighttpd, and its streams are jobs of a core
// of a few lines: ingests and the store killed, the core away, recordings that nobody wants, jobs without a stream.
// instance: none
// timeout: 600
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { freePort, request } from "../lib/net.mjs";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { comes, equal, note, ok, run, skipAll, until } from "../lib/tap.mjs";
import { makeKey, sign } from "../lib/tokens.mjs";
import { patchHeaders, tusCreate } from "../lib/tus.mjs";
import * as lib from "./rtmpd_lib.mjs";
import { core, publish, size, TOKEN } from "./rtmpd_lib.mjs";

const build = process.env.LECTERN_BUILD;
const src = process.env.LECTERN_SRC || new URL("../..", import.meta.url).pathname;
if (!build) skipAll("run me by ./lectern test integration/ingest");

const dir = folder("ingest");
const at = (...p) => path.join(dir, ...p);
const SECONDS = 8;

await new Promise(r => lib.server.listen(0, "127.0.0.1", r));
const coreUrl = `http://127.0.0.1:${lib.server.address().port}`;

// --- the store: lighttpd, lectern-store, and lectern-noded, which hashes what lectern-store could not

const storeKey = makeKey("s1", "store");
const port = await freePort();
const storeUrl = `http://127.0.0.1:${port}`;
const targets = new Map(); // of "session-fence": the upload
let asked = 0;
let uploads = 0;

const tokenOf = upload => sign(storeKey, { up: upload, max: 1 << 30, st: storeUrl });
const nameOf = q => `${q.session}-${q.fence ?? 0}`;
function target(q) {
  asked++;
  if (q.less) targets.delete(nameOf(q)); // closed too early: another one
  if (!targets.has(nameOf(q))) targets.set(nameOf(q), `upload${String(++uploads).padStart(6, "0")}`);
  const upload = targets.get(nameOf(q));
  const until = Math.floor(Date.now() / 1000) + 600;
  return [200, { upload, url: `${storeUrl}/store/v1/uploads`, token: tokenOf(upload), until }];
}
const spool = (name, ending) => at("store/spool", `${targets.get(name)}.${ending}`);

let store;
async function startStore() {
  fs.rmSync(at("run/store.sock"), { force: true });
  store = start([path.join(build, "lectern-store"), "-c", at("lectern.conf")]);
  await until(
    "lectern-store",
    async () => (await request("GET", "/store/v1/health", { base: storeUrl })).status === 200,
  );
}

async function startAll() {
  for (const d of ["run", "node", "store", "tmp"]) fs.mkdirSync(at(d));
  fs.writeFileSync(
    at("lectern.conf"),
    `run_dir = ${at("run")}\nnode_dir = ${at("node")}\nstore_root = ${at("store")}\nstore_socket = ${at("run/store.sock")}\nstore_url = ${storeUrl}\ncore_url = ${coreUrl}\nstore_min_free = 1M\njoin_token_file = ${at("join")}\nnode_name = keeper\n`,
  );
  core.keys.push(storeKey);
  start([path.join(build, "lectern-noded"), "-c", at("lectern.conf")]);
  await until("the store has keys", () => fs.existsSync(at("node/keys.json")));
  let text = fs.readFileSync(path.join(src, "contrib/lighttpd/storage.conf.in"), "utf8");
  const words = { PORT: port, STATE: dir, RUN: at("run"), STORE: at("store"), CORE: coreUrl };
  for (const [k, v] of Object.entries(words)) text = text.replaceAll(`@${k}@`, v);
  fs.writeFileSync(at("lighttpd.conf"), text);
  start(["lighttpd", "-D", "-f", at("lighttpd.conf")]);
  await startStore();
}

// --- the programs

const { programs, configure, launch, kill, recordings, recording } = lib.fleet(dir);
const ports = { entry: await freePort(), first: await freePort(), second: await freePort() };
core.addresses = { first: `127.0.0.1:${ports.first}`, second: `127.0.0.1:${ports.second}` };
core.target = target;
core.ingests = ["first"];

let source = [];
let part = 0; // bytes of a third of it
const session = () => `session${String(core.sessions).padStart(5, "0")}`;
const job = () => 100 + core.sessions;
const latest = () => `${session()}-${core.fence}`;
const reported = number => core.reports.filter(r => r.job === number);
const said = text => output().includes(text);

// Publishes slowly; resolves when the core has been asked.
async function live() {
  const sessions = core.sessions;
  const child = publish(at("source.flv"), `rtmp://127.0.0.1:${ports.entry}/live/${TOKEN}`, {
    slowly: true,
    log: at("log"),
  });
  await until("a new stream", () => core.sessions > sessions);
  return child;
}
const grows = name => until("the upload grows", () => targets.has(name) && size(spool(name, "part")) > part);
const complete = name =>
  until(`${name} is complete`, () => targets.has(name) && fs.existsSync(spool(name, "full")));
const gone = (name, ingest = "first") => comes(() => !recordings(ingest).includes(`${name}.flv`));

// --- parts

async function testStart() {
  lib.makeSource(at("source.flv"), SECONDS);
  source = lib.packets(at("source.flv"));
  part = size(at("source.flv")) / 3;
  await startAll();
  const ingest = name => ({
    rtmpd_roles: "ingest",
    ingest_listen: `127.0.0.1:${ports[name]}`,
    ingest_url: `rtmp://127.0.0.1:${ports[name]}`,
    ingest_streams: 5,
  });
  for (const name of ["first", "second"]) configure(name, ingest(name));
  configure("entry", { rtmpd_roles: "entry", rtmp_listen: `127.0.0.1:${ports.entry}` });
  for (const name of ["first", "second", "entry"]) await launch(name);
  equal(core.slots.first.live, 5, "an ingest tells its free places");
  ok(!core.slots.entry?.live, "an entry has none");
  await stop(programs.second);
  configure("second", { ...ingest("second"), store_min_free: "100000G" });
  await launch("second");
  ok(!core.slots.second?.live, "nor has an ingest whose disk is full");
  await stop(programs.second);
  configure("second", ingest("second"));
  await launch("second");
  equal(core.slots.second.live, 5, "until it has room again");
  lib.lease(9, core.nodes.second, 1); // testOrphan looks at it
}

async function testGrowing() {
  let beats = core.beats.first;
  core.every.first = 60; // seconds
  await until("the ingest to be told", () => core.beats.first > beats);
  beats = core.beats.first;
  const child = await live();
  const name = latest();
  await until("heartbeats", () => core.beats.first > beats + 3);
  ok(reported(job()).length === 0, "an ingest with a stream sends heartbeats whatever the core says");
  delete core.every.first;
  await grows(name);
  ok(
    fs.existsSync(recording("first", `${name}.flv`)),
    "while the stream goes on, its upload grows at the store",
  );
  ok(!fs.existsSync(spool(name, "full")), "and is not complete");
  ok(core.jobs.get(job())?.told && reported(job()).length === 0, "the stream is a job that runs");
  equal(core.slots.first.live, 4, "which takes a place");
  equal(await child.gone, 0, "the publisher ends");
  await complete(name);
  lib.compare(source, lib.packets(spool(name, "full")), "at the store");
  ok(await gone(name), "then the recording leaves the ingest");
  ok(await comes(() => reported(job()).length === 1), "and the job is reported");
  const [report] = reported(job());
  equal(report.state, "done", "as done");
  equal(report.outputs.bytes, size(spool(name, "full")), "with its bytes");
  ok(report.outputs.tags >= source.length, "and tags", report.outputs);
  ok(await comes(() => core.slots.first.live === 5), "and the place is free");
}

async function testAssignedFirst() {
  core.assignFirst = true;
  const child = await live();
  const name = latest();
  equal(await child.gone, 0, "a job that comes before its ticket");
  await complete(name);
  ok(await comes(() => reported(job())[0]?.state === "done"), "is done as well");
  core.assignFirst = false;
}

async function testIngestKilled() {
  core.ingests = ["first", "second"];
  const child = await live();
  const one = latest();
  await grows(one);
  await kill("first");
  equal(await child.gone, 0, "an ingest is killed: the publisher does not notice");
  const two = latest();
  await complete(two);
  ok(!fs.existsSync(spool(one, "full")) && size(spool(one, "part")) > 0, "the store has a part of the first");
  core.ingests = ["second"];
  await launch("first");
  await complete(one);
  const found = [one, two].flatMap(name => lib.packets(spool(name, "full")));
  lib.compare(source, found, "both, after the first is back");
  ok((await gone(one)) && (await gone(two, "second")), "no recording stays on an ingest");
  core.ingests = ["first"];
}

async function testStoreKilled() {
  const child = await live();
  const name = latest();
  await grows(name);
  await stop(store, "SIGKILL");
  equal(await child.gone, 0, "the store is killed: the stream goes on");
  ok(recordings("first").includes(`${name}.flv`), "the recording stays");
  await startStore();
  await complete(name);
  lib.compare(source, lib.packets(spool(name, "full")), "when the store is back");
  ok(await gone(name), "the recording leaves");
}

async function testCoreAway() {
  const child = await live();
  const name = latest();
  await grows(name);
  core.down = true;
  equal(await child.gone, 0, "the core goes away: the stream goes on to its end");
  await complete(name);
  lib.compare(source, lib.packets(spool(name, "full")), "at the store, without the core");
  equal(reported(job()).length, 0, "the job's end waits");
  core.down = false;
  ok(await comes(() => reported(job())[0]?.state === "done"), "and is told when the core is back");
}

async function testTakenBack() {
  core.ingests = ["first", "second"];
  const child = await live();
  const one = latest();
  await grows(one);
  const number = job();
  core.jobs.delete(number); // its next report is refused
  equal(await child.gone, 0, "the core takes a job back: the publisher does not notice");
  ok(said("the core has taken the job back"), "the ingest has ended its stream");
  ok(latest() !== one, "and the entry went to another one");
  const two = latest();
  await complete(one);
  await complete(two);
  lib.compare(
    source,
    [one, two].flatMap(n => lib.packets(spool(n, "full"))),
    "both together",
  );
  ok(await comes(() => reported(number).length === 1), "one of them is reported");
  core.ingests = ["first"];
}

async function testUnwanted() {
  core.target = () => [409, {}];
  let child = await live();
  let name = latest();
  equal(await child.gone, 0, "a recording that nobody wants");
  ok(await gone(name), "is removed when it is over");
  ok(!targets.has(name), "and never came to the store");

  core.target = () => (asked++, [404, {}]);
  child = await live();
  name = latest();
  equal(await child.gone, 0, "one that the core does not know");
  const before = asked;
  await until("it asks again", () => asked > before + 1);
  ok(recordings("first").includes(`${name}.flv`), "stays");
  core.target = target;
  await complete(name);
  ok(await gone(name), "until the core knows it");
}

// The core has given up on the ingest, and took what there was. The rest comes, too.
async function testSealed() {
  core.target = () => [503, {}];
  const child = await live();
  const name = latest();
  equal(await child.gone, 0, "a recording");
  const [, t] = target({ session: session(), fence: core.fence });
  const closed = spool(name, "full");
  equal((await tusCreate(t, 3)).status, 201, "whose upload");
  const rs = await request("PATCH", `${t.url}/${t.upload}`, {
    headers: patchHeaders(t.token, 0, 3),
    body: Buffer.from("FLV"),
  });
  equal(rs.status, 204, "was closed with less of it");
  core.target = target;
  ok(await gone(name), "gets another upload, with all of it");
  lib.compare(source, lib.packets(spool(name, "full")), "at the store");
  equal(fs.readFileSync(closed, "latin1"), "FLV", "which keeps the first as it is");
}

// A store of a few lines, which notes whose bytes come: nobody has a third turn before all had their first.
async function testFair() {
  const turns = new Map();
  const offsets = new Map();
  const lengths = new Map();
  let begun; // how many, when one had its third turn
  const slow = http.createServer((rq, rs) => {
    const upload = rq.headers.authorization.slice("Bearer ".length);
    if (rq.method === "PATCH") {
      turns.set(upload, (turns.get(upload) ?? 0) + 1);
      if (turns.get(upload) === 3) begun ??= turns.size;
      lengths.set(upload, rq.headers["upload-length"]);
    }
    rq.on("end", () => {
      const known = offsets.has(upload);
      if (rq.method !== "HEAD")
        offsets.set(upload, (offsets.get(upload) ?? 0) + Number(rq.headers["content-length"]));
      const status = { HEAD: known ? 200 : 404, POST: 201, PATCH: 204 }[rq.method];
      const length = lengths.get(upload);
      const size = length ? { "Upload-Length": length } : { "Upload-Defer-Length": "1" };
      rs.writeHead(status, { "Upload-Offset": offsets.get(upload) ?? 0, ...size }).end();
    });
    rq.resume();
  });
  await new Promise(r => slow.listen(0, "127.0.0.1", r));
  await stop(programs.second);
  const names = ["large1", "large2", "large3", "large4", "large5", "little"].map(n => n.padEnd(12, "0"));
  for (const name of names) {
    fs.writeFileSync(recording("second", `${name}-1.flv`), "FLV");
    fs.truncateSync(recording("second", `${name}-1.flv`), name.startsWith("large") ? (128 << 20) + 9 : 99);
  }
  const url = `http://127.0.0.1:${slow.address().port}/store/v1/uploads`;
  core.target = q => [200, { upload: q.session, url, token: q.session, until: 4e9 }];
  await launch("second");
  await until("a third turn", () => begun);
  equal(begun, names.length, "of six recordings each had its turn before one had its third");
  await stop(programs.second);
  for (const name of names) fs.rmSync(recording("second", `${name}-1.flv`));
  core.target = target;
  slow.close();
  slow.closeAllConnections();
  await launch("second");
}

async function testOrphan() {
  ok(
    await comes(() => reported(9)[0]?.state === "failed", 100),
    "a job for which no entry comes is given back after a minute",
  );
  equal(reported(9)[0]?.error.code, "internal", "with its reason");
  ok(!reported(9)[0]?.error.permanent, "and may be tried again");
}

async function testStopping() {
  for (const name of ["entry", "first", "second"]) equal(await stop(programs[name]), 0, `${name} ends`);
  ok(!output().includes(TOKEN) && !output().includes("eyJ"), "no token stands in a log");
  ok(
    !/AddressSanitizer|LeakSanitizer|runtime error/.test(output()),
    "the sanitizers find nothing",
    output().slice(-3000),
  );
}

await run(
  [
    testStart,
    testGrowing,
    testAssignedFirst,
    testIngestKilled,
    testStoreKilled,
    testCoreAway,
    testTakenBack,
    testUnwanted,
    testSealed,
    testFair,
    testOrphan,
    testStopping,
  ],
  failed => {
    if (failed) note(output().split("\n").slice(-25).join("\n"));
    lib.server.close();
    lib.server.closeAllConnections();
  },
);
