#!/usr/bin/env node
// Calendars as programs read them: ical.js finds every lecture, at its moment, cancelled ones too; a public course needs no
// secret; a secret address ends when it is revoked.
import { createRequire } from "node:module";
import { ctl, env, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { end, ok } from "../lib/tap.mjs";

const ICAL = createRequire(`${env.modules}/../package.json`)("ical.js");

const lecturer = new Person("lecturer"),
  visitor = new Person();
await lecturer.signIn();
const course = JSON.parse(ctl("course", "list", "--json")).find(one => one.visibility === "public");
const made = [];
for (const title of ["Calendar, one; “first”", "Calendar two"])
  made.push(await lecturer.newLecture(course.id, title));
for (const key of made) await lecturer.post(`/teach/lecture/${key}/publish`);
const [first, second] = made;
sql(`UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 3 DAY, ends_at = UTC_TIMESTAMP(3) + INTERVAL 3 DAY + INTERVAL 90 MINUTE,
  hall = 'HS 1', updated_at = UTC_TIMESTAMP(3) WHERE \`key\` = '${first}';
  UPDATE lecture SET starts_at = UTC_TIMESTAMP(3) + INTERVAL 4 DAY, ends_at = NULL, cancelled_at = UTC_TIMESTAMP(3),
  cancel_note = 'The lecturer is ill.', updated_at = UTC_TIMESTAMP(3) WHERE \`key\` = '${second}'`);

// {uid: event} of an address
async function read(person, address) {
  const answer = await person.get(address);
  if (answer.status !== 200) return { status: answer.status };
  const root = new ICAL.Component(ICAL.parse(answer.text)),
    events = root.getAllSubcomponents("vevent").map(one => new ICAL.Event(one));
  return {
    status: 200,
    type: answer.header("content-type"),
    events,
    of: key => events.find(e => e.uid.startsWith(key)),
  };
}
const start = key => Number(value(`SELECT UNIX_TIMESTAMP(starts_at) FROM lecture WHERE \`key\` = '${key}'`));

const open = await read(visitor, `/calendar.ics?course=${course.id}`);
ok(
  open.status === 200 && /^text\/calendar/.test(open.type),
  "the calendar of a public course is open",
  open.status,
);
const one = open.of(first);
ok(one?.summary === "Calendar, one; “first”", "the title comes back as it was typed", one?.summary);
ok(one?.startDate.toUnixTime() === Math.floor(start(first)), "at its moment", one?.startDate.toString());
ok(
  one?.location === "HS 1" && one.component.getFirstPropertyValue("status") === "CONFIRMED",
  "with its hall",
);
ok(one?.component.getFirstPropertyValue("url").endsWith(`/lecture/${first}`), "and the address of its page");
const two = open.of(second);
ok(
  two?.component.getFirstPropertyValue("status") === "CANCELLED" &&
    two.description === "The lecturer is ill.",
  "what does not take place says so",
);

// --- a secret address ---
const page = await lecturer.post("/calendar/feeds", { scope: "mine", id: 0 });
const address = page.text.match(/calendar\.ics\?key=[A-Za-z0-9_-]{43}/)?.[0];
ok(page.status === 200 && address, "an address is shown once", page.status);
ok(!(await lecturer.get("/calendar/feeds")).text.includes(address), "and not again");
const mine = await read(visitor, `/${address}`);
ok(mine.status === 200 && mine.of(first) && mine.of(second), "it has what its person has");
ok(
  mine.of(first).summary.startsWith(`${course.name}: `),
  "with the name of the course",
  mine.of(first).summary,
);
const before = mine.of(first).sequence;
sql(
  `UPDATE lecture SET hall = 'HS 2', updated_at = UTC_TIMESTAMP(3) + INTERVAL 2 SECOND WHERE \`key\` = '${first}'`,
);
const changed = (await read(visitor, `/${address}`)).of(first);
ok(
  changed.location === "HS 2" && changed.sequence > before,
  "a change has a larger number",
  changed.sequence,
);
const id = (await lecturer.get("/calendar/feeds")).text.match(/name="id" value="(\d+)"/)[1];
ok((await lecturer.post("/calendar/feeds/revoke", { id })).status === 303, "it is revoked");
ok((await read(visitor, `/${address}`)).status === 404, "and shows nothing any more");
ok(
  value(`SELECT COUNT(*) FROM audit WHERE action = 'calendar.revoke' AND detail = 'address ${id}'`) === "1",
  "which the audit knows",
);
ok((await read(visitor, "/calendar.ics?key=x")).status === 404, "what is no address shows nothing");

// --- pages ---
for (const view of ["week", "month", "list"])
  ok(
    (await visitor.get(`/calendar?view=${view}&course=${course.id}`)).status === 200,
    `the ${view} is a page`,
  );
const day = value(`SELECT DATE(starts_at) FROM lecture WHERE \`key\` = '${first}'`);
const week = await visitor.get(`/calendar?view=list&day=${day}&course=${course.id}`);
ok(
  week.text.includes(`/lecture/${first}`) && week.text.includes("The lecturer is ill."),
  "both lectures stand in it",
);
ok(
  (await visitor.get("/calendar?org=no-such")).status === 404,
  "an organisation that does not exist has none",
);
ok((await visitor.get("/calendar?scope=mine")).status !== 200, "a visitor has none");

// --- more than a page shows ---
sql(`INSERT INTO lecture (\`key\`, course_id, title, description, starts_at, ends_at, access, published_at, created_at, updated_at)
  SELECT CONCAT('cut', LPAD(seq, 9, '0')), ${course.id}, CONCAT('Cut ', seq), '', TIMESTAMP('2033-05-03 06:00:00') + INTERVAL seq MINUTE,
    TIMESTAMP('2033-05-03 07:00:00') + INTERVAL seq MINUTE, 'published', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM seq_1_to_201;
  UPDATE lecture SET starts_at = '2033-05-05 10:00:00', ends_at = NULL WHERE \`key\` = 'cut000000201'`);
const month = (await visitor.get("/calendar?view=month&day=2033-05-01&scope=all")).text;
sql("DELETE FROM lecture WHERE `key` LIKE 'cut000000%'");
ok(month.includes("Only the first 200 lectures are shown."), "a month of everything ends at a number");
ok(
  /<h3 class="cal-date">[^<]*3 May/.test(month) && !/<h3 class="cal-date">[^<]*[456] May/.test(month),
  "and does not show the days behind as empty ones",
  month.match(/class="cal-date">[^<]*/g),
);

for (const key of made) ctl("lecture", "delete", key, "--now");
end();
