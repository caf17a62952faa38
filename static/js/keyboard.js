// @ts-check
// Keys by which an open page is worked. They mean something else in a field, and nothing under a dialog.
import { closest, find } from "./dom.js";

/** @param {KeyboardEvent} event */
export function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/**
 * Whether a key pressed is ours: by itself, with no dialog open, and not typed into a field.
 * @param {KeyboardEvent} event
 */
export function isFree(event) {
  const typed = closest(event, "input, select, textarea, [contenteditable]");
  return !hasModifier(event) && !typed && !find("dialog[open]");
}

/**
 * Does `action` whenever `key` is pressed.
 * @param {string} key in lower case
 * @param {(event: KeyboardEvent) => void} action
 */
export function onKey(key, action) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === key && isFree(event)) action(event);
  });
}
