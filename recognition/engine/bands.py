"""Bands: what the detector's text map shows of each line.

The map has a line as a band that is thinner than the line, so that lines do not touch. DB post-processing puts a
rectangle around a band, drops it if it is mostly empty, and widens it to the size of the line (Liao et al., Real-time
Scene Text Detection with Differentiable Binarization, 2020). PaddleOCR's forgets the band, and drops those of curved
lines. Its steps are taken here one by one, with the same results.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .lines import Quad
from .model_settings import DetectorSettings

Outline = npt.NDArray[np.float32]
Contour = npt.NDArray[np.int32]
TextMap = npt.NDArray[np.float32]

LEAST_SIDE = 3  # pixels of the text map; smaller is no text

LOOSE = 0.75  # mean probability within its rectangle below which a band may be two that touch ...
CORE = 0.6  # ... which part where the probability is below this ...
ALIKE = 0.5  # ... if the second longest part has this share of the whole length


@dataclass(frozen=True, eq=False)
class Band:
    """``quad``: the rectangle of the line. ``outlines``: (n, 2) each, of the band, or of its pieces in several tiles.

    ``fills``: whether the rectangle is mostly text. ``unclip_ratio``: by which the band was widened: times area by
    circumference. ``parts``: bands that may touch in it, as of close lines that are curved.
    """

    quad: Quad
    outlines: tuple[Outline, ...]
    fills: bool
    unclip_ratio: float
    parts: tuple[Band, ...] = ()

    def shifted(self, left: float, top: float) -> Band:
        by = np.array([left, top], np.float32)
        outlines = tuple(outline + by for outline in self.outlines)
        parts = tuple(part.shifted(left, top) for part in self.parts)
        return replace(self, quad=self.quad + by, outlines=outlines, parts=parts)


def bands(probabilities: TextMap, settings: DetectorSettings, width: int, height: int) -> Iterator[Band]:
    """The bands in a text map (rows, columns), in the pixels of an image of ``width`` and ``height``."""
    scale = np.divide([width, height], probabilities.shape[::-1], dtype=np.float32)
    mask = (probabilities > settings.text).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[: settings.most_bands]:
        if band := _band(contour, probabilities, settings, scale):
            yield band


def _band(contour: Contour, probabilities: TextMap, settings: DetectorSettings, scale: npt.NDArray[Any]) -> Band | None:
    rectangle, side = _rectangle(contour)
    if side < LEAST_SIDE:
        return None
    score = _mean_inside(rectangle, probabilities)
    fills = score >= settings.band
    if not fills and _mean_inside(contour.reshape(-1, 2), probabilities) < settings.band:
        return None
    corners, side = _rectangle(_widened(rectangle, settings.unclip_ratio))
    if side < LEAST_SIDE + 2:
        return None
    size = np.array(probabilities.shape[::-1])
    quad = np.clip(np.round(corners * scale), 0, np.round(size * scale)).astype(np.float32)
    outline = (contour.reshape(-1, 2) * scale).astype(np.float32)
    parts = _parts(contour, probabilities) if score < LOOSE else []
    within = [_band(part, probabilities, settings, scale) for part in parts]
    return Band(quad, (outline,), fills, settings.unclip_ratio, tuple(part for part in within if part))


def _rectangle(points: npt.NDArray[Any]) -> tuple[Quad, float]:
    """The smallest rectangle around ``points``, from its upper left corner, and its shorter side."""
    around = cv2.minAreaRect(points)
    first, second, third, fourth = sorted(cv2.boxPoints(around), key=lambda corner: float(corner[0]))
    left = (first, second) if second[1] > first[1] else (second, first)
    right = (third, fourth) if fourth[1] > third[1] else (fourth, third)
    return np.array([left[0], right[0], right[1], left[1]], np.float32), min(around[1])


def _mean_inside(points: npt.NDArray[Any], probabilities: TextMap) -> float:
    """The mean probability within the polygon ``points`` (n, 2)."""
    most = np.array(probabilities.shape[::-1]) - 1
    left, top = np.clip(np.floor(points.min(axis=0)), 0, most).astype(int)
    right, bottom = np.clip(np.ceil(points.max(axis=0)), 0, most).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(points - np.array([left, top], points.dtype)).astype(np.int32)], (1,))
    return float(cv2.mean(probabilities[top : bottom + 1, left : right + 1], mask)[0])


def _widened(rectangle: Quad, ratio: float) -> Contour:
    """The outline of ``rectangle`` with its edges moved outwards by ``ratio`` times its area by its circumference."""
    import pyclipper

    offset = pyclipper.PyclipperOffset()
    offset.AddPath(rectangle, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    outlines = offset.Execute(cv2.contourArea(rectangle) * ratio / cv2.arcLength(rectangle, True))
    return np.array(outlines[0], np.int32).reshape(-1, 1, 2)


def _parts(contour: Contour, probabilities: TextMap) -> list[Contour]:
    """The bands that touch in ``contour``, as of close lines that are curved; none if it is one band."""
    left, top, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [contour], 0, 1, cv2.FILLED, offset=(-left, -top))
    inside &= probabilities[top : top + height, left : left + width] > CORE
    parts, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top))
    lengths = [max(cv2.minAreaRect(part)[1]) for part in parts]
    long = [part for part, length in zip(parts, lengths, strict=True) if length > ALIKE * max(width, height)]
    return long if len(long) > 1 else []
