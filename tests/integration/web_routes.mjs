#!/usr/bin/env node
// Every row of lectern-web --routes as every role: status, HTML that validates, headers; with a wrong method, without a form token, from
// another site, with limits exceeded; the rows of nodes with what no node sends. What it needs (courses of each visibility, lectures) it
// makes through the pages themselves and deletes.

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { htmlFaults } from "../lib/html.mjs";
import { env, site } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { end, ok } from "../lib/tap.mjs";

const people = Object.fromEntries(
  ["visitor", "student", "lecturer", "maintainer", "admin"].map(role => [role, new Person(role)]),
);
const { visitor, student, lecturer, admin } = people;

const isPage = (answer, name) => {
  const faults = htmlFaults(answer.text);
  ok(!faults.length, `${name}: valid HTML`, faults.join("\n"));
  ok(
    /^<!doctype html>\n<html lang="en">/.test(answer.text) &&
      /<title>[^<]+ · Lectern<\/title>/.test(answer.text) &&
      (answer.text.match(/<h1/g) ?? []).length === 1 &&
      /<a class="skip" href="#main">/.test(answer.text),
    `${name}: language, title, one heading, skip link`,
  );
  ok(
    /default-src 'none'/.test(answer.header("content-security-policy")) &&
      !/unsafe/.test(answer.header("content-security-policy")) &&
      answer.header("x-content-type-options") === "nosniff" &&
      answer.header("x-request-id"),
    `${name}: headers`,
  );
};

// --- signing in ---
for (const one of Object.values(people).slice(1)) {
  const answer = await one.signIn();
  ok(answer.status === 303 && answer.to === "/account", `${one.role} signs in and goes on`, answer.status);
  const cookie = answer.cookies.find(line => line.startsWith("__Host-lectern=")) ?? "";
  ok(
    /; Path=\/; .*Secure; HttpOnly; SameSite=Lax/.test(cookie),
    `${one.role}: the session's cookie is closed up`,
  );
  const browser = answer.cookies.find(line => line.startsWith("__Secure-lectern-browser=")) ?? "";
  ok(
    /=[a-z0-9]{24}; Path=\/login; .*Secure; HttpOnly; SameSite=Lax/.test(browser),
    `${one.role}: what tells the browser apart goes to the sign-in alone`,
  );
}
const nobody = new Person("nobody");
await nobody.get("/login");
for (const next of ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]) {
  const page = await nobody.get(`/login?next=${encodeURIComponent(next)}`);
  ok(page.text.includes('name="next" value="/"'), `next=${next} stays here`);
}
const wrong = await nobody.post("/login", {
  login: `nobody-${Date.now()}`,
  password: "<b>wrong</b>",
  next: "/",
});
ok(
  wrong.status === 422 &&
    wrong.text.includes('class="errors"') &&
    !wrong.text.includes("<b>wrong") &&
    !wrong.text.includes("wrong&lt;"),
  "a wrong password: the form again, without the password",
  wrong.status,
);

// --- things to visit ---
const stamp = Date.now().toString(36),
  hostile = `"><script>alert(1)</script>' & <b>é 👩‍🏫 ‮x`;
const options = (await lecturer.get("/teach/course/new")).text;
const term = options.match(/<select id="term"[^>]*>.*?<option value="(\d+)"/s)[1],
  org = options.match(/<select id="org"[^>]*>.*?<option value="(\d+)"/s)[1];
const courses = {};
for (const visibility of ["public", "signedin", "enrolled", "hidden"]) {
  const slug = `t-${visibility}-${stamp}`;
  const made = await lecturer.post("/teach/course/new", {
    title: `${hostile} ${visibility}`,
    slug,
    term,
    org,
    visibility,
    downloads: "1",
    description: hostile,
  });
  ok(
    made.status === 303 && /^\/teach\/course\/\d+$/.test(made.to),
    `a ${visibility} course is created`,
    made.status,
  );
  const page = await lecturer.get(made.to),
    url = page.text.match(/href="(\/course\/[^"?]+)(\?key=\w+)?"/);
  const lecture = await lecturer.post(`${made.to}/lecture/new`, {
    title: hostile,
    start: "2026-11-24T10:15",
    end: "2026-11-24T11:45",
    description: `*${hostile}*`,
  });
  ok(lecture.status === 303, `${visibility}: a lecture is added`, lecture.status);
  courses[visibility] = {
    slug,
    edit: made.to,
    url: url[1],
    link: url[1] + (url[2] ?? ""),
    lecture: lecture.to,
    key: lecture.to.split("/").pop(),
    id: made.to.split("/").pop(),
  };
}
const c = courses.enrolled;
const taught =
  (await lecturer.get("/teach")).text.split('<li class="row">').find(one => one.includes(`"${c.edit}"`)) ??
  "";
ok(
  /<p class="row-end"><span class="tag warn">[^<]+<\/span>\s*<\/p>/.test(taught),
  "a course with one draft says so once, and no other count",
  taught.slice(0, 600),
);
const proposal = (await lecturer.get(`${c.edit}/lecture/new`)).text;
ok(
  /id="start"[^>]*value="2026-12-01T10:15"[^>]*required/.test(proposal) &&
    /id="end"[^>]*value="2026-12-01T11:45"/.test(proposal),
  "the next lecture is proposed a week later",
);
const endless = await lecturer.post(`${c.edit}/lecture/new`, {
  title: "Without a beginning",
  end: "2026-11-24T11:45",
});
ok(
  endless.status === 422 &&
    /href="#start">[^<:]+: /.test(endless.text) &&
    /id="start"[^>]*aria-invalid/.test(endless.text) &&
    !/id="end"[^>]*aria-invalid/.test(endless.text),
  "a lecture without a beginning: the list names the field, which is marked, and no other",
  endless.status,
);
const draft = await student.get(`/lecture/${c.key}`);
ok(draft.status === 404, "nobody else sees a draft", draft.status);
const menu = async person => /<a href="\/teach"/.test((await person.get("/nothing")).text);
ok(
  (await menu(lecturer)) && (await menu(admin)) && !(await menu(student)) && !(await menu(visitor)),
  "Teaching is in the menu of those who teach",
);
for (const one of Object.values(courses))
  ok((await lecturer.post(`${one.lecture}/publish`)).status === 303, `${one.slug} is published`);
const upload = await lecturer.post(`${c.lecture}/source`, { view: "CAM", nonce: `n${stamp}` });
ok(
  upload.status === 303 && /^\/teach\/upload\/\w+$/.test(upload.to ?? ""),
  "an upload without script leads to its form",
  `${upload.status} ${upload.text.slice(0, 300)}`,
);
const u = (upload.to ?? "/x").split("/").pop();
const json = await lecturer.post(
  `${c.lecture}/source`,
  { view: "PRES", name: "slides <1>.mp4", size: "123456", nonce: `j${stamp}` },
  { headers: { Accept: "application/json" } },
);
const ticket = json.status === 200 ? JSON.parse(json.text) : {};
ok(
  ticket.upload && ticket.token && ticket.url && ticket.expires > Date.now() / 1000,
  "an upload by script gets address and token",
  json.text.slice(0, 200),
);
const again = await lecturer.post(
  `${c.lecture}/source`,
  { view: "PRES", name: "slides <1>.mp4", size: "123456", nonce: `j${stamp}` },
  { headers: { Accept: "application/json" } },
);
ok(
  again.status === 200 && JSON.parse(again.text).upload === ticket.upload,
  "the same nonce gives the same upload",
);
const refused = await lecturer.post(
  `${c.lecture}/source`,
  { view: "PRES", name: "x.mp4", size: "99999999999999", nonce: `k${stamp}` },
  { headers: { Accept: "application/json" } },
);
ok(
  refused.status >= 400 && refused.status < 500 && JSON.parse(refused.text).error,
  "a file that is too large is refused with a sentence",
  refused.text.slice(0, 200),
);
const unborn = await lecturer.post(`/teach/upload/${u}/again`);
ok(
  unborn.status === 409 && unborn.text.includes("The original of this view is not kept"),
  "what has not arrived cannot be processed again, in words",
  `${unborn.status} ${unborn.text.slice(0, 300)}`,
);

await people.maintainer.post("/org/engineering/halls", { name: `${hostile} hall`, booking: "request" });
const hall = (await people.maintainer.get("/org/engineering/halls")).text.match(/\/halls\/(\d+)"/)[1];

// --- every row as every role ---
const staff = (await lecturer.get(`${c.edit}/people`)).text.match(/staff\/(\d+)"/)[1];
const fill = pattern =>
  pattern
    .replace(":user", staff)
    .replace(":undo", "x".repeat(24))
    .replace(":here/:there", "0/0")
    .replace(":hall", hall)
    .replace("/org/:org", "/org/engineering")
    .replace("/look/:file", "/look/2f5bd8.css")
    .replace("/look/logo/:file", "/look/logo/none.png")
    .replace(":term/:slug", c.url.slice("/course/".length))
    .replace("/terms/:term", `/terms/${c.url.split("/")[2]}`)
    .replace("/org/:slug", "/org/computing")
    .replace(":id", c.id)
    .replace(":key", c.key)
    .replace(":u", u)
    .replace(":program", "web");
const rows = JSON.parse(
  execFileSync(join(env.app, "libexec/lectern/lectern-web"), ["--routes"], {
    encoding: "utf8",
  }),
).map(row => ({ ...row, path: fill(row.pattern) }));
ok(rows.length > 0 && rows.every(row => !row.path.includes(":")), `${rows.length} rows, all with an address`);

// The fuzzer starts from a request of every row.
const corpus = join(env.src, "tests/fuzz/corpus/pages"),
  requests = readdirSync(corpus).map(file => readFileSync(join(corpus, file), "latin1").split(/[?\n]/)[0]);
for (const { method, pattern } of rows) {
  const address = new RegExp(`^${method} ${pattern.replace(/:\w+/g, "[^/]+")}$`);
  ok(
    requests.some(one => address.test(one)),
    `${method} ${pattern} is in the fuzzer's corpus`,
  );
}

// The expected status of a row of the enrolled course for a role; the student is not enrolled in it.
const runs = new Set(["lecturer", "maintainer", "admin"]);
const expected = (row, role) => {
  const { pattern, access } = row;
  if (access === "local" || pattern === "/health") return [200];
  if (pattern === "/login") return role === "visitor" ? [200] : [303];
  if (pattern === "/login/idp/:id") return [404]; // there is no identity provider: sso.mjs has one
  if (pattern.startsWith("/admin/"))
    return role === "visitor" ? [303] : role !== "admin" ? [403] : pattern.includes(":id") ? [404] : [200];
  if (pattern === "/saml/slo") return [403];
  if (pattern === "/account/link" && role !== "visitor") return [404];
  if (pattern === "/saml/metadata") return [200, 404]; // 404 until the first provider is added
  if (pattern.startsWith("/course/:term/:slug") || /^\/lecture\/:key$/.test(pattern))
    return runs.has(role) ? [200] : role === "visitor" ? [303] : [403];
  if (pattern.startsWith("/lecture/:key/live"))
    return runs.has(role) ? [200] : role === "visitor" ? [pattern.endsWith("json") ? 401 : 303] : [403];
  if (pattern === "/account/tokens/live.json") return role === "visitor" ? [401] : [200];
  if (pattern.endsWith("play.json")) return runs.has(role) ? [404] : role === "visitor" ? [401] : [403]; // nothing to watch yet
  if (pattern.endsWith("state.json")) return runs.has(role) ? [200] : role === "visitor" ? [401] : [403];
  if (pattern === "/look/logo/:file") return [404];
  if (pattern === "/calendar.ics") return [404]; // without a key and a course
  if (access === "public") return [200];
  if (pattern === "/org.json") return role === "visitor" ? [401] : [422]; // it does not say for what
  if (role === "visitor") return [303];
  if (pattern === "/org") return role === "admin" ? [200] : role === "maintainer" ? [303] : [403];
  if (pattern === "/org/:org/move") return role === "admin" ? [200] : [403]; // nothing above is the maintainer's
  if (pattern.startsWith("/org/")) return ["admin", "maintainer"].includes(role) ? [200] : [403];
  if (access === "lecturer" || pattern === "/teach") return runs.has(role) ? [200] : [403];
  if (pattern.endsWith("/schedule/change")) return runs.has(role) ? [303] : [403, 404]; // nothing is ticked
  if (pattern.startsWith("/admin/")) return role === "admin" ? [200] : [403];
  if (/^\/teach\/(course|lecture|upload)/.test(pattern)) return runs.has(role) ? [200] : [403, 404];
  return [200];
};
for (const row of rows.filter(one => one.method === "GET")) {
  for (const [role, person] of Object.entries(people)) {
    const answer = await person.get(row.path),
      want = expected(row, role),
      name = `GET ${row.pattern} as ${role}`;
    ok(
      want.includes(answer.status),
      `${name}: ${answer.status}`,
      `expected ${want}; ${answer.text.slice(0, 300)}`,
    );
    if (/^text\/html/.test(answer.header("content-type") ?? "") && answer.text) isPage(answer, name);
    if (answer.status === 303 && role === "visitor")
      ok(answer.to.startsWith("/login?next=%2F"), `${name}: to sign in and back`, answer.to);
    ok(!answer.text.includes("<script>alert"), `${name}: nothing typed becomes markup`);
    if (role !== "visitor" && row.access !== "local" && row.pattern !== "/look/:file")
      ok(
        answer.header("cache-control") === "no-store",
        `${name}: kept nowhere`,
        answer.header("cache-control"),
      );
    if (role === "visitor" && answer.status === 200) {
      const head = await person.ask("HEAD", row.path);
      ok(head.status === 200 && head.text === "", `HEAD ${row.pattern}`, head.status);
    }
  }
}

// --- POST: wrong method, without a token, from elsewhere, as somebody who may not ---
for (const row of rows) {
  const both = rows.filter(one => one.pattern === row.pattern).map(one => one.method);
  const other = row.method === "GET" ? "POST" : "GET";
  if (!both.includes(other)) {
    const answer = await admin.ask(other, row.path, { form: other === "POST" ? {} : undefined });
    ok(
      answer.status === 405 && answer.header("allow").startsWith(row.method),
      `${other} ${row.pattern} is 405 with Allow`,
      answer.status,
    );
  }
  for (const method of ["PUT", "DELETE", "OPTIONS"]) {
    const answer = await visitor.ask(method, row.path),
      allow = both.map(one => (one === "GET" ? "GET, HEAD" : one)).join(", ");
    ok(
      answer.status === 405 && answer.header("allow") === allow,
      `${method} ${row.pattern} is 405 with Allow`,
      `${answer.status} ${answer.header("allow")}`,
    );
  }
  if (row.flags.includes("foreign")) {
    // other sites may post there; without a request of this browser it is refused, whoever is signed in
    for (const headers of [{}, { Origin: "https://evil.example" }]) {
      const answer = await admin.post(row.path, {}, { token: false, headers });
      ok(
        answer.status === 403 && !answer.cookies.length,
        `POST ${row.pattern} by itself is 403`,
        answer.status,
      );
      isPage(answer, `POST ${row.pattern}`);
    }
    continue;
  }
  if (row.method !== "POST" || row.access === "node") continue;
  ok(
    (await admin.post(row.path, {}, { token: false })).status === 403,
    `POST ${row.pattern} without a token is 403`,
  );
  ok(
    (await admin.post(row.path, { csrf: "x".repeat(32) }, { token: false })).status === 403,
    `POST ${row.pattern} with a wrong token is 403`,
  );
  ok(
    (await admin.post(row.path, { csrf: lecturer.csrf }, { token: false })).status === 403,
    `POST ${row.pattern} with somebody else's token is 403`,
  );
  ok(
    (await admin.post(row.path, {}, { headers: { Origin: "https://evil.example" } })).status === 403,
    `POST ${row.pattern} from another site is 403`,
  );
  ok(
    [303, 401, 403].includes((await visitor.post(row.path, {}, { token: false })).status),
    `POST ${row.pattern} as a visitor without a token changes nothing`,
  );
  if (/^\/(teach\/|org$|org\/:org\b)/.test(row.pattern)) {
    const answer = await student.post(row.path, {
      title: "x",
      slug: "x",
      view: "CAM",
      nonce: "n",
      user: "1",
      as: "student",
      login: "x",
      term,
      org,
      visibility: "public",
      name: "x",
      zone: "UTC",
      parent: org,
    });
    ok([403, 404].includes(answer.status), `POST ${row.pattern} as a student: ${answer.status}`);
  }
}

// --- the rows of nodes: no session and no form token count there, only a node's own token ---
const nodes = rows.filter(row => row.access === "node");
const report = (row, body, headers = {}) =>
  admin.ask("POST", row.path, { body, headers: { "Content-Type": "application/json", ...headers } });
const refusal = (answer, want, name) => {
  const said = /^application\/json/.test(answer.header("content-type")) ? JSON.parse(answer.text) : {};
  ok(
    answer.status === want && said.error && !answer.cookies.length,
    `${name}: ${want} and a sentence`,
    `${answer.status} ${answer.text.slice(0, 200)}`,
  );
};
const own = readFileSync(join(env.state, "node/storage.token"), "latin1").trim();
ok(
  nodes.length === 5,
  "join, heartbeat, and three about live streams",
  nodes.map(row => row.pattern).join(" "),
);
const garbage = {
  "no body": "",
  "no JSON": "\u0000{]",
  "half of it": '{"token":"',
  "no object": "[1]",
  "other types": '{"token":1,"name":[],"roles":{},"jobs":1,"uploads":"x"}',
};
for (const row of nodes) {
  const name = `POST ${row.pattern}`,
    joins = row.handler === "api_node_join";
  const hello = token =>
    JSON.stringify({ token, name: "routes", roles: ["worker"], version: "1", jobs: [], uploads: [] });
  const wrongs = {
    "a wrong token": "x".repeat(43),
    "an empty token": "",
    "the session of an admin": undefined,
  };
  for (const [kind, token] of Object.entries(wrongs))
    refusal(
      await report(row, hello(token), token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      joins ? (token === undefined ? 422 : 403) : 401,
      `${name} with ${kind}`,
    );
  for (const [kind, body] of Object.entries(garbage)) {
    refusal(await report(row, body, { Authorization: `Bearer ${own}` }), 422, `${name}: ${kind}`);
    if (!joins)
      refusal(await report(row, body, { Authorization: "Bearer none" }), 401, `${name}: ${kind}, no token`);
  }
}

// --- visibility × role for page, state and list ---
const table = {
  public: { visitor: 200, student: 200 },
  signedin: { visitor: 303, student: 200 },
  enrolled: { visitor: 303, student: 403 },
  hidden: { visitor: 404, student: 404 },
};
for (const [visibility, row] of Object.entries(table))
  for (const role of ["visitor", "student", "lecturer", "admin"]) {
    const one = courses[visibility],
      person = people[role],
      want = row[role] ?? 200;
    const answer = await person.get(one.url);
    ok(answer.status === want, `page of a ${visibility} course as ${role}: ${want}`, answer.status);
    const lecture = await person.get(`/lecture/${one.key}`),
      open = visibility === "hidden" ? 200 : want;
    ok(lecture.status === open, `lecture of a ${visibility} course as ${role}: ${open}`, lecture.status);
    const list = (await person.get(`/terms/${one.url.split("/")[2]}`)).text;
    ok(
      list.includes(one.url) === (["lecturer", "admin"].includes(role) || want === 200),
      `a ${visibility} course in the list of ${role}`,
    );
  }
ok((await visitor.get(courses.hidden.link)).status === 200, "the link opens a hidden course");
ok((await visitor.get(`${courses.hidden.url}?key=aaaaaaaaaaaa`)).status === 404, "a wrong link does not");
const enrolled = await lecturer.post(`${c.edit}/people`, {
  login: site.accounts.student.login,
  as: "student",
});
ok(
  enrolled.status === 303 && (await student.get(c.url)).status === 200,
  "who is enrolled sees the course",
  enrolled.status,
);

// --- forms keep what was typed ---
const bad = await lecturer.post(c.edit, {
  title: "",
  slug: "Not A Slug",
  term,
  org,
  visibility: "nobody",
  description: "kept <text>",
});
ok(
  bad.status === 422 &&
    bad.text.includes('value="Not A Slug"') &&
    bad.text.includes("kept &lt;text&gt;") &&
    bad.text.includes('aria-invalid="true"') &&
    bad.text.includes('href="#title"'),
  "a failed form says what is wrong and keeps the rest",
  bad.status,
);
isPage(bad, "the failed form");
const taken = await lecturer.post(c.edit, {
  title: "x",
  slug: courses.public.slug,
  term,
  org,
  visibility: "public",
});
ok(
  taken.status === 422 && taken.text.includes('id="slug-error"'),
  "a taken address is said at its field",
  taken.status,
);
const backwards = await lecturer.post(c.lecture, {
  title: "x",
  start: "2026-11-24T10:15",
  end: "2026-11-24T09:15",
});
ok(
  backwards.status === 422 && backwards.text.includes('id="end-error"'),
  "an end before the beginning is said at its field",
  backwards.status,
);
const long = await lecturer.post(c.lecture, { title: "y".repeat(5000), description: "z".repeat(5000) });
ok(
  long.status === 422 && long.text.includes("z".repeat(5000)),
  "5,000 characters of description survive a title that is too long",
  long.status,
);

// --- limits ---
ok(
  (await lecturer.post(c.lecture, { title: "x", description: "w".repeat(300000) })).status === 413,
  "a body over the limit is 413",
);
ok(
  (await lecturer.post(c.lecture, Object.fromEntries([...Array(120).keys()].map(i => [`f${i}`, "1"]))))
    .status === 413,
  "too many fields are 413",
);
ok(
  [400, 414].includes((await visitor.get(`/?q=${"a".repeat(5000)}`)).status),
  "an address over the limit is 400",
);
for (const path of ["/%", "/%ff", "/?a=%zz", "/%00"])
  ok([400, 404].includes((await visitor.get(path)).status), `${path} is 400 or 404`);
for (const path of [
  "/course/..%2f..%2fetc",
  "/nothing",
  "/teach/course/0",
  "/teach/course/99999999999999999999",
  "/lecture/ABCDEFGHIJKL",
])
  ok([400, 404, 303].includes((await visitor.get(path)).status), `${path} is not found`);
ok(
  (await visitor.ask("POST", c.lecture, { body: "{}", headers: { "Content-Type": "application/json" } }))
    .status !== 200,
  "JSON is not a form",
);

// --- processing again: offered for the demo lecture, pressed in the fault tests ---
const demo = await admin.get(`/teach/lecture/${site.demo.lecture}`);
const button = demo.text.match(
  /action="(\/teach\/upload\/\w+\/again)">.{0,200}?<button class="link" aria-label="Process again: \w+">Process again</s,
);
ok(demo.status === 200 && button, "a finished view can be processed again, quietly", demo.status);
isPage(demo, "a lecture that can be processed again");
ok([403, 404].includes((await student.post(button?.[1] ?? "/")).status), "not by a student");

// --- languages, undo, progress ---
const german = await visitor.get("/", { headers: { "Accept-Language": "de-DE,de;q=0.9" } });
ok(german.text.includes('<html lang="de">') && german.text.includes("Für alle offen"), "German is spoken");
ok(
  (await new Person("x").get("/login?next=/account&lang=de")).to === "/login?next=%2Faccount",
  "the language link comes back to its page",
);
ok(
  (
    await student.post(
      `/lecture/${courses.public.key}/progress`,
      { position: "12.5", duration: "60", watched: "0" },
      { headers: { "X-CSRF-Token": student.csrf } },
    )
  ).status === 204,
  "progress is kept",
);
ok(
  (await student.post(`/lecture/${courses.public.key}/progress`, { position: "nan" })).status === 422,
  "a position that is no number is 422",
);
const gone = await lecturer.post(`${courses.public.lecture}/delete`);
ok(
  gone.status === 303 && (await visitor.get(`/lecture/${courses.public.key}`)).status === 404,
  "a deleted lecture is gone at once",
);
const offer = await lecturer.get(gone.to);
ok(offer.text.includes(`action="${courses.public.lecture}/undelete"`), "and its undo is offered");
const later = (await lecturer.get(gone.to)).text,
  undo = `action="${courses.public.lecture}/undelete"`;
ok(
  later.split(undo).length === 2 && /You can undo this until \w+ \d+ \w+/.test(later),
  "once as a message, then in the list of what was deleted",
);
const dead = await lecturer.get(courses.public.lecture);
ok(
  dead.text.includes(undo) && !dead.text.includes("/publish") && !dead.text.includes("data-upload"),
  "the page of a deleted lecture offers its undo and nothing else",
);
isPage(dead, "a deleted lecture");
ok(
  (await lecturer.post(`${courses.public.lecture}/publish`)).status === 409,
  "what is deleted cannot be published",
);
ok(
  (await lecturer.post(`${courses.public.lecture}/source`, { view: "CAM", nonce: `d${stamp}abc` })).status ===
    409,
  "and takes no upload",
);
ok(
  (await lecturer.post(`${courses.public.lecture}/undelete`)).status === 303 &&
    (await visitor.get(`/lecture/${courses.public.key}`)).status === 200,
  "undo brings it back",
);
ok(
  (await lecturer.post(`${courses.public.lecture}/unpublish`)).status === 303 &&
    (await visitor.get(`/lecture/${courses.public.key}`)).status === 404,
  "taking back publication hides it",
);

// --- the statements of a page do not grow with its rows; sessions end ---
await lecturer.post(`${c.edit}/people`, { login: site.accounts.student.login, as: "owner" });
ok(
  (await menu(student)) && (await student.get("/teach")).status === 200,
  "who runs one course has it in the menu, without a role",
);
for (const one of Object.values(courses)) {
  const answer = await lecturer.post(`${one.edit}/delete`);
  ok(answer.status === 303, `${one.slug} is deleted`, answer.status);
}
const lost = await lecturer.get("/teach");
isPage(lost, "deleted courses");
ok(
  Object.values(courses).every(one => lost.text.includes(`action="${one.edit}/undelete"`)),
  "deleted courses can be undone on the page Teaching",
);
const ruin = await lecturer.get(c.edit);
ok(
  ruin.text.includes(`action="${c.edit}/undelete"`) && !ruin.text.includes("/lecture/new"),
  "the page of a deleted course offers its undo and nothing else",
);
isPage(ruin, "a deleted course");
isPage(await lecturer.get(c.lecture), "a lecture of a deleted course");
ok(
  (await lecturer.post(c.edit, { title: "x", slug: c.slug, term, org, visibility: "public" })).status >= 400,
  "a deleted course cannot be changed",
);
ok(
  (await student.post(`${c.edit}/undelete`)).status === 303 &&
    (await lecturer.get(c.lecture)).text.includes("data-upload"),
  "another one who runs it brings it back",
);
const row = (await lecturer.get(`${c.edit}/people`)).text
  .split('class="row"')
  .find(text => text.includes(`${site.accounts.student.login} ·`));
await lecturer.post(`${c.edit}/people/remove`, {
  user: row?.match(/staff\/(\d+)"/)?.[1] ?? "",
  as: "staff",
});
ok(!(await menu(student)), "who runs it no longer does not have it in the menu any more");
ok((await lecturer.post(`${c.edit}/delete`)).status === 303, "and it goes again");
const before = new Map(student.cookies);
ok((await student.post("/account/signout")).status === 303, "sign out everywhere");
student.cookies = before;
ok((await student.get("/account")).status === 303, "the old session is worth nothing");
end();
