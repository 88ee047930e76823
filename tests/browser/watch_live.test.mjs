#!/usr/bin/env node
// timeout: 1200
//
// A live lecture as its viewers see it: the time until it begins, waiting, the first part that starts the player without a
// reload, going back and returning, a line that stops, a lecturer who is gone for a while, and the end, after which the same
// page shows it on demand. lectern-lived is the instance's; entry and ingest are played by this test, so that each state
// lasts as long as it is looked at. How far behind the picture is, is printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, close, counter, url, visit } from "../lib/browser.mjs";
import { makeClip, Run } from "../lib/feed.mjs";
import { ctl, sql } from "../lib/instance.mjs";
import { makeCourse } from "../lib/node.mjs";
import { OnAir } from "../lib/onair.mjs";
import { folder } from "../lib/programs.mjs";
import { sleep } from "../lib/tap.mjs";

const stamp = Date.now().toString(36),
  org = `watch-${stamp}`,
  who = `lectures-${stamp}`,
  MINUTE = 60000;
const air = new OnAir(org);
const viewers = {}; // who waits on the page
let lecture, clip, lecturer, run, sending, begun;

// --- the lecturer

const utc = ms => new Date(ms).toISOString().slice(0, 19).replace("T", " "); // for the database

async function signIn(page, login, password) {
  await page.goto(`${url}/login`);
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.press("input[name=password]", "Enter")]);
}

async function newLecture(course, title, start) {
  await lecturer.goto(`${url}/teach/course/${course}/lecture/new`);
  await lecturer.fill("[name=title]", title);
  await lecturer.fill("[name=start]", new Date(start).toISOString().slice(0, 16));
  await Promise.all([
    lecturer.waitForNavigation(),
    lecturer.click("main form .actions .button:not([name=find])"),
  ]);
  return new URL(lecturer.url()).pathname.split("/").pop();
}

// The program of the lecturer sends from the beginning of the clip, in real time.
async function send() {
  await air.publish();
  run = new Run({ ...air.put, session: `session-${Date.now().toString(36)}`, tracks: clip });
  await run.begin();
  begun = Date.now();
  sending = run.parts();
  while (run.sent < 4) await sleep(50);
  await air.shown();
}

async function stopSending(why) {
  run.stop();
  await sending;
  await run.finish();
  await air.stop(why);
}

before(async () => {
  clip = makeClip(folder("watch-live"), { seconds: 300 });
  const course = makeCourse(org, "Live");
  const password = ctl("user", "add", who, "--name", "Ada Streams", "--password-random").trim();
  ctl("course", "staff", org, who, "--role", "owner");
  lecturer = await visit();
  await signIn(lecturer, who, password);
  air.token = ctl("token", "create", "--login", who, "--scopes", "stream", "--name", "OBS").trim();
  await air.join();
  air.keep();
  const start = Math.ceil((Date.now() + 40000) / 1000) * 1000; // time to look at the page before
  lecture = await newLecture(course, "Hash tables", start);
  sql(`UPDATE course SET visibility = 'public' WHERE id = ${course};
    UPDATE lecture SET access = 'published', published_at = UTC_TIMESTAMP(3), time_state = 'planned', starts_at = '${utc(start)}', ends_at = '${utc(start + 60 * MINUTE)}'
    WHERE \`key\` = '${lecture}'`);
});
after(async () => {
  run?.stop();
  await sending;
  air.leave();
  await close();
});

// --- a viewer

const open = async (options = {}) => {
  const page = await visit(options);
  await page.goto(`${url}/lecture/${lecture}`);
  await page.evaluate(() => (globalThis.same = true));
  return page;
};
const same = page => page.evaluate(() => globalThis.same === true);

async function sound(page) {
  await page.evaluate(axeSource);
  assert.deepEqual(await page.evaluate(async () => (await axe.run()).violations.map(each => each.id)), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "not too wide");
  assert.deepEqual(page.sins, []);
}

const place = page =>
  page.evaluate(() => {
    const video = document.querySelector(".pane video"),
      { currentTime: at, seekable, paused, playbackRate: rate, muted } = video;
    return { at, end: seekable.length ? seekable.end(seekable.length - 1) : 0, paused, rate, muted };
  });

// Plays, at most so many seconds behind the end of what is there, and beyond a position.
const plays = (page, behind = Infinity, beyond = 0) =>
  page
    .waitForFunction(
      ([most, least]) => {
        const video = document.querySelector(".pane video");
        if (!video || video.paused || video.readyState < 3 || video.currentTime <= least) return false;
        return video.seekable.end(video.seekable.length - 1) - video.currentTime < most;
      },
      [behind, beyond],
      { timeout: 40000 },
    )
    .catch(async () => assert.fail(`${behind}, ${beyond}: ${JSON.stringify(await place(page))}`));

const LIVE = 3; // s behind the end of what is there: the distance that is kept, and a part or two
const onAir = page => page.locator(".bar .tag.live", { hasText: "LIVE" }).waitFor({ timeout: 30000 });
const away = page => page.locator(".bar-behind").waitFor({ timeout: 30000 });

test(
  "before it begins: the time that is left, then waiting for the lecturer",
  { timeout: 240000 },
  async () => {
    viewers.one = await open();
    viewers.phone = await open({
      locale: "de-DE",
      colorScheme: "dark",
      viewport: { width: 390, height: 844 },
    });
    viewers.silent = await visit();
    await viewers.silent.addInitScript(() => {
      const { play } = HTMLMediaElement.prototype;
      HTMLMediaElement.prototype.play = function () {
        return this.muted ? play.call(this) : Promise.reject(new DOMException("no click", "NotAllowedError"));
      };
    });
    await viewers.silent.goto(`${url}/lecture/${lecture}`);
    assert.match(await viewers.one.locator(".countdown").innerText(), /^Starts in\s+[01]:\d\d$/);
    assert.match(await viewers.phone.locator(".countdown").innerText(), /^Beginn in\s+[01]:\d\d$/);
    assert.equal(await viewers.one.locator("video").count(), 0);
    for (const page of Object.values(viewers)) await sound(page);
    await viewers.one.getByText(/^Waiting for the lecturer\./).waitFor({ timeout: 150000 });
    await viewers.phone.getByText(/^Warten auf die Lehrperson\./).waitFor({ timeout: 30000 });
    assert.ok(await viewers.one.locator(".countdown").isHidden());
    for (const page of Object.values(viewers)) await sound(page);
    assert.ok(await same(viewers.one), "the page was not loaded again");

    const plain = await visit({ javaScriptEnabled: false });
    await plain.goto(`${url}/lecture/${lecture}`);
    await Promise.all([plain.waitForNavigation(), plain.getByRole("link", { name: "Look again" }).click()]);
    await plain.getByText(/^Waiting for the lecturer\./).waitFor();
    await plain.context().close();
  },
);

test("the first part starts it without a reload", { timeout: 120000 }, async () => {
  await send();
  await plays(viewers.one, LIVE);
  await onAir(viewers.one);
  assert.ok(await same(viewers.one), "the page was not loaded again");
  await plays(viewers.phone, LIVE);
  // back from another tab: what waited for the lecture does not begin again
  await viewers.one.evaluate(() => {
    document.querySelector(".pane video").dataset.first = "yes";
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await sleep(1000);
  assert.equal(await viewers.one.locator(".pane video[data-first]").count(), 1, "the same video plays on");
  for (const page of [viewers.one, viewers.phone]) await sound(page);
});

test("a browser that plays no sound before a click plays it without", { timeout: 60000 }, async () => {
  const { silent } = viewers;
  await plays(silent);
  assert.ok((await place(silent)).muted);
  await silent.getByRole("button", { name: "Unmute" }).first().waitFor();
  await silent.locator(".stage-note").getByRole("button", { name: "Unmute" }).click({ timeout: 20000 });
  assert.ok(!(await place(silent)).muted);
  await silent.context().close();
  delete viewers.silent;
});

test("how far behind the picture is", { timeout: 60000 }, async t => {
  const { one } = viewers,
    behind = [],
    late = [];
  for (let i = 0; i < 30; i++) {
    const { at, end } = await place(one),
      number = await counter(one, "CAM");
    behind.push(end - at);
    if (number !== null) late.push(Date.now() / 1000 - begun / 1000 - number / 25);
    await sleep(400);
  }
  const say = list => {
    const [median, worst] = [list.sort((a, b) => a - b)[list.length >> 1], list.at(-1)];
    return `median ${median?.toFixed(2)} s, worst ${worst?.toFixed(2)} s of ${list.length}`;
  };
  t.diagnostic(`behind the end of the playlist: ${say(behind)}`);
  t.diagnostic(`behind the moment at which the picture was made: ${say(late)}`);
});

test("who goes back stays there, and comes back by button and by key", { timeout: 180000 }, async () => {
  const { one } = viewers;
  for (const [go, back] of [
    ["Home", () => one.getByRole("button", { name: "Back to live" }).click()],
    ["j", () => one.keyboard.press("n")],
    ["1", () => one.keyboard.press("End")],
  ]) {
    await one.keyboard.press(go);
    await away(one);
    assert.match(await one.locator(".bar-behind").innerText(), /^\d+(:\d\d| s) behind live$/);
    await plays(one);
    const jumps = one.evaluate(
      () =>
        new Promise(done => {
          const video = document.querySelector(".pane video"),
            seen = [];
          for (const name of ["seeking", "ratechange"]) video.addEventListener(name, () => seen.push(name));
          setTimeout(() => done(seen), 5000);
        }),
    );
    assert.deepEqual(await jumps, [], `not moved after ${go}`);
    await sound(one);
    await back();
    await plays(one, LIVE);
    await onAir(one);
    assert.ok(await one.locator(".bar-behind").isHidden());
  }
  await one.keyboard.press("?");
  await one.locator(".pop-keys dt", { hasText: /^N$/ }).waitFor();
  await one.keyboard.press("Escape");
});

test("who pauses goes on where they stopped", { timeout: 60000 }, async () => {
  const { phone } = viewers;
  await phone.locator(".bar-play").click();
  const { at } = await place(phone);
  await away(phone);
  assert.match(await phone.locator(".bar-behind").innerText(), /^\d+ s hinter live$/);
  await sound(phone);
  await phone.locator(".bar-play").click();
  await plays(phone, Infinity, at + 0.5);
  const { at: now, end } = await place(phone);
  assert.ok(end - now > 4, `${end - now} s behind`);
  await phone.getByRole("button", { name: "Zurück zu live" }).click();
  await plays(phone, LIVE);
});

test("who is live and whose line stops is brought back by a jump", { timeout: 120000 }, async () => {
  const { one } = viewers;
  await onAir(one);
  await one.evaluate(() => {
    globalThis.jumped = 0;
    document.querySelector(".pane video").addEventListener("seeking", () => globalThis.jumped++);
  });
  const { at } = await place(one);
  await one.context().setOffline(true);
  await one.locator(".stage-wait", { hasText: "Waiting for the picture" }).waitFor({ timeout: 30000 });
  await sleep(4000); // what is missed: more than is made good by playing faster
  await one.context().setOffline(false);
  await plays(one, LIVE, at + 4);
  assert.ok((await one.evaluate(() => globalThis.jumped)) > 0, "a jump");
  await onAir(one);
});

test("the lecturer is gone for a while", { timeout: 180000 }, async () => {
  const { one } = viewers;
  await stopSending("lost");
  await one
    .locator(".stage-wait", { hasText: "Connection to the lecturer lost" })
    .waitFor({ timeout: 60000 });
  assert.ok(await one.locator(".bar .tag.live").isHidden());
  assert.ok(await counter(one, "CAM"), "the last picture stays");
  await sound(one);
  const { at } = await place(one);
  await send();
  await plays(one, LIVE, at + 2);
  await onAir(one);
  assert.ok(await one.locator(".stage-wait").isHidden());
  assert.ok(await same(one));
});

test("without script the browser's own player has it", { timeout: 60000 }, async () => {
  const page = await visit({ javaScriptEnabled: false });
  await page.goto(`${url}/lecture/${lecture}`);
  const source = await page.locator("video.player-native").getAttribute("src");
  assert.match(source, /\/plain\.m3u8$/);
  const answer = await page.request.get(new URL(source, url).href);
  assert.equal(answer.status(), 200);
  assert.match(await answer.text(), /^#EXTM3U/);
  await page.getByRole("link", { name: "Look again" }).waitFor();
  await page.context().close();
});

test("the end: nothing changes for who watches, and it is on demand", { timeout: 240000 }, async () => {
  const { one } = viewers,
    back = await open();
  await back.click(".stage-start");
  await plays(back, LIVE);
  await back.keyboard.press("Home");
  await plays(back);
  for (const page of [one, back])
    await page.evaluate(() => (document.querySelector(".pane video").dataset.old = "yes"));
  await lecturer.goto(`${url}/lecture/${lecture}/live`);
  await Promise.all([
    lecturer.waitForNavigation(),
    lecturer.getByRole("button", { name: "End and keep the recording" }).first().click(),
  ]);
  run.stop();
  await sending;
  await run.finish();
  await one
    .getByText(/^The lecture is over\./)
    .first()
    .waitFor({ timeout: 90000 });
  await one.locator(".bar-play[aria-label='Play again']").waitFor({ timeout: 60000 });
  await back.locator(".bar-time span", { hasText: /^ \/ \d+:\d\d$/ }).waitFor({ timeout: 30000 });
  await plays(back);
  const { at } = await place(back);
  for (const page of [one, back]) {
    assert.equal(await page.locator(".pane video[data-old]").count(), 1, "the same video");
    assert.ok(await page.locator(".bar .tag.live").isHidden());
    await sound(page);
  }
  const sealed = await (await fetch(`${url}/lecture/${lecture}/play.json`)).json();
  assert.equal(sealed.live.state, "ended");
  assert.equal(sealed.generation, sealed.live.generation);
  assert.match(sealed.views[0].master, /\/master\.m3u8$/);

  const fresh = await open();
  await fresh.locator(".bar-time span", { hasText: /^ \/ \d+:\d\d$/ }).waitFor({ timeout: 30000 });
  await fresh.click(".stage-start");
  await plays(fresh);
  assert.ok(!(await fresh.locator(".bar-back").isVisible()));

  // The next generation: at the same place.
  await back.route("**/play.json", async route => {
    const answer = await route.fetch(),
      play = await answer.json();
    await route.fulfill({ response: answer, json: { ...play, generation: play.generation + 1 } });
  });
  await back.keyboard.press("k");
  await back.waitForFunction(
    () => document.querySelector(".pane video:not([data-old])")?.readyState >= 2,
    null,
    { timeout: 90000 },
  );
  const there = await place(back);
  assert.ok(there.at >= at && there.at < at + 60, `${there.at} after ${at}`);
});
