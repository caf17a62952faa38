// @ts-check
// The characters of a line of which the engine was not sure, under its editor: what else they may be, to be picked by
// Alt and a digit.
import { closest, find, get } from "../dom.js";
import { fill } from "../words.js";
import { reader } from "./page.js";

const MOST = 9; // digits

/**
 * Offers candidates in an editor, if there are any for the text that it holds.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} line
 */
export function offer(form, line) {
  const { text = "", read, doubts } = line.dataset;
  const place = get(".editor-doubts", HTMLElement, form);
  if (!doubts || text !== read) return;
  const template = get("button", HTMLButtonElement, place);
  let digit = 1;
  for (const [index, percent, ...candidates] of JSON.parse(doubts)) {
    const character = [...text][index];
    for (const candidate of candidates) {
      if (digit > MOST) break;
      const button = /** @type {HTMLButtonElement} */ (template.cloneNode(true));
      Object.assign(button.dataset, { index, candidate, digit });
      button.title = fill(place.dataset.words, { character, confidence: `${percent}%`, candidate });
      get("kbd", HTMLElement, button).textContent = String(digit);
      get("s", HTMLElement, button).textContent = character;
      get("b", HTMLElement, button).textContent = candidate;
      button.hidden = false;
      place.append(button);
      digit += 1;
    }
  }
  place.hidden = digit === 1;
}

/**
 * Puts a candidate in the place of its character; a text of another length by now has no such place.
 * @param {HTMLButtonElement} button
 */
function pick(button) {
  const form = /** @type {HTMLFormElement} */ (button.form);
  const field = get("#correction", HTMLInputElement, form);
  const characters = [...field.value];
  const read = [...(get("a.line", HTMLElement, /** @type {Element} */ (form.parentElement)).dataset.read ?? "")];
  if (characters.length === read.length) {
    characters[Number(button.dataset.index)] = button.dataset.candidate ?? "";
    field.value = characters.join("");
  }
  field.focus();
}

reader.addEventListener("click", (event) => {
  const button = closest(event, ".editor-doubts button", HTMLButtonElement);
  if (button) pick(button);
});
reader.addEventListener("keydown", (event) => {
  const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1];
  const form = closest(event, "form.editor");
  if (!digit || !form || !event.altKey || event.ctrlKey || event.metaKey) return;
  const button = find(`.editor-doubts button[data-digit="${digit}"]`, HTMLButtonElement, form);
  if (!button) return;
  event.preventDefault();
  pick(button);
});
