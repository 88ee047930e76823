#!/usr/bin/env node
// The timetable by its forms: a number of lectures goes on after free days, what is planned at the time of another lecture is
// asked about, every change is undone exactly while nobody has changed the same since; and whoever may not plan finds none of it.

import { htmlFaults } from "../lib/html.mjs";
import { site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run } from "../lib/tap.mjs";

const lecturer = new Person("lecturer"), // of computing
  maintainer = new Person("maintainer"), // of engineering, above it
  admin = new Person("admin"),
  student = new Person("student");
const stamp = Date.now().toString(36),
  FREE = `Free ${stamp}`;
let course = "",
  schedule = "";

const main = answer => answer.text.match(/<main.*<\/main>/s)?.[0].slice(0, 900);
const page = async (person, path) => {
  const answer = await person.get(path);
  equal(answer.status, 200, `${person.role} opens ${path.replace(/\d+/g, "N")}`);
  equal(htmlFaults(answer.text).join("\n"), "", "valid HTML");
  return answer.text;
};
const all = (text, pattern) => [...text.matchAll(pattern)].map(found => found[1]);
// What people and programs know of the lectures of the course.
const lectures = () =>
  sql(`SELECT \`key\`, title, starts_at, ends_at, hall, edited, time_state, cancelled_at, cancel_note FROM lecture
       WHERE course_id = ${course.split("/").pop()} ORDER BY id`).map(row => row.join("|"));
const keys = () => lectures().map(row => row.split("|")[0]);
const rule = more => ({
  first: "2027-01-11",
  time: "10:15",
  length: "90",
  hall: "HS 1",
  title: "Week {n}",
  number: "1",
  repeat: "weekly",
  every: "1",
  ...more,
});
// The dates of a rule, and the form that makes them, as pairs.
async function dates(more) {
  const answer = await lecturer.post(`${schedule}/new`, rule(more));
  equal(answer.status, 200, "the dates are shown");
  equal(htmlFaults(answer.text).join("\n"), "", "valid HTML");
  const fields = ["date", "time", "length", "hall"].flatMap(name =>
    all(answer.text, new RegExp(`name="${name}\\[\\]"[^>]*value="([^"]*)"`, "g")).map(text => [
      `${name}[]`,
      text,
    ]),
  );
  for (const name of ["title", "number", "nonce"])
    fields.push([name, answer.text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1]]);
  const picks = all(answer.text, /name="pick" value="(\d+)" checked/g).map(row => ["pick", row]);
  return {
    text: answer.text,
    days: fields.filter(([name]) => name === "date[]").map(f => f[1]),
    fields,
    picks,
  };
}
const undo = async (person = lecturer) =>
  (await person.get(`${schedule}?all=1`)).text.match(/class="flash"(?:(?!<\/div>).)*?action="([^"]+)"/s)?.[1];

async function begin() {
  for (const person of [lecturer, maintainer, admin, student]) await person.signIn();
  const form = (await lecturer.get("/teach/course/new")).text,
    first = name => form.match(new RegExp(`<select id="${name}"[^>]*>.*?<option value="(\\d+)"`, "s"))[1];
  const made = await lecturer.post("/teach/course/new", {
    title: "Timetable",
    slug: `timetable-${stamp}`,
    term: value("SELECT id FROM term WHERE slug = '2026w'"),
    org: first("org"),
    visibility: "enrolled",
  });
  course = made.to;
  schedule = `${course}/schedule`;
  const org = value(`SELECT o.slug FROM course c JOIN organisation o ON o.id = c.organisation_id
                     WHERE c.id = ${course.split("/").pop()}`);
  await maintainer.get(`/org/${org}/terms?term=2026w`);
  const free = await maintainer.post(`/org/${org}/terms/free?term=2026w`, {
    term: "2026w",
    name: FREE,
    first: "2027-01-18",
    last: "2027-01-19",
  });
  equal(free.status, 303, "a maintainer says which days are free");
}

async function number() {
  const four = await dates({ count: "4" });
  equal(
    four.days.join(" "),
    "2027-01-11 2027-01-18 2027-01-25 2027-02-01 2027-02-08",
    "four lectures and a free day",
  );
  equal(four.picks.map(p => p[1]).join(" "), "1 3 4 5", "which is not ticked");
  ok(four.text.includes(FREE), "and says why");
  equal(
    (await dates({ first: "2027-01-18", repeat: "once" })).days.join(" "),
    "2027-01-18",
    "once is that day",
  );
  const many = await dates({ first: "2027-03-22", count: "3" });
  ok(
    many.text.includes("3 lie outside of the lecture period."),
    "what does not fit into the lecture period says so",
  );
  equal(many.picks.length, 3, "and is ticked, since its number was asked for");
  equal((await lecturer.post(schedule, [...four.fields, ...four.picks])).to, schedule, "they are made");
  equal(keys().length, 4, "four");
  equal((await lecturer.post(await undo())).to, schedule, "the message offers to undo it");
  ok(
    (await lecturer.get(schedule)).text.includes("Undone: 4 lectures of the new series removed"),
    "it says so",
  );
  equal(keys().length, 0, "and none is left");
  equal((await lecturer.post(schedule, [...four.fields, ...four.picks])).to, schedule, "sent again");
  equal(keys().length, 4, "they are made again");
  equal((await lecturer.post(schedule, [...four.fields, ...four.picks])).status, 303, "sent twice");
  equal(keys().length, 4, "they are four");
}

async function twice() {
  const one = await dates({ first: "2027-01-25", time: "11:00", repeat: "once", title: "Lab" });
  ok(one.text.includes("At the same time: Week 2") && one.picks.length === 0, "a taken time is not ticked");
  ok(/name="twice" value="1"(?! checked)/.test(one.text), "a box asks");
  const pick = ["pick", "1"],
    refused = await lecturer.post(schedule, [...one.fields, pick]);
  ok(
    refused.status === 422 && refused.text.includes("has another lecture: Week 2"),
    "ticked without the box it is named",
    main(refused),
  );
  equal(htmlFaults(refused.text).join("\n"), "", "valid HTML");
  equal(keys().length, 4, "and nothing is made");
  equal(
    (await lecturer.post(schedule, [...one.fields, pick, ["twice", "1"]])).status,
    303,
    "with it, it is made",
  );
  equal(keys().length, 5, "beside the other");

  const changed = await dates({ first: "2027-01-12", count: "2", title: "Other" });
  changed.fields.find(f => f[0] === "date[]")[1] = "2027-02-01"; // a date that was changed on the page
  const moved = await lecturer.post(schedule, [...changed.fields, ...changed.picks]);
  ok(
    moved.status === 422 && moved.text.includes("At the same time: Week 3"),
    "a date that was changed is looked at again, at its row",
    main(moved),
  );

  const form = {
    one: "1",
    pick: keys()[0],
    date: "2027-02-01",
    time: "09:30",
    length: "90",
    hall: "HS 1",
    move: "1",
  };
  const address = `${schedule}/change?lecture=${keys()[0]}&scope=one`,
    asked = await lecturer.post(address, { ...form, lecture: keys()[0], scope: "one" });
  ok(
    asked.status === 422 &&
      asked.text.includes("has another lecture: Week 3") &&
      /id="twice"/.test(asked.text),
    "moving there asks, too",
    main(asked),
  );
  equal(htmlFaults(asked.text).join("\n"), "", "valid HTML");
  ok(lectures()[0].includes("2027-01-11"), "and changes nothing");
  equal(
    (
      await lecturer.post(address, {
        ...form,
        lecture: keys()[0],
        scope: "one",
        hall: "HS 2",
        date: "2027-01-11",
      })
    ).status,
    303,
    "a free time does not",
  );
  const lecture = { title: "By hand", start: "2027-02-01T11:00", end: "2027-02-01T12:00" };
  ok(
    (await lecturer.post(`${course}/lecture/new`, lecture)).text.includes("another lecture: Week 3"),
    "nor a new lecture",
  );
  const added = await lecturer.post(`${course}/lecture/new`, {
    ...lecture,
    start: "2027-02-01T11:45",
    end: "2027-02-01T12:00",
  });
  equal(added.status, 303, "back to back is not at the same time");
  ok(
    (await lecturer.post(added.to.split("?")[0], { ...lecture, title: "By hand" })).text.includes(
      "another lecture: Week 3",
    ),
    "nor a changed one",
  );
  equal(
    (await lecturer.post(added.to.split("?")[0], { ...lecture, twice: "1" })).status,
    303,
    "unless the box is ticked",
  );
  equal(
    (await lecturer.post(added.to.split("?")[0], { ...lecture, title: "Again" })).status,
    303,
    "a title alone is not asked about",
  );
}

async function undone() {
  const before = lectures().join("\n"),
    [first, second, third] = keys();
  const change = form => lecturer.post(`${schedule}/change`, form);
  for (const [what, form] of [
    [
      "moving some",
      [
        ["pick", first],
        ["pick", third],
        ["weekday", "4"],
        ["hall", "HS 7"],
        ["move", "1"],
      ],
    ],
    [
      "cancelling some",
      [
        ["pick", first],
        ["pick", second],
        ["note", "Ill"],
        ["cancel", "1"],
      ],
    ],
    [
      "moving one",
      [
        ["one", "1"],
        ["pick", second],
        ["date", "2027-01-27"],
        ["time", "08:00"],
        ["length", "45"],
        ["move", "1"],
      ],
    ],
  ]) {
    const answer = await change(form);
    equal(answer.status, 303, what);
    ok(lectures().join("\n") !== before, "changes them");
    const back = await undo();
    ok(back?.startsWith(`${schedule}/undo/`), "the message offers to undo it");
    equal((await lecturer.post(back)).to, schedule, "it is undone");
    ok((await lecturer.get(schedule)).text.includes("Undone: "), "and says so");
    equal(lectures().join("\n"), before, "everything is as before");
    const again = await lecturer.post(back);
    ok(
      again.status === 422 && again.text.includes("Nothing was undone: only your last change"),
      "once",
      main(again),
    );
  }
  await change([
    ["pick", first],
    ["pick", second],
    ["note", "Ill"],
    ["cancel", "1"],
  ]);
  const back = await undo();
  await maintainer.get(schedule);
  equal(
    (
      await maintainer.post(`${schedule}/change`, [
        ["pick", second],
        ["restore", "1"],
        ["twice", "1"],
      ])
    ).status,
    303,
    "somebody else changes one",
  );
  const now = lectures().join("\n"),
    late = await lecturer.post(back);
  ok(
    late.status === 422 && late.text.includes("one of these lectures has been changed since"),
    "then nothing is undone, in words",
    main(late),
  );
  equal(htmlFaults(late.text).join("\n"), "", "valid HTML");
  equal(lectures().join("\n"), now, "and nothing has changed");
}

// A note belongs to a cancellation: with another button, or Enter in its field, it would be lost.
async function note() {
  const before = lectures().join("\n"),
    [first, second] = keys(),
    form = { one: "1", pick: first, date: "2027-01-11", time: "07:00", length: "90", note: "Ill today" };
  for (const more of [{}, { move: "1" }]) {
    const asked = await lecturer.post(`${schedule}/change?lecture=${first}&scope=one`, {
      ...form,
      ...more,
      lecture: first,
      scope: "one",
    });
    ok(
      asked.status === 422 && /id="note-error">Nothing is changed yet: a note belongs/.test(asked.text),
      "a note, but not the button that cancels: the page asks",
      main(asked),
    );
    ok(asked.text.includes('value="Ill today"'), "what was typed is there");
    equal(htmlFaults(asked.text).join("\n"), "", "valid HTML");
    equal(lectures().join("\n"), before, "and nothing is changed");
  }
  const change = fields => lecturer.post(`${schedule}/change`, fields);
  await change({ one: "1", pick: second, note: "Ill today", cancel: "1" });
  equal(
    (await change({ one: "1", pick: second, hall: "HS 9", note: "Ill today", move: "1" })).status,
    303,
    "one that is cancelled is moved with the note that it has",
  );
}

// Students, strangers and the maintainer of a neighbour: the student account, who gets that role.
async function strangers() {
  const login = site.accounts.student.login,
    before = lectures().join("\n"),
    paths = [
      schedule,
      `${schedule}/new`,
      `${schedule}/change?lecture=${keys()[0]}&scope=all`,
      `${course}/lecture/new`,
    ];
  const posts = [
    [
      schedule,
      [
        ["title", "x"],
        ["number", "1"],
        ["nonce", "x".repeat(24)],
        ["date[]", "2027-01-13"],
        ["time[]", "10:00"],
        ["length[]", "60"],
        ["hall[]", ""],
        ["pick", "1"],
      ],
    ],
    [`${schedule}/new`, rule({ count: "2" })],
    [`${schedule}/change`, { pick: keys()[0], cancel: "1" }],
    [`${schedule}/undo/${"x".repeat(24)}`, {}],
    [`${course}/lecture/new`, { title: "x", start: "2027-01-13T10:00" }],
  ];
  const visit = async who => {
    await student.get("/account");
    for (const path of paths)
      equal((await student.get(path)).status, 403, `${who}: ${path.replace(/\d+/g, "N")}`);
    for (const [path, form] of posts)
      ok(
        [403, 404].includes((await student.post(path, form)).status),
        `${who} posts to ${path.replace(/\d+/g, "N")}`,
      );
  };
  await visit("a stranger");
  await lecturer.get(`${course}/people`);
  await lecturer.post(`${course}/people`, { login, as: "student" });
  await visit("a student");
  await admin.get("/org/arts/rights");
  equal(
    (await admin.post("/org/arts/rights", { login, as: "maintainer" })).status,
    303,
    "the neighbour's maintainer",
  );
  await visit("the neighbour's maintainer");
  await admin.post("/org/arts/rights/take", { login, as: "maintainer" });
  equal(lectures().join("\n"), before, "nothing has changed");
}

run([begin, number, twice, undone, note, strangers], async () => {
  if (course) await lecturer.post(`${course}/delete`);
  sql(`DELETE FROM free_day WHERE name = '${FREE}';
       DELETE FROM role_grant WHERE user_id = (SELECT id FROM user WHERE login = '${site.accounts.student.login}')`);
});
