#!/usr/bin/env node
// The web servers that may stand in front instead of lighttpd, with the configurations of contrib: each on a port of its
// own before the sockets of the instance. Pages, forms, media with every near miss, an upload by tus, no token in a log.
// The limits of forms and reports are those of all three.
// timeout: 1200
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { childrenOf, get } from "./faults_lib.mjs";
import { coreKey, makeClip, putToken, Run } from "../lib/feed.mjs";
import { History } from "../lib/hls_check.mjs";
import { env, show, value } from "../lib/instance.mjs";
import { feed, freePort, request } from "../lib/net.mjs";
import { Person } from "../lib/person.mjs";
import { folder } from "../lib/programs.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";
import { sign } from "../lib/tokens.mjs";
import * as university from "../lib/university.mjs";
import { tusBegin, tusCreate, tusDelete, tusOffset } from "../lib/tus.mjs";

const SIZE = 256 << 20;
const SIGN_INS = 12; // more than there are processes for pages and for passwords together
const fronts = ["lighttpd", "nginx", "apache"];
const MEMORY_MAX = 96 << 20; // of all processes together, at their highest
const dir = folder("fronts");
const store = path.join(env.state, "store");
const foreign = "frontsfront0"; // a lecture that no token is for
const demo = show(JSON.parse(fs.readFileSync(env.accounts, "utf8")).demo.lecture);
const share = path.join(env.app, "share/lectern");
let server;
let clip;

// --- the servers

const modules = [
  "mpm_event",
  "alias",
  "authn_core",
  "authnz_fcgi",
  "authz_core",
  "deflate",
  "filter",
  "headers",
  "mime",
  "proxy",
  "proxy_fcgi",
  "proxy_http",
  "rewrite",
];
const around = {
  nginx: file => `daemon off; pid ${dir}/pid; error_log ${dir}/log/main.log; worker_processes 2;
    events { worker_connections 512; }
    http { ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(t => `${t}_temp_path ${dir}/tmp/${t};`).join(" ")}
      access_log off; include ${file}; }`,
  apache: (
    file,
    port,
  ) => `ServerRoot ${dir}\nPidFile ${dir}/pid\nDefaultRuntimeDir ${dir}/tmp\nListen 127.0.0.1:${port}\nServerName 127.0.0.1
    ${modules.map(m => `LoadModule ${m}_module /usr/lib/apache2/modules/mod_${m}.so`).join("\n")}
    ErrorLog ${dir}/log/main.log\nTypesConfig /dev/null\nStartServers 1
    <Directory />\nAllowOverride None\nRequire all denied\n</Directory>\nInclude ${file}`,
};
const programs = {
  nginx: file => ["/usr/sbin/nginx", "-e", `${dir}/log/main.log`, "-c", file],
  apache: file => ["/usr/sbin/apache2", "-DFOREGROUND", "-f", file],
};
async function start(name, authz = "authz.sock") {
  const port = await freePort();
  const words = {
    PORT: name === "nginx" ? `127.0.0.1:${port}` : port,
    RUN: env.run,
    STATIC: `${share}/static`,
    STORE: store,
    ERRORS: `${share}/lighttpd`,
    LOG: `${dir}/log`,
  };
  const text = fs
    .readFileSync(path.join(env.src, "contrib", name, "lectern.conf.in"), "utf8")
    .replaceAll("authz.sock", authz);
  for (const d of ["log", "tmp"]) fs.mkdirSync(path.join(dir, d), { recursive: true });
  for (const d of [".", "log", "tmp"]) fs.chmodSync(path.join(dir, d), 0o777);
  fs.writeFileSync(
    path.join(dir, "lectern.conf"),
    text.replace(/^(?!#).*$/gm, line => line.replace(/@([A-Z]+)@/g, (_, w) => words[w])),
  );
  fs.writeFileSync(path.join(dir, "main.conf"), around[name](path.join(dir, "lectern.conf"), port));
  const argv = [
    "--reuid=lectern",
    "--regid=lectern",
    "--clear-groups",
    ...programs[name](path.join(dir, "main.conf")),
  ];
  server = spawn("setpriv", argv, { stdio: ["ignore", "inherit", "inherit"], cwd: "/" });
  server.gone = new Promise(r => server.on("exit", r));
  env.url = `http://127.0.0.1:${port}`;
  await until(`${name} to answer`, async () => (await get("/health")).status === 200, 20);
}
async function stop() {
  if (!server) return;
  server.kill("SIGTERM");
  await server.gone;
  server = undefined;
}

// Paths as they are written: fetch() would tidy them.
const raw = (method, target, options) => request(method, target, { base: env.url, ...options });

// --- what is asked of each

async function pages(name) {
  let rs = await raw("GET", "/");
  ok(
    rs.status === 200 && rs.body.includes("Lecturing with Lectern") && rs.headers["content-security-policy"],
    `${name}: the start page`,
    rs.status,
  );
  rs = await raw("GET", "/nothing/here");
  ok(
    rs.status === 404 && rs.body.includes("<main"),
    `${name}: an unknown address gets the program's page`,
    rs.status,
  );
  rs = await raw("GET", "/static/css/base.css", { headers: { "Accept-Encoding": "gzip" } });
  ok(
    rs.status === 200 &&
      /^text\/css/.test(rs.headers["content-type"]) &&
      rs.headers["content-encoding"] === "gzip",
    `${name}: a style sheet, compressed`,
    rs.headers,
  );
  equal(
    (await raw("GET", "/static/js/player.js")).headers["content-type"],
    "text/javascript; charset=utf-8",
    `${name}: a script of its type`,
  );
  for (const odd of [
    "/static/../lighttpd/error-403.html",
    "/static/%2e%2e/sql/schema/0001_core.sql",
    "/static/",
    "/error-403.html",
    "/lectern-authz",
  ])
    ok((await raw("GET", odd)).status >= 400, `${name}: ${odd} is nothing`);
}

async function forms(name, browser) {
  equal(
    (
      await browser.post(
        "/login",
        { login: "demo-lecturer", password: "wrong", next: "/", csrf: "forged" },
        { token: false },
      )
    ).status,
    403,
    `${name}: a forged form token is refused`,
  );
  await browser.signIn();
  ok(browser.cookies.get("__Host-lectern"), `${name}: signing in leaves the cookie`);
  equal((await browser.get("/teach")).status, 200, `${name}: which opens the pages of lecturers`);
  const form = size =>
    raw("POST", "/login", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "a=".padEnd(size, "a"),
    });
  let rs = await form(300 << 10);
  ok(
    rs.status === 413 && rs.body.includes('class="p-error"'),
    `${name}: a form a little too large: the program says so`,
    rs.status,
  );
  equal((await form(600 << 10)).status, 413, `${name}: one far too large is refused`);
  rs = await raw("POST", "/api/v1/node/heartbeat", {
    headers: { Authorization: "Bearer none" },
    body: "{}".padEnd(4 << 20),
  });
  ok(rs.status === 401, `${name}: a node's report of 4 MiB reaches the program`, rs.status);
  rs = await raw("POST", "/api/v1/node/heartbeat", {
    headers: { Authorization: "Bearer none" },
    body: "{}".padEnd((4 << 20) + 1),
  });
  equal(rs.status, 413, `${name}: no more than that`);
}

// A visitor's sign-in form at that address; returns a function that sends it with a wrong password.
async function signInForm(from) {
  const form = await raw("GET", "/login", { from });
  const cookie = form.headers["set-cookie"].map(c => c.split(";")[0]).join("; ");
  const csrf = /name="csrf" value="([^"]+)"/.exec(form.body)[1];
  return (login, address = from, more = {}, cookies = "") => {
    const headers = {
      ...more,
      "Content-Type": "application/x-www-form-urlencoded",
      Cookie: `${cookie}; ${cookies}`,
    };
    return raw("POST", "/login", {
      from: address,
      headers,
      body: String(new URLSearchParams({ login, password: "wrong", next: "/", csrf })),
    });
  };
}

// The test holds all locks for passwords: then all sign-ins wait, and pages must not.
async function burst(name) {
  const from = `127.0.1.${1 + fronts.indexOf(name)}`; // wrong passwords count by address
  const signIn = await signInForm(from);
  const count = Number(
    /PASSWORD_AT_ONCE = (\d+)/.exec(
      fs.readFileSync(path.join(env.src, "lib/svc/people/password.h"), "utf8"),
    )[1],
  );
  const turns = Array.from({ length: count }, (_, i) => {
    const lock = path.join(env.run, `password-${i}.lock`);
    fs.appendFileSync(lock, "");
    fs.chmodSync(lock, 0o666);
    return spawn("flock", [lock, "sh", "-c", "echo; exec sleep 60"], { detached: true });
  });
  await Promise.all(turns.map(t => new Promise(r => t.stdout.once("data", r))));
  let answered = 0;
  const one = async i => {
    const { status } = await signIn(`nobody-${name}-${i}`);
    answered++;
    return status;
  };
  const all = Promise.all(Array.from({ length: SIGN_INS }, (_, i) => one(i)));
  for (let i = 0; i < 10; i++)
    equal(
      (await raw("GET", i % 2 ? "/login" : "/?x", { from })).status,
      200,
      `${name}: a page while everybody signs in`,
    );
  ok(answered < SIGN_INS / 2, `${name}: before they have had their turn`, answered);
  for (const t of turns) process.kill(-t.pid);
  const statuses = await all; // 503 for a request that waited too long for the test's own locks
  ok(
    statuses.every(s => s === 422 || s === 503),
    `${name}: and then they have it`,
    statuses,
  );
}

// After ten wrong passwords a login is refused for that address, whatever headers the client sends, and
// accepted from elsewhere.
async function guess(name) {
  const from = `127.0.2.${1 + fronts.indexOf(name)}`;
  const signIn = await signInForm(from);
  const attempt = (i, address) => {
    const claimed = `203.0.113.${i}`;
    const headers = {
      "X-Forwarded-For": claimed,
      Forwarded: `for=${claimed}`,
      "X-Real-IP": claimed,
      "Client-IP": claimed,
    };
    return signIn(
      `guessed-${name}`,
      address,
      headers,
      `__Secure-lectern-browser=${String(i).padEnd(24, "x")}`,
    );
  };
  const statuses = [];
  for (let i = 0; i < 11; i++) statuses.push((await attempt(i, from)).status);
  equal(statuses.slice(0, 10).join(), Array(10).fill(422).join(), `${name}: ten wrong passwords`);
  equal(statuses[10], 429, `${name}: and no more, whatever address the client claims to have`);
  equal(
    (await attempt(12, `127.0.3.${1 + fronts.indexOf(name)}`)).status,
    422,
    `${name}: another address may still try`,
  );
}

async function media(name) {
  const playback = new URL(demo.views[0].playback).pathname;
  const [, , token, key, generation, view] = playback.split("/");
  const here = `${key}/${generation}/${view}`;
  const disk = file => fs.readFileSync(path.join(store, "media", here, file));
  let rs = await raw("GET", playback);
  ok(rs.status === 200 && rs.body.equals(disk("master.m3u8")), `${name}: a playlist`, rs.status);
  ok(
    rs.headers["content-type"].startsWith("application/vnd.apple.mpegurl") &&
      rs.headers["cache-control"] === "private, max-age=3600",
    `${name}: with its headers`,
    rs.headers,
  );
  const file = fs.readdirSync(path.join(store, "media", here)).find(f => f.endsWith(".mp4"));
  rs = await raw("GET", `/m/${token}/${here}/${file}`, { headers: { Range: "bytes=100-299" } });
  ok(
    rs.status === 206 &&
      rs.body.equals(disk(file).subarray(100, 300)) &&
      rs.headers["content-type"] === "video/mp4",
    `${name}: a range of a rendition`,
    rs.status,
  );
  rs = await raw("HEAD", `/m/${token}/${here}/${file}`);
  ok(
    rs.status === 200 && Number(rs.headers["content-length"]) === disk(file).length && rs.body.length === 0,
    `${name}: HEAD`,
    rs.headers,
  );
  equal((await raw("GET", `${playback}?x=1`)).status, 200, `${name}: a query does no harm`);
  fs.writeFileSync(path.join(store, "media", here, "page.html"), "<script>");
  rs = await raw("GET", `/m/${token}/${here}/page.html`);
  fs.unlinkSync(path.join(store, "media", here, "page.html"));
  ok(
    rs.status === 200 &&
      rs.headers["content-type"] === "application/octet-stream" &&
      /default-src 'none'/.test(rs.headers["content-security-policy"]),
    `${name}: what a worker calls page.html is no page`,
    rs.headers,
  );

  const [head, claims, signature] = token.split(".");
  const forged = [head, claims, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join(".");
  const other = `${foreign}/g1/${view}/master.m3u8`;
  const misses = {
    "no token": `/m/${here}/master.m3u8`,
    "an empty token": `/m//${here}/master.m3u8`,
    "/media/": `/media/${here}/master.m3u8`,
    "a forged token": `/m/${forged}/${here}/master.m3u8`,
    garbage: `/m/garbage/${here}/master.m3u8`,
    "a foreign lecture": `/m/${token}/${other}`,
    "another generation": `/m/${token}/${key}/g999/${view}/master.m3u8`,
    "dots to a foreign lecture": `/m/${token}/${key}/../${other}`,
    "encoded dots": `/m/${token}/${key}/%2e%2e/${other}`,
    "mixed dots": `/m/${token}/${here}/.%2E/%2e./../${other}`,
    "an encoded slash": `/m/${token}/${key}%2f..%2f${other}`,
    "all of it encoded": `/m/${token}/${here}/%2e%2e%2f%2e%2e%2f%2e%2e%2f${other}`,
    backslashes: `/m/${token}/${here}/..\\..\\..\\${other}`,
    "dots before the token": `/m/x/../${token}/${other}`,
    "a double slash": `/m/${token}/${key}/${generation}//${view}/master.m3u8`,
    "an encoded name": `/m/${token}/${here}/master%2em3u8`,
    "a byte of zero": `/m/${token}/${here}/master.m3u8%00`,
    "a path behind the file": `/m/${token}/${here}/master.m3u8/more`,
    "a folder": `/m/${token}/${here}/`,
    "a folder without its slash": `/m/${token}/${here}`,
    "all folders": `/m/${token}/`,
    "the spool": `/m/${token}/../../spool/x.full`,
  };
  const refused = (rs, what) =>
    ok(rs.status >= 400 && !/EXTM3U|secret|index of/i.test(rs.body), `${name}: ${what} is refused`, {
      status: rs.status,
      body: String(rs.body).slice(0, 80),
    });
  for (const [what, target] of Object.entries(misses)) refused(await raw("GET", target), what);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    refused(await raw(method, playback, { body: method === "OPTIONS" ? undefined : "x" }), method);
  equal(
    (await raw("GET", `/m/${forged}/${here}/master.m3u8`)).status,
    403,
    `${name}: with the status the player knows`,
  );
}

// Signing in at a university and out again: the cookie of the request crosses from the other site and back, and what the
// provider signed, the query of an address, arrives as it was signed.
async function universities(name) {
  const b = new university.Browser(),
    home = env.url;
  const away = await b.begin("/account");
  ok(
    away.cookies.some(line => /^__Host-sso-.*; Secure; HttpOnly; SameSite=None$/.test(line)),
    `${name}: the cookie of a sign-in`,
    away.cookies,
  );
  const form = await b.identify(away.to, "unistudent");
  const answer = await b.deliver({ ...form, action: `${home}/saml/acs` });
  ok(
    answer.status === 303 && b.session && b.pending.length === 0,
    `${name}: an answer of a university signs in`,
    answer.text,
  );
  equal((await b.ask(`${home}/account`)).status, 200, `${name}: and the session holds`);
  equal((await raw("GET", "/saml/acs")).status, 405, `${name}: /saml/acs takes a form alone`);
  const large = `SAMLResponse=${"A".repeat(300 << 10)}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  equal((await raw("POST", "/saml/acs", { headers, body: large })).status, 413, `${name}: of some size`);
  const out = await b.post(`${home}/logout`);
  let there = out.header("refresh").replace(/^0; url=/, "");
  while (there && new URL(there).pathname !== "/saml/slo") there = (await b.ask(there)).to;
  const back = new URL(there);
  ok(
    back.pathname === "/saml/slo" && back.searchParams.has("Signature"),
    `${name}: a signed answer to a sign-out`,
  );
  const forged = await b.ask(`${home}/saml/slo${back.search.replace("Signature=", "Signature=A")}`);
  equal(forged.status, 403, `${name}: which is refused with other bytes`);
  const done = await b.visit(home + back.pathname + back.search);
  ok(
    done.status === 200 && done.text.includes("You are signed out."),
    `${name}: and taken as it was signed`,
    done.text,
  );
}

// Of the server's processes: the highest memory so far, in bytes.
function memory() {
  const all = [server.pid, ...childrenOf(server.pid)].filter(pid =>
    /nginx|apache/.test(fs.readFileSync(`/proc/${pid}/comm`, "utf8")),
  );
  return all.reduce(
    (sum, pid) =>
      sum + 1024 * Number(/VmHWM:\s*(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))[1]),
    0,
  );
}
const bytesBelow = d =>
  fs
    .readdirSync(d, { withFileTypes: true })
    .reduce(
      (sum, e) =>
        sum + (e.isDirectory() ? bytesBelow(path.join(d, e.name)) : fs.statSync(path.join(d, e.name)).size),
      0,
    );

// The next `bytes` of a PATCH.
async function send(patch, bytes) {
  const piece = Buffer.alloc(1 << 20, 7);
  for (let n = 0; n < bytes; n += piece.length) await feed(patch, piece.subarray(0, bytes - n));
}

// A live stream of a lecture that nobody knows: parts go in and playlists come out, by tokens of the core's keys.
const LIVE = "livefront000";
async function live(name) {
  const keys = path.join(env.state, "keys");
  const base = `${LIVE}/g${name === "nginx" ? 1 : 2}/CAM`;
  const play = sign(coreKey(keys, "play"), { lec: LIVE, gmin: 1, gmax: 2, views: ["CAM"], dl: false });
  const ingest = new Run({
    url: `${env.url}/live/v1/${base}/1`,
    token: putToken(coreKey(keys, "store"), `${base}/1`),
    tracks: (clip ??= makeClip(dir, { seconds: 5, sound: false })),
  });
  equal((await raw("GET", "/live/v1/health")).status, 200, `${name}: lectern-lived answers`);
  equal(await ingest.begin(), 201, `${name}: a live stream begins`);
  await ingest.parts({ to: 4.5, paced: false });
  equal(ingest.last, 201, `${name}: its parts are taken`);
  const has = async (file, expected, token = play) => {
    const rs = await raw("GET", `/m/${token}/${base}/${file}`);
    equal(rs.status, expected, `${name}: ${file} ${token === play ? "" : "without a token "}is ${expected}`);
    return rs;
  };
  const list = new History(name).add((await has("live-v0.m3u8", 200)).body.toString());
  equal(list.join(), "", `${name}: the playlist is valid`);
  for (const file of ["live.m3u8", "plain.m3u8", "plain-v1.m3u8", "v0-1.0.m4s", "v0-1.m4s", "v0-r0.mp4"]) {
    await has(file, 200);
    await has(file, 403, "x");
  }
  await has("v0-77.m4s", 404);
  const waits = raw("GET", `/m/${play}/${base}/live-v0.m3u8?_HLS_msn=2&_HLS_part=2`);
  await ingest.parts({ from: 4.5, paced: false });
  ok((await waits).body.includes("v0-2.2.m4s"), `${name}: a request waits for a part`);
  // lectern-lived refuses it, if no one before: Apache says 502 of an answer that comes before the end of the request
  const big = await ingest.put("v0/9.0", Buffer.alloc(9 << 20)).catch(() => 413);
  ok([413, 502].includes(big), `${name}: no part of 9 MiB`, big);
  for (const inside of ["/node/v1/seal", "/live/v1/../../node/v1/seal"])
    ok((await raw("POST", inside, { body: "{}" })).status >= 400, `${name}: ${inside} is not for everybody`);
  await ingest.finish();
}

async function upload(name, browser) {
  const lecture = await browser.newLecture(
    value("SELECT id FROM course WHERE slug = 'algorithms'"),
    `Through ${name}`,
  );
  const file = path.join(dir, "large.mp4");
  fs.writeFileSync(file, "");
  fs.truncateSync(file, SIZE);
  const t = await browser.open(lecture, "CAM", file);
  t.url = env.url + new URL(t.url).pathname;
  const part = () => fs.statSync(path.join(store, "spool", `${t.upload}.part`)).size;
  equal((await tusCreate(t, SIZE)).status, 201, `${name}: an upload is made`);

  const lost = tusBegin(t, 0, SIZE);
  await send(lost, 8 << 20);
  await until("the first pieces", () => part() >= 7 << 20);
  lost.rq.destroy();
  const kept = await until("its offset", () => tusOffset(t));
  ok(kept >= 7 << 20 && kept <= 8 << 20, `${name}: a client that dies leaves what it sent`, kept);

  const more = async () => {
    // locked while the store has not heard that the other is gone: clients try again
    const last = tusBegin(t, await tusOffset(t), 1000);
    last.rq.end(Buffer.alloc(1000));
    return (await last.answer).status === 204;
  };
  await until("the upload to go on", more);
  const from = await tusOffset(t);
  const rest = tusBegin(t, from, SIZE - from);
  await send(rest, SIZE / 2);
  await until("half of it", () => part() >= SIZE / 2);
  ok(true, `${name}: the bytes are in the store before the request is over`);
  const on_disk = bytesBelow(path.join(dir, "tmp"));
  ok(on_disk < 1 << 20, `${name}: and in no temporary file`, on_disk);
  const used = memory();
  console.log(`# ${name}: ${(used / 1048576).toFixed(1)} MiB at most`);
  ok(used < MEMORY_MAX, `${name}: nor in memory`, used);
  rest.rq.destroy();
  await until("the store to notice", async () => (await tusOffset(t)) === part());
  equal((await raw("GET", `/store/v1/form/${t.token}`)).status, 405, `${name}: the form's address`);
  ok(await until("the upload to go on again", more), `${name}: the upload goes on where it was`);
  equal((await tusDelete(t)).status, 204, `${name}: and can be given up`);
  await browser.post(`/teach/lecture/${lecture}/delete`);
}

async function logs(name) {
  const read = () =>
    fs
      .readdirSync(path.join(dir, "log"))
      .map(f => fs.readFileSync(path.join(dir, "log", f), "utf8"))
      .join("\n");
  await until("the last line", () => read().includes("/store/v1/form/-")); // piped logs end after the server
  const texts = read();
  ok(texts.includes(`/m/-/${demo.key}/`), `${name}: requests are logged, their tokens masked`);
  const found = /.{0,80}eyJ[A-Za-z0-9_-]{8}.{0,40}/.exec(texts)?.[0];
  ok(
    !found && !texts.includes(new URL(demo.views[0].playback).pathname.split("/")[2].split(".")[2]),
    `${name}: no token in any log`,
    found,
  );
}

function whole(name) {
  return Object.defineProperty(
    async () => {
      const browser = new Person("lecturer");
      await start(name);
      for (const part of [pages, forms, universities, burst, guess, media, live, upload])
        await part(name, browser);
      await stop();
      await start(name, "nobody.sock");
      const rs = await raw("GET", new URL(demo.views[0].playback).pathname);
      ok(
        rs.status >= 500 && rs.body.equals(fs.readFileSync(`${share}/lighttpd/error-503.html`)),
        `${name}: without lectern-authz nothing is open`,
        rs.status,
      );
      await stop();
      await logs(name);
      fs.rmSync(path.join(dir, "log"), { recursive: true });
    },
    "name",
    { value: name },
  );
}

const secret = path.join(store, "media", foreign, "g1", demo.views[0].view);
fs.mkdirSync(secret, { recursive: true });
fs.writeFileSync(path.join(secret, "master.m3u8"), "secret");
async function lighttpd() {
  university.open();
  await forms("lighttpd", new Person("lecturer"));
  await universities("lighttpd");
  await burst("lighttpd");
  await guess("lighttpd");
}
await run([lighttpd, ...Object.keys(programs).map(whole)], async () => {
  await stop();
  university.close();
  for (const lecture of [foreign, LIVE])
    fs.rmSync(path.join(store, "media", lecture), { recursive: true, force: true });
});
