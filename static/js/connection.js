// What may happen to a fragment on its way: the session has ended, or nobody answers.
const notice = document.getElementById("no-connection");

// A fragment that turns out to be the login page: the whole page goes there, and comes back afterwards.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname !== document.body.dataset.login) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// Whatever asks by itself asks on (poll.js), so the notice goes by itself when the server is back.
for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(lost, () => (notice.hidden = false));
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful) notice.hidden = true;
});
addEventListener("offline", () => (notice.hidden = false));
addEventListener("online", () => (notice.hidden = true));
