// @ts-check
// What an open page shows of documents and folders (data-document, data-folder) goes from it when its reader may not see
// it any more: asked when somebody looks again, and now and then while they look.
import { findAll } from "./dom.js";
import { LoggedOutError, request } from "./server.js";
import { endSession, leave } from "./unsaved.js";

const EVERY = 45_000; // milliseconds
const TOO_SOON = 1_000; // several events tell of one return
const AT_ONCE = 50; // addresses have an end

const address = document.body.dataset.gone;

let last = Date.now();

/**
 * What the page shows of a kind: pairs of it and a number.
 * @param {"document" | "folder"} kind
 */
function shown(kind) {
  const numbers = findAll(`[data-${kind}]`).map((element) => element.dataset[kind] ?? "");
  return [...new Set(numbers)].map((number) => [kind, number]);
}

/**
 * @param {string} kind
 * @param {string} number
 */
function remove(kind, number) {
  for (const element of findAll(`[data-${kind}="${number}"]`)) {
    if (!element.closest("[data-entries]")) {
      leave();
      return;
    }
    element.remove();
    if (document.getElementById("history")) htmx.trigger("#history", "refresh"); // what it counted has changed
  }
}

/** @param {string[][]} part */
async function ask(part) {
  const answer = await request(`${address}?${new URLSearchParams(part)}`);
  if (!answer.ok) return;
  for (const [kind, numbers] of Object.entries(await answer.json())) for (const number of numbers) remove(kind, number);
}

async function look() {
  if (document.hidden || Date.now() - last < TOO_SOON) return;
  last = Date.now();
  const all = [...shown("document"), ...shown("folder")];
  try {
    for (let start = 0; start < all.length; start += AT_ONCE) await ask(all.slice(start, start + AT_ONCE));
  } catch (error) {
    if (error instanceof LoggedOutError) endSession(); // else nobody answers, and it is asked again
  }
}

setInterval(look, EVERY);
for (const event of ["focus", "online"]) addEventListener(event, look);
document.addEventListener("visibilitychange", look);

// A page that comes back from the browser's memory is as old as that.
const [navigation] = performance.getEntriesByType("navigation");
const comesBack = navigation instanceof PerformanceNavigationTiming && navigation.type === "back_forward";
addEventListener("pageshow", (event) => {
  if (event.persisted || comesBack) {
    last = 0;
    look();
  }
});
