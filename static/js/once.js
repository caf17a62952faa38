// @ts-check
// A form that is sent again before the answer has come, by a double click or a second Enter, is sent once.
const SAME = 10_000; // milliseconds: after that, nobody answers, and it may be tried again

/**
 * By form: what it was sent with, and when.
 * @type {WeakMap<HTMLFormElement, { fields: string, time: number }>}
 */
let sent = new WeakMap();

addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method !== "post") return;
  const fields = new URLSearchParams([...new FormData(form, event.submitter)].map(([name, value]) => [name, String(value)])).toString();
  const before = sent.get(form);
  if (before?.fields === fields && Date.now() - before.time < SAME) event.preventDefault();
  else sent.set(form, { fields, time: Date.now() });
});
addEventListener("pageshow", () => (sent = new WeakMap())); // it comes back from the browser's memory
