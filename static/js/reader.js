// The reading room: lines marked in picture and list alike, page turning, the filter of doubtful lines.
//
// #page is replaced by htmx at every turn, so all events are caught on #reader, which stays.
const reader = document.getElementById("reader");
const strip = document.getElementById("strip");
const announcement = document.getElementById("announcement");

const ALL = 101; // the slider's right end: lines of any confidence
const SWIPE = 60; // pixels

let below = ALL;
let fitsWidth = false;
let inLines = false; // whether the keyboard was in the list that goes with a turned page

const page = () => document.getElementById("page");
const both = (number) => page().querySelectorAll(`[data-line="${number}"]`);
const shownLines = () => [...page().querySelectorAll(".line")].filter((line) => !line.parentElement.hidden);
const firstLine = () => shownLines().find((line) => line.tabIndex === 0);
const isField = (element) => element.matches("input, select, textarea");

function mark(number) {
  for (const element of page().querySelectorAll(".is-marked")) element.classList.remove("is-marked");
  if (number) for (const element of both(number)) element.classList.add("is-marked");
}

/** Scrolls `box` alone, not the page around it, until `element` is in its middle; does nothing if it is in sight. */
function reveal(element, box) {
  if (!element || !box) return;
  const inner = element.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  if (inner.top >= outer.top && inner.bottom <= outer.bottom && inner.left >= outer.left && inner.right <= outer.right) return;
  box.scrollBy({
    top: (inner.top + inner.bottom - outer.top - outer.bottom) / 2,
    left: (inner.left + inner.right - outer.left - outer.right) / 2,
  });
}

function revealBoth(number) {
  const [line, shape] = [".line", "polygon"].map((kind) => page().querySelector(`${kind}[data-line="${number}"]`));
  reveal(shape, document.getElementById("picture"));
  reveal(line, page().querySelector(".lines"));
  line?.scrollIntoView({ block: "nearest" }); // on phones the list has no scroll bar of its own
}

/** Chooses a line: it stays marked, the arrow keys go on from it, and the address leads to it. */
function select(number) {
  for (const line of page().querySelectorAll(".line")) {
    const chosen = line.dataset.line === String(number);
    line.tabIndex = chosen ? 0 : -1;
    if (chosen) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
  for (const shape of page().querySelectorAll("polygon")) {
    shape.classList.toggle("is-current", shape.dataset.line === String(number));
  }
  const link = page().querySelector(`.line[data-line="${number}"]`);
  if (link) history.replaceState(history.state, "", link.href);
  revealBoth(number);
}

/** Leaves only the lines that the slider asks for; the others are hidden on both sides. */
function filter() {
  const slider = document.getElementById("doubt");
  if (!slider) return;
  slider.value = below;
  const lines = page().querySelectorAll(".line");
  let count = 0;
  for (const line of lines) {
    const hidden = below < ALL && Number(line.dataset.percent) >= below;
    line.parentElement.hidden = hidden;
    page().querySelector(`polygon[data-line="${line.dataset.line}"]`)?.classList.toggle("is-hidden", hidden);
    if (!hidden) count += 1;
  }
  const output = document.getElementById("doubt-value");
  output.textContent = below < ALL ? `${below}% · ${count} / ${lines.length}` : output.dataset.all;
  const shown = shownLines();
  if (shown.length && !shown.some((line) => line.tabIndex === 0)) shown[0].tabIndex = 0;
}

function fit() {
  document.getElementById("picture").classList.toggle("fits-width", fitsWidth);
  document.getElementById("fit-width").setAttribute("aria-pressed", String(fitsWidth));
}

/** Turns to the page at the left or at the right, which is the next one in a book in vertical writing. */
function turn(side) {
  page().querySelector(`[data-turn=${side}][href]`)?.click();
}

function moveTo(line) {
  if (!line) return;
  line.focus({ preventScroll: true });
  select(line.dataset.line);
}

function moveBy(event, current) {
  const lines = shownLines();
  const place = lines.indexOf(current);
  const goal = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: lines.length - 1 }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  moveTo(lines[Math.min(Math.max(goal, 0), lines.length - 1)]);
}

function prefetch() {
  const number = Number(page().dataset.number);
  const picture = page().querySelector("image")?.getAttribute("href");
  if (!picture) return;
  for (const near of [number + 1, number - 1]) {
    const thumb = strip.querySelector(`[data-number="${near}"][data-state="done"]`);
    if (thumb) new Image().src = picture.replace(`/pages/${number}/`, `/pages/${near}/`);
  }
}

/** After a page came in: the strip, the filter and the address catch up with it. */
function arrived() {
  const { number, total } = page().dataset;
  for (const thumb of strip.querySelectorAll("[aria-current]")) thumb.removeAttribute("aria-current");
  const thumb = strip.querySelector(`[data-number="${number}"]`);
  thumb?.setAttribute("aria-current", "page");
  reveal(thumb, strip);
  fit();
  filter();
  prefetch();
  const current = page().querySelector(".line[aria-current]");
  if (current) select(current.dataset.line);
  if (inLines && document.activeElement === document.body) firstLine()?.focus({ preventScroll: true });
  return strip.dataset.announcement.replace("{number}", number).replace("{total}", total);
}

reader.addEventListener("pointerover", (event) => mark(event.target.closest("[data-line]")?.dataset.line));
reader.addEventListener("pointerleave", () => mark(null));
reader.addEventListener("focusin", (event) => {
  const line = event.target.closest(".line");
  if (!line) return;
  mark(line.dataset.line);
  revealBoth(line.dataset.line);
});

reader.addEventListener("click", (event) => {
  if (event.target.closest("#fit-width")) {
    fitsWidth = !fitsWidth;
    fit();
    return;
  }
  if (event.target.closest("#read-again")) document.getElementById("page-again").showModal();
  const target = event.target.closest("[data-line]");
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  moveTo(page().querySelector(`.line[data-line="${target.dataset.line}"]`));
});

reader.addEventListener("input", (event) => {
  if (event.target.id !== "doubt") return;
  below = Number(event.target.value);
  filter();
});

reader.addEventListener("submit", (event) => {
  if (!event.target.matches(".go-to")) return;
  event.preventDefault();
  strip.querySelector(`[data-number="${Number(event.target.elements.page.value)}"]`)?.click();
});

reader.addEventListener("keydown", (event) => {
  const line = event.target.closest(".line");
  if (line) moveBy(event, line);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || isField(event.target) || document.querySelector("dialog[open]")) return;
  if (["ArrowUp", "ArrowDown"].includes(event.key) && event.target === document.body && firstLine()) {
    event.preventDefault();
    moveTo(firstLine());
    return;
  }
  const side = { ArrowLeft: "left", ArrowRight: "right" }[event.key];
  if (!side || event.target.closest(".dropdown-menu")) return;
  event.preventDefault();
  turn(side);
});

let touch = null;
reader.addEventListener("touchstart", (event) => {
  const inPicture = event.target.closest("#picture:not(.fits-width)") && event.touches.length === 1;
  touch = inPicture ? event.touches[0] : null;
}, { passive: true });
reader.addEventListener("touchend", (event) => {
  if (!touch) return;
  const { clientX, clientY } = event.changedTouches[0];
  const [x, y] = [clientX - touch.clientX, clientY - touch.clientY];
  touch = null;
  // The finger pulls the page away, so the one from the other side comes in.
  if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) turn(x > 0 ? "left" : "right");
});

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "page") inLines = document.activeElement.matches(".line");
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "page") announcement.textContent = arrived();
});

arrived();
