// @ts-check
// Rectangles on the page that may be turned: the boxes of lines, as people move, size, turn, split and join them.
//
// All numbers are pixels of the page image. The angle is in radians, clockwise, since y goes down.

/**
 * Its centre, its size before it is turned, and by how much it is turned about its centre.
 * @typedef {{ x: number, y: number, width: number, height: number, angle: number }} Quad
 */

/** @typedef {{ x: number, y: number }} Point */

/**
 * @param {string} points a polygon of four corners as SVG writes it, clockwise from the one where the text begins
 * @returns {Quad}
 */
export function quadOf(points) {
  const [a, b, c, d] = points.trim().split(/\s+/).map((point) => point.split(",").map(Number));
  return {
    x: (a[0] + b[0] + c[0] + d[0]) / 4,
    y: (a[1] + b[1] + c[1] + d[1]) / 4,
    width: (Math.hypot(b[0] - a[0], b[1] - a[1]) + Math.hypot(c[0] - d[0], c[1] - d[1])) / 2,
    height: (Math.hypot(d[0] - a[0], d[1] - a[1]) + Math.hypot(c[0] - b[0], c[1] - b[1])) / 2,
    angle: Math.atan2(b[1] - a[1], b[0] - a[0]),
  };
}

/**
 * The point at `u`, `v` of a quad: 0, 0 is its first corner, 1, 1 the opposite one.
 * @param {Quad} quad
 * @param {number} u
 * @param {number} v
 * @returns {Point}
 */
export function pointAt({ x, y, width, height, angle }, u, v) {
  const [dx, dy] = [(u - 0.5) * width, (v - 0.5) * height];
  return { x: x + dx * Math.cos(angle) - dy * Math.sin(angle), y: y + dx * Math.sin(angle) + dy * Math.cos(angle) };
}

/**
 * Where a point is in a quad: the `u` and `v` of `pointAt`.
 * @param {Quad} quad
 * @param {Point} point
 */
export function placeIn({ x, y, width, height, angle }, point) {
  const [dx, dy] = [point.x - x, point.y - y];
  return {
    u: (dx * Math.cos(angle) + dy * Math.sin(angle)) / width + 0.5,
    v: (dy * Math.cos(angle) - dx * Math.sin(angle)) / height + 0.5,
  };
}

/** @param {Quad} quad */
export function pointsOf(quad) {
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) => pointAt(quad, u, v));
  return corners.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
}

/**
 * The part of a quad from `u0`, `v0` to `u1`, `v1`.
 * @param {Quad} quad
 * @param {number} u0
 * @param {number} v0
 * @param {number} u1
 * @param {number} v1
 * @returns {Quad}
 */
export function partOf(quad, u0, v0, u1, v1) {
  const middle = pointAt(quad, (u0 + u1) / 2, (v0 + v1) / 2);
  return { ...quad, ...middle, width: (u1 - u0) * quad.width, height: (v1 - v0) * quad.height };
}

/**
 * Two parts of a line, the first of which has `fraction` of its length.
 * @param {Quad} quad
 * @param {number} fraction
 * @param {string} direction of writing
 * @returns {[Quad, Quad]}
 */
export function cut(quad, fraction, direction) {
  if (direction === "vertical-rl") return [partOf(quad, 0, 0, 1, fraction), partOf(quad, 0, fraction, 1, 1)];
  return [partOf(quad, 0, 0, fraction, 1), partOf(quad, fraction, 0, 1, 1)];
}

/**
 * The smallest quad around others that is turned like the first of them.
 * @param {Quad[]} quads
 * @returns {Quad}
 */
export function around(quads) {
  const [first] = quads;
  const places = quads.flatMap((quad) => [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) => placeIn(first, pointAt(quad, u, v))));
  const [us, vs] = [places.map(({ u }) => u), places.map(({ v }) => v)];
  return partOf(first, Math.min(...us), Math.min(...vs), Math.max(...us), Math.max(...vs));
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;
