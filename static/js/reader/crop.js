// @ts-check
// Parts of the page's picture, enlarged above the text that is typed from them.
import { get } from "../dom.js";
import { image } from "./page.js";

const TALL = 1.5; // times its width: the height from which a box is a column

/** @param {ViewBox} box */
export const isColumn = ([, , width, height]) => height > TALL * width;

/**
 * Shows `boxes` in `frame`, from right to left.
 * @param {HTMLElement} frame with an empty picture to be copied
 * @param {ViewBox[]} boxes
 */
export function showCrops(frame, boxes) {
  const picture = image();
  frame.hidden = !picture;
  if (!picture) return;
  const blank = get("svg", SVGSVGElement, frame);
  frame.replaceChildren(...boxes.map((box) => {
    const crop = /** @type {SVGSVGElement} */ (blank.cloneNode(true));
    crop.setAttribute("viewBox", box.join(" "));
    crop.style.aspectRatio = String(box[2] / box[3]);
    crop.classList.toggle("is-tall", isColumn(box));
    const copy = get("image", SVGImageElement, crop);
    for (const name of ["href", "width", "height"]) copy.setAttribute(name, picture.getAttribute(name) ?? "");
    return crop;
  }));
}
