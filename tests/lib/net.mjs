// HTTP as it is written, and ports. fetch() would tidy paths such as /a/../b before they are sent.
import http from "node:http";
import net from "node:net";

const listens = port =>
  new Promise(resolve => {
    const s = net.createServer();
    s.on("error", () => resolve(false));
    s.listen(port, "127.0.0.1", () => s.close(() => resolve(true)));
  });

// A port of 127.0.0.1 that is free. None of those that the kernel gives to clients, who might have it before the
// server is there.
const given = new Set();
export async function freePort() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 12000);
    if (given.has(port) || !(await listens(port))) continue;
    given.add(port);
    return port;
  }
}

// One request on a connection of its own: {status, headers, body}. target: an address, or a path of `base`.
export function request(method, target, { base, headers = {}, body, from } = {}) {
  const { rq, answer } = begin(method, target, { base, headers, from });
  rq.end(body);
  return answer;
}

// The same with the body still to come: {rq, answer}. The caller writes to rq and ends it.
export function begin(method, target, { base, headers = {}, from } = {}) {
  const { hostname, port } = new URL(base ?? target);
  const path = base ? target : target.slice(new URL(target).origin.length);
  const rq = http.request({ hostname, port, method, path, headers, localAddress: from, agent: false });
  const answer = new Promise((resolve, reject) => {
    rq.on("error", reject);
    rq.on("response", rs => {
      const parts = [];
      rs.on("data", d => parts.push(d));
      rs.on("end", () => resolve({ status: rs.statusCode, headers: rs.headers, body: Buffer.concat(parts) }));
      rs.on("error", reject);
    });
  });
  answer.catch(() => {}); // whoever waits for it hears of it
  return { rq, answer };
}

// Writes `bytes` as fast as they are taken; ends early when the answer comes first.
export async function feed({ rq, answer }, bytes, piece = 1 << 16) {
  const over = answer.catch(() => {});
  let answered = false;
  over.then(() => (answered = true));
  for (let at = 0; at < bytes.length && !answered; at += piece)
    if (!rq.write(bytes.subarray(at, at + piece)))
      await Promise.race([new Promise(r => rq.once("drain", r)), over]);
}
