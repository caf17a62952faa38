// @ts-check
// All keys of the viewer in one list, under "?".
import { closest, get } from "../dom.js";
import { onKey } from "../keyboard.js";

const dialog = get("#keys", HTMLDialogElement);

document.addEventListener("click", (event) => {
  if (closest(event, "[data-keys]")) dialog.showModal();
});
onKey("?", () => dialog.showModal());
