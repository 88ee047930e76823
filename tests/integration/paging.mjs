#!/usr/bin/env node
// A course of ten thousand lectures: its pages, for visitors and for the lecturer, join without a gap in both orders, end with a month, and
// are far from the limit of an answer; one of two hundred stands on one page. A person's many courses have pages, too. The rows are made
// by SQL and deleted again.

import { existsSync, readFileSync } from "node:fs";
import { env, site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { ok, run } from "../lib/tap.mjs";

const { accounts } = site;
const MANY = 10000,
  PAGE = 200,
  CROWDED = 450,
  BYTES = 400000; // lectures in all, on a page, in the first month; an answer
const clear = () =>
  sql(
    "DELETE l FROM lecture l JOIN course c ON c.id = l.course_id WHERE c.slug LIKE 'paging-%'; DELETE FROM course WHERE slug LIKE 'paging-%';",
  );

const term = value("SELECT slug FROM term ORDER BY slug = '2026w' DESC, id DESC LIMIT 1");
const fill = (name, count) =>
  value(`INSERT INTO course (\`key\`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
    SELECT 'paging${name}', (SELECT id FROM term WHERE slug = '${term}'), (SELECT MAX(id) FROM organisation), 'paging-${name}', 'Paging ${name}', 'public', NOW(3), NOW(3);
  SET @c = LAST_INSERT_ID();
  INSERT INTO course_staff (course_id, user_id, created_at) VALUES (@c, (SELECT id FROM user WHERE login = '${accounts.lecturer.login}'), NOW(3));
  INSERT INTO lecture (\`key\`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at, generation, duration_ms, created_at, updated_at)
    SELECT CONCAT('pg${name[0]}', LPAD(n, 9, '0')), @c, CONCAT('Lecture ', n), at, at + INTERVAL 1 HOUR, 'ended', 'complete', IF(n % 10 = 7, 'draft', 'published'),
      NOW(3), 1, 90000, NOW(3), NOW(3)
    FROM (SELECT seq AS n, '2021-01-02 06:00:00' + INTERVAL IF(seq < ${CROWDED}, seq, ${CROWDED} + (CAST(seq AS SIGNED) - ${CROWDED}) * 5) HOUR AS at FROM seq_1_to_${count}) s;
  SELECT @c;`);
const keys = (slug, order, all) =>
  sql(`SELECT l.\`key\` FROM lecture l JOIN course c ON c.id = l.course_id WHERE c.slug = '${slug}' ${all ? "" : "AND l.access = 'published'"}
  ORDER BY l.starts_at ${order}, l.id ${order}`).map(([key]) => key);

const look = async (path, cookie = "") => {
  const answer = await fetch(env.url + path, {
    headers: { "Accept-Language": "en", ...(cookie ? { Cookie: cookie } : {}) },
  });
  const html = await answer.text();
  const link = rel => html.match(new RegExp(`rel="${rel}" href="([^"]+)"`))?.[1].replaceAll("&amp;", "&");
  return {
    status: answer.status,
    bytes: html.length,
    html,
    title: html.match(/<title>([^<]*)/)?.[1],
    previous: link("prev"),
    next: link("next"),
    keys: [...html.matchAll(/<a [^>]*href="(?:\/teach)?\/lecture\/([a-z0-9]{12})/g)]
      .map(m => m[1])
      .filter((k, i, all) => k !== all[i - 1]),
    months: [...html.matchAll(/<h2 class="small" id="m-\d+">([^<]*)/g)].map(m => m[1]),
  };
};
// All pages from one on, in the direction of `rel`.
const walk = async (path, rel, cookie) => {
  const pages = [];
  for (let next = path; next && pages.length < MANY / 20; next = pages.at(-1)[rel])
    pages.push(await look(next, cookie));
  return pages;
};
const joined = pages => pages.flatMap(p => p.keys);
const same = (a, b) => a.length === b.length && a.every((k, i) => k === b[i]);
const bounded = pages =>
  pages.every(p => p.status === 200 && p.keys.length > 0 && p.keys.length <= PAGE && p.bytes < BYTES);
const wrong = pages => pages.map(p => [p.status, p.keys.length, p.bytes]);
// A month is on one page, unless it is longer than a page.
const whole = pages =>
  pages.slice(1).every((p, i) => p.months[0] !== pages[i].months.at(-1) || p.months[0] === "January 2021");

let id;
const path = `/course/${term}/paging-many`,
  few = `/course/${term}/paging-few`;
async function forVisitors() {
  clear();
  id = fill("many", MANY);
  fill("few", Math.floor((PAGE * 10) / 9)); // a tenth are drafts
  const one = await look(few);
  ok(
    one.keys.length === PAGE && !one.next && !one.previous,
    "two hundred lectures stand on one page",
    wrong([one]),
  );
  ok(same(one.keys, keys("paging-few", "DESC")), "newest first");

  const pages = await walk(path, "next");
  ok(bounded(pages), `a page of ten thousand has ${PAGE} at most, and few bytes`, wrong(pages));
  ok(
    same(joined(pages), keys("paging-many", "DESC")),
    "newest first, all of them, each once",
    joined(pages).length,
  );
  ok(
    whole(pages),
    "pages end with a month",
    pages.map(p => p.months),
  );
  ok(
    !pages[0].previous && pages.slice(1).every(p => p.previous) && !pages.at(-1).next,
    "the first has nothing before it, the last nothing behind",
  );
  ok(
    /Paging many/.test(pages[0].title) &&
      !/20\d\d/.test(pages[0].title) &&
      new RegExp(`Paging many.*${pages[1].months[0]}`).test(pages[1].title),
    "later ones name their months in the title",
    [pages[0].title, pages[1].title],
  );
  const back = (await walk(pages.at(-1).previous, "previous")).reverse();
  ok(
    bounded(back) && whole(back) && same([...joined(back), ...pages.at(-1).keys], joined(pages)),
    "and back from the last to the first",
    wrong(back),
  );
  const oldest = await walk(`${path}?sort=oldest`, "next");
  ok(
    bounded(oldest) && same(joined(oldest), keys("paging-many", "ASC")) && whole(oldest),
    "oldest first",
    wrong(oldest),
  );
  const older = (await walk(oldest.at(-1).previous, "previous")).reverse();
  ok(same([...joined(older), ...oldest.at(-1).keys], joined(oldest)), "and back", wrong(older));
  ok(
    (await look(`${path}?after=zzzzzzzzzzzz`)).keys[0] === pages[0].keys[0],
    "behind a lecture that is gone begins the course",
  );
  ok((await look(`${path}?after=..%2F`)).status >= 400, "and what is no key is refused");

  const file = `${env.run}/hot/en${path}.html`;
  ok(
    existsSync(file) && readFileSync(file).length < BYTES && (await look(path)).html === pages[0].html,
    "the first page is the one kept for visitors",
  );
  ok((await look(pages[0].next)).keys[0] === pages[1].keys[0], "which nobody gets who asks for another");
}

const cookieOf = async role => {
  const person = new Person(role);
  await person.signIn();
  return person.session;
};
async function forLecturers() {
  const cookie = await cookieOf("lecturer");
  const teach = await walk(`/teach/course/${id}`, "next", cookie);
  ok(
    bounded(teach) && same(joined(teach), keys("paging-many", "DESC", true)),
    "the lecturer's list, drafts too",
    wrong(teach),
  );
  ok(
    /10,000/.test(teach[0].html) && /10,000/.test(teach[1].html),
    "says how many there are on each of its pages",
  );
  const next = await look(`/teach/course/${id}/lecture/new`, cookie);
  const last = value(
    `SELECT DATE_FORMAT(MAX(starts_at) + INTERVAL 7 DAY, '%Y-%m-') FROM lecture WHERE course_id = ${id}`,
  );
  ok(
    next.status === 200 && next.html.includes(`value="${last}`),
    "a new lecture is proposed a week after the last",
  );
}

// --- a person's courses: fifty on the start page, and the way to all of them ---
async function forStudents() {
  const student = await cookieOf("student"),
    taken = html => [...html.matchAll(/<a class="row-main" href="(\/course\/[^"?]+)/g)].map(m => m[1]);
  const mine = async address => {
    const page = await look(address, student);
    return { ...page, mine: taken(page.html.split('id="h-public"')[0]) };
  };
  const own = taken((await look("/courses", student)).html),
    enough = await mine("/");
  ok(
    own.length > 0 && same(enough.mine, own) && !enough.html.includes('href="/courses"'),
    "few courses stand on the start page, which leads to no other",
    own.length,
  );
  sql(`INSERT INTO course (\`key\`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
    SELECT CONCAT('pagingm', LPAD(seq, 5, '0')), (SELECT id FROM term WHERE slug = '${term}'), (SELECT MAX(id) FROM organisation),
      CONCAT('paging-mine-', LPAD(seq, 3, '0')), CONCAT('Paging mine ', LPAD(seq, 3, '0')), 'enrolled', NOW(3), NOW(3) FROM seq_1_to_120;
    INSERT INTO enrolment SELECT (SELECT id FROM user WHERE login = '${accounts.student.login}'), id, NOW(3)
      FROM course WHERE slug LIKE 'paging-mine-%'`);
  const start = await mine("/"),
    lists = await Promise.all([1, 2, 3, 4, 5].map(n => mine(`/courses?page=${n}`))),
    all = lists.flatMap(page => page.mine);
  ok(
    start.mine.length === 50 && start.html.includes('<a href="/courses">All my courses</a>'),
    "of many the start page has fifty and the way to all",
    start.mine.length,
  );
  ok(
    same(all.slice(0, 50), start.mine) &&
      all.length === own.length + 120 &&
      new Set(all).size === all.length &&
      lists.slice(0, 4).every(page => page.mine.length === 25),
    "where each of them stands once",
    all.length,
  );
  ok(
    !lists[0].previous &&
      lists[0].next === "/courses?page=2" &&
      lists[1].previous === "/courses?page=1" &&
      lists[1].next === "/courses?page=3" &&
      lists[4].previous === "/courses?page=4" &&
      !lists[4].next,
    "on pages that lead to each other",
    lists.map(page => [page.previous, page.next]),
  );
}

await run([forVisitors, forLecturers, forStudents], clear);
