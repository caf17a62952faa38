// @ts-check
// Nothing seems saved that is not, and nothing that was typed is lost without a word.
//
// An editor tells of its form (`guard`). While a field of it differs from what it began with, the browser asks before the
// page is left, nothing loads the page anew by itself, and a fragment that would replace the editor waits for it. What is
// on its way to the server holds the window, and its page of the document, in the same way (`holdWindow`, `holdPage`).
import { findAll, get } from "./dom.js";
import { LoggedOutError, tell } from "./server.js";

/**
 * By form: what becomes of what is typed in it.
 * @type {WeakMap<HTMLFormElement, () => boolean | Promise<boolean>>}
 */
const settlers = new WeakMap();

/**
 * From now on nothing typed into `form` is lost: whoever would replace it calls `settle` first, which saves what is
 * typed, or says that it is not saved, and resolves with whether one may go on.
 * @param {HTMLFormElement} form
 * @param {() => boolean | Promise<boolean>} settle
 */
export function guard(form, settle) {
  settlers.set(form, settle);
}

/** @type {(() => boolean)[]} */
const windowHolds = [];
/** @type {((number: string) => Promise<void>)[]} */
const pageHolds = [];

/**
 * From now on the browser asks before the window is left while `isHeld`.
 * @param {() => boolean} isHeld
 */
export function holdWindow(isHeld) {
  windowHolds.push(isHeld);
}

/**
 * From now on a page of a document, by its number, comes anew only when `settled` resolves.
 * @param {(number: string) => Promise<void>} settled
 */
export function holdPage(settled) {
  pageHolds.push(settled);
}

/** Whether something would be lost if the page came anew. */
export const isHeld = () => unsaved().length > 0 || windowHolds.some((held) => held());

/** @param {HTMLFormElement} form */
function typedFields(form) {
  return findAll("input", HTMLInputElement, form).filter(({ value, defaultValue }) => value !== defaultValue);
}

/**
 * The guarded forms with something in them that is not saved.
 * @param {{ within?: ParentNode, besides?: Element | null }} [where]
 */
export function unsaved({ within = document, besides = null } = {}) {
  return findAll("form", HTMLFormElement, within).filter(
    (form) => form !== besides && settlers.has(form) && typedFields(form).length > 0,
  );
}

/** Whether one may go on, after what is typed has been saved. */
export async function settle(forms = unsaved()) {
  for (const form of forms) if (!(await settlers.get(form)?.())) return false;
  return true;
}

document.addEventListener("htmx:confirm", (event) => {
  const { target, path, issueRequest } = event.detail;
  const forms = unsaved({ within: target });
  const number = target.id === "page" ? path.match(/\/pages\/(\d+)\//)?.[1] : undefined;
  if (!forms.length && !number) return;
  event.preventDefault();
  settle(forms).then(async (may) => {
    if (!may) return;
    for (const settled of number ? pageHolds : []) await settled(number ?? "");
    issueRequest(true);
  });
});
addEventListener("beforeunload", (event) => {
  if (isHeld()) event.preventDefault();
});

/** The page tells nothing any more. */
function empty() {
  get("#main").replaceChildren();
  document.title = "ocrsite";
}

/** The session has ended: the page comes anew, which asks to log in; not while something typed can be saved after that. */
export function endSession() {
  if (isHeld()) {
    tell(new LoggedOutError());
    return;
  }
  empty();
  location.reload();
}

/** What the page is about has gone: it says so when it comes anew. What was typed stays in sight instead, to be copied. */
export function leave() {
  const texts = unsaved().flatMap(typedFields).map((field) => field.value);
  empty();
  if (!texts.length) {
    location.reload();
    return;
  }
  const notice = get("#gone");
  get("q", HTMLQuoteElement, notice).textContent = texts.join(" ");
  notice.hidden = false;
}
