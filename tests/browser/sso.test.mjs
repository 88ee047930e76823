#!/usr/bin/env node
// timeout: 1200
//
// Signing in at a university in a real browser, where the provider is another site: which cookies cross, two tabs at once,
// signing out, adding the university to an account; the Content-Security-Policy is not touched, and axe-core finds nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, close, url, visit } from "../lib/browser.mjs";
import * as peers from "../lib/peer.mjs";
import * as university from "../lib/university.mjs";

before(() => university.open());
after(async () => {
  await close();
  university.close();
});

// Requests to the provider are what this test is about; anything else that must not happen is a failure.
const clean = page =>
  assert.deepEqual(
    page.sins.filter(sin => !sin.startsWith("foreign: http://localhost:")),
    [],
  );

async function identify(page, person) {
  await page.fill("#username", person);
  await page.fill("#password", person);
  await Promise.all([page.waitForURL(`${url}/**`), page.press("#password", "Enter")]);
}

async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(
    violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`),
    [],
  );
}

test("sign in with the keyboard, arrive where one wanted to go, sign out there, too", async () => {
  const page = await visit();
  await page.goto(`${url}/account`);
  await axe(page);
  await page.focus(".signin-one");
  await Promise.all([page.waitForURL("http://localhost:*/**"), page.keyboard.press("Enter")]);
  const waiting = await page.context().cookies();
  const asked = waiting.find(one => one.name.startsWith("__Host-sso-"));
  assert.ok(asked?.secure && asked.httpOnly && asked.sameSite === "None");
  await identify(page, "unistudent");
  assert.equal(page.url(), `${url}/account`);
  assert.match(await page.textContent("main"), /Student Müller · unistudent/);
  const session = (await page.context().cookies()).find(one => one.name === "__Host-lectern");
  assert.ok(session.secure && session.httpOnly && session.sameSite === "Lax");
  await page.click(".menu:last-of-type summary");
  await Promise.all([page.waitForURL(`${url}/`), page.click("form[action='/logout'] button")]);
  assert.match(await page.textContent(".flash"), /signed out/);
  await page.goto(`${url}/login`);
  assert.match(await page.textContent(".signin-one"), /last used/);
  await Promise.all([page.waitForURL("http://localhost:*/**"), page.click(".signin-one")]);
  assert.ok(await page.$("#password"), "the provider asks for the password again");
  clean(page);
});

test("two tabs at once", async () => {
  const one = await visit(),
    two = await one.context().newPage();
  for (const [page, next] of [
    [one, "/account"],
    [two, "/courses"],
  ]) {
    await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
    await Promise.all([page.waitForURL("http://localhost:*/**"), page.click(".signin-one")]);
  }
  await identify(two, "unilecturer");
  await identify(one, "unilecturer");
  assert.equal(one.url(), `${url}/account`);
  assert.equal(two.url(), `${url}/courses`);
  clean(one);
});

test("an answer without its request is one page with a number", async () => {
  const page = await visit({ viewport: { width: 390, height: 800 } });
  await page.goto(`${url}/login`);
  await Promise.all([page.waitForURL("http://localhost:*/**"), page.click(".signin-one")]);
  await page.context().clearCookies({ domain: "127.0.0.1" });
  await identify(page, "unistudent");
  assert.match(await page.textContent("h1"), /did not work/);
  assert.match(await page.textContent(".ref code"), /^[0-9a-f]{16}$/);
  await axe(page);
  clean(page);
});

test("add a university to an account", async () => {
  const page = await visit({ as: "lecturer" });
  await page.goto(`${url}/account/signins`);
  await axe(page);
  await Promise.all([page.waitForURL("http://localhost:*/**"), page.click(".signin-one")]);
  await identify(page, "unilink");
  assert.equal(page.url(), `${url}/account/link`);
  await axe(page);
  await Promise.all([page.waitForURL(`${url}/account/signins`), page.click("main form .button")]);
  assert.match(await page.textContent(".rows"), /Example University/);
  await axe(page);
  clean(page);
});

test("sign out at a university that takes nothing but forms, with script and without", async () => {
  const peer = await peers.introduce(await peers.open(), "post");
  try {
    for (const javaScriptEnabled of [true, false]) {
      const page = await visit({ javaScriptEnabled });
      await page.goto(`${url}/login/idp/${peer.id}?next=/account`);
      await page.fill("[name=username]", "forms");
      await page.fill("[name=profile]", "both");
      await page.click("button");
      if (!javaScriptEnabled) await page.click("[type=submit]"); // what the provider would do by script
      await page.waitForURL(`${url}/account`);
      await page.click(".menu:last-of-type summary");
      await page.click("form[action='/logout'] button");
      if (!javaScriptEnabled) {
        assert.match(await page.textContent("main"), /signed out here/);
        await page.click("#leave button");
        await page.click("[type=submit]");
      }
      await page.waitForURL(`${url}/`);
      assert.match(await page.textContent(".flash"), /signed out/);
      clean(page);
      await page.context().close();
    }
  } finally {
    await peers.close(peer);
  }
});
