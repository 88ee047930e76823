#!/usr/bin/env node
// Templates and catalogues, which no compiler checks. All languages have the same keys with the same
// {places}; every T.… of a template and every key that a program names exists; templates use only safe
// constructs (see doc/adding-a-page.md).

import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { end, ok } from "../lib/tap.mjs";

const root = process.env.LECTERN_SRC ?? join(dirname(fileURLToPath(import.meta.url)), "../..");
const read = path => readFileSync(join(root, path), "utf8");
const none = (wrong, name) => ok(!wrong.length, name, wrong.join("\n"));

// --- catalogues ---
const codes = readdirSync(join(root, "templates/lang"))
  .filter(name => statSync(join(root, "templates/lang", name)).isDirectory())
  .sort((a, b) => (b === "en") - (a === "en"));
const wrongs = [];
const catalogue = code => {
  const keys = new Map(), // key → text
    rooms = new Map(); // key → the file it stands in
  for (const room of readdirSync(join(root, "templates/lang", code)).sort()) {
    const path = [];
    read(`templates/lang/${code}/${room}`)
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
          if (keys.has(key)) wrongs.push(`${code}: ${key} twice, ${room} line ${i + 1}`);
          keys.set(key, value[2]);
          rooms.set(key, room);
        } else wrongs.push(`${code}: ${room} line ${i + 1} is not understood: ${text}`);
      });
  }
  return { code, keys, rooms, forms: pluralForms(keys.get("Format.plural") ?? "") };
};
// "n == 1 ? one : other" → one, other (lib/web/plural.h)
const pluralForms = rule => [...new Set(rule.match(/\b(?!n\b)[a-z]+\b/g) ?? [])];
const languages = codes.map(catalogue);
const en = languages[0].keys;
const places = text => (text.match(/\{\w+\}/g) ?? []).sort().join(" ");
// A text in several numbers, without the last part of its key: "Course.lectures". English says which these are.
const counted = new Set(
  [...en.keys()].filter(key => key.endsWith(".other")).map(key => key.slice(0, -".other".length)),
);
const stem = key => key.slice(0, key.lastIndexOf("."));
const isCounted = key => counted.has(stem(key)) && !key.endsWith(".zero");
none(wrongs, "catalogues are well-formed");
none(
  languages.flatMap(({ code, keys, rooms, forms }) => [
    ...[...en.keys()].filter(key => !isCounted(key) && !keys.has(key)).map(key => `${code} lacks ${key}`),
    ...[...keys.keys()].filter(key => !isCounted(key) && !en.has(key)).map(key => `en lacks ${key}`),
    ...[...counted].flatMap(key =>
      forms.filter(form => !keys.has(`${key}.${form}`)).map(form => `${code} lacks ${key}.${form}`),
    ),
    ...[...keys.keys()]
      .filter(key => isCounted(key) && !forms.includes(key.slice(key.lastIndexOf(".") + 1)))
      .map(key => `${code}: ${key} is no form of its plural`),
    ...[...rooms]
      .filter(([key, room]) => en.has(key) && languages[0].rooms.get(key) !== room)
      .map(
        ([key, room]) => `${code}: ${key} stands in ${room}, in English in ${languages[0].rooms.get(key)}`,
      ),
  ]),
  `the same keys in ${codes.join(", ")}, in files of the same names`,
);
none(
  languages.flatMap(({ code, keys }) =>
    [...keys]
      .filter(
        ([key, text]) =>
          !/^Format\.(date|plural)/.test(key) && en.has(key) && places(text) !== places(en.get(key)),
      )
      .map(([key]) => `${code}: ${key}`),
  ),
  "the same places in all languages",
);
none(
  languages.flatMap(({ code, keys }) =>
    [...keys]
      .filter(([key, text]) => !text.trim() || (key !== "Format.plural" && /!/.test(text)))
      .map(([key, text]) => `${code}: ${key} = ${text}`),
  ),
  "no text is empty or shouts",
);
none(
  [...(languages.find(({ code }) => code === "de")?.keys ?? [])]
    .filter(([, text]) => /\b([Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich|[Ee]uch)\b/.test(text))
    .map(([key]) => key),
  "German says Sie",
);

const has = key => en.has(key) || [...en.keys()].some(one => one.startsWith(`${key}.`));

// --- style sheets: a page's look must not weigh more than its text ---
const SHEET_MAX = 20000;
none(
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
none(
  templates.flatMap(file =>
    [...read(`templates/${file}`).matchAll(/\bT\.(\w+(?:\.\w+)*)/g)]
      .filter(m => !has(m[1]))
      .map(m => `${file}: T.${m[1]}`),
  ),
  "every T.… is in the catalogues",
);
none(wrong(/<\?cs\s+(?:alt|uvar|evar|lvar|linclude)\b[^?]*/g, whole), "no alt, uvar, evar, lvar, linclude");
none(wrong(/include:(?!"[a-z_]+\.cs")[^?]*/g, whole), "includes are literal and local");
none(
  wrong(/escape:"none" \?>(?!<\?cs var:[\w.]+_html \?><\?cs \/escape \?>).*/g, whole),
  "only variables named _html are shown raw",
);
none(wrong(/escape:"(?!none")[^"]*"/g, whole), "no other escape modes");
none(wrong(/\sstyle=|\son[a-z]+=|<style\b|javascript:/gi, whole), "no inline style, handler or javascript:");
none(wrong(/<script(?![^>]*\ssrc="\/static\/)[^>]*>/g, whole), "scripts come from /static/");
none(
  wrong(/\s[a-z-]+=(?=<\?cs|[^"\s>?&|=])[^>]*/g, whole).filter(
    line => !/<\?cs (set|if|elif|each|with|call|def)/.test(line) && /=(<\?cs)/.test(line),
  ),
  "attributes are quoted",
);
const form = /<form\b(?:<\?cs[^?]*\?>|[^>])*method="post"(?:<\?cs[^?]*\?>|[^>])*>[\s\S]{0,100}/g;
none(
  templates.flatMap(file =>
    [...read(`templates/${file}`).matchAll(form)]
      .filter(m => !m[0].includes("call:csrf()") && !m[0].includes("multipart/form-data"))
      .filter(m => !m[0].includes('id="leave"')) // goes to another site, which must not have it
      .map(m => `${file}: ${whole(m)}`),
  ),
  "every form that posts has its token",
);
none(wrong(/name:(?!t \?|m \?)\w+/g, whole), "name: only for keys of ours");

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
none(errors, "every failure that services name has a sentence");
none(texts, "every text that handlers name is in the catalogues");
const words = [...read("lib/media/plan.c").matchAll(/say\(\s*&?p, "(\w+)"/g)]
  .map(m => m[1])
  .filter(key => !["key", "top_copied", "rungs_encoded", "all_encoded"].includes(key));
none(
  words.filter(key => !en.has(`Plan.${key}`)),
  "every word of a plan has a text",
);
end();
