#!/usr/bin/env node
// Storage node behind a real web server: lighttpd with contrib/lighttpd/lectern.conf.in, lectern-store, lectern-authz.
// The tokens are made here by node's own Ed25519, so that two implementations have to agree.
// instance: none
import { spawn, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { feed, freePort, request } from "../lib/net.mjs";
import { folder, output, start, stop } from "../lib/programs.mjs";
import { comes, equal, note, ok, run, skip, skipAll, until } from "../lib/tap.mjs";
import { makeKey, now, sign } from "../lib/tokens.mjs";
import { patchHeaders, tusBegin, tusCreate, tusDelete, tusHead, tusHeaders } from "../lib/tus.mjs";

const build = process.env.LECTERN_BUILD;
const src = process.env.LECTERN_SRC || new URL("../..", import.meta.url).pathname;
if (!build) skipAll("run me by ./lectern test integration/store");

const sha256 = bytes => crypto.createHash("sha256").update(bytes).digest();

// --- keys and tokens

const keys = { store: makeKey("s1", "store"), play: makeKey("p1", "play") };
const foreign = { store: makeKey("s1", "store"), play: makeKey("p1", "play") };
let named; // the store_url of the store under test
function token(claims, { set = keys, aud = claims.up || claims.job ? "store" : "play", head } = {}) {
  return sign(set[aud], aud === "store" ? { st: named, ...claims } : claims, head);
}

// --- the programs

const dir = folder("store");
const at = (...p) => path.join(dir, ...p);
const programs = new Map();
const begin = (name, argv) => programs.set(name, start(argv));
const finish = (name, signal) => stop(programs.get(name), signal);
// The processes that serve for a program.
const processesOf = name =>
  spawnSync("pgrep", ["-P", programs.get(name).pid], { encoding: "utf8" })
    .stdout.trim()
    .split("\n")
    .map(Number);

const port = await freePort();
const lenient = await freePort();
const node = await freePort();

function writeConf(extra = "") {
  fs.writeFileSync(
    at("lectern.conf"),
    [
      `run_dir = ${at("run")}`,
      `node_dir = ${at("node")}`,
      `store_root = ${at("store")}`,
      `store_socket = ${at("run/store.sock")}`,
      `authz_socket = ${at("run/authz.sock")}`,
      `base_url = http://127.0.0.1:${port}`,
      `core_url = http://127.0.0.1:${port}`,
      `store_url = http://127.0.0.1:${port}`,
      "store_max_upload = 1G",
      "store_max_form = 4M",
      "store_min_free = 1M",
      extra,
      "",
    ].join("\n"),
  );
}
function writeWebServer(file, listen, strict, template = "lectern.conf.in") {
  let text = fs.readFileSync(path.join(src, "contrib/lighttpd", template), "utf8");
  text = text.replaceAll("@PORT@", listen).replaceAll("@STATE@", dir).replaceAll("@RUN@", at("run"));
  text = text.replaceAll("@STORE@", at("store")).replaceAll("@STATIC@", at("static"));
  text = text.replaceAll("@CORE@", `http://127.0.0.1:${port}`);
  text = text.replaceAll("@HOT@", at("hot.lua")).replaceAll("@ERRORS@", path.join(src, "contrib/lighttpd"));
  text = text.replace(/svlogd [^"]*/, `cat >>${at("access.log")}`); // after the real filter
  // lectern-authz must be safe by itself, too, behind a web server that passes everything on
  if (!strict) text = text.replace(/^server\.http-parseopts = \([^)]*\)$/m, "");
  fs.writeFileSync(file, text);
}
const startStore = async () => {
  fs.rmSync(at("run/store.sock"), { force: true });
  begin("store", [path.join(build, "lectern-store"), "-c", at("lectern.conf")]);
  await until("lectern-store", async () => (await call("GET", "/store/v1/health")).status === 200);
};

// --- HTTP

const call = (method, url, { headers, body, to = port } = {}) =>
  request(method, url, { base: `http://127.0.0.1:${to}`, headers, body });
let serial = 0;
const newId = () => "upload" + String(++serial).padStart(6, "0");
const uploadToken = (up, more = {}) => token({ up, max: 1 << 30, back: "/teach/upload/" + up, ...more });
const ticket = (t, upload) => ({ url: `http://127.0.0.1:${port}/store/v1/uploads`, token: t, upload });
const create = (t, size, more) => tusCreate(ticket(t), size, more);
const patch = (t, id, offset, body) =>
  call("PATCH", `/store/v1/uploads/${id}`, { headers: patchHeaders(t, offset, body.length), body });
const head = (t, id) => tusHead(ticket(t, id));
const terminate = (t, id) => tusDelete(ticket(t, id));
const offsetOf = async (t, id) => Number((await head(t, id)).headers["upload-offset"]);
// A PATCH that announces `length` bytes, sends `first` and goes on when told. `answer`: its status, 0 if it broke.
function slowPatch(t, id, offset, length, first, address) {
  const { rq, answer } = tusBegin(ticket(t, id), offset, length, address);
  rq.write(first);
  return { rq, answer: answer.then(rs => rs.status) };
}
const partSize = id =>
  fs.existsSync(at("store/spool", id + ".part")) ? fs.statSync(at("store/spool", id + ".part")).size : -1;
const sentence = rs => JSON.parse(rs.body).error.text;

// --- uploads

async function testCreation() {
  const id = newId();
  const t = uploadToken(id);
  const data = crypto.randomBytes(300000);
  let rs = await call("OPTIONS", "/store/v1/uploads");
  equal(rs.status, 204, "OPTIONS");
  equal(rs.headers["tus-version"], "1.0.0", "OPTIONS tells the version");
  equal(
    rs.headers["tus-extension"],
    "creation,creation-with-upload,creation-defer-length,termination,expiration",
    "OPTIONS tells the extensions",
  );
  rs = await create(t, data.length, {
    "Upload-Metadata": "filename " + Buffer.from("Vörlesung.mp4").toString("base64"),
  });
  equal(rs.status, 201, "an upload is made");
  equal(rs.headers.location, `/store/v1/uploads/${id}`, "its address is the token's");
  ok(Date.parse(rs.headers["upload-expires"]) > Date.now() + 80000000, "it expires in a day", rs.headers);
  rs = await head(t, id);
  equal(rs.headers["upload-offset"], "0", "HEAD: nothing came yet");
  equal(rs.headers["cache-control"], "no-store", "HEAD is not cached");
  rs = await patch(t, id, 0, data.subarray(0, 100000));
  equal(rs.status, 204, "a first piece");
  equal(rs.headers["upload-offset"], "100000", "the answer tells the offset");
  equal((await patch(t, id, 0, data)).status, 409, "a wrong offset is refused");
  equal(
    (await patch(t, id, 100000, Buffer.alloc(300000))).status,
    413,
    "more bytes than announced are refused",
  );
  equal(await offsetOf(t, id), 100000, "neither changed anything");
  equal(
    (
      await create(t, data.length, {
        "Upload-Metadata": "filename " + Buffer.from("Vörlesung.mp4").toString("base64"),
      })
    ).headers["upload-offset"],
    "100000",
    "creating it again keeps what came",
  );
  equal((await patch(t, id, 100000, data.subarray(100000))).status, 204, "the rest");
  ok(fs.existsSync(at("store/spool", id + ".full")), "it is complete under its new name");
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "every byte is the one that was sent");
  equal(await offsetOf(t, id), data.length, "HEAD still answers");
  equal((await patch(t, id, data.length, Buffer.alloc(1))).status, 409, "nothing can be added");
  equal((await terminate(t, id)).status, 409, "nor taken away");
}

// An upload that grows while it is sent, as an ingest sends a recording: its length comes with the last PATCH.
async function testLater() {
  const id = newId();
  const t = uploadToken(id, { max: 1000 });
  const name = { "Upload-Metadata": "filename " + Buffer.from("a.flv").toString("base64") };
  const make = headers =>
    call("POST", "/store/v1/uploads", {
      headers: { ...tusHeaders(t), "Content-Length": 0, ...name, ...headers },
    });
  const add = (offset, body, size) =>
    call("PATCH", `/store/v1/uploads/${id}`, {
      headers: {
        ...patchHeaders(t, offset, body.length),
        ...(size === undefined ? {} : { "Upload-Length": size }),
      },
      body,
    });
  const data = crypto.randomBytes(700);
  equal((await make({})).status, 400, "neither a length nor that it comes later");
  equal((await make({ "Upload-Defer-Length": 2 })).status, 400, "a deferred length is said by 1");
  equal(
    (await make({ "Upload-Defer-Length": 1, "Upload-Length": 9 })).status,
    400,
    "and not beside a length",
  );
  equal((await make({ "Upload-Defer-Length": 1 })).status, 201, "an upload whose length comes later");
  let rs = await head(t, id);
  equal(rs.headers["upload-defer-length"], "1", "HEAD says so");
  ok(!("upload-length" in rs.headers), "and no length");
  equal((await add(0, data.subarray(0, 300))).status, 204, "it grows");
  rs = await make({ "Upload-Defer-Length": 1 });
  equal(rs.headers["upload-offset"], "300", "made again it is the same");
  equal((await add(300, Buffer.alloc(701))).status, 413, "it may not outgrow its token");
  equal((await add(300, Buffer.alloc(0), 299)).status, 400, "nor be shorter than what came");
  equal((await add(300, Buffer.alloc(0), 1001)).status, 413, "nor longer than its token allows");
  equal((await add(300, data.subarray(300, 600), 700)).status, 204, "the length is told");
  rs = await head(t, id);
  equal(rs.headers["upload-length"], "700", "HEAD has it");
  ok(!("repr-digest" in rs.headers), "but no hash yet");
  equal((await add(600, Buffer.alloc(0), 800)).status, 400, "it is told once");
  equal((await add(600, data.subarray(600), 700)).status, 204, "the rest");
  rs = await head(t, id);
  equal(
    rs.headers["repr-digest"],
    `sha-256=:${sha256(data).toString("base64")}:`,
    "complete, HEAD tells the hash",
  );
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "every byte is the one that was sent");
  equal((await add(700, Buffer.alloc(0), 700)).status, 409, "nothing can be added");
  equal(
    (await make({ "Upload-Defer-Length": 1 })).headers["upload-offset"],
    "700",
    "made again it is still there",
  );

  const other = newId();
  const u = uploadToken(other);
  const grow = headers =>
    call("POST", "/store/v1/uploads", { headers: { ...tusHeaders(u), "Content-Length": 0, ...headers } });
  equal((await grow({ "Upload-Defer-Length": 1 })).status, 201, "another one");
  equal((await patch(u, other, 0, data)).status, 204, "has all its bytes");
  rs = await call("PATCH", `/store/v1/uploads/${other}`, {
    headers: { ...patchHeaders(u, 700, 0), "Upload-Length": 700 },
  });
  equal(rs.status, 204, "and is ended by an empty PATCH");
  ok(fs.existsSync(at("store/spool", other + ".full")), "which completes it");

  const third = newId();
  const v = uploadToken(third);
  const begin = (headers, body) =>
    call("POST", "/store/v1/uploads", { headers: { ...patchHeaders(v, 0, body.length), ...headers }, body });
  equal((await begin({ "Upload-Length": 10 }, Buffer.alloc(0))).status, 201, "one whose length is known");
  rs = await begin({ "Upload-Defer-Length": 1 }, data);
  equal(rs.headers["upload-offset"], "10", "does not outgrow it when it is made again without");
  equal(fs.statSync(at("store/spool", third + ".full")).size, 10, "nor does its file");
}

async function testRefusals() {
  const id = newId();
  const t = uploadToken(id);
  const post = headers =>
    call("POST", "/store/v1/uploads", { headers: { "Content-Length": 0, "Upload-Length": 10, ...headers } });
  equal((await post({ "Tus-Resumable": "1.0.0" })).status, 401, "no token");
  equal((await post({ ...tusHeaders("garbage") })).status, 401, "garbage for a token");
  equal(
    (await post(tusHeaders(token({ up: id, max: 100 }, { set: foreign })))).status,
    401,
    "a token signed by somebody else",
  );
  equal((await post(tusHeaders(uploadToken(id, { exp: now() - 1 })))).status, 401, "an expired token");
  equal(
    (await post(tusHeaders(token({ up: id, max: 100 }, { aud: "play" })))).status,
    401,
    "a token for another audience",
  );
  equal(
    (await post(tusHeaders(token({ up: id, max: 100 }, { head: { alg: "none", kid: "s1" } })))).status,
    401,
    "alg none",
  );
  equal(
    (await post(tusHeaders(token({ job: 1, att: 1, put: "artifacts/x/1-1/" })))).status,
    403,
    "a job token makes no upload",
  );
  equal((await post(tusHeaders(token({ up: "../../etc/xx", max: 100 })))).status, 403, "an id that is none");
  for (const [st, what] of [
    ["https://store.example", "for another storage node"],
    ["", "for the core's own"],
    [undefined, "for none"],
  ]) {
    equal((await post(tusHeaders(uploadToken(id, { st })))).status, 403, `an upload token ${what}`);
    const job = token({ job: 1, att: 1, put: "artifacts/lecture00001/1-1/", get: [`sources/${id}`], st });
    equal(
      (await call("GET", `/store/v1/sources/${id}`, { headers: tusHeaders(job) })).status,
      403,
      `a job token ${what}`,
    );
  }
  equal((await post({ Authorization: `Bearer ${t}` })).status, 412, "no tus version");
  let rs = await create(t, 2 ** 30 + 1);
  equal(rs.status, 413, "larger than the limit");
  ok(/larger/.test(sentence(rs)), "in a sentence", rs.body.toString());
  equal((await create(uploadToken(id, { max: 9 }), 10)).status, 413, "larger than the token says");
  const long = newId(); // a body goes with the creation, as with PATCH
  const body = { headers: { ...tusHeaders(uploadToken(long)), "Upload-Length": 3 }, body: "four" };
  body.headers["Content-Type"] = "application/offset+octet-stream";
  equal((await call("POST", "/store/v1/uploads", body)).status, 413, "more bytes than the size says");
  equal((await head(uploadToken(long), long)).status, 404, "make no upload");
  equal((await create(t, "x")).status, 400, "a size that is none");
  equal((await create(t, 10)).status, 201, "then it works");
  equal(
    (
      await call("PATCH", `/store/v1/uploads/${id}`, {
        headers: { ...patchHeaders(t, 0, 1), "Content-Type": "video/mp4" },
        body: "x",
      })
    ).status,
    415,
    "another content type",
  );
  const other = newId();
  equal((await head(uploadToken(other), id)).status, 403, "another upload's token");
  equal((await head(uploadToken(other), other)).status, 404, "an upload that was never made");
  for (const odd of [
    "/store/v1/uploads/../x",
    "/store/v1/uploads/%2e%2e",
    "/store/v1/",
    "/store/",
    "/store/v2/uploads",
    "/store/v1/uploads/",
  ])
    ok((await call("GET", odd, { headers: tusHeaders(t) })).status >= 400, `${odd} is nothing`);
  rs = await call("OPTIONS", "/store/v1/uploads", { headers: { Origin: `http://127.0.0.1:${port}` } });
  equal(
    rs.headers["access-control-allow-origin"],
    `http://127.0.0.1:${port}`,
    "the core's origin may script",
  );
  rs = await call("OPTIONS", "/store/v1/uploads", { headers: { Origin: "http://evil.example" } });
  equal(rs.headers["access-control-allow-origin"], undefined, "nobody else's");
}

async function testTermination() {
  const id = newId();
  const t = uploadToken(id);
  await create(t, 1000);
  await patch(t, id, 0, Buffer.alloc(10));
  equal((await terminate(t, id)).status, 204, "terminated");
  equal((await head(t, id)).status, 404, "and gone");
  ok(!fs.readdirSync(at("store/spool")).some(f => f.startsWith(id)), "without a trace");
  await create(t, 1000);
  await patch(t, id, 0, Buffer.alloc(500));
  equal((await create(t, 20)).status, 201, "another file may be chosen");
  equal(await offsetOf(t, id), 0, "and begins at its beginning");
}

// A person who presses Cancel: whoever is writing the upload ends.
async function testCancel() {
  const begin = async () => {
    const id = newId();
    const t = uploadToken(id);
    await create(t, 1 << 20);
    const slow = slowPatch(t, id, 0, 1 << 20, Buffer.alloc(100000, 5));
    await until("the writer", async () => partSize(id) >= 65536);
    return { id, t, slow };
  };
  const { id, t, slow } = await begin();
  equal((await terminate(t, id)).status, 204, "terminated while a silent client is writing it");
  ok((await slow.answer) !== undefined, "whose request ends");
  equal((await head(t, id)).status, 404, "and gone");
  ok(!fs.readdirSync(at("store/spool")).some(f => f.startsWith(id)), "without a trace");
  slow.rq.destroy();
  const answers = [];
  for (let i = 0; i < 10; i++) {
    const one = await begin();
    one.slow.rq.destroy(); // as a browser does
    answers.push((await terminate(one.t, one.id)).status);
  }
  ok(
    answers.every(status => status === 204),
    "a client that leaves and terminates at once is never told that somebody is writing",
    answers,
  );
}

async function testTwoWriters() {
  const id = newId();
  const t = uploadToken(id);
  const data = crypto.randomBytes(200000);
  await create(t, data.length);
  const first = slowPatch(t, id, 0, data.length, data.subarray(0, 100000));
  await until("the first writer", async () => partSize(id) >= 65536);
  equal((await patch(t, id, partSize(id), Buffer.alloc(10, 1))).status, 423, "a second writer is kept out");
  first.rq.end(data.subarray(100000));
  equal(await first.answer, 204, "the first finishes");
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "and nothing was mixed");
}

async function testLostClient() {
  const id = newId();
  const t = uploadToken(id);
  const data = crypto.randomBytes(500000);
  await create(t, data.length);
  const lost = slowPatch(t, id, 0, data.length, data.subarray(0, 250000));
  await until("its bytes", async () => partSize(id) >= 196608);
  lost.rq.destroy();
  await until("what came being kept", async () => partSize(id) === 250000);
  ok(true, "a client that dies leaves what it sent");
  // the bytes of the lost one are there a little before its lock is let go: refused till then, as clients know it
  let silent;
  await until("the silent writer", async () => {
    silent = slowPatch(t, id, 250000, 250000, data.subarray(250000, 400000));
    const there = until("its bytes", () => partSize(id) >= 300000).then(() => "there");
    return (await Promise.race([silent.answer, there])) === "there";
  });
  const rs = await until("it to have been silent for long enough", async () => {
    const offset = await offsetOf(t, id);
    const answer = await patch(t, id, offset, data.subarray(offset));
    return answer.status !== 423 && answer;
  });
  ok(rs.status === 204 || rs.status === 409, "a silent connection gives way to a new one", rs.status);
  const end = await offsetOf(t, id);
  if (end < data.length) await patch(t, id, end, data.subarray(end));
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "with the same bytes");
  silent.rq.destroy();
}

async function testKill() {
  const id = newId();
  const t = uploadToken(id);
  const data = crypto.randomBytes(8 << 20);
  await create(t, data.length);
  const cut = slowPatch(t, id, 0, data.length, data.subarray(0, 5 << 20));
  await until("4 MB", async () => partSize(id) >= 4 << 20);
  const serving = processesOf("store");
  await finish("store", "SIGKILL");
  for (const pid of serving) process.kill(pid, "SIGKILL");
  cut.rq.destroy();
  await startStore();
  const offset = await offsetOf(t, id);
  ok(offset >= 4 << 20 && offset <= 5 << 20, "kill -9 in the middle: what came is there", offset);
  equal((await patch(t, id, offset, data.subarray(offset))).status, 204, "the upload goes on");
  ok(
    sha256(fs.readFileSync(at("store/spool", id + ".full"))).equals(sha256(data)),
    "and ends with the same hash",
  );

  const done = newId();
  const t2 = uploadToken(done);
  await create(t2, 100);
  await patch(t2, done, 0, Buffer.alloc(50));
  fs.appendFileSync(at("store/spool", done + ".part"), Buffer.alloc(50)); // killed between the last byte and the rename
  equal(await offsetOf(t2, done), 100, "killed before the rename: HEAD tells the whole");
  ok(fs.existsSync(at("store/spool", done + ".full")), "and completes it");
}

async function testSlowCrowd() {
  const slow = [];
  for (let i = 0; i < 200; i++) {
    const id = newId();
    const t = uploadToken(id);
    await create(t, 100000);
    slow.push({ id, t, ...slowPatch(t, id, 0, 100000, Buffer.alloc(1000), `127.0.0.${2 + (i % 4)}`) });
  }
  await until("all of them", () => slow.every(s => partSize(s.id) >= 0));
  let answered = 0;
  for (const s of slow) s.answer.then(() => answered++);
  const heads = [];
  for (let i = 0; i < 20; i++) heads.push((await head(slow[0].t, slow[0].id)).status);
  ok(
    heads.every(status => status === 200) && answered === 0,
    "200 slow uploads: HEAD is answered meanwhile",
    { heads, answered },
  );
  for (const s of slow) s.rq.end(Buffer.alloc(100000 - 1000));
  const answers = await Promise.all(slow.map(s => s.answer));
  ok(
    answers.every(a => a === 204),
    "and all of them end well",
    answers,
  );
}

// One token, given away or in bad hands, and more slow forms than there are threads.
async function testCrowdOfOneToken() {
  const id = newId();
  const t = uploadToken(id);
  const sockets = [];
  let busy = 0;
  let other = 0;
  for (let i = 0; i < 260; i++) {
    const s = net.connect(port, "127.0.0.1");
    s.on("error", () => {});
    s.on("data", d => (/^HTTP\/1.1 303 [^]*error=busy\r\n/.test(d) ? busy++ : other++));
    s.write(
      `POST /store/v1/form/${t} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=xYz\r\n` +
        "Content-Length: 1000000\r\n\r\n--xYz\r\n",
    );
    sockets.push(s);
  }
  equal((await call("GET", "/store/v1/health")).status, 200, "260 slow forms of one token: health answers");
  const mine = newId();
  const tm = uploadToken(mine);
  equal((await create(tm, 1000)).status, 201, "another's upload begins");
  equal((await patch(tm, mine, 0, Buffer.alloc(1000))).status, 204, "and ends");
  // four are served, and while the store is at leisure sixteen of the others are read to their end
  await until("the refusals", () => busy >= 240);
  ok(other === 0, "the other forms are refused", { busy, other });
  const rs = await create(t, 10);
  ok(
    rs.status === 429 && Number(rs.headers["retry-after"]) > 0 && /at once/.test(sentence(rs)),
    "and so is an upload with that token: when to try again, in a sentence",
    { status: rs.status, headers: rs.headers },
  );
  for (const s of sockets) s.destroy();
  await until("their end", async () => (await create(t, 10)).status === 201);
  ok(true, "once they are gone the token is as good as before");
}

async function testMemory() {
  const [pid] = processesOf("store");
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
  const id = newId();
  const t = uploadToken(id);
  const piece = Buffer.alloc(1 << 20, 7);
  const before = rss();
  await create(t, 200 << 20);
  const whole = tusBegin(ticket(t, id), 0, 200 << 20);
  for (let n = 0; n < 200; n++) await feed(whole, piece);
  whole.rq.end();
  equal((await whole.answer).status, 204, "200 MB in one request");
  const grown = rss() - before;
  ok(grown < 20000, `memory stays flat (grew by ${grown} KiB)`);
  const job = token({ job: 9, att: 1, get: ["sources/" + id] });
  const rs = await call("GET", `/store/v1/sources/${id}`, { headers: tusHeaders(job) });
  equal(rs.body.length, 200 << 20, "and it comes back whole");
  ok(rss() - before < 20000, `still flat (${rss() - before} KiB)`);
  fs.rmSync(at("store/spool", id + ".full"));
}

// --- the form

function formBody(boundary, name, data) {
  return Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n`),
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: video/mp4\r\n\r\n`,
    ),
    data,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}
// As a browser does over HTTP/1: the answer is read after everything was sent. Half of it is sent late, when
// a web server that has answered would no longer wait.
function sendFirst(url, type, body) {
  return new Promise((resolve, reject) => {
    const s = net.connect(port, "127.0.0.1");
    let head = "";
    s.pause();
    s.on("error", reject);
    s.write(
      `POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    s.write(body.subarray(0, body.length / 2), () =>
      setTimeout(() => s.write(body.subarray(body.length / 2), () => s.resume()), 8000),
    );
    s.on("data", d => (head += d));
    s.on("end", () => resolve(head));
  });
}
async function testForm() {
  const id = newId();
  const t = uploadToken(id);
  const send = (tok, body, boundary = "xYz") =>
    call("POST", `/store/v1/form/${tok}`, {
      headers: { "Content-Type": `multipart/form-data; boundary=${boundary}`, "Content-Length": body.length },
      body,
    });
  const data = Buffer.concat([
    crypto.randomBytes(300000),
    Buffer.from("\r\n--xY\r\n--xYy\r\r\n"),
    crypto.randomBytes(1000),
  ]);
  data.write("\r\n--xY.", 1000); // and no random 'z' after it, which would complete the boundary
  let rs = await send(t, formBody("xYz", "", Buffer.alloc(0)));
  ok(
    rs.status === 303 && /error=no_file$/.test(rs.headers.location),
    "a form without a file goes back with the reason",
    rs.headers,
  );
  rs = await send(t, formBody("xYz", "C:\\\\x\\\\rec.mp4", Buffer.alloc((4 << 20) + 1)));
  ok(
    rs.status === 303 && /error=too_big$/.test(rs.headers.location),
    "a file too large for the form",
    rs.headers,
  );
  const head = await sendFirst(
    `/store/v1/form/${t}`,
    "multipart/form-data; boundary=xYz",
    formBody("xYz", "rec.mp4", Buffer.alloc(64 << 20)),
  ).catch(String);
  ok(
    /^HTTP\/1\.1 303 [^]*Location: [^\r\n]*error=too_big\r\n/i.test(head),
    "a file far too large is heard out, then the reason is said",
    head,
  );
  rs = await send(t, formBody("xYz", "rec.mp4", data).subarray(0, 200000));
  ok(rs.status === 303 && /error=broken$/.test(rs.headers.location), "a form that broke off", rs.headers);
  ok(!fs.readdirSync(at("store/spool")).some(f => f.startsWith(id)), "leaves nothing");
  rs = await send(t, formBody("xYz", "rec.mp4", data));
  ok(
    rs.status === 303 && rs.headers.location.startsWith(`/teach/upload/${id}?done=`),
    "the form leads back to the page",
    rs.headers,
  );
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "every byte of the form's file");
  equal(JSON.parse(fs.readFileSync(at("store/spool", id + ".json"))).size, data.length, "its size is known");
  equal(
    (await send(uploadToken(newId(), { exp: now() - 5 }), formBody("xYz", "a", data))).status,
    401,
    "an expired form",
  );
  equal(
    (await send(token({ job: 1, att: 1, put: "artifacts/x/" }), formBody("xYz", "a", data))).status,
    403,
    "a job token opens no form",
  );
  rs = await call("POST", `/store/v1/form/${uploadToken(newId())}`, {
    headers: { "Content-Type": "text/plain" },
    body: "x",
  });
  ok(rs.status === 303 && /error=/.test(rs.headers.location), "a body that is no form", rs.status);
}

// --- sources and artifacts

async function testSources() {
  const id = newId();
  const t = uploadToken(id);
  const data = crypto.randomBytes(100000);
  await create(t, data.length);
  await patch(t, id, 0, data);
  const job = token({ job: 5, att: 1, get: ["sources/" + id], put: "artifacts/lecture00001/5-1/" });
  const get = (range, tok = job, what = id) =>
    call("GET", `/store/v1/sources/${what}`, {
      headers: { Authorization: `Bearer ${tok}`, ...(range ? { Range: range } : {}) },
    });
  let rs = await get();
  ok(rs.status === 200 && rs.body.equals(data), "a source");
  rs = await get("bytes=1000-1999");
  ok(rs.status === 206 && rs.body.equals(data.subarray(1000, 2000)), "a range", rs.status);
  equal(rs.headers["content-range"], "bytes 1000-1999/100000", "says what it is");
  rs = await get("bytes=99990-");
  ok(rs.status === 206 && rs.body.equals(data.subarray(99990)), "to the end");
  rs = await get("bytes=-10");
  ok(rs.status === 206 && rs.body.equals(data.subarray(99990)), "the last bytes");
  rs = await get("bytes=99990-200000");
  ok(rs.status === 206 && rs.body.length === 10, "beyond the end is cut");
  equal((await get("bytes=100000-")).status, 416, "behind the end");
  ok([200, 416].includes((await get("bytes=5-3")).status), "a range that is none"); // lighttpd may answer it itself
  equal((await get("", t)).status, 403, "an upload token reads nothing");
  equal(
    (await get("", token({ job: 5, att: 1, get: ["sources/upload999999"] }))).status,
    403,
    "another job's token",
  );
  equal(
    (await get("", token({ job: 5, att: 1, get: ["sources/upload999999"] }), "upload999999")).status,
    404,
    "a source that is not there",
  );
}

async function testArtifacts() {
  const data = crypto.randomBytes(50000);
  const job = token({ job: 17, att: 2, get: [], put: "artifacts/lecture00001/17-2/" });
  const put = (name, body, digest = sha256(body), tok = job) =>
    call("PUT", `/store/v1/artifacts/${name}`, {
      headers: {
        Authorization: `Bearer ${tok}`,
        "Content-Length": body.length,
        ...(digest ? { "Repr-Digest": `sha-256=:${digest.toString("base64")}:` } : {}),
      },
      body,
    });
  const file = at("store/incoming/lecture00001/17-2/v720.mp4");
  equal((await put("lecture00001/17-2/v720.mp4", data)).status, 201, "an artifact");
  ok(fs.readFileSync(file).equals(data), "is there");
  equal((await put("lecture00001/17-2/v720.mp4", data)).status, 200, "a repeat is 200");
  equal(
    (await put("lecture00001/17-2/v720.mp4", Buffer.alloc(10), sha256(data))).status,
    422,
    "a wrong digest",
  );
  ok(fs.readFileSync(file).equals(data), "changes nothing");
  equal(fs.readdirSync(path.dirname(file)).length, 1, "and leaves nothing");
  equal((await put("lecture00001/17-2/sub/a.vtt", data)).status, 201, "one folder deep");
  equal((await put("lecture00001/17-2/a/b/c", data)).status, 400, "not deeper");
  equal((await put("lecture00001/17-2/x", data, null)).status, 400, "no digest");
  equal((await put("lecture00001/17-3/x", data)).status, 403, "another attempt's prefix");
  equal((await put("lecture00002/17-2/x", data)).status, 403, "another lecture's");
  ok((await put("lecture00001/17-2/../17-3/x", data)).status >= 400, "dots");
  ok((await put("lecture00001/17-2/%2e%2e/17-3/x", data)).status >= 400, "encoded dots");
  ok((await put("lecture00001/17-2/.hidden", data)).status >= 400, "a hidden name");
  equal(
    (await put("lecture00001/17-2/x", data, sha256(data), uploadToken(newId()))).status,
    403,
    "an upload token",
  );
  ok(!fs.existsSync(at("store/incoming/lecture00001/17-3")), "no other folder was made");
}

// --- playback

async function testAuthz() {
  const files = {
    "lecture00005/g2/CAM/master.m3u8": "#EXTM3U",
    "lecture00005/g2/CAM/v720.mp4": "x".repeat(5000),
    "lecture00005/g2/PRES/v720.mp4": "pres",
    "lecture00005/g2/CAM/download.mp4": "download",
    "lecture00005/g3/CAM/v720.mp4": "three",
    "lecture00006/g1/CAM/v720.mp4": "six",
    "lecture00005/g2/CAM/page.html": "<script>",
    "lecture00005/g2/CAM/picture.svg": "<svg/>",
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(at("store/media", name)), { recursive: true });
    fs.writeFileSync(at("store/media", name), text);
  }
  const claims = { lec: "lecture00005", gmin: 1, gmax: 2, views: ["CAM"], dl: false };
  const t = token(claims);
  for (const to of [port, lenient, node]) {
    const where = to === port ? "one host" : to === node ? "storage node" : "lenient server";
    const get = (p, tok = t, method = "GET", headers = {}) => call(method, `/m/${tok}/${p}`, { to, headers });
    const refused = async (p, name, tok, method) => {
      const rs = await get(p, tok, method);
      // 503: the dots led out of /media/, to the pages, which do not run here
      ok(rs.status >= 400 && !/six|pres|three|download/.test(rs.body), `${where}: ${name}`, {
        status: rs.status,
        body: rs.body.toString().slice(0, 80),
      });
    };
    let rs = await get("lecture00005/g2/CAM/master.m3u8");
    ok(rs.status === 200 && rs.body.toString() === "#EXTM3U", `${where}: a playlist`, rs.status);
    equal(rs.headers["content-type"], "application/vnd.apple.mpegurl", `${where}: of its type`);
    for (const name of ["page.html", "picture.svg"]) {
      rs = await get(`lecture00005/g2/CAM/${name}`);
      ok(
        rs.headers["content-type"] === "application/octet-stream" &&
          /default-src 'none'/.test(rs.headers["content-security-policy"]),
        `${where}: what a worker calls ${name} is no page`,
        rs.headers,
      );
    }
    rs = await get("lecture00005/g2/CAM/v720.mp4", t, "GET", { Range: "bytes=10-19" });
    equal(rs.status, 206, `${where}: a range of a rendition`);
    equal((await get("lecture00005/g2/CAM/v720.mp4", t, "HEAD")).status, 200, `${where}: HEAD`);
    equal((await get("lecture00005/g2/CAM/v720.mp4?x=1")).status, 200, `${where}: a query does no harm`);
    await refused("lecture00006/g1/CAM/v720.mp4", "another lecture");
    await refused("lecture00005/g3/CAM/v720.mp4", "a generation out of range");
    await refused("lecture00005/g2/PRES/v720.mp4", "another view");
    await refused("lecture00005/g2/CAM/download.mp4", "a download without the right");
    equal(
      (await get("lecture00005/g2/CAM/download.mp4", token({ ...claims, dl: true }))).status,
      200,
      `${where}: a download with it`,
    );
    await refused("lecture00005/g2/CAM/v720.mp4", "POST", t, "POST");
    await refused("lecture00005/g2/CAM/v720.mp4", "PUT", t, "PUT");
    await refused("lecture00005/g2/CAM/v720.mp4", "DELETE", t, "DELETE");
    await refused("lecture00005/g2/CAM/", "a folder");
    await refused("lecture00005/g2/CAM", "a folder without its slash");
    await refused("lecture00005/", "a lecture");
    for (const dots of ["%2e%2e", "..", ".%2e", "%2E%2E", "..%2f..", "%2e%2e%2f", "..\\"])
      await refused(
        `lecture00005/g2/CAM/${dots}/../../../lecture00006/g1/CAM/v720.mp4`,
        `${dots} in the path`,
      );
    await refused("lecture00005/%2e%2e/lecture00006/g1/CAM/v720.mp4", "%2e%2e to another lecture");
    await refused("lecture00005/../lecture00006/g1/CAM/v720.mp4", "/../ to another lecture");
    await refused("lecture00005%2f..%2flecture00006/g1/CAM/v720.mp4", "%2f to another lecture");
    await refused("lecture00005/g2//CAM/v720.mp4", "a double slash");
    await refused("lecture00005/g2/CAM/v720%2emp4", "an encoded name");
    await refused(
      "lecture00005/g2/CAM/v720.mp4",
      "an expired token",
      token({ ...claims, iat: now() - 900, exp: now() - 1 }),
    );
    await refused("lecture00005/g2/CAM/v720.mp4", "a forged token", token(claims, { set: foreign }));
    await refused(
      "lecture00005/g2/CAM/v720.mp4",
      "alg none",
      token(claims, { head: { alg: "none", kid: "p1" } }),
    );
    await refused("lecture00005/g2/CAM/v720.mp4", "an upload token", uploadToken(newId()));
    await refused(
      "lecture00005/g2/CAM/v720.mp4",
      "a token without lecture",
      token({ gmin: 1, gmax: 2, views: ["CAM"] }),
    );
    await refused("lecture00005/g2/CAM/v720.mp4", "garbage", "garbage");
    await refused(
      "lecture00005/g2/CAM/v720.mp4",
      "a changed token",
      t.slice(0, -3) + (t.at(-3) === "A" ? "B" : "A") + t.slice(-2),
    );
    const direct = await call("GET", "/media/lecture00005/g2/CAM/v720.mp4", { to });
    equal(direct.status, 403, `${where}: /media/ without a token`);
    equal((await call("GET", "/media/", { to })).status, 403, `${where}: no list of lectures`);
  }
  const id = newId();
  const rs = await call("POST", "/store/v1/uploads", {
    to: node,
    headers: {
      ...tusHeaders(uploadToken(id)),
      "Upload-Length": 5,
      "Content-Length": 0,
      Origin: `http://127.0.0.1:${port}`,
    },
  });
  ok(
    rs.status === 201 && rs.headers["access-control-allow-origin"],
    "storage node: uploads for the pages of the core",
    rs.status,
  );
  const cors = await call("GET", `/m/${t}/lecture00005/g2/CAM/master.m3u8`, { to: node });
  equal(cors.headers["access-control-allow-origin"], `http://127.0.0.1:${port}`, "storage node: and media");
  // rotation: a new key is used without a restart
  const fresh = { play: makeKey("p2", "play") };
  writeKeys([keys.store, keys.play, fresh.play]);
  const rotated = `/m/${token(claims, { set: fresh })}/lecture00005/g2/CAM/v720.mp4`;
  ok(await comes(async () => (await call("GET", rotated)).status === 200), "a new key is seen");
}

function writeKeys(list) {
  fs.writeFileSync(
    at("node/keys.tmp"),
    JSON.stringify({ keys: list.map(({ kid, aud, x }) => ({ kid, aud, x })) }),
  );
  fs.renameSync(at("node/keys.tmp"), at("node/keys.json"));
}

// --- SIGHUP: a program is started anew while 20 clients ask and an upload is on its way

function load(url) {
  const child = spawn("wrk", [
    "-t",
    "1",
    "-c",
    "20",
    "-d",
    "60",
    "--timeout",
    "60",
    `http://127.0.0.1:${port}${url}`,
  ]);
  let text = "";
  child.stdout.on("data", d => (text += d));
  return async () => {
    child.kill("SIGINT");
    await new Promise(r => child.on("close", r));
    return text;
  };
}
async function renew(name) {
  const old = processesOf(name);
  programs.get(name).kill("SIGHUP");
  await until(`a new ${name}`, () => processesOf(name).some(pid => !old.includes(pid)));
  return old;
}
// A client that was lost in the old process goes on in the new one, and Cancel reaches the old one as well.
async function testAcrossProcesses() {
  const data = crypto.randomBytes(200000);
  const [lost, cancelled] = [newId(), newId()];
  const [t1, t2] = [uploadToken(lost), uploadToken(cancelled)];
  const slow = [];
  for (const [t, id] of [
    [t1, lost],
    [t2, cancelled],
  ]) {
    await create(t, data.length);
    slow.push(slowPatch(t, id, 0, data.length, data.subarray(0, 100000)));
    await until("the writer", async () => partSize(id) >= 65536);
  }
  const old = await renew("store");
  equal((await terminate(t2, cancelled)).status, 204, "an upload of the old process is terminated");
  await until("its bytes", async () => partSize(lost) >= 65536);
  let rs;
  await until("the silent client to give way", async () => {
    const offset = await offsetOf(t1, lost);
    rs = await patch(t1, lost, offset, data.subarray(offset));
    return rs.status !== 423;
  });
  if (rs.status === 409) {
    const offset = await offsetOf(t1, lost);
    rs = await patch(t1, lost, offset, data.subarray(offset));
  }
  equal(rs.status, 204, "a client that was lost in the old process goes on in the new one");
  ok(fs.readFileSync(at("store/spool", lost + ".full")).equals(data), "with the same bytes");
  await until("the end of the old process", async () => !processesOf("store").some(pid => old.includes(pid)));
  for (const s of slow) s.rq.destroy();
}

async function testRenewal() {
  const t = token({ lec: "lecture00005", gmin: 1, gmax: 2, views: ["CAM"] });
  const id = newId();
  const tu = uploadToken(id);
  const data = crypto.randomBytes(500000);
  await create(tu, data.length);
  const upload = slowPatch(tu, id, 0, data.length, data.subarray(0, 100000));
  await until("its bytes", async () => partSize(id) >= 65536);
  const [writer] = processesOf("store");
  const loads = {
    authz: load(`/m/${t}/lecture00005/g2/CAM/master.m3u8`),
    store: load("/store/v1/health"),
  };
  for (let i = 1; i <= 3; i++) {
    for (const name of ["authz", "store"]) {
      const old = await renew(name);
      const ending = old.filter(pid => pid !== writer);
      await until(`the end of the old ${name}`, () => !processesOf(name).some(pid => ending.includes(pid)));
    }
    upload.rq.write(data.subarray(i * 100000, (i + 1) * 100000));
  }
  for (const [name, stopLoad] of Object.entries(loads)) {
    const said = await stopLoad();
    ok(
      Number(/(\d+) requests in/.exec(said)?.[1]) > 20 && !/Non-2xx|Socket errors/.test(said),
      `lectern-${name} is started anew three times under load, and no request failed`,
      said,
    );
  }
  ok(processesOf("store").includes(writer), "the process with the upload is still there");
  upload.rq.end(data.subarray(400000));
  equal(await upload.answer, 204, "the upload ends there");
  ok(fs.readFileSync(at("store/spool", id + ".full")).equals(data), "with every byte");
  await until("its end", async () => !processesOf("store").includes(writer));
  equal(processesOf("store").length, 1, "and then so does the process");
  await testAcrossProcesses();
  const good = fs.readFileSync(at("lectern.conf"));
  const before = [...processesOf("store"), ...processesOf("authz")];
  const heard = output().length;
  fs.appendFileSync(at("lectern.conf"), "colour = red\n");
  for (const name of ["store", "authz"]) programs.get(name).kill("SIGHUP");
  const reasons = () =>
    output()
      .slice(heard)
      .match(/what runs goes on/g) ?? [];
  await until("the log to say why", () => reasons().length === 2);
  equal(
    String([...processesOf("store"), ...processesOf("authz")]),
    String(before),
    "a bad configuration changes nothing",
  );
  fs.writeFileSync(at("lectern.conf"), good);
}

async function testEnd() {
  const t = token({ lec: "lecture00005", gmin: 1, gmax: 2, views: ["CAM"] });
  equal(await finish("authz"), 0, "lectern-authz stops on SIGTERM");
  equal(
    (await call("GET", `/m/${t}/lecture00005/g2/CAM/v720.mp4`)).status,
    503,
    "without it nothing is open",
  );
  const id = newId();
  const tu = uploadToken(id);
  await create(tu, 100000);
  slowPatch(tu, id, 0, 100000, Buffer.alloc(70000, 3));
  await until("a writer", async () => partSize(id) >= 65536);
  equal(await finish("store"), 0, "lectern-store stops on SIGTERM");
  equal(partSize(id), 70000, "and keeps what came");
  writeConf("store_threads = 4");
  fs.writeFileSync(
    at("lectern.conf"),
    fs.readFileSync(at("lectern.conf"), "utf8").replace("store_min_free = 1M", "store_min_free = 900000G"),
  );
  await startStore();
  const rs = await create(uploadToken(newId()), 10);
  equal(rs.status, 507, "no room: refused before the first byte");
  ok(/room/.test(sentence(rs)), "in a sentence", rs.body.toString());
  const text = output() + fs.readFileSync(at("access.log"), "utf8");
  ok(
    text.length > 1000 && !/eyJ[A-Za-z0-9_-]{10}/.test(text),
    "no token in any log",
    /.{40}eyJ[A-Za-z0-9_-]{10}/.exec(text)?.[0],
  );
  const report = /(Sanitizer|runtime error)[^]{0,3000}/.exec(text);
  ok(!report, "no report of a sanitizer", report?.[0]);
}

// The core's own store has no address of its own: it knows itself by that.
async function testOwnStore() {
  await finish("store");
  writeConf();
  fs.writeFileSync(
    at("lectern.conf"),
    fs.readFileSync(at("lectern.conf"), "utf8").replace(/store_url = .*/, "store_url ="),
  );
  await startStore();
  const id = newId();
  equal(
    (await create(uploadToken(id, { st: "" }), 10)).status,
    201,
    "the core's own store takes what is for it",
  );
  for (const [st, what] of [
    [named, "another"],
    [undefined, "none"],
  ])
    equal((await create(uploadToken(id, { st }), 10)).status, 403, `and refuses what is for ${what}`);
}

async function testDiskFull() {
  fs.mkdirSync(at("small"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=16M,mode=755", "tmpfs", at("small")]).status !== 0) {
    skip("a full disk", "no right to mount a small file system");
    return;
  }
  try {
    await finish("store");
    writeConf();
    fs.writeFileSync(
      at("lectern.conf"),
      fs.readFileSync(at("lectern.conf"), "utf8").replace(/store_root = .*/, `store_root = ${at("small")}`),
    );
    await startStore();
    const [one, two] = [newId(), newId()];
    const [t1, t2] = [uploadToken(one), uploadToken(two)];
    const data = crypto.randomBytes(10 << 20);
    await create(t1, data.length);
    await create(t2, data.length);
    const slow = slowPatch(t2, two, 0, data.length, data.subarray(0, 1 << 20)); // was let in while there was room
    await until("the slow one", async () => (await offsetOf(t2, two)) > 0);
    equal((await patch(t1, one, 0, data)).status, 204, "one upload fits");
    slow.rq.end(data.subarray(1 << 20));
    equal(await slow.answer, 507, "the other meets a full disk");
    const kept = await offsetOf(t2, two);
    ok(kept >= 1 << 20 && kept < data.length, "what came is kept", kept);
    equal((await patch(t2, two, kept, data.subarray(kept))).status, 507, "nothing more is taken");
    fs.rmSync(at("small/spool", one + ".full"));
    equal((await patch(t2, two, kept, data.subarray(kept))).status, 204, "with room again it goes on");
    ok(fs.readFileSync(at("small/spool", two + ".full")).equals(data), "to the same bytes");
  } finally {
    await finish("store", "SIGKILL");
    spawnSync("umount", ["-l", at("small")]);
  }
}

// --- main

fs.chmodSync(dir, 0o755);
for (const d of ["run", "node", "store", "static", "tmp"]) fs.mkdirSync(at(d));
named = `http://127.0.0.1:${port}`;
writeConf();
writeKeys([keys.store, keys.play]);
fs.writeFileSync(at("hot.lua"), "return 0\n");
writeWebServer(at("web.conf"), port, true);
writeWebServer(at("lenient.conf"), lenient, false);
writeWebServer(at("node.conf"), node, true, "storage.conf.in");

async function startAll() {
  begin("authz", [path.join(build, "lectern-authz"), "-c", at("lectern.conf")]);
  for (const [name, conf] of [
    ["web", "web.conf"],
    ["lenient", "lenient.conf"],
    ["node", "node.conf"],
  ])
    begin(name, ["/usr/sbin/lighttpd", "-D", "-f", at(conf)]);
  await startStore();
  await until("lectern-authz", async () => (await call("GET", "/media/", { to: lenient })).status === 403);
}

await run(
  [
    startAll,
    testCreation,
    testLater,
    testRefusals,
    testTermination,
    testCancel,
    testTwoWriters,
    testLostClient,
    testKill,
    testSlowCrowd,
    testCrowdOfOneToken,
    testMemory,
    testForm,
    testSources,
    testArtifacts,
    testAuthz,
    testRenewal,
    testEnd,
    testOwnStore,
    testDiskFull,
  ],
  failed => {
    if (failed) note(output().slice(-3000));
  },
);
