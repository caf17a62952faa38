// @ts-check
// During a run, its summary is fetched every second (poll.js); this brings the strip and the open page up to date.
import { findAll, get } from "../dom.js";
import { announce, onPage, page, refreshText } from "./page.js";

const panel = get("#progress");
const strip = get("#strip");
/** @type {Record<string, string>} */
const STATES = { q: "queued", r: "running", d: "done", f: "failed" };
const ANNOUNCEMENTS = 4; // how often in the whole run a screen reader hears of it

let announced = 0;
let isMissed = false; // the state of the page in sight has changed while that page was on its way

/**
 * @param {HTMLElement} thumb
 * @param {string} state
 */
function showState(thumb, state) {
  thumb.dataset.state = state;
  get(".thumb-state", HTMLElement, thumb).textContent = strip.dataset[state] ?? "";
  const place = get(".thumb-picture", HTMLElement, thumb);
  if (state !== "done" || place.firstElementChild) return;
  const picture = new Image();
  picture.alt = "";
  picture.loading = "lazy";
  picture.src = thumb.dataset.picture ?? "";
  place.append(picture);
}

/**
 * Brings the page in sight anew, unless it is as far as its picture in the strip already: somebody may be at work in it.
 * @param {string | undefined} state of the picture
 */
function catchUp(state) {
  isMissed = page().classList.contains("htmx-request");
  if (!isMissed && page().dataset.state !== state) htmx.trigger(page(), "refresh");
}

/**
 * Brings every page whose state has changed up to date; the page in sight comes anew.
 * @param {string} states the initials of the pages' states
 */
function update(states) {
  findAll(".thumb", HTMLElement, strip).forEach((thumb, index) => {
    const state = STATES[states[index]];
    if (thumb.dataset.state === state) return;
    showState(thumb, state);
    if (thumb.dataset.number === page().dataset.number) catchUp(state);
  });
}

/** @param {HTMLElement} line */
function tell(line) {
  const bar = get("progress", HTMLProgressElement, line);
  const part = Math.floor((ANNOUNCEMENTS * bar.value) / bar.max);
  if (part === announced) return;
  announced = part;
  announce(get(".progress-count", HTMLElement, line).textContent ?? "");
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== panel) return;
  const line = get(".progress-line", HTMLElement, panel);
  update(line.dataset.states ?? "");
  tell(line);
  if (!line.dataset.finished) return;
  refreshText();
  htmx.trigger("#run-list", "refresh"); // and no form beside it, which somebody may be filling in
});

onPage(() => {
  if (isMissed) catchUp(get(`.thumb[data-number="${page().dataset.number}"]`, HTMLElement, strip).dataset.state);
});
