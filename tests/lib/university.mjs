// A real identity provider beside the instance (./lectern idp), and a browser without a screen that signs in there. The
// provider is called localhost and the instance 127.0.0.1, so that requests between them are from one site to another, and
// only cookies with SameSite=None come along with a form that the provider posts.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { env } from "./instance.mjs";
import { ok, until } from "./tap.mjs";

const lectern = (...words) =>
  execFileSync(path.join(env.src, "lectern"), ["idp", "--name", env.name, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 540000,
  });

export const open = (...words) => lectern(...words);
export const close = () => lectern("off");

const unescape = text =>
  text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#0?39;/g, "'")
    .replace(/&amp;/g, "&");

// The value of a hidden field.
const field = (html, name) => {
  const tag = html.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`, "s"))?.[0] ?? "";
  return unescape(tag.match(/value="([^"]*)"/s)?.[1] ?? "");
};

// The form that a provider's page posts to us: {action, SAMLResponse or SAMLRequest, RelayState}.
export function posted(page) {
  const action = page.text.match(/<form[^>]*action="([^"]*)"/s)?.[1];
  const form = { action: unescape(action ?? "") };
  for (const name of ["SAMLResponse", "SAMLRequest", "RelayState"]) form[name] = field(page.text, name);
  if (!form.SAMLResponse && !form.SAMLRequest)
    throw new Error(`the provider answers ${page.status}: ${page.text.slice(0, 500)}`);
  return form;
}

// The page for every failure; its number leads to a line of the log, which has the reason.
export async function refused(answer, reason, name) {
  const number = answer.text.match(/<code>([0-9a-f]{16})<\/code>/)?.[1];
  ok(
    answer.status === 403 && number && !answer.cookies.some(line => line.startsWith("__Host-lectern=")),
    `${name}: refused on the one page, with a number`,
    `${answer.status} ${answer.text.slice(0, 300)}`,
  );
  const line = await until(
    "the line of the log",
    () =>
      fs
        .readFileSync(path.join(env.state, "log/web/current"), "utf8")
        .split("\n")
        .find(one => one.includes(number) && one.includes("an identity provider's message")),
    20,
  );
  ok(reason.test(line), `${name}: the log knows why`, line);
}

export class Browser {
  jars = new Map(); // host → name → {value, line}

  jar(url) {
    const { hostname } = new URL(url);
    if (!this.jars.has(hostname)) this.jars.set(hostname, new Map());
    return this.jars.get(hostname);
  }

  // {status, to (absolute or undefined), text, url, cookies (lines)}. foreign: the request comes from another site.
  async ask(url, { form, foreign = false, headers = {} } = {}) {
    const jar = this.jar(url);
    const sent = [...jar].filter(([, { line }]) => !foreign || /SameSite=None/i.test(line));
    const answer = await fetch(url, {
      method: form ? "POST" : "GET",
      body: form && new URLSearchParams(form),
      redirect: "manual",
      signal: AbortSignal.timeout(60000),
      headers: {
        "Accept-Language": "en",
        Connection: "close",
        Cookie: sent.map(([name, { value }]) => `${name}=${value}`).join("; "),
        ...(foreign ? { Origin: "http://localhost:1" } : {}),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/Max-Age=0\b/.test(line)) jar.delete(name);
      else jar.set(name, { value, line });
    }
    const to = answer.headers.get("location"),
      text = await answer.text();
    this.csrf = text.match(/<meta name="csrf" content="([^"]+)"/)?.[1] ?? this.csrf;
    return {
      url,
      status: answer.status,
      to: to ? new URL(to, url).href : undefined,
      text,
      header: name => answer.headers.get(name),
      cookies: answer.headers.getSetCookie(),
    };
  }

  // A form of ours, with the token of the last page.
  post(url, form = {}) {
    return this.ask(url, { form: { csrf: this.csrf ?? "", ...form } });
  }

  // Follows redirects to the first page.
  async visit(url) {
    let answer = await this.ask(url);
    for (let hops = 0; answer.to && hops < 10; hops++) answer = await this.ask(answer.to);
    return answer;
  }

  // From our sign-in page to the provider: the answer that leads there.
  async begin(next = "/") {
    const page = await this.ask(`${env.url}/login?next=${encodeURIComponent(next)}`);
    const link = page.text.match(/href="(\/login\/idp\/\d+[^"]*)"/)?.[1];
    if (!link) throw new Error(`no university on the sign-in page: ${page.status}`);
    return this.ask(env.url + unescape(link));
  }

  // At the provider, from its address to the form that it posts to us: {action, SAMLResponse, RelayState}.
  async identify(address, person, password = person) {
    let page = await this.visit(address);
    const state = field(page.text, "AuthState");
    if (state) {
      page = await this.ask(page.url, { form: { username: person, password, AuthState: state } });
      if (page.to) page = await this.visit(page.to);
    }
    return posted(page);
  }

  // The form of the provider, as its page posts it.
  deliver({ action, SAMLResponse, RelayState }) {
    return this.ask(action, { form: { SAMLResponse, RelayState }, foreign: true });
  }

  async signIn(person, next = "/") {
    const away = await this.begin(next);
    return this.deliver(await this.identify(away.to, person));
  }

  get session() {
    return this.jar(env.url).get("__Host-lectern")?.value;
  }
  // Requests that wait for an answer.
  get pending() {
    return [...this.jar(env.url).keys()].filter(name => name.startsWith("__Host-sso-"));
  }
}
