#!/usr/bin/env node
// One moment, one picture, one sound: a camera with B-frames and slides without, the quick and the full
// generation, every rendition and the download show at any media time the frame that the lecture had then (by
// the burned-in counters), and sound begins when it did. So views stay in step and a new generation can take
// over without a jump.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { after, before, test } from "node:test";
import { close, open, readCounter } from "../lib/browser.mjs";

const FPS = 25,
  SECONDS = 8; // whole groups of pictures: a cut elsewhere would leave a gap at the end, with B-frames
// The very last pictures are left out: in a paused element hls.js does not always say that the stream ends, and
// without that Chromium waits for more before it shows them.
const FRAMES = [0, 1, 37, 99, 100, 101, 160, FPS * SECONDS - 10];
const BEEPS = [2, 6.5]; // s
const { LECTERN_BUILD: build, LECTERN_DEMO: demo, LECTERN_MODULES: modules } = process.env;
const dir = mkdtempSync(join(tmpdir(), "times-"));
const made = {};
let page, base;

// The demo's pictures with beeps at known times; the worker's results are in dir/VIEW.
function make(view, file) {
  const source = join(dir, file);
  execFileSync("ffmpeg", [
    "-nostdin",
    "-v",
    "error",
    "-i",
    join(demo, file),
    "-f",
    "lavfi",
    "-i",
    `aevalsrc='0.5*sin(2*PI*1000*t)*(${BEEPS.map(at => `between(t,${at},${at + 0.4})`).join("+")})':s=48000:d=${SECONDS}`,
    "-map",
    "0:v",
    "-map",
    "1:a",
    "-c:v",
    "copy",
    "-c:a",
    "aac",
    "-frames:v",
    String(FPS * SECONDS),
    source,
  ]);
  made[view] = JSON.parse(
    execFileSync(join(build, "media_run"), [source, view, join(dir, view)], { maxBuffer: 1 << 24 }),
  );
  return Number(
    execFileSync("ffprobe", [
      "-v",
      "error",
      "-select_streams",
      "v",
      "-show_entries",
      "stream=has_b_frames",
      "-of",
      "csv=p=0",
      source,
    ]),
  );
}

const server = createServer((request, response) => {
  const path =
    request.url === "/hls.mjs" ? join(modules, "hls.js/dist/hls.mjs") : join(dir, normalize(request.url));
  if (request.url === "/")
    return response.setHeader("Content-Type", "text/html").end("<!doctype html><video muted></video>");
  if (!existsSync(path)) return response.writeHead(404).end();
  const { size } = statSync(path),
    [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  const start = Number(from ?? 0),
    end = to ? Math.min(Number(to), size - 1) : size - 1;
  const type =
    { mjs: "text/javascript", m3u8: "application/vnd.apple.mpegurl", mp4: "video/mp4" }[
      path.split(".").pop()
    ] ?? "image/jpeg";
  response.writeHead(from ? 206 : 200, {
    "Content-Type": type,
    "Content-Length": end - start + 1,
    "Accept-Ranges": "bytes",
    ...(from ? { "Content-Range": `bytes ${start}-${end}/${size}` } : {}),
  });
  createReadStream(path, { start, end }).pipe(response);
});

before(async () => {
  execFileSync("make", ["-s", "-C", build, "media_run", "lectern-sandbox"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  assert.ok(make("CAM", "cam.mp4") > 0, "the camera has B-frames");
  assert.equal(make("PRES", "pres.mp4"), 0, "the slides have none");
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
  page = await (await open()).newPage();
  await page.goto(`${base}/`);
  await page.evaluate(`globalThis.readCounter = ${readCounter}`);
});

after(async () => {
  await close();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

// The counters seen in the middle of the given frames; level: which rendition of a playlist, -1 a file as it is.
const shown = (path, level) =>
  page.evaluate(
    async ({ path, level, frames, fps }) => {
      const video = document.querySelector("video"),
        seen = [];
      const event = name =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`${path}: no ${name}`)), 15000);
          video.addEventListener(
            name,
            () => {
              clearTimeout(timer);
              resolve();
            },
            { once: true },
          );
        });
      let hls = null;
      const ready = event("canplay");
      if (level < 0) video.src = path;
      else {
        const { default: Hls } = await import("/hls.mjs");
        hls = new Hls({ startLevel: level, enableWorker: false });
        hls.on(Hls.Events.MANIFEST_PARSED, () => {
          hls.loadLevel = level;
        });
        hls.loadSource(path);
        hls.attachMedia(video);
      }
      await ready;
      for (const frame of frames) {
        const painted = new Promise(resolve =>
          video.requestVideoFrameCallback((now, data) => resolve(data.mediaTime)),
        );
        const seeked = event("seeked");
        video.currentTime = (frame + 0.5) / fps;
        await Promise.all([seeked, painted]);
        seen.push(readCounter(video));
      }
      hls?.destroy();
      video.removeAttribute("src");
      video.load();
      return seen;
    },
    { path, level, frames: FRAMES, fps: FPS },
  );

// When the sound of a file begins after silence, in seconds.
const begins = path =>
  page.evaluate(async path => {
    const bytes = await (await fetch(path)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes),
      samples = sound.getChannelData(0);
    const found = [];
    for (let i = 0, quiet = 1e9; i < samples.length; i++, quiet++) {
      if (Math.abs(samples[i]) < 0.05) continue;
      if (quiet > sound.sampleRate / 2) found.push(i / sound.sampleRate);
      quiet = 0;
    }
    return found;
  }, path);

function together(found, what) {
  assert.equal(found.length, BEEPS.length, `${what}: beeps at ${found}`);
  BEEPS.forEach((at, i) =>
    assert.ok(Math.abs(found[i] - at) < 0.005, `${what}: the beep of ${at} s is at ${found[i]} s`),
  );
}

for (const view of ["CAM", "PRES"]) {
  for (const generation of ["quick", "full"]) {
    test(
      `${view}, ${generation}: every rendition has its pictures and sound when the lecture had them`,
      { timeout: 60000 },
      async () => {
        const { renditions } = made[view][generation];
        assert.ok(
          renditions[0].copied && renditions.length === (generation === "quick" ? 1 : 2),
          "the top is copied",
        );
        // hls.js orders levels from the smallest
        for (let level = 0; level < renditions.length; level++)
          assert.deepEqual(
            await shown(`/${view}/${generation}/master.m3u8`, level),
            FRAMES,
            `level ${level}`,
          );
        together(await begins(`/${view}/${generation}/audio.mp4`), "sound");
      },
    );
  }
  test(`${view}: the download, too`, { timeout: 60000 }, async () => {
    assert.deepEqual(await shown(`/${view}/full/download.mp4`, -1), FRAMES);
    together(await begins(`/${view}/full/download.mp4`), "sound");
  });
}
