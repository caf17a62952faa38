// @ts-check
// Asks again for what changes by itself: an element with data-poll="2" gets the event "poll" soon after the page has
// come, and then less and less often, in the end two seconds after the last answer. So a small photo is seen as soon as
// it has been read, and a long book costs little. While nobody answers it waits longer each time; while nobody looks it
// does not ask at all.
import { find } from "./dom.js";

const FIRST = 0.25; // seconds, between the first answer and the next question
const SLOWER = 1.2;
const LONGEST = 30; // seconds

let answered = 0;
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
  if (!polled) return;
  const usual = Number(polled.dataset.poll);
  const seconds = unanswered ? Math.min(usual * 2 ** unanswered, LONGEST) : Math.min(FIRST * SLOWER ** answered, usual);
  timer = setTimeout(ask, 1000 * seconds);
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.triggeringEvent?.type === "poll") {
    unanswered = detail.successful ? 0 : unanswered + 1;
    answered += 1;
    if (detail.xhr.status === 286) delete element()?.dataset.poll; // all is done
  }
  askLater();
});

// Awake, in sight or online again: what happened meanwhile is shown at once.
for (const event of ["online", "pageshow"]) addEventListener(event, ask);
document.addEventListener("visibilitychange", ask);
