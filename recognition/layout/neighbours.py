"""Where the lines of a page stand among each other, in a frame (see ``frames``).

Lines right under each other form a *stack*: a column, or as much of it as nothing interrupts. A *column* goes on
over wide gaps and changes of type. A *row* has what stands level.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .boxes import Boxes, Floats, Indices, Mask
from .frames import Frame
from .rows import leads

OVERLAP = 0.3
"""Share of the shorter line that two lines in one stack have in common."""

APART = 1.3
"""Line heights of white that part a stack."""

ALIKE = 1.4
"""How much higher than the other one of two lines in a stack may be."""

FILLS = 1.5
"""A line fills its column if it ends no more line heights before its edge."""

LOWER = 0.3
"""By how many line heights a line that is not level with another one is lower at least."""

NOBODY = 1000
"""The rank of what is no neighbour."""


class Neighbours:
    """The (n,) and (n, n) arrays that features are made of; the lines in rows, their neighbours in columns.

    ``below``, ``beside``: (n, n), whether the second one is under, or to the right of, the first one; ``gap_y``,
    ``gap_x``: the white between them then, else infinite; ``rank_...``: how many are nearer on that side.
    ``rank_back``: the same of those to which one goes back when a row of cells ends. ``foreign``: which lines run in
    the other direction.
    """

    def __init__(self, frame: Frame, foreign: Mask) -> None:
        self.frame, self.foreign = frame, foreign
        self.count = len(frame.boxes)
        self.left, self.top, self.right, self.bottom = frame.boxes.T
        self.high = np.maximum(self.bottom - self.top, 1e-6)
        self.width = np.maximum(self.right - self.left, 1e-6)
        self.height = np.where(foreign, self.width, self.high)
        self.usual = float(np.median(self.height))
        self.x, self.y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        self._compare()
        self.row = _rows(frame.boxes, self.y)
        self.stack, self.up, self.down = self._chained(self._is_stacked)
        self.column, self.over, self.under = self._chained(lambda i, j: np.ones(len(i), dtype=bool))
        self.rank_back = self._ranked_back()

    def _compare(self) -> None:
        """Each line with each."""
        left, top, right, bottom = self.left, self.top, self.right, self.bottom
        shared_x = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
        shared_y = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        self.shared_x = shared_x / np.minimum(self.width[:, None], self.width)
        self.shared_y = shared_y / np.minimum(self.high[:, None], self.high)
        self.dx, self.dy = self.x - self.x[:, None], self.y - self.y[:, None]
        below = (self.shared_x > 0.1) & (self.dy > 0) & (self.shared_y < 0.5)
        beside = (self.shared_y > 0.4) & (self.dx > 0) & (self.shared_x < 0.3)
        self.gap_y = np.where(below, np.maximum(top - bottom[:, None], -0.5 * self.usual), np.inf)
        self.gap_x = np.where(beside, left - right[:, None], np.inf)
        self.rank_below, self.rank_above = ranks(self.gap_y), ranks(self.gap_y.T).T
        self.rank_right, self.rank_left = ranks(self.gap_x), ranks(self.gap_x.T).T
        self.has_left, self.has_right = np.isfinite(self.gap_x).any(axis=0), np.isfinite(self.gap_x).any(axis=1)
        level = (np.abs(self.dy) < 0.3 * self.usual) & (self.shared_x < 0.1)
        self.level = level.any(axis=1).astype(float)

    def _ranked_back(self) -> Indices:
        """(n, n): of the lines that come first below each in the columns to its left, how many are nearer."""
        lower = self.dy > LOWER * self.usual
        later = np.where(self.over >= 0, lower[:, self.over], False)
        back = lower & ~later & (self.dx < 0) & (self.shared_x < 0.1)
        return ranks(np.where(back, self.left[:, None] - self.right, np.inf))

    def _is_stacked(self, i: Indices, j: Indices) -> Mask:
        """Whether lines j stand so close below i, in such type, that nothing interrupts them."""
        ratio = self.height[i] / self.height[j]
        near = self.gap_y[i, j] < APART * np.minimum(self.height[i], self.height[j])
        alike = (ratio < ALIKE) & (ratio > 1 / ALIKE) & (self.foreign[i] == self.foreign[j])
        ruled = self.crossed(i, j, self.frame.across, vertical=True) > 0
        mask: Mask = near & alike & ~ruled
        return mask

    def _chained(self, is_next: Callable[[Indices, Indices], Mask]) -> tuple[Indices, Indices, Indices]:
        """Lines that are each other's nearest above and below, and pass ``is_next``, as chains.

        For each line its chain, named by the first of its lines, and the lines before and after it there, or -1.
        """
        mutual = (self.rank_below == 0) & (self.rank_above == 0) & (self.shared_x > OVERLAP)
        i, j = np.nonzero(mutual)
        chosen = is_next(i, j)
        i, j = i[chosen], j[chosen]
        before, after, chain = np.full(self.count, -1), np.full(self.count, -1), np.arange(self.count)
        after[i], before[j] = j, i
        for k in np.argsort(self.y, kind="stable"):
            if before[k] >= 0:
                chain[k] = chain[before[k]]
        return chain, before, after

    def crossed(self, i: Indices, j: Indices, rules: Boxes, *, vertical: bool) -> Floats:
        """The share of the way from i to j, side by side of it or across, that one of ``rules`` takes: 0 to 1.

        ``vertical``: the way down, which rules from side to side cross; else the way to the side.
        """
        if not len(rules) or not len(i):
            return np.zeros(len(i))
        axis = 0 if vertical else 1
        middle = self.y if vertical else self.x
        at = (rules[:, 1 - axis] + rules[:, 3 - axis]) / 2
        start = np.minimum(self.x[i], self.x[j]) - 0.5 if vertical else np.minimum(self.top[i], self.top[j])
        end = np.maximum(self.x[i], self.x[j]) + 0.5 if vertical else np.maximum(self.bottom[i], self.bottom[j])
        low, high = np.minimum(middle[i], middle[j]), np.maximum(middle[i], middle[j])
        hit = (at > low[:, None]) & (at < high[:, None])
        reach = np.minimum(end[:, None], rules[:, axis + 2]) - np.maximum(start[:, None], rules[:, axis])
        share: Floats = np.where(hit, np.clip(reach / np.maximum(end - start, 1e-6)[:, None], 0, 1), 0).max(axis=1)
        return share


class Groups:
    """The lines of each stack, or each column, taken together: (n,), for each line of its group.

    ``box``: (n, 4), around it. ``short``, ``late``: line heights from the edges of the group to the line's end and
    start. ``full``: share of lines that fill it; ``level``: that have lines beside them; ``ragged``: how short they
    are; ``depth``: how many stand above a line.
    """

    def __init__(self, page: Neighbours, group: Indices, before: Indices) -> None:
        count = page.count
        sizes = np.bincount(group, minlength=count)
        self.size = sizes[group].astype(float)
        edges = np.stack([np.full(count, limit) for limit in (np.inf, np.inf, -np.inf, -np.inf)], axis=1)
        for axis, reach in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
            reach.at(edges[:, axis], group, page.frame.boxes[:, axis])
        self.box: Boxes = edges[group]
        self.short = (self.box[:, 2] - page.right) / page.height
        self.late = (page.left - self.box[:, 0]) / page.height
        self.fills = (self.short < FILLS).astype(float)

        def mean(values: Floats) -> Floats:
            means: Floats = (np.bincount(group, values, minlength=count) / np.maximum(sizes, 1))[group]
            return means

        self.full, self.level, self.height = mean(self.fills), mean(page.level), mean(page.height)
        self.ragged = mean(squeezed(self.short))
        self.depth = np.zeros(count)
        for k in np.argsort(page.y, kind="stable"):
            if before[k] >= 0:
                self.depth[k] = self.depth[before[k]] + 1


def squeezed(values: Floats) -> Floats:
    """Distances by a logarithm of their size: neither the size of type nor a large page matters much."""
    result: Floats = np.sign(values) * np.log1p(np.abs(values))
    return result


def _rows(boxes: Boxes, middles: Floats) -> Indices:
    """The number of each line's row, from the top."""
    lead = leads(boxes)
    _, row = np.unique(np.stack([middles[lead], lead], axis=1), axis=0, return_inverse=True)
    return np.asarray(row.reshape(-1), dtype=np.intp)


def ranks(values: Floats) -> Indices:
    """Along each row, how many are smaller; those that are infinite come last, as ``NOBODY``."""
    found = np.empty(values.shape, dtype=np.intp)
    order = np.argsort(values, axis=1, kind="stable")
    np.put_along_axis(found, order, np.broadcast_to(np.arange(values.shape[1]), values.shape), axis=1)
    found[~np.isfinite(values)] = NOBODY
    return found
