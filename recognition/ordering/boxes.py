"""Boxes of text lines in a frame where lines run to the right: (n, 4), left, top, right, bottom."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def line_height(boxes: Boxes) -> float:
    """The usual height of a line, in pixels; of boxes that stand upright in the frame the width counts."""
    return float(np.median(np.minimum(boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0])))


def middles(boxes: Boxes) -> Floats:
    """Half-way between top and bottom."""
    half: Floats = (boxes[:, 1] + boxes[:, 3]) / 2
    return half
