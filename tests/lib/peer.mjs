// Running samlp_peer.mjs beside the instance, and making it and Lectern known to each other. Lectern's keys must be there: the
// first provider that it got made them.
import fs from "node:fs";
import path from "node:path";
import { ctl, env } from "./instance.mjs";
import { folder, start, stop } from "./programs.mjs";
import { Browser } from "./university.mjs";

const program = path.join(env.src, "tests/lib/samlp_peer.mjs");

// {address}: its name, too. shift: seconds that its clock is ahead.
export async function open(shift = 0) {
  const dir = folder("samlp");
  fs.chmodSync(dir, 0o755);
  const ours = (await new Browser().ask(new URL("/saml/metadata", env.url).href)).text;
  const cert = ours.match(/<ds:X509Certificate>([^<]+)</)[1].match(/.{1,64}/g);
  fs.writeFileSync(
    path.join(dir, "sp.crt"),
    `-----BEGIN CERTIFICATE-----\n${cert.join("\n")}\n-----END CERTIFICATE-----\n`,
  );
  const child = start([process.execPath, program, dir, String(shift)]);
  const said = await new Promise((done, failed) => {
    child.stdout.once("data", done);
    child.gone.then(how => failed(new Error(`the peer ended: ${how}`)));
  });
  return { child, dir, address: String(said).trim() };
}

// Its metadata as a file: with sign-out by "redirect" or by "post".
export async function metadata(peer, slo = "redirect") {
  const file = path.join(peer.dir, "metadata.xml");
  fs.writeFileSync(file, (await new Browser().ask(`${peer.address}/metadata?slo=${slo}`)).text);
  return file;
}

// Lectern gets to know it: its number is peer.id then.
export async function introduce(peer, slo) {
  const file = await metadata(peer, slo);
  peer.id = Number(ctl("idp", "add", peer.address, "--metadata", file, "--name", "Peer <b>"));
  return peer;
}

export async function close(peer) {
  if (peer.id) ctl("idp", "remove", String(peer.id));
  peer.id = 0;
  if (peer.child.exitCode === null && peer.child.signalCode === null) await stop(peer.child);
}
