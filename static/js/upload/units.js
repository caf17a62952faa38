// @ts-check
// Sizes and times as people write them in the language of the page.
const language = document.documentElement.lang;

/**
 * @param {number} value
 * @param {string} unit
 * @param {number} [digits] after the point
 */
function inUnit(value, unit, digits = 0) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}

/** @param {number} bytes */
export function size(bytes) {
  return bytes < 1e6 ? inUnit(Math.ceil(bytes / 1e3), "kilobyte") : inUnit(bytes / 1e6, "megabyte", 1);
}

/** @param {number} seconds */
export function duration(seconds) {
  return seconds < 60 ? inUnit(Math.ceil(seconds), "second") : inUnit(Math.ceil(seconds / 60), "minute");
}

/** The time of day, fit for the name of a file. */
export function timeOfDay() {
  return new Date().toLocaleTimeString(language, { hour12: false }).replaceAll(":", ".");
}
