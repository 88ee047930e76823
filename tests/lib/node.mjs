// What a node of its own is made of that joins the instance's core, for tests that need one beside the instance's: a
// small disk, an organisation with a course, configurations.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ctl, env, sql } from "./instance.mjs";

// A tmpfs on `folder`, which is there: options as "size=128m".
export function mountDisk(folder, options) {
  const argv = ["-t", "tmpfs", "-o", options, "lectern-test", folder];
  const { status, stderr } = spawnSync("mount", argv, { encoding: "utf8" });
  if (status !== 0) throw new Error(`no small disk: ${stderr}`);
}

const unlessThere = (...words) => {
  try {
    return ctl(...words);
  } catch (e) {
    if (/taken|already/.test(e.stderr)) return "";
    throw e;
  }
};

// An organisation below that of the demo, and a course in it which demo-lecturer runs: the course's number.
export function makeCourse(slug, name) {
  unlessThere("org", "add", slug, "--name", `School of ${name}`, "--parent", "demo");
  const words = ["--org", slug, "--name", name, "--visibility", "hidden", "--staff", "demo-lecturer"];
  unlessThere("course", "add", slug, ...words);
  return JSON.parse(ctl("course", "list", "--json")).find(c => c.slug === slug).id;
}

// An organisation token for so many programs.
export const joinToken = (org, uses) =>
  ctl("node", "token", "--org", org, "--roles", "worker,storage", "--uses", String(uses));

export function revokeNodes(name) {
  for (const [id] of sql(`SELECT id FROM node WHERE name = '${name}' AND revoked_at IS NULL`))
    ctl("node", "revoke", id);
}

// lectern.conf
export const writeConf = (file, values) =>
  fs.writeFileSync(
    file,
    Object.entries(values)
      .map(([key, v]) => `${key} = ${v}\n`)
      .join(""),
  );

// lighttpd of a storage node, with the words of contrib/lighttpd/storage.conf.in
export function writeFront(file, words) {
  const text = fs.readFileSync(path.join(env.src, "contrib/lighttpd/storage.conf.in"), "utf8");
  fs.writeFileSync(
    file,
    text.replace(/@([A-Z]+)@/g, (_, word) => words[word]) + '\nserver.bind = "127.0.0.1"\n',
  );
}

// The command that runs one of Lectern's programs, or another, as the service's user; it ends with this process in
// any case.
export const asService = argv => [
  ...["setpriv", "--reuid=lectern", "--regid=lectern", "--clear-groups", "--pdeathsig", "TERM"],
  ...argv,
];
export const program = name => path.join(env.app, "libexec/lectern/lectern-" + name);
