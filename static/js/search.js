// @ts-check
// The search box: "/" leads to it from anywhere but a field. And where the keyboard goes on in further hits.
import { closest, find } from "./dom.js";
import { onKey } from "./keyboard.js";

onKey("/", (event) => {
  const box = find("[data-search-box]", HTMLInputElement);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// They take the place of the link that asked for them.
document.addEventListener("htmx:afterSwap", (event) => {
  const hits = closest(event, ".hit-groups");
  if (hits && document.activeElement === document.body) find("a", HTMLAnchorElement, hits)?.focus({ preventScroll: true });
});
