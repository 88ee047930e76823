#!/usr/bin/env node
// timeout: 1200
//
// The player with the demo lecture: it plays what it should (by the burned-in counters), obeys
// the keyboard, remembers, renews its token and takes a new generation without losing its place.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, counter, demo, position, url, visit, watch } from "../lib/browser.mjs";

after(close);

const playing = page =>
  page.waitForFunction(
    () =>
      [...document.querySelectorAll(".pane video")].some(video => !video.paused && video.currentTime > 0.3),
    null,
    { timeout: 15000 },
  );
const stands = page =>
  page.waitForFunction(
    () => [...document.querySelectorAll(".pane video")].every(video => !video.seeking),
    null,
    { timeout: 15000 },
  );
const near = (actual, wanted, by, what) =>
  assert.ok(Math.abs(actual - wanted) <= by, `${what}: ${actual} should be ${wanted} ± ${by}`);

// A standing view shows the picture of its position, which is answered. The browser paints a decoded picture some time
// after it says that it has it: until then the picture of the position before stands there.
async function pictured(page, view, by) {
  const now = await page.evaluate(
    name => document.querySelector(`.pane[data-view=${name}] video`).currentTime,
    view,
  );
  let shown = await counter(page, view);
  for (let i = 0; i < 50 && (shown === null || Math.abs(shown / 25 - now) > by); i++) {
    await page.waitForTimeout(100);
    shown = await counter(page, view);
  }
  assert.notEqual(shown, null, "the counter can be read");
  near(shown / 25, now, by, `${view}: picture and position`);
  return now;
}

test("a visitor plays the demo and the frames advance", async () => {
  const page = await visit();
  await watch(page, "CAM");
  const first = await counter(page, "CAM");
  await page.click(".stage-start");
  await playing(page);
  await page.waitForTimeout(2000);
  const later = await counter(page, "CAM");
  assert.ok(later > first + 20, `counter went from ${first} to ${later}`);
  near(later / 25, await position(page), 0.15, "picture and position");
  assert.deepEqual(page.sins, []);
});

test("a page that nobody plays loads a few seconds, then more", { timeout: 60000 }, async () => {
  const page = await visit();
  await watch(page, "CAM");
  const ahead = () =>
    page.evaluate(() => {
      const { buffered } = document.querySelector(".pane[data-view=CAM] video");
      return buffered.end(buffered.length - 1);
    });
  await page.waitForFunction(
    () => document.querySelector(".pane[data-view=CAM] video").buffered.end(0) > 4,
    null,
    { timeout: 15000 },
  );
  await page.waitForTimeout(1500); // hls.js looks ten times a second
  assert.ok((await ahead()) <= 16, `${await ahead()} s are loaded before anybody plays`);
  await page.click(".stage-start");
  await page.waitForFunction(
    () => {
      const { buffered } = document.querySelector(".pane[data-view=CAM] video");
      return buffered.end(buffered.length - 1) > 40;
    },
    null,
    { timeout: 20000 },
  );
});

// The state of every video, printed with a failure.
const condition = page =>
  page.evaluate(() =>
    JSON.stringify(
      [...document.querySelectorAll(".pane")].map(pane => {
        const video = pane.querySelector("video"),
          { buffered } = video;
        return {
          view: pane.dataset.view,
          height: video.videoHeight,
          at: video.currentTime,
          paused: video.paused,
          seeking: video.seeking,
          ready: video.readyState,
          buffered: Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]),
        };
      }),
    ),
  );

// A paused view shows the picture of its position, in the quality that was chosen.
async function shows(page, view, height, at = null) {
  await page
    .waitForFunction(
      ([name, tall, where]) => {
        const video = document.querySelector(`.pane[data-view=${name}] video`);
        return (
          video.paused &&
          video.videoHeight === tall &&
          !video.seeking &&
          video.readyState >= 2 &&
          (where === null || Math.abs(video.currentTime - where) < 0.05)
        );
      },
      [view, height, at],
      { timeout: 15000 },
    )
    .catch(async () => assert.fail(`${height} at ${at}: ${await condition(page)}`));
  return pictured(page, view, 0.12);
}

const seek = (page, to) =>
  page.evaluate(at => {
    const input = document.querySelector(".seek input");
    input.value = at;
    input.dispatchEvent(new Event("change"));
  }, to);

const choose = async (page, height) => {
  await page.click(".bar-quality");
  await page.click(`.pop[role=menu] button[value="${height}"]`);
};

test("every rendition plays its first, middle and last seconds", { timeout: 120000 }, async t => {
  for (const view of ["CAM", "PRES"]) {
    const page = await visit();
    await watch(page, view);
    await page.click(".bar-quality");
    const heights = await page.$$eval(".pop[role=menu] button", all =>
      all.map(one => Number(one.value)).filter(Boolean),
    );
    await page.keyboard.press("Escape");
    assert.ok(heights.length >= 1);
    const total = Math.floor(
      await page.evaluate(name => document.querySelector(`.pane[data-view=${name}] video`).duration, view),
    );
    for (const height of heights) {
      await t.test(`${view} ${height}p`, async () => {
        await choose(page, height);
        for (const at of [0, total >> 1, total - 2]) {
          await seek(page, at);
          await shows(page, view, height, at);
          await page.click(".bar-play");
          await page
            .waitForFunction(
              ([name, from]) =>
                document.querySelector(`.pane[data-view=${name}] video`).currentTime > from + 0.3,
              [view, at],
              { timeout: 15000 },
            )
            .catch(async () => assert.fail(`playing from ${at}: ${await condition(page)}`));
          await page.waitForTimeout(400);
          await page.keyboard.press("k");
          await stands(page);
          assert.ok((await shows(page, view, height)) > at - 0.1, "it went on from there");
        }
      });
    }
    await page.context().close();
  }
});

test("a standing picture becomes as sharp as is chosen", { timeout: 60000 }, async () => {
  const page = await visit();
  await watch(page, "PRES");
  await page.click(".bar-play");
  await playing(page);
  await page.keyboard.press("k");
  await stands(page);
  const total = await page.evaluate(() => document.querySelector(".pane[data-view=PRES] video").duration);
  for (const at of [await position(page), Math.round(total - 1)]) {
    // the last segment, too: nothing is loaded after it
    if (at > 20) await seek(page, at);
    for (const height of [360, 720, 360]) {
      await choose(page, height);
      await shows(page, "PRES", height, at);
    }
  }
});

test("the last choice counts, whatever is still on its way", { timeout: 60000 }, async () => {
  const page = await visit(),
    held = [];
  await watch(page, "PRES");
  await choose(page, 720);
  await shows(page, "PRES", 720, 0);
  const hold = route => held.push(route);
  await page.route(/\/PRES\/v360\.mp4/, hold);
  const asked = page.waitForRequest(/\/PRES\/v360\.mp4/);
  await choose(page, 360);
  const request = await asked;
  await choose(page, 720);
  for (const route of held) await route.continue().catch(() => {});
  await page.unroute(/\/PRES\/v360\.mp4/, hold);
  await request.response().then(
    answer => answer?.finished(),
    () => {},
  );
  await seek(page, 2);
  await shows(page, "PRES", 720, 2);
});

// hls.js learns by "updateend" that a buffer has finished an operation. On a busy browser that comes late;
// meanwhile timers run, the other buffer is filled and the viewer chooses again. Here every removal of video
// begins late and is reported later, sound is loaded only as far as allowed (page.sound), and the page is at
// `from`, in 720p, loaded to the end except for sound.
async function slow(from) {
  const page = await visit(),
    held = [];
  await page.addInitScript(() => {
    globalThis.films = [];
    const add = MediaSource.prototype.addSourceBuffer;
    MediaSource.prototype.addSourceBuffer = function (type) {
      const buffer = add.call(this, type),
        { addEventListener, remove } = buffer;
      if (!type.startsWith("video")) return buffer;
      films.push(buffer);
      let removing = false;
      buffer.remove = (start, end) => {
        removing = true;
        setTimeout(() => remove.call(buffer, start, end), 800);
      };
      buffer.addEventListener = (name, act) =>
        addEventListener.call(
          buffer,
          name,
          name !== "updateend"
            ? act
            : event => {
                if (removing) setTimeout(act, 1200, event);
                else act(event);
                removing = false;
              },
        );
      return buffer;
    };
  });
  let left = Infinity;
  const pass = route => route.continue().catch(() => {});
  await page.route(/\/PRES\/audio\.mp4/, route => (left-- > 0 ? pass(route) : held.push(route)));
  page.sound = segments => {
    left = segments;
    for (const route of held.splice(0, left)) {
      left--;
      pass(route);
    }
  };
  await watch(page, "PRES");
  await choose(page, 720);
  await page.click(".bar-play");
  await playing(page);
  await page.keyboard.press("k");
  await filled(page, 0, 59.9); // as much as the player loads ahead
  page.sound(2);
  await seek(page, from);
  await shows(page, "PRES", 720, from);
  await page.waitForFunction(
    end => films.every(({ buffered }) => buffered.length && buffered.end(buffered.length - 1) > end),
    89.5,
    { timeout: 20000 },
  );
  return page;
}

const late = ms => async route => {
  await new Promise(resolve => setTimeout(resolve, ms));
  await route.continue().catch(() => {});
};

const filled = (page, from, to) =>
  page.waitForFunction(
    ([start, end]) => {
      const { buffered } = document.querySelector(".pane[data-view=PRES] video");
      return Array.from({ length: buffered.length }, (_, i) => i).some(
        i => buffered.start(i) <= start && buffered.end(i) > end,
      );
    },
    [from, to],
    { timeout: 20000 },
  );

test("a browser late to say that it removed data shows what is chosen", { timeout: 120000 }, async () => {
  const page = await slow(75);
  await choose(page, 360);
  page.sound(Infinity);
  await shows(page, "PRES", 360, 75);
  await filled(page, 75, 89.5);
  // A jump and a choice of quality before hls.js checks, when everything up to the end was loaded.
  await page.evaluate(() => {
    const input = document.querySelector(".seek input");
    input.value = 89;
    input.dispatchEvent(new Event("change"));
    document.querySelector(".bar-quality").click();
    document.querySelector('.pop[role=menu] button[value="720"]').click();
  });
  await shows(page, "PRES", 720, 89);
  assert.deepEqual(page.sins, []);
});

test("two choices one after the other remove what they must", { timeout: 120000 }, async () => {
  const page = await slow(75);
  await choose(page, 0);
  await choose(page, 360);
  page.sound(Infinity);
  await shows(page, "PRES", 360, 75);
  assert.deepEqual(page.sins, []);
});

test("on a slow line a jump right after a choice arrives", { timeout: 60000 }, async () => {
  const page = await visit();
  await page.addInitScript(() =>
    localStorage.setItem("lectern.player", JSON.stringify({ layout: "PRES", quality: 720 })),
  );
  await watch(page);
  await shows(page, "PRES", 720, 0);
  // The init segment of a rendition, which every segment needs, takes longer than the interval at which
  // hls.js checks.
  const begin = late(800);
  await page.route(/\/PRES\/v360\.mp4/, route =>
    /^bytes=0-/.test(route.request().headers().range) ? begin(route) : route.continue().catch(() => {}),
  );
  const asked = page.waitForRequest(/\/PRES\/v360\.mp4/);
  await choose(page, 360);
  await asked;
  await seek(page, 60);
  await shows(page, "PRES", 360, 60);
});

// Which heights of a view's renditions are asked for, as they are.
function heights(page, view) {
  const asked = [];
  page.on("request", request => {
    const name = new RegExp(`/${view}/v(\\d+)\\.mp4$`).exec(request.url());
    if (name) asked.push(Number(name[1]));
  });
  return asked;
}

test("a view that is only heard takes the smallest picture", { timeout: 120000 }, async () => {
  const page = await visit(),
    asked = heights(page, "CAM");
  const ahead = (seconds, height = null) =>
    page
      .waitForFunction(
        ([length, tall]) => {
          const video = document.querySelector(".pane[data-view=CAM] video"),
            { buffered, currentTime } = video;
          return (
            (tall === null || video.videoHeight === tall) &&
            Array.from({ length: buffered.length }, (_, i) => i).some(
              i => buffered.start(i) <= currentTime && buffered.end(i) > currentTime + length,
            )
          );
        },
        [seconds, height],
        { timeout: 30000 },
      )
      .catch(async () => assert.fail(`${seconds} s ahead in ${height}: ${await condition(page)}`));
  const layout = name => page.click(`.bar-layout button[value="${name}"]`);

  await page.addInitScript(() =>
    localStorage.setItem("lectern.player", JSON.stringify({ layout: "PRES", quality: 720 })),
  );
  await watch(page, null, "?t=40");
  await page.click(".bar-play");
  await playing(page);
  await ahead(20, 360);
  assert.deepEqual([...new Set(asked)], [360], "heard from the start");

  // Seen while it plays: the good picture comes, but never in place of what is being played.
  await page.evaluate(() => {
    globalThis.breaks = [];
    const video = document.querySelector(".pane[data-view=CAM] video"),
      { remove } = SourceBuffer.prototype;
    SourceBuffer.prototype.remove = function (start, end) {
      if (start <= video.currentTime && video.currentTime < end) breaks.push([start, end, video.currentTime]);
      remove.call(this, start, end);
    };
    video.addEventListener("seeking", () => breaks.push(["seeking", video.currentTime]));
  });
  await layout("CAM");
  await ahead(0, 720);
  assert.deepEqual(await page.evaluate(() => breaks), [], "the sound goes on");
  await ahead(20, 720);

  // Not seen any more: what comes is small again, at a place where nothing was loaded before.
  await layout("PRES");
  asked.length = 0;
  await seek(page, 10);
  await ahead(4, 360);
  assert.deepEqual([...new Set(asked)], [360], "heard again");

  // Seen where it stands: at once.
  await page.keyboard.press("k");
  await stands(page);
  await layout("CAM");
  await shows(page, "CAM", 720);

  // The same where nothing is chosen, at a place that is not loaded yet either.
  await layout("PRES");
  await choose(page, 0);
  await seek(page, 86);
  await ahead(3, 360);
  await layout("CAM");
  await shows(page, "CAM", 720, 86);
  assert.deepEqual(page.sins, []);
});

test(
  "End pressed before there is a picture shows the last one, and playing goes to the end",
  { timeout: 60000 },
  async () => {
    const page = await visit();
    await page.route(/\/m\/.*\.mp4/, late(400));
    const first = page.waitForRequest(/\/m\/.*\.mp4/);
    const opened = watch(page, "both");
    await first;
    await page.keyboard.press("End");
    await page
      .waitForFunction(
        () =>
          [...document.querySelectorAll(".pane video")].every(
            video => video.currentTime > 80 && !video.seeking && video.readyState >= 2,
          ),
        null,
        { timeout: 20000 },
      )
      .catch(async () => assert.fail(await condition(page)));
    await opened;
    for (const view of ["CAM", "PRES"]) await pictured(page, view, 0.12);
    await page.click(".bar-play");
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll(".pane video")].every(
          video => video.currentTime > video.duration - 0.06,
        ),
      null,
      { timeout: 20000 },
    );
    await page.waitForFunction(
      () => document.querySelector(".bar-play").getAttribute("aria-label") === "Play again",
    );
    assert.ok(await page.isHidden(".stage-wait"));
  },
);

test("the keyboard does what its list says", { timeout: 60000 }, async () => {
  const page = await visit();
  await watch(page, "both");
  const press = async key => {
    await page.keyboard.press(key);
    await stands(page);
  };
  await press("5");
  const total = await page.evaluate(() => Number(document.querySelector(".seek input").max));
  near(await position(page), total / 2, 0.2, "5 jumps to the middle");
  await press("l");
  near(await position(page), total / 2 + 10, 0.3, "l");
  await press("j");
  near(await position(page), total / 2, 0.3, "j");
  await press("ArrowRight");
  near(await position(page), total / 2 + 5, 0.3, "right");
  await press("ArrowLeft");
  near(await position(page), total / 2, 0.3, "left");
  const starts = await page.$$eval(".chapters [data-at]", links =>
    links.map(link => Number(link.dataset.at)),
  );
  const next = starts.find(at => at > total / 2 + 0.5);
  await press("Shift+ArrowRight");
  near(await position(page), next, 0.3, "shift right goes to the next chapter");
  await press("Shift+ArrowLeft");
  near(
    await position(page),
    starts.findLast(at => at < next - 2),
    0.3,
    "shift left goes back one",
  );
  await press("5");
  await press(">");
  assert.equal(await page.textContent(".bar-speed"), "1.25×");
  await press("<");
  await press("m");
  assert.equal(
    await page.evaluate(() => [...document.querySelectorAll(".pane video")].every(video => video.muted)),
    true,
  );
  await press("m");
  await press("k");
  await playing(page);
  await page.click(".bar-mute"); // after a click the space key still belongs to the player
  await page.keyboard.press("Space");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".pane video")].every(video => video.paused),
  );
  assert.equal(
    await page.evaluate(() => [...document.querySelectorAll(".pane video")].every(video => video.muted)),
    true,
    "space did not press the button again",
  );
  await page.click(".bar-mute");
  await page.keyboard.press("v");
  assert.equal(await page.locator(".pane:not([hidden])").count(), 1, "v goes to the next view");
  await page.keyboard.press("?");
  assert.ok(await page.isVisible(".pop-keys"));
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden(".pop-keys"));
  assert.deepEqual(page.sins, []);
});

test("the split moves by keyboard and pointer and is remembered", async () => {
  const page = await visit();
  await watch(page, "both");
  const share = () => page.getAttribute(".split", "aria-valuenow").then(Number);
  const before = await share();
  await page.focus(".split");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await share(), before - 4);
  const box = await page.locator(".split").boundingBox();
  await page.mouse.move(box.x + 4, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x - 150, box.y + 40, { steps: 4 });
  await page.mouse.up();
  const moved = await share();
  assert.ok(moved < before - 10, `${before} → ${moved}`);
  await page.reload();
  await page.waitForSelector(".player.ready");
  near(await share(), moved, 1, "split after a reload");
});

test("a finger taps to play, twice at a side to skip", { timeout: 60000 }, async () => {
  const page = await visit({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  await watch(page, "PRES");
  const box = await page.locator(".stage").boundingBox(),
    y = box.y + box.height * 0.8;
  const tap = share => page.touchscreen.tap(box.x + box.width * share, y);
  await tap(0.9);
  await tap(0.9);
  await page.waitForFunction(
    () => Number(document.querySelector(".pane:not([hidden]) video").currentTime) > 9,
  );
  await stands(page);
  near(await position(page), 10, 0.3, "two taps on the right");
  assert.equal(await page.getAttribute(".bar-play", "aria-label"), "Play", "they did not start it");
  await page.waitForTimeout(700);
  await tap(0.5);
  await playing(page);
  assert.deepEqual(page.sins, []);
});

test("on a full screen the picture keeps its size when the bar goes", { timeout: 60000 }, async () => {
  const page = await visit();
  await watch(page, "both");
  await page.keyboard.press("k");
  await playing(page);
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.fullscreenElement !== null);
  const size = () => page.locator(".pane.first").boundingBox();
  await page.mouse.move(300, 300);
  await page.waitForSelector(".player:not(.idle)");
  const before = await size();
  assert.ok(before.height > 780, "it fills the window");
  await page.waitForSelector(".player.idle", { timeout: 15000 });
  await page.waitForFunction(() => getComputedStyle(document.querySelector(".player-bar")).opacity === "0");
  assert.deepEqual(await size(), before);
  await page.keyboard.press("f");
  assert.deepEqual(page.sins, []);
});

test("every chapter shows its own slide", async () => {
  const page = await visit();
  await watch(page);
  const pictures = () =>
    page.$$eval(".chapters-thumb i", all =>
      all.map(one => one.style.backgroundImage && one.style.backgroundPosition),
    );
  await page.waitForFunction(
    () => [...document.querySelectorAll(".chapters-thumb i")].every(one => one.style.backgroundImage),
    null,
    { timeout: 15000 },
  );
  const places = await pictures();
  assert.ok(places.length >= 2);
  assert.equal(new Set(places).size, places.length, "no two are the same");
});

test("a student goes on where they stopped, a visitor too", { timeout: 60000 }, async () => {
  for (const who of [{ as: "student" }, {}]) {
    const page = await visit(who);
    await watch(page, null, "?t=30");
    near(await position(page), 30, 0.3, "?t=30");
    await page.click(".bar-play");
    await playing(page);
    await page.waitForTimeout(1500);
    const sent = who.as ? page.waitForResponse(answer => answer.url().endsWith("/progress")) : null;
    await page.keyboard.press("k");
    if (sent) assert.equal((await sent).status(), 204);
    await page.waitForTimeout(200);
    const left = await position(page);
    await watch(page);
    near(await position(page), left, 1.5, `resumed as ${who.as ?? "visitor"}`);
    assert.ok(await page.isVisible(".stage-note .link"), "starting from the beginning is offered");
    assert.deepEqual(page.sins, []);
    await page.context().close();
  }
});

test(
  "the token is renewed before it ends and later requests carry the new one",
  { timeout: 60000 },
  async () => {
    const page = await visit();
    let answers = 0;
    const tokens = [];
    await page.route("**/play.json", async route => {
      const answer = await route.fetch(),
        play = await answer.json();
      play.now ??= Math.floor(Date.now() / 1000);
      if (answers++ === 0) play.expires = play.now + 63; // renewal is due 60 s before: at once
      tokens.push(play.token);
      await route.fulfill({ response: answer, json: play });
    });
    await watch(page, "CAM");
    for (let waited = 0; answers < 2 && waited < 30; waited++) await page.waitForTimeout(500);
    assert.ok(answers >= 2, `play.json was asked ${answers} times`);
    await page.waitForTimeout(300);
    const next = page.waitForRequest(request => /\/m\/[^/]+\/.*\.mp4/.test(request.url()));
    await page.keyboard.press("9");
    assert.ok((await next).url().includes(`/m/${tokens.at(-1)}/`), "the new token is used");
  },
);

test("a new generation is taken at the same place", { timeout: 60000 }, async () => {
  const page = await visit();
  let raise = false;
  await page.route("**/play.json", async route => {
    const answer = await route.fetch(),
      play = await answer.json();
    play.now ??= Math.floor(Date.now() / 1000);
    if (!raise) play.expires = play.now + 64;
    else play.generation += 1; // the addresses stay: only the announcement matters here
    await route.fulfill({ response: answer, json: play });
  });
  await watch(page, "both", "?t=20");
  await page.click(".bar-play");
  await playing(page);
  await page.evaluate(() => {
    document.querySelector(".pane video").dataset.old = "yes";
  });
  raise = true;
  await page.waitForTimeout(6000);
  await page.keyboard.press("k");
  await page.waitForFunction(() => !document.querySelector("[data-old]"), null, { timeout: 10000 });
  await page.waitForFunction(
    () => [...document.querySelectorAll(".pane video")].every(video => video.readyState >= 2),
    null,
    { timeout: 10000 },
  );
  const at = await position(page);
  assert.ok(at > 21 && at < 32, `still near its place: ${at}`);
  await page.keyboard.press("k");
  await playing(page);
});

test("a lost connection says so and goes on by itself", { timeout: 60000 }, async () => {
  const page = await visit();
  await watch(page, "CAM");
  const cut = route => route.abort("connectionreset");
  await page.route(/\/m\/.*\.mp4/, cut);
  await page.keyboard.press("9");
  await page.click(".bar-play");
  await page.waitForSelector(".stage-error:not([hidden]) p, .stage-wait:not([hidden])", { timeout: 30000 });
  await page.unroute(/\/m\/.*\.mp4/, cut);
  await page.waitForFunction(
    () => [...document.querySelectorAll(".pane video")].some(video => !video.paused && video.readyState >= 3),
    null,
    { timeout: 40000 },
  );
  assert.ok(await page.isHidden(".stage-error"));
});

test("without script there is a picture or a link to the video", async () => {
  const page = await visit({ javaScriptEnabled: false });
  await page.goto(`${url}/lecture/${demo}`);
  assert.ok((await page.locator(".player video[src^='/m/'], .player a[href^='/m/']").count()) > 0);
});
