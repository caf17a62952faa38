// @ts-check
// Choosing documents in the list: Shift for a range, the keyboard, and all of the page.
import { closest, find, findAll, get } from "./dom.js";
import { hasModifier } from "./keyboard.js";
import { fill } from "./words.js";

const library = get("#library");
const bar = get("form#bulk", HTMLFormElement);
const count = get("#bulk-count");

/** @type {Set<string>} */
const chosen = new Set();
/** @type {string | null} */
let last = null;

const boxes = () => findAll(".pick", HTMLInputElement, library);

function show() {
  const checked = boxes().filter((box) => box.checked);
  chosen.clear();
  for (const box of checked) chosen.add(box.value);
  bar.classList.toggle("is-shown", checked.length > 0);
  count.textContent = fill(count.dataset.words, { n: checked.length });
  const all = find("#pick-all", HTMLInputElement);
  if (!all) return;
  all.hidden = false;
  get("#pick-all + *").hidden = false;
  all.checked = checked.length === boxes().length;
  all.indeterminate = checked.length > 0 && !all.checked;
}

/**
 * Chooses a box, and with Shift all from the one before it.
 * @param {HTMLInputElement} box
 * @param {boolean} isRange
 */
function choose(box, isRange) {
  const all = boxes();
  const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)].sort((a, b) => a - b);
  if (isRange && from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  last = box.value;
}

library.addEventListener("click", (event) => {
  const box = closest(event, ".pick, #pick-all", HTMLInputElement);
  if (!box) return;
  if (box.id === "pick-all") for (const each of boxes()) each.checked = box.checked;
  else choose(box, event.shiftKey);
  show();
});
bar.addEventListener("reset", () => setTimeout(show));

// The list is drawn anew while documents are being read; what was chosen stays so. (htmx keeps the focus on what has an
// id, without scrolling there.)
document.addEventListener("htmx:afterSwap", () => {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
});

// In the list, X chooses the document at hand, J and K go down and up, and Escape lets go of all.
const boxAtHand = () => find(".document:focus-within .pick", HTMLInputElement);

/** @param {number} way */
function step(way) {
  const all = boxes();
  const box = boxAtHand();
  const here = box ? all.indexOf(box) : -1;
  all[Math.min(all.length - 1, Math.max(0, here + way))]?.focus();
}
document.addEventListener("keydown", (event) => {
  if (!closest(event, "#history") || hasModifier(event)) return;
  const box = boxAtHand();
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key.toLowerCase() === "x" && box) box.click();
  else if (event.key === "Escape" && chosen.size) bar.reset();
  else return;
  event.preventDefault();
});

show();
