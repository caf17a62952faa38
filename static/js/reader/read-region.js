// @ts-check
// Has a worker read a part of the page in sight at once.
import { get } from "../dom.js";
import { LoggedOutError, request } from "../server.js";

const ASK_EVERY = 250; // milliseconds
const PATIENCE = 90_000; // ... until we say that nobody answers

/**
 * What came of it: its lines once it is "done", and the table that they make if one was asked for; a message where there is one to be shown.
 * @typedef {{ state: "done" | "failed" | "lost", lines: RegionLine[], table?: RegionTable | null, message?: string }} Reading
 */

/**
 * @param {string} points of the part, as SVG writes a polygon
 * @param {Record<string, string>} options "direction" and "script", where they are not to be those of the run, and "is_table"
 * @param {() => boolean} [isWanted] whether anybody still waits for it
 * @returns {Promise<Reading>}
 */
export async function readRegion(points, options, isWanted = () => true) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ region: points, ...options })) body.set(name, value);
  try {
    const asked = await ask(get("#mark", HTMLButtonElement).dataset.read ?? "", body);
    return asked.answer ? await outcome(asked.answer, isWanted) : { state: "failed", lines: [], ...asked };
  } catch (error) {
    return { state: "failed", lines: [], message: error instanceof LoggedOutError ? error.message : "" };
  }
}

/**
 * @param {string} address
 * @param {FormData} [body]
 */
async function ask(address, body) {
  const response = await request(address, body);
  const state = await response.json();
  if (!response.ok && !state.message) throw new Error(response.statusText);
  return state;
}

/**
 * @param {string} address
 * @param {() => boolean} isWanted
 * @returns {Promise<Reading>}
 */
async function outcome(address, isWanted) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until && isWanted()) {
    const state = await ask(address);
    if (state.state !== "waiting") return state;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
  return { state: "lost", lines: [] };
}
