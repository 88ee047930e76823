#!/usr/bin/env node
// Templates and catalogues, which no compiler checks. Both languages have the same keys with the same
// {places}; every T.… of a template and every key that a program names exists; templates use only safe
// constructs (see doc/adding-a-page.md).

import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = process.env.LECTERN_SRC ?? join(dirname(fileURLToPath(import.meta.url)), "../..");
const read = path => readFileSync(join(root, path), "utf8");
let number = 0,
  failed = 0;
const ok = (wrong, name) => {
  number++;
  if (wrong.length) failed++;
  console.log(`${wrong.length ? "not ok" : "ok"} ${number} - ${name}`);
  for (const one of wrong.slice(0, 20)) console.log(`# ${one}`);
};

// --- catalogues ---
const catalogue = code => {
  const keys = new Map(),
    path = [],
    twice = [];
  read(`templates/lang/${code}.hdf`)
    .split("\n")
    .forEach((line, i) => {
      const text = line.trim();
      const open = text.match(/^([\w.]+) \{$/),
        value = text.match(/^([\w.]+) = (.*)$/);
      if (!text || text.startsWith("#")) return;
      if (open) path.push(open[1]);
      else if (text === "}") path.pop();
      else if (value) {
        const key = [...path, value[1]].join(".");
        if (keys.has(key)) twice.push(`${code}: ${key} twice, line ${i + 1}`);
        keys.set(key, value[2]);
      } else twice.push(`${code}: line ${i + 1} is not understood: ${text}`);
    });
  return { keys, twice };
};
const languages = { en: catalogue("en"), de: catalogue("de") };
const { en, de } = { en: languages.en.keys, de: languages.de.keys };
const places = text => (text.match(/\{\w+\}/g) ?? []).sort().join(" ");
ok([...languages.en.twice, ...languages.de.twice], "catalogues are well-formed");
ok(
  [
    ...[...en.keys()].filter(key => !de.has(key)).map(key => `de lacks ${key}`),
    ...[...de.keys()].filter(key => !en.has(key)).map(key => `en lacks ${key}`),
  ],
  "both languages have the same keys",
);
ok(
  [...en]
    .filter(
      ([key, text]) =>
        de.has(key) &&
        key !== "Format.date" &&
        key !== "Format.date_year" &&
        places(text) !== places(de.get(key)),
    )
    .map(([key]) => key),
  "the same places in both languages",
);
ok(
  [...en, ...de]
    .filter(([, text]) => !text.trim() || /!/.test(text))
    .map(([key, text]) => `${key} = ${text}`),
  "no text is empty or shouts",
);
ok(
  [...de]
    .filter(([, text]) => /\b([Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich|[Ee]uch)\b/.test(text))
    .map(([key]) => key),
  "German says Sie",
);

const has = key => en.has(key) || [...en.keys()].some(one => one.startsWith(`${key}.`));

// --- style sheets: a page's look must not weigh more than its text ---
const SHEET_MAX = 20000;
ok(
  readdirSync(join(root, "static/css"))
    .map(file => [file, statSync(join(root, "static/css", file)).size])
    .filter(([, size]) => size > SHEET_MAX)
    .map(([file, size]) => `${file}: ${size} bytes`),
  `no style sheet is larger than ${SHEET_MAX} bytes`,
);

// --- templates ---
const templates = readdirSync(join(root, "templates")).filter(file => file.endsWith(".cs"));
const wrong = (find, say) =>
  templates.flatMap(file => [...read(`templates/${file}`).matchAll(find)].map(m => `${file}: ${say(m)}`));
const whole = m => m[0].slice(0, 100);
ok(
  templates.flatMap(file =>
    [...read(`templates/${file}`).matchAll(/\bT\.(\w+(?:\.\w+)*)/g)]
      .filter(m => !has(m[1]))
      .map(m => `${file}: T.${m[1]}`),
  ),
  "every T.… is in the catalogues",
);
ok(wrong(/<\?cs\s+(?:alt|uvar|evar|lvar|linclude)\b[^?]*/g, whole), "no alt, uvar, evar, lvar, linclude");
ok(wrong(/include:(?!"[a-z_]+\.cs")[^?]*/g, whole), "includes are literal and local");
ok(
  wrong(/escape:"none" \?>(?!<\?cs var:[\w.]+_html \?><\?cs \/escape \?>).*/g, whole),
  "only variables named _html are shown raw",
);
ok(wrong(/escape:"(?!none")[^"]*"/g, whole), "no other escape modes");
ok(wrong(/\sstyle=|\son[a-z]+=|<style\b|javascript:/gi, whole), "no inline style, handler or javascript:");
ok(wrong(/<script(?![^>]*\ssrc="\/static\/)[^>]*>/g, whole), "scripts come from /static/");
ok(
  wrong(/\s[a-z-]+=(?=<\?cs|[^"\s>?&|=])[^>]*/g, whole).filter(
    line => !/<\?cs (set|if|elif|each|with|call|def)/.test(line) && /=(<\?cs)/.test(line),
  ),
  "attributes are quoted",
);
const form = /<form\b(?:<\?cs[^?]*\?>|[^>])*method="post"(?:<\?cs[^?]*\?>|[^>])*>[\s\S]{0,100}/g;
ok(
  templates.flatMap(file =>
    [...read(`templates/${file}`).matchAll(form)]
      .filter(m => !m[0].includes("call:csrf()") && !m[0].includes("multipart/form-data"))
      .map(m => `${file}: ${whole(m)}`),
  ),
  "every form that posts has its token",
);
ok(wrong(/name:(?!t \?|m \?)\w+/g, whole), "name: only for keys of ours");

// --- keys that programs name ---
const sources = function* (folder) {
  for (const name of readdirSync(join(root, folder))) {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) yield* sources(path);
    else if (/\.[ch]$/.test(name)) yield path;
  }
};
const errors = [],
  texts = [];
for (const path of [...sources("lib"), ...sources("cgi-bin/web")]) {
  const text = read(path);
  if (/^(lib\/(svc|db|web)|cgi-bin\/web)/.test(path))
    for (const m of text.matchAll(
      /err_set\(\s*[^,]+,\s*[^,]+,\s*[^,]+,\s*(?:[^,"]*\?\s*)?"(\w+)"(?:\s*:\s*"(\w+)")?/g,
    ))
      for (const key of [m[1], m[2]])
        if (key && !en.has(`Err.${key}`)) errors.push(`${relative(root, join(root, path))}: Err.${key}`);
  if (path.startsWith("cgi-bin/web") && !path.endsWith("skeleton.c")) {
    for (const m of text.matchAll(
      /(?:web_t\(rq,|i18n_(?:text|fill|count)\((?:rq->cx\.arena, |a, )?rq->lang,)\s*"([\w.]+)"/g,
    ))
      if (!has(m[1])) texts.push(`${path}: ${m[1]}`);
    for (const m of text.matchAll(/web_flash\(rq, "(\w+)"/g))
      if (!has(`Flash.${m[1]}`)) texts.push(`${path}: Flash.${m[1]}`);
  }
}
ok(errors, "every failure that services name has a sentence");
ok(texts, "every text that handlers name is in the catalogues");
const words = [...read("lib/media/plan.c").matchAll(/say\(\s*&?p, "(\w+)"/g)]
  .map(m => m[1])
  .filter(key => !["key", "top_copied", "rungs_encoded", "all_encoded"].includes(key));
ok(
  words.filter(key => !en.has(`Plan.${key}`)),
  "every word of a plan has a text",
);
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
