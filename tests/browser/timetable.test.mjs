#!/usr/bin/env node
// timeout: 600
//
// A new lecturer plans a term: two lectures a week, in at most twelve clicks. Students see them at once, cancelled ones with
// their note. The same by a phone without script. Prints how long it took; only clicks are asserted.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, url, visit } from "../lib/browser.mjs";

after(close);

const stamp = Date.now().toString(36);
const CLICKS = 12;

// A course of the lecturer's that everybody who is signed in may see; its address for teaching.
async function makeCourse(page, name) {
  await page.goto(`${url}/teach/course/new`);
  await page.fill("[name=title]", name);
  await page.check("[name=visibility][value=signedin]");
  const org = page.locator("[name=org]").first();
  if ((await org.getAttribute("type")) === "radio") await org.check();
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  assert.match(new URL(page.url()).pathname, /^\/teach\/course\/\d+$/);
  return new URL(page.url()).pathname;
}

const rows = page => page.locator(".plan-row").count();

async function everything(page, course) {
  await page.goto(`${url}${course}/schedule?all=1`);
  return rows(page);
}

test("a new lecturer plans two lectures a week for fifteen weeks", { timeout: 240000 }, async t => {
  const page = await visit({ as: "lecturer" });
  const course = await makeCourse(page, `Planned ${stamp}`);
  const began = performance.now();
  let clicks = 0;
  const click = async (target, moves = false) => {
    clicks++;
    await (moves ? Promise.all([page.waitForNavigation(), page.click(target)]) : page.click(target));
  };
  const type = async (target, text) => {
    await click(target);
    await page.fill(target, text);
  };

  await click(`a[href="${course}/schedule"]`, true);
  await click(`a[href="${course}/schedule/new"]`, true);
  await click("[name=day][value='2']");
  await click("[name=day][value='4']");
  await type("#first", new Date(Date.now() + 24 * 3600 * 1000).toISOString().slice(0, 10));
  await type("#time", "14:15");
  await type("#hall", "HS 1");
  await type("#count", "30");
  await click("main form .button", true);

  const dates = await page.locator(".plan-date").count(),
    ticked = await page.locator("[name=pick]:checked").count();
  assert.ok(dates >= 30, `${dates} dates`); // and the free days between them
  assert.equal(ticked, 30);
  const free = page.locator(".plan-date", { hasText: "No lectures: " });
  assert.equal(await free.count(), dates - ticked);
  assert.equal(await free.locator("[name=pick]:checked").count(), 0, "a free day is not ticked");
  // the form sent twice is one series
  await page.evaluate(() => {
    const form = document.querySelector(".plan-form");
    return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  });
  await click("main form .button", true);
  assert.ok(clicks <= CLICKS, `${clicks} clicks`);
  t.diagnostic(`${clicks} clicks, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.equal(new URL(page.url()).pathname, `${course}/schedule`);
  assert.equal(await everything(page, course), ticked);
  assert.deepEqual(page.sins, []);

  await t.test("students see them at once, with date and hall", async () => {
    const student = await visit({ as: "student" });
    await page.goto(url + course);
    const address = await page.getAttribute('a[href^="/course/"]', "href");
    await student.goto(url + address);
    assert.equal(await student.locator(".lecture").count(), ticked);
    assert.match(await student.locator(".head").innerText(), /14:15.*HS 1/);
    await student.goto(`${url}${address}?sort=oldest`);
    await student.click(".lecture-link");
    assert.match(await student.locator("main").innerText(), /14:15–15:45, HS 1/);
    await student.context().close();
  });

  await t.test("the rest of the series is moved, one is cancelled with a note, and comes back", async () => {
    await page.goto(`${url}${course}/schedule?all=1`);
    const change = page.locator(".plan-row a", { hasText: "Move or cancel" });
    await Promise.all([page.waitForNavigation(), change.nth(3).click()]);
    await Promise.all([page.waitForNavigation(), page.click("text=This and the following")]);
    assert.equal(await page.locator("[name=pick]:checked").count(), ticked - 3);
    await page.fill("#time", "16:00");
    await Promise.all([page.waitForNavigation(), page.click("[name=move]")]);
    const times = await page
      .goto(`${url}${course}/schedule?all=1`)
      .then(() => page.locator(".plan-when").allInnerTexts());
    assert.equal(times.filter(text => text.includes("14:15–15:45")).length, 3);
    assert.equal(times.filter(text => text.includes("16:00–17:30")).length, ticked - 3);

    await page.locator("[name=pick]").nth(1).check();
    await page.locator("[name=pick]").nth(2).check();
    await Promise.all([page.waitForNavigation(), page.click(".plan-send .button")]);
    assert.equal(await page.locator("[name=pick]:checked").count(), 2);
    await page.fill("#note", "Ill today");
    await Promise.all([page.waitForNavigation(), page.click("[name=cancel]")]);
    await page.goto(`${url}${course}/schedule?all=1`);
    assert.equal(await page.locator("text=Cancelled: Ill today").count(), 2);
    const student = await visit({ as: "student" });
    await page.goto(url + course);
    await student.goto(url + (await page.getAttribute('a[href^="/course/"]', "href")));
    assert.match(await student.locator("main").innerText(), /Ill today/);
    await student.context().close();

    for (const undone of [true, false]) {
      await page.goto(`${url}${course}/schedule?all=1`);
      await page.locator("[name=pick]").nth(1).check();
      await Promise.all([page.waitForNavigation(), page.click(".plan-send .button")]);
      await Promise.all([page.waitForNavigation(), page.click("[name=restore]")]);
      if (undone) await Promise.all([page.waitForNavigation(), page.click(".flash button")]);
      await page.goto(`${url}${course}/schedule?all=1`);
      assert.equal(await page.locator("text=Cancelled: Ill today").count(), undone ? 2 : 1);
    }
  });

  await t.test("a value that the browser refuses comes into sight, and the focus to it", async () => {
    await page.goto(`${url}${course}/schedule/new`);
    await page.click("details.more summary");
    await page.fill("#title", "");
    await page.click("details.more summary");
    assert.ok(!(await page.isVisible("#title")));
    await page.check("[name=day][value='2']");
    await page.fill("#first", "2031-03-31");
    await page.click("main form .actions .button");
    await page.waitForFunction(() => document.activeElement.id === "title");
    assert.ok(await page.isVisible("#title"));
  });
  await page.context().close();
});

test("on a phone, without script", { timeout: 120000 }, async () => {
  const page = await visit({
    as: "lecturer",
    javaScriptEnabled: false,
    viewport: { width: 390, height: 844 },
  });
  const course = await makeCourse(page, `Phone ${stamp}`);
  await page.goto(`${url}${course}/schedule/new`);
  await page.check("#repeat-once");
  await page.fill("#first", "2031-03-30");
  await page.fill("#time", "02:30"); // never comes: the clock is put forward
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  assert.equal(await page.locator(".plan-date").count(), 1);
  assert.match(await page.locator(".plan-pick").innerText(), /03:30/);
  await Promise.all([page.waitForNavigation(), page.click("text=Change the rule")]);
  assert.equal(await page.inputValue("#first"), "2031-03-30", "the way back to the rule has what was typed");
  assert.equal(await page.inputValue("#time"), "02:30");
  assert.ok(await page.isChecked("#repeat-once"));
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  await page.locator(".plan-date summary").click();
  await page.fill("[name='date[]']", "2101-03-30");
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  assert.equal(
    await page.locator(".plan-date.field-bad .error").count(),
    1,
    "what is wrong stands beside the row",
  );
  await page.fill("[name='date[]']", "2031-03-30");
  await page.fill("[name='length[]']", "60");
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  assert.equal(await everything(page, course), 1);
  assert.match(await page.locator(".plan-when").innerText(), /03:30–04:30/);

  await page.goto(`${url}${course}/schedule/new`);
  await page.fill("#first", "2031-03-31");
  await page.fill("#until", "2058-08-16"); // every day: ten thousand dates
  for (const box of await page.locator("[name=day]").all()) await box.check();
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  assert.match(await page.locator(".errors").innerText(), /more than 500 dates/);
  assert.equal(await page.locator("[name=day]:checked").count(), 7, "what was ticked stays ticked");
  assert.equal(await everything(page, course), 1);
  await page.context().close();
});
