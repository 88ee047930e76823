#!/usr/bin/env node
// timeout: 240
//
// Both views side by side show the same moment: by the counters burned into the pictures and
// the time each frame reached the screen, over 60 s with five seeks, a change of speed and a
// stall of one view for 3 s.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { close, readCounter, ready, visit, watch } from "./lib.mjs";

const LIMIT = 0.1;      // s
const FRAME = 1 / 25;   // s
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

before(() => assert.ok(ready, "LECTERN_ACCOUNTS names the accounts file"));
after(close);

// Every frame each view presents: [time on screen in s, counter]; the old picture that stays
// for an instant while a seek is under way is not one.
async function record(page) {
  await page.evaluate(`(() => {
    globalThis.readCounter ??= ${readCounter};
    globalThis.frames = { CAM: [], PRES: [] };
    const videos = [...document.querySelectorAll('.pane video')];
    for (const view of ["CAM", "PRES"]) {
      const video = document.querySelector('.pane[data-view=' + view + '] video');
      const next = (now, data) => {
        const number = readCounter(video);
        if (number !== null && !videos.some(one => one.seeking)) frames[view].push([data.expectedDisplayTime / 1000, number]);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }
  })()`);
}

// Where the other view was at that moment, by its two nearest frames; null while it jumped or stood.
function between(frames, time) {
  let low = 0, high = frames.length - 1;
  if (high < 1 || time < frames[0][0] || time > frames[high][0]) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (frames[middle][0] <= time) low = middle; else high = middle;
  }
  const [t0, n0] = frames[low], [t1, n1] = frames[high];
  if (t1 - t0 > 0.4 || n1 < n0 || n1 - n0 > 25 || t1 === t0) return null;
  return n0 + (n1 - n0) * (time - t0) / (t1 - t0);
}

function drifts({ CAM, PRES }) {
  const found = [];
  for (const [time, number] of PRES) {
    const other = between(CAM, time);
    if (other !== null) found.push({ time, drift: (number - other) * FRAME });
  }
  return found;
}

const seek = (page, to) => page.evaluate(at => {
  const input = document.querySelector(".seek input");
  input.value = at;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, to);

test("side by side stays within 100 ms over 60 s of seeks, a change of speed and a stall", { timeout: 150000 }, async t => {
  const page = await visit();
  await watch(page, "both");
  await record(page);
  await page.click(".bar-play");
  await page.waitForFunction(() => frames.CAM.length > 10 && frames.PRES.length > 10, null, { timeout: 20000 });
  const began = Date.now();

  // One view gets no data for 3 s, at a place that is in nobody's buffer yet.
  await sleep(4000);
  let until = Infinity;
  const late = async route => { await sleep(Math.max(0, until - Date.now())); await route.continue().catch(() => {}); };
  await page.route(/\/PRES\/.*\.(mp4|m4s)/, late);
  until = Date.now() + 3000;
  await seek(page, 70);
  await sleep(2500);
  const stood = await page.evaluate(() => [...document.querySelectorAll(".pane video")].map(video => [video.currentTime, video.paused]));
  await sleep(3500);
  await page.unroute(/\/PRES\/.*\.(mp4|m4s)/, late);

  for (const to of [12.3, 40, 61.7]) { await seek(page, to); await sleep(5000); }
  for (let step = 0; step < 3; step++) await page.keyboard.press(">");
  await sleep(8000);
  for (let step = 0; step < 3; step++) await page.keyboard.press("<");
  await sleep(2000);
  await seek(page, 3);
  await sleep(Math.max(3000, 60000 - (Date.now() - began)));

  const frames = await page.evaluate(() => frames);
  const all = drifts(frames), worst = all.reduce((most, one) => Math.abs(one.drift) > Math.abs(most.drift) ? one : most, all[0]);
  const sorted = all.map(one => Math.abs(one.drift)).sort((a, b) => a - b), over = all.filter(one => Math.abs(one.drift) >= LIMIT);
  t.diagnostic(`${all.length} comparisons, median ${(sorted[sorted.length >> 1] * 1000).toFixed(0)} ms, p99 ${(sorted[Math.floor(sorted.length * 0.99)] * 1000).toFixed(0)} ms, worst ${(worst.drift * 1000).toFixed(0)} ms`);
  t.diagnostic(`stall: ${JSON.stringify(stood)}`);
  if (process.env.LECTERN_SYNC_TRACE) for (const one of over) t.diagnostic(`${one.time.toFixed(2)} ${(one.drift * 1000).toFixed(0)}`);
  assert.ok(all.length > 400, `enough frames were compared (${all.length})`);
  assert.ok(stood.some(([at]) => at >= 69.5) && stood.every(([, paused]) => paused), "while one view had no data both stood");
  assert.ok(Math.abs(worst.drift) < LIMIT, `largest difference ${(worst.drift * 1000).toFixed(0)} ms, ${over.length} of ${all.length} over the limit`);
  assert.deepEqual(page.sins, []);
});
