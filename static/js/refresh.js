// @ts-check
// A part of the page that is asked to come anew ("refresh") while an answer for it is on its way comes once more after
// that, which may be older. What htmx itself keeps waiting goes with the element that is replaced.
import { closest } from "./dom.js";

/** @type {Set<string>} */
const late = new Set(); // ids

document.addEventListener("refresh", (event) => {
  const asked = closest(event, '.htmx-request[hx-swap="outerHTML"]');
  if (asked && asked === event.target) late.add(asked.id);
}, { capture: true });

document.addEventListener("htmx:afterSettle", () => {
  const ids = [...late];
  late.clear();
  for (const id of ids) if (document.getElementById(id)) htmx.trigger(`#${id}`, "refresh");
});
