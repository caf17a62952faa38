"""What stands by itself at the head and the foot of a page: running heads and page numbers.

Straight above or below a column they look like its first or last line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recognition.geometry import BBox
from recognition.page import Line

from .blocks import NUMBER
from .boxes import Boxes, corners_of, tilt_of, turned_back

FEW = 8
"""A page of no more lines has no margins."""

SMALL = 1.25
"""Type of a running head, in that of the text: larger type is that of titles."""

APART, LEVEL, TOUCH = 0.3, 0.7, 0.3
"""White between the margin and the rest, in line heights: above columns and titles; above level lines, which may be the
first row of a list; and by how much the box of a page number may reach into it."""

HEADS, ENTRIES = 2, 4
"""A running head and its number; so many numbers are those of the entries of a table of contents."""


class Margins(NamedTuple):
    """Indices of lines."""

    head: list[int]
    foot: list[int]


def of(lines: Sequence[Line], tables: Sequence[BBox] = ()) -> Margins:
    """The lines that stand further up, or down, than all others of a page and its ``tables``, level with each other.

    They run to the right. Where the text does so as well, one of them is a number.
    """
    if len(lines) <= FEW:
        return Margins([], [])
    vertical = np.array([line.direction == "vertical-rl" for line in lines])
    corners = corners_of(lines)
    corners = turned_back(corners, tilt_of(corners))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    size = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    is_vertical = 2 * vertical.sum() > len(lines)
    usual = float(np.median(size[vertical == is_vertical]))
    fits = ~vertical & (size < SMALL * usual)
    others = np.array(tables).reshape(-1, 4)
    found = []
    for up in ([1, 3], [3, 1]):
        turned = 1 if up[0] < up[1] else -1  # upside down the foot is the head
        band, white, following = _topmost(boxes[:, up] * turned, others[:, up] * turned)
        texts = [lines[i].raw.strip() for i in sorted(band, key=lambda i: float(boxes[i, 0]))]
        is_number = NUMBER.fullmatch("".join(texts))
        numbers = sum(NUMBER.fullmatch(text) is not None for text in texts)
        is_over_title = turned > 0 and following is not None and size[following] > SMALL * usual
        apart = white > (-TOUCH if is_number else APART if is_vertical or is_over_title else LEVEL) * usual
        heads = numbers < ENTRIES and (is_number or is_vertical or (numbers and len(band) <= HEADS))
        found.append(band if apart and heads and fits[band].all() else [])
    return Margins(*found)


def _topmost(spans: Boxes, others: Boxes) -> tuple[list[int], float, int | None]:
    """The topmost lines, those level with each other; the white below them; and the line where it ends, if one does.

    Spans: (n, 2), top and bottom.
    """
    beside = spans[:, 0] < spans[:, 1].min()
    rest, other = np.flatnonzero(~beside), float(others[:, 0].min(initial=np.inf))
    following = int(rest[spans[rest, 0].argmin()]) if len(rest) else None
    if following is not None and spans[following, 0] > other:
        following = None
    below = other if following is None else float(spans[following, 0])
    return np.flatnonzero(beside).tolist(), below - float(spans[beside, 1].max()), following
