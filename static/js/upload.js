// Uploads: drop, choose, photograph or paste. Each file goes piece by piece (tus), two files at a time, and after a
// lost connection, or when it is chosen again after a reload, from where it was.
import { LoggedOut, request, token } from "./changes.js";

const form = document.getElementById("upload");
const list = document.getElementById("transfers");
const row = document.getElementById("transfer");
const announcement = document.getElementById("announcement");
const veil = document.getElementById("drop-veil");
const words = form.dataset;
const language = document.documentElement.lang;

const AT_ONCE = 2;
const PIECE = 8 * 2 ** 20; // bytes: a piece is done before a proxy loses patience
const RETRY_AFTER = [0, 1, 3, 5, 10, 20, 30, 30, 30, 30, 30, 30].map((seconds) => 1000 * seconds);
const waiting = [];
let running = 0;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function inUnit(value, unit, digits = 0) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

function size(bytes) {
  return bytes < 1e6 ? inUnit(Math.ceil(bytes / 1e3), "kilobyte") : inUnit(bytes / 1e6, "megabyte", 1);
}

function span(seconds) {
  return seconds < 60 ? inUnit(Math.ceil(seconds), "second") : inUnit(Math.ceil(seconds / 60), "minute");
}

/** One file on its way: its row in the list, and its upload. */
class Transfer {
  constructor(file, name = file.name) {
    this.file = file;
    this.name = name;
    this.arrived = false;
    this.row = row.content.firstElementChild.cloneNode(true);
    this.row.querySelector(".transfer-name").textContent = name;
    this.bar = this.row.querySelector("progress");
    this.bar.setAttribute("aria-label", name);
    this.row.querySelector("[data-action=stop]").addEventListener("click", () => this.stop());
    this.row.querySelector("[data-action=again]").addEventListener("click", () => this.queue());
    this.row.querySelector("[data-action=keep]").addEventListener("click", () => this.keep());
    list.append(this.row);
    this.queue();
  }

  /** Shows a state; what is over has no bar, and what can be tried again says so. */
  show(state, text, { again = false } = {}) {
    const over = state !== "waiting" && state !== "sending";
    this.row.className = `transfer is-${state}`;
    this.row.querySelector(".transfer-state").textContent = text;
    this.bar.hidden = over;
    this.row.querySelector("[data-action=stop]").hidden = over;
    this.row.querySelector("[data-action=again]").hidden = !again;
    this.row.querySelector("[data-action=keep]").hidden = state !== "known";
    if (over) announcement.textContent = `${this.name}: ${text}`;
  }

  queue() {
    this.show("waiting", words.waiting);
    waiting.push(this);
    sendNext();
  }

  stop() {
    const place = waiting.indexOf(this);
    if (place >= 0) waiting.splice(place, 1);
    this.upload?.abort(true).catch(() => {}); // what the server does not hear of, it forgets after a day
    this.arrived = false;
    this.show("refused", words.stopped, { again: true });
    this.over?.();
  }

  /** Sends the file; resolves when it is over, however it ended. */
  send() {
    return new Promise((resolve) => {
      this.over = resolve;
      const end = (step) => step.catch((error) => this.failed(error)).finally(resolve);
      if (this.arrived) {
        end(this.finish());
        return;
      }
      const started = performance.now();
      let before = null;
      this.upload = new tus.Upload(this.file, {
        endpoint: words.parts,
        chunkSize: PIECE,
        retryDelays: RETRY_AFTER,
        metadata: { filename: this.name },
        headers: { "X-CSRFToken": token() },
        removeFingerprintOnSuccess: true,
        onProgress: (loaded, total) => {
          before ??= loaded; // what had arrived earlier says nothing about the pace
          const left = ((performance.now() - started) / 1000 / (loaded - before)) * (total - loaded);
          this.bar.value = loaded / total;
          const values = { done: size(loaded), total: size(total), time: Number.isFinite(left) ? span(left) : "…" };
          this.show("sending", loaded < total ? fill(words.left, values) : words.checking);
        },
        onShouldRetry: (error) => {
          if (!isRefusal(error)) this.show("sending", words.lost);
          return !isRefusal(error);
        },
        onError: (error) => end(Promise.reject(error)),
        onSuccess: () => {
          this.arrived = true;
          end(this.finish());
        },
      });
      this.goOn();
    });
  }

  /** Starts, from where an earlier try with the same file ended. */
  async goOn() {
    const [earlier] = await this.upload.findPreviousUploads();
    if (earlier) this.upload.resumeFromPreviousUpload(earlier);
    this.upload.start();
  }

  /** The whole file has arrived: asks for it to be taken in, with the options that are chosen now. */
  async finish() {
    this.show("sending", words.checking);
    const body = new FormData(form);
    body.delete("file");
    body.set("part", this.upload.url.match(/[^/]+(?=\/$)/)[0]);
    const answer = await persist(() => request(form.action, body));
    const outcome = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).files[0] : null;
    if (outcome?.url) this.taken(outcome);
    else if (outcome?.known) this.known(outcome);
    else if (outcome) this.show("refused", outcome.error.message);
    else {
      this.arrived = answer.status >= 500; // else what had arrived is no longer known
      this.show("refused", fill(words.unexpected, { status: answer.status }), { again: true });
    }
  }

  taken(outcome) {
    const link = document.createElement("a");
    link.href = outcome.url;
    link.textContent = this.name;
    this.row.querySelector(".transfer-name").replaceChildren(link);
    this.show("taken", words.taken);
    htmx.trigger("#history", "refresh");
  }

  /** The same bytes are here already: says where, and leaves it to the person whether to keep them once more. */
  known(outcome) {
    this.keepAt = outcome.again;
    const titles = outcome.known.map((known) => known.title).join(", ");
    this.show("known", `${words.known} ${titles}`);
    const links = outcome.known.flatMap((known) => {
      const link = document.createElement("a");
      link.href = known.url;
      link.textContent = known.title;
      return [" ", link];
    });
    this.row.querySelector(".transfer-state").replaceChildren(words.known, ...links);
  }

  async keep() {
    const body = new FormData(form);
    body.delete("file");
    body.set("name", this.name);
    this.show("sending", words.checking);
    try {
      const answer = await request(this.keepAt, body);
      const outcome = (await answer.json()).files[0];
      if (outcome.url) this.taken(outcome);
      else this.show("refused", outcome.error.message);
    } catch (error) {
      this.show("known", error instanceof LoggedOut ? error.message : words.broken);
    }
  }

  failed(error) {
    const status = error.originalResponse?.getStatus();
    if (status === 401 || error instanceof LoggedOut) this.show("refused", new LoggedOut().message, { again: true });
    else if (status === 413 || status === 507) this.show("refused", error.originalResponse.getBody());
    else this.show("refused", status ? fill(words.unexpected, { status }) : words.broken, { again: true });
    if (!status && !(error instanceof LoggedOut)) addEventListener("online", () => this.row.matches(".is-refused") && this.queue(), { once: true });
  }
}

/** Whether the server has answered, and would answer the same again. */
function isRefusal(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status >= 400 && status < 500 && status !== 409;
}

/** Asks until there is an answer of whatever kind; rejects when that has taken too long. */
async function persist(ask) {
  for (const pause of RETRY_AFTER) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof LoggedOut) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return ask();
}

function sendNext() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift().send().finally(() => {
      running -= 1;
      sendNext();
    });
  }
}

/** Clipboard pictures are all called image.png: the time tells them apart. */
function pastedName(file) {
  const time = new Date().toLocaleTimeString(language, { hour12: false }).replaceAll(":", ".");
  return `${fill(words.pasted, { time })}.${file.type.split("/")[1] ?? "png"}`;
}

function take(files, nameOf = (file) => file.name) {
  for (const file of files) new Transfer(file, nameOf(file));
}

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
}

// Dragging fires enter and leave for every element passed: count them to know when the page itself is left.
let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", ++depth > 0);
});
addEventListener("dragleave", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", --depth > 0);
});
addEventListener("dragover", (event) => {
  if (hasFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  veil.classList.remove("is-shown");
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => take(event.clipboardData.files, pastedName));

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
