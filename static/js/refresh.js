// A part of the page that is asked to come anew ("refresh") while an answer for it is on its way comes once more after
// that, which may be older. What htmx itself keeps waiting goes with the element that is replaced.
const late = new Set(); // ids

document.addEventListener("refresh", ({ target }) => {
  if (target.matches('.htmx-request[hx-swap="outerHTML"]')) late.add(target.id);
}, { capture: true });

document.addEventListener("htmx:afterSettle", () => {
  const ids = [...late];
  late.clear();
  for (const id of ids) if (document.getElementById(id)) htmx.trigger(`#${id}`, "refresh");
});
