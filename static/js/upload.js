// Resumable upload, one file per view (tus 1.0 by tus-js-client). It survives a lost
// connection, a killed server and a reload: the file's name, size and date lead to the
// nonce it was announced with, the core answers that nonce with the same upload and a
// fresh token, and the store says how much it has. Retries end only with the page.

import "../vendor/tus.min.js"; // sets window.tus
import { el, put } from "./dom.js";
import { bytes, number, texts } from "./texts.js";

const CHUNK = 64 * 1024 * 1024; // one PATCH; the store makes it durable at its end
const WAITS = [1, 2, 4, 8, 15, 30]; // s between tries
const WINDOW = 8000; // ms over which the speed is measured
const SLOW = 5000; // ms without a byte until it is shown
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|ts|mts|m2ts|mpe?g|m2v|flv|ogv|ogm|wmv|asf|3gp|mxf)$/i;

const t = texts("upload-texts");

// Uploads under way in this browser: key → {nonce, upload, name, size, sent}.
const STORE = "lectern.uploads";
function known() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}
function remember(key, value) {
  const all = known();
  if (value) all[key] = value;
  else delete all[key];
  try {
    localStorage.setItem(STORE, JSON.stringify(all));
  } catch {
    /* full or forbidden: no resume after a reload */
  }
}

class Upload {
  #form;
  #file;
  #key;
  #record;
  #tus = null;
  #ticket = null;
  #tries = 0;
  #timer = 0;
  #marks = [];
  #watch = 0;
  #state = "idle";
  #due = 0;
  #sent = 0;
  #saved = 0;

  constructor(form) {
    this.#form = form;
    const part = name => form.querySelector(name);
    this.input = part("input[type=file]");
    this.pick = part(".upload-pick");
    this.live = part(".upload-live");
    this.name = part(".upload-name");
    this.bar = part(".upload-live progress");
    this.line = part(".upload-line");
    this.error = part(".upload-error");
    this.pauseButton = el("button", {
      type: "button",
      class: "button plain",
      onclick: () => (this.#state === "paused" ? this.#go() : this.#pause()),
    });
    this.cancelButton = el(
      "button",
      { type: "button", class: "link", onclick: () => this.#cancel() },
      t("cancel"),
    );
    part(".upload-buttons").append(this.pauseButton, this.cancelButton);
    this.input.addEventListener("change", () => this.#choose(this.input.files[0]));
    form.addEventListener("submit", event => event.preventDefault());
    this.#drops();
    this.#pending();
    addEventListener("online", () => {
      if (["retrying", "offline"].includes(this.#state)) this.#go();
    });
    addEventListener("offline", () => {
      if (this.busy) this.#draw();
    });
  }

  get busy() {
    return ["starting", "running", "retrying", "offline"].includes(this.#state);
  }

  // An upload of an earlier visit is unfinished: the person must choose the file again, since scripts cannot
  // open it.
  #pending() {
    const prefix = `${this.#form.dataset.lecture}/${this.#form.dataset.upload}/`;
    const found = Object.entries(known()).find(([key]) => key.startsWith(prefix));
    if (!found) return;
    const { name, size, sent } = found[1];
    put(
      this.#form.querySelector(".upload-now"),
      t("pending", { name, percent: number(Math.floor((100 * sent) / size)) }),
    );
  }

  #choose(file) {
    this.input.value = "";
    if (!file || this.busy) return;
    const max = Number(this.#form.dataset.max) || Infinity;
    this.#complain("");
    if (!VIDEO.test(file.name) && !file.type.startsWith("video/"))
      return this.#complain(t("error_type", { name: file.name }));
    if (!file.size) return this.#complain(t("error_empty", { name: file.name }));
    if (file.size > max)
      return this.#complain(
        t("error_size", {
          name: file.name,
          size: bytes(file.size),
          max: this.#form.dataset.maxText || bytes(max),
        }),
      );
    this.#file = file;
    this.#key = `${this.#form.dataset.lecture}/${this.#form.dataset.upload}/${file.name}/${file.size}/${file.lastModified}`;
    this.#record = known()[this.#key] ?? {
      nonce: crypto.randomUUID().replaceAll("-", ""),
      name: file.name,
      size: file.size,
      sent: 0,
    };
    remember(this.#key, this.#record);
    this.pick.hidden = true;
    this.live.hidden = false;
    put(this.name, `${file.name} · ${bytes(file.size)}`);
    this.#ticket = this.#tus = null;
    this.#sent = 0;
    this.#go();
    this.pauseButton.focus();
  }

  // Announces the file to the core: {upload, url, token}. The same nonce gives the same upload.
  async #announce() {
    const form = new FormData(this.#form),
      body = new URLSearchParams();
    for (const [name, value] of form) if (typeof value === "string") body.set(name, value);
    body.set("name", this.#file.name);
    body.set("size", this.#file.size);
    body.set("nonce", this.#record.nonce);
    const answer = await fetch(this.#form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRF-Token": body.get("csrf") },
    });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    if (answer.status >= 500 || answer.status === 429) throw new Error(`announce: ${answer.status}`);
    throw Object.assign(new Error("refused"), { sentence: said.error || t("error_refused") });
  }

  async #go() {
    clearTimeout(this.#timer);
    this.#set("starting");
    try {
      this.#ticket ??= await this.#announce();
    } catch (error) {
      return error.sentence ? this.#give(error.sentence) : this.#later();
    }
    if (this.#state !== "starting") return; // paused or cancelled meanwhile
    if (!this.#tus) this.#make();
    this.#tus.start();
  }

  #make() {
    const { url, upload } = this.#ticket;
    this.#tus = new window.tus.Upload(this.#file, {
      endpoint: url,
      uploadUrl: this.#record.upload === upload ? `${url}/${upload}` : null,
      chunkSize: CHUNK,
      retryDelays: null, // we try again ourselves, without end
      storeFingerprintForResuming: false,
      metadata: { filename: this.#file.name, filetype: this.#file.type },
      onBeforeRequest: request => request.setHeader("Authorization", `Bearer ${this.#ticket.token}`),
      onProgress: sent => this.#moved(sent),
      onChunkComplete: (_, accepted) => this.#save(accepted),
      onSuccess: () => this.#done(),
      onError: error => this.#failed(error),
    });
  }

  #failed(error) {
    if (this.#state === "paused" || this.#state === "idle") return;
    const status = error.originalResponse?.getStatus() ?? 0;
    if (status === 401 || status === 403) {
      // The token expired in the meantime. If a new one is refused at once, the answer is final.
      if (this.#ticket?.fresh) return this.#give(t("error_refused"));
      this.#ticket = null;
      return this.#announce().then(
        ticket => {
          this.#ticket = { ...ticket, fresh: true };
          this.#go();
        },
        why => (why.sentence ? this.#give(why.sentence) : this.#later()),
      );
    }
    if (status === 413 || status === 415) return this.#give(t("error_refused"));
    if (status === 404 || status === 410) {
      this.#tus = null;
      this.#ticket = null;
      this.#record.upload = undefined;
    }
    this.#later();
  }

  #later() {
    const wait = WAITS[Math.min(this.#tries++, WAITS.length - 1)] * (0.8 + 0.4 * Math.random());
    this.#due = performance.now() + wait * 1000;
    this.#set(navigator.onLine ? "retrying" : "offline");
    this.#timer = setTimeout(() => this.#go(), wait * 1000);
  }

  #moved(sent) {
    const now = performance.now();
    this.#sent = sent;
    this.#marks.push([now, sent]);
    while (this.#marks.length > 2 && now - this.#marks[0][0] > WINDOW) this.#marks.shift();
    if (this.#ticket) this.#ticket.fresh = false;
    if (this.#state !== "running") {
      this.#tries = 0;
      this.#set("running");
    }
    if (!this.#record.upload || now - this.#saved > 2000) this.#save(sent);
  }

  #save(sent) {
    this.#saved = performance.now();
    this.#record = { ...this.#record, upload: this.#ticket?.upload ?? this.#record.upload, sent };
    remember(this.#key, this.#record);
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#set("paused");
    this.#tus?.abort();
  }

  async #cancel() {
    clearTimeout(this.#timer);
    const { upload } = this.#record,
      running = this.#tus;
    this.#set("idle");
    remember(this.#key, null);
    await running?.abort(true).catch(() => {});
    const id = this.#ticket?.upload ?? upload;
    if (id && this.#form.dataset.cancel) {
      const csrf = this.#form.elements.csrf?.value ?? "";
      await fetch(this.#form.dataset.cancel.replace("{u}", id), {
        method: "POST",
        body: new URLSearchParams({ csrf }),
        headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
        redirect: "manual",
      }).catch(() => {});
    }
    this.#tus = this.#ticket = null;
    this.#end(t("cancelled"));
  }

  // A refusal that another attempt does not change.
  #give(sentence) {
    this.#set("idle");
    remember(this.#key, null);
    this.#end("");
    this.#complain(sentence);
  }

  #done() {
    this.#set("done");
    remember(this.#key, null);
    this.#end(t("done"));
    document.dispatchEvent(new Event("lectern:changed"));
  }

  // If the focus was on a button that disappears, it moves to the file input.
  #end(text) {
    const stood = this.live.contains(document.activeElement);
    clearInterval(this.#watch);
    this.#watch = 0;
    this.live.hidden = true;
    this.pick.hidden = false;
    if (stood) this.input.focus();
    const now = this.#form.querySelector(".upload-now");
    now.setAttribute("role", "status");
    if (text) put(now, text);
  }

  #complain(text) {
    this.error.hidden = !text;
    put(this.error, text);
  }

  #set(state) {
    this.#state = state;
    if (state !== "running") this.#marks = [];
    if (state !== "idle" && state !== "done" && !this.#watch)
      this.#watch = setInterval(() => this.#draw(), 500);
    this.#draw();
  }

  #draw() {
    if (!this.#file) return;
    const share = this.#sent / this.#file.size,
      percent = number(Math.floor(100 * share));
    if (this.#state === "starting" && !this.#sent) this.bar.removeAttribute("value");
    else this.bar.value = share;
    const paused = this.#state === "paused";
    put(this.pauseButton, t(paused ? "resume" : "pause"));
    put(this.line, this.#words(percent));
  }

  #words(percent) {
    if (this.#state === "paused") return t("paused", { percent });
    if (!navigator.onLine && this.#state !== "running") return t("offline", { percent });
    if (this.#state === "retrying")
      return t("retrying", { percent, n: Math.max(1, Math.ceil((this.#due - performance.now()) / 1000)) });
    if (this.#state !== "running") return t("starting");
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    const quiet = performance.now() - last[0];
    if (quiet > SLOW) return t("progress_slow", { percent });
    const speed = (last[1] - first[1]) / Math.max(0.5, (last[0] - first[0]) / 1000);
    return speed > 0
      ? t("progress", { percent, speed: bytes(speed), left: span((this.#file.size - this.#sent) / speed) })
      : `${percent} %`;
  }

  #drops() {
    const over = yes => event => {
      if (![...event.dataTransfer.types].includes("Files") || this.busy) return;
      event.preventDefault();
      this.#form.classList.toggle("drop", yes);
    };
    this.#form.addEventListener("dragover", over(true));
    this.#form.addEventListener("dragleave", over(false));
    this.#form.addEventListener("drop", event => {
      over(false)(event);
      this.#choose(event.dataTransfer.files[0]);
    });
  }
}

function span(seconds) {
  if (seconds < 60) return t("seconds", { n: Math.max(1, Math.ceil(seconds)) });
  if (seconds < 5400) return t("minutes", { n: Math.ceil(seconds / 60) });
  return t("hours", { h: Math.floor(seconds / 3600), m: Math.round((seconds % 3600) / 60) });
}

const uploads = [...document.querySelectorAll("form[data-upload]")].map(form => new Upload(form));
addEventListener("beforeunload", event => {
  if (uploads.some(upload => upload.busy)) {
    event.preventDefault();
    event.returnValue = t("leave");
  }
});
