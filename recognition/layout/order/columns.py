"""What stands on the two sides of a white gap: columns of text, or the cells of a table.

Cells stand in rows and are of any length; columns are full of lines, or keep rows of their own.
"""

from __future__ import annotations

import numpy as np

from recognition.layout.boxes import Boxes, Mask, middles

LEVEL = 0.3
"""Lines that differ by no more than this share of their height stand in one row."""

BESIDE = 1.0
"""Lines that differ by more than this stand beside white, which says nothing."""

SHORT = 2.0
"""What is not longer, in line heights, is a character rather than text."""

NARROW, WIDE = 5.0, 8.0
"""In line heights. A narrower side holds numbers or labels; in rows with the other side, only a wide one holds text."""

LIST = 4.0
"""In line heights: columns of short lines are no narrower."""

FEW = 3
"""So many lines, or fewer, on one side say nothing."""

OFF_ROWS = 0.3
"""Share of lines that are off the rows of the other side."""

RAGGED = 0.85
"""A line that is no shorter than this share of its column fills it; unjustified lines end up to a word early."""

FULL, RUNNING, SOLID = 0.25, 0.55, 0.75
"""Shares of lines that fill the column: in each of two columns; in running text; in nothing but running text."""

CELLS = 0.15
"""Share of full lines below which a side is no column though there is a gutter above or below it."""

OUTDENTED = 5
"""Of more lines than this one may begin before its column, as labels of captions hang out."""

ALIKE = 0.8
"""How near the numbers of lines in two columns are; a label has one line for a cell's two."""


def are_tiers(a: Boxes, b: Boxes, height: float) -> bool:
    """Whether on either side of a gap in vertical text there are lines of more than a single character.

    Tables of vertical text are so rare that nothing else is asked.
    """
    return min(len(a), len(b)) > FEW and min(_width(a), _width(b)) > SHORT * height


def are_columns(a: Boxes, b: Boxes, height: float) -> bool:
    """Whether the lines on either side of a gap belong to two columns of text and not to the rows of a table."""
    a, b = _facing(a, b)
    if min(len(a), len(b)) <= FEW or min(_width(a), _width(b)) < NARROW * height:
        return False
    full_a, full_b = _full(a), _full(b)
    off_a, off_b = _off_rows(a, b, height), _off_rows(b, a, height)
    if _many(off_a, OFF_ROWS) and _many(off_b, OFF_ROWS):  # a label beside a cell of two lines is off, too
        return ALIKE < len(a) / len(b) < 1 / ALIKE or _many(full_a, RUNNING) or _many(full_b, RUNNING)
    if _many(full_a, FULL) and _many(full_b, FULL):
        return min(_width(a), _width(b)) > WIDE * height
    return (_many(full_a, SOLID) and _many(off_b, OFF_ROWS)) or (_many(full_b, SOLID) and _many(off_a, OFF_ROWS))


def are_lists(a: Boxes, b: Boxes, height: float, least: float = LIST) -> bool:
    """Whether the lines on either side of a gap may be those of two lists, however short and level they are: more than
    a few, and no narrower than ``least`` line heights."""
    a, b = _facing(a, b)
    return min(len(a), len(b)) > FEW and min(_width(a), _width(b)) > least * height


def is_prose(boxes: Boxes) -> bool:
    """Whether most lines of a column fill it."""
    return _many(_full(boxes), RUNNING)


def is_table(a: Boxes, b: Boxes, height: float) -> bool:
    """Whether lines on either side of what is a gutter elsewhere are cells nevertheless."""
    if min(len(a), len(b)) <= FEW:
        return False
    return min(_width(a), _width(b)) < NARROW * height or min(_full(a).mean(), _full(b).mean()) < CELLS


def _facing(a: Boxes, b: Boxes) -> tuple[Boxes, Boxes]:
    """The lines on the two sides of a gap without those that are seen through blanks, above or below."""
    a, b = a[a[:, 2] > np.median(a[:, 0])], b[b[:, 0] < np.median(b[:, 2])]
    return (_abreast(a, b), _abreast(b, a)) if min(len(a), len(b)) > FEW else (a, b)


def _abreast(boxes: Boxes, others: Boxes) -> Boxes:
    """The boxes that are not above or below all of the others."""
    beside: Boxes = boxes[(boxes[:, 3] > others[:, 1].min()) & (boxes[:, 1] < others[:, 3].max())]
    return beside


def _many(lines: Mask, share: float) -> bool:
    return bool(lines.sum() > max(FEW, share * len(lines)))


def _width(boxes: Boxes) -> float:
    """From where lines start to where they end, a stray one in twenty aside, and the outdented one of several."""
    stray = len(boxes) // 20
    return float(np.sort(boxes[:, 2])[-1 - stray] - np.sort(boxes[:, 0])[max(stray, int(len(boxes) > OUTDENTED))])


def _full(boxes: Boxes) -> Mask:
    """Which lines run through the whole width of their column."""
    full: Mask = boxes[:, 2] - boxes[:, 0] > RAGGED * _width(boxes)
    return full


def _off_rows(boxes: Boxes, others: Boxes, height: float) -> Mask:
    """Of the lines that stand beside others: which are not level with any of them."""
    off = np.abs(middles(boxes)[:, None] - middles(others)).min(axis=1) / height
    beside: Mask = off[off < BESIDE] > LEVEL
    return beside
