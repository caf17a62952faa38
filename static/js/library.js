// Choosing documents in the list: Shift for a range, the keyboard, and all of the page.
const library = document.getElementById("library");
const bar = document.getElementById("bulk");
const count = document.getElementById("bulk-count");
const chosen = new Set();
let last = null;

const boxes = () => [...library.querySelectorAll(".pick")];

function show() {
  const all = document.getElementById("pick-all");
  const checked = boxes().filter((box) => box.checked);
  chosen.clear();
  for (const box of checked) chosen.add(box.value);
  bar.classList.toggle("is-shown", checked.length > 0);
  count.textContent = count.dataset.words.replace("{n}", checked.length);
  if (!all) return;
  all.hidden = all.nextElementSibling.hidden = false;
  all.checked = checked.length === boxes().length;
  all.indeterminate = checked.length > 0 && !all.checked;
}

library.addEventListener("click", (event) => {
  const box = event.target.closest(".pick");
  if (event.target.id === "pick-all") for (const each of boxes()) each.checked = event.target.checked;
  else if (!box) return;
  else {
    const all = boxes();
    const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
    last = box.value;
  }
  show();
});
bar.addEventListener("reset", () => setTimeout(show));

// The list is drawn anew while documents are being read; what was chosen stays so, and the focus where it was.
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "history") focused = document.activeElement?.matches(".pick") ? document.activeElement.value : null;
});
document.addEventListener("htmx:afterSwap", () => {
  for (const box of boxes()) {
    box.checked = chosen.has(box.value);
    if (box.value === focused) box.focus();
  }
  show();
});

// In the list, X chooses the document at hand, J and K go down and up, and Escape lets go of all.
function step(way) {
  const all = boxes();
  const here = all.findIndex((box) => box.closest(".document").contains(document.activeElement));
  all[Math.min(all.length - 1, Math.max(0, here + way))]?.focus();
}
document.addEventListener("keydown", (event) => {
  if (!event.target.closest("#history") || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement?.closest(".document")?.querySelector(".pick");
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key.toLowerCase() === "x" && at) at.click();
  else if (event.key === "Escape" && chosen.size) bar.reset();
  else return;
  event.preventDefault();
});

show();
