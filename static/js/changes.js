// What people change: nothing seems saved that is not, and nothing that was typed is lost without a word.
//
// An editor tells of its form (`guard`). While a field of it differs from what it began with, the browser asks before the
// page is left, nothing loads the page anew by itself, and a fragment that would replace the editor waits for it.
const signedOut = document.getElementById("logged-out");

/** The session has ended; the message says what to do. */
export class LoggedOut extends Error {
  constructor() {
    super(signedOut.querySelector("span").textContent);
  }
}

/** As the cookie has it now: the one in the page is out of date once somebody has logged in again in another tab. */
export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";

/** Asks the server, or sends it a body. The login page is no answer, though `fetch` takes it for one. */
export async function request(address, body) {
  body?.set("csrfmiddlewaretoken", token());
  const answer = await fetch(address, { method: body ? "POST" : "GET", body, headers: { Accept: "application/json" } });
  if (answer.redirected && new URL(answer.url).pathname === document.body.dataset.login) throw new LoggedOut();
  signedOut.hidden = true;
  return answer;
}

/** Sends a change. Resolves with what holds now, and whether it was `written`: it was not if somebody else was quicker. */
export async function change(address, body) {
  const answer = await request(address, body);
  if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
  return { written: answer.ok, state: await answer.json() };
}

/** Says above the page why a change did not arrive. */
export function tell(error) {
  const notice = error instanceof LoggedOut ? signedOut : document.getElementById("no-connection");
  notice.hidden = false;
}

const settlers = new WeakMap(); // by form: what becomes of what is typed in it

/**
 * From now on nothing typed into `form` is lost: whoever would replace it calls `settle` first, which saves what is
 * typed, or says that it is not saved, and resolves with whether one may go on.
 */
export function guard(form, settle) {
  settlers.set(form, settle);
}

const typedFields = (form) => [...form.querySelectorAll("input")].filter(({ value, defaultValue }) => value !== defaultValue);

/** The guarded forms with something in them that is not saved. */
export function unsaved(within = document) {
  return [...within.querySelectorAll("form")].filter((form) => settlers.has(form) && typedFields(form).length);
}

/** Whether one may go on, after what is typed has been saved. */
export async function settle(forms = unsaved()) {
  for (const form of forms) if (!(await settlers.get(form)())) return false;
  return true;
}

document.addEventListener("htmx:confirm", (event) => {
  const { target, issueRequest } = event.detail;
  const forms = unsaved(target);
  if (!forms.length) return;
  event.preventDefault();
  settle(forms).then((may) => may && issueRequest(true));
});
addEventListener("beforeunload", (event) => {
  if (unsaved().length) event.preventDefault();
});

/** The page tells nothing any more. */
function empty() {
  document.getElementById("main").replaceChildren();
  document.title = "ocrsite";
}

/** The session has ended: the page comes anew, which asks to log in; not while something typed can be saved after that. */
export function endSession() {
  if (unsaved().length) {
    tell(new LoggedOut());
    return;
  }
  empty();
  location.reload();
}

/** What the page is about has gone: it says so when it comes anew. What was typed stays in sight instead, to be copied. */
export function leave() {
  const texts = unsaved().flatMap(typedFields).map((field) => field.value);
  empty();
  if (!texts.length) {
    location.reload();
    return;
  }
  const notice = document.getElementById("gone");
  notice.querySelector("q").textContent = texts.join(" ");
  notice.hidden = false;
}
