#!/usr/bin/env node
// Upload through the page, as a lecturer does it: refused before the first byte, progress, pause,
// a reload in the middle, a connection that breaks, and the end; cancelling. The store sees one
// upload throughout. Patches are slowed down in the browser, so that there is something to interrupt.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync, copyFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { close, url, visit } from "../lib/browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "lectern-upload-"));
const video = join(folder, "Vorlesung 1.mp4");
const SIZE = 24e6;

before(() => {
  const camera = process.env.LECTERN_DEMO && join(process.env.LECTERN_DEMO, "cam.mp4");
  if (camera && existsSync(camera)) copyFileSync(camera, video);
  else writeFileSync(video, "");
  if (!camera || !existsSync(camera)) truncateSync(video, SIZE);
});
after(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

// A lecture of one's own without a recording; the address of its page.
async function newLecture(page, title) {
  await page.goto(`${url}/teach`);
  const course = await page
    .locator("a[href^='/teach/course/']:not([href$='/new'])")
    .first()
    .getAttribute("href");
  await page.goto(url + course);
  await page.goto(`${url}${course}/lecture/new`);
  await page.fill("input[name=title]", title);
  for (const name of ["start", "starts_at", "start_at"]) {
    const field = page.locator(`input[name=${name}]`);
    if ((await field.count()) && !(await field.inputValue())) await field.fill("2026-11-24T10:15");
  }
  await Promise.all([page.waitForNavigation(), page.locator("main form.form .button").first().click()]);
  if (!/\/teach\/lecture\//.test(page.url())) {
    const made = await page
      .locator("a[href^='/teach/lecture/']", { hasText: title })
      .first()
      .getAttribute("href");
    await page.goto(url + made);
  }
  return page.url();
}

const part = (page, name) => page.locator(`#upload-CAM ${name}`);
const says = (page, name, pattern, timeout = 20000) =>
  page.waitForFunction(
    ([where, source]) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ""),
    [`#upload-CAM ${name}`, pattern.source],
    { timeout },
  );

// 2 MB/s down the wire of one page, by the browser's own throttle.
async function slow(page, rate = 2e6) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const set = options =>
    session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: rate,
      ...options,
    });
  await set({});
  return set;
}

test("what is no video is refused before the first byte", async () => {
  const page = await visit({ as: "lecturer" });
  await newLecture(page, "Refusals");
  let sent = 0;
  page.on("request", request => {
    if (request.method() !== "GET") sent++;
  });
  const input = part(page, "input[type=file]");
  await input.setInputFiles({ name: "slides.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF") });
  assert.match(await part(page, ".upload-error").textContent(), /slides\.pdf/);
  await input.setInputFiles({ name: "empty.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(0) });
  assert.match(await part(page, ".upload-error").textContent(), /empty\.mp4/);
  await page.evaluate(() => {
    document.querySelector("#upload-CAM").dataset.max = "1000";
  });
  await input.setInputFiles({ name: "huge.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(2000) });
  assert.match(await part(page, ".upload-error").textContent(), /huge\.mp4/);
  assert.equal(sent, 0, "nothing was sent");
  assert.deepEqual(page.sins, []);
});

test("an upload survives a pause, a reload and a broken connection", { timeout: 120000 }, async t => {
  const page = await visit({ as: "lecturer" });
  page.on("dialog", dialog => dialog.accept());
  const address = await newLecture(page, "Resumed upload");
  const uploads = new Set(),
    patches = [];
  page.on("request", request => {
    const found = /\/store\/v1\/uploads\/([^/?]+)$/.exec(new URL(request.url()).pathname);
    if (found) uploads.add(found[1]);
    if (request.method() === "PATCH") patches.push(Number(request.headers()["upload-offset"]));
  });
  let wire = await slow(page);
  await part(page, "input[type=file]").setInputFiles(video);
  await says(page, ".upload-line", /\d+ %.*B\/s/);
  t.diagnostic(await part(page, ".upload-line").textContent());

  await part(page, ".upload-buttons .button").click();
  const halted = Number(/(\d+) %/.exec(await part(page, ".upload-line").textContent())[1]);
  await page.waitForTimeout(700);
  assert.ok(
    Number(/(\d+) %/.exec(await part(page, ".upload-line").textContent())[1]) <= halted + 1,
    "paused",
  );
  await part(page, ".upload-buttons .button").click();
  await says(page, ".upload-line", /B\/s/);

  await page.reload();
  assert.equal(page.url(), address);
  await says(page, ".upload-now", /Vorlesung 1\.mp4/);
  wire = await slow(page);
  await part(page, "input[type=file]").setInputFiles(video);
  await says(page, ".upload-line", /B\/s/);

  await wire({ offline: true });
  await page.waitForTimeout(2500);
  await wire({ uploadThroughput: -1 });
  await says(page, ".upload-now", /Uploaded|Hochgeladen/, 60000);
  assert.equal(
    await page.evaluate(() => document.activeElement.id),
    "file-CAM",
    "the focus is not lost with the buttons that went",
  );
  t.diagnostic(`offsets of the patches: ${patches}`);
  assert.equal(uploads.size, 1, "one upload from beginning to end");
  assert.ok(patches.filter(offset => offset > 0).length >= 2, "it went on, it did not begin again");
  assert.deepEqual(page.sins, []);
});

test("a cancelled upload is gone from the store", { timeout: 60000 }, async () => {
  const page = await visit({ as: "lecturer" });
  await newLecture(page, "Cancelled upload");
  await slow(page, 1e6);
  await part(page, "input[type=file]").setInputFiles(video);
  await says(page, ".upload-line", /\d+ %/);
  const gone = page.waitForResponse(
    answer => answer.request().method() === "DELETE" && answer.url().includes("/store/v1/uploads/"),
  );
  await part(page, ".upload-buttons .link").click();
  assert.equal((await gone).status(), 204);
  assert.ok(await part(page, "input[type=file]").isEnabled());
  await page.reload();
  assert.ok(await part(page, ".upload-live").isHidden(), "nothing waits to be resumed");
});

// What people see is the page that the store sends them to.
test(
  "the form without script says what was wrong, and leads to the lecture in the end",
  { timeout: 60000 },
  async () => {
    const page = await visit({ as: "lecturer" });
    const lecture = await newLecture(page, "Uploaded by the form");
    const form = await page.evaluate(async () => {
      const source = document.querySelector("#upload-CAM");
      const answer = await fetch(source.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(source)),
      });
      return answer.url;
    });
    await page.goto(form);
    const send = file =>
      page.evaluate(async text => {
        const data = new FormData();
        data.append("file", new File(text ? [text] : [], text ? "lecture.mp4" : ""));
        const answer = await fetch(document.querySelector("form[enctype]").action, {
          method: "POST",
          body: data,
        });
        return { url: answer.url, text: await answer.text() };
      }, file);
    const empty = await send("");
    assert.equal(new URL(empty.url).pathname, new URL(form).pathname, "back to the form");
    assert.match(empty.text, /Choose a file first\./);
    const whole = await send("no recording, but a file");
    assert.equal(whole.url, lecture);
    assert.deepEqual(page.sins, []);
  },
);
