// @ts-check
// OCR runs again while the earlier text is in sight. Whoever asked for it gets the new text as soon as it is there, unless
// they are in the middle of something; others are told.
import { find } from "../dom.js";
import { isHeld } from "../unsaved.js";
import { page } from "./page.js";

/** The page in sight, in the run that is current by then. */
const address = () => `${location.pathname}?page=${page().dataset.number}`;

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "next-run") return;
  const link = find("#show-next-run", HTMLAnchorElement);
  if (!link) return;
  link.href = address();
  const isMine = find(".next-run-line[data-mine]");
  if (isMine && !isHeld() && !find("form.editor, form.mark-panel, dialog[open]", Element)) location.assign(address());
});
