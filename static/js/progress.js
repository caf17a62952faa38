// While a run goes on, its summary is fetched every second (poll.js); this brings the strip and the open page up to date.
const panel = document.getElementById("progress");
const strip = document.getElementById("strip");
const announcement = document.getElementById("announcement");
const STATES = { q: "queued", r: "running", d: "done", f: "failed" };
const ANNOUNCEMENTS = 4; // how often in the whole run a screen reader hears of it

let announced = 0;

function showState(thumb, state) {
  thumb.dataset.state = state;
  thumb.querySelector(".thumb-state").textContent = strip.dataset[state];
  const place = thumb.querySelector(".thumb-picture");
  if (state === "done" && !place.firstElementChild) {
    const picture = new Image();
    picture.alt = "";
    picture.loading = "lazy";
    picture.src = thumb.dataset.picture;
    place.append(picture);
  }
}

/** Brings every page whose state has changed up to date; the page in sight comes anew. */
function update(states) {
  const thumbs = strip.querySelectorAll(".thumb");
  [...states].forEach((initial, index) => {
    const thumb = thumbs[index];
    if (thumb.dataset.state === STATES[initial]) return;
    showState(thumb, STATES[initial]);
    const page = document.getElementById("page");
    if (thumb.dataset.number === page.dataset.number) htmx.trigger(page, "refresh");
  });
}

function announce(line) {
  const bar = line.querySelector("progress");
  const part = Math.floor((ANNOUNCEMENTS * bar.value) / bar.max);
  if (part === announced) return;
  announced = part;
  announcement.textContent = line.querySelector(".progress-count").textContent;
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== panel) return;
  const line = panel.querySelector(".progress-line");
  update(line.dataset.states);
  announce(line);
  if (line.dataset.finished) for (const part of ["#text", "#runs"]) htmx.trigger(part, "refresh");
});
