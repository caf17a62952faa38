// The annotated page as a picture: the page with its boxes at the left, the numbered texts at the right.
const reader = document.getElementById("reader");

const COLOURS = { sure: "#2f6b55", check: "#8a5a00", doubtful: "#b3261e", drawn: "#a3342a" };
const LARGEST = 4000; // pixels a side: what every browser can still draw

function loaded(address) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = reject;
    picture.src = address;
  });
}

/** The lines of the page in sight; corners in pixels of the page. */
function lines(page) {
  return [...page.querySelectorAll(".line:not(.is-gone)")].map((line) => ({
    number: line.querySelector(".line-number").textContent,
    mark: line.dataset.mark,
    percent: line.dataset.percent,
    text: line.querySelector(".line-text").textContent,
    corners: [...page.querySelector(`polygon[data-line="${line.dataset.line}"]`).points],
  }));
}

function drawBox(canvas, { corners, mark, number }, size) {
  canvas.beginPath();
  for (const { x, y } of corners) canvas.lineTo(x, y);
  canvas.closePath();
  canvas.strokeStyle = COLOURS[mark];
  canvas.lineWidth = size / 10;
  canvas.stroke();
  canvas.font = `bold ${size * 0.7}px sans-serif`;
  canvas.fillStyle = COLOURS[mark];
  canvas.textAlign = "right";
  canvas.fillText(number, corners[0].x - size / 8, corners[0].y + size * 0.7);
}

/** Draws on a page of `width` x `height`; the texts take as much room again at its right. */
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
    canvas.fillStyle = COLOURS[line.mark];
    canvas.textAlign = "right";
    canvas.fillText(line.number, width + 2.5 * size, y);
    canvas.fillText(`${line.percent}%`, 2 * width - size, y);
    canvas.fillStyle = "#1c1a17";
    canvas.textAlign = "left";
    canvas.fillText(line.text, width + 3 * size, y, width - 7.5 * size);
  });
}

async function save(button) {
  const page = document.getElementById("page");
  const { width, height } = page.querySelector(".sheet").viewBox.baseVal;
  const scale = Math.min(1, LARGEST / (2 * width), LARGEST / height);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  draw(context, await loaded(page.querySelector("image").getAttribute("href")), lines(page), width, height);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await new Promise((resolve) => canvas.toBlob(resolve, "image/png")));
  link.download = button.dataset.name;
  link.click();
  URL.revokeObjectURL(link.href);
}

reader.addEventListener("click", (event) => {
  const button = event.target.closest("#save-annotated");
  if (button) save(button);
});
