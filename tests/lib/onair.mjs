// An entry and an ingest that a test plays itself, so that each state of a live stream lasts as long as it is looked at:
// they join the instance's core as nodes of an organisation, and speak its protocol (doc/protocol.md).

import assert from "node:assert/strict";
import { ctl, env } from "./instance.mjs";
import { revokeNodes } from "./node.mjs";

const BEAT = 1000; // ms, of an ingest that beats by itself

async function post(path, body, bearer) {
  const headers = {
    "Content-Type": "application/json",
    ...(bearer && { Authorization: `Bearer ${bearer}` }),
  };
  const answer = await fetch(env.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

export class OnAir {
  #org;
  #nodes = {}; // role → {node, token}
  #jobs = new Map(); // job → report
  #session;
  #timer = 0;
  token; // of the person who streams
  put = null; // where what can be watched of the newest stream goes: {url, token}

  constructor(org) {
    this.#org = org;
  }

  async join() {
    const token = ctl("node", "token", "--org", this.#org, "--roles", "entry,ingest", "--uses", "2").trim();
    for (const role of ["entry", "ingest"]) {
      const hello = { token, name: `${this.#org}-${role}`, roles: [role], version: "0" };
      const where = role === "ingest" && { url: "rtmp://127.0.0.1:9" };
      this.#nodes[role] = await post("/api/v1/node/join", { ...hello, ...where });
    }
  }

  leave() {
    clearInterval(this.#timer);
    for (const role of Object.keys(this.#nodes)) revokeNodes(`${this.#org}-${role}`);
  }

  // Beats until it leaves.
  keep() {
    this.#timer = setInterval(() => this.beat().catch(() => {}), BEAT);
  }

  async beat() {
    const answer = await post(
      "/api/v1/node/heartbeat",
      {
        version: "0",
        load: { cpu: 0, memory_total: 1 << 30, disk_free: 2 ** 40, disk_total: 2 ** 40, uptime: 1 },
        slots: { live: 4 },
        jobs: [...this.#jobs.values()],
      },
      this.#nodes.ingest.token,
    );
    for (const job of [answer.ack?.jobs, answer.cancel, (answer.refused ?? []).map(r => r.job)].flat())
      this.#jobs.delete(job);
    for (const { job, attempt, fence, put } of answer.assign ?? []) {
      this.#jobs.set(job, { job, attempt, fence, state: "running", progress: 0 });
      this.put = { ...put, url: new URL(put.url, env.url).href };
    }
  }

  // A publisher asks: the core's answer.
  async start(from = "192.0.2.7") {
    await this.beat();
    return post("/api/v1/live/start", { token: this.token, from, view: "CAM" }, this.#nodes.entry.token);
  }

  // A publisher comes, and its stream is recorded.
  async publish() {
    const answer = await this.start();
    assert.ok(answer.session, JSON.stringify(answer));
    this.#session = answer.session;
    const body = { session: this.#session, fence: answer.fence };
    await post("/api/v1/live/upload", body, this.#nodes.ingest.token);
    this.put = null;
    while (!this.put) await this.beat();
  }

  // The beginning of it can be watched.
  async shown() {
    for (const report of this.#jobs.values()) report.shown = true;
    await this.beat();
  }

  stop(why) {
    return post("/api/v1/live/stop", { session: this.#session, why }, this.#nodes.entry.token);
  }
}
