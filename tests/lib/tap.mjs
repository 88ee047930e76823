// TAP and waiting, for tests that are scripts of node: ok(), equal(), the runner of a test's parts, until().

let count = 0;
let bad = 0;

// `detail` is shown when it is not ok: text as it is, anything else as JSON.
export function ok(pass, name, detail) {
  count++;
  if (!pass) bad++;
  console.log(`${pass ? "ok" : "not ok"} ${count} - ${name}`);
  if (!pass && detail !== undefined && detail !== "") note(detail);
  return Boolean(pass);
}
export const equal = (got, want, name) => ok(got === want, name, { got, want });
export const skip = (name, reason) => console.log(`ok ${++count} - ${name} # SKIP ${reason}`);

export function note(what) {
  const text = typeof what === "string" ? what : (JSON.stringify(what) ?? String(what));
  for (const line of text.slice(0, 4000).split("\n").slice(0, 30)) console.log(`# ${line}`);
}

// The whole test is skipped; said before its first line.
export function skipAll(reason) {
  console.log(`1..0 # SKIP ${reason}`);
  process.exit(0);
}

// Says how many there were, and ends the process.
export function end() {
  console.log(`1..${count}`);
  process.exit(bad ? 1 : 0);
}

// Runs the parts (functions) one after the other; what one throws is its failure. cleanUp(failed) runs once, in
// any case, also when the test is stopped. Ends the process.
export async function run(parts, cleanUp = () => {}) {
  const begun = Date.now();
  let cleaned = false;
  const once = async () => {
    if (cleaned) return;
    cleaned = true;
    await cleanUp(bad > 0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => once().finally(() => process.exit(1)));
  for (const part of parts) {
    try {
      await part();
    } catch (e) {
      ok(false, `${part.name || "part"} runs to its end: ${e.message}`, String(e.stack));
    }
    console.log(`# ${part.name}: ${((Date.now() - begun) / 1000).toFixed(1)} s since the beginning`);
  }
  await once();
  end();
}

export const sleep = ms => new Promise(r => setTimeout(r, ms));

// Looks until test() is true; what it throws counts as "not yet". Returns what it returned, or throws. The limit is
// for tests that would never end: a slow machine must not reach it.
export async function until(what, test, seconds = 60, pause = 25) {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const got = await Promise.resolve()
      .then(test)
      .catch(() => false);
    if (got) return got;
    if (Date.now() > limit) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(pause);
  }
}

// The same as an answer: did it become true?
export const comes = (test, seconds) =>
  until("it", test, seconds).then(
    () => true,
    () => false,
  );
