// @ts-check
// A part of the page that is asked to come anew ("refresh") while an answer for it is on its way comes once more after
// that, which may be older. What htmx itself keeps waiting goes with the element that is replaced. And none is replaced by
// itself while a pointer is pressed in it, as the click would lead nowhere: it comes anew when that is over.
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

/** @type {Element | null} */
let pressed = null;
/** @type {Set<Element>} */
const putOff = new Set();

addEventListener("pointerdown", ({ target, button }) => {
  pressed = target instanceof Element && !button ? target : null;
}, { capture: true });

function release() {
  pressed = null;
  for (const part of putOff) if (part.isConnected) htmx.trigger(part, "refresh");
  putOff.clear();
}
for (const event of ["pointerup", "pointercancel"]) addEventListener(event, () => setTimeout(release)); // after the click

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig.elt !== target || !target.contains(pressed)) return;
  event.detail.shouldSwap = false;
  putOff.add(target);
});
