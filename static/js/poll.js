// @ts-check
// Asks again for what changes by itself: an element with data-poll="2" gets the event "poll" two seconds after the
// last answer. While nobody answers it waits longer each time; while nobody looks it does not ask at all.
import { find } from "./dom.js";

const LONGEST = 30; // seconds

let unanswered = 0;
let timer = 0;

const element = () => find("[data-poll]");

function ask() {
  clearTimeout(timer);
  const polled = element();
  if (polled && !document.hidden) htmx.trigger(polled, "poll");
}

function askLater() {
  clearTimeout(timer);
  const polled = element();
  if (polled) timer = setTimeout(ask, 1000 * Math.min(Number(polled.dataset.poll) * 2 ** unanswered, LONGEST));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.triggeringEvent?.type === "poll") {
    unanswered = detail.successful ? 0 : unanswered + 1;
    if (detail.xhr.status === 286) delete element()?.dataset.poll; // all is done
  }
  askLater();
});

// Awake, in sight or online again: what happened meanwhile is shown at once.
for (const event of ["online", "pageshow"]) addEventListener(event, ask);
document.addEventListener("visibilitychange", ask);
