#!/usr/bin/env node
// timeout: 1200
//
// Both views side by side show the same moment: by the counters burned into the pictures and
// the time each frame reached the screen, over 60 s with five seeks, a change of speed and a
// stall of one view for 3 s.
//
// A machine that has no time to paint shows pictures late whatever the player does, and one that keeps the
// page's own timer waiting keeps the player from looking: when more than two fifths of the pictures are dropped
// (a quarter is without a graphics card), or a tick of 50 ms comes after more than 150, the run is repeated, and
// at last only what the elements' clocks usually say is judged.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, readCounter, visit, watch } from "../lib/browser.mjs";
import { sleep } from "../lib/tap.mjs";

const LIMIT = 0.1; // s
const PAINTED = 0.6; // of the pictures, at least
const LATE = 0.1; // s that a timer may be late on a machine that keeps up
const FRAME = 1 / 25; // s

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
        if (number !== null && !videos.some(one => one.seeking)) frames[view].push([data.expectedDisplayTime / 1000, number, data.mediaTime]);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    }
    globalThis.jumps = [];
    for (const video of videos)
      for (const name of ["seeking", "seeked"]) video.addEventListener(name, () => jumps.push(performance.now() / 1000));
    globalThis.clocks = [];
    globalThis.late = 0;
    let ticked = performance.now();
    setInterval(() => {
      late = Math.max(late, performance.now() - ticked - 50);
      ticked = performance.now();
      if (videos.every(video => !video.paused && !video.seeking)) clocks.push(videos[0].currentTime - videos[1].currentTime);
    }, 50);
  })()`);
}

// The distance of the other view at that moment (in frames), computed from its frames before and after; null
// while it jumped. Between two frames its movement counts as even. Where pictures were dropped, the picture
// on the screen counts as well, since pictures that a busy machine did not show are no drift.
function apart(frames, time, number) {
  let low = 0,
    high = frames.length - 1;
  if (high < 1 || time < frames[0][0] || time > frames[high][0]) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (frames[middle][0] <= time) low = middle;
    else high = middle;
  }
  const [t0, n0] = frames[low],
    [t1, n1] = frames[high];
  if (t1 - t0 > 0.4 || n1 < n0 || n1 - n0 > 25 || t1 === t0) return null;
  const moving = number - (n0 + ((n1 - n0) * (time - t0)) / (t1 - t0)),
    standing = number - n0;
  return n1 - n0 > 2 && Math.abs(standing) < Math.abs(moving) ? standing : moving;
}

// On a busy machine the callback comes late, and the canvas gets a later picture than the one whose time it
// was told: such a reading says nothing about either and is left out. The media time says which picture it
// was told about; the counter shows whether media time and picture agree.
function own(frames) {
  const gaps = frames.map(([, number, media]) => number - media / FRAME).sort((a, b) => a - b);
  const usual = gaps[gaps.length >> 1];
  return frames.filter(([, number, media]) => Math.abs(number - media / FRAME - usual) < 0.6);
}

// `jumps`: when seeks began and ended; around them one view may show the old place for a moment.
function drifts({ CAM, PRES }, jumps) {
  const found = [];
  for (const [time, number] of PRES) {
    if (jumps.some(jump => Math.abs(time - jump) < 0.15)) continue;
    const frames = apart(CAM, time, number);
    if (frames !== null) found.push({ time, drift: frames * FRAME });
  }
  return found;
}

const seek = (page, to) =>
  page.evaluate(at => {
    const input = document.querySelector(".seek input");
    input.value = at;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, to);

const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const largest = list => list.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
const ms = seconds => `${(seconds * 1000).toFixed(0)} ms`;

// The share of pictures that reached the screen while the view played on evenly.
function painted(frames) {
  const steps = frames
    .slice(1)
    .map(([, number], index) => number - frames[index][1])
    .filter(step => step > 0 && step <= 25);
  return (
    steps.length /
    Math.max(
      1,
      sum(steps, step => step),
    )
  );
}

// A minute of watching, with all that may disturb it.
async function minute(page) {
  const began = Date.now();
  await sleep(4000);
  // One view gets no data for 3 s, at a place that is in no buffer yet.
  const until = Date.now() + 3000;
  const late = async route => {
    await sleep(Math.max(0, until - Date.now()));
    await route.continue().catch(() => {});
  };
  await page.route(/\/PRES\/.*\.(mp4|m4s)/, late);
  await seek(page, 70);
  await sleep(2500);
  const stood = await page.evaluate(() =>
    [...document.querySelectorAll(".pane video")].map(video => [video.currentTime, video.paused]),
  );
  await sleep(3500);
  await page.unroute(/\/PRES\/.*\.(mp4|m4s)/, late);

  for (const to of [12.3, 40, 61.7]) {
    await seek(page, to);
    await sleep(5000);
  }
  for (let step = 0; step < 3; step++) await page.keyboard.press(">");
  await sleep(8000);
  for (let step = 0; step < 3; step++) await page.keyboard.press("<");
  await sleep(2000);
  await seek(page, 3);
  await sleep(Math.max(3000, 60000 - (Date.now() - began)));
  return { stood, ...(await page.evaluate(() => ({ frames, clocks, jumps, late: late / 1000 }))) };
}

async function run(t) {
  const page = await visit({ viewport: { width: 960, height: 700 } }); // fewer pixels to paint without a graphics card
  await watch(page, "both");
  await record(page);
  await page.click(".bar-play");
  await page.waitForFunction(() => frames.CAM.length > 10 && frames.PRES.length > 10, null, {
    timeout: 20000,
  });
  const { stood, frames, clocks, jumps, late } = await minute(page);
  const kept = { CAM: own(frames.CAM), PRES: own(frames.PRES) };
  const all = drifts(kept, jumps).map(one => one.drift),
    sorted = all.map(Math.abs).sort((a, b) => a - b);
  const share = Math.min(painted(kept.CAM), painted(kept.PRES));
  t.diagnostic(
    `${(share * 100).toFixed(0)} % of the pictures painted; ${all.length} comparisons, median ${ms(sorted[sorted.length >> 1])}, ` +
      `p99 ${ms(sorted[Math.floor(sorted.length * 0.99)])}, worst ${ms(largest(all))}; clocks at most ${ms(largest(clocks))} apart, timers at most ${ms(late)} late`,
  );
  for (const view of ["CAM", "PRES"])
    assert.ok(
      kept[view].length > frames[view].length * 0.7,
      `${view}: most pictures are the ones they are said to be`,
    );
  assert.deepEqual(page.sins, []);
  await page.context().close();
  return { all, clocks, stood, share, busy: share < PAINTED || late > LATE };
}

test(
  "side by side stays within 100 ms over 60 s of seeks, a change of speed and a stall",
  { timeout: 400000 },
  async t => {
    let result;
    for (let attempt = 0; attempt < 3; attempt++) {
      result = await run(t);
      if (!result.busy) break;
    }
    const { all, clocks, stood, share, busy } = result;
    assert.ok(
      stood.some(([at]) => at >= 69.5) && stood.every(([, paused]) => paused),
      "while one view had no data both stood",
    );
    assert.ok(clocks.length > 200, `enough was measured (${clocks.length})`);
    if (busy) {
      const usual = clocks.map(Math.abs).sort((a, b) => a - b)[clocks.length >> 1];
      assert.ok(usual < LIMIT, `clocks usually ${ms(usual)} apart`);
      return t.skip(`the machine was too busy: it painted ${(share * 100).toFixed(0)} % of the pictures`);
    }
    assert.ok(all.length > 400, `enough frames were compared (${all.length})`);
    assert.ok(Math.abs(largest(clocks)) < LIMIT, `clocks ${ms(largest(clocks))} apart`);
    assert.ok(
      Math.abs(largest(all)) < LIMIT,
      `pictures ${ms(largest(all))} apart, ${all.filter(one => Math.abs(one) >= LIMIT).length} of ${all.length} over the limit`,
    );
  },
);
