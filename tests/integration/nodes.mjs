#!/usr/bin/env node
// Many nodes at once (bench/nodes/beating_nodes): all of them join and are heard, none waits in vain for an answer.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ctl, env, sql, value } from "../lib/instance.mjs";
import { equal, ok, run, until } from "../lib/tap.mjs";

const NODES = 40,
  BEATS = 2;
const play = (input, ...words) =>
  spawnSync(join(env.build, "beating_nodes"), words, { input, encoding: "utf8", maxBuffer: 1 << 24 });
const mine = "FROM node WHERE name LIKE 'beating-%'",
  clear = () => sql(`DELETE ${mine}`);

// What a service has written to its log since it had `size` bytes (all of it, if svlogd has begun a new file).
const log = name => readFileSync(join(env.state, "log", name, "current")),
  since = (name, size) =>
    log(name)
      .subarray(log(name).length < size ? 0 : size)
      .toString();

async function manyNodes() {
  const begun = { access: log("access").length, web: log("web").length };
  const invitation = ctl("node", "token", "--org", "demo", "--uses", String(NODES));
  const joining = play(invitation, "join", env.url, String(NODES));
  equal(joining.status, 0, `${NODES} nodes join by one organisation token ${joining.stderr}`);
  const tokens = joining.stdout.trim().split("\n");
  equal(new Set(tokens).size, NODES, "each has a token of its own");
  const more = play(invitation, "join", env.url, "1");
  ok(
    more.status === 1 && /could not join/.test(more.stderr),
    "the next one is told that it could not join",
    more,
  );

  const beating = play(joining.stdout, "-b", String(BEATS), "beat", env.url),
    said = Object.fromEntries([...beating.stdout.matchAll(/(\S+) (\S+)/g)].map(m => [m[1], Number(m[2])]));
  equal(beating.status, 0, "they send heartbeats");
  equal(said.beats, NODES * BEATS, "each is answered as often as it asks");
  equal(said.errors + said.silent, 0, "and never with an error");
  equal(said.assigned, 0, "without work none is given any");
  equal(
    value(`SELECT COUNT(*) ${mine} AND seen_at IS NOT NULL AND free_quick = 2`),
    String(NODES),
    "the core has heard all",
  );
  await fetch(`${env.url}/health`);
  const written = name =>
    until(`the log of ${name}`, () => /\/health/.test(since(name, begun[name])) && since(name, begun[name]));
  ok(!/node\/heartbeat/.test(await written("access")), "the access log does not have it");
  ok(!/api_node_heartbeat","status":200/.test(await written("web")), "nor that of lectern-web");
  clear();
  const unknown = play(`${tokens[0]}\n`, "-b", "1", "beat", env.url);
  ok(/ beats 0 errors 1 /.test(unknown.stdout), "a node that is not known is an error", unknown);
}

await run([manyNodes], clear);
