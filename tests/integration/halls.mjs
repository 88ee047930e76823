#!/usr/bin/env node
// Halls through their pages: maintainers keep them and answer requests, lecturers plan a series in one, the row that is taken says by
// whom, nobody else comes in; the calendar of a hall; the web processes killed in the middle of a series.
import { createRequire } from "node:module";
import { join } from "node:path";
import { htmlFaults } from "../lib/html.mjs";
import { env, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { start, stop } from "../lib/programs.mjs";
import { end, equal, ok, until } from "../lib/tap.mjs";
import { alive, childrenOf, killOne, pidOf, signal } from "./faults_lib.mjs";

const ICAL = createRequire(`${env.modules}/../package.json`)("ical.js");
const [maintainer, lecturer, student, visitor] = ["maintainer", "lecturer", "student", "visitor"].map(
  role => new Person(role),
);
for (const one of [maintainer, lecturer, student]) await one.signIn();
const stamp = Date.now().toString(36),
  school = "engineering",
  halls = `/org/${school}/halls`;

// --- a maintainer's halls ---
const names = { open: `HS ${stamp}`, asked: `Aula ${stamp}`, closed: `Board ${stamp}` };
const add = (who, name, booking, more = {}) => who.post(halls, { name, booking, ...more });
await maintainer.get(halls);
for (const [key, booking] of [
  ["open", "below"],
  ["asked", "request"],
  ["closed", "maintainers"],
])
  equal(
    (await add(maintainer, names[key], booking, { building: "Main <b>", seats: "120" })).to,
    halls,
    `a hall: ${booking}`,
  );
const twice = await add(maintainer, names.open, "below");
ok(
  twice.status === 422 && /id="name-error"[^>]*>[^<]*has a hall of that name/.test(twice.text),
  "a second hall of that name: the sentence stands at the field",
  twice.status,
);
equal((await add(maintainer, "x", "everybody")).status, 422, "who may book it is one of three");
const list = (await maintainer.get(halls)).text,
  id = Object.fromEntries(
    Object.entries(names).map(([key, name]) => [key, list.match(new RegExp(`halls/(\\d+)">${name}<`))?.[1]]),
  );
ok(id.open && id.asked && id.closed && list.includes("Main &lt;b&gt; · 120 seats"), "they are listed");
for (const one of [lecturer, student]) {
  await one.get("/account");
  for (const path of [halls, `${halls}/${id.open}`, `/org/${school}/requests`])
    equal((await one.get(path)).status, 403, `${one.role}: not ${path}`);
  equal((await add(one, "mine", "below")).status, 403, `${one.role} adds no hall`);
  equal((await one.post(`${halls}/${id.open}/archive`)).status, 403, `${one.role} archives no hall`);
  equal(
    (await one.post(`/org/${school}/requests`, { give: 1, pick: "aaaaaaaaaaaa" })).status,
    403,
    `${one.role} gives no hall`,
  );
}
equal((await visitor.get(halls)).status, 303, "a visitor is asked to sign in");
equal((await maintainer.get(`/org/computing/halls/${id.open}`)).status, 404, "a hall has one address");

// --- a course below, and a series in a hall ---
const form = (await lecturer.get("/teach/course/new")).text,
  term = form.match(/<select id="term"[^>]*>.*?<option value="(\d+)"/s)[1],
  org = value("SELECT id FROM organisation WHERE slug = 'computing'");
async function newCourse(name) {
  const slug = `${name}-${stamp}`;
  const made = await lecturer.post("/teach/course/new", {
    title: slug,
    slug,
    term,
    org,
    visibility: "public",
  });
  return made.to.split("/").pop();
}
const one = await newCourse("first"),
  other = await newCourse("second");
const rule = hall => ({
  repeat: "weekly",
  day: "2",
  time: "10:15",
  length: "90",
  first: "2031-01-07",
  count: "15",
  title: "Week {n}",
  number: "1",
  hall,
});
// What the page of dates would send back: every row that is ticked, in rows of fields.
function rowsOf(text) {
  const body = new URLSearchParams();
  for (const [, name, field] of text.matchAll(
    /<input type="hidden" name="(title|number|nonce)" value="([^"]*)"/g,
  ))
    body.append(name, field);
  for (const [, name, field] of text.matchAll(
    /name="((?:date|time|length|hall)\[\])"[^>]*? value="([^"]*)"/g,
  ))
    body.append(name, field);
  for (const [, row] of text.matchAll(/name="pick" value="(\d+)" checked/g)) body.append("pick", row);
  return body;
}
const dates = async (course, hall) => lecturer.post(`/teach/course/${course}/schedule/new`, rule(hall));
const send = (course, body) => lecturer.post(`/teach/course/${course}/schedule`, body);

const plan = (await lecturer.get(`/teach/course/${one}/schedule/new`)).text;
ok(
  plan.includes(`<option value="${names.open}">`) &&
    plan.includes(`<option value="${names.asked}">`) &&
    !plan.includes(names.closed),
  "a lecturer's list has the halls that are booked or asked for, without those of maintainers",
);
const free = await dates(one, names.open.replace(" ", "").toUpperCase());
ok(
  free.status === 200 &&
    free.text.includes(`${names.open} is booked together with the lectures`) &&
    free.text.includes(`href="/calendar?hall=${id.open}&amp;day=2031-01-07"`),
  "the page of dates says that the hall is booked, and leads to its calendar",
  free.status,
);
equal((await send(one, rowsOf(free.text))).status, 303, "the series is made");
const booked = course =>
  Number(
    value(
      `SELECT COUNT(*) FROM lecture WHERE course_id = ${course} AND hall_id = ${id.open} AND hall_state = 'booked'`,
    ),
  );
equal(booked(one), 15, "15 lectures have the hall");

const taken = await dates(other, names.open);
ok(
  taken.text.includes("At 15 the hall is taken") &&
    taken.text.includes(`${names.open} is taken: first-${stamp}, Week 1, `) &&
    !/name="pick" value="\d+" checked/.test(taken.text),
  "each date says who has the hall, and none is ticked",
);
const body = rowsOf(taken.text);
body.append("pick", "3");
const refused = await send(other, body);
ok(
  refused.status === 422 &&
    refused.text.includes(`${names.open} is taken: first-${stamp}, Week 3, `) &&
    refused.text.includes('href="#hall-3"') &&
    !refused.text.includes("2031-01-21, "),
  "ticked all the same: the row says why, its date is written as before, and nothing is made",
  refused.status,
);
equal(value(`SELECT COUNT(*) FROM lecture WHERE course_id = ${other}`), "0", "nothing is there");
const closed = await dates(other, names.closed);
ok(closed.text.includes(`${names.closed} is booked by the maintainers of `), "a hall of maintainers says so");
const text = await dates(other, "Garden");
ok(text.text.includes("“Garden” is not in the list of halls"), "any other text says that nothing is booked");

const ago = new Date(Date.now() - 7 * 24 * 3600 * 1000),
  begun = await lecturer.post(`/teach/course/${other}/schedule/new`, {
    ...rule(names.open),
    day: String(ago.getUTCDay()),
    first: ago.toISOString().slice(0, 10),
    time: "05:15",
  });
ok(
  begun.text.includes(`${names.open} is booked together with the lectures`) &&
    !begun.text.includes("is not in the list of halls"),
  "a series that began last week gets the hall from now on, and the page says so",
  begun.text.match(/<p class="head-sub">.*/g),
);

// --- on request ---
const asked = await dates(other, names.asked);
ok(
  asked.text.includes(`${names.asked} is given on request`),
  "the page of dates says that somebody is asked",
);
equal((await send(other, rowsOf(asked.text))).status, 303, "the series is made, without its hall");
const schedule = `/teach/course/${other}/schedule?all=1`;
ok(
  (await lecturer.get(schedule)).text.includes(`${names.asked}: asked for, not answered yet`),
  "the lecturer sees that it waits",
);
const requests = `/org/${school}/requests`,
  page = (await maintainer.get(requests)).text,
  keys = [...page.matchAll(/name="pick" value="(\w{12})" checked/g)].map(m => m[1]);
ok(
  page.includes(`second-${stamp}`) && keys.length >= 15,
  "the maintainer's page has all of them, ticked",
  keys.length,
);
ok((await maintainer.get(halls)).text.includes("15 requests"), "and the list of halls counts them");
const overview = (await maintainer.get(`/org/${school}`)).text;
ok(
  /\d+ requests<\/span> <a href="\/org\/engineering\/requests">/.test(overview),
  "the page of the organisation says that requests wait, here and below",
);
ok(overview.includes(`href="/calendar?org=${school}"`), "and leads to its calendar");
const mine = sql(`SELECT \`key\` FROM lecture WHERE course_id = ${other} ORDER BY starts_at`).map(
  row => row[0],
);
const answer = (what, picks, note = "") => {
  const fields = new URLSearchParams({ [what]: 1, note });
  for (const key of picks) fields.append("pick", key);
  return maintainer.post(requests, fields);
};
equal((await answer("give", [])).status, 422, "an answer to nothing is none");
const enter = await maintainer.post(requests, { note: "Exams, no", pick: mine[0], group: mine[0] });
ok(
  enter.status === 422 &&
    /class="error" id="note-\d+-error">Nothing is answered yet/.test(enter.text) &&
    enter.text.includes('value="Exams, no"'),
  "Enter in a note neither gives nor refuses: the page asks, beside the note that was typed",
  enter.status,
);
ok(
  /<form[^>]*requests"><input[^>]*csrf[^>]*><button hidden>/.test(page),
  "since the first button of its form does neither",
);
equal(
  value(`SELECT COUNT(*) FROM lecture WHERE course_id = ${other} AND hall_state <> 'requested'`),
  "0",
  "nothing is answered",
);
equal((await answer("give", mine.slice(0, 13), "Key at the porter")).to, requests, "13 are given");
equal((await answer("refuse", mine.slice(13), "Exams")).to, requests, "two are refused");
const after = (await lecturer.get(schedule)).text;
ok(
  after.includes(`${names.asked}: refused. Exams`) && after.includes(`${names.asked}: Key at the porter`),
  "the lecturer reads both answers in the schedule",
);

// --- a lecture's form ---
const lecture = await lecturer.get(`/teach/course/${other}/lecture/new`);
ok(/id="hall"[^>]*list="halls"/.test(lecture.text), "the form of a lecture offers the halls");
const clash = await lecturer.post(`/teach/course/${other}/lecture/new`, {
  title: "Extra",
  start: "2031-01-07T11:00",
  end: "2031-01-07T12:00",
  twice: "1",
  hall: names.open,
});
ok(
  clash.status === 422 &&
    /id="hall-error"[^>]*>[^<]*is taken: first-/.test(clash.text) &&
    clash.text.includes('value="2031-01-07T11:00"'),
  "a taken hall: the sentence stands at the field, and nothing typed is lost",
  clash.status,
);

// --- more halls than a list offers ---
const many = value(
  `SELECT o.id FROM organisation o JOIN hall h ON h.organisation_id = o.id WHERE h.id = ${id.open}`,
);
sql(`INSERT INTO hall (organisation_id, name, codes, building, seats, booking, created_at)
  SELECT ${many}, CONCAT('${names.open} extra ', seq), CONCAT('code', seq), 'Wing Ä', 0, 'below', UTC_TIMESTAMP(3) FROM seq_1_to_205`);
const typed = { title: "Extra", start: "2031-01-07T18:00", end: "2031-01-07T19:00" };
const make = form => lecturer.post(`/teach/course/${other}/lecture/new`, { ...typed, ...form });
const search = await lecturer.get(`/teach/course/${other}/lecture/new`);
ok(/name="find" value="hall"/.test(search.text), "if not all are offered, there is a search");
equal(htmlFaults(search.text).join("\n"), "", "valid HTML");
const by = [
  ["extra 204", 1, "by name"],
  ["CODE203", 1, "by code"],
  ["wing a", 20, "by building, 20 at most"],
];
for (const [words, count, how] of by) {
  const found = await make({ find: "hall", hall: words });
  equal(found.status, 200, `halls are found ${how}`);
  equal([...found.text.matchAll(/name="take" value="/g)].length, count, "as many as fit");
  equal(htmlFaults(found.text).join("\n"), "", "valid HTML");
  ok(found.text.includes('value="2031-01-07T18:00"'), "and nothing typed is lost");
}
ok(
  (await make({ find: "hall", hall: "n o s u c h" })).text.includes("No hall that you may book"),
  "or none, in words",
);
const take = await make({ take: `${names.open} extra 204`, hall: "extra 204" });
ok(
  /id="hall"[^>]* value="[^"]* extra 204"/.test(take.text) && !take.text.includes('name="take"'),
  "one that is taken stands in the field",
);
equal((await make({ hall: `${names.open} extra 204`, twice: "1" })).status, 303, "and is booked");
equal(
  value(`SELECT hall_state FROM lecture WHERE course_id = ${other} AND title = 'Extra'`),
  "booked",
  "as said",
);
sql(`UPDATE lecture SET hall_id = NULL, hall_state = NULL WHERE course_id = ${other} AND title = 'Extra';
  DELETE FROM hall WHERE name LIKE '${names.open} extra %'`);

// --- a change of several says what is wrong with each ---
const bulk = new URLSearchParams({ move: 1, hall: names.open, twice: 1 }),
  several = mine.slice(0, 12); // at the times of the other course
for (const key of several) bulk.append("pick", key);
await lecturer.get(`/teach/course/${other}/schedule`);
const all = await lecturer.post(`/teach/course/${other}/schedule/change`, bulk);
equal(all.status, 422, "several that cannot have their hall are refused");
equal([...all.text.matchAll(/<li><a href="#hall">[^<]*is taken/g)].length, 10, "ten are named");
ok(all.text.includes("And 2 more that cannot have the hall"), "the others are counted");

// --- the calendar of a hall ---
const week = `/calendar?view=week&day=2031-01-07&hall=${id.open}`;
ok((await visitor.get(week)).text.includes("Week 1"), "everybody sees what has the hall, of public courses");
equal((await visitor.get("/calendar?hall=999999999")).status, 404, "no such hall");
sql(`UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 9 DAY, ends_at = UTC_TIMESTAMP(3) + INTERVAL 9 DAY + INTERVAL 1 HOUR
  WHERE course_id = ${one} AND title = 'Week 1'`);
await lecturer.get(week);
const made = await lecturer.post("/calendar/feeds", { scope: "hall", id: id.open });
const address = made.text.match(/\/calendar\.ics\?key=[\w-]{43}/)?.[0],
  events = new ICAL.Component(ICAL.parse((await visitor.get(address)).text)).getAllSubcomponents("vevent");
ok(
  events.some(
    e =>
      e.getFirstPropertyValue("summary") === `first-${stamp}: Week 1` &&
      e.getFirstPropertyValue("location") === names.open,
  ),
  "a program reads it at a secret address",
);

// --- while a lecture runs, who comes late finds its hall ---
sql(`UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE, ends_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR
  WHERE course_id = ${one} AND title = 'Week 2'`);
const slug = value(`SELECT slug FROM term WHERE id = ${term}`),
  late = (await visitor.get(`/course/${slug}/first-${stamp}`)).text,
  row = late.split('<li class="lecture">').find(text => text.includes(">Week 2<"));
ok(
  row?.includes(names.open) && !row.includes("No recording"),
  "the page of the course says where it is, and not that there is no recording",
  row,
);

// --- killed in the middle: the series waits for the hall, which somebody else is taking, and its process ends ---
const spare = await newCourse("spare"),
  series = () => value(`SELECT COUNT(*) FROM series WHERE course_id = ${spare}`),
  lectures = () => value(`SELECT COUNT(*) FROM lecture WHERE course_id = ${spare}`);
const later = await lecturer.post(`/teach/course/${spare}/schedule/new`, {
  ...rule(names.open),
  day: "4",
  count: "60",
});
const taking = start([
  ...["setpriv", "--reuid=lectern", "--regid=lectern", "--clear-groups", "mariadb", "--no-defaults"],
  ...["-S", join(env.run, "mariadb.sock"), "lectern", "-e"],
  `BEGIN; UPDATE hall SET bookings = bookings + 1 WHERE id = ${id.open}; SELECT 'taken'; DO SLEEP(600)`,
]);
const waits = text =>
  value(
    `SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '${text}' AND id <> CONNECTION_ID()`,
  ) !== "0";
await until("the hall to be locked", () => waits("DO SLEEP(600)"));
const sent = send(spare, rowsOf(later.text)).then(
  a => a.status,
  () => 0,
);
await until("the series to wait for it", () => waits("UPDATE JSON_TABLE%STRAIGHT_JOIN hall%"));
const processes = childrenOf(pidOf("web"));
const { works } = await killOne("web", "a series that waits for its hall");
signal(processes.filter(alive), "SIGKILL");
ok((await sent) !== 303, "who sent it hears of no success");
await works;
await stop(taking);
await until("the database to drop what was begun", () => !waits("UPDATE JSON_TABLE%STRAIGHT_JOIN hall%"));
equal(`${series()} ${lectures()}`, "0 0", "nothing of it is there");
equal((await send(spare, rowsOf(later.text))).status, 303, "sent again, it is made");
equal((await send(spare, rowsOf(later.text))).status, 303, "and once more:");
equal(`${series()} ${lectures()}`, "1 60", "it is there once");

// --- archived, and back ---
const archived = await maintainer.post(`${halls}/${id.open}/archive`);
equal(archived.to, halls, "a hall is archived");
ok(
  !(await lecturer.get(`/teach/course/${one}/schedule/new`)).text.includes(`<option value="${names.open}">`),
  "and not offered",
);
const undo = (await maintainer.get(halls)).text;
ok(undo.includes(`action="${halls}/${id.open}/restore"`), "the list has the way back");
equal((await maintainer.post(`${halls}/${id.open}/restore`)).to, halls, "it is restored");
ok(
  (await lecturer.get(`/teach/course/${one}/schedule/new`)).text.includes(`<option value="${names.open}">`),
  "and offered",
);
end();
