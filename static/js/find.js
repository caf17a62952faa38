// Finding in the document at hand: pages that come in are marked, Enter goes from line to line.
const form = document.getElementById("find");
const box = document.getElementById("find-text");
const finds = document.getElementById("finds");

let asked = box.value.trim(); // what the page in sight is marked with

/** Goes to the line after the one that was gone to last, from the last one to the first. */
function goOn(backwards) {
  const links = [...finds.querySelectorAll("a")];
  if (!links.length) return;
  const place = links.findIndex((link) => link.hasAttribute("aria-current"));
  links.at((place + (backwards ? -1 + (place < 0) : 1)) % links.length).click();
}

document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.target.id === "page" && box.value.trim()) event.detail.parameters.find = box.value.trim();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== finds || box.value.trim() === asked) return;
  asked = box.value.trim();
  htmx.trigger("#page", "refresh");
});

finds.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  for (const other of finds.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  goOn(false);
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.shiftKey) return;
  event.preventDefault();
  goOn(true);
});
