"""Frames: four rules around a text that is read by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.geometry import BBox, area
from recognition.page import Line
from recognition.separators import Separators

from .boxes import Boxes, Indices, line_height
from .neighbours import Neighbours

LEAST = 3
"""A frame with fewer lines is that of a heading, a label or a field."""


def enclosures(page: Neighbours) -> Indices:
    """(n,): for each line the number of the smallest frame around it, or -1.

    The rules of a frame end where they meet, within a line height: those between the columns of a page or the cells of
    a table mostly go on.
    """
    found = np.full(page.count, -1)
    frames = _frames(page.frame.across, page.frame.along, page.usual)
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in frames]
    for number in sorted(range(len(frames)), key=lambda k: -areas[k]):
        left, top, right, bottom = frames[number]
        inside = (page.x > left) & (page.x < right) & (page.y > top) & (page.y < bottom)
        if inside.sum() >= LEAST:
            found[inside] = number
    return found


def frames(lines: Sequence[Line], separators: Separators) -> list[BBox]:
    """The frames on a page with these lines, the smallest ones first."""
    if not lines:
        return []
    across, along = (
        np.array(rules, dtype=np.float64).reshape(-1, 4) for rules in (separators.horizontal, separators.vertical)
    )
    found = _frames(across, along, line_height(np.array([line.box for line in lines])))
    return sorted(((left, top, right, bottom) for left, top, right, bottom in found.tolist()), key=area)


def _frames(across: Boxes, along: Boxes, near: float) -> Boxes:
    """(k, 4). ``near``: rules meet within so many pixels."""
    if len(across) < 2 or len(along) < 2:
        return np.zeros((0, 4))
    tops, bottoms = along[:, 1], along[:, 3]
    level = (np.abs(tops[:, None] - tops) < near) & (np.abs(bottoms[:, None] - bottoms) < near)
    apart = along[None, :, 0] - along[:, None, 0] > 2 * near
    y = (across[:, 1] + across[:, 3]) / 2
    found = []
    for i, j in zip(*np.nonzero(level & apart), strict=True):
        spans = (np.abs(across[:, 0] - along[i, 0]) < near) & (np.abs(across[:, 2] - along[j, 2]) < near)
        if all((spans & (np.abs(y - end) < near)).any() for end in (tops[i], bottoms[i])):
            found.append((along[i, 0], tops[i], along[j, 2], bottoms[i]))
    return np.array(found).reshape(-1, 4)
