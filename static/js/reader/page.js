// @ts-check
// The page in sight: its parts, its lines, and how it comes anew.
//
// #page is replaced at every turn, so nothing in it is kept, and all events are caught on #reader, which stays.
import { closest, find, findAll, get } from "../dom.js";
import { arrived, changesOf } from "./writes.js";

export const reader = get("#reader");

const QUIET = 800; // milliseconds

const announcement = get("#announcement");

export const page = () => get("#page");

/** The picture of the page with the polygons of its lines; null while the page has not been drawn. */
export const sheet = () => find("svg.sheet", SVGSVGElement, page());

/** The picture of the page by itself. */
export const image = () => find("svg.sheet image", SVGImageElement, page());

/** The lines of the page in reading order. */
export const lines = () => findAll("a.line", HTMLAnchorElement, page());

/** Those in sight: the slider may hide some. */
export const visibleLines = () => lines().filter((line) => !itemOf(line).hidden);

/**
 * The entry of the list that holds a line, its editor and its buttons.
 * @param {Element} line
 */
export const itemOf = (line) => /** @type {HTMLElement} */ (line.closest(".line-item"));

const PROVISIONAL = "new-"; // begins the key of a line that the server does not have yet

/**
 * By provisional key, the one that the server has given the line since.
 * @type {Map<string, string>}
 */
const names = new Map();
let drawn = 0;

/** A key for a line that was just drawn. It stands for the line also when the server has named it. */
export const provisionalKey = () => `${PROVISIONAL}${Date.now().toString(36)}-${(drawn += 1)}`;

/** @param {string} key as the server has it, as far as it has one */
export const nameOf = (key) => names.get(key) ?? key;

/** @param {string} key */
export const isProvisional = (key) => nameOf(key).startsWith(PROVISIONAL);

/**
 * @param {string} key a provisional one
 * @param {string} name that the server has given
 */
export function named(key, name) {
  names.set(key, name);
}

/** @param {string | null | undefined} key */
export const lineOf = (key) => find(`a.line[data-line="${nameOf(key ?? "")}"]`, HTMLAnchorElement, page());

/** @param {string | null | undefined} key */
export const polygonOf = (key) => find(`polygon[data-line="${nameOf(key ?? "")}"]`, SVGPolygonElement, page());

export const selectedLine = () => find("a.line[aria-current]", HTMLAnchorElement, page());

/** @param {Element} line */
export const textOf = (line) => get(".line-text", HTMLElement, line);

/**
 * The key of the line, in the list or in the picture, at which an event happened.
 * @param {Event} event
 */
export const keyAt = (event) => closest(event, "[data-line]", Element)?.getAttribute("data-line") ?? null;

/**
 * Puts the keyboard on a line, if it is there, without scrolling.
 * @param {string | null | undefined} key
 */
export function focusLine(key) {
  lineOf(key)?.focus({ preventScroll: true });
}

/**
 * Brings another page.
 * @param {string} number of the page
 */
export async function goToPage(number) {
  const address = get(`.thumb[data-number="${number}"]`).getAttribute("hx-get") ?? "";
  await htmx.ajax("get", address, { target: "#page", swap: "outerHTML" });
}

/** Brings the page in sight as the server has it now, with the same line selected and the same parts in sight. */
export async function refresh() {
  const boxes = [".lines", "#picture"];
  const scrolled = boxes.map((box) => find(box, HTMLElement, page())).map((box) => ({ left: box?.scrollLeft, top: box?.scrollTop }));
  const address = `${page().getAttribute("hx-get")}&line=${selectedLine()?.dataset.line ?? ""}`;
  await htmx.ajax("get", address, { target: "#page", swap: "outerHTML" });
  boxes.forEach((box, index) => find(box, HTMLElement, page())?.scrollTo(scrolled[index]));
  refreshText();
}

/**
 * The changes of a page that were known when it was asked for.
 * @type {WeakMap<XMLHttpRequest, number>}
 */
const known = new WeakMap();

/** @param {HtmxEvent["detail"]} detail */
const numberIn = ({ target, pathInfo }) => target.id === "page" && pathInfo.requestPath.match(/\/pages\/(\d+)\//)?.[1];

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const number = numberIn(detail);
  if (number) known.set(detail.xhr, changesOf(number));
});
// What was changed while a page was on its way is in sight already, and not in that answer.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const number = numberIn(detail);
  if (!number || known.get(detail.xhr) === changesOf(number)) return;
  detail.shouldSwap = false;
  arrived().then(refresh);
});

let refreshing = 0;

/** Brings the whole text up to date, if it has been looked at, once nothing more changes for a while. */
export function refreshText() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => find("#text .text-page") && htmx.trigger("#text", "refresh"), QUIET);
}

/**
 * Calls `listener` whenever a page has come in.
 * @param {() => void} listener
 */
export function onPage(listener) {
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id === "page") listener();
  });
}

/**
 * Tells those who listen to the page.
 * @param {string} text
 */
export function announce(text) {
  announcement.textContent = text;
}
