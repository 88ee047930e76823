#!/usr/bin/env node
// Two people edit the same thing: whoever saves a form that is older than what is stored overwrites nothing in silence. The form
// comes back with what was typed and says what is stored now; saved once more, it overwrites.

import { htmlFaults } from "../lib/html.mjs";
import { sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run } from "../lib/tap.mjs";

const first = new Person("maintainer"), // of engineering, above the course
  second = new Person("lecturer"),
  admin = new Person("admin");
const stamp = Date.now().toString(36),
  SENTENCE = "Somebody changed this meanwhile";
let course = "",
  lecture = "",
  one = "";

const field = (text, name) =>
  text.match(new RegExp(`name="${name}"[^>]* value="([^"]*)"`))?.[1] ??
  text.match(new RegExp(`value="([^"]*)"[^>]*name="${name}"`))?.[1];
const seen = text => field(text, "seen");
const listed = text =>
  [...text.matchAll(/<dt>([^<]*)<\/dt><dd>([^<]*)<\/dd>/g)].map(row => `${row[1]}: ${row[2]}`).join("; ");
const id = () => course.split("/").pop();

// `form` is what the second one (`who`) typed into the form that was opened before the first one saved `change`.
async function stale({ who = second, path, action = path, change, form, now, stored, after }) {
  const open = await who.get(path);
  ok(
    /^[0-9a-f]{16}$/.test(seen(open.text)),
    `${path.replace(/\d+/g, "N")}: the form says what it was made of`,
  );
  equal(htmlFaults(open.text).join("\n"), "", "valid HTML");
  const mine = { ...form, seen: seen(open.text) },
    theirs = await first.get(path);
  equal(
    (await first.post(action, { ...change, seen: seen(theirs.text) })).status,
    303,
    "somebody else saves it first",
  );
  const refused = await who.post(action, mine);
  equal(refused.status, 422, "the older form is refused");
  ok(refused.text.includes(SENTENCE), "in words");
  equal(htmlFaults(refused.text).join("\n"), "", "valid HTML");
  equal(listed(refused.text), now, "with what is stored now");
  equal(stored(), after.first, "and nothing is overwritten");
  const German = await who.post(action, mine, { headers: { "Accept-Language": "de" } });
  ok(German.status === 422 && German.text.includes("Jemand hat das inzwischen geändert"), "in German, too");
  ok(seen(refused.text) && seen(refused.text) !== mine.seen, "the form that came back is of now");
  equal((await who.post(action, { ...mine, seen: seen(refused.text) })).status, 303, "saved once more");
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
    now: "Title: Stale; Who may watch?: Whoever has the link",
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
    now: "Title: Stale lecture; Hall (optional): HS 9",
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
    now: "Begins: 10:15; Hall (optional): HS 7",
    stored: () => value(`SELECT hall FROM lecture WHERE \`key\` = '${lecture.split("/").pop()}'`),
    after: { first: "HS 7", second: "HS 8" },
  });
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
    now: "Name: Stale; Language: Deutsch; Contact (optional): help@example.org",
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
    now: "Seats (optional): 20; Who books it?: Only maintainers",
    stored: () => value(`SELECT CONCAT(seats, '/', booking) FROM hall WHERE id = ${number}`),
    after: { first: "20/maintainers", second: "30/below" },
  });
  equal((await first.post(`${org}/archive`)).status, 303, "it is archived");
}

run([begin, ofCourse, ofLecture, ofTimetable, ofMaintainers], () =>
  sql(`UPDATE course SET deleted_at = UTC_TIMESTAMP(3) WHERE slug = 'stale-${stamp}'`),
);
