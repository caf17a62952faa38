// @ts-check
// Asks again for what changes by itself: an element with data-poll="2" gets the event "poll" soon after the page has
// come, and then less and less often, in the end two seconds after the last answer. What is late by it is a tenth of the
// time that somebody has waited: a small photo is seen as soon as it has been read, and a long book costs little. While
// nobody answers it waits longer each time; while nobody looks it does not ask at all.
import { find } from "./dom.js";

const LEAST = 0.1; // seconds between an answer and the next question
const LATE = 0.1; // of the time since the first question
const LONGEST = 30; // seconds

let begun = 0;
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
  if (!polled) {
    begun = 0;
    return;
  }
  begun ||= performance.now();
  const usual = Number(polled.dataset.poll);
  const waited = (performance.now() - begun) / 1000;
  const seconds = unanswered ? Math.min(usual * 2 ** unanswered, LONGEST) : Math.min(Math.max(LATE * waited, LEAST), usual);
  timer = setTimeout(ask, 1000 * seconds);
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
