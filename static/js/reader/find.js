// @ts-check
// Finding in the document at hand: pages that come in are marked, Enter goes from line to line.
import { closest, findAll, get } from "../dom.js";

const form = get("#find", HTMLFormElement);
const box = get("#find-text", HTMLInputElement);
const finds = get("#finds");

let asked = box.value.trim(); // what the page in sight is marked with

/**
 * Goes to the line after the one that was gone to last, from the last one to the first.
 * @param {boolean} backwards
 */
function goOn(backwards) {
  const links = findAll("a", HTMLAnchorElement, finds);
  if (!links.length) return;
  const place = links.findIndex((link) => link.hasAttribute("aria-current"));
  links.at((place + (backwards ? -1 + Number(place < 0) : 1)) % links.length)?.click();
}

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.target.id === "page" && box.value.trim()) event.detail.parameters.find = box.value.trim();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== finds || box.value.trim() === asked) return;
  asked = box.value.trim();
  htmx.trigger("#page", "refresh");
});

finds.addEventListener("click", (event) => {
  const link = closest(event, "a", HTMLAnchorElement);
  if (!link) return;
  for (const other of finds.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  goOn(false);
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.shiftKey) return;
  event.preventDefault();
  goOn(true);
});
