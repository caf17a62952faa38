"""Columns and rows of a table told from where its text stands, where no rules part them.

All in a frame: the untilted page, lines running to the right. Boxes are (n, 4): left, top, right, bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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

APART = 0.3
"""Lines whose middles differ by less, in line heights, are in one row beyond doubt."""

EACH, BETWEEN = 0.85, 0.34
"""Share of a table's levels of text at which the first column has some, if each is a row; share of its pairs of lines
with another one half-way between them, if each is a cell."""

HALF = 0.5
"""More than half of the columns at more than half of the levels have text, if each level is a row."""

LEAST = 0.75
"""Lines below each other are further apart than this, in line heights."""

TALLEST = 9
"""So many line heights, or less, does a row have."""

ROW, EMPTY, MORE, EITHER, EARLY, NUMBER, OFF, GAP, SPAN, RULED = 0.7, 1.5, 0.2, 0.5, 1.0, 1.0, 1.0, 0.8, 0.9, 3.0
"""What is paid for a row; for all of its cells being empty; for each further line in a cell, and more where gaps tell
nothing, where the line above it ends early, or where one of them is a number; for each line height by which cells are
out of line; for a gap that fits lines of one cell between two rows, or the other way round; for a line that stands in
two rows; for lines in one cell with a rule between them."""

FULL = 0.6
"""A line shorter than this share of its column's longest ends early."""

KINDS, FAR, ODD, STEADY, TWICE = 1.12, 3.0, 0.1, 1.06, 1.45
"""Lines of one cell are no further apart than the closest ones by the first factor, and what is further than by the
second one tells nothing. That there are such lines shows where a share of the distances is no multiple of the least,
and where these leave a gap, as a factor, below the last one.
"""


@dataclass(frozen=True, eq=False)
class Content:
    """Lines of a table: their boxes, from which column to which each reaches, both included, and which are numbers."""

    boxes: Boxes
    first: Indices
    last: Indices
    columns: int
    height: float
    numbers: Mask


def borders(boxes: Boxes, blanks: Boxes, height: float, sure: Boxes | None = None) -> list[float]:
    """Where columns are parted: an x for each gap that nearly all rows leave, left and right ends not included.

    ``blanks``: (m, 4), blanks inside of lines, which let a border through: narrow ones if most other rows leave a
    gap there, wide ones anyhow. ``sure``: those of them that part cells wherever columns meet.
    """
    left, right = float(boxes[:, 0].min()), float(boxes[:, 2].max())
    step = STEP * height
    size = int((right - left) / step) + 2
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
    gaps = []
    for start, end in _spans(free):
        clear = [(start + a, start + b) for a, b in _spans(crossing[start:end] == 0)]
        gaps += clear or [(start, end)]
    found = [left + (a + b - 1) / 2 * step for a, b in gaps if a > 0 and b < size - 1]
    certain = [x for x in found if shared[int((x - left) / step)]]
    parts = _parted(boxes, blanks, certain, SLACK * height)
    if sure is not None:
        parts = _parted(parts, sure, found, SLACK * height)
    return _populated(parts, found, left, right, SLACK * height)


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


def content(boxes: Boxes, xs: Sequence[float], height: float, numbers: Sequence[bool]) -> Content:
    """``boxes`` in the columns between ``xs``, the outer ends included; ``numbers``: which of them are numbers."""
    inner = np.asarray(xs[1:-1])
    shrunk = _shrunk(boxes, 2 * SLACK * height)
    first, last = (np.searchsorted(inner, shrunk[:, k]) for k in (0, 1))
    return Content(boxes, first, last, len(xs) - 1, height, np.array(numbers, dtype=bool))


def row_borders(
    lines: Content, rules: Sequence[tuple[float, float, float]]
) -> tuple[list[float], set[tuple[int, int]]]:
    """Where rows are parted: a y for each border, top and bottom not included; and pairs of lines, one below the other
    in a column, that are in one cell for sure, be it one that spans rows.

    The cheapest of all ways to part the lines: rows cost, and so do empty cells, cells of several lines, cells out of
    line with the others of their row, gaps that do not fit, and lines in two rows at once. ``rules``: (y, left,
    right) of rules that part rows.
    """
    middles = (lines.boxes[:, 1] + lines.boxes[:, 3]) / 2
    order = np.sort(middles)
    cuts = [-np.inf, *((a + b) / 2 for a, b in pairwise(order) if b - a > APART * lines.height), np.inf]
    costs = _Costs(lines, middles, rules)
    best, back = [0.0] + [np.inf] * (len(cuts) - 1), [0] * len(cuts)
    for j in range(1, len(cuts)):
        for i in range(j - 1, -1, -1):
            if i < j - 1 and min(cuts[j], order[-1]) - max(cuts[i], order[0]) > TALLEST * lines.height:
                break
            cost = best[i] + costs.row(cuts[i], cuts[j])
            if cost < best[j]:
                best[j], back[j] = cost, i
    found: list[float] = []
    j = back[-1]
    while j:
        found.append(float(cuts[j]))
        j = back[j]
    return found[::-1], costs.tight - costs.ruled


class _Costs:
    """What rows of ``lines`` cost."""

    def __init__(self, lines: Content, middles: Floats, rules: Sequence[tuple[float, float, float]]) -> None:
        self.lines, self.middles = lines, middles
        self.tops, self.bottoms = lines.boxes[:, 1], lines.boxes[:, 3]
        quarter = (self.bottoms - self.tops) / 4
        self.inner_top, self.inner_bottom = self.tops + quarter, self.bottoms - quarter
        self.widths = lines.boxes[:, 2] - lines.boxes[:, 0]
        self.pairs = self._pairs()
        self.ruled = {pair for pair in self.pairs if self._is_ruled(pair, rules)}
        self.tight, self.loose = self._kinds()
        self.cell_tops, self.cell_bottoms = self._cells()
        filled = np.zeros(lines.columns)
        for column in range(lines.columns):
            own = (lines.first <= column) & (column <= lines.last)
            filled[column] = rows_of(lines.boxes[own], lines.height) if own.any() else 0
        self.weights = np.maximum(filled, 1.0)
        self.weights[0] *= 2  # a row without a beginning is seldom one
        self.weights /= self.weights.sum()

    def _pairs(self) -> list[tuple[int, int]]:
        """Lines one below the other in a column."""
        pairs = []
        for column in range(self.lines.columns):
            own = np.flatnonzero((self.lines.first == column) & (self.lines.last == column))
            own = own[np.argsort(self.middles[own])]
            pairs += [(int(a), int(b)) for a, b in pairwise(own)]
        return pairs

    def _cells(self) -> tuple[Floats, Floats]:
        """The middles of the first and the last line of each line's cell, as far as tight pairs tell."""
        tops, bottoms = self.middles.copy(), self.middles.copy()
        tight = sorted(self.tight - self.ruled, key=lambda pair: float(self.middles[pair[0]]))
        for a, b in tight:
            tops[b] = tops[a]
        for a, b in reversed(tight):
            bottoms[a] = bottoms[b]
        return tops, bottoms

    def _is_ruled(self, pair: tuple[int, int], rules: Sequence[tuple[float, float, float]]) -> bool:
        a, b = pair
        x = self.lines.boxes[[a, b], 0].max(), self.lines.boxes[[a, b], 2].min()
        centre = sum(x) / 2
        return any(self.middles[a] < y < self.middles[b] and left <= centre <= right for y, left, right in rules)

    def _kinds(self) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Pairs as close as the lines of one cell, and pairs further apart; both empty where all are alike."""
        steps = {pair: self.middles[pair[1]] - self.middles[pair[0]] for pair in self.pairs}
        steps = {pair: step for pair, step in steps.items() if step > LEAST * self.lines.height}
        if len(steps) < 3:
            return set(), set()
        values = np.array(list(steps.values()))
        pitch = float(np.median(values[values < KINDS * values.min()]))
        ranked = np.sort(values[values < FAR * pitch])
        ratio = ranked / pitch
        odd = (ratio > KINDS) & (np.abs(ratio - np.round(ratio)) > KINDS - 1)  # no rows without a line
        jumps = np.where((ratio[1:] > STEADY) & (ratio[:-1] < TWICE), ranked[1:] / ranked[:-1], 0.0)
        if odd.sum() < max(1.0, ODD * len(ranked)) or not len(jumps) or jumps.max() < STEADY:
            return set(), set()
        k = int(np.argmax(jumps >= STEADY))
        limit = float(np.sqrt(ranked[k] * ranked[k + 1]))
        tight = {pair for pair, step in steps.items() if step < limit and not self.lines.numbers[list(pair)].any()}
        between = sum(self._has_between(pair) for pair in tight)
        if between < BETWEEN * len(tight) and self._begins_each_level():
            return set(), set()
        return tight, steps.keys() - tight

    def _has_between(self, pair: tuple[int, int]) -> bool:
        """Whether a line of another column stands half-way between two lines."""
        above, below = self.middles[list(pair)]
        off = np.abs(self.middles - (above + below) / 2)
        return bool((off < (below - above) / 5).any())

    def _begins_each_level(self) -> bool:
        """Whether nearly each level at which there are several lines is a row: one is in the first column, and most
        columns have one."""
        begins, full = [], []
        rest = np.argsort(self.middles)
        while len(rest):
            level = self.middles[rest] - self.middles[rest[0]] < APART * self.lines.height
            columns = set(self.lines.first[rest[level]].tolist())
            if level.sum() > 1:
                begins.append(0 in columns)
            full.append(len(columns) > HALF * self.lines.columns)
            rest = rest[~level]
        return sum(begins) > EACH * len(begins) and sum(full) > HALF * len(full)

    def row(self, top: float, bottom: float) -> float:
        """The cost of a row between two cuts."""
        lines = self.lines
        inside = (top < self.middles) & (self.middles < bottom)
        crossing = (self.inner_top < bottom) & (bottom < self.inner_bottom) if np.isfinite(bottom) else inside & False
        spanning = crossing | ((self.inner_top < top) & (top < self.inner_bottom))
        spanning |= (self.cell_tops < bottom) & (bottom < self.cell_bottoms)
        spanning |= (self.cell_tops < top) & (top < self.cell_bottoms)
        cost = ROW + SPAN * float(crossing.sum())
        own = np.flatnonzero(inside & ~spanning)
        taken = np.zeros(lines.columns, dtype=bool)
        stacks: dict[int, list[int]] = {}
        for k in own:
            stacks.setdefault(int(lines.first[k]), []).append(int(k))
        for k in np.flatnonzero(spanning | inside):
            taken[lines.first[k] : lines.last[k] + 1] = True
        cost += EMPTY * float(self.weights[~taken].sum())
        if len(stacks) > 1:
            cost += OFF * self._off(list(stacks.values()))
        for a, b in self.pairs:
            if inside[b]:
                if inside[a]:
                    cost += self._same_cell((a, b))
                elif (a, b) in self.tight and (a, b) not in self.ruled:
                    cost += GAP
        return cost

    def _same_cell(self, pair: tuple[int, int]) -> float:
        """What it costs that two lines are in one cell."""
        if self.middles[pair[1]] - self.middles[pair[0]] < APART * self.lines.height:
            return 0.0
        if pair in self.ruled:
            return RULED
        early = EARLY if self._ends_early(pair[0]) else 0.0
        number = NUMBER if self.lines.numbers[list(pair)].any() else 0.0
        return early + number + self._further_line(pair)

    def _ends_early(self, line: int) -> bool:
        """Whether more text would have gone into a line than it has: no cell goes on below it then."""
        alone = self.lines.first == self.lines.last
        column = alone & (self.lines.first == self.lines.first[line])
        return bool(self.widths[line] < FULL * self.widths[column].max())

    def _further_line(self, pair: tuple[int, int]) -> float:
        return MORE if pair in self.tight else MORE + EITHER if pair not in self.loose else MORE + EITHER + GAP

    def _off(self, stacks: list[list[int]]) -> float:
        """By how many line heights the cells of a row are out of line, by their heads or by their middles."""
        tops = np.array([self.tops[stack].min() for stack in stacks])
        heads = np.array([self.middles[stack].min() for stack in stacks])
        bottoms = np.array([self.bottoms[stack].max() for stack in stacks])
        centres = (tops + bottoms) / 2
        off = min(np.abs(values - np.median(values)).sum() for values in (heads, centres))
        return max(0.0, float(off) / self.lines.height - 0.1 * len(stacks))
