#!/usr/bin/env node
// Signing in and out at a second identity provider, npm samlp: it reads our signed requests, answers signed and encrypted in
// every way it knows, and ends sessions. One whose clock is wrong by ten minutes signs nobody in.

import { ctl, env, site, sql, value } from "../lib/instance.mjs";
import { Person } from "../lib/person.mjs";
import { close, introduce, metadata, open } from "../lib/peer.mjs";
import { equal, ok, run } from "../lib/tap.mjs";
import { Browser, posted, refused } from "../lib/university.mjs";

const home = env.url.replace(/\/$/, "");
const begin = (b, peer) => b.ask(`${home}/login/idp/${peer.id}?next=/account`);

// What the peer's page would post to us.
async function identify(b, peer, profile, more = {}) {
  const away = await begin(b, peer);
  return posted(await b.ask(away.to, { form: { username: "mia", profile, ...more } }));
}

const accounts = () =>
  sql("SELECT id, login, name, email FROM user WHERE login LIKE 'mia%' ORDER BY id").map(row =>
    row.join(" "),
  );
const sessions = peer => Number(value(`SELECT COUNT(*) FROM session_saml WHERE idp_id = ${peer.id}`));
const peers = [];
let peer;

async function everyProfile() {
  // our keys are made with the first provider
  const first = ctl("idp", "add", "https://first.example/", "--metadata", "https://first.example/").trim();
  peer = await introduce(await open());
  peers.push(peer);
  ctl("idp", "remove", first);
  const before = accounts().length;
  for (const profile of ["assertion", "response", "both", "gcm128", "gcm256"]) {
    const b = new Browser(),
      form = await identify(b, peer, profile);
    const xml = Buffer.from(form.SAMLResponse, "base64").toString();
    equal(/EncryptedAssertion/.test(xml), profile.startsWith("gcm"), `${profile}: as it is called`);
    const answer = await b.deliver(form);
    equal(answer.to, `${home}/account`, `${profile}: signed in`);
    ok(
      (await b.ask(answer.to)).text.includes("Peer mia Ä &lt;b&gt;"),
      `${profile}: with the name that the peer says`,
    );
    const altered = xml.replace(
      /(<(?:\w+:)?(?:CipherValue|SignatureValue)>)(.)/g,
      (all, tag, letter) => tag + (letter === "A" ? "B" : "A"),
    );
    const other = new Browser(),
      fresh = await identify(other, peer, profile);
    await refused(
      await other.deliver({ ...fresh, SAMLResponse: Buffer.from(altered).toString("base64") }),
      /saml: /,
      `${profile}, with other bytes`,
    );
  }
  equal(accounts().length, before + 1, "one account for all of them");
}

const account = login => sql(`SELECT login, name, email FROM user WHERE login = '${login}'`)[0]?.join(" ");

// Of an account that it began; one with a password of this site keeps its name.
async function nameAndMailFollow() {
  const [login] = sql(`SELECT u.login FROM user u JOIN identity i ON i.user_id = u.id
    WHERE i.subject = 'nameid:mia-name' AND i.provider = (SELECT CONCAT('saml:', LOWER(HEX(entity_hash))) FROM idp WHERE id = ${peer.id})`)[0];
  const as = async more => {
    const b = new Browser();
    equal(
      (await b.deliver(await identify(b, peer, "both", more))).status,
      303,
      `signs in ${JSON.stringify(more)}`,
    );
    return (await b.ask(`${home}/account`)).text;
  };
  const page = await as({ name: "Mía Müller", mail: "mia.mueller@peer.example" });
  equal(
    account(login),
    `${login} Mía Müller mia.mueller@peer.example`,
    "name and mail are what the provider says",
  );
  ok(page.includes("Mía Müller"), "in this session, too");
  await as({ name: "Mia Müller", mail: "mia.mueller@peer.example" });
  equal(account(login), `${login} Mia Müller mia.mueller@peer.example`, "also where an accent alone differs");
  await as({ name: "", mail: "no address", username: "mia" });
  equal(account(login), `${login} Mia Müller mia.mueller@peer.example`, "what it does not say stays");

  const me = new Person("lecturer"),
    b = new Browser();
  await me.signIn();
  b.jar(home).set("__Host-lectern", { value: me.cookies.get("__Host-lectern"), line: "SameSite=Lax" });
  const before = account(site.accounts.lecturer.login);
  const away = await b.ask(`${home}/login/idp/${peer.id}?link=1`);
  const link = await b.deliver(
    posted(await b.ask(away.to, { form: { username: "linked", profile: "both" } })),
  );
  await b.ask(link.to);
  const done = await b.post(link.to);
  equal(done.to, `${home}/account/signins`, "linked to an account of this site");
  const c = new Browser();
  await c.deliver(await identify(c, peer, "both", { username: "linked" }));
  ok((await c.ask(`${home}/account`)).text.includes(site.accounts.lecturer.login), "which it signs in to");
  equal(account(site.accounts.lecturer.login), before, "and which keeps its name and mail");
  const list = await c.ask(`${home}/account/signins`);
  const id = list.text.match(
    /<li class="row">(?:(?!<\/li>).)*Peer &lt;b&gt;(?:(?!<\/li>).)*name="id" value="(\d+)"/s,
  )?.[1];
  equal((await c.post(`${home}/account/signins/remove`, { id })).status, 303, "unlinked");
}

async function signingOut() {
  const b = new Browser();
  await b.deliver(await identify(b, peer, "assertion"));
  await b.ask(`${home}/account`);
  const old = b.session,
    out = await b.post(`${home}/logout`),
    url = out.header("refresh")?.match(/^0; url=(.*)$/)?.[1];
  ok(
    url?.startsWith(`${peer.address}/logout?SAMLRequest=`) && !b.session,
    "signed out here, on the way there",
  );
  const forged = new URL(url);
  forged.searchParams.set("RelayState", "x");
  equal((await new Browser().ask(forged.href)).status, 500, "the peer refuses another signature than ours");
  const back = await b.visit(url);
  ok(back.status === 200 && back.text.includes("You are signed out."), "and answers", back.text);
  const thief = new Browser();
  thief.jar(home).set("__Host-lectern", { value: old, line: "" });
  equal((await thief.ask(`${home}/account`)).status, 303, "the session is over");
}

async function signedOutThere() {
  const b = new Browser(),
    other = new Browser();
  for (const one of [other, b]) await one.deliver(await identify(one, peer, "both"));
  const session = b.session,
    all = sessions(peer);
  b.jar(home).clear(); // found by name and index, without our cookies
  await b.deliver(await identify(b, peer, "assertion"));
  equal(sessions(peer), all + 1, "two sessions of one browser");
  const end = await b.visit(`${peer.address}/logout`);
  equal(end.status, 200, "the peer ends them, one after the other, and takes our answers");
  equal(sessions(peer), all - 1, "both have ended");
  const thief = new Browser();
  thief.jar(home).set("__Host-lectern", { value: session, line: "" });
  equal((await thief.ask(`${home}/account`)).status, 303, "also that whose cookie is elsewhere");
  equal((await other.ask(`${home}/account`)).status, 200, "another browser's goes on");
}

// A provider that takes nothing but forms: ours go there by script or by a button, and its own come from another site.
async function byForms() {
  ctl("idp", "edit", String(peer.id), "--metadata", await metadata(peer, "post"));
  const b = new Browser();
  await b.deliver(await identify(b, peer, "both"));
  await b.ask(`${home}/account`);
  const out = await b.post(`${home}/logout`),
    request = posted(out);
  ok(
    !b.session &&
      !out.header("refresh") &&
      request.action === `${peer.address}/logout` &&
      request.SAMLRequest,
    "signed out here, and a form for the provider",
    request,
  );
  ok(
    out.text.includes('src="/static/') &&
      out.text.includes("leave.js") &&
      !/name="csrf"[^>]*>[^<]*<input type="hidden" name="SAML/.test(out.text),
    "which a script sends, without our token",
  );
  ok(/form-action \*;/.test(out.header("content-security-policy")), "the policy lets this page's form go");
  ok(
    /form-action 'self'/.test((await b.ask(`${home}/login`)).header("content-security-policy")),
    "and no other page's",
  );
  const { action, SAMLRequest, RelayState } = request;
  const tampered = Buffer.from(SAMLRequest, "base64").toString().replace("-name<", "-nobody<");
  const wrong = await b.ask(action, {
    form: { SAMLRequest: Buffer.from(tampered).toString("base64"), RelayState },
  });
  equal(wrong.status, 500, "the peer refuses what we have not signed");
  const answer = posted(await b.ask(action, { form: { SAMLRequest, RelayState } }));
  const send = form => b.ask(`${home}/saml/slo`, { form, foreign: true });
  const altered = Buffer.from(answer.SAMLResponse, "base64")
    .toString()
    .replace(/InResponseTo="./, 'InResponseTo="x');
  await refused(
    await send({ SAMLResponse: Buffer.from(altered).toString("base64") }),
    /saml: /,
    "an altered answer",
  );
  const done = await send({ SAMLResponse: answer.SAMLResponse });
  equal(done.to, `${home}/`, "its answer, a form of another site, is taken");

  const c = new Browser();
  await c.deliver(await identify(c, peer, "both"));
  let page = await c.ask(`${peer.address}/logout`);
  for (let n = 0; n < 20 && page.text.includes("SAMLRequest"); n++) {
    const asked = posted(page);
    const ours = posted(
      await c.ask(asked.action, {
        form: { SAMLRequest: asked.SAMLRequest, RelayState: asked.RelayState },
        foreign: true,
      }),
    );
    ok(ours.SAMLResponse && ours.RelayState === asked.RelayState, "our answer to its request is a form");
    page = await c.ask(ours.action, {
      form: { SAMLResponse: ours.SAMLResponse, RelayState: ours.RelayState },
    });
  }
  equal(page.status, 200, "which the peer takes");
  equal((await c.ask(`${home}/account`)).status, 303, "and the session is over");
}

async function wrongClocks() {
  for (const [shift, reason] of [
    [600, /not-yet/],
    [-600, /expired/],
  ]) {
    const other = await introduce(await open(shift)),
      before = accounts(),
      b = new Browser();
    peers.push(other);
    const what = `a clock ${shift} s ahead`;
    const answer = await b.deliver(await identify(b, other, "assertion"));
    await refused(answer, reason, what);
    ok(/Nothing has changed/.test(answer.text), `${what}: the page says what to do`);
    equal(accounts().join(), before.join(), `${what}: no account is made`);
    equal(sessions(other), 0, `${what}: no session begins`);
    await close(other);
  }
}

run([everyProfile, nameAndMailFollow, signingOut, signedOutThere, byForms, wrongClocks], async () => {
  for (const one of peers) await close(one);
});
