// @ts-check
// The changes of this window on their way to the server, one after the other in the order in which they were made.
//
// What a change is made to has a version, which the answer to the change before it tells. So the body of a change is
// made when its turn has come, and keys may be as quick as they like. Whoever makes a change shows it at once. While
// nobody answers, or nobody is logged in, the changes wait here and are sent again; the browser asks before they are lost.
import { find } from "../dom.js";
import { LoggedOutError, request, tell } from "../server.js";
import { holdPage, holdWindow } from "../unsaved.js";
import { fill } from "../words.js";

const AGAIN = 2_000; // milliseconds until a change is sent again to a server that did not answer
const LONGEST = 30_000;
const UNAVAILABLE = [429, 502, 503, 504];

/**
 * What somebody was looking at when they made a change of a place: `seen`, the number that the server gave it. It comes
 * with the answer to the change that makes it; `failed` where there is none, because somebody else was quicker.
 */
class Version {
  /**
   * @param {string} place
   * @param {number | null} [seen]
   */
  constructor(place, seen) {
    this.place = place;
    this.seen = seen;
    this.failed = false;
  }

  toJSON() {
    return { place: this.place, seen: this.seen };
  }
}

/** @type {Map<string, Version[]>} */
const versions = new Map();

/**
 * What the server has numbered `seen` at a place of the document; the same object for all who ask.
 * @param {string} place such as "3/order"
 * @param {number | null} seen
 */
export function versionAt(place, seen) {
  const known = versions.get(place)?.find((version) => version.seen === seen && !version.failed);
  return known ?? noted(new Version(place, seen));
}

/**
 * The version that a change is about to make.
 * @param {string} place
 */
export const nextVersion = (place) => noted(new Version(place));

/** @param {Version} version */
function noted(version) {
  versions.set(version.place, [...(versions.get(version.place) ?? []), version]);
  return version;
}

/**
 * A change on its way. `fields`: what is sent, asked for when its turn has come; null where nothing is to be sent any
 * more. `done`: told what the server answered. `replaces`: a change of this name that still waits is not sent any more,
 * and this one is made to what it would have been made to, `from`. `arranges`: it moves lines and blocks of its page; where they
 * stand then is "shown", or "unknown" until the server has answered.
 * @typedef {{
 *   page: string, address: string, arranges?: "shown" | "unknown", replaces?: string, from?: SeenVersion,
 *   fields: (from: SeenVersion | undefined) => Record<string, string> | null,
 *   done: (answer: Answer) => void,
 * }} Write
 */

/** @type {Write[]} */
const waiting = [];
/** @type {(() => void)[]} */
let idle = [];
let sending = false;
let patience = AGAIN;
/** @type {(() => void) | null} */
let retry = null;

/**
 * How many changes have been made of each page.
 * @type {Map<string, number>}
 */
const made = new Map();

/** @param {string} page its number */
export const changesOf = (page) => made.get(page) ?? 0;

/** @param {Write} write */
export function enqueue(write) {
  made.set(write.page, changesOf(write.page) + 1);
  if (write.replaces) {
    const first = sending ? 1 : 0; // the first is under way
    const place = waiting.findIndex((other, index) => index >= first && other.replaces === write.replaces);
    if (place >= 0) [{ from: write.from }] = waiting.splice(place, 1);
  }
  waiting.push(write);
  show();
  if (!sending) run();
}

/**
 * Whether changes are on their way: of a page, or any.
 * @param {string} [page] its number
 */
export const isWaiting = (page) => waiting.some((write) => !page || write.page === page);

/**
 * Whether changes are on their way after which lines and blocks of a page may stand elsewhere.
 * @param {string} page its number
 * @param {"unknown"} [only] those of which the page does not show that
 */
export const isArranging = (page, only) =>
  waiting.some((write) => write.page === page && write.arranges && (!only || write.arranges === only));

/**
 * Whether a change is the last one that waits for its turn: what is done now may be sent with it.
 * @param {Write | null} write
 */
export const isLast = (write) => waiting.length > 1 && waiting.at(-1) === write; // the first is under way

/** Resolves when all changes made so far have been answered. */
export async function arrived() {
  if (waiting.length) await new Promise((/** @type {(value?: any) => void} */ resolve) => idle.push(resolve));
}

async function run() {
  sending = true;
  while (waiting.length) {
    const [write] = waiting;
    const fields = write.fields(write.from);
    const answer = fields ? await send(write.address, fields) : { outcome: /** @type {const} */ ("dropped"), state: {} };
    await dropped();
    waiting.shift();
    write.done(answer);
    show();
  }
  sending = false;
  for (const resolve of idle.splice(0)) resolve();
}

/** Resolves once nothing is dragged: an answer that moves lines or blocks would take them out of somebody's hand. */
async function dropped() {
  while (find(".is-dragged")) {
    await new Promise((/** @type {(value?: any) => void} */ resolve) => {
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, resolve, { once: true });
    });
  }
}

/**
 * @param {string} address
 * @param {Record<string, string>} fields
 * @returns {Promise<Answer>}
 */
async function send(address, fields) {
  for (;;) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    try {
      const answer = await request(address, body);
      if (!UNAVAILABLE.includes(answer.status)) {
        patience = AGAIN;
        const noConnection = find("#no-connection");
        if (noConnection) noConnection.hidden = true;
        const state = await answer.json().catch(() => ({}));
        return { outcome: answer.ok ? "written" : answer.status === 409 ? "conflict" : "refused", state };
      }
      tell(new Error(answer.statusText));
    } catch (error) {
      tell(error);
      if (error instanceof LoggedOutError) patience = AGAIN; // somebody logs in next door
    }
    await pause();
  }
}

/** Waits until it is worth trying again. */
async function pause() {
  await new Promise((/** @type {(value?: any) => void} */ resolve) => {
    retry = resolve;
    setTimeout(resolve, patience);
  });
  retry = null;
  patience = Math.min(2 * patience, LONGEST);
}

for (const event of ["online", "focus"]) addEventListener(event, () => retry?.());

/** Says beside the page how many changes are not saved yet. */
function show() {
  const place = find("#saving");
  if (!place) return;
  place.hidden = !waiting.length;
  place.textContent = fill(place.dataset.saving, { count: waiting.length });
}

document.body.addEventListener("htmx:afterSettle", show);
holdWindow(() => waiting.length > 0);
holdPage(async (number) => {
  if (isWaiting(number)) await arrived();
});
