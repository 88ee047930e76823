#!/usr/bin/env node
// timeout: 600
//
// By keyboard alone: what people do most, from the skip link on. Whatever has the focus shows it.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, demo, signIn, url, visit } from "../lib/browser.mjs";

after(close);

// Presses Tab until the first matching element has the focus, which must be visible.
async function tabTo(page, selector, most = 90) {
  for (let step = 0; step < most; step++) {
    await page.keyboard.press("Tab");
    if (!(await page.evaluate(what => document.activeElement.matches(what), selector))) continue;
    const ring = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    });
    assert.ok(
      ring || (await page.evaluate(() => document.activeElement.matches(".seek input"))),
      `the focus on ${selector} is seen`,
    );
    return;
  }
  assert.fail(`${selector} is not reached`);
}
const enter = page => Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);

test("by keyboard alone: skip link, sign in, course, lecture, play", { timeout: 60000 }, async () => {
  const page = await visit();
  await page.goto(url);
  await page.keyboard.press("Tab");
  assert.equal(
    await page.evaluate(() => document.activeElement.className),
    "skip",
    "the skip link comes first",
  );
  await page.keyboard.press("Enter");
  await signIn(page, "student");
  await tabTo(page, "a[href^='/course/'], a[href^='/lecture/']");
  await enter(page);
  await page.goto(`${url}/lecture/${demo}`);
  await page.waitForSelector(".player.ready", { timeout: 15000 });
  await tabTo(page, ".bar-play");
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll(".pane video")].some(video => video.currentTime > 0.5 && !video.paused),
    null,
    { timeout: 15000 },
  );
});

test(
  "by keyboard alone: create a course, add a lecture, publish it, delete it and undo that",
  { timeout: 90000 },
  async () => {
    const page = await visit({ as: "lecturer" });
    // Before it is needed: the browser is told to report the file chooser instead of opening it, and that
    // takes a moment.
    const chooser = new Promise(resolve => page.once("filechooser", resolve));
    await page.goto(url);
    for (const link of ["a[href='/teach']", "a[href='/teach/course/new']"]) {
      await tabTo(page, link);
      await enter(page);
    }
    await tabTo(page, "#title");
    await page.keyboard.type("By keyboard");
    await tabTo(page, "main .more > summary");
    await page.keyboard.press("Enter");
    await tabTo(page, "#slug");
    await page.keyboard.type(`keyboard-${Date.now()}`);
    await enter(page);
    await tabTo(page, "a[href$='/lecture/new']");
    await enter(page);
    await tabTo(page, "#title");
    await page.keyboard.type("The first one");
    await page.fill("#start", "2026-11-24T10:15"); // each browser has its own way of typing a date
    await tabTo(page, "main .actions .button");
    await enter(page);
    assert.match(page.url(), /\/teach\/lecture\//);
    await tabTo(page, ".upload-pick input");
    await page.keyboard.press("Enter");
    await chooser;
    await page.reload();
    for (const [form, says] of [
      ["form[action$='/publish'] button", "published"],
      ["form[action$='/delete'] button", "deleted"],
      [".flash button", "back"],
    ]) {
      await tabTo(page, form);
      await enter(page);
      assert.match(await page.textContent(".flash"), new RegExp(says));
    }
    assert.deepEqual(page.sins, []);
  },
);

test(
  "by keyboard alone: a hall is added, changed, asked for, given and archived",
  { timeout: 120000 },
  async () => {
    const page = await visit({ as: "maintainer" }),
      lecturer = await visit({ as: "lecturer" }),
      halls = "/org/engineering/halls",
      name = `Keys ${Date.now()}`,
      said = of => of.textContent(".flash");
    await page.goto(url + halls);
    await tabTo(page, "#name");
    await page.keyboard.type(name);
    await tabTo(page, "#booking-below");
    await page.keyboard.press("ArrowDown"); // on request
    await tabTo(page, "main form.form .actions .button");
    await enter(page);
    assert.match(await said(page), new RegExp(name));
    const hall = await page.locator("a.row-main", { hasText: name }).getAttribute("href");
    await tabTo(page, `a[href="${hall}"]`);
    await enter(page);
    await tabTo(page, "#seats");
    await page.keyboard.type("120");
    await enter(page);
    assert.match(await said(page), new RegExp(name));

    await lecturer.goto(`${url}/teach`);
    const course = await lecturer.locator("main a[href^='/teach/course/']:not([href$=new])").first();
    await lecturer.goto(url + (await course.getAttribute("href")) + "/lecture/new");
    await tabTo(lecturer, "#title");
    await lecturer.keyboard.type(name);
    await lecturer.fill("#start", "2031-03-04T20:15");
    await tabTo(lecturer, "#hall");
    await lecturer.keyboard.type(name);
    await lecturer.keyboard.press("Escape"); // the list of what fits
    await tabTo(lecturer, "main form.form > .actions .button");
    await enter(lecturer);
    assert.match(await lecturer.textContent("main"), /asked for, not answered yet/);

    await page.goto(`${url}/org/engineering`);
    await tabTo(page, "a[href='/org/engineering/halls']");
    await enter(page);
    await tabTo(page, "main a[href='/org/engineering/requests']");
    await enter(page);
    const mine = page.locator("section", { hasText: name }),
      box = await mine.locator("[name=pick]").getAttribute("value");
    assert.ok(await mine.locator("[name=pick]").isChecked(), "the request is ticked");
    await tabTo(page, `[name=pick][value="${box}"]`, 400);
    await tabTo(page, "button[name=give]");
    await enter(page);
    assert.match(await said(page), /given|have/i);
    await page.goto(url + hall);
    await tabTo(page, "form[action$='/archive'] button");
    await enter(page);
    assert.match(await said(page), new RegExp(name));
    assert.deepEqual(page.sins, []);
    assert.deepEqual(lecturer.sins, []);
  },
);
