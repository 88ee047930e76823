#!/usr/bin/env node
// What pages and their JSON say of a live stream, from the day before until its recording has replaced it: to students, to somebody from
// whom recordings are withheld, and to maintainers. The rows of the stream are made by SQL; integration/live has the stream itself.
import { ctl, show, site, sql, value } from "../lib/instance.mjs";
import { makeCourse } from "../lib/node.mjs";
import { Person } from "../lib/person.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";

const teacher = new Person("lecturer"),
  visitor = new Person();
let course, key, id;

const set = what => sql(`UPDATE lecture SET ${what} WHERE id = ${id}`);
const json = { headers: { Accept: "application/json" } };
const state = async who => JSON.parse((await who.get(`/lecture/${key}/state.json`, json)).text);
const page = async who => (await who.get(`/lecture/${key}`)).text;
async function play(who) {
  const answer = await who.get(`/lecture/${key}/play.json`, json);
  return answer.status === 200 ? JSON.parse(answer.text) : answer.status;
}
// Claims of a playback token.
const claims = token => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

async function setUp() {
  await teacher.signIn();
  course = makeCourse("live-pages", "Live pages");
  sql(`UPDATE course SET visibility = 'public' WHERE id = ${course}`);
  key = await teacher.newLecture(course, "On air");
  id = value(`SELECT id FROM lecture WHERE \`key\` = '${key}'`);
  const node = value("SELECT id FROM node WHERE roles & 2 AND revoked_at IS NULL ORDER BY id LIMIT 1");
  set(`access = 'published', published_at = NOW(3), node_id = ${node}, time_state = 'planned',
    starts_at = UTC_TIMESTAMP(3) + INTERVAL 100 SECOND, ends_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR`);
}

async function before() {
  const planned = await state(visitor);
  equal(planned.live, "planned", "before the lecture");
  ok(Math.abs(planned.starts - Date.now() / 1000 - 100) < 60, "state.json says when it starts", planned);
  equal(await play(visitor), 404, "nothing can be played");
  set("starts_at = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE");
  const waiting = await state(visitor);
  equal(waiting.live, "waiting", "when its time has come it waits for the lecturer");
  ok(waiting.texts.status.includes("Waiting for the lecturer"), "and says so", waiting.texts);
}

// The lease says whether somebody publishes; the scheduler looks once a second.
const publishes = yes =>
  sql(`UPDATE job SET lease_expires = UTC_TIMESTAMP(3) + INTERVAL ${yes ? 3600 : -1} SECOND
    WHERE lecture_id = ${id} AND kind = 'live'`);

// As if an ingest had the stream: whom the scheduler does not find it ends.
function publisher() {
  ctl("token", "create", "--login", site.accounts.lecturer.login, "--scopes", "stream");
  sql(`INSERT INTO task (kind, lecture_id, created_at) VALUES ('live', ${id}, NOW(3));
    INSERT INTO job (task_id, lecture_id, kind, lane, view, state, priority, params, not_before, created_at)
      VALUES (LAST_INSERT_ID(), ${id}, 'live', 'live', 'COMB', 'running', 100, '{}', NOW(3), NOW(3));
    INSERT INTO live_session (\`key\`, lecture_id, view, user_id, token_id, entry_id, from_address, job_id, generation, began_at, media_at)
      SELECT 'livepages001', ${id}, 'COMB', t.user_id, t.id, 1, '192.0.2.1', LAST_INSERT_ID(), 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM personal_token t ORDER BY t.id DESC LIMIT 1`);
  publishes(true);
}

async function onAir() {
  publisher();
  sql(`INSERT INTO live (lecture_id, began_at, generation) VALUES (${id}, UTC_TIMESTAMP(3), 1);
    INSERT INTO live_dvr (lecture_id, generation, node_id, began_at) SELECT id, 1, node_id, UTC_TIMESTAMP(3) FROM lecture WHERE id = ${id};
    INSERT INTO live_dvr_view (lecture_id, generation, view) VALUES (${id}, 1, 'COMB'), (${id}, 1, 'PRES');
    UPDATE lecture SET time_state = 'live' WHERE id = ${id}`);
  equal((await state(visitor)).live, "waiting", "a stream that cannot be watched yet");
  const early = await play(visitor);
  equal(early.live.state + early.live.views.length, "waiting0", "play.json knows it, without views");
  sql(`UPDATE live SET shown_at = UTC_TIMESTAMP(3) WHERE lecture_id = ${id};
    UPDATE live_dvr_view SET shown_at = UTC_TIMESTAMP(3) WHERE lecture_id = ${id} AND view = 'COMB'`);
  equal((await state(visitor)).live, "on", "on air");
  const p = await play(visitor);
  equal(p.live.views.map(v => v.view).join(), "COMB", "a view that has not begun is not there");
  const [view] = p.live.views;
  ok(view.low.endsWith(`/m/${p.token}/${key}/g1/COMB/live.m3u8`), "low latency", view);
  ok(
    view.plain.endsWith("/g1/COMB/plain.m3u8") && view.master === null,
    "plain, and nothing on demand",
    view,
  );
  equal(p.generation + p.views.length, 0, "no recording");
  ok(p.live.generation === 1 && Math.abs(p.live.began - p.now) < 60, "since when", p.live);
  const html = await page(visitor);
  ok(
    /data-views="COMB"/.test(html) && html.includes("/g1/COMB/plain.m3u8"),
    "the page plays it, without script, too",
  );
  publishes(false);
  await until("the interruption", async () => (await state(visitor)).live === "interrupted");
  equal((await play(visitor)).live.state, "interrupted", "interrupted");
  publishes(true);
  await until("the stream to go on", async () => (await state(visitor)).live === "on");
}

async function forMaintainers() {
  const { live } = show(key);
  equal(`${live.state} ${live.generation} ${live.views[0].view}`, "on 1 COMB", "lecture show");
  ok(
    live.views[0].playback.startsWith("http") && live.views[0].plain.endsWith("plain.m3u8"),
    "with addresses",
  );
  const listed = JSON.parse(ctl("live", "list", "--json")).find(l => l.lecture === key);
  ok(listed.playback.COMB.endsWith("/g1/COMB/live.m3u8"), "live list, too", listed);
}

async function withheld() {
  set("release_kind = 'hand', released_at = NULL, release_own = TRUE");
  const p = await play(visitor),
    { gmin, gmax } = claims(p.token);
  equal(`${gmin} ${gmax}`, "1 1", "who sees the stream alone gets a token for it alone");
  const all = claims((await play(teacher)).token);
  ok(all.gmin === 1 && all.gmax > 1, "who sees recordings gets one for what follows", all);
}

async function over() {
  sql(`UPDATE live_session SET stopped_at = UTC_TIMESTAMP(3), why = 'finished' WHERE lecture_id = ${id};
    UPDATE job SET state = 'done', finished_at = NOW(3) WHERE lecture_id = ${id};
    UPDATE live SET ended_at = UTC_TIMESTAMP(3), ended_by = 'finished' WHERE lecture_id = ${id};
    UPDATE live_dvr SET ended_at = UTC_TIMESTAMP(3) WHERE lecture_id = ${id}; UPDATE lecture SET time_state = 'ended' WHERE id = ${id}`);
  equal(await play(visitor), 403, "a stream that is over is a recording, and withheld");
  set("release_kind = 'ready', release_own = FALSE");
  const p = await play(visitor);
  equal(
    `${p.live.state} ${p.live.views[0].master} ${p.views.length}`,
    "ended null 0",
    "over, and not sealed yet",
  );
  sql(`UPDATE live_dvr SET sealed_at = UTC_TIMESTAMP(3) WHERE lecture_id = ${id};
    UPDATE live_dvr_view SET seconds = 61.5, audio = TRUE, tracks = '[{"name":"v0","width":1280,"height":720,"bitrate":2000000}]'
    WHERE lecture_id = ${id} AND view = 'COMB'`);
  const q = await play(visitor);
  ok(q.live.views[0].master.endsWith("/g1/COMB/master.m3u8"), "sealed it is on demand", q.live);
  equal(q.views[0].master, q.live.views[0].master, "and what the lecture has");
  ok(
    q.generation === 1 && q.duration === 61.5 && q.views[0].poster === null && q.views[0].thumbs === null,
    "without pictures",
    q,
  );
  equal(show(key).views[0].renditions[0].height, 720, "lecture show knows its size");
  sql(`UPDATE live_dvr SET dropped_at = UTC_TIMESTAMP(3) WHERE lecture_id = ${id}`);
  equal(await play(visitor), 404, "dropped it is gone");
  equal((await state(visitor)).live, "ended", "for a while its end is told");
  sql(`UPDATE live SET ended_at = ended_at - INTERVAL 21 MINUTE WHERE lecture_id = ${id}`);
  equal((await state(visitor)).live, null, "then nothing is");
}

await run([setUp, before, onAir, forMaintainers, withheld, over], () => {
  if (id) sql(`DELETE FROM lecture WHERE id = ${id}`);
});
