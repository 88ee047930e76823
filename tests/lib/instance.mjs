// The instance that the test command started (tests/README.md): its variables, lecternctl, its database.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { skipAll } from "./tap.mjs";

// LECTERN_URL is env.url and so on.
export const env = Object.fromEntries(
  ["SRC", "BUILD", "APP", "MODULES", "NAME", "CONF", "STATE", "RUN", "URL", "ACCOUNTS", "DEMO"].map(k => [
    k.toLowerCase(),
    process.env["LECTERN_" + k],
  ]),
);
if (!env.state || !env.accounts)
  skipAll(`run me by ./lectern test ${process.argv[1].split("/").slice(-2).join("/")}`);

export const site = JSON.parse(fs.readFileSync(env.accounts, "utf8")); // .accounts.lecturer.login, .demo.lecture

const loud = { encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], maxBuffer: 64 << 20 };

// A command as the service's user: what it prints.
export function service([program, ...words], options = {}) {
  const argv = ["--reuid=lectern", "--regid=lectern", "--clear-groups", program, ...words];
  return execFileSync("setpriv", argv, { ...loud, input: "", cwd: "/", ...options });
}

const lectern = path.join(env.src, "lectern");
const said = { ...loud, stdio: ["ignore", "pipe", "pipe"] };
export const ctl = (...words) => execFileSync(lectern, ["ctl", "--name", env.name, ...words], said);
export const status = () => JSON.parse(execFileSync(lectern, ["status", "--json", "--name", env.name], said));
export const show = lecture => JSON.parse(ctl("lecture", "show", lecture, "--json"));

// Rows of texts, straight from MariaDB; several statements are fine. The limit is for a database that is frozen.
export function sql(text) {
  const argv = ["--no-defaults", "-S", path.join(env.run, "mariadb.sock"), "--connect-timeout=2"];
  argv.push("--default-character-set=utf8mb4", "-N", "-B", "lectern");
  const out = service(["mariadb", ...argv], { input: text, timeout: 300000 });
  return out
    .split("\n")
    .filter(Boolean)
    .map(line => line.split("\t"));
}
export const value = text => sql(text)[0]?.[0];
