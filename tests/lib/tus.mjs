// A client of tus 1.0, on the ticket that a page gives for an upload: {url, upload, token}.
import fs from "node:fs";
import { begin, feed, request } from "./net.mjs";
import { sleep, until } from "./tap.mjs";

export const tusHeaders = token => ({ "Tus-Resumable": "1.0.0", Authorization: `Bearer ${token}` });
export const patchHeaders = (token, from, length) => ({
  ...tusHeaders(token),
  "Content-Type": "application/offset+octet-stream",
  "Upload-Offset": from,
  "Content-Length": length,
});

export const tusCreate = (t, size, headers = {}) =>
  request("POST", t.url, {
    headers: { ...tusHeaders(t.token), "Upload-Length": size, "Content-Length": 0, ...headers },
  });
export const tusHead = t => request("HEAD", `${t.url}/${t.upload}`, { headers: tusHeaders(t.token) });
export const tusDelete = t => request("DELETE", `${t.url}/${t.upload}`, { headers: tusHeaders(t.token) });

// What has come so far; null if there is no such upload.
export async function tusOffset(t) {
  const { status, headers } = await tusHead(t);
  if (status === 200) return Number(headers["upload-offset"]);
  if (status !== 404) throw new Error(`HEAD answers ${status}`);
  return null;
}

// A PATCH that announces `length` bytes, which the caller sends: {rq, answer}. `address`: from which. The answer to a connection that broke
// has status 0.
export function tusBegin(t, from, length, address) {
  const headers = patchHeaders(t.token, from, length);
  const { rq, answer } = begin("PATCH", `${t.url}/${t.upload}`, { headers, from: address });
  return { rq, answer: answer.catch(e => ({ status: 0, body: Buffer.from(e.message) })) };
}

// One PATCH with the rest from `from` on; while pace.slow, a piece now and then.
export async function tusPatch(t, bytes, from, pace) {
  const patch = tusBegin(t, from, bytes.length - from);
  patch.rq.setTimeout(60000, () => patch.rq.destroy(new Error("silent for 60 s")));
  let at = from;
  for (; pace?.slow && at < bytes.length && !patch.rq.destroyed; await sleep(50)) {
    patch.rq.write(bytes.subarray(at, at + 1024));
    at += 1024;
  }
  await feed(patch, bytes.subarray(at));
  patch.rq.end();
  return patch.answer;
}

// As tus-js-client does: ask, go on, and again after whatever broke. Ends with the last byte.
export function tusSend(t, file, pace) {
  const bytes = fs.readFileSync(file);
  return until(
    "the upload to be whole",
    async () => {
      const offset = await tusOffset(t);
      if (offset === null) await tusCreate(t, bytes.length);
      else if (offset < bytes.length) await tusPatch(t, bytes, offset, pace);
      return offset === bytes.length;
    },
    120,
    100,
  );
}
