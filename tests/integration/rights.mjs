#!/usr/bin/env node
// Roles on the pages: an owner gives and takes them, an assistant finds the buttons of their rights and no others and is refused in
// words, a maintainer gives roles in their subtree and nowhere else, the last owner and the last admin stay.

import { htmlFaults } from "../lib/html.mjs";
import { site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run } from "../lib/tap.mjs";

const lecturer = new Person("lecturer"),
  maintainer = new Person("maintainer"),
  admin = new Person("admin"),
  student = new Person("student"),
  login = role => site.accounts[role].login,
  id = role => value(`SELECT id FROM user WHERE login = '${login(role)}'`);
const stamp = Date.now().toString(36);
let course = "",
  lecture = "";

const page = async (person, path) => {
  const answer = await person.get(path);
  equal(answer.status, 200, `${person.role} opens ${path.replace(/\d+/g, "N")}`);
  equal(htmlFaults(answer.text).join("\n"), "", "valid HTML");
  return answer.text;
};
// A form that is refused: the sentence is on the page that comes, and nothing has changed.
const refused = async (person, path, form, sentence, what) => {
  const answer = await person.post(path, form);
  ok(
    answer.status >= 400 && answer.text.includes(sentence),
    what,
    `${answer.status}: ${answer.text.match(/<main.*<\/main>/s)?.[0].slice(0, 600)}`,
  );
};
const role = who =>
  sql(`SELECT s.role, s.rights FROM course_staff s JOIN user u ON u.id = s.user_id
       WHERE u.login = '${login(who)}' AND s.course_id = ${course.split("/").pop()}`)
    .map(row => row.join(" ").trim())
    .join();

async function begin() {
  for (const person of [lecturer, maintainer, admin, student]) await person.signIn();
  const options = (await lecturer.get("/teach/course/new")).text;
  const first = name =>
    options.match(new RegExp(`<select id="${name}"[^>]*>.*?<option value="(\\d+)"`, "s"))[1];
  const made = await lecturer.post("/teach/course/new", {
    title: "Rights",
    slug: `rights-${stamp}`,
    term: first("term"),
    org: first("org"),
    visibility: "hidden",
  });
  course = made.to;
  lecture = `/teach/lecture/${await lecturer.newLecture(course.split("/").pop(), "First")}`;
}

async function owner() {
  equal(role("lecturer"), "owner", "whoever creates a course owns it");
  const me = `${course}/staff/${id("lecturer")}`;
  await refused(lecturer, me, { as: "lecturer" }, "at least one owner", "the last owner stays");
  await refused(
    lecturer,
    `${course}/people`,
    { login: login("student"), as: "assistant" },
    "Choose at least one right",
    "an assistant without a right",
  );
  await refused(
    lecturer,
    `${course}/people`,
    { login: "nobody-at-all", as: "owner" },
    "nobody with this user name",
    "an unknown login, beside the field",
  );
  const form = { login: login("student"), as: "assistant", right_texts: "1", right_people: "1" };
  equal((await lecturer.post(`${course}/people`, form)).status, 303, "an assistant is added");
  equal(role("student"), "assistant texts,people", "with the rights that were ticked");
  const text = await page(lecturer, `${course}/people`);
  ok(
    text.includes("Assistant: texts, people") && text.includes(`${me}"`),
    "the list says so, with a link to change it",
  );
}

async function assistant() {
  const there = await page(student, course),
    editing = await page(student, lecture);
  ok(
    there.includes('name="only" value="texts"') && !there.includes('name="visibility"'),
    "texts of the course, no settings",
  );
  ok(
    there.includes(`${course}/people"`) && !there.includes("/lecture/new") && !there.includes("/delete"),
    "people, but no new lecture and no deletion",
  );
  ok(
    editing.includes('name="title"') &&
      !editing.includes('name="start"') &&
      !/data-upload|\/publish"|\/delete"/.test(editing),
    "texts of the lecture; no times, upload, publication, deletion",
  );
  equal(
    (await student.post(lecture, { only: "texts", title: "Second", description: "x" })).status,
    303,
    "the texts are saved",
  );
  equal(
    (await student.post(course, { only: "texts", title: "Rights, again" })).status,
    303,
    "of the course, too",
  );
  const no = "You may not do this";
  await refused(
    student,
    lecture,
    { title: "Third", start: "2026-11-24T10:15" },
    no,
    "times are refused in words",
  );
  await refused(student, `${lecture}/publish`, {}, no, "and publication");
  await refused(student, `${lecture}/delete`, {}, no, "and deletion");
  await refused(student, `${lecture}/source`, { view: "CAM", nonce: `r${stamp}abcd` }, no, "and an upload");
  await refused(
    student,
    `${course}/lecture/new`,
    { title: "x", start: "2026-11-24T10:15" },
    no,
    "and a new lecture",
  );
  await refused(student, `${course}/delete`, {}, no, "and deletion of the course");
  ok((await student.get(`${course}/lecture/new`)).text.includes(no), "its form as well");
  const more = "only give and take what you may do yourself";
  const people = await page(student, `${course}/people`);
  ok(
    !people.includes('value="owner"') && people.includes("right_texts") && !people.includes("right_upload"),
    "what one does not hold is no choice",
  );
  await refused(
    student,
    `${course}/people`,
    { login: login("maintainer"), as: "owner" },
    more,
    "and is refused",
  );
  await refused(
    student,
    `${course}/people`,
    { login: login("student"), as: "assistant", right_upload: "1" },
    more,
    "for oneself, too",
  );
  await refused(
    student,
    `${course}/people/remove`,
    { user: id("lecturer"), as: "staff" },
    more,
    "nobody takes an owner",
  );
  equal((await student.get(`${course}/staff/${id("lecturer")}`)).status, 403, "nor opens the page for that");
  equal(role("student"), "assistant texts,people", "nothing has changed");
}

async function why() {
  const text = await page(lecturer, `${course}/rights`);
  ok(/since [^<]+, given by /.test(text), "since when, by whom");
  ok(
    text.includes(login("admin")) && text.includes("The whole installation"),
    "what is given above holds here",
  );
  const give = { login: login("student"), as: "assistant", right_upload: "1" };
  await refused(lecturer, `${course}/rights`, give, "in another role", "who has a role keeps it");
  equal(role("student"), "assistant texts,people", "as it was");
  const { login: whom, ...changed } = give;
  equal(
    (await lecturer.post(`${course}/staff/${id("student")}`, changed)).status,
    303,
    `${whom}: changed on a page of its own`,
  );
  equal(role("student"), "assistant upload", "and is there");
  const editing = await page(student, lecture);
  ok(
    /data-upload/.test(editing) && editing.includes('/publish"') && !editing.includes('name="title"'),
    "upload and publication, no texts",
  );
  equal(
    (await student.get(`${course}/rights`)).status,
    403,
    "who may not say who the people are does not see it",
  );
  equal(
    (await lecturer.post(`${course}/people/remove`, { user: id("student"), as: "staff" })).status,
    303,
    "it is taken",
  );
  equal(role("student"), "", "and gone");
  equal((await student.get(course)).status, 404, "the hidden course with it");
  const audit =
    sql(`SELECT action FROM audit WHERE object_kind = 'course' AND object_id = ${course.split("/").pop()}
    AND action LIKE 'course.staff%' ORDER BY id`).flat();
  equal(
    audit.join(" "),
    "course.staff_give course.staff_give course.staff_take",
    "the audit has each change once",
  );
}

async function organisations() {
  const [[slug, above]] =
    sql(`SELECT o.slug, IFNULL(p.slug, '') FROM role_grant g JOIN organisation o ON o.id = g.organisation_id
    LEFT JOIN organisation p ON p.id = o.parent_id WHERE g.role = 'maintainer' AND g.user_id = ${id("maintainer")} LIMIT 1`);
  const own = `/org/${slug}/rights`;
  const text = await page(maintainer, own);
  ok(
    text.includes(login("maintainer")) && text.includes(login("admin")),
    "who may do what here, given here and above",
  );
  const form = { login: login("student"), as: "lecturer" };
  equal((await maintainer.post(own, form)).to, own, "a maintainer gives a role in their organisation");
  const given = () =>
    value(`SELECT COUNT(*) FROM role_grant WHERE role = 'lecturer' AND user_id = ${id("student")}
    AND granted_by = ${id("maintainer")}`);
  equal(given(), "1", "with their name");
  equal((await maintainer.post(`${own}/take`, form)).to, own, "and takes it");
  equal(given(), "0", "it is gone");
  await refused(maintainer, own, { ...form, as: "admin" }, "", "no admin is made there");
  const no = "You may not do this";
  await refused(maintainer, "/admin/rights", { ...form, as: "admin" }, no, "nor where admins are made");
  equal((await maintainer.get("/admin/rights")).status, 403, "whose page is closed");
  if (above)
    equal((await maintainer.get(`/org/${above}/rights`)).status, 403, "as that of the organisation above");
  equal((await lecturer.get(own)).status, 403, "a lecturer does not open it");
  await refused(
    lecturer,
    own,
    { login: login("lecturer"), as: "maintainer" },
    no,
    "and gives themself nothing",
  );
  equal((await student.get(own)).status, 403, "nor does a student");
  equal((await admin.get("/org/no-such-place/rights")).status, 404, "there is no such organisation");
}

async function admins() {
  const text = await page(admin, "/admin/rights");
  ok(text.includes(`value="${login("admin")}"`), "admins, with a button to take the role");
  await refused(
    admin,
    "/admin/rights/take",
    { login: login("admin"), as: "admin" },
    "the last person who administers",
    "the last admin stays",
  );
  equal(
    (await admin.post("/admin/rights", { login: login("maintainer"), as: "admin" })).to,
    "/admin/rights",
    "another one is made",
  );
  equal((await maintainer.get("/admin/rights")).status, 200, "who may do so at once");
  equal(
    (await admin.post("/admin/rights/take", { login: login("maintainer"), as: "admin" })).to,
    "/admin/rights",
    "and is none again",
  );
  equal((await maintainer.get("/admin/rights")).status, 403, "at once");
}

await run([begin, owner, assistant, why, organisations, admins], async () => {
  if (course) await lecturer.post(`${course}/delete`);
});
