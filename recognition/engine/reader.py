"""Reading one page: find the lines, cut them out, recognise them in batches of like width."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recognition.page import Line, PageImage, Pixels, Polygon

from .lines import Quad, from_head, strip
from .networks import Networks

SIDE_LIMIT = 1280
BATCH = 6
WIDTH_STEP = 32
MAX_WIDTH = 3200


class Engine:
    """Reads pages with one model. ``seconds``: how long each stage of the last ``read`` took."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._characters = np.array(networks.recogniser.post_op.character)
        self._height = int(_image_shape(networks.recogniser)[1])
        self.seconds: dict[str, float] = {}

    @property
    def name(self) -> str:
        return f"{self._networks.model} ({self._networks.backend})"

    def describe(self) -> Mapping[str, Any]:
        """Backend, device, model, versions and the weights' checksums; plain JSON types."""
        return self._networks.description

    def read(self, image: PageImage) -> list[Line]:
        """The text lines of ``image`` in its own pixels, in no particular order."""
        started = time.perf_counter()
        bgr = np.ascontiguousarray(image.pixels[:, :, ::-1])  # the networks have learnt blue first
        quads = [from_head(quad) for quad in self._detect(bgr)]
        detected = time.perf_counter()
        strips = [strip(bgr, quad, vertical, self._height) for quad, vertical in quads]
        read = self._recognise(strips)
        self.seconds = {"detect": detected - started, "recognise": time.perf_counter() - detected}
        return [
            Line(
                raw=text,
                confidence=confidence,
                polygon=_polygon(quad),
                direction="vertical-rl" if vertical else "horizontal",
                positions=positions,
            )
            for (quad, vertical), (text, confidence, positions) in zip(quads, read, strict=True)
            if text.strip()
        ]

    def orientation(self, image: PageImage) -> int:
        """Degrees clockwise by which ``image`` has to be turned to stand upright."""
        return 0

    def _detect(self, bgr: Pixels) -> list[Quad]:
        result = next(iter(self._networks.detector.predict(bgr, limit_side_len=SIDE_LIMIT, limit_type="max")))
        return [np.asarray(quad, np.float32) for quad in result["dt_polys"]]

    def _recognise(self, strips: Sequence[Pixels]) -> list[tuple[str, float, tuple[float, ...]]]:
        results: dict[int, tuple[str, float, tuple[float, ...]]] = {}
        order = sorted(range(len(strips)), key=lambda i: strips[i].shape[1])
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            widths = [min(strips[i].shape[1], MAX_WIDTH) for i in chosen]
            width = -(-max(widths) // WIDTH_STEP) * WIDTH_STEP
            batch = np.zeros((len(chosen), 3, self._height, width), np.float32)
            for row, i in enumerate(chosen):
                batch[row, :, :, : widths[row]] = strips[i][:, : widths[row]].transpose(2, 0, 1) / 127.5 - 1
            indices, probabilities = self._networks.best(batch)
            for row, i in enumerate(chosen):
                results[i] = self._decode(indices[row], probabilities[row], width / widths[row])
        return [results[i] for i in range(len(strips))]

    def _decode(
        self, indices: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float32], stretch: float
    ) -> tuple[str, float, tuple[float, ...]]:
        """Text, confidence and positions from the best character of each step (greedy CTC).

        A character repeated in adjacent steps counts once, 0 is the blank between characters (Graves et
        al., Connectionist Temporal Classification, 2006). ``stretch``: width of the batch to that of the line.
        """
        kept = indices != 0
        kept[1:] &= indices[1:] != indices[:-1]
        steps = np.flatnonzero(kept)
        if not len(steps):
            return "", 0.0, ()
        text = "".join(self._characters[indices[steps]])
        positions = np.clip((steps + 0.5) / len(indices) * stretch, 0, 1)
        return text, float(probabilities[steps].mean()), tuple(float(p) for p in positions)


def _image_shape(recogniser: Any) -> Sequence[int]:
    operations = recogniser.config["PreProcess"]["transform_ops"]
    shape: Sequence[int] = next(op["RecResizeImg"]["image_shape"] for op in operations if "RecResizeImg" in op)
    return shape


def _polygon(quad: Quad) -> Polygon:
    a, b, c, d = ((float(x), float(y)) for x, y in quad)
    return a, b, c, d
