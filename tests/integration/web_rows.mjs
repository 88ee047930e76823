#!/usr/bin/env node
// What rows do to pages: the number of statements stays the same with many of them; times are those of the course's organisation;
// pictures come from the storage node that has them, and the policy names it. Handlers run as plain CGI: nothing is cached there, so
// what is counted is the worst case. The rows are made by SQL and deleted again.

import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env, service, site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { folder } from "../lib/programs.mjs";
import { ok, run } from "../lib/tap.mjs";

const { accounts } = site;

// --- the programs, as the service's user ---
const dir = folder("rows"),
  debug = join(dir, "lectern.conf");
chmodSync(dir, 0o755);
writeFileSync(debug, `${readFileSync(env.conf, "utf8").replace(/^log_level.*$/m, "")}\nlog_level = debug\n`, {
  mode: 0o644,
});
const page = (path, cookie = "") => {
  const [info, query = ""] = path.split("?");
  const text = service([`${env.app}/libexec/lectern/lectern-web`, "-c", debug], {
    env: {
      REQUEST_METHOD: "GET",
      PATH_INFO: info,
      QUERY_STRING: query,
      REMOTE_ADDR: "127.0.0.1",
      HTTP_COOKIE: cookie,
      HTTP_ACCEPT_LANGUAGE: "en",
    },
  });
  const [head, ...body] = text.split("\r\n\r\n");
  const header = name => head.match(new RegExp(`^${name}: (.*)$`, "mi"))?.[1].trim();
  return {
    status: Number(head.match(/^Status: (\d+)/)[1]),
    statements: Number(header("X-Statements")),
    policy: header("Content-Security-Policy"),
    html: body.join("\r\n\r\n"),
  };
};
const cookies = {};
for (const role of ["student", "lecturer", "maintainer"]) {
  const one = new Person(role);
  await one.signIn();
  cookies[role] = one.session;
}

// --- rows: n courses of ten lectures each, the student in all of them, the lecturer running them ---
const user = role => `(SELECT id FROM user WHERE login = '${accounts[role].login}')`;
const term = value("SELECT id FROM term ORDER BY slug = '2026w' DESC, id DESC LIMIT 1"),
  slug = value(`SELECT slug FROM term WHERE id = ${term}`);
const organisation = value("SELECT id FROM organisation ORDER BY id DESC LIMIT 1"),
  zone = value(`SELECT zone FROM organisation WHERE id = ${organisation}`);
const letters = n => `x${n.toString().padStart(3, "0")}`;
const fill = (from, to) => {
  let text = "";
  for (let i = from; i < to; i++) {
    const kind = ["public", "signedin", "enrolled"][i % 3];
    text += `INSERT INTO course (\`key\`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
      VALUES ('rowscourse${i.toString().padStart(2, "0")}', ${term}, ${organisation}, 'rows-${i}', 'Rows ${i}', '${kind}', NOW(3), NOW(3)); SET @c = LAST_INSERT_ID();
      INSERT INTO enrolment VALUES (${user("student")}, @c, NOW(3)); INSERT INTO course_staff (course_id, user_id, created_at) VALUES (@c, ${user("lecturer")}, NOW(3));`;
    for (let k = 0; k < 10; k++)
      text += `INSERT INTO lecture (\`key\`, course_id, title, starts_at, ends_at, time_state, media_state, access, published_at, generation, duration_ms, poster_view, created_at, updated_at, deleted_at)
        VALUES ('rows${letters(i)}${letters(k)}', @c, 'Lecture ${k}', '2026-11-${10 + k} 09:15:00', '2026-11-${10 + k} 10:45:00', 'ended', 'complete', 'published', NOW(3), ${k === 1 ? 0 : 1}, 90000, 'CAM',
          NOW(3), NOW(3), ${k === 9 ? "NOW(3)" : "NULL"});
        INSERT INTO progress VALUES (${user("student")}, LAST_INSERT_ID(), 1000, 0, NOW(3));`;
  }
  sql(text);
};
const clear = () =>
  sql(`DELETE FROM node WHERE name = 'rows-store';
  DELETE l FROM lecture l JOIN course c ON c.id = l.course_id WHERE c.slug LIKE 'rows-%'; DELETE FROM course WHERE slug LIKE 'rows-%';
  DELETE FROM user WHERE login LIKE 'rows-person-%';`);

// What a page may use at most, here, where terms, name and stores of the frame are not kept as they are in a process that
// goes on (three statements).
const most = path => (path.startsWith("/lecture/") ? 16 : /^\/teach\/course\/\d+$/.test(path) ? 13 : 12);

// --- statements ---
let course;
async function statements() {
  clear();
  fill(0, 1);
  course = value("SELECT id FROM course WHERE slug = 'rows-0'");
  const visits = [
    ["/", "student"],
    ["/", "lecturer"],
    ["/"],
    [`/terms/${slug}`, "student"],
    [`/course/${slug}/rows-0`, "student"],
    ["/teach", "lecturer"],
    [`/teach/course/${course}`, "lecturer"],
    [`/teach/course/${course}/schedule?all=1`, "lecturer"],
    [`/teach/course/${course}/schedule/new`, "lecturer"],
    [`/teach/course/${course}/schedule/change?lecture=rowsx000x001&scope=all`, "lecturer"],
    [`/teach/course/${course}/release`, "lecturer"],
    ["/lecture/rowsx000x001", "student"],
    ...["", "/rights", "/terms", "/look", "/halls", "/requests"].map(page => [
      `/org/computing${page}`,
      "maintainer",
    ]),
  ];
  const few = visits.map(([path, role]) => page(path, cookies[role]));
  visits.forEach(([path, role], i) =>
    ok(
      few[i].status === 200 && few[i].statements > 0 && few[i].statements <= most(path),
      `${path} as ${role ?? "visitor"}: ${few[i].statements} statements`,
      few[i].html.slice(0, 300),
    ),
  );
  fill(1, 60);
  sql(`UPDATE lecture SET course_id = ${course} WHERE \`key\` LIKE 'rowsx01%'`);
  visits.forEach(([path, role], i) => {
    const many = page(path, cookies[role]);
    ok(
      many.status === 200 && many.statements === few[i].statements,
      `${path} as ${role ?? "visitor"}: as many with 60 courses and 600 lectures`,
      many.statements,
    );
  });
}

// --- what is new is found without reading what cannot be watched yet ---
async function newRecordings() {
  const reads = () =>
    Number(
      value(
        "SELECT SUM(variable_value) FROM information_schema.global_status WHERE variable_name LIKE 'Handler_read%'",
      ),
    );
  // rows read for a page, at least: others use the database at the same time
  const read = (path, role) =>
    Math.min(
      ...Array.from({ length: 5 }, () => {
        const before = reads();
        page(path, cookies[role]);
        return reads() - before;
      }),
    );
  const UNWATCHABLE = 16000,
    roles = ["student", undefined],
    before = roles.map(role => read("/", role)),
    cards = role =>
      [...page("/", cookies[role]).html.matchAll(/class="card"><a href="([^"]+)/g)].map(m => m[1]).join(" "),
    newest = roles.map(cards);
  sql(`INSERT INTO course (\`key\`, term_id, organisation_id, slug, name, visibility, created_at, updated_at)
      VALUES ('rowsunseen01', ${term}, ${organisation}, 'rows-unseen', 'Rows unseen', 'public', NOW(3), NOW(3)); SET @c = LAST_INSERT_ID();
    INSERT INTO lecture (\`key\`, course_id, title, starts_at, time_state, access, published_at, created_at, updated_at)
      SELECT CONCAT('rowsun', LPAD(seq, 6, '0')), @c, 'Not recorded', NOW(3), 'ended', 'published', NOW(3), NOW(3), NOW(3)
      FROM seq_1_to_${UNWATCHABLE};
    INSERT INTO enrolment VALUES (${user("student")}, @c, NOW(3))`);
  // the number of lectures beside the course's name is counted from an index, once
  roles.forEach((role, i) => {
    const after = read("/", role);
    ok(
      newest[i] && newest[i] === cards(role) && after < before[i] + 1.5 * UNWATCHABLE,
      `/ as ${role ?? "visitor"}: the same new recordings, and few rows read, with ${UNWATCHABLE} lectures that have none`,
      `${before[i]} and ${after} rows`,
    );
  });
}

// --- everybody who is enrolled can be seen, and removed ---
async function everybody() {
  sql(`INSERT INTO user (login, name, created_at) SELECT CONCAT('rows-person-', seq), CONCAT('A rows person ', LPAD(seq, 4, '0')), NOW(3) FROM seq_1_to_501;
    INSERT INTO enrolment SELECT id, ${course}, NOW(3) FROM user WHERE login LIKE 'rows-person-%'`);
  const people = query => page(`/teach/course/${course}/people${query}`, cookies.lecturer).html,
    rows = html => html.match(/name="as" value="student">/g)?.length;
  const first = people(""),
    second = people("?page=2");
  ok(
    rows(first) === 500 &&
      first.includes(`href="/teach/course/${course}/people?page=2"`) &&
      !/rel="prev"/.test(first),
    "500 people on a page, and a way to the next",
    rows(first),
  );
  ok(
    rows(second) === 2 &&
      second.includes("A rows person 0501") &&
      second.includes("people?page=1") &&
      !/rel="next"/.test(second),
    "where the others are",
    rows(second),
  );
  sql("DELETE e FROM enrolment e JOIN user u ON u.id = e.user_id WHERE u.login LIKE 'rows-person-%'");
}

// --- times of the course's organisation ---
async function timesOfPlaces() {
  const times = () =>
    ["/course/:", "/lecture/:", "/teach/course/:", "/teach/lecture/:"].map(
      path =>
        page(
          path
            .replace("/course/:", `/course/${slug}/rows-0`)
            .replace(`/teach/course/${slug}/rows-0`, `/teach/course/${course}`)
            .replace(":", "rowsx000x001"),
          cookies.lecturer,
        ).html,
    );
  for (const [name, time, city] of [
    ["Europe/Berlin", "Wed 11 Nov, 10:15–11:45", ""],
    ["Europe/Lisbon", "Wed 11 Nov, 09:15–10:45", "Lisbon"],
    ["America/New_York", "Wed 11 Nov, 04:15–05:45", "New York"],
  ]) {
    sql(`UPDATE organisation SET zone = '${name}' WHERE id = ${organisation}`);
    const [list, watch, edit, lecture] = times();
    ok(
      [list, watch, edit, lecture].every(html => html.includes(time)),
      `times in ${name} on every page`,
      [list, watch, edit, lecture].map(html => html.includes(time)),
    );
    ok(lecture.includes(`value="2026-11-11T${time.slice(12, 17)}"`), `and in the form`);
    ok(
      watch.includes(`${time}, ${city} time`) === Boolean(city) &&
        lecture.includes(`Local time in ${city}.`) === Boolean(city),
      "named where it is not the installation's",
    );
  }
  sql(`UPDATE organisation SET zone = '${zone}' WHERE id = ${organisation}`);
}

// --- a step that is tried again ---
async function attempts() {
  sql(`INSERT INTO upload (\`key\`, lecture_id, node_id, view, state, name, size, nonce, created_at, updated_at)
      SELECT 'rowsupload01', id, (SELECT MAX(n.id) FROM node n WHERE n.roles & 2), 'CAM', 'taken', 'cam.mp4', 1, 'rows-nonce', NOW(3), NOW(3) FROM lecture WHERE \`key\` = 'rowsx000x001'; SET @u = LAST_INSERT_ID();
    INSERT INTO source (lecture_id, upload_id, node_id, view, name, size, sha256, created_at) SELECT lecture_id, id, node_id, view, name, size, REPEAT('0', 64), NOW(3) FROM upload WHERE id = @u; SET @s = LAST_INSERT_ID();
    INSERT INTO task (kind, lecture_id, source_id, created_at) SELECT 'publish', lecture_id, @s, NOW(3) FROM upload WHERE id = @u; SET @t = LAST_INSERT_ID();
    INSERT INTO job (task_id, lecture_id, source_id, kind, lane, view, state, priority, tries, params, error_code, not_before, created_at)
      SELECT @t, lecture_id, @s, 'probe', 'quick', 'CAM', 'queued', 0, 1, '{}', 'crashed', NOW(3) + INTERVAL 1 HOUR, NOW(3) FROM upload WHERE id = @u`);
  const again = () => page("/teach/lecture/rowsx000x001", cookies.lecturer).html;
  ok(
    again().includes(
      "Waiting for a free machine. Attempt 2. Why the one before failed: The video program crashed on this file.</p>",
    ),
    "a step that waits again says which attempt it is and why",
    again().match(/data-state-text="cam">[^<]*/)?.[0],
  );
  sql(
    "UPDATE job j JOIN lecture l ON l.id = j.lecture_id SET j.error_code = 'no_video', j.avoid_node = 7, j.blamed_by = 7 WHERE l.`key` = 'rowsx000x001'",
  );
  ok(
    again().includes(
      "Attempt 2. One machine could not process the file, so another one is asked: This file has no picture, only sound.</p>",
    ),
    "and whether a second machine is asked about the recording",
    again().match(/data-state-text="cam">[^<]*/)?.[0],
  );
  sql(
    "UPDATE job j JOIN lecture l ON l.id = j.lecture_id SET j.state = 'running', j.progress = 0.42, j.eta = 180, j.kind = 'full' WHERE l.`key` = 'rowsx000x001'; UPDATE job j JOIN lecture l ON l.id = j.lecture_id SET j.tries = 3, j.error_code = NULL WHERE l.`key` = 'rowsx000x001'",
  );
  ok(
    again().includes("42 % encoded, about 3 min left. Attempt 3.</p>"),
    "and the one that runs, with what is left",
    again().match(/data-state-text="cam">[^<]*/)?.[0],
  );
  sql(
    "UPDATE job j JOIN lecture l ON l.id = j.lecture_id SET j.state = 'dead', j.error_code = 'no_video' WHERE l.`key` = 'rowsx000x001'",
  );
  ok(
    /One file could not be used\.[^]*This file has no picture, only sound\. Upload a file with video\./.test(
      again(),
    ),
    "and the one that failed for good says what helps",
  );
}

// --- pictures of another storage node ---
async function pictures() {
  const start = () => page("/", cookies.student),
    src = html => html.match(/<img src="([^"]+)"/)?.[1] ?? "";
  ok(
    src(start().html).startsWith("/m/") && !/https/.test(start().policy),
    "pictures of the core's own store have no host",
    src(start().html),
  );
  sql(`INSERT INTO node (organisation_id, name, roles, url, version, token, created_at) VALUES (${organisation}, 'rows-store', 2, 'https://store.example:8443', '1', UNHEX(SHA2('rows', 256)), NOW(3));
    UPDATE lecture SET node_id = LAST_INSERT_ID() WHERE \`key\` LIKE 'rowsx%'`);
  const there = start(),
    named = ["img-src", "media-src", "connect-src"].map(name =>
      there.policy.split("; ").find(one => one.startsWith(name)),
    );
  ok(
    src(there.html).startsWith("https://store.example:8443/m/"),
    "pictures of another one have its address",
    src(there.html),
  );
  ok(
    named.every(one => one.endsWith(" https://store.example:8443")),
    "the policy names it",
    there.policy,
  );
  sql("UPDATE node SET url = 'https://store.example; script-src *' WHERE name = 'rows-store'");
  const wrong = start();
  ok(
    !/store\.example/.test(wrong.policy) && !/store\.example/.test(wrong.html),
    "an address that is none gets neither into the policy nor into the page",
  );
}

await run([statements, newRecordings, everybody, timesOfPlaces, attempts, pictures], () => {
  sql(`UPDATE organisation SET zone = '${zone}' WHERE id = ${organisation}`);
  clear();
});
