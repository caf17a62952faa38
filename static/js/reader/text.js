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
  const [parts, gap] = source === text ? [".text-lines", "\n\n"] : ["li:not([hidden]) .line-text", "\n"];
  return findAll(parts, HTMLElement, source).map((part) => part.textContent).join(gap);
}

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
