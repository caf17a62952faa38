"""Columns of a table told from where its text stands, where no rules part them.

All in a frame: the untilted page, lines running to the right. Boxes are (n, 4): left, top, right, bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recognition.layout.boxes import Boxes, Floats, Indices, Mask

from .page import NARROW

SLACK = 0.2
"""Boxes reach beyond the ink by this share of a line's height on each side."""

CROSSING = 0.15
"""Share of a table's rows that may cross the border of two columns: headings and cells that span both."""

JOINED, WIDE, ALL = 0.6, 0.5, 8
"""Share of a table's rows in which lines may have been read as one across the border of two columns, with a blank
there; the width of a blank, in line heights, that parts columns without others; so many rows with a blank at one place,
and none without, part columns, too: words are seldom so one below the other.
"""

HEADS = 3
"""So many levels of text at the top may be heads, which cross borders, if there are more than as many below."""

STEP = 0.1
"""How finely columns are looked for, in line heights."""


@dataclass(frozen=True, eq=False)
class Content:
    """Lines of a table: their boxes, from which column to which each reaches, both included, which are numbers, and
    how wide the first word of each is."""

    boxes: Boxes
    first: Indices
    last: Indices
    columns: int
    height: float
    numbers: Mask
    words: Floats


def borders(boxes: Boxes, blanks: Boxes, height: float, sure: Boxes | None = None) -> list[float]:
    """Where columns are parted: an x for each gap that nearly all rows leave, left and right ends not included.

    ``blanks``: (m, 4), blanks inside of lines, which let a border through: narrow ones if most other rows leave a
    gap there, wide ones anyhow. ``sure``: those of them that part cells wherever columns meet.
    """
    left, right = float(boxes[:, 0].min()), float(boxes[:, 2].max())
    step = STEP * height
    size = int((right - left) / step) + 2
    whole, boxes = boxes, _beside_others(boxes, blanks, height)
    width = blanks[:, 2] - blanks[:, 0]
    narrow, wide = blanks[width >= NARROW * height], blanks[width > WIDE * height]

    def count(edges: Floats) -> Floats:
        """(size,): how many pairs of ``edges`` (n, 2) hold each step of the way."""
        ends = np.clip(np.ceil((edges - left) / step), 0, size).astype(int)
        changes = np.bincount(ends[:, 0], minlength=size + 1) - np.bincount(ends[:, 1], minlength=size + 1)
        counts: Floats = np.cumsum(changes)[:size].astype(np.float64)
        return counts

    lines = count(_shrunk(boxes, SLACK * height))
    rows = rows_of(boxes, height)
    crossing = lines - count(narrow[:, [0, 2]])
    free = (crossing <= max(1.0, CROSSING * rows)) & (lines - count(wide[:, [0, 2]]) <= JOINED * rows)
    below = _below_heads(boxes, height)
    body = count(_shrunk(boxes[boxes[:, 1] > below], SLACK * height)) - count(narrow[narrow[:, 1] > below][:, [0, 2]])
    free |= (body == 0) & (below > -np.inf)
    bridged = count(blanks[:, [0, 2]] + [-SLACK * height, SLACK * height])
    shared = (bridged >= ALL) & (lines - bridged <= CROSSING * bridged)
    free |= shared
    crossed = count(_shrunk(whole, SLACK * height)) - count(narrow[:, [0, 2]])
    gaps = []
    for start, end in _spans(free):
        clear = [(start + a, start + b) for a, b in _spans(crossed[start:end] == crossed[start:end].min())]
        gaps += clear if crossed[clear[0][0]] <= 0 else [max(clear, key=lambda span: span[1] - span[0])]
    found = [left + (a + b - 1) / 2 * step for a, b in gaps if a > 0 and b < size - 1]
    certain = [x for x in found if shared[int((x - left) / step)]]
    parts = _parted(whole, blanks, certain, SLACK * height)
    if sure is not None:
        parts = _parted(parts, sure, found, SLACK * height)
    return _populated(parts, found, left, right, SLACK * height)


def _beside_others(boxes: Boxes, blanks: Boxes, height: float) -> Boxes:
    """The boxes of lines that are not alone at their level: those may be headings over all columns."""
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    order = np.argsort(middles)
    apart = np.concatenate([[True], np.diff(middles[order]) > height / 2, [True]])
    alone = np.zeros(len(boxes), dtype=bool)
    alone[order] = apart[:-1] & apart[1:]
    wide = {(top, bottom) for left, top, right, bottom in blanks.tolist() if right - left > WIDE * height}
    alone &= [(top, bottom) not in wide for _, top, _, bottom in boxes.tolist()]
    return boxes if alone.all() else boxes[~alone]


def _below_heads(boxes: Boxes, height: float) -> float:
    """A y below what may be heads of columns; minus infinity where there are too few rows below to tell."""
    levels = np.sort((boxes[:, 1] + boxes[:, 3]) / 2)
    starts = levels[np.concatenate([[True], np.diff(levels) > 0.5 * height])]
    return float(starts[HEADS]) - height / 2 if len(starts) > 2 * HEADS else -np.inf


def _parted(boxes: Boxes, blanks: Boxes, at: Sequence[float], slack: float) -> Boxes:
    """The boxes of lines that were read as one across the borders ``at``, parted at their blanks there."""
    parts = [tuple(box) for box in boxes]
    for start, top, end, bottom in blanks:
        if not any(start - slack < x < end + slack for x in at):
            continue
        for k, (left, *level, right, low) in enumerate(parts):
            if (*level, low) == (top, bottom) and left < start and end < right:
                parts[k] = left, top, start, bottom
                parts.append((end, top, right, bottom))
                break
    return np.array(parts)


def _shrunk(boxes: Boxes, slack: float) -> Floats:
    middle = (boxes[:, 0] + boxes[:, 2]) / 2
    return np.stack([np.minimum(boxes[:, 0] + slack, middle), np.maximum(boxes[:, 2] - slack, middle)], axis=1)


def _spans(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where ``mask`` is true, ends excluded."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _populated(boxes: Boxes, found: Sequence[float], left: float, right: float, slack: float) -> list[float]:
    """The borders between columns that hold a line of their own, some of them beside one of their neighbour.

    Of two borders with no line of its own between them, that goes which more lines cross.
    """
    kept = list(found)
    inner = _shrunk(boxes, slack)
    crossed = {x: int(((inner[:, 0] < x) & (x < inner[:, 1])).sum()) for x in found}
    at = 0
    while at < len(kept):
        edges = [left - 1, *kept, right + 1]
        before = _own(boxes, edges[at], edges[at + 1])
        after = _own(boxes, edges[at + 1], edges[at + 2])
        if _beside(before, after):
            at += 1
        elif not len(after) and at + 1 < len(kept) and crossed[kept[at]] < crossed[kept[at + 1]]:
            del kept[at + 1]
        else:
            del kept[at]
            at = max(0, at - 1)
    return kept


def _own(boxes: Boxes, left: float, right: float) -> Boxes:
    """The boxes in a column that reach no further than a little into the next ones."""
    middle, slack = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 2] - boxes[:, 0]) / 4
    own: Boxes = boxes[
        (left < middle) & (middle < right) & (left < boxes[:, 0] + slack) & (boxes[:, 2] - slack < right)
    ]
    return own


def _beside(some: Boxes, others: Boxes) -> bool:
    """Whether any box stands level with any of the others."""
    shared = np.minimum(some[:, None, 3], others[:, 3]) - np.maximum(some[:, None, 1], others[:, 1])
    lower = np.minimum(some[:, None, 3] - some[:, None, 1], others[:, 3] - others[:, 1])
    return bool((shared > lower / 2).any())


def rows_of(boxes: Boxes, height: float) -> int:
    """How many different levels lines stand at."""
    middle = np.sort((boxes[:, 1] + boxes[:, 3]) / 2)
    return 1 + int((np.diff(middle) > 0.5 * height).sum())


def content(
    boxes: Boxes, xs: Sequence[float], height: float, numbers: Sequence[bool], words: Sequence[float]
) -> Content:
    """``boxes`` in the columns between ``xs``, the outer ends included. ``numbers``: which of them are numbers.
    ``words``: how wide the first word of each is."""
    inner = np.asarray(xs[1:-1])
    shrunk = _shrunk(boxes, 2 * SLACK * height)
    first, last = (np.searchsorted(inner, shrunk[:, k]) for k in (0, 1))
    return Content(boxes, first, last, len(xs) - 1, height, np.array(numbers, dtype=bool), np.array(words))
