// @ts-check
// What this person wrote where somebody else was quicker, or which the server refused: it stays below its line, to be
// written over the other text or discarded. It waits for its page, if another one is in sight by now.
import { closest, copyOf, get } from "../dom.js";
import { holdWindow } from "../unsaved.js";
import { fill } from "../words.js";
import { create, discard, lineAt } from "./line-view.js";
import { focusLine, goToPage, isProvisional, itemOf, nameOf, onPage, page, reader } from "./page.js";

const words = get("#contested", HTMLTemplateElement).dataset;
const elsewhere = get("#contested-elsewhere");

/**
 * By page and line: what was to be written, and over what, if the server said that.
 * @type {Map<string, { state: LineState, theirs: LineData | null, overwrite: () => void }>}
 */
const texts = new Map();

/** @param {{ page: string, key: string }} state */
const placeOf = ({ page: number, key }) => `${number}/${nameOf(key)}`;

/**
 * @param {LineState} state that was not written
 * @param {LineData | null} theirs what stands there now, if that was said
 * @param {() => void} overwrite
 */
export function contest(state, theirs, overwrite) {
  const known = texts.get(placeOf(state));
  texts.set(placeOf(state), { state, theirs: theirs ?? known?.theirs ?? null, overwrite });
  showAll();
}

function showAll() {
  for (const old of reader.querySelectorAll(".contested")) old.remove();
  for (const [name, { state, theirs }] of texts) {
    const isHere = state.page === page().dataset.number;
    if (isHere && isProvisional(state.key) && !lineAt(state)) create(state); // the page has come anew
    const line = lineAt(state);
    if (line) itemOf(line).append(note(name, state, theirs));
  }
  const [away] = [...texts.values()].filter(({ state }) => state.page !== page().dataset.number);
  elsewhere.hidden = !away;
  if (away) get("button", HTMLButtonElement, elsewhere).dataset.page = away.state.page;
  if (away) get("span", HTMLSpanElement, elsewhere).textContent = fill(elsewhere.dataset.text, { number: away.state.page });
}

/**
 * @param {string} name
 * @param {LineState} state
 * @param {LineData | null} theirs
 */
function note(name, { text }, theirs) {
  const element = copyOf("#contested", HTMLDivElement);
  element.dataset.contested = name;
  const said = theirs?.author ? words.conflict : theirs ? words.withdrawn : words.refused;
  get("p", HTMLParagraphElement, element).textContent = fill(said, { author: theirs?.author ?? "", text: theirs?.text ?? "" });
  get("q", HTMLQuoteElement, element).textContent = text;
  return element;
}

reader.addEventListener("click", (event) => {
  const button = closest(event, "[data-contested] button", HTMLButtonElement);
  const name = button?.closest("[data-contested]")?.getAttribute("data-contested") ?? "";
  const kept = texts.get(name);
  if (!kept || !button) return;
  texts.delete(name);
  showAll();
  focusLine(kept.state.key);
  if (button.value === "overwrite") kept.overwrite();
  else if (isProvisional(kept.state.key)) discard(kept.state);
});
elsewhere.addEventListener("click", (event) => {
  const number = closest(event, "button", HTMLButtonElement)?.dataset.page;
  if (number) goToPage(number);
});
onPage(showAll);
holdWindow(() => texts.size > 0);
