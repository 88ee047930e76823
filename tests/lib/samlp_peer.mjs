#!/usr/bin/env node
// A second identity provider, which has nothing in common with the first one: npm samlp behind node's own web server. A
// program, so that it may have a clock of its own: SHIFT is how many seconds it is ahead. Prints its address when it listens.
//
//     GET  /metadata?slo=redirect|post   for sign-out by that binding alone
//     GET  /sso                          a form: username, profile (below)
//     GET  /logout                       ends the sessions of this browser, here and at Lectern
//
// DIR has sp.crt, our certificate, and gets the key of the provider.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const [dir, shift = "0"] = process.argv.slice(2);
const ahead = Number(shift) * 1000,
  { now } = Date,
  RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...when) {
    super(...(when.length ? when : [now() + ahead]));
  }
  static now() {
    return now() + ahead;
  }
};

const modules = process.env.LECTERN_MODULES;
const samlp = createRequire(`${modules}/../package.json`)("samlp"); // after the clock
const file = name => path.join(dir, name),
  read = name => fs.readFileSync(file(name), "utf8");
if (!fs.existsSync(file("peer.key"))) {
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=peer.example"];
  execFileSync("openssl", [...made, "-keyout", file("peer.key"), "-out", file("peer.crt")], {
    stdio: "pipe",
  });
}
const ours = read("sp.crt"),
  encryptionPublicKey = execFileSync("openssl", ["x509", "-noout", "-pubkey"], {
    input: ours,
    encoding: "utf8",
  });
const own = { cert: read("peer.crt"), key: read("peer.key"), issuer: "" };
const gcm = bits => ({
  encryptionCert: ours,
  encryptionPublicKey,
  encryptionAlgorithm: `http://www.w3.org/2009/xmlenc11#aes${bits}-gcm`,
});
const profiles = {
  assertion: {},
  response: { signResponse: true, signAssertion: false },
  both: { signResponse: true },
  gcm128: gcm(128),
  gcm256: gcm(256),
};

// Names as they are released, by OID; mail and name may be changed by the form.
const mapper = person => ({
  getClaims: () => ({
    "urn:oid:0.9.2342.19200300.100.1.1": person.username,
    "urn:oid:0.9.2342.19200300.100.1.3": person.mail ?? `${person.username}@peer.example`,
    "urn:oid:2.16.840.1.113730.3.1.241": person.name ?? `Peer ${person.username} Ä <b>`,
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["student", "member"],
  }),
  getNameIdentifier: () => ({
    nameIdentifier: `${person.username}-name`,
    nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  }),
});
mapper.prototype = { metadata: [] };

// By browser: what it is signed in to, as samlp wants to know it. And where a sign-out stands.
const signedIn = new Map();
const cookie = rq => rq.headers.cookie?.match(/\bpeer=(\w+)/)?.[1] ?? "none";
const states = new Map();
const store = {
  save(rq, state, done) {
    const handle = `s${states.size}`;
    states.set(handle, state);
    done(null, handle);
  },
  load(rq, handle, options, done = options) {
    done(null, states.get(handle));
  },
  update(rq, handle, state, done) {
    states.set(handle, state);
    done(null);
  },
};
const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
  post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
let binding = redirect; // that of the metadata that was asked for last

function metadata(rq, rs, next) {
  binding = rq.query.slo === "post" ? post : redirect;
  samlp.metadata({
    ...own,
    profileMapper: mapper,
    redirectEndpointPath: "/sso",
    postEndpointPath: "/sso",
    logoutEndpointPaths: binding === post ? { post: "/logout" } : { redirect: "/logout" },
  })(rq, rs, next);
}

function signIn(rq, rs, next) {
  const person = rq.body,
    profile = profiles[person.profile];
  if (!profile) {
    rs.set("Content-Type", "text/html");
    return rs.send(
      '<form method="post"><input name="username"><input name="profile"><button>in</button></form>',
    );
  }
  rq.method = "GET"; // samlp reads the request of the address then
  samlp.parseRequest(rq, { signingCert: ours }, (failed, asked) => {
    if (failed) return next(failed);
    const sessionIndex = `i-${randomUUID()}`,
      browser = cookie(rq) === "none" ? randomUUID().replaceAll("-", "") : cookie(rq),
      slo = new URL("/saml/slo", asked.assertionConsumerServiceURL).href;
    if (!signedIn.has(browser)) signedIn.set(browser, []);
    rs.set("Set-Cookie", `peer=${browser}; Path=/; Secure; HttpOnly; SameSite=None`);
    signedIn.get(browser).push({
      serviceProviderId: asked.issuer,
      nameId: `${person.username}-name`,
      nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
      sessionIndex,
      serviceProviderLogoutURL: slo,
      cert: ours,
      binding,
    });
    samlp.auth({
      ...own,
      lifetimeInSeconds: 300,
      recipient: asked.assertionConsumerServiceURL,
      destination: asked.assertionConsumerServiceURL,
      inResponseTo: asked.id,
      sessionIndex,
      includeAttributeNameFormat: true,
      profileMapper: mapper,
      getUserFromRequest: () => person,
      getPostURL: (audience, dom, request, done) => done(null, asked.assertionConsumerServiceURL),
      ...profile,
    })(rq, rs, next);
  });
}

function signOut(rq, rs, next) {
  const participants = signedIn.get(cookie(rq)) ?? [];
  const sessionParticipants = {
    get: (issuer, indices, name, done) =>
      done(
        null,
        participants.find(one => one.nameId === name && [indices].flat().includes(one.sessionIndex)),
      ),
    hasElements: () => participants.length > 0,
    getFirst: done => done(null, participants[0]),
    remove(issuer, index, name, done) {
      const i = participants.findIndex(one => one.sessionIndex === index);
      if (i >= 0) participants.splice(i, 1);
      done(null);
    },
  };
  samlp.logout({ ...own, deflate: true, protocolBinding: binding, sessionParticipants, store })(rq, rs, next);
}

const pages = { "/metadata": metadata, "/sso": signIn, "/logout": signOut };

const server = http.createServer((rq, rs) => {
  const { pathname, searchParams } = new URL(rq.url, own.issuer);
  const next = failed => {
    rs.statusCode = 500;
    rs.end(String(failed?.stack ?? failed));
  };
  rs.set = (name, text) => rs.setHeader(name, text);
  rs.send = what => {
    if (typeof what === "number") rs.statusCode = what;
    rs.end(typeof what === "number" ? "" : what);
  };
  rs.redirect = to => {
    rs.statusCode = 302;
    rs.setHeader("Location", to);
    rs.end();
  };
  Object.assign(rq, { protocol: "http", originalUrl: rq.url, query: Object.fromEntries(searchParams) });
  let body = "";
  rq.on("data", piece => (body += piece)).on("end", () => {
    rq.body = Object.fromEntries(new URLSearchParams(body));
    if (pathname in pages) pages[pathname](rq, rs, next);
    else next("no such page");
  });
});
server.listen(0, "localhost", () => {
  own.issuer = `http://localhost:${server.address().port}`;
  console.log(own.issuer);
});
