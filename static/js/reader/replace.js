// @ts-check
// Leads to find and replace with the page in sight and what is being looked for: by the link, or Ctrl+H.
import { get } from "../dom.js";
import { page } from "./page.js";

const link = get("#find-replace", HTMLAnchorElement);

link.addEventListener("click", () => {
  const address = new URL(link.href);
  address.searchParams.set("page", page().dataset.number ?? "");
  address.searchParams.set("find", get("#find-text", HTMLInputElement).value.trim());
  link.href = address.href;
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "h" || !event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  link.click();
});
