// @ts-check
// The annotated page as a picture: the page with its boxes at the left, the numbered texts at the right.
import { closest, get } from "../dom.js";
import { image, lines, polygonOf, reader, sheet, textOf } from "./page.js";

const LARGEST = 4000; // pixels a side: what every browser can still draw

/**
 * A line of the page; its corners in pixels of the page.
 * @typedef {{ number: string, colour: string, percent: string, text: string, corners: DOMPointReadOnly[] }} DrawnLine
 */

/** @returns {DrawnLine[]} */
function drawnLines() {
  return lines().filter((line) => !line.matches(".is-gone")).flatMap((line) => {
    const polygon = polygonOf(line.dataset.line);
    return polygon ? [drawnLine(line, polygon)] : [];
  });
}

/**
 * @param {HTMLElement} line
 * @param {SVGPolygonElement} polygon
 * @returns {DrawnLine}
 */
function drawnLine(line, polygon) {
  return {
    number: get(".line-number", HTMLElement, line).textContent ?? "",
    colour: getComputedStyle(polygon).color,
    percent: line.dataset.percent ?? "",
    text: textOf(line).textContent ?? "",
    corners: [...polygon.points],
  };
}

/**
 * @param {string} address
 * @returns {Promise<HTMLImageElement>}
 */
function loaded(address) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = reject;
    picture.src = address;
  });
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {DrawnLine} line
 * @param {number} size of its number, in pixels of the page
 */
function drawBox(canvas, { corners, colour, number }, size) {
  canvas.beginPath();
  for (const { x, y } of corners) canvas.lineTo(x, y);
  canvas.closePath();
  canvas.strokeStyle = colour;
  canvas.lineWidth = size / 10;
  canvas.stroke();
  canvas.font = `bold ${size * 0.7}px sans-serif`;
  canvas.fillStyle = colour;
  canvas.textAlign = "right";
  canvas.fillText(number, corners[0].x - size / 8, corners[0].y + size * 0.7);
}

/**
 * Draws on a page of `width` x `height`; the texts take as much room again at its right.
 * @param {CanvasRenderingContext2D} canvas
 * @param {HTMLImageElement} picture
 * @param {DrawnLine[]} found
 * @param {number} width
 * @param {number} height
 */
function draw(canvas, picture, found, width, height) {
  canvas.fillStyle = "#ffffff";
  canvas.fillRect(0, 0, 2 * width, height);
  canvas.drawImage(picture, 0, 0, width, height);
  const step = height / Math.max(found.length + 1, 30);
  const size = Math.min(step * 0.7, width / 25);
  found.forEach((line, index) => {
    drawBox(canvas, line, width / 50);
    const y = (index + 1) * step;
    canvas.font = `${size}px "Noto Sans TC", "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif`;
    canvas.fillStyle = line.colour;
    canvas.textAlign = "right";
    canvas.fillText(line.number, width + 2.5 * size, y);
    canvas.fillText(`${line.percent}%`, 2 * width - size, y);
    canvas.fillStyle = "#1c1a17";
    canvas.textAlign = "left";
    canvas.fillText(line.text, width + 3 * size, y, width - 7.5 * size);
  });
}

/** @param {HTMLElement} button */
async function save(button) {
  const drawing = sheet();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!drawing || !context) return;
  const { width, height } = drawing.viewBox.baseVal;
  const scale = Math.min(1, LARGEST / (2 * width), LARGEST / height);
  canvas.width = 2 * width * scale;
  canvas.height = height * scale;
  context.scale(scale, scale);
  draw(context, await loaded(image()?.getAttribute("href") ?? ""), drawnLines(), width, height);
  canvas.toBlob((picture) => picture && download(picture, button.dataset.name ?? ""), "image/png");
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

reader.addEventListener("click", (event) => {
  const button = closest(event, "#save-annotated");
  if (button) save(button);
});
