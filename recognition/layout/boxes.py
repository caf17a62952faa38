"""Boxes of text lines in a frame where lines run to the right: (n, 4), left, top, right, bottom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox
from recognition.page import Line

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


STRIP, TALL = 25.0, 1.4
"""A receipt is narrower than this, in line heights, and higher than wide by this factor."""


def line_height(boxes: Boxes) -> float:
    """The usual height of a line, in pixels; of boxes that stand upright in the frame the width counts."""
    return float(np.median(np.minimum(boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0])))


def middles(boxes: Boxes) -> Floats:
    """Half-way between top and bottom."""
    half: Floats = (boxes[:, 1] + boxes[:, 3]) / 2
    return half


def is_strip(boxes: Boxes, height: float) -> bool:
    """Whether text with lines of such a ``height`` is narrow and tall, as on a receipt."""
    wide, high = np.ptp(boxes[:, [0, 2]]), np.ptp(boxes[:, [1, 3]])
    return bool(wide < STRIP * height and high > TALL * wide)


def corners_of(lines: Sequence[Line]) -> Floats:
    """(n, 4, 2): the corners of each line."""
    return np.array([line.polygon for line in lines], dtype=np.float64).reshape(-1, 4, 2)


def tilt_of(corners: Floats) -> float:
    """The tilt, in radians, that the long edges of most lines share."""
    edges = np.roll(corners, -1, axis=1) - corners
    lengths = np.hypot(*np.moveaxis(edges, -1, 0)).reshape(-1)
    angles = np.arctan2(edges[..., 1], edges[..., 0]).reshape(-1)
    angles = (angles + np.pi / 4) % (np.pi / 2) - np.pi / 4
    weights = np.where(lengths > np.median(lengths), lengths, 0.0)
    if not weights.any():
        return 0.0
    ranked = np.argsort(angles)
    middle = np.searchsorted(np.cumsum(weights[ranked]), weights.sum() / 2)
    return float(angles[ranked[middle]])


def turned_back(points: Floats, tilt: float) -> Floats:
    """``points`` (..., 2) turned about the origin by ``-tilt`` radians."""
    cos, sin = np.cos(tilt), np.sin(tilt)
    turned: Floats = points @ np.array([[cos, -sin], [sin, cos]])
    return turned


def upright(found: Sequence[BBox], tilt: float) -> Boxes:
    """(m, 4): upright boxes of slightly tilted things, on the untilted page: as large, about their middles there."""
    boxes = np.array(found, dtype=np.float64).reshape(-1, 4)
    middles = turned_back((boxes[:, :2] + boxes[:, 2:]) / 2, tilt)
    half = (boxes[:, 2:] - boxes[:, :2]) / 2
    return np.concatenate([middles - half, middles + half], axis=1)
