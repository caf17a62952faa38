"""Key figures: short labels side by side and, in other type, a value below each or above it: a label is read with its
value.

White alone does not tell them from two rows of a table. Those are set in type of one size, and in more rows than two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from recognition.page import Line

from .boxes import Boxes, Indices

LEAST = 3
"""So many labels side by side, or more."""

LEVEL, UNDER = 0.3, 0.5
"""Line heights: labels are no further off their row, and a value begins or has its middle no further off its label."""

CLOSE = 0.75
"""So many line heights of white, at most, are between both rows; all other lines, and the next label, are further."""

OTHER_TYPE = 1.1
"""The larger type is so many times as high."""


def with_values(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which of ``lines``, with a value after each label, and the next label after that."""
    found = dict(following)
    boxes = np.array([line.box for line in lines]).reshape(-1, 4)
    for upper, lower in _rows_of_labels(lines, boxes):
        order = [i for pair in zip(upper, lower, strict=True) for i in pair]
        before = next((first for first, second in found.items() if second == order[0] and first not in order), None)
        after = next((found[i] for i in reversed(order) if found.get(i, order[0]) not in order), None)
        found = {first: second for first, second in found.items() if first not in order and second not in order}
        found |= pairwise(order)
        if before is not None:
            found[before] = order[0]
        if after is not None:
            found[order[-1]] = after
    return found


def _rows_of_labels(lines: Sequence[Line], boxes: Boxes) -> list[tuple[list[int], list[int]]]:
    """Rows of labels and the rows of their values, or of values and their labels, each from the left."""
    rows = _rows(np.flatnonzero([line.direction == "horizontal" for line in lines]), boxes)
    return [(upper, lower) for upper, lower in pairwise(rows) if are_key_figures(upper, lower, boxes)]


def _rows(horizontal: Indices, boxes: Boxes) -> list[list[int]]:
    """Level lines of one size, from the left, the rows from the top."""
    rows: list[list[int]] = []
    middle, height = (boxes[:, 1] + boxes[:, 3]) / 2, boxes[:, 3] - boxes[:, 1]
    for i in horizontal[np.argsort(middle[horizontal], kind="stable")].tolist():
        if rows and middle[i] - middle[rows[-1][0]] < LEVEL * min(height[i], height[rows[-1][0]]):
            rows[-1].append(i)
        else:
            rows.append([i])
    return [sorted(row, key=lambda i: float(boxes[i, 0])) for row in rows]


def are_key_figures(upper: Sequence[int], lower: Sequence[int], boxes: Boxes) -> bool:
    """Whether two rows of lines, each from the left, are labels and their values, among all ``boxes`` of a page."""
    if len(upper) < LEAST or len(upper) != len(lower):
        return False
    above, below = boxes[upper], boxes[lower]
    heights = [float(np.median(row[:, 3] - row[:, 1])) for row in (above, below)]
    if max(heights) < OTHER_TYPE * min(heights):
        return False
    height = max(heights)
    left, right = np.minimum(above[:, 0], below[:, 0]), np.maximum(above[:, 2], below[:, 2])
    white = float((below[:, 1] - above[:, 3]).max())
    if white > CLOSE * height or (left[1:] - right[:-1]).min() <= max(white, CLOSE * height):
        return False
    starts, middles = np.abs(above[:, 0] - below[:, 0]), np.abs((above - below)[:, [0, 2]].mean(axis=1))
    if (np.minimum(starts, middles) > UNDER * height).any():
        return False
    top, bottom = above[:, 1].min(), below[:, 3].max()
    others = np.delete(boxes, [*upper, *lower], axis=0)
    beside = (others[:, None, 0] < right) & (left < others[:, None, 2])
    near = (others[:, 1] < bottom + CLOSE * height) & (others[:, 3] > top - CLOSE * height)
    return not (beside.any(axis=1) & near).any()
