// A fragment that turns out to be the login page: the session has ended, so the whole page goes there and comes back.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname !== document.body.dataset.login) return;
  event.detail.shouldSwap = false;
  location.reload();
});
