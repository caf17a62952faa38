// @ts-check
// Turning pages: by keys, by swiping, by number, and along the strip. The picture fits its pane or its width.
import { closest, find, get, reveal } from "../dom.js";
import { isFree } from "../keyboard.js";
import { fill } from "../words.js";
import { announce, image, onPage, page, reader } from "./page.js";

const SWIPE = 60; // pixels

const strip = get("#strip");

let fitsWidth = false;

/** @param {string | number} number */
const thumbOf = (number) => find(`.thumb[data-number="${number}"]`, HTMLAnchorElement, strip);

function fit() {
  get("#picture").classList.toggle("fits-width", fitsWidth);
  get("#fit-width").setAttribute("aria-pressed", String(fitsWidth));
}

/**
 * Turns to the page at the left or at the right, which is the next one in a book in vertical writing.
 * @param {"left" | "right"} side
 */
export function turn(side) {
  find(`[data-turn=${side}][href]`, HTMLAnchorElement, page())?.click();
}

function prefetch() {
  const number = Number(page().dataset.number);
  const address = image()?.getAttribute("href");
  if (!address) return;
  for (const near of [number + 1, number - 1]) {
    if (thumbOf(near)?.dataset.state === "done") new Image().src = address.replace(`/pages/${number}/`, `/pages/${near}/`);
  }
}

/** After a page came in: strip and picture catch up with it. */
function arrived() {
  strip.querySelector("[aria-current]")?.removeAttribute("aria-current");
  const thumb = thumbOf(page().dataset.number ?? "");
  thumb?.setAttribute("aria-current", "page");
  reveal(thumb, strip);
  fit();
  prefetch();
}

reader.addEventListener("click", (event) => {
  if (closest(event, "#read-again")) get("#page-again", HTMLDialogElement).showModal();
  if (!closest(event, "#fit-width")) return;
  fitsWidth = !fitsWidth;
  fit();
});

reader.addEventListener("submit", (event) => {
  const form = closest(event, ".go-to", HTMLFormElement);
  if (!form) return;
  event.preventDefault();
  thumbOf(Number(get("#page-number", HTMLInputElement, form).value))?.click();
});

document.addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key) || !isFree(event) || closest(event, ".dropdown-menu")) return;
  event.preventDefault();
  turn(event.key === "ArrowLeft" ? "left" : "right");
});

/** @type {Touch | null} */
let touch = null;
reader.addEventListener("touchstart", (event) => {
  const inPicture = closest(event, "#picture:not(.fits-width, .is-zoomed)") && event.touches.length === 1;
  touch = inPicture ? event.touches[0] : null;
}, { passive: true });
reader.addEventListener("touchend", (event) => {
  if (!touch) return;
  const [x, y] = [event.changedTouches[0].clientX - touch.clientX, event.changedTouches[0].clientY - touch.clientY];
  touch = null;
  // The finger pulls the page away, so the one from the other side comes in.
  if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) turn(x > 0 ? "left" : "right");
});

onPage(() => {
  arrived();
  const { number = "", total = "" } = page().dataset;
  announce(fill(strip.dataset.announcement, { number, total }));
});
arrived();
