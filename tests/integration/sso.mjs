#!/usr/bin/env node
// timeout: 1200
//
// Signing in at a real identity provider, SimpleSAMLphp, as browsers do: what it says becomes an account and a session; each
// answer counts once, for the browser that asked, and for nobody else; what is refused changes nothing.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ctl, env, site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";
import * as university from "../lib/university.mjs";

const { Browser, refused } = university;
const home = env.url.replace(/\/$/, "");
const users = () => Number(value("SELECT COUNT(*) FROM user"));
const sessions = login =>
  Number(value(`SELECT COUNT(*) FROM session s JOIN user u ON u.id = s.user_id WHERE u.login = '${login}'`));
const idps = () => JSON.parse(ctl("idp", "list", "--json"));

// A certificate that is not the provider's.
function ownCertificate() {
  const key = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other.example"];
  return execFileSync("openssl", [...key, "-keyout", "/dev/null"], { encoding: "utf8", stdio: "pipe" });
}

async function introduction() {
  university.open();
  const [idp] = idps();
  equal(idp.state, "ready", "the courier has read the provider's metadata");
  ok(idp.signed && idp.keys_until && !idp.failure, "signed, with keys that end some day", idp);
  const shown = JSON.parse(ctl("idp", "show", String(idp.id)));
  ok(
    shown.certificates.length === 2 && shown.metadata_scopes.includes("uni.example"),
    "two keys, one scope",
    shown,
  );
  const ours = await new Browser().ask(`${home}/saml/metadata`);
  ok(
    ours.status === 200 &&
      ours.text.includes(`entityID="${home}/saml/metadata"`) &&
      !/PRIVATE/.test(ours.text),
    "our metadata is public, our keys are not",
  );
}

async function firstSight() {
  // an instance that was kept may know them from a run before
  const known = Number(value("SELECT COUNT(*) FROM user WHERE login = 'unistudent'")),
    before = users(),
    after = before + 1 - known;
  const b = new Browser();
  const away = await b.begin("/account");
  ok(away.status === 303 && away.to.startsWith("http://localhost:"), "a link leads to the provider", away.to);
  const cookie = away.cookies.find(line => line.startsWith("__Host-sso-")) ?? "";
  ok(
    /^__Host-sso-[a-z0-9]{24}=[\w.-]+; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None$/.test(cookie),
    "a cookie of this request goes along, for ten minutes",
    cookie,
  );
  equal(users(), before, "nothing is written before somebody is proved");
  const answer = await b.deliver(await b.identify(away.to, "unistudent"));
  ok(
    answer.status === 303 && answer.to === `${home}/account`,
    "signed in, at the page that was asked for",
    answer,
  );
  ok(
    answer.cookies.some(line => /^__Host-lectern=.*SameSite=Lax/.test(line)) && b.pending.length === 0,
    "the session's cookie is closed up, that of the request is gone",
  );
  const account = await b.ask(`${home}/account`);
  ok(account.text.includes("Student Müller · unistudent"), "name and login come from the provider");
  ok(
    !account.text.includes('action="/account/password"') &&
      account.text.includes("This account has no password here."),
    "there is no form for a password that is not there",
  );
  const password = { old_password: "unistudent", password: "a new one for them" };
  const refusal = await b.post(`${home}/account/password`, password);
  ok(
    refusal.status === 422 && refusal.text.includes("has no password here"),
    "which is said to whoever sends it",
    refusal.status,
  );
  equal(users(), after, "one account");
  const [row] = sql(`SELECT u.email, u.password, i.subject, TIMESTAMPDIFF(MINUTE, s.created_at, s.expires_at)
    FROM user u JOIN identity i ON i.user_id = u.id JOIN session s ON s.user_id = u.id WHERE u.login = 'unistudent'`);
  ok(row[0] === "unistudent@uni.example" && row[1] === "NULL", "a mail address, no password", row);
  ok(/^pairwise-id:[0-9a-f]{64}@uni\.example$/.test(row[2]), "it is known by its pairwise-id", row[2]);
  ok(Number(row[3]) <= 8 * 60 + 1, "the session ends when the provider's does", row[3]);
  const again = await new Browser().signIn("unistudent");
  ok(again.status === 303 && users() === after, "the same person next time");
  const find = async words =>
    (await b.ask(`${home}/login?find=${encodeURIComponent(words)}`, { headers: { Cookie: "" } })).text;
  for (const words of ["x@uni.example", "ÉXAMPLE UNI"]) {
    const page = await find(words);
    ok(page.includes("Example University") && !page.includes("find-error"), `${words} finds it`);
  }
  const page = await find("<b>nowhere");
  ok(
    page.includes("Example University") &&
      page.includes('id="find-error"') &&
      page.includes('value="&lt;b&gt;nowhere"'),
    "what nothing fits is said, above all of them",
    page,
  );
}

async function onceOnly() {
  const b = new Browser();
  const away = await b.begin(),
    kept = new Map(b.jar(home)),
    form = await b.identify(away.to, "unilecturer");
  const stolen = new Browser();
  await refused(await stolen.deliver(form), /unsolicited/, "the answer in another browser");
  const twins = await Promise.all([b.deliver(form), b.deliver(form), b.deliver(form), b.deliver(form)]);
  equal(twins.filter(one => one.status === 303).length, 1, "of four deliveries at once one signs in");
  equal(sessions("unilecturer"), 1, "and begins one session");
  b.jars.set("127.0.0.1", kept);
  await refused(await b.deliver(form), /used before|answered before/, "the same answer again");
  await refused(await b.deliver({ ...form, RelayState: "x".repeat(24) }), /unsolicited/, "another handle");
  await refused(
    await b.deliver({ ...form, RelayState: "//evil.example" }),
    /./,
    "a handle that is an address",
  );
}

async function tampered() {
  const b = new Browser();
  const away = await b.begin("//evil.example/"),
    form = await b.identify(away.to, "unilecturer");
  const xml = Buffer.from(form.SAMLResponse, "base64").toString();
  const other = xml.replace(/Destination="[^"]*"/, 'Destination="https://evil.example/acs"');
  await refused(
    await b.deliver({ ...form, SAMLResponse: Buffer.from(other).toString("base64") }),
    /signature|destination/,
    "another destination",
  );
  await refused(
    await b.deliver({ ...form, SAMLResponse: "PGEvPg==" }),
    /message-type|saml/i,
    "no response at all",
  );
  const answer = await b.deliver(form);
  equal(answer.to, `${home}/`, "what was wrong changed nothing, and the way back leads to a page of ours");
  const one = new Browser(),
    deep = await one.begin("/courses"),
    { action, RelayState } = await one.identify(deep.to, "unilecturer"),
    again = (await one.deliver({ action, RelayState, SAMLResponse: "PGEvPg==" })).text;
  ok(
    again.includes('href="/login?next=%2Fcourses"'),
    "who begins again arrives where they wanted to go",
    again,
  );
  const get = await b.ask(`${home}/saml/acs?SAMLResponse=x`);
  equal(get.status, 405, "never by GET");
}

async function manyTabs() {
  const b = new Browser();
  const one = await b.begin("/courses"),
    two = await b.begin("/account");
  equal(b.pending.length, 2, "two tabs, two requests");
  const second = await b.deliver(await b.identify(two.to, "uniboth")),
    first = await b.deliver(await b.identify(one.to, "uniboth"));
  ok(
    first.to === `${home}/courses` && second.to === `${home}/account`,
    "both arrive where they wanted to go",
  );
  equal(sessions("uniboth"), 2, "each with a session of its own");
  ok(
    (await b.ask(`${home}/account`)).text.includes("Both &lt;b&gt; &amp; Co"),
    "what is sent is never markup",
  );
  const link = `${home}/login/idp/${idps()[0].id}`;
  for (let i = 0; i < 12; i++) await b.ask(link);
  equal(b.pending.length, 8, "twelve requests leave eight");
  ok((await b.ask(`${home}/account`)).status === 200, "and nobody is signed out by them");
}

async function alwaysANewSession() {
  const lecturer = new Person("lecturer");
  await lecturer.signIn();
  const old = lecturer.cookies.get("__Host-lectern");
  const b = new Browser();
  b.jar(home).set("__Host-lectern", { value: old, line: "SameSite=Lax" });
  const link = `${home}/login/idp/${idps()[0].id}`;
  const away = await b.ask(link);
  const answer = await b.deliver(await b.identify(away.to, "unistudent"));
  ok(answer.status === 303 && b.session !== old, "another session");
  equal((await lecturer.get("/account")).status, 303, "the one before has ended");
}

async function whoIsWho() {
  const b = await new Browser();
  const answer = await b.signIn("uninothing");
  equal(answer.status, 303, "a persistent NameID is enough");
  ok(
    /^nameid:/.test(
      value(
        "SELECT i.subject FROM identity i JOIN user u ON u.id = i.user_id WHERE u.login LIKE 'uninothing%'",
      ),
    ),
    "and is what the person is known by",
  );
  await refused(await new Browser().signIn("uniforeign"), /scope/, "an identifier of another university");
  ctl("user", "disable", "uniboth");
  await refused(await new Browser().signIn("uniboth"), /disabled/, "a disabled account");
  ctl("user", "enable", "uniboth");
}

async function signingOut() {
  const b = new Browser();
  await b.signIn("unistudent");
  await b.ask(`${home}/account`);
  const old = b.session,
    out = await b.post(`${home}/logout`);
  const url = out.header("refresh")?.match(/^0; url=(http:\/\/localhost:.*)$/)?.[1];
  ok(out.status === 200 && url && !b.session, "signed out here, and on the way to the provider", out.status);
  const back = await b.visit(url);
  ok(
    back.status === 200 && back.text.includes("You are signed out."),
    "the provider's answer leads back",
    back.url,
  );
  const thief = new Browser();
  thief.jar(home).set("__Host-lectern", { value: old, line: "" });
  equal((await thief.ask(`${home}/account`)).status, 303, "the old session is worth nothing");
  const form = await b.visit((await b.begin()).to);
  ok(form.text.includes("AuthState"), "and the provider asks for the password again");

  await b.signIn("unilecturer");
  const other = new Browser();
  await other.signIn("unilecturer");
  const all = sessions("unilecturer");
  b.jar(home).clear(); // found by name and index, without our cookies
  const sso = new URL((await b.begin()).to);
  await b.visit(
    `${sso.origin}/simplesaml/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${sso.origin}/simplesaml/`)}`,
  );
  equal(sessions("unilecturer"), all - 1, "the provider ends the session that it began, and no other");
  ok((await other.ask(`${home}/account`)).status === 200, "another browser's goes on");
  const forged = new URL(url);
  const unsigned = await b.ask(
    `${home}/saml/slo?SAMLRequest=${encodeURIComponent(forged.searchParams.get("SAMLRequest"))}`,
  );
  ok(
    unsigned.status === 403 && /<code>/.test(unsigned.text) && /sign out in the menu/.test(unsigned.text),
    "who is not the provider ends nothing",
    unsigned.status,
  );
}

async function linking() {
  const me = new Person("lecturer");
  await me.signIn();
  const b = new Browser();
  b.jar(home).set("__Host-lectern", { value: me.cookies.get("__Host-lectern"), line: "SameSite=Lax" });
  const link = `${home}/login/idp/${idps()[0].id}?link=1`,
    count = users();
  equal(
    (await new Browser().ask(link)).to?.startsWith(`${home}/login?next=`),
    true,
    "a visitor signs in first",
  );
  const answer = await b.deliver(await b.identify((await b.ask(link)).to, "unilink"));
  ok(
    answer.to === `${home}/account/link` && !answer.cookies.some(one => one.startsWith("__Host-lectern=")),
    "asked first",
  );
  const page = await b.ask(answer.to);
  ok(
    page.text.includes("unilink@uni.example at Example University"),
    "on a page of ours that names both",
    page.status,
  );
  const other = new Person("student");
  await other.signIn();
  other.cookies.set("__Host-sso-link", b.jar(home).get("__Host-sso-link").value);
  equal((await other.get("/account/link")).status, 404, "nobody else can take it");
  equal((await other.post("/account/link")).status, 404, "by form either");
  const [done, twin] = await Promise.all([b.post(answer.to), b.post(answer.to)]);
  ok(
    done.to === `${home}/account/signins` && twin.to === done.to,
    "confirmed, also by a button that was pressed twice",
    [done.status, twin.status],
  );
  ok((await b.ask(done.to)).text.includes("Example University"), "and in the list");
  const next = new Browser();
  await next.signIn("unilink");
  const account = await next.ask(`${home}/account`);
  ok(account.text.includes(`· ${site.accounts.lecturer.login}`), "signs in to that account");
  equal(users(), count, "and no other one was made");
  b.jars.delete("localhost");
  const taken = await b.deliver(await b.identify((await b.ask(link)).to, "unistudent"));
  await b.ask(taken.to);
  equal((await b.post(taken.to)).status, 409, "what belongs to another account stays there");
}

async function rolesByRules() {
  const admin = new Person("admin"),
    lecturer = new Person("lecturer");
  await admin.signIn();
  await lecturer.signIn();
  const at = `/admin/idp/${idps()[0].id}`,
    slug = value("SELECT slug FROM organisation ORDER BY id LIMIT 1");
  const roles = login =>
    sql(`SELECT g.role, IF(g.idp_id IS NULL, 'by hand', 'by rule') FROM role_grant g JOIN user u ON u.id = g.user_id
      WHERE u.login = '${login}'`)
      .flat()
      .join(" ");
  const send = (rules, what) => admin.post(`${at}/rules`, { rules, do: what });
  const faculty = `eduPersonAffiliation = faculty : lecturer ${slug}`;
  equal((await lecturer.get(at)).status, 403, "rules are for administrators");
  equal(
    (await lecturer.post(`${at}/rules`, { rules: faculty, do: "save" })).status,
    403,
    "also those that are sent",
  );
  await admin.get(at);
  const tried = await send(faculty, "try");
  ok(
    tried.status === 200 &&
      tried.text.includes(`becomes lecturer of ${slug}`) &&
      tried.text.includes(">unilecturer<") &&
      !tried.text.includes(">unistudent<"),
    "a trial says who would gain",
    tried.text.slice(-3000),
  );
  equal(roles("unilecturer"), "", "and changes nothing");
  const bad = await send(`${faculty}\nfaculty lecturer`, "save");
  ok(
    bad.status === 422 &&
      bad.text.includes('id="rules-error">Line 2: ') &&
      bad.text.includes("faculty lecturer"),
    "no rule: which line",
  );
  const lost = await send("eduPersonAffiliation = faculty : lecturer no-such-place", "save");
  ok(
    lost.status === 422 && lost.text.includes('id="rules-error"') && lost.text.includes("no-such-place"),
    "an unknown organisation is said at its field, which keeps what was typed",
    lost.status,
  );
  const nowhere = await admin.post(at, { name: "Kept", domains: "", scopes: "", org: "999999999" });
  ok(nowhere.status === 422 && nowhere.text.includes('value="Kept"'), "also in the settings", nowhere.status);
  equal((await send(faculty, "save")).status, 303, "saved");
  equal(roles("unilecturer"), "lecturer by rule", "whose attributes are known has the role at once");
  ctl("user", "grant", "unistudent", "lecturer", "--org", slug);
  await send(`eduPersonAffiliation = member : lecturer ${slug}`, "save");
  equal(roles("unistudent"), "lecturer by hand", "what hands gave stays theirs");
  await send(`eduPersonScopedAffiliation = employee@uni.example : lecturer ${slug}`, "save");
  await new Browser().signIn("uniboth");
  equal(roles("uniboth"), "lecturer by rule", "at the next sign-in, too");
  const right = name => {
    const row = rights.text.split('<li class="row">').find(one => one.includes(`${name} ·`)) ?? "";
    return [/by rules of Example University/.test(row), /gives? it again at the next sign-in/.test(row)].join(
      " ",
    );
  };
  const rights = await admin.get(`/org/${slug}/rights`);
  equal(right("uniboth"), "true true", "the page of rights says where it comes from, and that it comes back");
  equal(right("unistudent"), "false false", "which one by hand does not");
  await admin.post(`/org/${slug}/rights/take`, { login: "uniboth", as: "lecturer" });
  equal(roles("uniboth"), "", "taken by hand");
  await new Browser().signIn("uniboth");
  equal(roles("uniboth"), "lecturer by rule", "and given again");
  const losing = await send("", "try");
  ok(losing.text.includes(`is no longer lecturer of ${slug}`), "a trial says who would lose");
  await send("", "save");
  ok(roles("unilecturer") === "" && roles("uniboth") === "", "what rules gave they take back");
  equal(roles("unistudent"), "lecturer by hand", "and nothing else");
  const list = await admin.get("/admin/idp");
  ok(list.text.includes("Example University") && list.text.includes("Ready"), "the list shows how it stands");
  const renamed = await admin.post(at, { name: "Example <b>", domains: "uni.example", scopes: "", org: "0" });
  ok(
    renamed.status === 303 && (await new Browser().ask(`${home}/login`)).text.includes("Example &lt;b&gt;"),
    "renamed",
  );
  await admin.post(at, { name: "Example University", domains: "uni.example", scopes: "", org: "0" });
}

async function withoutEncryption() {
  university.open("--plain");
  equal(
    (await new Browser().signIn("unistudent")).status,
    303,
    "an assertion that is signed and not encrypted",
  );
}

// The name alone is encrypted, in the assertion and in the provider's request to sign out.
async function encryptedName() {
  university.open("--encrypt-name");
  const b = new Browser(),
    away = await b.begin(),
    form = await b.identify(away.to, "unilecturer");
  const xml = Buffer.from(form.SAMLResponse, "base64").toString();
  ok(
    /EncryptedID/.test(xml) && !/EncryptedAssertion|:NameID/.test(xml),
    "the name is encrypted, nothing else is",
    xml,
  );
  equal((await b.deliver(form)).status, 303, "signed in");
  const all = sessions("unilecturer");
  const sso = new URL(away.to);
  await b.visit(
    `${sso.origin}/simplesaml/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${sso.origin}/simplesaml/`)}`,
  );
  equal(sessions("unilecturer"), all - 1, "the provider ends the session by its encrypted name");
  university.open();
}

async function theProviderIsAway() {
  const service = path.join(env.state, "service/idp");
  execFileSync("sv", ["-w", "20", "force-stop", service]);
  const [before] = idps(); // not earlier: courierd may just have fetched
  ctl("idp", "refresh", String(before.id));
  const after = await until("a failed try", () => idps().find(one => one.failure), 60);
  ok(after.state === "ready" && after.read === before.read, "the last good metadata stays in use", after);
  equal((await new Browser().begin()).status, 303, "and the sign-in page goes on");
  execFileSync("sv", ["up", service]);
  ctl("idp", "refresh", String(before.id));
  await until("a good try", () => idps().every(one => !one.failure), 60);
  equal((await new Browser().signIn("unistudent")).status, 303, "and so does signing in");
}

// Ending and adding on the pages of administrators, by file and by address.
async function onPages() {
  const admin = new Person("admin"),
    lecturer = new Person("lecturer");
  await admin.signIn();
  await lecturer.signIn();
  const [before] = idps(),
    count = users(),
    at = `/admin/idp/${before.id}`,
    xml = (await new Browser().ask(before.source)).text,
    cert = fs.readFileSync(path.join(env.state, "idp/cert/idp.crt"), "utf8");
  const send = (who, target, fields, file) => {
    const form = new FormData();
    for (const [name, text] of Object.entries({ csrf: who.csrf, ...fields })) form.set(name, text);
    if (file) form.set("file", new Blob([file]), "metadata.xml");
    return who.ask("POST", target, { body: form });
  };
  const fields = {
    name: "Example University",
    source: "",
    cert: "",
    entity: "",
    domains: "uni.example",
    org: "0",
  };
  for (const page of ["/admin/idp/new", `${at}/remove`])
    equal((await lecturer.get(page)).status, 403, `${page} is for administrators`);
  await lecturer.get("/account");
  equal((await send(lecturer, "/admin/idp/new", fields, xml)).status, 403, "so is adding");
  equal((await send(lecturer, `${at}/source`, { source: "", cert: "" }, xml)).status, 403, "other metadata");
  equal((await lecturer.post(`${at}/remove`)).status, 403, "and ending");
  const end = await admin.get(`${at}/remove`);
  ok(
    /accounts have been used from there/.test(end.text) && /session/.test(end.text) && idps().length === 1,
    "a page says first what ends",
    end.text,
  );
  equal((await admin.post(`${at}/remove`)).to?.split("?")[0], "/admin/idp", "ended");
  ok(idps().length === 0 && sessions("unistudent") === 0, "with its sessions");
  await admin.get("/admin/idp/new");
  const refusals = [
    ["neither address nor file", {}, null, "source"],
    ["both", { source: "https://idp.example/metadata" }, xml, "file"],
    ["a path of the host", { source: "/etc/passwd" }, null, "source"],
    ["an address without TLS and without a certificate", { source: before.source }, null, "source"],
    ["no metadata", {}, "<html/>", "file"],
    ["metadata that another key signs", { cert: ownCertificate() }, xml, "file"],
    ["metadata of others", { entity: "https://other.example/" }, xml, "file"],
    ["no certificate", { cert: "x" }, xml, "cert"],
    ["a large file", {}, xml + " ".repeat(140000), "file"],
    ["an unknown organisation", { org: "999999999" }, xml, "org"],
  ];
  for (const [what, change, file, field] of refusals) {
    const answer = await send(admin, "/admin/idp/new", { ...fields, ...change }, file);
    ok(
      answer.status === 422 &&
        answer.text.includes(`id="${field}-error"`) &&
        answer.text.includes("Example University"),
      `${what}: said at its field, the rest is kept`,
      answer.text,
    );
  }
  equal(idps().length, 0, "and nothing is added");
  const added = await send(admin, "/admin/idp/new", { ...fields, cert }, xml);
  const [idp] = idps();
  ok(
    /^\/admin\/idp\/\d+/.test(added.to) &&
      idp.state === "ready" &&
      idp.entity === before.entity &&
      !idp.source,
    "added by a file, with the name in it",
    [added.to, idp],
  );
  equal((await send(admin, "/admin/idp/new", { ...fields, cert }, xml)).status, 422, "once");
  equal((await new Browser().signIn("unistudent")).status, 303, "people sign in");
  equal(users(), count, "with the accounts that they had");
  const now = `/admin/idp/${idp.id}`;
  ok(!(await admin.get(now)).text.includes(`${now}/refresh`), "there is nothing to read again");
  equal((await admin.post(`${now}/refresh`)).status, 409, "also for who tries");
  equal((await send(admin, `${now}/source`, { source: "", cert }, "<html/>")).status, 422, "no metadata");
  equal((await send(admin, `${now}/source`, { source: before.source, cert })).status, 303, "now by address");
  const moved = await until("metadata that was read", () => idps().find(one => one.read !== idp.read), 60);
  ok(
    moved.state === "ready" && moved.source === before.source && moved.signed,
    "which the courier reads",
    moved,
  );
  equal((await new Browser().signIn("unilecturer")).status, 303, "and people sign in");
  const trail = sql(
    `SELECT action FROM audit WHERE object_kind = 'idp' AND object_id IN (${before.id}, ${idp.id})`,
  ).flat();
  for (const action of ["idp.add", "idp.remove", "idp.source", "idp.change", "idp.rules"])
    ok(trail.includes(action), `${action} is in the audit`, trail);
}

async function removal() {
  university.close();
  equal(idps().length, 0, "removed");
  ok(
    !(await new Browser().ask(`${home}/login`)).text.includes("Example University"),
    "and gone from the sign-in page",
  );
  equal(sessions("unistudent"), 0, "its sessions have ended");
  ok(value("SELECT COUNT(*) FROM identity") > 0, "its people are still known");
}

run(
  [
    introduction,
    firstSight,
    onceOnly,
    tampered,
    manyTabs,
    alwaysANewSession,
    whoIsWho,
    signingOut,
    linking,
    rolesByRules,
    withoutEncryption,
    encryptedName,
    theProviderIsAway,
    onPages,
    removal,
  ],
  failed => failed && university.close(),
);
