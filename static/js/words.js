// @ts-check
// The sentences that templates hand over in data attributes, with places such as {number} to be filled.

/**
 * @param {string | undefined} text
 * @param {Record<string, string | number>} values by the names of their places
 */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
