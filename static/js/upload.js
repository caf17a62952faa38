// Uploads: drop, choose, photograph or paste; one request for each file, two at a time.
const form = document.getElementById("upload");
const list = document.getElementById("transfers");
const row = document.getElementById("transfer");
const announcement = document.getElementById("announcement");
const veil = document.getElementById("drop-veil");
const words = form.dataset;
const language = document.documentElement.lang;

const AT_ONCE = 2;
const waiting = [];
let running = 0;

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function inUnit(value, unit, digits = 0) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

function size(bytes) {
  return bytes < 1e6 ? inUnit(Math.ceil(bytes / 1e3), "kilobyte") : inUnit(bytes / 1e6, "megabyte", 1);
}

function span(seconds) {
  return seconds < 60 ? inUnit(Math.ceil(seconds), "second") : inUnit(Math.ceil(seconds / 60), "minute");
}

/** One file on its way: its row in the list, and its request. */
class Transfer {
  constructor(file, name = file.name) {
    this.file = file;
    this.name = name;
    this.row = row.content.firstElementChild.cloneNode(true);
    this.row.querySelector(".transfer-name").textContent = name;
    this.bar = this.row.querySelector("progress");
    this.bar.setAttribute("aria-label", name);
    this.row.querySelector("[data-action=stop]").addEventListener("click", () => this.stop());
    this.row.querySelector("[data-action=again]").addEventListener("click", () => this.queue());
    list.append(this.row);
    this.queue();
  }

  /** Shows a state; what is over has no bar, and what can be tried again says so. */
  show(state, text, { again = false } = {}) {
    const over = state !== "waiting" && state !== "sending";
    this.row.className = `transfer is-${state}`;
    this.row.querySelector(".transfer-state").textContent = text;
    this.bar.hidden = over;
    this.row.querySelector("[data-action=stop]").hidden = over;
    this.row.querySelector("[data-action=again]").hidden = !again;
    if (over) announcement.textContent = `${this.name}: ${text}`;
  }

  queue() {
    this.show("waiting", words.waiting);
    waiting.push(this);
    sendNext();
  }

  stop() {
    const place = waiting.indexOf(this);
    if (place >= 0) {
      waiting.splice(place, 1);
      this.show("refused", words.stopped, { again: true });
    } else this.request.abort();
  }

  /** Sends the file; resolves when it is over, however it ended. */
  send() {
    const data = new FormData(form);
    data.delete("file");
    data.append("file", this.file, this.name);
    const request = (this.request = new XMLHttpRequest());
    const started = performance.now();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.bar.value = loaded / total;
      const left = ((performance.now() - started) / 1000 / loaded) * (total - loaded);
      const values = { done: size(loaded), total: size(total), time: span(left) };
      this.show("sending", loaded < total ? fill(words.left, values) : words.checking);
    });
    return new Promise((resolve) => {
      request.addEventListener("load", () => resolve(this.answered(request)));
      request.addEventListener("error", () => resolve(this.show("refused", words.broken, { again: true })));
      request.addEventListener("abort", () => resolve(this.show("refused", words.stopped, { again: true })));
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.send(data);
    });
  }

  answered(request) {
    const outcome = request.response?.files?.[0];
    if (outcome?.url) {
      const link = document.createElement("a");
      link.href = outcome.url;
      link.textContent = this.name;
      this.row.querySelector(".transfer-name").replaceChildren(link);
      this.show("taken", words.taken);
      htmx.trigger("#history", "refresh");
    } else if (outcome?.error) this.show("refused", outcome.error.message);
    else this.show("refused", fill(words.unexpected, { status: request.status }), { again: true });
  }
}

function sendNext() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift().send().finally(() => {
      running -= 1;
      sendNext();
    });
  }
}

/** Clipboard pictures are all called image.png: the time tells them apart. */
function pastedName(file) {
  const time = new Date().toLocaleTimeString(language, { hour12: false }).replaceAll(":", ".");
  return `${fill(words.pasted, { time })}.${file.type.split("/")[1] ?? "png"}`;
}

function take(files, nameOf = (file) => file.name) {
  for (const file of files) new Transfer(file, nameOf(file));
}

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
}

// Dragging fires enter and leave for every element passed: count them to know when the page itself is left.
let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", ++depth > 0);
});
addEventListener("dragleave", (event) => {
  if (hasFiles(event)) veil.classList.toggle("is-shown", --depth > 0);
});
addEventListener("dragover", (event) => {
  if (hasFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  veil.classList.remove("is-shown");
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => take(event.clipboardData.files, pastedName));

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});

// The options last used, for each user of this browser.
const memory = `options-${words.user}`;
for (const [name, value] of Object.entries(JSON.parse(localStorage.getItem(memory) ?? "{}"))) {
  const field = form.elements[name];
  if (field && [...field.options].some((option) => option.value === value)) field.value = value;
}
form.addEventListener("change", () => {
  const chosen = [...form.querySelectorAll("select")].map((field) => [field.name, field.value]);
  localStorage.setItem(memory, JSON.stringify(Object.fromEntries(chosen)));
});
