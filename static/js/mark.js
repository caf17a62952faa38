// Reading a part: a frame is drawn on the page with the pointer or the arrow keys, a worker reads it at once, and what
// it says is mended, copied, kept as lines of the page, or thrown away.
import { LoggedOut, guard, request, settle, unsaved } from "./changes.js";

const reader = document.getElementById("reader");
const template = document.getElementById("mark-panel");

const LEAST = 8; // pixels on the screen: what is smaller was a click
const ASK_EVERY = 250; // milliseconds
const PATIENCE = 90_000; // ... until we say that nobody answers
const SVG = "http://www.w3.org/2000/svg";

const page = () => document.getElementById("page");
const sheet = () => page().querySelector(".sheet");
const button = () => document.getElementById("mark");
const panel = () => reader.querySelector(".mark-panel");

let frame = null; // left, top, width and height, in pixels of the page
let reading = 0; // which question is the latest
let answer = []; // its lines
let warned = false; // that what is typed is not kept

const words = () => template.dataset;

function say(text) {
  panel().querySelector(".mark-state").textContent = text;
}

/** Where the pointer is, in pixels of the page. */
function place(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet().getScreenCTM().inverse());
  const { width, height } = sheet().viewBox.baseVal;
  return { x: Math.min(Math.max(at.x, 0), width), y: Math.min(Math.max(at.y, 0), height) };
}

function show() {
  let rect = sheet().querySelector(".frame");
  if (!rect) {
    rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", "frame");
    sheet().append(rect);
  }
  for (const name of ["x", "y", "width", "height"]) rect.setAttribute(name, frame[name]);
}

/** A frame to begin with for those who draw with keys: around the chosen line, or in the middle. */
function beginning() {
  const { width, height } = sheet().viewBox.baseVal;
  const chosen = sheet().querySelector("polygon.is-current")?.getBBox();
  if (chosen) return { x: chosen.x, y: chosen.y, width: chosen.width, height: chosen.height };
  return { x: width / 4, y: height / 3, width: width / 2, height: height / 12 };
}

function open() {
  if (!sheet() || panel()) return;
  const form = template.content.firstElementChild.cloneNode(true);
  page().querySelector(".lines").prepend(form);
  document.getElementById("picture").classList.add("is-marking");
  button().setAttribute("aria-pressed", "true");
  frame = null;
  guard(form, leave);
  form.querySelector(".mark-hint").focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

function close() {
  if (!panel()) return;
  reading += 1;
  panel().remove();
  sheet()?.querySelector(".frame")?.remove();
  document.getElementById("picture").classList.remove("is-marking");
  button().setAttribute("aria-pressed", "false");
  button().focus({ preventScroll: true });
}

/** Whether what is typed may be thrown away: when nothing is, or when they were told before. */
function mayGo() {
  if (warned || !unsaved().includes(panel())) return true;
  warned = true;
  say(words().unkept);
  panel().scrollIntoView({ block: "nearest" });
  return false;
}

function leave() {
  const may = mayGo();
  if (may) close();
  return may;
}

function corners() {
  const { x, y, width, height } = frame;
  return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
}

/** The frame enlarged, above its text. */
function showStrip() {
  const window = panel().querySelector(".editor-window");
  const [strip, image] = [window.querySelector("svg"), window.querySelector("image")];
  strip.setAttribute("viewBox", `${frame.x} ${frame.y} ${frame.width} ${frame.height}`);
  strip.style.aspectRatio = frame.width / frame.height;
  strip.classList.toggle("is-tall", frame.height > 1.5 * frame.width);
  const picture = sheet().querySelector("image");
  for (const name of ["href", "width", "height"]) image.setAttribute(name, picture.getAttribute(name));
  window.hidden = false;
}

function enable(...names) {
  for (const each of panel().querySelectorAll("[data-mark]")) {
    each.disabled = each.dataset.mark !== "close" && !names.includes(each.dataset.mark);
  }
}

function showLines(lines) {
  const list = panel().querySelector(".mark-lines");
  list.replaceChildren(...lines.map((line, index) => {
    const item = document.createElement("li");
    const field = document.createElement("input");
    field.className = "form-control";
    field.defaultValue = line.text;
    field.lang = "zh-Hant";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.setAttribute("aria-label", words().line.replace("{number}", index + 1));
    item.append(field);
    return item;
  }));
  list.querySelector("input").focus({ preventScroll: true });
  panel().scrollIntoView({ block: "nearest" });
}

/** A line for what a person reads in the frame when no machine does. */
function blank() {
  const asked = panel().elements.direction.value;
  const tall = asked === "auto" ? frame.height > 1.5 * frame.width : asked === "vertical-rl";
  return { text: "", polygon: corners(), direction: tall ? "vertical-rl" : "horizontal" };
}

async function ask(address, body) {
  const response = await request(address, body);
  const state = await response.json();
  if (!response.ok && !state.message) throw new Error(response.statusText);
  return state;
}

const reason = (error) => (error instanceof LoggedOut ? error.message : words().failed);

/** What was read, once it has been; asks until then. */
async function outcome(address, mine) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until && mine === reading) {
    const state = await ask(address);
    if (state.state !== "waiting") return state;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
  return { state: "lost" };
}

async function read() {
  warned = false;
  const mine = (reading += 1);
  const body = new FormData(panel());
  body.set("region", corners().map((corner) => corner.join(",")).join(" "));
  showStrip();
  panel().querySelector(".mark-lines").replaceChildren();
  enable();
  say(words().reading);
  let state;
  try {
    const asked = await ask(button().dataset.read, body);
    state = asked.answer ? await outcome(asked.answer, mine) : { state: "failed", ...asked };
  } catch (error) {
    state = { state: "failed", message: reason(error) };
  }
  if (mine !== reading || !panel()) return; // another frame has been drawn meanwhile, or the panel closed
  enable("again", ...(state.state === "done" ? ["keep", "copy"] : []));
  if (state.state !== "done") {
    say(state.message || words().lost);
    return;
  }
  answer = state.lines.length ? state.lines : [blank()];
  say(state.lines.length ? words().read : words().nothing);
  showLines(answer);
}

const again = () => mayGo() && read();
const fields = () => [...panel().querySelectorAll(".mark-lines input")];
const texts = () => fields().map((field) => field.value.trim());

async function copy() {
  try {
    await navigator.clipboard.writeText(texts().join("\n"));
    for (const field of fields()) field.defaultValue = field.value; // it is safe
    say(words().copied);
  } catch {
    say(words().refused);
  }
}

/** Tells of what was kept, so that it can be taken back like any change of a line. */
function tell(keys, before) {
  for (const key of keys) {
    const line = page().querySelector(`.line[data-line="${key}"]`);
    const after = { text: line.dataset.text, seen: Number(line.dataset.seen) || null };
    htmx.trigger(line, "line:written", { before: before[key] ?? { text: "", seen: null }, after });
  }
  page().querySelector(`.line[data-line="${keys[0]}"]`).focus({ preventScroll: true });
  document.getElementById("announcement").textContent = words().kept;
}

async function keep() {
  if (!(await settle(unsaved().filter((form) => form !== panel())))) return;
  const written = texts();
  const lines = answer.map(({ polygon, direction }, index) => ({ polygon, direction, text: written[index] }));
  const all = [...page().querySelectorAll(".line")];
  const before = Object.fromEntries(
    all.map(({ dataset }) => [dataset.line, { text: dataset.text, seen: Number(dataset.seen) || null }]),
  );
  const seen = all.map((line) => Number(line.dataset.seen)).filter(Boolean).concat(panel().seen ?? []);
  const body = new FormData(panel());
  body.set("lines", JSON.stringify(lines.filter((line) => line.text)));
  body.set("seen", JSON.stringify(seen));
  enable();
  try {
    const response = await request(button().dataset.draw, body);
    const state = await response.json();
    if (response.status === 409) {
      (panel().seen ??= []).push(state.seen); // now they have seen it
      say(words().conflict.replace("{author}", state.author).replace("{text}", state.text));
    } else if (!response.ok) {
      say(state.message);
    } else {
      close();
      const address = page().getAttribute("hx-get");
      await htmx.ajax("GET", `${address}&line=${state.lines[0]}`, { target: "#page", swap: "outerHTML" });
      tell(state.lines, before);
      htmx.trigger("#text", "refresh");
      return;
    }
  } catch (error) {
    say(reason(error));
  }
  enable("keep", "copy", "again");
}

// Drawing with the pointer. While a frame is drawn nothing else on the page hears of it.
let start = null;
reader.addEventListener("pointerdown", (event) => {
  if (!panel() || !event.target.closest(".sheet") || !event.isPrimary || event.button) return;
  event.preventDefault();
  if (!mayGo()) return;
  start = place(event);
  sheet().setPointerCapture(event.pointerId);
});
reader.addEventListener("pointermove", (event) => {
  if (!start) return;
  const end = place(event);
  frame = {
    x: Math.min(start.x, end.x), y: Math.min(start.y, end.y),
    width: Math.abs(start.x - end.x), height: Math.abs(start.y - end.y),
  };
  show();
});
reader.addEventListener("pointerup", () => {
  if (!start) return;
  start = null;
  const scale = sheet().getScreenCTM().a;
  if (frame && Math.min(frame.width, frame.height) * scale >= LEAST) read();
});
reader.addEventListener("pointercancel", () => (start = null));
for (const kind of ["click", "dblclick", "touchstart", "touchend"]) {
  reader.addEventListener(kind, (event) => {
    if (panel() && event.target.closest(".sheet")) event.stopImmediatePropagation();
  }, { capture: true });
}

// ... and with the arrow keys.
function step(event) {
  const { width, height } = sheet().viewBox.baseVal;
  const length = Math.max(width, height) / 200;
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!frame) frame = beginning();
  else if (event.shiftKey) {
    frame.width = Math.min(Math.max(frame.width + x * length, length), width - frame.x);
    frame.height = Math.min(Math.max(frame.height + y * length, length), height - frame.y);
  } else {
    frame.x = Math.min(Math.max(frame.x + x * length, 0), width - frame.width);
    frame.y = Math.min(Math.max(frame.y + y * length, 0), height - frame.height);
  }
  show();
}

reader.addEventListener("keydown", (event) => {
  if (!panel() || !event.target.closest(".mark-panel")) return;
  if (event.key === "Escape" && !event.isComposing) {
    event.preventDefault();
    leave();
  } else if (event.target.matches(".mark-hint")) {
    if (event.key.startsWith("Arrow")) step(event);
    else if (event.key === "Enter") {
      frame ??= beginning();
      show();
      again();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
});

reader.addEventListener("click", (event) => {
  if (event.target.closest("#mark")) (panel() ? leave : open)();
  ({ copy, again, close: leave })[event.target.closest(".mark-panel [data-mark]")?.dataset.mark]?.();
});
reader.addEventListener("change", (event) => {
  if (event.target.closest(".mark-options") && frame) again();
});
reader.addEventListener("input", (event) => {
  if (event.target.closest(".mark-lines")) warned = false;
});
reader.addEventListener("submit", (event) => {
  if (!event.target.matches(".mark-panel")) return;
  event.preventDefault();
  const submit = panel().querySelector("[data-mark=keep]");
  if (submit && !submit.disabled && texts().some(Boolean)) keep();
});
document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!plain || event.key.toLowerCase() !== "r" || event.target.matches("input, select, textarea")) return;
  if (!document.querySelector("dialog[open]")) open();
});
