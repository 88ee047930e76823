#!/usr/bin/env node
// timeout: 1200
//
// What goes wrong while somebody signs in at a university: lectern-web, MariaDB and Redis killed or away at each stage, the
// courier killed while it reads metadata, and metadata that is expired, unsigned, signed by others or out of reach. Each
// failure is a sentence and changes nothing; afterwards the same sign-in goes on.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { answers, killOne, pidOf, sv } from "./faults_lib.mjs";
import { ctl, env, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { folder } from "../lib/programs.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";
import * as university from "../lib/university.mjs";

const { Browser, refused } = university;
const { SignedXml } = createRequire(`${env.modules}/../package.json`)("xml-crypto");
const home = env.url.replace(/\/$/, "");
const dir = folder("faults-sso");
const idp = () => JSON.parse(ctl("idp", "list", "--json"))[0];
// Accounts, identities, roles, what was used: whatever a sign-in writes but the log.
const written = () =>
  value(`SELECT CONCAT_WS(' ', (SELECT COUNT(*) FROM user), (SELECT COUNT(*) FROM identity), (SELECT COUNT(*) FROM session),
    (SELECT COUNT(*) FROM session_saml), (SELECT COUNT(*) FROM saml_used), (SELECT COUNT(*) FROM identity_pending))`);

// --- what can happen at a stage

async function kill(name, stage) {
  await (
    await killOne(name, stage)
  ).works;
}
async function redisAway(stage, meanwhile) {
  sv("down", "redis");
  await until("Redis to be down", () => pidOf("redis") === 0, 30);
  await meanwhile(`${stage}, without Redis`);
  sv("up", "redis");
  await until("Redis", () => answers("redis"), 30);
}
// Every process of lectern-web has a connection again.
const settled = () =>
  until(
    "pages",
    async () => {
      for (let i = 0; i < 20; i++)
        if (!(await new Browser().ask(`${home}/login`)).text.includes("/login/idp/")) return false;
      return true;
    },
    60,
  );
async function databaseAway(meanwhile) {
  sv("down", "mariadb");
  await until("the database to be down", () => pidOf("mariadb") === 0, 60);
  await meanwhile();
  sv("up", "mariadb");
  await until("the database", () => answers("mariadb"), 60);
  await settled();
}

const sentence = (answer, what) =>
  ok(
    answer.status === 503 &&
      /<main/.test(answer.text) &&
      !answer.cookies.some(one => /__Host-(lectern|sso-link)=\w/.test(one)),
    `${what}: a page that says so, and nobody is signed in`,
    `${answer.status} ${answer.text.slice(0, 400)}`,
  );

// While a program that was killed is started again there is a sentence, nothing has happened, and the same request works then.
async function again(what, request) {
  for (let i = 0; i < 20; i++) {
    const answer = await request();
    if (answer.status < 500) return answer;
    ok(/<h1/.test(answer.text) && !answer.to, `${what}: a sentence first`, answer.text);
  }
  throw new Error(`${what}: still no answer`);
}

// begin() gets a browser to the stage, finish() goes on from there and must succeed.
async function everyFault(stage, begin, finish) {
  for (const name of ["web", "mariadb"]) {
    const b = await begin();
    await kill(name, stage);
    await finish(b, `${stage}, after ${name} was killed`);
    await settled();
  }
  await redisAway(stage, async what => finish(await begin(), what));
  const b = await begin(),
    before = written();
  await databaseAway(async () => sentence(await b.now(), `${stage}, without a database`));
  equal(written(), before, `${stage}, without a database: nothing has changed`);
  await finish(b, `${stage}, when the database is back`);
}

// --- the stages

async function beforeTheRequest() {
  const begin = async () => {
    const b = new Browser(),
      link = `${home}/login/idp/${idp().id}?next=%2Faccount`;
    b.now = () => b.ask(link);
    return b;
  };
  await everyFault("before the request", begin, async (b, what) => {
    const away = await again(what, b.now),
      form = await b.identify(away.to, "unistudent");
    equal((await again(what, () => b.deliver(form))).to, `${home}/account`, `${what}: signs in`);
  });
  await databaseAway(async () => {
    const page = await new Browser().ask(`${home}/login`);
    ok(
      page.status === 200 && page.text.includes('name="password"'),
      "the sign-in page is there without a database",
    );
  });
}

async function betweenRequestAndAnswer() {
  const begin = async () => {
    const b = new Browser();
    const away = await b.begin("/account"),
      form = await b.identify(away.to, "unilecturer");
    b.now = () => b.deliver(form);
    return b;
  };
  await everyFault("between request and answer", begin, async (b, what) => {
    equal((await again(what, b.now)).to, `${home}/account`, `${what}: the answer signs in`);
    equal((await again(what, () => b.ask(`${home}/account`))).status, 200, `${what}: and the session holds`);
    await refused(await again(what, b.now), /unsolicited/, `${what}: once`);
  });
}

async function afterTheAnswer() {
  const me = new Person("lecturer");
  await me.signIn();
  const begin = async () => {
    const b = new Browser();
    b.jar(home).set("__Host-lectern", { value: me.cookies.get("__Host-lectern"), line: "SameSite=Lax" });
    const away = await b.ask(`${home}/login/idp/${idp().id}?link=1`);
    const answer = await b.deliver(await b.identify(away.to, "unilink"));
    b.now = () => b.ask(answer.to);
    return b;
  };
  const linked = () =>
    value(`SELECT COUNT(*) FROM identity i JOIN user u ON u.id = i.user_id WHERE u.login = '${me.login}'`);
  me.login = (await me.get("/account")).text.match(/· ([a-z0-9.-]+)/)?.[1];
  // what another test has linked
  sql(`DELETE i FROM identity i JOIN user u ON u.id = i.user_id WHERE u.login = '${me.login}'`);
  await everyFault("after the answer", begin, async (b, what) => {
    const page = await again(what, b.now);
    ok(
      page.status === 200 && page.text.includes("unilink@uni.example"),
      `${what}: the page that asks`,
      page.status,
    );
    const post = (path, form) => again(what, () => b.post(home + path, form));
    equal((await post("/account/link")).to, `${home}/account/signins`, `${what}: confirmed`);
    equal(linked(), "1", `${what}: and linked`);
    const list = (await again(what, () => b.ask(`${home}/account/signins`))).text;
    const id = [...list.matchAll(/name="id" value="(\d+)"/g)].pop()[1];
    equal((await post("/account/signins/remove", { id })).status, 303, `${what}: taken back`);
  });
}

// --- metadata: a place of our own, which signs what it has

const xmlOf = {};
const certificates = {};
let place, held;
const asked = []; // requests that wait while `held`

function makeKey(name) {
  const made = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}.example`,
  ];
  const [key, cert] = ["key", "crt"].map(kind => path.join(dir, `${name}.${kind}`));
  execFileSync("openssl", [...made, "-keyout", key, "-out", cert], { stdio: "pipe" });
  fs.chmodSync(dir, 0o755);
  fs.chmodSync(cert, 0o644);
  certificates[name] = cert;
  return fs.readFileSync(key, "utf8");
}

function sign(xml, key) {
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const signer = new SignedXml(null, {
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  });
  signer.canonicalizationAlgorithm = exclusive;
  signer.addReference(
    "/*",
    ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", exclusive],
    "http://www.w3.org/2001/04/xmlenc#sha256",
  );
  signer.signingKey = key;
  signer.computeSignature(xml, { location: { reference: "/*", action: "prepend" } });
  return signer.getSignedXml();
}

async function aPlaceOfOurOwn() {
  const theirs = (await new Browser().ask(idp().source)).text;
  const bare = theirs
    .replace(/<\?xml[^>]*\?>/, "")
    .replace(/<ds:Signature\b.*?<\/ds:Signature>/s, "")
    .trim();
  const until = when => bare.replace(/<md:EntityDescriptor\b/, `<md:EntityDescriptor validUntil="${when}"`);
  const [own, other] = [makeKey("own"), makeKey("other")];
  const strange = fs.readFileSync(certificates.other, "utf8").replace(/-----[^\n]*|\n/g, "");
  Object.assign(xmlOf, {
    good: sign(until("2099-01-01T00:00:00Z"), own),
    unsigned: bare,
    expired: sign(until("2020-01-01T00:00:00Z"), own),
    "signed by others": sign(until("2099-01-01T00:00:00Z"), other),
    "changed on its way": sign(bare, own).replace(/(<ds:X509Certificate>)[^<]*/g, `$1${strange}`),
    strangeKeys: bare.replace(/(<ds:X509Certificate>)[^<]*/g, `$1${strange}`),
  });
  const server = http.createServer((rq, rs) => {
    const answer = () => rs.end(xmlOf[place.has]);
    if (held) asked.push(answer);
    else answer();
  });
  await new Promise(r => server.listen(0, "127.0.0.1", r));
  server.unref();
  place = { has: "good", server, url: `http://127.0.0.1:${server.address().port}/metadata` };
  const before = idp();
  ctl("idp", "edit", String(before.id), "--metadata", place.url, "--cert", certificates.own);
  const now = await untilRead(before.read);
  ok(now.state === "ready" && now.valid_until?.startsWith("2099"), "the courier reads it there", now);
}

const untilRead = before =>
  until(
    "metadata that was read",
    () => {
      const now = idp();
      return now.read && now.read !== before && !now.failure && now;
    },
    60,
  );

async function theCourierIsKilled() {
  const before = idp();
  held = true;
  ctl("idp", "refresh", String(before.id));
  await until("the courier to ask", () => asked.length > 0, 60);
  await kill("courierd", "while it reads metadata");
  const now = idp();
  ok(
    now.state === "ready" && now.read === before.read && !now.failure,
    "nothing has changed, nothing is blamed",
    now,
  );
  equal((await new Browser().signIn("unistudent")).status, 303, "signing in goes on");
  held = false;
  asked.splice(0).forEach(answer => answer());
  ctl("idp", "refresh", String(before.id));
  ok(await untilRead(before.read), "the next one reads it");
}

async function badMetadata() {
  for (const [what, reason] of [
    ["unsigned", /unsigned/],
    ["expired", /expired/],
    ["signed by others", /signature/],
    ["changed on its way", /signature/],
    ["nothing", /\w/],
  ]) {
    const before = idp();
    place.has = what;
    if (what === "nothing") place.server.close();
    ctl("idp", "refresh", String(before.id));
    const now = await until(
      "a failed try",
      () => [idp()].find(one => one.failure && one.tried !== before.tried),
      60,
    );
    ok(reason.test(now.failure), `${what}: it is said why`, now.failure);
    ok(now.state === "ready" && now.read === before.read, `${what}: the last good one stays`, now);
    const admin = new Person("admin");
    await admin.signIn();
    ok(/could not be read \(/.test((await admin.get("/admin/idp")).text), `${what}: on the page, too`);
    equal((await new Browser().signIn("unistudent")).status, 303, `${what}: people sign in`);
    if (what === "nothing") continue;
    place.has = "good";
    ctl("idp", "refresh", String(before.id));
    ok(await untilRead(now.read), `${what}: and a good one is taken again`);
  }
}

// The provider signs with keys that its metadata does not have; and metadata that ends while somebody is there.
async function keysAndTime() {
  const { id } = idp();
  const bring = (name, xml) => {
    const file = path.join(dir, `${name}.xml`);
    fs.writeFileSync(file, xml, { mode: 0o644 });
    ctl("idp", "edit", String(id), "--metadata", file);
  };
  bring("strange", xmlOf.strangeKeys);
  let before = written();
  await refused(
    await new Browser().signIn("unistudent"),
    /saml: signature/,
    "keys that are not in the metadata",
  );
  equal(written(), before, "keys that are not in the metadata: nothing has changed");
  const b = new Browser();
  const soon = new Date(Date.now() + 8000).toISOString();
  bring(
    "soon",
    xmlOf.unsigned.replace(/<md:EntityDescriptor\b/, `<md:EntityDescriptor validUntil="${soon}"`),
  );
  const form = await b.identify((await b.begin()).to, "unistudent");
  before = written();
  await until("its end", () => idp().state === "expired", 60);
  const late = await b.deliver(form);
  ok(
    late.status >= 400 && !b.session && /<main/.test(late.text),
    "metadata that has ended meanwhile: a sentence",
    late.text,
  );
  equal(written(), before, "and nothing has changed");
  const { text } = await b.ask(`${home}/login`);
  ok(
    !text.includes("/login/idp/") && /Example University[^]*cannot be asked at the moment/.test(text),
    "nobody is sent there any more, and the sign-in page says so",
    text,
  );
  bring("good", xmlOf.unsigned);
  equal((await b.deliver(form)).status, 303, "with good metadata the same answer signs in");
}

run(
  [
    async function prepare() {
      university.open();
    },
    beforeTheRequest,
    betweenRequestAndAnswer,
    afterTheAnswer,
    aPlaceOfOurOwn,
    theCourierIsKilled,
    badMetadata,
    keysAndTime,
  ],
  async () => {
    for (const name of ["mariadb", "redis"]) if (!pidOf(name)) sv("up", name);
    await until("the database", () => answers("mariadb"), 60);
    place?.server.close();
    university.close();
  },
);
