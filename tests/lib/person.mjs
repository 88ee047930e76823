// A person's browser without a screen: cookies, the form token of the last page, signing in.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { env, site } from "./instance.mjs";

export class Person {
  cookies = new Map();
  csrf = "";

  // role: a key of site.accounts; none for a visitor
  constructor(role) {
    this.role = role;
  }

  // {status, text, to, header(name), cookies}. form: fields, sent with the form token unless token is false.
  async ask(method, target, { form, headers = {}, token = true, body } = {}) {
    const sent = { "Accept-Language": "en", Connection: "close", ...headers };
    if (this.cookies.size)
      sent.Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (form) {
      body = new URLSearchParams(form);
      if (token && this.csrf) body.set("csrf", this.csrf);
    }
    const options = { method, headers: sent, body, redirect: "manual", signal: AbortSignal.timeout(60000) };
    const answer = await fetch(new URL(target, env.url), options);
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = method === "HEAD" ? "" : await answer.text(),
      csrf = text.match(/<meta name="csrf" content="([^"]+)"/);
    if (csrf) this.csrf = csrf[1];
    return {
      status: answer.status,
      text,
      to: answer.headers.get("location"),
      header: name => answer.headers.get(name),
      cookies: answer.headers.getSetCookie(),
    };
  }
  get(target, options) {
    return this.ask("GET", target, options);
  }
  post(target, form = {}, options) {
    return this.ask("POST", target, { form, ...options });
  }

  async signIn(next = "/account") {
    await this.get(`/login?next=${encodeURIComponent(next)}`);
    const { login, password } = site.accounts[this.role];
    const answer = await this.post("/login", { login, password, next });
    if (answer.status === 303) await this.get(next); // for the form token of the session
    return answer;
  }
  // A lecture of theirs without a recording: its key.
  async newLecture(course, title) {
    const answer = await this.post(`/teach/course/${course}/lecture/new`, {
      title,
      start: "2026-11-24T10:15",
      twice: "1", // beside others of the course
    });
    if (answer.status !== 303) throw new Error(`a new lecture answers ${answer.status}`);
    return answer.to.split("/").pop().split("?")[0];
  }

  // The ticket of a new upload for one of its views: {upload, url, token, expires}.
  async open(lecture, view, file) {
    const fields = {
      view,
      name: path.basename(file),
      size: fs.statSync(file).size,
      nonce: crypto.randomBytes(12).toString("hex"),
    };
    const headers = { Accept: "application/json" };
    const answer = await this.post(`/teach/lecture/${lecture}/source`, fields, { headers });
    if (answer.status !== 200) throw new Error(`a new upload answers ${answer.status}: ${answer.text}`);
    const ticket = JSON.parse(answer.text);
    return { ...ticket, url: new URL(ticket.url, env.url).href };
  }

  // The session's cookie, for a request that is made otherwise.
  get session() {
    return `__Host-lectern=${this.cookies.get("__Host-lectern")}`;
  }
}
