#!/usr/bin/env node
// timeout: 900
//
// Organisations in a browser: one is found and chosen by the keyboard alone, and the colours that we accept can be read on the
// page of a course in both themes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axeSource, close, url, visit } from "../lib/browser.mjs";

const stamp = Date.now().toString(36);
let page;

// A form of the page, filled in and sent, as the page itself would.
const send = (path, form) =>
  page.evaluate(
    async ([to, fields]) => {
      const csrf = document.querySelector("meta[name=csrf]").content;
      const answer = await fetch(to, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });
      return { status: answer.status, url: answer.url, text: await answer.text() };
    },
    [path, form],
  );

before(async () => {
  page = await visit({ as: "admin" });
  await page.goto(`${url}/org`);
  for (let i = 0; i < 10; i++) {
    const answer = await send("/org/arts/new", {
      name: `Chair ${i} of Ökologie ${stamp}`,
      slug: `chair-${i}-${stamp}`,
    });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
  }
});
after(close);

test("an organisation is found and chosen by the keyboard", { timeout: 120000 }, async () => {
  await page.goto(`${url}/teach/course/new`);
  const box = page.getByRole("combobox", { name: "Organisation" });
  await page.focus("#title");
  await page.keyboard.type("Keys alone");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.ok(await box.evaluate(one => one === document.activeElement), "it comes after the term");
  const words = `okologie 7 ${stamp}`, // a seven may be in the stamp, too: others can be found with it
    answered = page.waitForResponse(r => new URL(r.url()).searchParams.get("q") === words);
  await page.keyboard.type(words);
  await (await answered).finished();
  const option = page.getByRole("option", { name: `Chair 7 of Ökologie ${stamp}` });
  await option.waitFor();
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  for (let i = 0; i < 40 && (await option.getAttribute("aria-selected")) !== "true"; i++)
    await page.keyboard.press("ArrowDown");
  assert.equal(await option.getAttribute("aria-selected"), "true");
  assert.equal(await box.getAttribute("aria-activedescendant"), await option.getAttribute("id"));
  await page.evaluate(axeSource);
  const faults = await page.evaluate(async () => (await axe.run()).violations.map(one => one.id));
  assert.deepEqual(faults, [], "while the list is open");
  await page.keyboard.press("Enter");
  assert.equal(await box.inputValue(), `Chair 7 of Ökologie ${stamp}`);
  assert.equal(await box.getAttribute("aria-expanded"), "false");
  await page.keyboard.type("x");
  await page.keyboard.press("Escape");
  assert.equal(await box.inputValue(), `Chair 7 of Ökologie ${stamp}`, "Escape takes back what was typed");
  await page.keyboard.type("no such organisation");
  await page.getByText("No organisation that you may choose").waitFor();
  await page.keyboard.press("Escape");
  await page.focus("#slug");
  await Promise.all([page.waitForURL(/\/teach\/course\/\d+$/), page.keyboard.press("Enter")]);
  assert.equal(await box.inputValue(), `Chair 7 of Ökologie ${stamp}`, "the course is there, and below it");
  const made = page.url();
  await send(`${new URL(made).pathname}/delete`, {});
});

test("colours that are accepted can be read in both themes", { timeout: 240000 }, async () => {
  await page.goto(`${url}/org`);
  const made = await send("/teach/course/new", {
    title: "Colours",
    slug: `colours-${stamp}`,
    term: await page.evaluate(async () => {
      const form = new DOMParser().parseFromString(
        await (await fetch("/teach/course/new")).text(),
        "text/html",
      );
      return form.querySelector("#term option").value;
    }),
    org: await page.evaluate(
      async word => (await (await fetch(`/org.json?for=course&q=${word}`)).json()).items[0].id,
      `chair-0-${stamp}`,
    ),
    visibility: "public",
  });
  const course = made.text.match(/href="(\/course\/[^"]+)"/)[1];
  for (const wanted of ["#2f5bd8", "#ffd800", "#00c8ff", "#ff0000", "#7f7f7f", "#102030"]) {
    const save = accent => send(`/org/chair-0-${stamp}/look`, { own: "own", accent });
    const first = await save(wanted);
    const nearest = first.text.match(/nearest one that can be read is (#[0-9a-f]{6})/)?.[1];
    const taken = nearest ?? wanted;
    if (nearest) assert.equal((await save(nearest)).status, 200, `${nearest} for ${wanted}`);
    for (const colorScheme of ["light", "dark"]) {
      const reader = await visit({ colorScheme, as: "admin" });
      await reader.goto(url + course);
      const accent = await reader.evaluate(() =>
        getComputedStyle(document.documentElement).getPropertyValue("--accent").trim(),
      );
      if (colorScheme === "light") assert.equal(accent, taken);
      // A link and a button, in the colour and on it, on every ground.
      await reader.evaluate(() => {
        for (const ground of ["paper", "surface", "tint"]) {
          const part = document.createElement("p");
          part.style.background = `var(--${ground})`;
          part.innerHTML = `<a href="/">A link</a> <a class="button" href="/courses">A button</a>`;
          document.querySelector("main").append(part);
        }
      });
      await reader.evaluate(axeSource);
      const faults = await reader.evaluate(async () =>
        (await axe.run(document, { runOnly: ["color-contrast"] })).violations.flatMap(one =>
          one.nodes.map(node => node.failureSummary),
        ),
      );
      assert.deepEqual(faults, [], `${wanted}, taken as ${taken}, ${colorScheme}: ${accent}`);
      assert.deepEqual(reader.sins, []);
      await reader.context().close();
    }
  }
  await page.goto(made.url);
  await send(`${new URL(made.url).pathname}/delete`, {});
});
