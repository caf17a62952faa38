"""What the page says about two lines of which one may follow the other: numbers for the network in ``successors``.

Distances are in line heights, squeezed by a logarithm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from recognition.layout.boxes import Floats, Indices
from recognition.layout.neighbours import NOBODY, Groups, Neighbours, squeezed
from recognition.layout.text_cues import (
    COMMA,
    DIGITS,
    END,
    LENGTH,
    LOWER,
    MARKED,
    NUMBERED,
    PUNCTUATED,
    WIDE,
    cues,
    initials,
    numbers,
)

Features = npt.NDArray[np.float32]

FAR = 50.0
"""Line heights that stand for the white next to a line without a neighbour."""

HEAD, TAIL = [LOWER, MARKED, NUMBERED, PUNCTUATED, DIGITS], [END, COMMA, DIGITS]
"""What the text of a rival shows: of one that may come next, and of one that may have come before."""

OF_GROUPS = [DIGITS, END, NUMBERED, LENGTH]
"""What the texts of a stack have in common."""


class PairFeatures:
    """The features of pairs of lines of one page in one frame.

    ``raws``: the text of each line; ``text``: (n, 12), its ``text_cues.cues``. ``order``: (n,), the place of each line
    by the cuts.
    """

    def __init__(self, page: Neighbours, raws: Sequence[str], order: Indices) -> None:
        self.page, self.order = page, order
        self.text: Floats = np.array([cues(raw) for raw in raws])
        self.number, self.initial = numbers(raws), initials(raws)
        self.stack = Groups(page, page.stack, page.up)
        self.column = Groups(page, page.column, page.over)
        self.nearest = {
            "below": _nearest(page.rank_below),
            "beside": _nearest(page.rank_right),
            "above": _nearest(page.rank_above.T),
            "before": _nearest(page.rank_left.T),
        }
        self.of_stacks = means(self.text[:, OF_GROUPS], page.stack)
        self.sorted_down = self._sorted(page.down, page.stack)
        self.sorted_along = self._sorted(self.nearest["beside"], page.row)

    def of(self, i: Indices, j: Indices) -> Features:
        """(p, k), for each pair of first lines ``i`` and second lines ``j``."""
        unit = np.sqrt(self.page.height[i] * self.page.height[j])
        columns = [
            *self._boxes(i, j, unit),
            *self._ranks(i, j),
            *self._groups(i, j, unit, self.stack, self.page.stack),
            *self._groups(i, j, unit, self.column, self.page.column),
            *self._rows(i, j),
            *self._separators(i, j),
            *self._order(i, j),
            *self._texts(i, j),
            *self._sequence(i, j),
            *self._rivals(i, j, unit),
            *self._cells(i, j, unit),
            *(np.full(len(i), value) for value in self._whole_page()),
        ]
        return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)

    def _boxes(self, i: Indices, j: Indices, unit: Floats) -> Iterator[Floats]:
        """One box against the other, and where both are on the page."""
        page = self.page
        for a, b in (
            (page.left[j], page.left[i]),
            (page.right[j], page.right[i]),
            (page.x[j], page.x[i]),
            (page.top[j], page.bottom[i]),
            (page.top[j], page.top[i]),
            (page.bottom[j], page.bottom[i]),
            (page.left[j], page.right[i]),
        ):
            yield squeezed((a - b) / unit)
        yield np.clip(page.shared_x[i, j], -1, 1)
        yield np.clip(page.shared_y[i, j], -1, 1)
        ratio = np.log(page.height[j] / page.height[i])
        yield from (ratio, np.abs(ratio), np.log(page.width[j] / page.width[i]))
        for k in (i, j):
            yield np.log(page.width[k] / page.height[k])
            yield np.log(page.height[k] / page.usual)
            yield page.foreign[k].astype(float)
            yield (page.x[k] - page.left.min()) / (page.right.max() - page.left.min())
            yield (page.y[k] - page.top.min()) / (page.bottom.max() - page.top.min())

    def _ranks(self, i: Indices, j: Indices) -> Iterator[Floats]:
        """How many stand nearer, and what stands nearest."""
        page = self.page
        for found in (page.rank_below, page.rank_above, page.rank_right, page.rank_left):
            yield np.minimum(found[i, j], 4) / 4
        for k in (i, j):
            yield page.has_left[k].astype(float)
            yield page.has_right[k].astype(float)

    def _groups(self, i: Indices, j: Indices, unit: Floats, groups: Groups, name: Indices) -> Iterator[Floats]:
        """Stack against stack, or column against column, and the lines' places in them."""
        page, box, other = self.page, groups.box[i], groups.box[j]
        yield (name[i] == name[j]).astype(float)
        yield np.asarray(groups.depth[i] + 1 == groups.size[i])
        yield np.asarray(groups.depth[j] == 0)
        for a, b in (
            (other[:, 0], box[:, 0]),
            (other[:, 2], box[:, 2]),
            (other[:, 1], box[:, 1]),
            (other[:, 3], box[:, 3]),
            (other[:, 0], box[:, 2]),
            (other[:, 1], box[:, 3]),
            (page.top[j], box[:, 1]),
            (page.bottom[i], other[:, 3]),
        ):
            yield squeezed((a - b) / unit)
        yield np.log((other[:, 2] - other[:, 0]) / (box[:, 2] - box[:, 0]))
        yield np.log(groups.height[j] / groups.height[i])
        for k in (i, j):
            yield from (np.log(groups.size[k]), np.log1p(groups.depth[k]))
            yield from (groups.full[k], groups.level[k], groups.ragged[k])
            yield squeezed(groups.short[k] * page.height[k] / unit)
            yield squeezed(groups.late[k] * page.height[k] / unit)

    def _rows(self, i: Indices, j: Indices) -> Iterator[Floats]:
        row = self.page.row
        yield squeezed((row[j] - row[i]).astype(float))
        yield (row[i] == row[j]).astype(float)

    def _separators(self, i: Indices, j: Indices) -> Iterator[Floats]:
        """Rules and pictures between them."""
        page, frame = self.page, self.page.frame
        yield page.crossed(i, j, frame.across, vertical=True)
        yield page.crossed(i, j, frame.along, vertical=False)
        yield self.pictures_between(i, j)

    def pictures_between(self, i: Indices, j: Indices) -> Floats:
        """(p,): 1 where the way from line to line crosses a picture, else 0."""
        page, pictures = self.page, self.page.frame.pictures
        if not len(pictures) or not len(i):
            return np.zeros(len(i))
        low_x, high_x = np.minimum(page.x[i], page.x[j])[:, None], np.maximum(page.x[i], page.x[j])[:, None]
        low_y, high_y = np.minimum(page.y[i], page.y[j])[:, None], np.maximum(page.y[i], page.y[j])[:, None]
        left, top, right, bottom = pictures.T
        hit = (left < high_x) & (right > low_x) & (top < high_y) & (bottom > low_y)
        return np.asarray(hit.any(axis=1), dtype=np.float64)

    def _order(self, i: Indices, j: Indices) -> Iterator[Floats]:
        later = self.order[j] - self.order[i]
        yield from ((later == 1).astype(float), (later == 2).astype(float), np.sign(later).astype(float))
        yield squeezed(later.astype(float))

    def _texts(self, i: Indices, j: Indices) -> Iterator[Floats]:
        yield from self.text[i].T
        yield from self.text[j].T
        yield np.abs(self.text[i, WIDE] - self.text[j, WIDE])
        yield np.abs(self.text[i, DIGITS] - self.text[j, DIGITS])
        yield from self.of_stacks[i].T
        yield from self.of_stacks[j].T

    def _sequence(self, i: Indices, j: Indices) -> Iterator[Floats]:
        """Whether numbers count up, and entries come in the order of the alphabet: of the two, and of their groups."""
        counted = self.number[j] - self.number[i]
        yield from (np.nan_to_num(np.sign(counted)), (counted == 1).astype(float))
        yield np.nan_to_num(np.sign(self.initial[j] - self.initial[i]))
        for k in (i, j):
            yield from (self.sorted_down[k], self.sorted_along[k])

    def _sorted(self, following: Indices, group: Indices) -> Floats:
        """(n,): how far each group is in order, if its lines are followed by those ``following`` (or -1): -1 to 1."""
        line = np.flatnonzero(following >= 0)
        after = following[line]
        number, initial = self.number[after] - self.number[line], self.initial[after] - self.initial[line]
        rises = np.where(np.isnan(number), np.nan_to_num(np.sign(initial)), np.sign(number))
        size = len(following)
        sums = np.bincount(group[line], rises, minlength=size) / np.maximum(np.bincount(group[line], minlength=size), 1)
        found: Floats = sums[group]
        return found

    def _rivals(self, i: Indices, j: Indices, unit: Floats) -> Iterator[Floats]:
        """The nearest lines below and beside the first one, which may come next as well; above and beside the second,
        after which that one may come."""
        page = self.page
        for line, side, gaps, shown in (
            (i, "below", page.gap_y, HEAD),
            (i, "beside", page.gap_x, HEAD),
            (j, "above", page.gap_y.T, TAIL),
            (j, "before", page.gap_x.T, TAIL),
        ):
            rival = self.nearest[side][line]
            there = rival >= 0
            gap = np.where(there, gaps[line, rival], np.inf)
            yield squeezed(np.where(np.isfinite(gap), gap / unit, FAR))
            yield np.where(there, np.log(page.height[rival] / page.height[line]), 0)
            yield np.where(there, squeezed((page.left[rival] - page.left[line]) / unit), 0)
            yield from np.where(there, self.text[rival][:, shown].T, 0)
            yield np.where(there, self.stack.fills[rival], 0)

    def _cells(self, i: Indices, j: Indices, unit: Floats) -> Iterator[Floats]:
        """The white on both sides of each line, and of its column: it is wider between lists than between a label and
        its value. Whether the second line's stack is like that before the first one's, as labels in two lists are."""
        page, box = self.page, self.column.box
        for line, side, gaps in (
            (i, "before", page.gap_x.T),
            (i, "beside", page.gap_x),
            (j, "before", page.gap_x.T),
            (j, "beside", page.gap_x),
        ):
            other = self.nearest[side][line]
            left, right = (other, line) if side == "before" else (line, other)
            yield np.where(other >= 0, squeezed((box[right, 0] - box[left, 2]) / unit), squeezed(np.array(FAR)))
            yield squeezed(np.where(other >= 0, np.minimum(gaps[line, other] / unit, FAR), FAR))
        former = self.nearest["before"][i]
        there = former >= 0
        yield there.astype(float)
        yield from np.where(there, np.abs(self.of_stacks[former] - self.of_stacks[j]).T, 1)
        yield np.where(there, np.log(self.stack.size[former] / self.stack.size[j]), 0)
        yield np.where(there, squeezed((self.stack.box[former, 1] - self.stack.box[j, 1]) / unit), 0)

    def _whole_page(self) -> Sequence[float]:
        page = self.page
        own = ~page.foreign
        return (
            float(self.stack.fills[own].mean()) if own.any() else 0.0,
            float(page.level.mean()),
            float(np.log(page.count)),
            float(len(page.frame.across) > 0),
            float(len(page.frame.along) > 0),
            float(np.median(np.log(page.width / page.height))),
            float(self.text[:, END].mean()),
            float(self.text[:, LENGTH].mean()),
            page.count / (int(page.row.max()) + 1),
        )


def means(values: Floats, group: Indices) -> Floats:
    """(n,) or (n, k): for each line the mean of ``values`` over its group."""
    counts = np.maximum(np.bincount(group), 1)
    columns = values.reshape(len(values), -1).T
    sums = np.stack([np.bincount(group, column) for column in columns], axis=1)
    found: Floats = (sums / counts[:, None])[group].reshape(values.shape)
    return found


def _nearest(ranked: Indices) -> Indices:
    """For each line the one of rank 0, or -1: ``ranked``: (n, n)."""
    if not len(ranked):
        return np.zeros(0, dtype=np.intp)
    first = ranked.argmin(axis=1)
    return np.where(ranked[np.arange(len(ranked)), first] < NOBODY, first, -1)
