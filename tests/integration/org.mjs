#!/usr/bin/env node
// The tree of organisations by its pages: create, rename, move, archive and undo; old addresses; who may; and the picker
// without script, among organisations that are too many for a list.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env, site, sql } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { end, equal, ok } from "../lib/tap.mjs";

const stamp = Date.now().toString(36);
const admin = new Person("admin"),
  maintainer = new Person("maintainer"), // of engineering
  lecturer = new Person("lecturer"); // of computing
for (const one of [admin, maintainer, lecturer]) await one.signIn();

const slug = name => `t-${name}-${stamp}`;
const add = (who, above, name, title = name) =>
  who.post(`/org/${above}/new`, { name: title, slug: slug(name) });
const settings = (name, more = {}) => ({
  name,
  slug: slug(name),
  zone: "Europe/Berlin",
  lang: "de",
  contact: "",
  ...more,
});

// --- create, rename ---
const hostile = `"><script>alert(1)</script> Été`;
equal(
  (await add(maintainer, "engineering", "lab", hostile)).to,
  `/org/${slug("lab")}`,
  "a maintainer adds one below",
);
const page = await maintainer.get(`/org/${slug("lab")}`);
ok(
  page.text.includes("&lt;script&gt;alert(1)") && !page.text.includes("<script>alert"),
  "its name is text, whatever it is",
);
ok(/value="Europe\/Berlin"/.test(page.text), "it has the zone of the one above");
equal((await add(maintainer, "arts", "no")).status, 403, "not beside their own");
equal((await lecturer.get("/org")).status, 403, "a lecturer maintains nothing");
equal((await lecturer.get("/org/computing")).status, 403, "not even where they teach");
const renamed = await maintainer.post(
  `/org/${slug("lab")}`,
  settings("lab2", { contact: "lab@example.org" }),
);
equal(renamed.to, `/org/${slug("lab2")}`, "it is renamed");
for (const page of ["", "/new", "/look", "/rights", "/terms", "/halls"])
  equal(
    (await maintainer.get(`/org/${slug("lab")}${page}`)).to,
    `/org/${slug("lab2")}${page}`,
    `the old address of ${page || "it"} leads to the new one`,
  );
for (const [field, value, sentence] of [
  ["zone", "Mars/City", "This time zone does not exist"],
  ["contact", "javascript:alert(1)", "begins with https://"],
  ["lang", "x1", "Choose a language"],
  ["slug", "computing", "This web address is taken"],
  ["name", "", "This is missing"],
]) {
  const answer = await maintainer.post(`/org/${slug("lab2")}`, settings("lab2", { [field]: value }));
  ok(
    answer.status === 422 &&
      answer.text.includes(sentence) &&
      new RegExp(`id="${field}"[^>]*aria-invalid`).test(answer.text),
    `${field} ${value}: the sentence stands beside the field`,
    answer.status,
  );
}
equal((await add(maintainer, slug("lab2"), "group")).status, 303, "and one below that");
const above = (await admin.get("/org/demo")).text;
ok(
  /School of Engineering[^]*?organisations directly below · no courses of its own/.test(above),
  "a list of what is below says what is directly in each",
  above,
);
const unnamed = () =>
  maintainer.post("/org/engineering/new", { name: `Professur für Ökologie ${stamp}`, slug: "" });
const derived = `professur-fuer-oekologie-${stamp}`;
equal((await unnamed()).to, `/org/${derived}`, "without a web address it is made of the name");
const twice = await unnamed();
ok(
  twice.status === 422 &&
    twice.text.includes("This web address is taken") &&
    new RegExp(`id="slug"[^>]*value="${derived}"[^>]*aria-invalid`).test(twice.text),
  "and if that is taken, the form shows it",
  twice.status,
);

// --- move ---
const id = async name =>
  (await maintainer.get(`/org.json?for=manage&q=${slug(name)}`)).text.match(/"id":(\d+)/)?.[1];
const lab = await id("lab2"),
  group = await id("group");
const move = (who, name, parent) => who.post(`/org/${name}/move`, { parent });
const refused = await move(maintainer, slug("lab2"), group);
ok(
  refused.status === 422 && refused.text.includes("cannot stand below itself"),
  "nothing is moved below itself",
  refused.status,
);
equal(
  (await move(maintainer, "engineering", lab)).status,
  403,
  "nobody takes away what they do not maintain above",
);
const arts = (await admin.get("/org.json?for=manage&q=arts")).text.match(/"id":(\d+)/)[1];
const elsewhere = await move(maintainer, slug("lab2"), arts);
ok(
  elsewhere.status === 422 && elsewhere.text.includes("only choose organisations that you maintain"),
  "nor puts it where they maintain nothing",
  elsewhere.status,
);
equal((await move(admin, slug("lab2"), arts)).to, `/org/${slug("lab2")}`, "an admin moves it");
equal(
  (await maintainer.get(`/org/${slug("group")}`)).status,
  403,
  "the maintainer's right ends with that, below it too",
);
const moved = await admin.get(`/org/${slug("group")}`);
ok(/School of Arts[^]*lab2/.test(moved.text), "what is below has moved along");
const undo = async who =>
  (await who.get(`/org/${slug("lab2")}`)).text.match(/class="flash"(?:(?!<\/div>).)*?action="([^"]+)"/s)?.[1];
equal((await move(admin, slug("lab2"), arts)).status, 303, "moving it there again changes nothing");
equal(await undo(admin), undefined, "so that there is nothing to undo");
equal((await move(admin, slug("lab2"), "0")).status, 303, "it becomes one at the top");
const back = await undo(admin);
equal((await admin.post(back)).to, `/org/${slug("lab2")}`, "that is undone");
ok(
  /School of Arts[^]*lab2/.test((await admin.get(`/org/${slug("group")}`)).text),
  "it is where it was, with what is below",
);
const stale = await admin.post(back);
ok(
  stale.status === 422 && stale.text.includes("it has been moved again since"),
  "once: then it is elsewhere, in words",
  stale.status,
);
await move(admin, slug("lab2"), "0");
const theirs = await undo(admin);
equal((await maintainer.post(theirs)).status, 403, "nobody undoes what they could not do");
const engineering = (await maintainer.get("/org.json?for=manage&q=engineering")).text.match(/"id":(\d+)/)[1];
equal((await move(admin, slug("lab2"), engineering)).status, 303, "and comes back");

// --- archive ---
const archived = await maintainer.post(`/org/${slug("lab2")}/archive`);
const after = await maintainer.get(archived.to);
ok(
  after.text.includes(`action="/org/${slug("lab2")}/restore"`) && after.text.includes("is archived"),
  "it is archived, with undo",
);
equal(await id("group"), undefined, "what is below it is not offered");
const inside = await maintainer.get(`/org/${slug("group")}`);
ok(inside.text.includes("together with an organisation above"), "its page says why");
const late = await add(maintainer, slug("group"), "late");
ok(late.status === 422 && late.text.includes("is archived"), "nothing new comes below it", late.status);
equal((await maintainer.post(`/org/${slug("lab2")}/restore`)).status, 303, "undone");
ok(await id("group"), "then it is offered again");

// --- look ---
const colour = (own, accent) => maintainer.post(`/org/${slug("lab2")}/look`, { own, accent });
const pale = await colour("own", "#ffd800");
const nearest = pale.text.match(/The nearest one that can be read is (#[0-9a-f]{6})/)?.[1];
ok(
  pale.status === 422 && nearest,
  "a colour that is too pale is refused, and the nearest one named",
  pale.status,
);
equal((await colour("own", nearest)).status, 303, "that one is taken");
const sent = form => maintainer.post(`/org/${slug("lab2")}/look`, form);
equal((await sent({ own: "above", shown: nearest, accent: "#7a1c43" })).status, 303, "without script");
ok(
  (await maintainer.get(`/org/${slug("group")}`)).text.includes('href="/look/7a1c43.css"'),
  "a colour that was changed counts, whatever is ticked",
);
equal((await sent({ own: "above", shown: "#7a1c43", accent: "#7a1c43" })).status, 303, "one that was not");
ok(!(await maintainer.get(`/org/${slug("group")}`)).text.includes("7a1c43.css"), "goes with the tick");
await colour("own", nearest);
const look = await maintainer.get(`/org/${slug("group")}/look`);
for (const page of ["", "/rights", "/terms", "/look"]) {
  const { text } = await maintainer.get(`/org/${slug("group")}${page}`);
  ok(
    ["", "/rights", "/terms", "/look"].every(one =>
      text.includes(`<a href="/org/${slug("group")}${one}"${one === page ? ' aria-current="page"' : ""}>`),
    ),
    `${page || "its own page"} leads to each of the others`,
  );
}
ok(look.text.includes(`href="/look/${nearest.slice(1)}.css"`), "what is below has it too");
const sheet = await new Person().get(`/look/${nearest.slice(1)}.css`);
ok(
  sheet.status === 200 &&
    sheet.header("content-type") === "text/css; charset=utf-8" &&
    /immutable/.test(sheet.header("cache-control")) &&
    sheet.text.includes(`--accent: ${nearest}`) &&
    sheet.text.includes("prefers-color-scheme: dark"),
  "the style sheet of a colour is a file for everybody",
  sheet.text,
);
for (const file of ["ffd800.css", "zzzzzz.css", "1c7a43.js", "1c7a43"])
  equal((await maintainer.get(`/look/${file}`)).status, 404, `/look/${file} is none`);
const picture = readFileSync(join(env.src, "tests/fuzz/corpus/image/small.png"));
const send = (who, name, bytes, more = {}) => {
  const form = new FormData();
  form.set("csrf", more.csrf ?? who.csrf);
  form.set("logo", new Blob([bytes], { type: "text/html" }), "logo.html");
  return who.ask("POST", `/org/${name}/logo`, { body: form });
};
await maintainer.get(`/org/${slug("lab2")}/look`);
equal(
  (await send(maintainer, slug("lab2"), picture, { csrf: "x" })).status,
  403,
  "a logo needs the form token",
);
equal((await send(maintainer, slug("lab2"), picture)).status, 303, "a logo is sent");
const shown = (await maintainer.get(`/org/${slug("group")}/look`)).text.match(
  /src="(\/look\/logo\/[^"]+\.png)" width="32" height="24"/,
);
ok(shown, "what is below shows it");
const logo = await fetch(new URL(shown[1], env.url));
ok(
  logo.headers.get("content-type") === "image/png" &&
    logo.headers.get("x-content-type-options") === "nosniff" &&
    /default-src 'none'/.test(logo.headers.get("content-security-policy")) &&
    Buffer.from(await logo.arrayBuffer()).equals(picture),
  "it is served as what it is, whatever the browser called it",
);
equal((await maintainer.get(shown[1].replace(".png", ".webp"))).status, 404, "under no other type");
for (const [bytes, sentence] of [
  [Buffer.from("<svg onload=alert(1)>"), "not a PNG or WebP"],
  [Buffer.concat([picture, Buffer.from("<script>")]), "not a PNG or WebP"],
  [readFileSync(join(env.src, "tests/fuzz/corpus/image/anim.webp")), "not a PNG or WebP"],
  [Buffer.alloc(110 * 1024), "The file is too large"],
  [Buffer.alloc(3 * 1024 * 1024), "The file is too large"],
]) {
  await maintainer.get(`/org/${slug("lab2")}/look`);
  const answer = await send(maintainer, slug("lab2"), bytes);
  ok(
    [422, 413].includes(answer.status) &&
      answer.text.includes(sentence) &&
      /id="logo"[^>]*aria-invalid/.test(answer.text),
    `${bytes.length} bytes, ${sentence}: beside the field`,
    answer.status,
  );
}
equal((await maintainer.post(`/org/${slug("lab2")}/logo/remove`)).status, 303, "the logo goes");
equal((await maintainer.get(shown[1])).status, 404, "and its file with it");

// --- choosing without script ---
for (let i = 0; i < 9; i++)
  await add(maintainer, slug("lab2"), `many-${i}`, `Chair ${i} of <b>Öffentliches Recht</b>`);
const form = (await maintainer.get("/teach/course/new")).text;
ok(
  /<fieldset class="field picker" id="org"/.test(form) && !form.includes('<select id="org"'),
  "many organisations: a search, no list",
);
ok(
  (form.match(/name="org" value=/g) ?? []).length <= 8 && form.length < 20000,
  "the form is small",
  form.length,
);
const typed = {
  title: "Kept <title>",
  slug: slug("course"),
  term: form.match(/<select id="term"[^]*?<option value="(\d+)"/)[1],
  visibility: "public",
  org_found: "",
};
const search = await maintainer.post("/teach/course/new", {
  ...typed,
  org_find: "recht many-3",
  find: "org",
});
ok(
  search.status === 200 && search.text.includes('value="Kept &lt;title&gt;"'),
  "a search keeps what was typed",
  search.status,
);
const found = [...search.text.matchAll(/name="org" value="(\d+)"[^>]*>(?:<[^>]*>)?<label[^>]*>([^<]*)/g)].map(
  one => one[2],
);
ok(
  found.some(one => one.startsWith("Chair 3")) && !found.some(one => one.startsWith("Chair 4")),
  "it finds by parts of words",
  found.join(),
);
const chair = search.text.match(/name="org" value="(\d+)"[^>]*><label[^>]*>Chair 3/)[1];
const none = await maintainer.post("/teach/course/new", { ...typed, org_find: "zzzz", org: chair });
ok(
  none.status === 200 &&
    none.text.includes("No organisation that you may choose") &&
    new RegExp(`value="${chair}"[^>]*checked`).test(none.text),
  "Enter in the search searches; what is chosen stays",
);
const made = await maintainer.post("/teach/course/new", {
  ...typed,
  org: chair,
  org_find: "recht many-3",
  org_found: "recht many-3",
});
ok(made.status === 303 && /^\/teach\/course\/\d+$/.test(made.to), "what was found is chosen", made.status);
const key = await maintainer.newLecture(made.to.split("/").pop(), "Coloured");
await maintainer.post(`/teach/lecture/${key}/publish`);
ok(
  (await new Person().get(`/lecture/${key}`)).text.includes(`href="/look/${nearest.slice(1)}.css"`),
  "the page of its lecture has the colour of the organisation above",
);
equal((await maintainer.post(`${made.to}/delete`)).status, 303, "the course goes again");

// --- the maintainer of a neighbour: the student account, who gets that role ---
const student = new Person("student"),
  { login } = site.accounts.student,
  state = () =>
    sql("SELECT * FROM organisation; SELECT * FROM role_grant; SELECT * FROM free_day").join("\n");
await student.signIn();
await admin.get("/org/arts/rights");
equal(
  (await admin.post("/org/arts/rights", { login, as: "maintainer" })).status,
  303,
  "a neighbour's maintainer",
);
await student.get("/org/arts");
const before = state();
const neighbour = {
  "": settings("lab2", { name: "Taken" }),
  "/new": { name: "Taken", slug: slug("taken") },
  "/move": { parent: arts },
  "/look": { own: "own", accent: "#113355" },
  "/rights": { login, as: "maintainer" },
  "/terms": null,
  "/logo/remove": {},
  "/archive": {},
  "/restore": {},
  [`/back/${engineering}/${arts}`]: {},
  "/rights/take": { login: site.accounts.maintainer.login, as: "maintainer" },
  "/terms/free": { term: "2026w", name: "Taken", first: "2027-01-20" },
  "/terms/free/remove": { term: "2026w", day: "1" },
};
for (const [path, form] of Object.entries(neighbour)) {
  const address = `/org/${slug("lab2")}${path}`;
  if (/^(\/(new|move|look|rights|terms))?$/.test(path))
    equal(
      (await student.get(address)).status,
      403,
      `the neighbour's maintainer does not open ${path || "it"}`,
    );
  if (form) equal((await student.post(address, form)).status, 403, `nor posts to ${path || "it"}`);
}
equal(state(), before, "and nothing has changed");
await student.get("/org/arts");
ok((await student.get("/org/arts/rights")).status === 200, "their own they open");
await admin.post("/org/arts/rights/take", { login, as: "maintainer" });
equal((await student.get("/org/arts")).status, 403, "until the role is taken");
end();
