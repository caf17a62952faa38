"""What the page says about two lines of which one may follow the other: numbers for the scorer in ``successors``.

Every pair is looked at in the frame of its first line: there lines run to the right and follow each other
downwards (see ``cuts``). Distances are in line heights, squeezed by a logarithm, so that neither the size of the
type nor a large page matters.

Lines that stand right under each other form a *stack*: a column, or as much of it as nothing interrupts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from recognition.page import Line

from .boxes import Boxes, Floats, Indices, Mask
from .rows import leads

BELOW, BESIDE, HEADS, NEAR, LATER = 4, 3, 14, 3, 2
"""How many candidates each line gets: below it, beside it, heads of stacks, starts of rows, next by the cuts."""

OVERLAP = 0.3
"""Share of the shorter line that two lines in one stack have in common."""

APART = 1.3
"""Line heights of white that part a stack."""

ALIKE = 1.4
"""How much higher than the other one of two lines in a stack may be."""

LEVEL, RAGGED = 0.3, 0.4
"""Shares of the lines of a column: so many are level with others in a row of a table; no more fill their column."""

ENDINGS = "。．.!?！？」』”…;；:："
STARTERS = "•·‧●○■□◆◇▪▸►-–—*※"


@dataclass(frozen=True)
class Frame:
    """A page as its lines of one direction see it. All boxes (n, 4): left, top, right, bottom in the frame.

    ``across``, ``along``: rules across the lines' course (they part lines above each other) and along it.
    """

    boxes: Boxes
    across: Boxes
    along: Boxes
    pictures: Boxes


class Pairs(NamedTuple):
    """``first`` and ``second``: (p,), indices of lines. ``features``: (p, k). ``in_rows``: (p,), as in ``_Look``."""

    first: Indices
    second: Indices
    features: Floats
    in_rows: Mask


def squeezed(values: Floats) -> Floats:
    result: Floats = np.sign(values) * np.log1p(np.abs(values))
    return result


def frame_of(boxes: Boxes, horizontal: Boxes, vertical: Boxes, pictures: Boxes, *, turned: bool) -> Frame:
    if not turned:
        return Frame(boxes, horizontal, vertical, pictures)
    return Frame(_turned(boxes), _turned(vertical), _turned(horizontal), _turned(pictures))


def _turned(boxes: Boxes) -> Boxes:
    left, top, right, bottom = boxes.T
    return np.stack([top, -right, bottom, -left], axis=1)


def pairs_of(
    frame: Frame, lines: Sequence[Line], order: Indices, chosen: Mask, foreign: Mask, *, turned: bool
) -> Pairs:
    """Candidates and features for the ``chosen`` lines.

    ``order``: (n,), the place of each line by the cuts. ``foreign``: which lines run in the other direction.
    """
    page = _Look(frame, lines, order, foreign)
    first, second = page.candidates(np.flatnonzero(chosen))
    return Pairs(first, second, page.features(first, second), page.in_rows(first, second) & (not turned))


class _Look:
    page: Floats

    def __init__(self, frame: Frame, lines: Sequence[Line], order: Indices, foreign: Mask) -> None:
        self.frame, self.order, self.foreign = frame, order, foreign
        b = frame.boxes
        self.l, self.t, self.r, self.b = b.T
        self.h = np.maximum(np.where(foreign, b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]), 1e-6)
        self.usual = float(np.median(self.h))
        self.w = np.maximum(self.r - self.l, 1e-6)
        self.cx, self.cy = (self.l + self.r) / 2, (self.t + self.b) / 2
        self.page: Floats
        self.n = len(b)
        self.text = np.array([text_features(line.raw) for line in lines])
        tops, bottoms, lefts, rights = self.t, self.b, self.l, self.r
        high = np.maximum(bottoms - tops, 1e-6)
        ox = np.minimum(rights[:, None], rights) - np.maximum(lefts[:, None], lefts)
        oy = np.minimum(bottoms[:, None], bottoms) - np.maximum(tops[:, None], tops)
        self.over_x = ox / np.minimum(self.w[:, None], self.w)
        self.over_y = oy / np.minimum(high[:, None], high)
        self.dy = self.cy[None] - self.cy[:, None]
        self.dx = self.cx[None] - self.cx[:, None]
        self.below = (self.over_x > 0.1) & (self.dy > 0) & (self.over_y < 0.5)
        self.beside = (self.over_y > 0.4) & (self.dx > 0) & (self.over_x < 0.3)
        self.gap_y = np.where(self.below, np.maximum(tops[None] - bottoms[:, None], -0.5 * self.usual), np.inf)
        self.gap_x = np.where(self.beside, lefts[None] - rights[:, None], np.inf)
        self.rank_below = _ranks(self.gap_y)
        self.rank_above = _ranks(self.gap_y.T).T
        self.rank_right = _ranks(self.gap_x)
        self.rank_left = _ranks(self.gap_x.T).T
        self.has_left = np.isfinite(self.gap_x).any(axis=0)
        self.has_right = np.isfinite(self.gap_x).any(axis=1)
        self._stack()
        lead = leads(b)
        _, row = np.unique(np.stack([self.cy[lead], lead], axis=1), axis=0, return_inverse=True)
        self.row = row.reshape(-1)
        punctuated = float(self.text[:, 0].mean())
        crowd = _lines_a_row(self.row)
        self.page = np.append(self.page, [punctuated, float(self.text[:, LENGTH].mean()), crowd])

    def _stack(self) -> None:
        """``up`` and ``down``: the line above and below in the stack, or -1; and what each stack is like."""
        n = self.n
        ratio = self.h[:, None] / self.h
        near = (
            (self.rank_below == 0)
            & (self.rank_above == 0)
            & (self.over_x > OVERLAP)
            & (self.gap_y < APART * np.minimum(self.h[:, None], self.h))
            & (ratio < ALIKE)
            & (ratio > 1 / ALIKE)
            & (self.foreign[:, None] == self.foreign)
        )
        i, j = np.nonzero(near)
        if len(i) and len(self.frame.across):
            ruled = self._crossed(i, j, self.frame.across, vertical=True) > 0
            i, j = i[~ruled], j[~ruled]
        self.down, self.up = np.full(n, -1), np.full(n, -1)
        self.down[i], self.up[j] = j, i
        stack = np.arange(n)
        for k in np.argsort(self.cy, kind="stable"):
            if self.up[k] >= 0:
                stack[k] = stack[self.up[k]]
        self.stack = stack
        self.depth = np.zeros(n)
        for k in np.argsort(self.cy, kind="stable"):
            if self.up[k] >= 0:
                self.depth[k] = self.depth[self.up[k]] + 1
        count = np.bincount(stack, minlength=n)
        box = np.stack([np.full(n, np.inf), np.full(n, np.inf), np.full(n, -np.inf), np.full(n, -np.inf)], axis=1)
        np.minimum.at(box[:, 0], stack, self.l)
        np.minimum.at(box[:, 1], stack, self.t)
        np.maximum.at(box[:, 2], stack, self.r)
        np.maximum.at(box[:, 3], stack, self.b)
        self.size = count[stack].astype(float)
        self.sl, self.st, self.sr, self.sb = box[stack].T
        short = (self.sr - self.r) / self.h
        late = (self.l - self.sl) / self.h
        full = (short < 1.5).astype(float)
        level = ((np.abs(self.dy) < 0.3 * self.usual) & (self.over_x < 0.1)).any(axis=1).astype(float)

        def mean(values: Floats) -> Floats:
            means: Floats = (np.bincount(stack, values, minlength=n) / np.maximum(count, 1))[stack]
            return means

        self.full, self.level, self.ragged = mean(full), mean(level), mean(squeezed(short))
        self.short, self.late = short, late
        self.stack_h = mean(self.h)
        fill = float(full[~self.foreign].mean()) if (~self.foreign).any() else 0.0
        self.page = np.array(
            [
                fill,
                float(level.mean()),
                np.log(n),
                float(len(self.frame.across) > 0),
                float(len(self.frame.along) > 0),
                float(np.median(np.log(self.w / self.h))),
            ]
        )

    def candidates(self, chosen: Indices) -> tuple[Indices, Indices]:
        n = self.n
        wanted = np.zeros((n, n), dtype=bool)
        wanted |= self.rank_below < BELOW
        wanted |= self.rank_right < BESIDE
        heads = np.flatnonzero(self.up < 0)
        if len(heads):
            dx = np.maximum(0, np.maximum(self.sl[heads] - self.sr[:, None], self.sl[:, None] - self.sr[heads]))
            dy = np.maximum(0, np.maximum(self.st[heads] - self.sb[:, None], self.st[:, None] - self.sb[heads]))
            far = dx + dy
            far[self.stack[:, None] == self.stack[heads]] = np.inf
            ends = (self.down < 0)[:, None]
            rank = _ranks(np.where(ends, far, np.inf))
            a, k = np.nonzero((rank < HEADS) & ends & np.isfinite(far))
            wanted[a, heads[k]] = True
        starts = np.flatnonzero(~self.has_left)
        if len(starts):
            lower = np.where(self.dy[:, starts] > 0.3 * self.usual, self.dy[:, starts], np.inf)
            a, k = np.nonzero(_ranks(lower) < NEAR)
            wanted[a, starts[k]] = True
        later = self.order[None] - self.order[:, None]
        wanted |= (later > 0) & (later <= LATER)
        np.fill_diagonal(wanted, False)
        mask = np.zeros(n, dtype=bool)
        mask[chosen] = True
        wanted &= mask[:, None]
        a, c = np.nonzero(wanted)
        return a, c

    def _crossed(self, i: Indices, j: Indices, rules: Boxes, *, vertical: bool) -> Floats:
        """How many of ``rules`` the way from i to j crosses: from the foot of i to the head of j, or side to side."""
        if not len(rules) or not len(i):
            return np.zeros(len(i))
        if vertical:  # rules that lie between their heights, and reach under or over both
            low, high = np.minimum(self.cy[i], self.cy[j]), np.maximum(self.cy[i], self.cy[j])
            at = (rules[:, 1] + rules[:, 3]) / 2
            left, right = np.minimum(self.cx[i], self.cx[j]) - 0.5, np.maximum(self.cx[i], self.cx[j]) + 0.5
            hit = (at > low[:, None]) & (at < high[:, None])
            reach = np.minimum(right[:, None], rules[:, 2]) - np.maximum(left[:, None], rules[:, 0])
            span = np.maximum(right - left, 1e-6)[:, None]
        else:
            low, high = np.minimum(self.cx[i], self.cx[j]), np.maximum(self.cx[i], self.cx[j])
            at = (rules[:, 0] + rules[:, 2]) / 2
            top, bottom = np.minimum(self.t[i], self.t[j]), np.maximum(self.b[i], self.b[j])
            hit = (at > low[:, None]) & (at < high[:, None])
            reach = np.minimum(bottom[:, None], rules[:, 3]) - np.maximum(top[:, None], rules[:, 1])
            span = np.maximum(bottom - top, 1e-6)[:, None]
        share = np.where(hit, np.clip(reach / span, 0, 1), 0)
        result: Floats = share.max(axis=1)
        return result

    def in_rows(self, i: Indices, j: Indices) -> Mask:
        """Whether j is next to i in a row, or begins the row after i's, by the cuts, and neither column has lines that
        fill it though they are level with others: so are small tables, not columns of text."""
        beside = (self.over_y[i, j] > 0.4) & (self.l[j] > self.r[i] - 0.3 * self.h[i])
        wraps = ~beside & (self.l[j] < self.l[i]) & (self.t[j] > self.t[i]) & self.has_left[i]
        level = np.minimum(self.level[i], self.level[j]) >= LEVEL
        ragged = np.minimum(self.full[i], self.full[j]) <= RAGGED
        mask: Mask = (self.order[j] - self.order[i] == 1) & (beside | wraps) & level & ragged
        return mask

    def features(self, i: Indices, j: Indices) -> Floats:
        u = np.sqrt(self.h[i] * self.h[j])
        x0, x1 = min(self.l), max(self.r)
        y0, y1 = min(self.t), max(self.b)

        def d(distances: Floats) -> Floats:
            return squeezed(distances / u)

        def clip(shares: Floats) -> Floats:
            return np.clip(shares, -1, 1)

        def rank(ranks: Indices) -> Floats:
            return np.asarray(np.minimum(ranks[i, j], 4) / 4)

        same = (self.stack[i] == self.stack[j]).astype(float)
        later = self.order[j] - self.order[i]
        # Lines between them, in the column of both and in the row of both.
        best_down = np.min(np.where(self.below, self.gap_y, np.inf), axis=1, initial=np.inf)
        best_up = np.min(np.where(self.below, self.gap_y, np.inf), axis=0, initial=np.inf)

        def finite(gaps: Floats) -> Floats:
            return np.where(np.isfinite(gaps), gaps / u, 50.0)

        columns = [
            d(self.l[j] - self.l[i]), d(self.r[j] - self.r[i]), d(self.cx[j] - self.cx[i]),
            d(self.t[j] - self.b[i]), d(self.t[j] - self.t[i]), d(self.b[j] - self.b[i]), d(self.l[j] - self.r[i]),
            clip(self.over_x[i, j]), clip(self.over_y[i, j]),
            np.log(self.h[j] / self.h[i]), np.log(self.w[j] / self.w[i]),
            np.log(self.w[i] / self.h[i]), np.log(self.w[j] / self.h[j]),
            np.log(self.h[i] / self.usual), np.log(self.h[j] / self.usual),
            np.abs(np.log(self.h[j] / self.h[i])),
            self.foreign[i].astype(float), self.foreign[j].astype(float),
            (self.cx[i] - x0) / (x1 - x0), (self.cy[i] - y0) / (y1 - y0),
            (self.cx[j] - x0) / (x1 - x0), (self.cy[j] - y0) / (y1 - y0),
            rank(self.rank_below), rank(self.rank_above), rank(self.rank_right), rank(self.rank_left),
            (self.down[i] == j).astype(float), same,
            (self.down[i] < 0).astype(float), (self.up[j] < 0).astype(float),
            np.log(self.size[i]), np.log(self.size[j]),
            np.log1p(self.depth[i]), np.log1p(self.depth[j]),
            # stack against stack
            d(self.sl[j] - self.sl[i]), d(self.sr[j] - self.sr[i]),
            d(self.st[j] - self.st[i]), d(self.sb[j] - self.sb[i]),
            d(self.sl[j] - self.sr[i]), d(self.st[j] - self.sb[i]),
            d(self.t[j] - self.st[i]), d(self.b[i] - self.sb[j]),
            np.log((self.sr[j] - self.sl[j]) / (self.sr[i] - self.sl[i])),
            np.log(self.stack_h[j] / self.stack_h[i]),
            self.full[i], self.full[j], self.level[i], self.level[j], self.ragged[i], self.ragged[j],
            d(self.short[i] * self.h[i]), d(self.late[j] * self.h[j]),
            d(self.late[i] * self.h[i]), d(self.short[j] * self.h[j]),
            squeezed(finite(best_down[i])), squeezed(finite(best_up[j])),
            self.has_left[i].astype(float), self.has_left[j].astype(float),
            self.has_right[i].astype(float), self.has_right[j].astype(float),
            np.abs(self.t[j] - self.st[i]) / u < 0.6,
            # row against row
            squeezed((self.row[j] - self.row[i]).astype(float)), (self.row[i] == self.row[j]).astype(float),
            # rules and pictures
            self._crossed(i, j, self.frame.across, vertical=True),
            self._crossed(i, j, self.frame.along, vertical=False),
            self._picture_between(i, j),
            # the order by cuts
            (later == 1).astype(float), (later == 2).astype(float), np.sign(later), squeezed(later.astype(float)),
        ]  # fmt: skip
        columns += list(self.text[i].T) + list(self.text[j].T)
        columns.append(np.abs(self.text[i, SCRIPT] - self.text[j, SCRIPT]))
        columns += [np.full(len(i), value) for value in self.page]
        return np.stack([np.asarray(c, dtype=np.float64) for c in columns], axis=1)

    def _picture_between(self, i: Indices, j: Indices) -> Floats:
        pictures = self.frame.pictures
        if not len(pictures) or not len(i):
            return np.zeros(len(i))
        x, y = self.cx, self.cy
        low_x, high_x = np.minimum(x[i], x[j])[:, None], np.maximum(x[i], x[j])[:, None]
        low_y, high_y = np.minimum(y[i], y[j])[:, None], np.maximum(y[i], y[j])[:, None]
        hit = (
            (pictures[:, 0] < high_x) & (pictures[:, 2] > low_x) & (pictures[:, 1] < high_y) & (pictures[:, 3] > low_y)
        )
        result: Floats = hit.any(axis=1).astype(float)
        return result


def _lines_a_row(row: Indices) -> float:
    """How many lines stand in a row, on average."""
    return len(row) / (int(row.max()) + 1)


def _ranks(values: Floats) -> Indices:
    """Along each row, how many are smaller; those that are infinite come last, at a thousand."""
    ranks = np.empty(values.shape, dtype=np.intp)
    order = np.argsort(values, axis=1, kind="stable")
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(values.shape[1]), values.shape), axis=1)
    ranks[~np.isfinite(values)] = 1000
    return ranks


SCRIPT, LENGTH = 4, 9


@lru_cache(maxsize=4096)
def text_features(raw: str) -> tuple[float, ...]:
    """What a text shows of where it begins and ends."""
    if not raw:
        return (0.0,) * 12
    head, tail = raw[0], raw[-1]
    digits = sum(c.isdigit() for c in raw)
    latin = sum(c.isascii() and c.isalpha() for c in raw)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in raw)
    return (
        float(tail in ENDINGS),
        float(tail in ",，、-"),
        float(head.islower()),
        float(head in STARTERS or head in "（(【「『“〔["),
        wide / len(raw),
        digits / len(raw),
        latin / len(raw),
        float(head.isdigit() or head in "一二三四五六七八九十第"),
        float(unicodedata.category(head)[0] == "P"),
        float(np.log(len(raw))),
        float(tail.isdigit()),
        float(tail.isalpha()),
    )
