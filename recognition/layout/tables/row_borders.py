"""Rows of a table told from where its text stands, where no rules part them.

All in a frame: the untilted page, lines running to the right. Boxes are (n, 4): left, top, right, bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.layout.boxes import Floats, Mask

from .aligned import Content, rows_of
from .distances import APART, tight_and_loose

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
"""A line shorter than this share of its column's longest ends early; so do labels that all take less of the room that
they have up to the next column."""

ROOM = 0.5
"""White between two words and some slack, in line heights."""


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
        self.tight, self.loose = tight_and_loose(lines, middles, self.pairs)
        self.labels_fit = self._labels_fit()
        self.numbers = lines.numbers & self._among_numbers()
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
        number = NUMBER if self.numbers[list(pair)].any() else 0.0
        return early + number + self._further_line(pair)

    def _early(self, pair: tuple[int, int]) -> float:
        """What it costs that a cell goes on in the line below though there is room left in the one above."""
        above, below = pair
        column = (self.lines.first == self.lines.last) & (self.lines.first == self.lines.first[above])
        widest = self.widths[column].max()
        if pair in self.tight:
            return EARLY if self.widths[above] < FULL * widest else 0.0
        filled = self.widths[above] + self.lines.words[below] + ROOM * self.lines.height
        begins = self.lines.first[below] == 0
        if filled >= widest and not (begins and self.labels_fit):
            return 0.0
        off = np.abs(self.lines.boxes[above] - self.lines.boxes[below])[[0, 2]].min()
        is_row = begins or off > APART * self.lines.height
        return FITS if is_row else EARLY

    def _labels_fit(self) -> bool:
        """Whether all lines of the first column end so early before the next one that none of them goes on below."""
        lefts, own = self.lines.boxes[:, 0], self.lines.last == 0
        if not own.any() or not (self.lines.first > 0).any():
            return False
        room = lefts[self.lines.first > 0].min() - lefts[own].min()
        return bool(self.widths[own].max() < FULL * room)

    def _among_numbers(self) -> Mask:
        """Which lines stand in columns of as many numbers as words: a reference below words is one of these."""
        weights = np.bincount(self.lines.first, minlength=self.lines.columns)
        numbers = np.bincount(self.lines.first, self.lines.numbers, minlength=self.lines.columns)
        mask: Mask = (2 * numbers >= weights)[self.lines.first]
        return mask

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
