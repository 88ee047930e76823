#!/usr/bin/env node
// timeout: 900
//
// The lecturer's page of a live lecture: what it says before, during and after a stream, within seconds and without a reload; which
// lecture is streamed; refusals with their cure; the end, kept or discarded, and taken back. Entry and ingest are played by this test, so
// that each state lasts as long as it is looked at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, close, url, visit } from "../lib/browser.mjs";
import { ctl } from "../lib/instance.mjs";
import { makeCourse } from "../lib/node.mjs";
import { OnAir } from "../lib/onair.mjs";

const stamp = Date.now().toString(36),
  org = `live-${stamp}`,
  who = `streams-${stamp}`,
  HOUR = 3600 * 1000;
const air = new OnAir(org);
const beat = () => air.beat(),
  start = from => air.start(from),
  publish = () => air.publish(),
  stop = why => air.stop(why);
let course, password, page, lecture;

// --- the page

async function signIn(options = {}) {
  const one = await visit(options);
  await one.goto(`${url}/login`);
  await one.fill("input[name=login]", who);
  await one.fill("input[name=password]", password);
  await Promise.all([one.waitForNavigation(), one.press("input[name=password]", "Enter")]);
  return one;
}
const press = (one, name) =>
  Promise.all([one.waitForNavigation(), one.getByRole("button", { name, exact: true }).first().click()]);
const shows = (text, one = page) => one.locator(".live-state", { hasText: text }).waitFor({ timeout: 60000 });

async function sound(one = page) {
  await one.evaluate(axeSource);
  assert.deepEqual(await one.evaluate(async () => (await axe.run()).violations.map(each => each.id)), []);
  assert.ok(await one.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "not too wide");
  assert.deepEqual(one.sins, []);
}

async function newLecture(title, inHours) {
  const at = ms => new Date(Math.floor(ms / 60000) * 60000).toISOString().slice(0, 16);
  await page.goto(`${url}/teach/course/${course}/lecture/new`);
  await page.fill("[name=title]", title);
  await page.fill("[name=start]", at(Date.now() + inHours * HOUR));
  await page.fill("[name=end]", at(Date.now() + (inHours + 1) * HOUR));
  await Promise.all([page.waitForNavigation(), page.click("main form .actions .button:not([name=find])")]);
  return new URL(page.url()).pathname.split("/").pop();
}

before(async () => {
  course = makeCourse(org, "Live");
  password = ctl("user", "add", who, "--name", "Ada Streams", "--password-random").trim();
  ctl("course", "staff", org, who, "--role", "owner");
  page = await signIn();
  lecture = await newLecture("Hash tables", 5);
  await page.goto(`${url}/lecture/${lecture}/live`);
  await page.getByText(/^You have no token yet/).waitFor();
  air.token = ctl("token", "create", "--login", who, "--scopes", "stream", "--name", "OBS").trim();
  await air.join();
  await page.getByText(/^You have no token yet/).waitFor({ state: "detached" });
});
after(async () => {
  air.leave();
  await close();
});

test(
  "before: a rehearsal, which becomes a lecture; then another one is chosen",
  { timeout: 240000 },
  async () => {
    await page.goto(`${url}/teach/lecture/${lecture}`);
    await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: "Go live" }).click()]);
    await shows("Not on air");
    assert.match(await page.locator(".live-text").innerText(), /^From .* on you can stream this lecture/);
    await page.getByText(/it begins a rehearsal that only you see/).waitFor();
    await sound();
    await publish();
    assert.equal((await start()).refused, "taken");
    assert.equal((await start()).refused, "taken"); // a program tries again: said once
    await page.getByText(/^Another program was streaming/).waitFor({ timeout: 30000 });
    await page.getByText(/^Stop that program/).waitFor();
    await sound();

    await page.goto(`${url}/account/tokens`); // it is said there, too
    await page.getByText(/^Another program was streaming/).waitFor();
    assert.equal(await page.getByText(/^Another program was streaming/).count(), 1);
    assert.match(
      await page.locator(".row", { hasText: "OBS" }).innerText(),
      /last used .* from 192\.0\.2\.7/,
    );
    await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: /^Rehearsal, / }).click()]);
    await shows("Rehearsal");
    await page.getByText(/This is a rehearsal: only you see it/).waitFor();
    await sound();
    const address = page.url();
    for (const as of ["admin", "student"]) {
      const other = await visit({ as });
      assert.equal((await other.goto(address)).status(), 404, `${as} does not find it`);
      assert.equal((await other.goto(address.replace(/\/live$/, ""))).status(), 404);
      await other.context().close();
    }
    await press(page, "End and keep the recording");
    await shows("Rehearsal, over");
    await page.getByText(/^You have ended a stream just now/).waitFor();
    await sound();
    await press(page, "Make it a lecture of this course");
    assert.equal(new URL(page.url()).pathname, `/teach/lecture/${address.split("/").at(-2)}`);
    assert.match(await page.locator("h1").innerText(), /^Recording of /);

    await page.goto(`${url}/lecture/${lecture}/live`);
    await press(page, "Stream this lecture");
    await shows("Ready");
    assert.equal(await page.locator(".live .row", { hasText: "Hash tables" }).count(), 1);
    await sound();
    await press(page, "Take the choice back");
    await shows("Not on air");
  },
);

test(
  "test mode; a new token stays in sight while its page tells of a refusal",
  { timeout: 120000 },
  async () => {
    const one = await signIn();
    await one.goto(`${url}/account/tokens`);
    await one.fill("#name", "Another");
    await press(one, "Create token");
    const key = await one.inputValue("#key");
    await page.goto(`${url}/lecture/${lecture}/live`);
    await press(page, "Stream this lecture");
    await press(page, "Test mode");
    await shows("Test mode");
    await page.getByText(/^Test mode is on until/).waitFor();
    await sound();
    await publish();
    await page.locator(".live .row", { hasText: "Rehearsal" }).waitFor();
    assert.equal((await start("192.0.2.9")).refused, "taken");
    await one.getByText(/from 192\.0\.2\.9/).waitFor({ timeout: 30000 });
    assert.equal(await one.inputValue("#key"), key);
    assert.match(await one.locator("h1").innerText(), /Your token “Another”/);
    await press(page, "Stream this lecture");
    await shows("Ready");
    assert.equal(await page.getByText(/^Test mode is on until/).count(), 0);
    await one.context().close();
  },
);

test("on air, without a reload", { timeout: 180000 }, async () => {
  await page.evaluate(() => (globalThis.same = true));
  await publish();
  await shows("Connected");
  await beat();
  await beat();
  await shows("On air");
  assert.equal(await page.getByText(/^Another program was streaming/).count(), 0, "solved");
  assert.match(await page.locator(".live-clock").innerText(), /\d+:\d\d/);
  assert.match(
    await page.locator(".live .rows").first().innerText(),
    /Ada Streams[^]*“OBS” from 192\.0\.2\.7[^]*is recorded/,
  );
  const shown = await page.locator(".live-clock [data-state-text]").innerText();
  await page.waitForFunction(
    was => document.querySelector(".live-clock [data-state-text]").textContent !== was,
    shown,
  );
  assert.ok(await page.evaluate(() => globalThis.same), "the page was not loaded again");
  await sound();

  await page.goto(`${url}/teach/lecture/${lecture}`);
  await page.getByText("A live stream is being recorded.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Cancel this upload" }).count(), 0);
  await sound();
  await page.goto(`${url}/lecture/${lecture}/live`);

  assert.equal((await start("192.0.2.8")).refused, "taken");
  await page.getByText(/^Another program was streaming/).waitFor({ timeout: 30000 });

  await stop("lost");
  await shows("Connection lost");
  await publish();
  await beat();
  await beat();
  await shows("On air");
  await stop("finished");
  await shows("Stopped");
  await publish();
  await beat();
  await beat();
  await shows("On air");
});

test("on a phone, in German and dark, without script", { timeout: 120000 }, async () => {
  const phone = await signIn({
    javaScriptEnabled: false,
    colorScheme: "dark",
    locale: "de-DE",
    viewport: { width: 390, height: 844 },
  });
  await beat();
  await phone.goto(`${url}/lecture/${lecture}/live`);
  await shows("Auf Sendung", phone);
  await Promise.all([
    phone.waitForNavigation(),
    phone.getByRole("link", { name: "Noch einmal nachsehen" }).click(),
  ]);
  await shows("Auf Sendung", phone);
  assert.deepEqual(phone.sins, []);
  await phone.context().close();
});

for (const [locale, width, colorScheme] of [
  ["de-DE", 390, "dark"],
  ["de-DE", 1280, "light"],
  ["en-GB", 390, "dark"],
])
  test(`nothing is wrong with it: ${locale}, ${width}, ${colorScheme}`, { timeout: 120000 }, async () => {
    const one = await signIn({ locale, colorScheme, viewport: { width, height: 844 } });
    await beat();
    await one.goto(`${url}/lecture/${lecture}/live`);
    await one.locator(".live-state .live").waitFor({ timeout: 60000 });
    await sound(one);
    await one.goto(`${url}/account/tokens`);
    await one.locator(".row .tag.live").first().waitFor();
    await sound(one);
    await one.context().close();
  });

test("revoking a token ends its stream, in words", { timeout: 120000 }, async () => {
  await beat();
  await page.goto(`${url}/lecture/${lecture}/live`);
  await shows("On air");
  await page.goto(`${url}/account/tokens`);
  await Promise.all([
    page.waitForNavigation(),
    page.getByRole("button", { name: "Revoke and end the stream: OBS" }).click(),
  ]);
  await page.goto(`${url}/lecture/${lecture}/live`);
  await page.getByText(/^The token of your program was revoked/).waitFor({ timeout: 60000 });
  assert.equal((await start()).refused, "token");
  await sound();
  air.token = ctl("token", "create", "--login", who, "--scopes", "stream", "--name", "OBS").trim();
  await publish();
  await beat();
  await beat();
  await shows("On air");
});

test("ended by the keyboard, taken back, discarded", { timeout: 180000 }, async () => {
  const key = async name => {
    await page.getByRole("button", { name }).first().focus();
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  };
  await page.goto(`${url}/lecture/${lecture}/live`);
  await key("End and keep the recording");
  await shows("Over");
  assert.match(await page.locator(".live-text").first().innerText(), /^Ended by Ada Streams/);
  assert.equal((await start()).refused, "lecture", "programs that connect again by themselves are refused");
  await page.getByText(/^The stream of the lecture had been ended/).waitFor({ timeout: 30000 });
  await sound();
  await Promise.all([page.waitForNavigation(), page.click(".flash button")]);
  await page.getByText(/start your program again, the lecture goes on/).waitFor();
  await publish();
  await beat();
  await beat();
  await shows("On air");
  await key("End and discard");
  await shows("Over, discarded");
  await sound();
  await press(page, "Take that back");
  await shows("Over");
  assert.deepEqual(page.sins, []);
});

test("others cannot stream it, and students do not see it", { timeout: 60000 }, async () => {
  const admin = await visit({ as: "admin" });
  await admin.goto(`${url}/lecture/${await newLecture("Of others", 9)}/live`);
  assert.match(await admin.locator(".live-text").first().innerText(), /^Only those who teach in this course/);
  assert.equal(await admin.getByRole("button", { name: "Stream this lecture" }).count(), 0);
  await admin.context().close();
  const student = await visit({ as: "student" });
  assert.equal((await student.goto(`${url}/lecture/${lecture}/live`)).status(), 404);
  assert.equal((await student.goto(`${url}/lecture/${lecture}/live.json`)).status(), 404);
  await student.context().close();
});
