#!/usr/bin/env node
// timeout: 1200
//
// Every page, for the people who see it: axe-core finds nothing in either theme, the content
// security policy is not touched, the HTML is valid, no request leaves the installation, nothing is wider than
// the window; and screenshots at four widths for people to look at.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { axeSource, close, demo, signIn, url, visit } from "../lib/browser.mjs";
import { htmlFaults } from "../lib/html.mjs";

const WIDTHS = [390, 768, 1280, 1920];
const shots = process.env.LECTERN_SHOTS;

before(() => {
  if (shots) mkdirSync(shots, { recursive: true });
});
after(close);

// The first address on the page that matches, as people would follow it.
async function link(page, from, pattern) {
  await page.goto(url + from);
  const found = await page.$$eval("a[href]", links => links.map(one => new URL(one.href).pathname));
  return found.find(path => pattern.test(path)) ?? null;
}

// The page for an upload without script: of a lecture made for it.
async function uploadPage(page, course) {
  await page.goto(`${url}${course}/lecture/new`);
  await page.fill("[name=title]", "Uploaded without script");
  await page.fill("[name=start]", "2026-11-24T10:15");
  await Promise.all([page.waitForNavigation(), page.click("main form .button")]);
  return page.evaluate(async () => {
    const form = document.querySelector("form.upload");
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
    });
    return new URL(answer.url).pathname;
  });
}

const keepers = {
  maintainer: [
    ["org", "/org/engineering"],
    ["org-new", "/org/engineering/new"],
    ["org-look", "/org/engineering/look"],
    ["orgs-found", "/org?q=department"],
    ["org-course", "/teach/course/new"],
  ],
  admin: [
    ["orgs", "/org"],
    ["org-move", "/org/computing/move"],
    ["org-top", "/org/demo"],
    ["org-admin", "/org/computing"],
    ["orgs-none", "/org?q=zzzz"],
  ],
};

async function addresses(role) {
  if (role === "maintainer") return keepers.maintainer;
  const page = await visit(role ? { as: role } : {});
  const list = [
    ["start", "/"],
    ["missing", "/there-is-no-such-page"],
  ];
  const course = await link(page, "/", /^\/course\/[^/]+\/[^/]+$/);
  if (course) list.push(["course", course]);
  list.push(["term", await link(page, "/", /^\/terms\//)]);
  list.push(["watch", `/lecture/${demo}`]);
  if (!role) list.push(["signin", "/login"]);
  if (role) list.push(["account", "/account"], ["signins", "/account/signins"]);
  if (role === "lecturer") {
    list.push(["teach", "/teach"], ["course-new", "/teach/course/new"]);
    const own = await link(page, "/teach", /^\/teach\/course\/\d+$/);
    if (own) {
      list.push(["course-edit", own], ["people", `${own}/people`], ["lecture-new", `${own}/lecture/new`]);
      list.push(["rights", `${own}/rights`], ["staff", await link(page, `${own}/people`, /\/staff\/\d+$/)]);
      list.push(
        ["schedule", `${own}/schedule`],
        ["series-new", `${own}/schedule/new`],
        ["release", `${own}/release`],
      );
      list.push(["upload", await uploadPage(page, own)]);
      list.push(
        ["lecture-begun", await link(page, own, /^\/teach\/lecture\/[a-z0-9]+$/)],
        ["lecture-edit", `/teach/lecture/${demo}`],
      );
    }
  }
  if (role === "admin") {
    const edit = await link(page, course, /^\/teach\/course\/\d+$/);
    list.push(["admin-rights", "/admin/rights"], ["idps", "/admin/idp"], ...keepers.admin);
    list.push(["org-rights", await link(page, `${edit}/rights`, /^\/org\/[^/]+\/rights$/)]);
  }
  await page.context().close();
  return list;
}

async function settle(page, path) {
  const answer = await page.goto(url + path, { waitUntil: "load" });
  if (path.startsWith("/lecture/"))
    await page.waitForSelector(".player.ready, .player-empty", { timeout: 15000 });
  await page.evaluate(() => document.fonts.ready);
  return answer;
}

async function axe(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const found = await axe.run(document, {
      resultTypes: ["violations"],
      rules: { "color-contrast": { enabled: true } },
    });
    return found.violations.map(
      one =>
        `${one.id}: ${one.nodes.map(node => node.target.join(" ")).join(", ")} (${one.nodes[0].failureSummary.split("\n")[1]?.trim()})`,
    );
  });
}

for (const role of [null, "student", "lecturer", "maintainer", "admin"]) {
  test(`pages as ${role ?? "visitor"}`, { timeout: 240000 }, async t => {
    const list = await addresses(role);
    assert.ok(
      list.length >= (role === "lecturer" ? 16 : role === "admin" ? 8 : 5),
      `found ${list.map(([name]) => name)}`,
    );
    for (const theme of ["light", "dark"]) {
      const page = await visit({ colorScheme: theme, ...(role ? { as: role } : {}) });
      for (const [name, path] of list) {
        await t.test(`${name}, ${theme}`, async () => {
          page.sins.length = 0;
          const answer = await settle(page, path);
          assert.equal(answer.status(), name === "missing" ? 404 : 200, path);
          if (theme === "light") assert.deepEqual(htmlFaults(await answer.text()), []);
          assert.equal(await page.locator("h1").count(), 1, "one main heading");
          assert.deepEqual(await axe(page), []);
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
            await page.waitForTimeout(60);
            assert.ok(
              await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
              `wider than ${width}`,
            );
            if (shots)
              await page.screenshot({
                path: `${shots}/${role ?? "visitor"}-${name}-${width}-${theme}.png`,
                fullPage: true,
              });
          }
          await page.setViewportSize({ width: 1280, height: 800 });
          assert.deepEqual(page.sins, []);
        });
      }
      await page.context().close();
    }
  });
}

test("German and English both set the language and leave no key untranslated", async () => {
  for (const [locale, lang] of [
    ["de-DE", "de"],
    ["en-GB", "en"],
  ]) {
    const page = await visit({ locale, extraHTTPHeaders: { "Accept-Language": locale } });
    await page.goto(url);
    assert.equal(await page.getAttribute("html", "lang"), lang);
    await page.context().close();
  }
});

test("nothing moves while a page loads, whatever view was chosen before", { timeout: 60000 }, async () => {
  const page = await visit();
  await page.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver(list => {
      for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const [path, chosen] of [
    ["/"],
    [`/lecture/${demo}`],
    [`/lecture/${demo}`, { layout: "PRES" }],
    [`/lecture/${demo}`, { layout: "both", split: 0.5 }],
  ]) {
    if (chosen)
      await page.evaluate(values => localStorage.setItem("lectern.player", JSON.stringify(values)), chosen);
    await settle(page, path);
    await page.waitForTimeout(500);
    const moved = await page.evaluate(() => shift);
    assert.ok(moved < 0.02, `${path} ${JSON.stringify(chosen ?? {})} moved by ${moved}`);
  }
});

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
  await settle(page, `/lecture/${demo}`);
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
