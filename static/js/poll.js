// Asks again for what changes by itself: an element with data-poll="2" gets the event "poll" two seconds after the
// last answer. While nobody answers it waits longer each time; while nobody looks it does not ask at all.
const LONGEST = 30; // seconds

let unanswered = 0;
let timer = null;

const element = () => document.querySelector("[data-poll]");

function ask() {
  clearTimeout(timer);
  if (element() && !document.hidden) htmx.trigger(element(), "poll");
}

function askLater() {
  clearTimeout(timer);
  if (!element()) return;
  timer = setTimeout(ask, 1000 * Math.min(element().dataset.poll * 2 ** unanswered, LONGEST));
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
