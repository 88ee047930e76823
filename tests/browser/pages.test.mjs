#!/usr/bin/env node
// timeout: 1200
//
// Every page, for the people who see it: axe-core finds nothing, the content security policy is not touched, the HTML is valid,
// no request leaves the installation, nothing is wider than the window; and, if LECTERN_SHOTS names a folder, screenshots at
// all widths for people to look at. The dark theme has other colours and nothing else, so there the contrast is looked at.
// A page of lectern-web --routes that is not visited is a failure.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axeSource, close, demo, url, visit } from "../lib/browser.mjs";
import { htmlFaults } from "../lib/html.mjs";
import { ctl, env } from "../lib/instance.mjs";

const WIDTHS = [320, 390, 768, 1280, 1920];
const AXE_WIDTHS = [390, 1280];
const shots = process.env.LECTERN_SHOTS;
const stamp = Date.now().toString(36);

// GET rows that are no pages, or pages that another test visits.
const elsewhere = {
  "/calendar.ics": "iCalendar",
  "/look/:file": "a style sheet",
  "/look/logo/:file": "a picture",
  "/saml/metadata": "XML",
  "/account/tokens/lectern-obs.zip": "an archive: live_tokens.test.mjs",
  "/saml/slo": "a message of a provider",
  "/login/idp/:id": "leads to a provider: sso.test.mjs",
  "/account/link": "needs a provider's answer: sso.test.mjs",
  "/health": "for programs",
  "/metrics": "for programs",
  "/metrics/:program": "for programs",
};
const rows = JSON.parse(
  execFileSync(join(env.app, "libexec/lectern/lectern-web"), ["--routes"], { encoding: "utf8" }),
).filter(row => row.method === "GET" && !row.pattern.endsWith(".json"));
const visited = new Set();

// An identity provider, whose metadata is a file.
const ENTITY = `http://127.0.0.1:23010/idp/${stamp}`;
const folder = mkdtempSync(join(tmpdir(), "lectern-pages-"));
let idp;

before(() => {
  if (shots) mkdirSync(shots, { recursive: true });
  const file = join(folder, "metadata.xml");
  const metadata = readFileSync(join(env.src, "tests/fuzz/corpus/saml_metadata/idp-metadata.xml"), "utf8");
  writeFileSync(file, metadata.replace(/entityID="[^"]*"/, `entityID="${ENTITY}"`));
  chmodSync(folder, 0o755); // lecternctl reads it as the service's user
  chmodSync(file, 0o644);
  idp = ctl("idp", "add", ENTITY, "--metadata", file, "--name", "Universität am Beispiel").match(/\d+/)[0];
});
after(async () => {
  ctl("idp", "remove", ENTITY);
  rmSync(folder, { recursive: true });
  await close();
});

// The first address on the page that matches, as people would follow it.
async function link(page, from, pattern) {
  await page.goto(url + from);
  const found = await page.$$eval("a[href]", links =>
    links.map(one => new URL(one.href)).map(one => one.pathname + one.search),
  );
  return found.find(path => pattern.test(path)) ?? null;
}

const press = (page, target) =>
  Promise.all([page.waitForNavigation(), page.click(target)]).then(([answer]) => answer);

// The page for an upload without script: of a lecture made for it.
async function uploadPage(page, course) {
  await page.goto(`${url}${course}/lecture/new`);
  await page.fill("[name=title]", "Uploaded without script");
  const start = new Date(Date.now() - Math.floor(Math.random() * 1e6) * 60000); // when there is no other
  await page.fill("[name=start]", start.toISOString().slice(0, 16));
  await press(page, "main form .button");
  return page.evaluate(async () => {
    const form = document.querySelector("form.upload");
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
    });
    return new URL(answer.url).pathname;
  });
}

// A course of its own, with a long name.
async function makeCourse(page) {
  await page.goto(`${url}/teach/course/new`);
  await page.fill(
    "#title",
    `${stamp}: Rechnerarchitektur und Betriebssysteme für Studierende der Elektrotechnik und Informationstechnik`,
  );
  await page.check("#vis-signedin");
  const org = page.locator("[name=org]").first();
  if ((await org.getAttribute("type")) === "radio") await org.check();
  await press(page, "main form .actions .button");
  assert.match(new URL(page.url()).pathname, /^\/teach\/course\/\d+$/);
  return new URL(page.url()).pathname;
}

// The dates of a series from today on: twice a week, twelve times. The answer to a form.
const seriesDates = course => async page => {
  await page.goto(`${url}${course}/schedule/new`);
  for (const day of [2, 4]) await page.check(`[name=day][value='${day}']`);
  await page.fill("#first", new Date().toISOString().slice(0, 10));
  await page.fill("#hall", "Großer Hörsaal im Zentralgebäude");
  await page.fill("#count", "12");
  return press(page, "main form .actions .button");
};

// Plans them, and cancels the second.
async function plan(page, course) {
  await seriesDates(course)(page);
  await press(page, "main form .actions .button");
  await page.locator("[name=pick]").nth(1).check();
  await press(page, ".plan-send .button");
  await page.fill("#note", "Heute krank. Die nächste Vorlesung findet statt.");
  await press(page, "[name=cancel]");
}

// A form that comes back with what is wrong in it.
const refused = (path, fields) => async page => {
  await page.goto(url + path);
  await page.evaluate(() => document.querySelectorAll("form").forEach(one => (one.noValidate = true)));
  for (const [field, text] of Object.entries(fields)) await page.fill(field, text);
  return press(page, "main form .actions .button:not([name=find])");
};

const planned = course => [
  ["schedule", `${course}/schedule`],
  ["series-new", `${course}/schedule/new`],
  ["series-refused", refused(`${course}/schedule/new`, { "#first": "", "#length": "0" }), 422],
  ["series-dates", seriesDates(course)],
  ["calendar-week", "/calendar"],
  ["calendar-month", "/calendar?view=month"],
  ["calendar-list", "/calendar?view=list"],
  ["calendar-empty", "/calendar?day=2031-08-05"],
  ["calendar-course", `/calendar?view=list&course=${course.split("/").pop()}`],
  ["feeds", "/calendar/feeds"],
  [
    "feed-new",
    async page => {
      await page.goto(`${url}/calendar`);
      return press(page, "form[action='/calendar/feeds'] .button");
    },
  ],
];

// The page of a hall, which is added if there is none.
async function aHall(page) {
  const halls = `${url}/org/engineering/halls`,
    links = page.locator("a.row-main");
  await page.goto(halls);
  if (!(await links.count())) {
    await page.fill("#name", "HS 1");
    await press(page, "main form .actions .button");
  }
  return page.goto(url + (await links.first().getAttribute("href")), { waitUntil: "load" });
}

const keepers = {
  maintainer: [
    ["org", "/org/engineering"],
    ["org-new", "/org/engineering/new"],
    ["org-refused", refused("/org/engineering/new", { "#name": "", "#slug": "computing" }), 422],
    ["org-look", "/org/engineering/look"],
    ["org-terms", "/org/engineering/terms"],
    ["free-refused", refused("/org/engineering/terms", { "#name": "", "#first": "2001-01-01" }), 422],
    ["org-rights", "/org/engineering/rights"],
    ["org-hall", aHall],
    ["org-halls", "/org/engineering/halls"],
    ["halls-refused", refused("/org/engineering/halls", { "#name": "" }), 422],
    ["org-requests", "/org/engineering/requests"],
    ["org-calendar", "/calendar?org=engineering&view=month"],
    ["orgs-found", "/org?q=department"],
    ["org-course", "/teach/course/new"],
  ],
  admin: [
    ["orgs", "/org"],
    ["org-move", "/org/computing/move"],
    ["org-top", "/org/demo"],
    ["org-admin", "/org/computing"],
    ["orgs-none", "/org?q=zzzz"],
    ["terms", "/admin/terms"],
    ["admin-rights", "/admin/rights"],
    ["idps", "/admin/idp"],
    ["idp-new", "/admin/idp/new"],
  ],
};

async function lecturerPages(page) {
  const own = await link(page, "/teach", /^\/teach\/course\/\d+$/),
    course = await makeCourse(page);
  await plan(page, course);
  const change = await link(page, `${course}/schedule`, /\/schedule\/change\?/),
    upload = await uploadPage(page, own),
    lecture = await link(page, own, /^\/teach\/lecture\/[a-z0-9]+$/);
  return [
    ["teach", "/teach"],
    ["course-new", "/teach/course/new"],
    ["course-edit", own],
    ["people", `${own}/people`],
    ["lecture-new", `${own}/lecture/new`],
    ["rights", `${own}/rights`],
    ["staff", await link(page, `${own}/people`, /\/staff\/\d+$/)],
    ...planned(course),
    ["schedule-change", change],
    ["schedule-series", change.replace("scope=one", "scope=all")],
    ["release", `${own}/release`],
    ["lecture-release", `${lecture}/release`],
    ["upload", upload],
    ["lecture-begun", lecture],
    ["lecture-edit", `/teach/lecture/${demo}`],
    ["live", `/lecture/${demo}/live`],
  ];
}

// [name, its address or what leads to it, status]
async function addresses(role) {
  const page = await visit(role ? { as: role } : {});
  const list = [
    ["start", "/"],
    ["missing", "/there-is-no-such-page", 404],
  ];
  const course = await link(page, "/", /^\/course\/[^/]+\/[^/]+$/);
  if (course) list.push(["course", course]);
  list.push(["term", await link(page, "/", /^\/terms\//)]);
  list.push(["watch", `/lecture/${demo}`]);
  if (!role) list.push(["signin", "/login"], ["calendar", "/calendar"]);
  if (role)
    list.push(["account", "/account"], ["signins", "/account/signins"], ["tokens", "/account/tokens"]);
  if (role === "student")
    list.push(["courses", "/courses"], ["calendar", "/calendar"], ["feeds-none", "/calendar/feeds"]);
  if (role === "lecturer") list.push(...(await lecturerPages(page)));
  list.push(...(keepers[role] ?? []));
  if (role === "admin") list.push(["idp", `/admin/idp/${idp}`], ["idp-end", `/admin/idp/${idp}/remove`]);
  await page.context().close();
  return list;
}

// Opens a page, and waits until it stands still.
async function settle(page, way) {
  const answer =
    typeof way === "string" ? await page.goto(url + way, { waitUntil: "load" }) : await way(page);
  const { pathname } = new URL(page.url());
  visited.add(pathname);
  if (/^\/lecture\/[^/]+$/.test(pathname))
    await page.waitForSelector(".player.ready, .player-empty", { timeout: 15000 });
  await page.evaluate(() => document.fonts.ready);
  return answer;
}

async function axe(page, theme) {
  await page.evaluate(axeSource);
  return page.evaluate(async contrast => {
    const found = await axe.run(document, {
      resultTypes: ["violations"],
      ...(contrast && { runOnly: ["color-contrast"] }),
    });
    return found.violations.map(
      one =>
        `${one.id}: ${one.nodes.map(node => node.target.join(" ")).join(", ")} (${one.nodes[0].failureSummary.split("\n")[1]?.trim()})`,
    );
  }, theme === "dark");
}

for (const role of [null, "student", "lecturer", "maintainer", "admin"]) {
  test(`pages as ${role ?? "visitor"}`, { timeout: 600000 }, async t => {
    const list = await addresses(role);
    for (const theme of ["light", "dark"]) {
      const page = await visit({ colorScheme: theme, ...(role ? { as: role } : {}) });
      for (const [name, way, status = 200] of list) {
        await t.test(`${name}, ${theme}`, async () => {
          page.sins.length = 0;
          const answer = await settle(page, way);
          assert.equal(answer.status(), status, page.url());
          if (theme === "light") assert.deepEqual(htmlFaults(await answer.text()), []);
          assert.equal(await page.locator("h1").count(), 1, "one main heading");
          for (const width of theme === "light" || shots ? WIDTHS : AXE_WIDTHS) {
            await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
            await page.waitForTimeout(60);
            assert.ok(
              await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
              `wider than ${width}`,
            );
            if (AXE_WIDTHS.includes(width)) assert.deepEqual(await axe(page, theme), [], `at ${width}`);
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

test("every page of --routes is visited, here or in a test that is named", () => {
  const missed = rows
    .map(row => row.pattern)
    .filter(pattern => !(pattern in elsewhere))
    .filter(pattern => {
      const address = new RegExp(`^${pattern.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`);
      return ![...visited].some(path => address.test(path));
    });
  assert.deepEqual(missed, [], "add them to the pages of those whom they serve");
  const gone = Object.keys(elsewhere).filter(pattern => !rows.some(row => row.pattern === pattern));
  assert.deepEqual(gone, [], "these are no rows any more");
});

// What stands in the lines of the head, each from left to right; a text that is cut off ends with an ellipsis.
const headLines = page =>
  page.evaluate(() => {
    const lines = [];
    for (const one of document.querySelectorAll(".brand, .top-nav a, .menu > summary, .top-end > .button")) {
      const { top, bottom, right } = one.getBoundingClientRect(),
        middle = (top + bottom) / 2,
        cut = one.scrollWidth > one.clientWidth + 1 ? "…" : "";
      if (right > innerWidth) throw new Error(`${one.textContent} leaves the window`);
      let line = lines.find(other => Math.abs(other.middle - middle) < 16);
      if (!line) lines.push((line = { middle, texts: [] }));
      line.texts.push(one.textContent.trim() + cut);
    }
    return lines.map(line => line.texts);
  });

test(
  "the head of a phone has two lines at most, and only a person's name may be cut off",
  { timeout: 120000 },
  async () => {
    for (const locale of ["de-DE", "en-GB"])
      for (const role of [null, "student", "lecturer", "admin"]) {
        const page = await visit({ locale, ...(role ? { as: role } : {}) });
        await page.goto(`${url}/${role ? "?lang=" + locale.slice(0, 2) : ""}`);
        for (const width of [320, 360, 390, 480, 699]) {
          await page.setViewportSize({ width, height: 844 });
          const lines = await headLines(page),
            cut = lines.flat().filter(text => text.endsWith("…"));
          assert.ok(lines.length <= 2, `${locale} ${role} at ${width}: ${JSON.stringify(lines)}`);
          assert.ok(cut.length <= (role ? 1 : 0), `${locale} ${role} at ${width}: ${cut}`);
        }
        await page.context().close();
      }
  },
);

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
