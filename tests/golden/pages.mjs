#!/usr/bin/env node
// timeout: 1200
// Renders every template with ordinary and with hostile values. Ordinary pages are compared with kept/<page>.<language>.html
// (`pages.mjs --update` writes them anew, and checks no more); every page must be valid HTML, and nothing people typed may
// come out as markup. Names of templates: only these.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { htmlFaults } from "../lib/html.mjs";
import { folder } from "../lib/programs.mjs";
import { end, ok } from "../lib/tap.mjs";
import { H, pages } from "./values.mjs";

const here = dirname(fileURLToPath(import.meta.url)),
  root = process.env.LECTERN_SRC ?? join(here, "../.."),
  kept = join(here, "kept");
const templates = join(root, "templates"),
  render = join(process.env.LECTERN_BUILD ?? root, "tests/golden/render");
const update = process.argv.includes("--update"),
  asked = process.argv.slice(2).filter(word => !word.startsWith("--"));
const work = folder("golden");

// --- values as HDF: `H` becomes the text; a list is its rows and, as its own value, their number ---
const hdf = (value, text, path = "") => {
  if (value === undefined || value === "") return "";
  if (value === H) value = text;
  if (Array.isArray(value))
    return (
      `${path} = ${value.length}\n` +
      Object.entries(value)
        .map(([key, row]) => hdf(row, text, `${path}.${key}`))
        .join("")
    );
  if (typeof value === "object")
    return Object.entries(value)
      .map(([key, one]) => hdf(one, text, path ? `${path}.${key}` : key))
      .join("");
  return String(value).includes("\n") || value === text
    ? `${path} << ENDOFVALUE\n${value}\nENDOFVALUE\n`
    : `${path} = ${value}\n`;
};

// What is to be rendered; one process renders all of it, `rendered` reads a page.
const list = [];
const order = (name, language, values, text) => {
  const to = join(work, `${list.length}`);
  writeFileSync(`${to}.hdf`, hdf(values, text));
  list.push(`${name} ${language} ${to}.hdf ${to}.html`);
  return `${to}.html`;
};
const rendered = file => readFileSync(file, "utf8");

// The style sheets of a page have every class that it uses, as far as any sheet has it; what it names is there.
const sheets = Object.fromEntries(
  readdirSync(join(root, "static/css")).map(file => [
    file,
    new Set(
      [...readFileSync(join(root, "static/css", file), "utf8").matchAll(/\.([a-z][a-z-]*)(?=[^{}]*\{)/g)].map(
        m => m[1],
      ),
    ),
  ]),
);
const unstyled = html => {
  const linked = [...html.matchAll(/href="\/static\/css\/([^"]+)"/g)].map(m => m[1]),
    used = new Set([...html.matchAll(/\bclass="([^"]*)"/g)].flatMap(m => m[1].split(/\s+/)));
  return [
    ...linked.filter(file => !sheets[file]),
    ...[...html.matchAll(/src="\/static\/js\/([^"]+)"/g)]
      .map(m => m[1])
      .filter(file => !existsSync(join(root, "static/js", file))),
    ...[...used].filter(
      name =>
        Object.values(sheets).some(one => one.has(name)) && !linked.some(file => sheets[file]?.has(name)),
    ),
  ];
};

const hostile = {
  attack: [
    `"'><b onmouseover='x'>&amp;&lt;"`,
    `<script>alert(1)</script><img src=x onerror="x()"></textarea></title></template>`,
    `<?cs var:Csrf ?>{n} %s \${x} <!-- -->`,
    "👩‍🏫 Vorlesung 1️⃣ 🇩🇪 ‮שלום עולם‬ مرحبا",
  ].join(" "),
  long: `Wort${"lang".repeat(1249)}`,
};
const markup = /<script>alert|<img src=x|<b onmouse|<\/textarea><\/title>|<\?cs/;

mkdirSync(kept, { recursive: true });
const languages = readdirSync(join(templates, "lang")).filter(name => /^[a-z]{2,3}$/.test(name));
const files = readdirSync(templates)
  .filter(file => file.endsWith(".cs") && !file.startsWith("_"))
  .map(file => file.slice(0, -3));
ok(
  files.every(name => pages[name]),
  "every template has values",
  files.filter(name => !pages[name]),
);

const chosen = files.filter(one => pages[one] && (!asked.length || asked.includes(one)));
const ordinary = chosen.flatMap(name =>
  languages.map(language => ({
    name: `${name}.${language}`,
    html: order(name, language, Object.values(pages[name])[0], "A text of people"),
  })),
);
const attacked = (update ? [] : chosen).flatMap(name =>
  Object.entries(pages[name]).flatMap(([variant, values]) =>
    Object.entries(hostile).map(([kind, text]) => ({
      name: `${name} ${variant}`,
      kind,
      html: order(name, "de", values, text),
    })),
  ),
);
execFileSync(render, [templates], { input: list.join("\n") });

for (const one of ordinary) {
  const file = join(kept, `${one.name}.html`),
    html = rendered(one.html);
  if (update) writeFileSync(file, html);
  const before = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const different = html.split("\n").findIndex((line, i) => line !== before[i]);
  ok(
    html === before.join("\n"),
    `${one.name} is as kept`,
    `line ${different + 1}:\n- ${before[different]}\n+ ${html.split("\n")[different]}`,
  );
}
for (const one of attacked) {
  const html = rendered(one.html),
    bare = html.replace(/<!doctype[^>]*>/i, "");
  ok(
    !markup.test(bare) && !/undefined/.test(bare),
    `${one.name}: ${one.kind} stays text`,
    bare.match(markup),
  );
  const faults = htmlFaults(html);
  ok(!faults.length, `${one.name}: valid with ${one.kind}`, faults.join("\n"));
  const lost = unstyled(html);
  ok(!lost.length, `${one.name}: its style sheets and scripts are there and fit, with ${one.kind}`, lost);
}
end();
