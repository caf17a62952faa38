"""Rows of a table told from where its text stands, where no rules part them.

All in a frame: the untilted page, lines running to the right. Boxes are (n, 4): left, top, right, bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.layout.boxes import Floats

from .aligned import Content, rows_of

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

ROW, EMPTY, MORE, EITHER, GAP, SPAN, RULED = 0.7, 1.5, 0.2, 0.5, 0.8, 0.9, 3.0
"""What is paid for a row; for all of its cells being empty; for each further line in a cell, and more where gaps tell
nothing; for a gap that fits lines of one cell between two rows, or the other way round; for a line that stands in two
rows; for lines in one cell with a rule between them."""

EARLY, FITS, NUMBER, ACROSS = 1.0, 2.0, 2.0, 2.0
"""What is paid for two lines in one cell of which the upper one ends early; whose distance does not say that they are
in one cell, and the upper one has room for the first word of the lower one; of which one is a number; of which one
stands in further columns, as headings do."""

OFF, UNEVEN = 1.0, 3.0
"""What is paid for each line height by which cells are out of line; by which cells of one line each are: nothing but
another row sets these apart."""

FULL = 0.6
"""A line shorter than this share of its column's longest ends early."""

ROOM = 0.5
"""White between two words and some slack, in line heights."""

KINDS, FAR, ODD, STEADY, TWICE = 1.12, 3.0, 0.1, 1.06, 1.45
"""Lines of one cell are no further apart than the closest ones by the first factor, and what is further than by the
second one tells nothing. That there are such lines shows where a share of the distances is no multiple of the least,
and where these leave a gap, as a factor, below the last one.
"""


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
        self.pairs, self.mixed = self._pairs()
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

    def _pairs(self) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
        """Lines one below the other in a column; and those of which one stands in others, too."""
        pairs, mixed = list[tuple[int, int]](), set[tuple[int, int]]()
        alone = self.lines.first == self.lines.last
        for column in range(self.lines.columns):
            own = np.flatnonzero((self.lines.first <= column) & (column <= self.lines.last))
            own = own[np.argsort(self.middles[own])]
            mixed |= {(int(a), int(b)) for a, b in pairwise(own) if not alone[[a, b]].all()}
            pairs += [(int(a), int(b)) for a, b in pairwise(own[alone[own]])]
        return pairs, mixed

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
        rows = [step for pair, step in steps.items() if self.lines.numbers[list(pair)].all()]
        limit = min([limit, *(step / STEADY for step in rows)])
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
            single = all(len(stack) == 1 for stack in stacks.values())
            cost += (UNEVEN if single else OFF) * self._off(list(stacks.values()))
        for a, b in self.mixed:
            if inside[a] and inside[b] and self.middles[b] - self.middles[a] > APART * lines.height:
                cost += ACROSS
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
        early = self._early(pair)
        number = NUMBER if self.lines.numbers[list(pair)].any() else 0.0
        return early + number + self._further_line(pair)

    def _early(self, pair: tuple[int, int]) -> float:
        """What it costs that a cell goes on in the line below though there is room left in the one above."""
        above, below = pair
        column = (self.lines.first == self.lines.last) & (self.lines.first == self.lines.first[above])
        widest = self.widths[column].max()
        if pair in self.tight:
            return EARLY if self.widths[above] < FULL * widest else 0.0
        filled = self.widths[above] + self.lines.words[below] + ROOM * self.lines.height
        if filled >= widest:
            return 0.0
        off = np.abs(self.lines.boxes[above] - self.lines.boxes[below])[[0, 2]].min()
        is_row = self.lines.first[below] == 0 or off > APART * self.lines.height
        return FITS if is_row else EARLY

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
