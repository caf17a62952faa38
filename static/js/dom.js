// @ts-check
// Elements of the class that a script needs. A template without them is a mistake, and said to be one.

/**
 * The first element that `selector` finds.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ElementClass<T>} [kind]
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function get(selector, kind, root) {
  const element = find(selector, kind, root);
  if (!element) throw new Error(`There is no ${selector} here.`);
  return element;
}

/**
 * The first element that `selector` finds, or null.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ElementClass<T>} [kind]
 * @param {ParentNode} [root]
 * @returns {T | null}
 */
export function find(selector, kind, root = document) {
  return checked(root.querySelector(selector), kind);
}

/**
 * All elements that `selector` finds.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ElementClass<T>} [kind]
 * @param {ParentNode} [root]
 * @returns {T[]}
 */
export function findAll(selector, kind, root = document) {
  return /** @type {T[]} */ ([...root.querySelectorAll(selector)].map((element) => checked(element, kind)));
}

/**
 * Where an event happened: the nearest element that `selector` finds, from its target outwards, or null.
 * @template {Element} [T=HTMLElement]
 * @param {Event} event
 * @param {string} selector
 * @param {ElementClass<T>} [kind]
 * @returns {T | null}
 */
export function closest(event, selector, kind) {
  return event.target instanceof Element ? checked(event.target.closest(selector), kind) : null;
}

/**
 * A copy of what a template element holds.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector of the template
 * @param {ElementClass<T>} [kind]
 * @returns {T}
 */
export function copyOf(selector, kind) {
  const [content] = get(selector, HTMLTemplateElement).content.children;
  return /** @type {T} */ (checked(content?.cloneNode(true) ?? null, kind));
}

/**
 * Scrolls `box` alone, not the page around it, until `element` is in its middle; does nothing if it is in sight.
 * @param {Element | null} element
 * @param {Element | null} box
 */
export function reveal(element, box) {
  if (!element || !box) return;
  const inner = element.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  if (inner.top >= outer.top && inner.bottom <= outer.bottom && inner.left >= outer.left && inner.right <= outer.right) return;
  box.scrollBy({
    top: (inner.top + inner.bottom - outer.top - outer.bottom) / 2,
    left: (inner.left + inner.right - outer.left - outer.right) / 2,
  });
}

/**
 * @template {Element} T
 * @param {Node | null} element
 * @param {ElementClass<T>} [kind]
 * @returns {T | null}
 */
function checked(element, kind) {
  if (element && !(element instanceof (kind ?? HTMLElement))) throw new Error(`${element.nodeName} is of another kind.`);
  return /** @type {T | null} */ (element);
}
