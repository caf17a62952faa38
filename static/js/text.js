// The text to take away: copied, with the lines as printed or joined to paragraphs, with or without special characters.
const block = document.getElementById("whole-text");
const text = document.getElementById("text");
const join = document.getElementById("join-lines");
const strip = document.getElementById("strip-special");

const HAN = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Bopo}\u3000-\u303f\ufe30-\ufe4f\uff00-\uffef]/u;
const SPECIAL = /[~#$%&()<=>"～＃＄％＆（）＜＝＞]/g; // what table and mark-up programs stumble over
const SENTENCE_END = /[。！？!?.:：」』”）)]$/;
const FULL = 0.8; // a line shorter than this part of the longest one may end a paragraph
const RESTORE_AFTER = 2000; // milliseconds

const length = (line) => [...line].reduce((sum, character) => sum + (HAN.test(character) ? 2 : 1), 0);

/** Two lines of a paragraph as one: no space between Han characters, a hyphen at the end of a line undone. */
function glue(above, below) {
  if (/\p{L}[-\u00ad\u2010]$/u.test(above) && /^\p{Ll}/u.test(below)) return above.slice(0, -1) + below;
  const [last, first] = [[...above].at(-1), [...below][0]];
  return above + (HAN.test(last) || HAN.test(first) ? "" : " ") + below;
}

/** The lines of a page as paragraphs. One ends where a sentence does and the line leaves room. */
function paragraphs(lines) {
  const longest = Math.max(...lines.map(length));
  const found = [];
  let open = false;
  for (const line of lines.filter(Boolean)) {
    if (open) found.push(glue(found.pop(), line));
    else found.push(line);
    open = !(SENTENCE_END.test(line) && length(line) < FULL * longest);
  }
  return found.join("\n");
}

function showText() {
  for (const page of text.querySelectorAll(".text-lines")) {
    page.original ??= page.textContent;
    const kept = strip.checked ? page.original.replace(SPECIAL, "") : page.original;
    page.textContent = join.checked ? paragraphs(kept.split("\n")) : kept;
  }
}

function content(source) {
  const parts = source.querySelectorAll(source.id === "text" ? ".text-lines" : "li:not([hidden]) .line-text");
  return [...parts].map((part) => part.textContent).join(source.id === "text" ? "\n\n" : "\n");
}

async function copy(button) {
  const label = button.querySelector("span");
  const before = (button.dataset.label ??= label.textContent);
  try {
    await navigator.clipboard.writeText(content(document.querySelector(button.dataset.copy)));
    label.textContent = block.dataset.copied;
  } catch {
    label.textContent = block.dataset.refused;
  }
  setTimeout(() => (label.textContent = before), RESTORE_AFTER);
}

for (const choice of [join, strip]) choice.addEventListener("change", showText);
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === text) showText();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
