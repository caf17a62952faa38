// Which of its three texts each line shows: as it stands, as it was read, or as printed; the whole text with them.
const reader = document.getElementById("reader");
const NAMES = { corrected: "text", converted: "read", raw: "raw" };

let version = "corrected";

function show(line) {
  const place = line.querySelector(".line-text");
  const text = line.dataset[NAMES[version]];
  if (place.textContent !== text) place.textContent = text; // what is searched stays marked in it
}

function showAll() {
  for (const choice of document.querySelectorAll(".version")) choice.value = version;
  for (const line of reader.querySelectorAll(".line")) show(line);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".version")) return;
  version = event.target.value;
  showAll();
  htmx.trigger("#text", "refresh");
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "page") showAll();
});
reader.addEventListener("line:changed", (event) => {
  show(event.target);
  htmx.trigger("#text", "refresh");
});
showAll(); // a browser may have kept the choice over a reload
