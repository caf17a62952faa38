"""Gutters: the white between two columns of text, told from the white between the cells of a table.

A gutter is a rectangle that no line crosses, as tall as it can be, after Breuel, "High performance
document layout analysis" (2003). The white between cells is one, too; ``columns`` tells them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Literal, NamedTuple

import numpy as np

from recognition.layout.boxes import Boxes, Floats, Indices, Mask, line_height, middles
from recognition.layout.merged_columns import THICK
from recognition.layout.rows import leads
from recognition.layout.text_cues import ENTRY, LED, VALUE

from .columns import FEW, are_columns, are_lists, are_tiers, is_prose, is_table

SLACK = 0.3
"""Boxes reach beyond the ink by up to this share of a line's height, so neighbours may overlap."""

VAGUE = 0.2
"""Where a blank begins and ends is known to about this share of a line's height: as far as a character's centre is."""

Gaps = Literal["columns", "any", "lists"]
"""Which gaps in horizontal text are gutters: those between columns of text; any others, too, with several words on both
sides; or, beside those between columns, those between two lists of words and values."""

LEADERS = 0.5
"""Where dots lead across a gap from so large a share of the lines, it is none."""

RULED, PLAIN = 0.7, 1.25
"""Share of a gutter that a rule in it runs through; one without is as good as one with a rule if so many times as
large."""

VALUES = 0.6
"""Share of the lines next to a gap that are values where a list ends, and are none where the next one begins."""

TOUCH = 1.0
"""A quantity and its unit, or the sizes of a dish, stand so close, in line heights."""

INDENT = 3.0
"""The lines of a column start no further apart, in line heights, but for a stray one."""


class Blanks(NamedTuple):
    """Inner blanks of lines: each with the index of its line, where it starts and where it ends."""

    line: Indices
    start: Floats
    end: Floats

    def at(self, x: float, count: int, slack: float) -> Mask:
        """Which of ``count`` lines have a blank at ``x``, or within ``slack`` of it."""
        mask = np.zeros(count, dtype=bool)
        mask[self.line[(self.start - slack < x) & (x < self.end + slack)]] = True
        return mask


class Stretch(NamedTuple):
    """Indices of lines: left and right of a gutter, those that bridge it with a blank, and what is above."""

    above: Indices
    left: Indices
    right: Indices
    bridging: Indices


class Gutter(NamedTuple):
    """A gutter's ``x``, its stretches from the top, and the lines below the last one."""

    x: float
    stretches: list[Stretch]
    below: Indices


class _Cut(NamedTuple):
    """All lines of a region as seen from one x; masks and numbers, one for each line.

    Lines that cross it part it into spans. ``place``: 2 k in the span k from above, 2 k + 1 below it, level
    with what crosses. ``left``, ``right`` and ``bridging``: where the lines in spans are. ``a`` and ``b``: those
    of them next to the cut.
    """

    x: float
    place: Indices
    left: Mask
    right: Mask
    bridging: Mask
    a: Mask
    b: Mask

    def sides(self, span: int) -> tuple[Indices, Indices]:
        """The lines next to the cut on its left and right in one span."""
        inside = self.place == 2 * span
        return np.flatnonzero(inside & self.a), np.flatnonzero(inside & self.b)


def find_gutter(
    boxes: Boxes, blanks: Blanks, texts: Mask, rules: Boxes, *, vertical: bool, gaps: Gaps = "columns"
) -> Gutter | None:
    """The largest gutter between columns or, in vertical text, tiers; None where there is none.

    One with a rule in it is preferred, be there but one side of running text; it goes on as far as the white does.

    ``texts``: (n, 3), the ``text_cues.list_cues`` of each line. ``rules``: (m, 4), those that run along gutters.
    """
    height, rows = line_height(boxes), leads(boxes)
    mirrored = boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1]
    cuts = _cuts(boxes, blanks, rows, height)
    lines = np.maximum((boxes[:, 3] - boxes[:, 1]) // max(height, 1), 1)  # as a frame or a table is as high as several
    candidates = [(cut, span, *cut.sides(span)) for cut in cuts for span in _spans(cut, lines, FEW)]
    sizes = [_size(boxes[a], boxes[b], height) for _, _, a, b in candidates]
    ruled = [_has_rule(rules, boxes[a], boxes[b], height) for _, _, a, b in candidates]
    for i in sorted(range(len(candidates)), key=lambda i: sizes[i] / (1 if ruled[i] else PLAIN), reverse=True):
        cut, span, a, b = candidates[i]
        left = _whole_rows(boxes, rows, a, cut.left, height)
        right = _whole_rows(mirrored, rows, b, cut.right, height)[:, [2, 1, 0, 3]] * [-1, 1, -1, 1]
        parts = are_tiers(left, right, height) if vertical else are_columns(left, right, height)
        parts |= ruled[i] and (is_prose(left) or is_prose(right))
        if not (parts or vertical) and gaps == "any":
            parts = are_lists(left, right, height)
        elif not (parts or vertical) and gaps == "lists":
            parts = are_lists(left, right, height, 0) and _ends_list(boxes, cut, span, texts[:, VALUE])
        if parts and max(texts[a, ENTRY].mean(), texts[b, LED].mean()) < LEADERS:
            if ruled[i]:
                around = (k for k, (_, _, *sides) in enumerate(candidates) if _holds(sides, (a, b)))
                cut, span, a, b = candidates[max(around, key=sizes.__getitem__)]
            others = ((k, *cut.sides(k)) for k in _spans(cut, lines, 1))
            more = {k for k, a, b in others if vertical or not is_table(boxes[a], boxes[b], height)}
            return _gutter(cut, sorted({span} | more))
    return None


def _has_rule(rules: Boxes, a: Boxes, b: Boxes, height: float) -> bool:
    """Whether a rule between the lines ``a`` and ``b`` runs through most of where they stand side by side."""
    top, bottom = max(a[:, 1].min(), b[:, 1].min()), min(a[:, 3].max(), b[:, 3].max())
    x = (rules[:, 0] + rules[:, 2]) / 2
    between = (a[:, 2].max() - SLACK * height < x) & (x < b[:, 0].min() + SLACK * height)
    shared = np.minimum(rules[:, 3], bottom) - np.maximum(rules[:, 1], top)
    return bool((between & (shared > RULED * (bottom - top))).any())


def _holds(sides: Sequence[Indices], others: Sequence[Indices]) -> bool:
    """Whether all lines on either side of another gutter are on the same side of one."""
    return all(np.isin(other, side).all() for side, other in zip(sides, others, strict=True))


def _ends_list(boxes: Boxes, cut: _Cut, span: int, values: Mask) -> bool:
    """Whether values stand before a cut and words after it, and these are running text or begin another list like the
    one before: with as many words, and as many values after them, in most of its rows."""
    a, b = cut.sides(span)
    if values[a].mean() < VALUES or values[b].mean() > 1 - VALUES:
        return False
    inside = cut.place == 2 * span
    mirrored = boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1]
    before = _usual_row(mirrored, np.flatnonzero(inside & cut.left), values)
    after = _usual_row(boxes, np.flatnonzero(inside & cut.right), values)
    return is_prose(boxes[b]) or (bool(after) and before == after[::-1])


def _usual_row(boxes: Boxes, side: Indices, values: Mask) -> tuple[int, ...]:
    """With how many words most rows of one side of a cut begin, and how many values come then; or the other way round.

    What nearly touches is taken for one. Empty where no row has both.
    """
    rows: dict[int, list[bool]] = {}
    reach: dict[int, float] = {}
    lead = leads(boxes[side])
    for k in np.argsort(boxes[side, 0]).tolist():
        row, (left, top, right, bottom) = int(lead[k]), boxes[side[k]]
        if left - reach.get(row, -np.inf) < TOUCH * (bottom - top):
            rows[row][-1] |= bool(values[side[k]])
        else:
            rows.setdefault(row, []).append(bool(values[side[k]]))
        reach[row] = right
    starts = Counter(tuple(sum(1 for _ in group) for _, group in islice(groupby(row), 2)) for row in rows.values())
    both = Counter({start: count for start, count in starts.items() if len(start) > 1})
    return both.most_common(1)[0][0] if both else ()


def _whole_rows(boxes: Boxes, rows: Indices, near: Indices, side: Mask, height: float) -> Boxes:
    """One box for each row of the column left of a cut, whose lines next to it are ``near``.

    Detection may give a line in pieces, and notes in two rows between large characters are two lines of one row.
    """
    pieces = np.flatnonzero(side & (boxes[:, 0] > np.median(boxes[near, 0]) - INDENT * height))
    near = near[np.unique(rows[near], return_index=True)[1]]
    whole: Boxes = boxes[near]
    for box, row in zip(whole, rows[near], strict=True):
        box[0] = boxes[pieces[rows[pieces] == row], 0].min(initial=box[0])
    return whole


def _gutter(cut: _Cut, spans: Sequence[int]) -> Gutter:
    """The gutter at ``cut`` in these spans, from above."""
    stretches = []
    done = -1
    for span in spans:
        masks = (
            (cut.place > done) & (cut.place < 2 * span),
            *((cut.place == 2 * span) & side for side in (cut.left, cut.right, cut.bridging)),
        )
        stretches.append(Stretch(*map(np.flatnonzero, masks)))
        done = 2 * span
    return Gutter(cut.x, stretches, np.flatnonzero(cut.place > done))


def _cuts(boxes: Boxes, blanks: Blanks, rows: Indices, height: float) -> Iterator[_Cut]:
    """The region cut at each gap."""
    start, end = boxes[:, 0] + SLACK * height, boxes[:, 2] - SLACK * height
    start, end = np.minimum(start, (start + end) / 2), np.maximum(end, (start + end) / 2)
    middle = middles(boxes)
    before, after = _neighbours(boxes, start, end)
    for x in _gaps(start, end, height):
        crossing = (start < x) & (end > x)
        left, right = end <= x, (start >= x) & (end > x)
        crossing |= _lone(start, end, left) | _lone(-end, -start, right)
        bridging = crossing & blanks.at(x, len(boxes), VAGUE * height) & (boxes[:, 3] - boxes[:, 1] < THICK * height)
        tops, bottoms = _bands(boxes[rows[crossing & ~bridging]])
        span = np.searchsorted(bottoms, middle)  # how many bands are above
        level = tops[span] <= middle
        left, right = left & ~crossing, right & ~crossing
        yield _Cut(float(x), 2 * span + level, left, right, bridging, left & (after >= x), right & (before <= x))


def _lone(start: Floats, end: Floats, side: Mask) -> Mask:
    """The last line of a side where it starts after all others have ended, as a page number below a gutter does."""
    lone = np.zeros(len(side), dtype=bool)
    if np.count_nonzero(side) > 1:
        *_, second, last = np.flatnonzero(side)[np.argsort(end[side])]
        lone[last] = start[last] >= end[second]
    return lone


def _spans(cut: _Cut, lines: Floats, least: int) -> list[int]:
    """The spans with at least so many lines next to the cut on either side. ``lines``: as how many each box counts."""
    count = int(cut.place.max()) + 1
    a, b = (np.bincount(cut.place[side], lines[side], minlength=count) for side in (cut.a, cut.b))
    return [int(place) // 2 for place in np.flatnonzero(np.minimum(a, b) >= least) if place % 2 == 0]


def _gaps(start: Floats, end: Floats, height: float) -> Floats:
    """An x for each gap that is worth a look: where a line starts before the next one ends."""
    ends, starts = np.unique(end), np.append(np.unique(start), np.inf)
    following = starts[np.searchsorted(starts, ends)]
    worth = following < np.append(ends[1:], np.inf)
    gaps: Floats = (ends + np.minimum(following, ends + height))[worth] / 2
    return gaps


def _bands(boxes: Boxes) -> tuple[Floats, Floats]:
    """Tops and bottoms of the bands that the boxes cover, from above; the tops end with infinity."""
    if not len(boxes):
        return np.array([np.inf]), np.array([])
    order = np.argsort(boxes[:, 1])
    tops, bottoms = boxes[order, 1], np.maximum.accumulate(boxes[order, 3])
    fresh = np.append(True, tops[1:] > bottoms[:-1])
    return np.append(tops[fresh], np.inf), bottoms[np.append(fresh[1:], True)]


def _neighbours(boxes: Boxes, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """For each line where the last one before it in its row ends, and where the next one after it starts."""
    middle = middles(boxes)
    level = (boxes[:, 1] < middle[:, None]) & (middle[:, None] < boxes[:, 3])
    before = np.where(level & (end <= start[:, None]), end, -np.inf).max(axis=1)
    after = np.where(level & (start >= end[:, None]), start, np.inf).min(axis=1)
    return before, after


def _size(a: Boxes, b: Boxes, height: float) -> float:
    """The height that the sides share; among equals the wider gap is better."""
    extent = min(a[:, 3].max(), b[:, 3].max()) - max(a[:, 1].min(), b[:, 1].min())
    return float(extent + min(b[:, 0].min() - a[:, 2].max(), 2 * height))
