// @ts-check
// Copies the text, with or without special characters.
import { closest, findAll, get } from "../dom.js";

const words = get("#whole-text").dataset;
const text = get("#text");
const strip = get("#strip-special", HTMLInputElement);

const SPECIAL = /[~#$%&()<=>"～＃＄％＆（）＜＝＞]/g; // what table and mark-up programs stumble over
const RESTORE_AFTER = 2000; // milliseconds

/**
 * The text of each page as it came.
 * @type {WeakMap<HTMLElement, string>}
 */
const originals = new WeakMap();

function showText() {
  for (const page of findAll(".text-lines", HTMLElement, text)) {
    const original = originals.get(page) ?? page.textContent ?? "";
    originals.set(page, original);
    page.textContent = strip.checked ? original.replace(SPECIAL, "") : original;
  }
}

/** @param {HTMLElement} source */
function content(source) {
  if (source === text) return findAll(".text-lines", HTMLElement, source).map((part) => part.textContent).join("\n\n");
  return [...source.children].flatMap((entry) => (entry.matches(".block-table") ? rows(entry) : lines(entry))).join("\n");
}

/**
 * The texts of the lines that the slider leaves in sight.
 * @param {Element} place
 */
const lines = (place) => findAll(".line-text", HTMLElement, place)
  .filter((part) => !part.closest("[hidden]")).map((part) => part.textContent ?? "");

/**
 * The rows of a table, with tabs between the cells.
 * @param {Element} entry
 */
const rows = (entry) => findAll("tr", HTMLElement, entry).map((row) => [...row.children].map((cell) => lines(cell).join(" ")).join("\t"));

/** @param {HTMLElement} button */
async function copy(button) {
  const label = get("span", HTMLSpanElement, button);
  const before = (button.dataset.label ??= label.textContent ?? "");
  try {
    await navigator.clipboard.writeText(content(get(button.dataset.copy ?? "")));
    label.textContent = words.copied ?? "";
  } catch {
    label.textContent = words.refused ?? "";
  }
  setTimeout(() => (label.textContent = before), RESTORE_AFTER);
}

strip.addEventListener("change", showText);
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === text) showText();
});
document.addEventListener("click", (event) => {
  const button = closest(event, "[data-copy]");
  if (button) copy(button);
});
