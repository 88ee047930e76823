// What the browser tests share: one Chromium, contexts that notice CSP violations, foreign hosts and script errors,
// signing in, and reading the frame counter burned into the demo. CHROMIUM names another browser.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { env, site } from "./instance.mjs";

const require = createRequire(env.modules ? `${env.modules}/../package.json` : import.meta.url);
const { chromium } = require("playwright-core");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const url = env.url;
export const demo = site.demo?.lecture; // an instance for a benchmark has none

let browser = null;

export async function open() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
  return browser;
}

export async function close() {
  await browser?.close();
  browser = null;
}

// A page in a context of its own. `page.sins` collects what must never happen on any page.
export async function visit(options = {}) {
  const { as, ...rest } = options;
  const context = await (
    await open()
  ).newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true, locale: "en-GB", ...rest });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", event =>
      console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  const page = await context.newPage();
  page.sins = [];
  page.on("pageerror", error => page.sins.push(`script: ${error.message}`));
  page.on("console", message => {
    if (/CSP|Content Security Policy/.test(message.text())) page.sins.push(message.text());
  });
  page.on("request", request => {
    const { protocol, origin } = new URL(request.url());
    if (/^http/.test(protocol) && origin !== new URL(url).origin) page.sins.push(`foreign: ${request.url()}`);
  });
  if (as) await signIn(page, as);
  return page;
}

export async function signIn(page, role) {
  const { login, password } = site.accounts[role];
  await page.goto(`${url}/login`);
  await page.fill("input[name=login]", login);
  await page.fill("input[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.press("input[name=password]", "Enter")]);
}

// The demo's frame counter: 16 blocks of 32 by 32 pixels (of 1280 by 720), bottom left, most
// significant bit first, 25 frames a second. Runs in the page; null while there is no clear picture.
export const readCounter = `(video => {
  if (!video.videoWidth) return null;
  const block = 32 * video.videoWidth / 1280;
  const canvas = readCounter.canvas ??= new OffscreenCanvas(64, 4);
  const context = readCounter.context ??= canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, video.videoHeight - block, 16 * block, block, 0, 0, 64, 4);
  const { data } = context.getImageData(0, 0, 64, 4);
  let number = 0;
  for (let bit = 0; bit < 16; bit++) {
    const light = data[(2 * 64 + bit * 4 + 2) * 4];
    if (light > 90 && light < 165) return null;
    number = number * 2 + (light >= 165 ? 1 : 0);
  }
  return number;
})`;

export async function counter(page, view) {
  return page.evaluate(
    `(() => { globalThis.readCounter ??= ${readCounter}; return readCounter(document.querySelector('.pane[data-view=${view}] video')); })()`,
  );
}

// Opens the demo's watch page in a layout and waits for a picture.
export async function watch(page, layout = null, query = "") {
  if (layout)
    await page.addInitScript(name => {
      if (!localStorage.getItem("lectern.player"))
        localStorage.setItem("lectern.player", JSON.stringify({ layout: name }));
    }, layout);
  await page.goto(`${url}/lecture/${demo}${query}`);
  await page.waitForFunction(
    () => [...document.querySelectorAll(".pane:not([hidden]) video")].some(video => video.readyState >= 2),
    null,
    { timeout: 20000 },
  );
}

export const position = page =>
  page.evaluate(() =>
    Math.max(...[...document.querySelectorAll(".pane video")].map(video => video.currentTime)),
  );
