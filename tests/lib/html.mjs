// What is wrong with HTML as it was sent, by html-validate; matters of taste are left out.
import { createRequire } from "node:module";

const modules = process.env.LECTERN_MODULES;
const { HtmlValidate } = createRequire(modules ? `${modules}/../package.json` : import.meta.url)(
  "html-validate",
);
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "doctype-style": "off",
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "submit"] }], // others that repeat are called x[]
    "long-title": "off",
    "no-implicit-button-type": "off",
    "no-inline-style": "error",
    "no-trailing-whitespace": "off",
    "void-style": "off",
  },
});

export const htmlFaults = html =>
  validator
    .validateStringSync(html)
    .results.flatMap(r => r.messages)
    .map(m => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
