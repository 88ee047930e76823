// Keys and tokens of the core, made by node's own Ed25519: two implementations have to agree.
import crypto from "node:crypto";

const b64url = x => Buffer.from(x).toString("base64url");

// A key of the core for an audience: kid, aud and x are what its list of public keys says.
export function makeKey(kid, aud) {
  const pair = crypto.generateKeyPairSync("ed25519");
  return { kid, aud, x: pair.publicKey.export({ format: "jwk" }).x, secret: pair.privateKey };
}

export const now = () => Math.floor(Date.now() / 1000); // seconds, as in tokens

// A signed JWT, good for ten minutes unless the claims say otherwise.
export function sign(key, claims, head = { alg: "EdDSA", typ: "JWT", kid: key.kid }) {
  const h = b64url(JSON.stringify(head));
  const p = b64url(JSON.stringify({ aud: key.aud, iat: now(), exp: now() + 600, ...claims }));
  return `${h}.${p}.${b64url(crypto.sign(null, Buffer.from(`${h}.${p}`), key.secret))}`;
}

export const sha256 = bytes => crypto.createHash("sha256").update(bytes).digest("hex");
