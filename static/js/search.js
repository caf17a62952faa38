// @ts-check
// The search box: "/" leads to it from anywhere but a field.
import { find } from "./dom.js";
import { onKey } from "./keyboard.js";

onKey("/", (event) => {
  const box = find("[data-search-box]", HTMLInputElement);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
