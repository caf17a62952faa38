// @ts-check
// Asking the server, and sending it what people change.
import { find, get } from "./dom.js";

const notice = get("#logged-out");

/** The session has ended; the message says what to do. */
export class LoggedOutError extends Error {
  constructor() {
    super(get("span", HTMLSpanElement, notice).textContent);
  }
}

/** As the cookie has it now: the one in the page is out of date once somebody has logged in again in another tab. */
export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";

/** @param {string} address of a page that came instead of what was asked for */
export const isLogin = (address) => new URL(address).pathname === document.body.dataset.login;

/**
 * Asks the server, or sends it a body. The login page is no answer, though `fetch` takes it for one.
 * @param {string} address
 * @param {FormData} [body]
 */
export async function request(address, body) {
  body?.set("csrfmiddlewaretoken", token());
  const page = find("#page");
  const isAboutIt = page && address.includes(`/pages/${page.dataset.number}/`);
  // Pages may have been moved meanwhile: then this number is another page's.
  const headers = { Accept: "application/json", ...(isAboutIt && { "X-Page": page.dataset.key ?? "" }) };
  const answer = await fetch(address, { method: body ? "POST" : "GET", body, headers });
  if (answer.redirected && isLogin(answer.url)) throw new LoggedOutError();
  notice.hidden = true;
  return answer;
}

/**
 * Says above the page why a change did not arrive.
 * @param {unknown} error
 */
export function tell(error) {
  get(error instanceof LoggedOutError ? "#logged-out" : "#no-connection").hidden = false;
}
