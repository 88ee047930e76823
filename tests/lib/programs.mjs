// Programs that a test starts by itself: each is ended by its process number, when the test asks for it and, whatever
// happens, with the test. What they say is kept.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const children = new Set();
const folders = new Set();
let said = "";

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

// A folder of this test, gone with it; and paths in it.
export function folder(name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `lectern-${name}-`));
  folders.add(dir);
  return dir;
}

// The child process; `gone` resolves with its exit status or the name of its signal. Its own process group if
// `group`: then the signals go to all of it.
export function start(argv, options = {}) {
  const child = spawn(argv[0], argv.slice(1), { stdio: ["ignore", "pipe", "pipe"], ...options });
  for (const s of [child.stdout, child.stderr]) s?.on("data", d => (said += d));
  child.gone = new Promise(r => child.on("exit", (code, signal) => r(signal ?? code)));
  children.add(child);
  child.gone.then(() => children.delete(child));
  return child;
}

// How it ended: its exit status or the name of a signal; "stuck" if it had to be killed after `seconds`.
export async function stop(child, signal = "SIGTERM", seconds = 60) {
  child.kill(signal);
  const late = new Promise(r => setTimeout(r, seconds * 1000, "stuck").unref()); // no test waits for it at its end
  const how = await Promise.race([child.gone, late]);
  if (how === "stuck") child.kill("SIGKILL");
  return how;
}

// All that the programs wrote so far.
export const output = () => said;
