// @ts-check
// Files on their way: each goes piece by piece (tus), two files at a time, and after a lost connection, or when it is
// chosen again after a reload, from where it was.
import { copyOf, get } from "../dom.js";
import { LoggedOutError, request, token } from "../server.js";
import { fill } from "../words.js";
import { duration, size } from "./units.js";

const form = get("#upload", HTMLFormElement);
const list = get("#transfers");
const announcement = get("#announcement");
const words = form.dataset;

/**
 * What the server says of a file: where it lies now, where the same bytes lie already, or why it is refused.
 * @typedef {{ title: string, url: string }} Known
 * @typedef {{ url?: string, known?: Known[], again?: string, error?: { code: string, message: string } }} Outcome
 */

const AT_ONCE = 2;
const PIECE = 8 * 2 ** 20; // bytes: a piece is done before a proxy loses patience
const RETRY_AFTER = [0, 1, 3, 5, 10, 20, 30, 30, 30, 30, 30, 30].map((seconds) => 1000 * seconds);
/** @type {Transfer[]} */
const waiting = [];
let running = 0;

/**
 * Those that have not come to an end: on their way, or to be tried again.
 * @type {Set<Transfer>}
 */
const unfinished = new Set();

/** Whether there are files in the list that would have to be chosen again if the page came anew. */
export const isUnfinished = () => [...unfinished].some(({ row }) => row.isConnected);

/** One file on its way: its row in the list, and its upload. */
export class Transfer {
  /** @type {import("tus-js-client").Upload | null} */
  upload = null;
  arrived = false;
  /** Where to ask that a file be kept though it is here already. */
  keepAt = "";
  /** @type {(() => void) | null} */
  over = null;

  /**
   * @param {File} file
   * @param {string} name
   * @param {import("./group.js").Group | null} [group] of the files that are to be one document with it
   */
  constructor(file, name, group = null) {
    this.file = file;
    this.name = name;
    this.group = group;
    group?.members.add(this);
    this.row = copyOf("#transfer");
    this.nameCell = get(".transfer-name", HTMLElement, this.row);
    this.stateCell = get(".transfer-state", HTMLElement, this.row);
    this.nameCell.textContent = name;
    this.bar = get("progress", HTMLProgressElement, this.row);
    this.bar.setAttribute("aria-label", name);
    this.button("stop").addEventListener("click", () => this.stop());
    this.button("again").addEventListener("click", () => this.queue());
    this.button("keep").addEventListener("click", () => this.keep());
    list.append(this.row);
    this.queue();
  }

  /** @param {"stop" | "again" | "keep"} action */
  button(action) {
    return get(`[data-action=${action}]`, HTMLButtonElement, this.row);
  }

  /**
   * Shows a state; what is over has no bar, and what can be tried again says so.
   * @param {"waiting" | "sending" | "refused" | "taken" | "known"} state
   * @param {string} [text]
   */
  show(state, text = "", { again = false } = {}) {
    const over = state !== "waiting" && state !== "sending";
    if (over && !again) unfinished.delete(this);
    else unfinished.add(this);
    this.row.className = `transfer is-${state}`;
    this.stateCell.textContent = text;
    this.bar.hidden = over;
    this.button("stop").hidden = over;
    this.button("again").hidden = !again;
    this.button("keep").hidden = state !== "known";
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
    unfinished.delete(this);
    this.over?.();
    this.group?.leave(this);
    this.group = null;
  }

  /**
   * Sends the file; resolves when it is over, however it ended.
   * @returns {Promise<void>}
   */
  send() {
    return new Promise((resolve) => {
      this.over = resolve;
      /** @param {Promise<void>} step the last one */
      const end = (step) => step.catch((error) => this.failed(error)).finally(resolve);
      if (this.arrived) {
        end(this.finish());
        return;
      }
      this.upload = new tus.Upload(this.file, {
        endpoint: words.parts,
        chunkSize: PIECE,
        retryDelays: RETRY_AFTER,
        metadata: { filename: this.name },
        headers: { "X-CSRFToken": token() },
        removeFingerprintOnSuccess: true,
        onProgress: this.progress(),
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
      start(this.upload);
    });
  }

  /** What shows how far the file is, and how long it will take at the pace since now. */
  progress() {
    const started = performance.now();
    /** @type {number | null} */
    let before = null;
    /**
     * @param {number} loaded
     * @param {number} total
     */
    return (loaded, total) => {
      before ??= loaded; // what had arrived earlier says nothing about the pace
      const left = ((performance.now() - started) / 1000 / (loaded - before)) * (total - loaded);
      this.bar.value = loaded / total;
      const values = { done: size(loaded), total: size(total), time: Number.isFinite(left) ? duration(left) : "…" };
      this.show("sending", loaded < total ? fill(words.left, values) : words.checking);
    };
  }

  /** The whole file has arrived: asks for it to be taken in, with the options that are chosen now. */
  async finish() {
    if (this.group) {
      await this.group.complete(this);
      return;
    }
    this.show("sending", words.checking);
    const { status, outcomes } = await takeIn([this]);
    this.end(outcomes[0], status);
  }

  /**
   * Shows what came of the file.
   * @param {Outcome | undefined} outcome
   * @param {number} status of the answer, if it has no outcome
   */
  end(outcome, status) {
    if (outcome?.url) this.taken(outcome.url);
    else if (outcome?.known) this.known(outcome.known, outcome.again ?? "");
    else if (outcome) this.show("refused", outcome.error?.message);
    else {
      this.arrived = status >= 500; // else what had arrived is no longer known
      this.show("refused", fill(words.unexpected, { status }), { again: true });
    }
  }

  /** @param {string} url of the document */
  taken(url) {
    this.nameCell.replaceChildren(link(url, this.name));
    this.show("taken", words.taken);
    htmx.trigger("#history", "refresh");
  }

  /**
   * The same bytes are here already: says where, and leaves it to the person whether to keep them once more.
   * @param {Known[]} documents
   * @param {string} keepAt
   */
  known(documents, keepAt) {
    this.keepAt = keepAt;
    this.show("known", `${words.known} ${documents.map((document) => document.title).join(", ")}`);
    const links = documents.flatMap(({ url, title }) => [" ", link(url, title)]);
    this.stateCell.replaceChildren(words.known ?? "", ...links);
  }

  async keep() {
    const body = new FormData(form);
    body.delete("file");
    body.set("name", this.name);
    this.show("sending", words.checking);
    try {
      const answer = await request(this.keepAt, body);
      /** @type {Outcome} */
      const outcome = (await answer.json()).files[0];
      if (outcome.url) this.taken(outcome.url);
      else this.show("refused", outcome.error?.message);
    } catch (error) {
      this.show("known", error instanceof LoggedOutError ? error.message : words.broken);
    }
  }

  /** @param {unknown} error */
  failed(error) {
    const answer = error instanceof tus.DetailedError ? error.originalResponse : null;
    const status = answer?.getStatus();
    if (status === 401 || error instanceof LoggedOutError) this.show("refused", new LoggedOutError().message, { again: true });
    else if (status === 413 || status === 429 || status === 507) {
      this.show("refused", answer?.getBody());
      this.group?.refuse(this);
    }
    else if (status) this.show("refused", fill(words.unexpected, { status }), { again: true });
    else {
      this.show("refused", words.broken, { again: true });
      addEventListener("online", () => this.row.matches(".is-refused") && this.queue(), { once: true });
    }
  }
}

/**
 * Asks for files that have arrived to be taken in, with the options that are chosen now: several as one document.
 * @param {Transfer[]} transfers
 * @returns {Promise<{ status: number, outcomes: Outcome[] }>}
 */
export async function takeIn(transfers) {
  const body = new FormData(form);
  body.delete("file");
  body.delete("together");
  if (transfers.length > 1) body.set("together", "on");
  for (const { upload } of transfers) body.append("part", upload?.url?.match(/[^/]+(?=\/$)/)?.[0] ?? "");
  const answer = await persist(() => request(form.action, body));
  const isJSON = answer.headers.get("Content-Type")?.includes("json");
  return { status: answer.status, outcomes: isJSON ? (await answer.json()).files : [] };
}

/**
 * Starts from where an earlier try with the same file ended.
 * @param {import("tus-js-client").Upload} upload
 */
async function start(upload) {
  const [earlier] = await upload.findPreviousUploads();
  if (earlier) upload.resumeFromPreviousUpload(earlier);
  upload.start();
}

/**
 * @param {string} address
 * @param {string} text
 */
function link(address, text) {
  const element = document.createElement("a");
  element.href = address;
  element.textContent = text;
  return element;
}

/**
 * Whether the server has answered, and would answer the same again.
 * @param {Error | import("tus-js-client").DetailedError} error
 */
function isRefusal(error) {
  const status = (error instanceof tus.DetailedError && error.originalResponse?.getStatus()) || 0;
  return status >= 400 && status < 500 && status !== 409;
}

/**
 * Asks until there is an answer of whatever kind; rejects when that has taken too long.
 * @param {() => Promise<Response>} ask
 */
async function persist(ask) {
  for (const pause of RETRY_AFTER) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof LoggedOutError) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return ask();
}

function sendNext() {
  while (running < AT_ONCE) {
    const next = waiting.shift();
    if (!next) return;
    running += 1;
    next.send().finally(() => {
      running -= 1;
      sendNext();
    });
  }
}
