"""Bands: what the detector's text map shows of each line.

The map has a line as a band that is thinner than the line, so that lines do not touch. DB post-processing puts a
rectangle around a band, drops it if it is mostly empty, and widens it to the size of the line (Liao et al., Real-time
Scene Text Detection with Differentiable Binarization, 2020). It forgets the band, and drops those of curved lines.
So its steps, which PaddleOCR's object has, are taken here one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .lines import Quad

Outline = npt.NDArray[np.float32]
Contour = npt.NDArray[np.int32]

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


def bands(probabilities: npt.NDArray[np.float32], post: Any, width: int, height: int) -> Iterator[Band]:
    """The bands in a text map (rows, columns), in the pixels of an image of ``width`` and ``height``.

    ``post``: PaddleOCR's DB post-processing.
    """
    scale = np.divide([width, height], probabilities.shape[::-1], dtype=np.float32)
    mask = (probabilities > post.thresh).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[: post.max_candidates]:
        if band := _band(contour, probabilities, post, scale):
            yield band


def _band(contour: Contour, probabilities: npt.NDArray[np.float32], post: Any, scale: npt.NDArray[Any]) -> Band | None:
    corners, side = post.get_mini_boxes(contour)
    if side < post.min_size:
        return None
    rectangle = np.array(corners)
    score = post.box_score_fast(probabilities, rectangle)
    fills = bool(score >= post.box_thresh)
    if not fills and post.box_score_slow(probabilities, contour) < post.box_thresh:
        return None
    corners, side = post.get_mini_boxes(post.unclip(rectangle, post.unclip_ratio).reshape(-1, 1, 2))
    if side < post.min_size + 2:
        return None
    size = np.array(probabilities.shape[::-1])
    quad = np.clip(np.round(np.array(corners) * scale), 0, np.round(size * scale)).astype(np.float32)
    outline = (contour.reshape(-1, 2) * scale).astype(np.float32)
    parts = _parts(contour, probabilities) if score < LOOSE else []
    within = [_band(part, probabilities, post, scale) for part in parts]
    return Band(quad, (outline,), fills, post.unclip_ratio, tuple(part for part in within if part))


def _parts(contour: Contour, probabilities: npt.NDArray[np.float32]) -> list[Contour]:
    """The bands that touch in ``contour``, as of close lines that are curved; none if it is one band."""
    left, top, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [contour], 0, 1, cv2.FILLED, offset=(-left, -top))
    inside &= probabilities[top : top + height, left : left + width] > CORE
    parts, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top))
    lengths = [max(cv2.minAreaRect(part)[1]) for part in parts]
    long = [part for part, length in zip(parts, lengths, strict=True) if length > ALIKE * max(width, height)]
    return long if len(long) > 1 else []
