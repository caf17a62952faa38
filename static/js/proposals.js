// @ts-check
// Proposals are decided by key or button, one after the other, without waiting for the server: each decision is sent
// when the ones before it have arrived, and one that was too late comes back with the reason.
import { find, findAll, get } from "./dom.js";
import { isFree } from "./keyboard.js";
import { request, tell } from "./server.js";

const list = find("#proposals");
let sending = Promise.resolve();

/** @returns {HTMLElement[]} */
const open = () => (list ? findAll("li:not([hidden])", HTMLElement, list) : []);

/** @param {HTMLElement | undefined} item */
function goTo(item) {
  item?.focus();
  item?.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLElement} item
 * @param {string} decision "accept" or "reject"
 */
function decide(item, decision) {
  const rest = open();
  const place = rest.indexOf(item);
  item.hidden = true;
  goTo(rest[place + 1] ?? rest[place - 1]);
  if (rest.length === 1) get("#announcement").textContent = get("#announcement").dataset.done ?? "";
  const form = get("form", HTMLFormElement, item);
  const body = new FormData(form);
  body.set("do", decision);
  sending = sending.then(() => send(item, form.action, body));
}

/**
 * @param {HTMLElement} item
 * @param {string} address
 * @param {FormData} body
 */
async function send(item, address, body) {
  try {
    const answer = await request(address, body);
    if (answer.ok) {
      item.remove();
      return;
    }
    const problem = get(".proposal-problem", HTMLElement, item);
    problem.textContent = list?.dataset.overtaken ?? "";
    problem.hidden = false;
    for (const button of findAll("button", HTMLButtonElement, item)) button.disabled = true;
  } catch (error) {
    tell(error);
  }
  item.hidden = false;
}

list?.addEventListener("submit", (event) => {
  const item = event.target instanceof Element ? event.target.closest("li") : null;
  const button = event instanceof SubmitEvent ? event.submitter : null;
  if (!item || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  decide(item, button.value);
});

document.addEventListener("keydown", (event) => {
  if (!list || !isFree(event)) return;
  const items = open();
  const current = items.find((item) => item.contains(document.activeElement)) ?? null;
  const place = current ? items.indexOf(current) : -1;
  const key = event.key.toLowerCase();
  if (key === "arrowdown" || key === "j") goTo(items[place + 1]);
  else if (key === "arrowup" || key === "k") goTo(items[Math.max(0, place - 1)]);
  else if (current && key === "a") decide(current, "accept");
  else if (current && key === "r") decide(current, "reject");
  else return;
  event.preventDefault();
});
window.addEventListener("beforeunload", (event) => {
  if (list && findAll("li[hidden]", HTMLElement, list).length) event.preventDefault();
});
