// @ts-check
// What may happen to a fragment on its way: the session has ended, its document has gone, or nobody answers.
import { get } from "./dom.js";
import { isLogin } from "./server.js";
import { endSession, leave } from "./unsaved.js";

const notice = get("#no-connection");

// A fragment that turns out to be the login page: the whole page goes there, and comes back afterwards.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isLogin(event.detail.xhr.responseURL)) return;
  event.detail.shouldSwap = false;
  endSession();
});

// What is no longer there, because it was deleted or is shared no more, goes from an open page too.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 404) leave();
  else notice.hidden = false;
});

// Whatever asks by itself asks on (poll.js), so the notice goes by itself when the server is back.
for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, () => (notice.hidden = false));
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful) notice.hidden = true;
});
addEventListener("offline", () => (notice.hidden = false));
addEventListener("online", () => (notice.hidden = true));
