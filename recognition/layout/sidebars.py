"""Sidebars: short texts that stand beside the main one, in a frame or in smaller type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.geometry import BBox, area, center, contains, intersection, union
from recognition.page import Line
from recognition.separators import Separators

SHARE = 0.4
"""A sidebar has no more of the main text's characters."""

SMALLER = 0.85
"""Size of its type, in that of the main text, where it has no frame."""

NEAR = 1.5
"""Type sizes from a text to the frame around it."""

DRAWN = 0.8
"""Share of a side of a frame that is drawn."""


def is_sidebar(lines: Sequence[Line], chain: Sequence[int], main: Sequence[int], separators: Separators) -> bool:
    """Whether the lines of ``chain`` stand beside those of ``main``, the text of the page, and apart from it."""
    characters, all_characters = (sum(len(lines[i].raw) for i in of) for of in (chain, main))
    if chain == main or len(chain) < 2 or characters > SHARE * all_characters:
        return False
    box, size = union(lines[i].box for i in chain), _size(lines, chain)
    if not _is_beside(box, lines, main):
        return False
    return size < SMALLER * _size(lines, main) or _is_framed(box, NEAR * size, separators)


def _size(lines: Sequence[Line], chain: Sequence[int]) -> float:
    """The type size of most lines."""
    return float(
        np.median([min(right - left, bottom - top) for left, top, right, bottom in (lines[i].box for i in chain)])
    )


def _is_beside(box: BBox, lines: Sequence[Line], main: Sequence[int]) -> bool:
    """Whether several lines of ``main`` are level with ``box``, and none of its lines is in it.

    Lines that run down are level with what stands straight above or below them.
    """
    boxes = np.array([lines[i].box for i in main])
    shared_x = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    shared_y = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1])
    inside = (shared_x > 0) & (shared_y > 0)
    runs_down = np.array([lines[i].direction == "vertical-rl" for i in main])
    level = np.where(runs_down, shared_x > 0, shared_y > 0)
    return bool(not inside.any() and level.sum() > 1)


def _is_framed(box: BBox, reach: float, separators: Separators) -> bool:
    """Whether ``box`` is on a tinted ground, or rules stand around at least three of its sides."""
    if any(
        contains(panel, center(box)) and intersection(panel, box) > DRAWN * area(box) for panel in separators.panels
    ):
        return True
    left, top, right, bottom = box
    sides = 0
    for at, axis, rules in (
        (left, 0, separators.vertical),
        (right, 0, separators.vertical),
        (top, 1, separators.horizontal),
        (bottom, 1, separators.horizontal),
    ):
        start, end = (top, bottom) if axis == 0 else (left, right)
        outside = -1 if at in (left, top) else 1
        sides += any(
            -reach / 3 < outside * ((rule[axis] + rule[axis + 2]) / 2 - at) < reach
            and min(end, rule[3 - axis]) - max(start, rule[1 - axis]) > DRAWN * (end - start)
            for rule in rules
        )
    return sides >= 3
