#!/usr/bin/env node
// timeout: 900
//
// A lecturer connects OBS: a token is made, shown once, copied and revoked; a form that is sent again makes no second one. With
// script and without, by the keyboard alone, on a phone in German and dark.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { axeSource, close, url, visit } from "../lib/browser.mjs";
import { ctl, site } from "../lib/instance.mjs";

after(close);

const stamp = Date.now().toString(36);
const KEY = /^lct_[\w-]{43}$/;
const { login } = site.accounts.lecturer;
const named = name =>
  JSON.parse(ctl("token", "list", "--login", login, "--json")).filter(one => one.name === name);
const path = page => new URL(page.url()).pathname + new URL(page.url()).search;
const press = (page, target) =>
  Promise.all([page.waitForNavigation(), page.click(target)]).then(([answer]) => answer);

async function sound(page) {
  await page.evaluate(axeSource);
  assert.deepEqual(await page.evaluate(async () => (await axe.run()).violations.map(one => one.id)), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "not too wide");
  assert.deepEqual(page.sins, []);
}

async function create(page, name, send = ".form .actions .button") {
  await page.goto(`${url}/account/tokens`);
  await page.fill("#name", name);
  return press(page, send);
}

test("a token is shown once", { timeout: 120000 }, async () => {
  const name = `Once ${stamp}`,
    page = await visit({ as: "lecturer", permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${url}/account`);
  await press(page, "main a[href='/account/tokens']");
  await sound(page);
  const answer = await create(page, name);
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()["cache-control"], "no-store");
  assert.equal(path(page), "/account/tokens");
  const key = await page.inputValue("#key");
  assert.match(key, KEY);
  await sound(page);

  await page.click("[data-copy=key]");
  await page.getByText("Copied").first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  await page.click("[data-copy=server]");
  await page.waitForFunction(
    async () => (await navigator.clipboard.readText()) === document.getElementById("server").value,
  );
  assert.match(await page.inputValue("#server"), /^rtmp:\/\/127\.0\.0\.1:\d+\/live$/);
  assert.equal(named(name).length, 1);

  // loading the page anew sends the form again
  const again = await page.reload();
  assert.equal(again.request().method(), "POST");
  assert.equal(again.status(), 422);
  assert.ok(!(await again.text()).includes(key));
  assert.match(await page.locator(".errors").innerText(), /This form was sent before/);
  assert.equal(named(name).length, 1);
  await sound(page);
  await page.goto(`${url}/account/tokens`);
  assert.ok(!(await page.content()).includes(key));
  await page.goBack();
  assert.ok(!(await page.content()).includes(key));

  await page.goto(`${url}/account/tokens`);
  const row = page.locator(".row", { hasText: name });
  assert.match(await row.innerText(), /never used/);
  await Promise.all([
    page.waitForNavigation(),
    row.getByRole("button", { name: `Revoke “${name}”` }).click(),
  ]);
  assert.match(await page.locator(".flash").innerText(), /is revoked/);
  assert.equal(named(name).length, 0);
  assert.equal(await row.count(), 0);
  await page.context().close();
});

test("what is wrong is said at its field, and nothing is made", { timeout: 120000 }, async () => {
  const page = await visit({ as: "lecturer" }),
    name = `Nothing ${stamp}`;
  await page.goto(`${url}/account/tokens`);
  await page.fill("#name", name);
  await page.uncheck("#scope-stream");
  await page.selectOption("#days", "30");
  assert.equal((await press(page, ".form .actions .button")).status(), 422);
  assert.match(await page.locator("#scopes").innerText(), /Tick what the token may do/);
  assert.equal(await page.inputValue("#name"), name);
  assert.equal(await page.inputValue("#days"), "30");
  assert.equal(await page.isChecked("#scope-stream"), false);
  await sound(page);
  assert.equal(named(name).length, 0);
  await page.context().close();
});

test("the profile for OBS", { timeout: 60000 }, async () => {
  const page = await visit({ as: "lecturer" });
  await page.goto(`${url}/account/tokens`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
  assert.equal(file.suggestedFilename(), "lectern-obs.zip");
  const chunks = [];
  for await (const one of await file.createReadStream()) chunks.push(one);
  const text = Buffer.concat(chunks).toString("latin1"), // stored without compression
    json = name => JSON.parse(text.match(new RegExp(`Lectern/${name}\\.json(\\{.*\\})\n`))[1]);
  assert.match(text, /Lectern\/basic\.ini\[General\]\nName=Lectern\n/);
  assert.match(text, /\nMode=Advanced\n/);
  assert.equal(json("service").settings.server, await page.inputValue("#server"));
  const { rate_control, keyint_sec } = json("streamEncoder");
  assert.deepEqual({ rate_control, keyint_sec }, { rate_control: "CBR", keyint_sec: 2 });
  await page.context().close();
});

test("by the keyboard alone", { timeout: 120000 }, async () => {
  const page = await visit({ as: "lecturer", permissions: ["clipboard-read", "clipboard-write"] }),
    name = `Keys ${stamp}`,
    focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.copy);
  await page.goto(`${url}/account/tokens`);
  const reach = async id => {
    for (let i = 0; i < 60 && (await focused()) !== id; i++) await page.keyboard.press("Tab");
    assert.equal(await focused(), id);
  };
  await reach("name");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await reach("key");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "key"); // its button
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => navigator.clipboard.readText().then(text => text.startsWith("lct_")));
  ctl("token", "revoke", String(named(name)[0].id));
  await page.context().close();
});

test("on a phone, without script, in German and dark", { timeout: 120000 }, async () => {
  const page = await visit({
    as: "lecturer",
    javaScriptEnabled: false,
    colorScheme: "dark",
    locale: "de-DE",
    viewport: { width: 390, height: 844 },
  });
  const name = `Telefon ${stamp}`;
  assert.equal((await create(page, name)).status(), 200);
  assert.match(await page.locator("h1").innerText(), new RegExp(`Ihr Token „${name}“`));
  assert.match(await page.inputValue("#key"), KEY);
  assert.equal(
    await page.locator("[data-copy]:visible").count(),
    0,
    "buttons that need a script are not there",
  );
  assert.equal((await page.reload()).status(), 422);
  assert.match(await page.locator(".errors").innerText(), /schon gesendet/);
  await Promise.all([
    page.waitForNavigation(),
    page.locator(".row", { hasText: name }).getByRole("button", { name: "widerrufen" }).click(),
  ]);
  assert.equal(named(name).length, 0);
  assert.deepEqual(page.sins, []);
  await page.context().close();
});

for (const [locale, width] of [
  ["de-DE", 390],
  ["de-DE", 1280],
  ["en-GB", 390],
])
  test(`a token in the dark, ${locale}, ${width}`, { timeout: 120000 }, async () => {
    const page = await visit({
      as: "lecturer",
      colorScheme: "dark",
      locale,
      viewport: { width, height: 844 },
    });
    const name = `Dark ${stamp} ${locale} ${width}`;
    await create(page, name);
    for (const more of await page.locator("details.more summary").all()) await more.click();
    await sound(page);
    ctl("token", "revoke", String(named(name)[0].id));
    await page.context().close();
  });
