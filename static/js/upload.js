// @ts-check
// Uploads: files are dropped, chosen, photographed or pasted.
import { findAll, get } from "./dom.js";
import { holdWindow } from "./unsaved.js";
import { Group } from "./upload/group.js";
import { Transfer, isUnfinished } from "./upload/transfer.js";
import { timeOfDay } from "./upload/units.js";
import { fill } from "./words.js";

const form = get("#upload", HTMLFormElement);
const veil = get("#drop-veil");
const byName = new Intl.Collator(document.documentElement.lang, { numeric: true });

/**
 * Clipboard pictures are all called image.png: the time tells them apart.
 * @param {File} file
 */
function pastedName(file) {
  return `${fill(form.dataset.pasted, { time: timeOfDay() })}.${file.type.split("/")[1] ?? "png"}`;
}

/**
 * @param {Iterable<File> | null | undefined} files
 * @param {(file: File) => string} [nameOf]
 */
function take(files, nameOf = (file) => file.name) {
  const named = [...(files ?? [])].map((file) => ({ file, name: nameOf(file) }));
  const group = get("#together", HTMLInputElement).checked && named.length > 1 ? new Group() : null;
  if (group) named.sort((a, b) => byName.compare(a.name, b.name));
  for (const { file, name } of named) new Transfer(file, name, group);
}

for (const input of findAll("input[type=file]", HTMLInputElement, form)) {
  const takeChosen = () => {
    take([...(input.files ?? [])]);
    input.value = "";
  };
  input.addEventListener("change", takeChosen);
  takeChosen(); // on a slow line somebody may have been quicker than this script
}

// Dragging fires enter and leave for every element passed: count them to know when the page itself is left.
let depth = 0;
/** @param {DragEvent} event */
const hasFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
addEventListener("dragenter", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", ++depth > 0);
});
addEventListener("dragleave", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", --depth > 0);
});
addEventListener("dragover", (event) => {
  if (hasFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  veil.classList.remove("is-shown");
  take(event.dataTransfer?.files);
});
addEventListener("paste", (event) => take(event.clipboardData?.files, pastedName));

holdWindow(isUnfinished);
