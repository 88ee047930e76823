#!/usr/bin/env node
// timeout: 600
//
// A new maintainer in the first week of term sets up an organisation below theirs: its name, zone, language, colour, somebody
// who maintains it, a hall, free days. At a desk, and by a phone without script. Prints how long it took; only clicks are asserted.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, url, visit } from "../lib/browser.mjs";
import { site } from "../lib/instance.mjs";

after(close);

const stamp = Date.now().toString(36);
const CLICKS = 24;

// Counts the clicks on a page; what is typed costs one into its field.
class Mouse {
  clicks = 0;
  constructor(page) {
    this.page = page;
  }
  async click(target) {
    this.clicks++;
    await this.page.click(target);
  }
  async go(target) {
    this.clicks++;
    await Promise.all([this.page.waitForNavigation(), this.page.click(target)]);
  }
  async type(target, text) {
    this.clicks++;
    await this.page.fill(target, text);
  }
  // To a page of an organisation: by a link of this page, else by way of the organisation's own page.
  async open(org, part) {
    const link = `main a[href="${org}${part}"]`;
    if ((await this.page.locator(link).count()) === 0) await this.go(`main a[href="${org}"]`);
    await this.go(`${link} >> nth=0`);
  }
  said() {
    return this.page.textContent(".flash");
  }
}

async function setUp(t, options, name) {
  const page = await visit({ as: "maintainer", ...options }),
    mouse = new Mouse(page),
    began = performance.now();
  await page.goto(`${url}/`);
  await mouse.click(".menu:last-of-type summary");
  await mouse.go("a[href='/org']");

  await mouse.go("main a[href$='/new']");
  await mouse.type("#name", name);
  await mouse.go("main form .actions .button");
  assert.match(await mouse.said(), /is added/);
  const org = new URL(page.url()).pathname;
  assert.match(org, /^\/org\/professur-fuer-uebersetzerbau-/, "its address is made of its name");

  await mouse.type("#zone", "Europe/Lisbon");
  await page.selectOption("#lang", "de");
  mouse.clicks += 2;
  await mouse.go(`form[action="${org}"] .button`);
  assert.match(await mouse.said(), /is saved/);

  await mouse.open(org, "/look");
  await mouse.click("#own-own");
  await mouse.type("#accent", "#7a1f3d");
  await mouse.go(`form[action="${org}/look"] .button`);
  assert.match(await mouse.said(), /saved/);

  await mouse.open(org, "/rights");
  await mouse.type("#login", site.accounts.lecturer.login);
  await mouse.click("#as-maintainer");
  await mouse.go(`form[action="${org}/rights"] .button`);
  assert.match(await mouse.said(), /has the role/);

  await mouse.open(org, "/halls");
  await mouse.type("#name", "Seminar room 1");
  await mouse.go(`form[action="${org}/halls"] .button`);
  assert.match(await mouse.said(), /Seminar room 1/);

  await mouse.open(org, "/terms");
  await mouse.type("#name", "Excursion");
  await mouse.type("#first", new Date().toISOString().slice(0, 10));
  await mouse.go(`form[action="${org}/terms/free"] .button`);
  assert.match(await mouse.said(), /Excursion/);
  t.diagnostic(`${mouse.clicks} clicks, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.ok(mouse.clicks <= CLICKS, `${mouse.clicks} clicks`);
  assert.deepEqual(page.sins, []);
  return { page, org };
}

for (const [where, options] of [
  ["at a desk", {}],
  ["by a phone, without script", { javaScriptEnabled: false, viewport: { width: 390, height: 844 } }],
])
  test(`a new maintainer sets up an organisation, ${where}`, { timeout: 240000 }, async t => {
    const { page, org } = await setUp(t, options, `Professur für Übersetzerbau ${where} ${stamp}`);
    const other = await visit({ as: "lecturer" });
    assert.equal((await other.goto(url + org)).status(), 200, "whom they chose maintains it");
    assert.equal(await other.inputValue("#zone"), "Europe/Lisbon");
    assert.equal(await other.inputValue("#lang"), "de");
    await other.goto(`${url}${org}/look`);
    assert.equal(await other.inputValue("#accent"), "#7a1f3d");
    await other.context().close();

    await page.goto(`${url}${org}/rights`);
    const take = page.locator(`form[action="${org}/rights/take"]`);
    assert.equal(await take.count(), 1);
    await Promise.all([page.waitForNavigation(), take.locator("button").click()]);
    await page.goto(url + org);
    await Promise.all([page.waitForNavigation(), page.click(`form[action="${org}/archive"] button`)]);
    await page.context().close();
  });
