#!/usr/bin/env node
// Two people edit the same thing: whoever saves a form that is older than what is stored overwrites nothing in silence. The form
// comes back with what was typed and says who changed what; saved once more, it overwrites.

import { htmlFaults } from "../lib/html.mjs";
import { site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run } from "../lib/tap.mjs";

const first = new Person("maintainer"), // of engineering, above the course
  second = new Person("lecturer"),
  admin = new Person("admin");
const stamp = Date.now().toString(36),
  SENTENCE = "This was changed meanwhile";
let course = "",
  lecture = "",
  one = "";

const field = (text, name) =>
  text.match(new RegExp(`name="${name}"[^>]* value="([^"]*)"`))?.[1] ??
  text.match(new RegExp(`value="([^"]*)"[^>]*name="${name}"`))?.[1];
const seen = text => field(text, "seen");
// Of a page with several forms: the one that is sent there.
const formOf = (text, action) =>
  text.match(new RegExp(`<form[^>]* action="${action.replace(/[?]/g, ".")}".*?</form>`, "s"))?.[0] ?? "";
const nameOf = person => value(`SELECT name FROM user WHERE login = '${site.accounts[person.role].login}'`);
const listed = text =>
  [...text.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map(row => `${row[1]}: ${row[2]}`).join("; ");
const id = () => course.split("/").pop();

// `form` is what the second one (`who`) typed into the form that was opened before the first one saved `change`.
async function stale({
  who = second,
  other = first,
  path,
  action = path,
  change,
  form,
  now,
  stored,
  after,
  unnamed,
}) {
  const open = formOf((await who.get(path)).text, action);
  ok(
    /^[0-9a-f]{16}\.\d+\.([0-9a-f]{8})+$/.test(seen(open)),
    `${action.replace(/\d+/g, "N")}: the form says what it was made of`,
  );
  const mine = { ...form, seen: seen(open) },
    theirs = formOf((await other.get(path)).text, action);
  equal(
    (await other.post(action, { ...change, seen: seen(theirs) })).status,
    303,
    "somebody else saves it first",
  );
  const refused = await who.post(action, mine);
  equal(refused.status, 422, "the older form is refused");
  ok(refused.text.includes(SENTENCE), "in words");
  equal(refused.text.includes(`${nameOf(other)} changed it (`), !unnamed, "with the name of who changed it");
  ok(
    (await who.get(refused.text.match(/<a href="([^"]*)">Discard my entries/)[1].replaceAll("&amp;", "&")))
      .status === 200,
    "and a way to what is stored",
  );
  equal(htmlFaults(refused.text).join("\n"), "", "valid HTML");
  equal(listed(refused.text), now, "with what is stored now");
  equal(stored(), after.first, "and nothing is overwritten");
  const German = await who.post(action, mine, { headers: { "Accept-Language": "de" } });
  ok(German.status === 422 && German.text.includes("Das wurde inzwischen geändert"), "in German, too");
  const back = seen(formOf(refused.text, action));
  ok(back && back !== mine.seen, "the form that came back is of now");
  equal((await who.post(action, { ...mine, seen: back })).status, 303, "saved once more");
  equal(stored(), after.second, "it overwrites");
  return refused.text;
}

async function begin() {
  await first.signIn();
  await second.signIn();
  await admin.signIn();
  const form = (await second.get("/teach/course/new")).text;
  const made = await second.post("/teach/course/new", {
    title: "Stale",
    slug: `stale-${stamp}`,
    term: value("SELECT id FROM term WHERE slug = '2026w'"),
    org: form.match(/<select id="org"[^>]*>.*?<option value="(\d+)"/s)[1],
    visibility: "public",
  });
  course = made.to;
  lecture = `/teach/lecture/${await second.newLecture(id(), "Stale lecture")}`;
  one = `${course}/schedule/change?lecture=${lecture.split("/").pop()}&scope=one`;
}

// A hidden course is not published again by somebody who corrects its title.
async function ofCourse() {
  const open = (await second.get(course)).text,
    org = value(`SELECT organisation_id FROM course WHERE id = ${id()}`);
  const form = {
    title: "Stale",
    slug: `stale-${stamp}`,
    term: value(`SELECT term_id FROM course WHERE id = ${id()}`),
    org,
    visibility: "public",
    description: "two\r\nlines",
  };
  equal((await second.post(course, { ...form, seen: seen(open) })).status, 303, "a fresh form is saved");
  const text = await stale({
    path: course,
    change: { ...form, visibility: "hidden" },
    form: { ...form, title: "Corrected" },
    now: "Who may watch?: Whoever has the link",
    stored: () => value(`SELECT CONCAT(name, ' ', visibility) FROM course WHERE id = ${id()}`),
    after: { first: "Stale hidden", second: "Corrected public" },
  });
  equal(field(text, "title"), "Corrected", "what was typed is kept");
}

// What ends or is published meanwhile is no conflict, and a form that is refused for another reason stays as old as it is.
async function ofLecture() {
  const open = seen((await second.get(lecture)).text),
    form = { title: "Stale lecture", start: "2026-11-24T10:15", hall: "" };
  await first.get(lecture);
  equal((await first.post(`${lecture}/publish`)).status, 303, "somebody publishes it");
  equal((await second.post(lecture, { ...form, seen: open })).status, 303, "which is no conflict");
  const text = await stale({
    path: lecture,
    change: { ...form, hall: "HS 9" },
    form: { ...form, title: "Other title" },
    now: "Hall (optional): HS 9",
    stored: () =>
      value(`SELECT CONCAT(title, '/', hall) FROM lecture WHERE \`key\` = '${lecture.split("/").pop()}'`),
    after: { first: "Stale lecture/HS 9", second: "Other title/" },
  });
  equal(field(text, "title"), "Other title", "what was typed is kept");
  const old = seen((await second.get(lecture)).text);
  await first.get(lecture);
  await first.post(lecture, { ...form, hall: "HS 8", seen: old });
  const wrong = await second.post(lecture, { ...form, title: "", seen: old });
  ok(wrong.status === 422 && !wrong.text.includes(SENTENCE), "a form with a mistake");
  equal(seen(wrong.text), old, "is of no later time for it");
  equal((await second.post(lecture, { ...form, seen: seen(wrong.text) })).status, 422, "and is refused next");
}

async function ofTimetable() {
  const form = {
    pick: lecture.split("/").pop(),
    one: "1",
    lecture: lecture.split("/").pop(),
    scope: "one",
    date: "2026-11-24",
    time: "10:15",
    length: "",
    hall: "HS 8",
    move: "1",
  };
  await stale({
    path: one,
    action: `${course}/schedule/change`,
    change: { ...form, hall: "HS 7" },
    form: { ...form, time: "12:00" },
    now: "Hall (optional): HS 7",
    stored: () => value(`SELECT hall FROM lecture WHERE \`key\` = '${lecture.split("/").pop()}'`),
    after: { first: "HS 7", second: "HS 8" },
  });
  const state = () =>
    value(
      `SELECT CONCAT(IF(cancelled_at IS NULL, 'on', 'cancelled'), '/', cancel_note) FROM lecture WHERE \`key\` = '${form.lecture}'`,
    );
  const { move, ...act } = form;
  const cancelled = await stale({
    path: one,
    action: `${course}/schedule/change`,
    change: { ...act, cancel: move, note: "Ill" },
    form: { ...act, cancel: move, note: "Strike" },
    now: "Cancelled: yes; Note (optional): Ill",
    stored: state,
    after: { first: "cancelled/Ill", second: "cancelled/Strike" },
  });
  equal(field(cancelled, "note"), "Strike", "what was typed is kept");
  await stale({
    path: one,
    action: `${course}/schedule/change`,
    change: { ...act, was: "1", cancel: move, note: "Closed" },
    form: { ...act, was: "1", restore: move, note: "Strike" },
    now: "Note (optional): Closed",
    stored: state,
    after: { first: "cancelled/Closed", second: "on/" },
  });
}

// Two windows of one person.
async function ofOneself() {
  const form = { title: "Mine", start: "2026-11-24T10:15", hall: "HS 8" },
    open = seen((await second.get(lecture)).text);
  await second.post(lecture, { ...form, hall: "HS 6", seen: open });
  const refused = await second.post(lecture, { ...form, seen: open });
  ok(
    refused.text.includes("You changed it in another window"),
    "who changed it in another window is told so",
  );
  const same = await second.post(lecture, { ...form, hall: "HS 6", seen: open });
  ok(
    same.status === 422 && same.text.includes("Nothing in it is other than in your form"),
    "and that it is the same",
  );
  equal(listed(same.text), "", "and no more");
}

async function ofRelease() {
  for (const [path, row] of [
    [`${course}/release`, `course WHERE id = ${id()}`],
    [`${lecture}/release`, `lecture WHERE \`key\` = '${lecture.split("/").pop()}'`],
  ])
    await stale({
      path,
      change: { release: "days", days: "3", hides: "1" },
      form: { release: "hand", days: "7" },
      now: "When do viewers see a recording?: Some days after the lecture; Days after the lecture: 3; Hide the recordings when the term ends: yes",
      stored: () => value(`SELECT CONCAT(release_kind, release_days, release_hides) FROM ${row}`),
      after: { first: "days31", second: "hand00" },
    });
}

async function ofPeople() {
  const helper = site.accounts.student.login,
    person = value(`SELECT id FROM user WHERE login = '${helper}'`),
    path = `${course}/staff/${person}`,
    rights = () =>
      value(
        `SELECT CONCAT(role, ':', rights) FROM course_staff WHERE course_id = ${id()} AND user_id = ${person}`,
      );
  await second.get(`${course}/people`);
  const add = { login: helper, as: "assistant", right_texts: "1" };
  equal((await second.post(`${course}/people`, add)).status, 303, "an assistant");
  await stale({
    path,
    change: { as: "assistant", right_texts: "1", right_upload: "1" },
    form: { as: "assistant", right_texts: "1", right_timetable: "1" },
    now: "Upload recordings, publish lectures: yes",
    stored: rights,
    after: { first: "assistant:texts,upload", second: "assistant:texts,timetable" },
  });
  for (const form of [`${course}/people`, `${course}/rights`]) {
    await second.get(form);
    const again = await second.post(form, { ...add, as: "lecturer" });
    ok(
      again.status === 422 && again.text.includes("in another role"),
      `${form.split("/").pop()}: who is added with another role keeps theirs`,
    );
    equal(rights(), "assistant:texts,timetable", "as it was");
  }
  const gone = { user: person, as: "staff" };
  equal((await second.post(`${course}/people/remove`, gone)).status, 303, "who was added is removed");
}

async function ofProvider() {
  await admin.get("/admin/idp/new");
  const made = await admin.post("/admin/idp/new", {
    name: "Stale",
    source: `https://${stamp}.example/metadata`,
    org: "0",
  });
  const path = made.to,
    number = path.split("/").pop(),
    row = what => () => value(`SELECT ${what} FROM idp WHERE id = ${number}`),
    again = new Person("admin");
  await again.signIn();
  const settings = { name: "Stale", domains: "", scopes: "", org: "0" },
    rule = role => `eduPersonAffiliation = faculty : ${role} engineering`;
  const two = { path, who: again, other: admin, unnamed: true }; // in two windows
  await stale({
    ...two,
    change: { ...settings, domains: "one.example", cbc: "1" },
    form: { ...settings, name: "Other" },
    now: "Domains of mail addresses (optional): one.example; Old encryption: yes",
    stored: row("CONCAT(name, '/', domains, '/', allow_cbc)"),
    after: { first: "Stale/one.example/1", second: "Other//0" },
  });
  await stale({
    ...two,
    action: `${path}/rules`,
    change: { rules: rule("lecturer"), do: "save" },
    form: { rules: rule("maintainer"), do: "save" },
    now: `Rules, one per line: ${rule("lecturer")}\n`,
    stored: () => value(`SELECT gives FROM idp_rule WHERE idp_id = ${number}`),
    after: { first: "lecturer", second: "maintainer" },
  });
  const open = formOf((await admin.get(path)).text, `${path}/rules`),
    tried = await admin.post(`${path}/rules`, { rules: rule("lecturer"), seen: seen(open), do: "try" });
  equal(
    seen(formOf(tried.text, `${path}/rules`)),
    seen(open),
    "a trial is of the time of the form that was tried",
  );
  await admin.post(`${path}/rules`, { rules: "", seen: seen(open), do: "save" });
  const late = await admin.post(`${path}/rules`, { rules: rule("lecturer"), seen: seen(open), do: "try" });
  ok(late.status === 422 && late.text.includes(SENTENCE), "a trial of an older form is refused, too");
  await stale({
    ...two,
    action: `${path}/source`,
    change: { source: "https://one.example/", cert: "" },
    form: { source: "https://two.example/", cert: "" },
    now: "Address of its metadata: https://one.example/",
    stored: row("source"),
    after: { first: "https://one.example/", second: "https://two.example/" },
  });
  await admin.get(`${path}/remove`);
  equal((await admin.post(`${path}/remove`)).status, 303, "it is ended");
}

// An organisation, and a hall of it.
async function ofMaintainers() {
  const slug = `stale-${stamp}`,
    org = `/org/${slug}`;
  await first.get("/org/engineering/new");
  equal((await first.post("/org/engineering/new", { name: "Stale", slug })).status, 303, "an organisation");
  const zone = value(`SELECT zone FROM organisation WHERE slug = '${slug}'`),
    form = { name: "Stale", slug, zone, lang: "", contact: "" };
  await stale({
    who: admin,
    path: org,
    change: { ...form, contact: "help@example.org", lang: "de" },
    form: { ...form, name: "Corrected" },
    now: "Language: Deutsch; Contact (optional): help@example.org",
    stored: () => value(`SELECT CONCAT(name, '/', contact) FROM organisation WHERE slug = '${slug}'`),
    after: { first: "Stale/help@example.org", second: "Corrected/" },
  });
  const hall = { name: "Stale hall", codes: "", building: "", seats: "20", booking: "below" };
  equal((await first.post(`${org}/halls`, hall)).status, 303, "a hall");
  const number = value(`SELECT h.id FROM hall h JOIN organisation o ON o.id = h.organisation_id
                        WHERE o.slug = '${slug}'`);
  await stale({
    who: admin,
    path: `${org}/halls/${number}`,
    change: { ...hall, booking: "maintainers" },
    form: { ...hall, seats: "30" },
    now: "Who books it?: Only maintainers",
    stored: () => value(`SELECT CONCAT(seats, '/', booking) FROM hall WHERE id = ${number}`),
    after: { first: "20/maintainers", second: "30/below" },
  });
  equal((await first.post(`${org}/archive`)).status, 303, "it is archived");
}

run(
  [begin, ofCourse, ofLecture, ofTimetable, ofOneself, ofRelease, ofPeople, ofMaintainers, ofProvider],
  () => sql(`UPDATE course SET deleted_at = UTC_TIMESTAMP(3) WHERE slug = 'stale-${stamp}'`),
);
