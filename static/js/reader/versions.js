// @ts-check
// Which of its three texts each line shows: as it stands, as it was read, or as printed; the whole text with them.
import { closest, findAll } from "../dom.js";
import { lines, onPage, reader, refreshText, textOf } from "./page.js";

/** @type {Record<string, string>} */
const NAMES = { corrected: "text", converted: "read", raw: "raw" };

let version = "corrected";

/** @param {HTMLElement} line */
function show(line) {
  const place = textOf(line);
  const text = line.dataset[NAMES[version]] ?? "";
  if (place.textContent !== text) place.textContent = text; // what is searched stays marked in it
}

function showAll() {
  for (const choice of findAll(".version", HTMLSelectElement)) choice.value = version;
  for (const line of lines()) show(line);
}

document.addEventListener("change", (event) => {
  const choice = closest(event, ".version", HTMLSelectElement);
  if (!choice) return;
  version = choice.value;
  showAll();
  refreshText();
});
reader.addEventListener("line:changed", (event) => {
  show(/** @type {HTMLElement} */ (event.target));
  refreshText();
});
onPage(showAll);
showAll(); // a browser may have kept the choice over a reload
