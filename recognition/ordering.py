"""Reading order of text lines, from their geometry alone.

Every region of a page is looked at in its *reading frame*: the page untilted and, where its lines are
vertical, turned, so that in the frame lines always run to the right and follow each other downwards. A
two-column page and a two-tier vertical page are then one and the same thing.

A region is cut recursively, in the manner of the recursive XY-cut (Nagy and Seth, "Hierarchical
representation of optically scanned documents", ICPR 1984), but not at its widest gaps:

1. lines of another direction that a straight cut separates from the rest become a region of their own;
2. the tallest *gutter*, a gap that no line crosses and that has columns of text on both sides (after
   Breuel, "High performance document layout analysis", 2003), parts the region into what is above it, left
   of it, right of it and below it;
3. a region without gutter is read row by row. So tables, forms and receipts keep their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from .page import Direction, Line, LineDirection

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

ELONGATED = 1.5  # a box this much longer than wide shows its direction
OFF = 0.3
FULL = 0.35
SOLID = 0.75
SLACK = 0.3  # boxes may overlap by so much of a line's height though their ink does not touch


def arrange(lines: Sequence[Line], direction: Direction = "auto") -> list[Line]:
    """The same lines in reading order.

    A ``direction`` other than "auto" governs the whole page. With "auto" each region goes by the
    shapes of its boxes; square boxes follow the others, and their ``direction`` is set accordingly.
    """
    if not lines:
        return []
    page = _Page(lines, direction)
    return [
        lines[i] if lines[i].direction == way else replace(lines[i], direction=way)
        for i, way in page.in_reading_order()
    ]


class _Page:
    """The boxes of a page's lines and what their shapes say.

    ``boxes``: (n, 4), left, top, right, bottom on the untilted page. ``lean``: (n,), the length of each
    line in pixels, positive where it is vertical, negative where horizontal, 0 where undecided.
    """

    def __init__(self, lines: Sequence[Line], direction: Direction) -> None:
        corners = _untilted(np.array([line.polygon for line in lines], dtype=np.float64))
        self.boxes: Floats = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        width, height = (self.boxes[:, 2:] - self.boxes[:, :2]).T
        if direction == "auto":
            words = np.array([len(line.raw) > 1 for line in lines])
            self.lean: Floats = np.where((height > ELONGATED * width) & words, height, 0.0)
            self.lean -= np.where(width > ELONGATED * height, width, 0.0)
        else:
            self.lean = np.maximum(width, height) * (1 if direction == "vertical-rl" else -1)

    def in_reading_order(self) -> Iterator[tuple[int, LineDirection]]:
        """Index and direction of each line."""
        return self._read(np.arange(len(self.boxes)), vertical=False)

    def _read(self, region: Ints, *, vertical: bool) -> Iterator[tuple[int, LineDirection]]:
        """``region``: indices of lines; ``vertical``: what the surrounding region is."""
        lean = self.lean[region]
        if lean.any():
            vertical = bool(lean.sum() > 0)
        left, top, right, bottom = self.boxes[region].T
        frame = np.stack([top, -right, bottom, -left] if vertical else [left, top, right, bottom], axis=1)
        foreign = lean < 0 if vertical else lean > 0
        parts = _peel(frame, foreign, foreign | (lean == 0)) or _part_at_gutter(frame, vertical=vertical)
        if parts:
            for part in parts:
                if len(part):
                    yield from self._read(region[part], vertical=vertical)
        else:
            way: LineDirection = "vertical-rl" if vertical else "horizontal"
            yield from ((int(region[i]), way) for i in _row_by_row(frame))


def _untilted(corners: Floats) -> Floats:
    """``corners`` (n, 4, 2) turned about the origin by the tilt that the long edges of most lines share."""
    edges = np.roll(corners, -1, axis=1) - corners
    lengths = np.hypot(*np.moveaxis(edges, -1, 0)).reshape(-1)
    angles = np.arctan2(edges[..., 1], edges[..., 0]).reshape(-1)
    angles = (angles + np.pi / 4) % (np.pi / 2) - np.pi / 4
    weights = np.where(lengths > np.median(lengths), lengths, 0.0)
    if not weights.any():
        return corners
    ranked = np.argsort(angles)
    middle = np.searchsorted(np.cumsum(weights[ranked]), weights.sum() / 2)
    tilt = angles[ranked[middle]]
    cos, sin = np.cos(tilt), np.sin(tilt)
    turned: Floats = corners @ np.array([[cos, -sin], [sin, cos]])
    return turned


def _line_height(boxes: Floats) -> float:
    return float(np.median(np.minimum(boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0])))


def _peel(boxes: Floats, foreign: Mask, admissible: Mask) -> tuple[Ints, Ints] | None:
    """First and second part of the region at the straight cut that leaves most foreign lines, and no
    others than ``admissible`` ones, on one of its sides; None where there is none."""
    if not foreign.any() or admissible.all():
        return None
    slack = SLACK * _line_height(boxes)
    best: tuple[Ints, Ints] | None = None
    most = 0
    for axis in (0, 1):
        order = np.argsort(boxes[:, axis], kind="stable")
        reach = np.maximum.accumulate(boxes[order, axis + 2])
        for k in np.flatnonzero(reach[:-1] <= boxes[order[1:], axis] + slack) + 1:
            for side in (order[:k], order[k:]):
                if admissible[side].all() and foreign[side].sum() > most:
                    most, best = int(foreign[side].sum()), (order[:k], order[k:])
    return best


def _part_at_gutter(boxes: Floats, *, vertical: bool) -> tuple[Ints, Ints, Ints, Ints] | None:
    """What is above, left of, right of and below the tallest gutter; None where there is no gutter."""
    height = _line_height(boxes)
    start, end = boxes[:, 0] + SLACK * height, boxes[:, 2] - SLACK * height
    centre = (boxes[:, 1] + boxes[:, 3]) / 2
    before, after = _clearances(boxes, start, end)
    best: tuple[Ints, Ints, Ints, Ints] | None = None
    tallest = 0.0
    ends, starts = np.unique(end), np.unique(start)
    for x in ends[np.searchsorted(starts, ends) != np.searchsorted(starts, [*ends[1:], np.inf])]:
        crossing = (start < x) & (end > x)
        for low, high in _clear_spans(boxes, crossing):
            inside = (centre > low) & (centre < high)
            left, right = inside & (end <= x), inside & (start >= x)
            a, b = left & (after >= x), right & (before <= x)
            if not a.any() or not b.any():
                continue
            extent = min(boxes[a, 3].max(), boxes[b, 3].max()) - max(boxes[a, 1].min(), boxes[b, 1].min())
            gap = boxes[b, 0].min() - boxes[a, 2].max()
            extent += min(gap, 2 * height)
            if extent <= tallest or not _are_columns(boxes[a], boxes[b], height, vertical=vertical):
                continue
            tallest = float(extent)
            masks = (~inside & (centre <= low), left, right, ~inside & (centre >= high))
            best = tuple(np.flatnonzero(m) for m in masks)  # type: ignore[assignment]
    return best


def _clearances(boxes: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """For each line the x where the next line before it in its rows ends, and where the next after it starts."""
    centre = (boxes[:, 1] + boxes[:, 3]) / 2
    level = (boxes[None, :, 1] < centre[:, None]) & (centre[:, None] < boxes[None, :, 3])
    after = np.where(level & (start[None, :] >= end[:, None]), start[None, :], np.inf).min(axis=1)
    before = np.where(level & (end[None, :] <= start[:, None]), end[None, :], -np.inf).max(axis=1)
    return before, after


def _clear_spans(boxes: Floats, crossing: Mask) -> list[tuple[float, float]]:
    """Top and bottom of the spans between the lines that cross a gutter."""
    low = -np.inf
    spans = []
    for _, top, _, bottom in boxes[crossing][np.argsort(boxes[crossing, 1])]:
        if top > low:
            spans.append((low, float(top)))
        low = max(low, float(bottom))
    return [*spans, (low, np.inf)]


def _are_columns(a: Floats, b: Floats, height: float, *, vertical: bool) -> bool:
    """Whether the lines on either side of a gap are two columns of text and not cells of a table."""
    a, b = a[a[:, 2] > np.median(a[:, 0])], b[b[:, 0] < np.median(b[:, 2])]  # not what a blank lets through
    if min(len(a), len(b)) < 3:
        return False
    if vertical:
        return True
    if min(_width(a), _width(b)) < 5 * height:
        return False
    off_a, off_b = _off_rows(a, b) > 0.3 * height, _off_rows(b, a) > 0.3 * height
    full_a, full_b = _full(a), _full(b)
    return (
        (_many(off_a, OFF) and _many(off_b, OFF))
        or (_many(full_a, FULL) and _many(full_b, FULL))
        or (_many(full_a, SOLID) and _many(off_b, OFF))
        or (_many(full_b, SOLID) and _many(off_a, OFF))
    )


def _many(lines: Mask, share: float) -> bool:
    return bool(lines.sum() >= max(4, share * len(lines)))


def _off_rows(boxes: Floats, others: Floats) -> Floats:
    """How far each line that has others above and below is from the nearest of their rows."""
    centres = (boxes[:, 1] + boxes[:, 3]) / 2
    rows = (others[:, 1] + others[:, 3]) / 2
    abreast = centres[(centres > rows.min()) & (centres < rows.max())]
    off: Floats = np.abs(abreast[:, None] - rows[None, :]).min(axis=1)
    return off


def _width(boxes: Floats) -> float:
    """From where lines start to where they end, strays aside."""
    return float(np.quantile(boxes[:, 2], 0.95) - np.quantile(boxes[:, 0], 0.05))


def _full(boxes: Floats) -> Mask:
    """Which lines run through the whole width of their column."""
    full: Mask = boxes[:, 2] - boxes[:, 0] > 0.85 * _width(boxes)
    return full


def _row_by_row(boxes: Floats) -> list[int]:
    """Indices of the lines, row by row from the top, each row from its start."""
    rows: list[list[int]] = []
    tops, bottoms = boxes[:, 1].tolist(), boxes[:, 3].tolist()
    for i in np.argsort(tops_minus_bottoms := boxes[:, 1] - boxes[:, 3], kind="stable").tolist():
        centre = (tops[i] + bottoms[i]) / 2
        for row in rows:
            lead = row[0]
            if tops[lead] < centre < bottoms[lead] and tops_minus_bottoms[i] <= 0.4 * tops_minus_bottoms[lead]:
                row.append(i)
                break
        else:
            rows.append([i])
    rows.sort(key=lambda row: tops[row[0]] + bottoms[row[0]])
    return [i for row in rows for i in _along(row, boxes)]


def _along(row: list[int], boxes: Floats) -> Iterator[int]:
    """A row from its start; lines above each other in it (notes in two rows, cells of several lines) from the top."""
    row.sort(key=lambda i: float(boxes[i, 0]))
    stacks: list[list[int]] = []
    reach = -np.inf
    for i in row:
        left, top, right, bottom = boxes[i]
        if left < reach - SLACK * (bottom - top):
            stacks[-1].append(i)
        else:
            stacks.append([i])
        reach = max(reach, right)
    for stack in stacks:
        if 1 < len(stack) < len(row):
            members = np.array(stack)
            yield from (stack[k] for k in _row_by_row(boxes[members]))
        else:
            yield from sorted(stack, key=lambda i: float(boxes[i, 1]))
