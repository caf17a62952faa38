"""Pairs of lines of which the second one may follow the first, and what the page says about them.

Every pair is looked at in the frame of its first line (see ``frames``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recognition.layout.boxes import Indices, Mask
from recognition.layout.enclosures import enclosures
from recognition.layout.frames import Frame
from recognition.layout.neighbours import Groups, Neighbours, ranks
from recognition.layout.text_cues import DIGITS, ENTRY, LED, VALUE, list_cues
from recognition.page import Line

from . import bands, couplets, double_rows, fields, options, rosters
from .features import Features, PairFeatures, means

BELOW, BESIDE, HEADS, NEAR, LATER, BACK = 4, 3, 14, 3, 2, 3
"""How many candidates each line gets: below it, beside it, heads of stacks, starts of rows, next by the cuts, and those
with which the next row may begin if the page has several lists of rows side by side."""

LEVEL, RAGGED = 0.9, 0.4
"""Shares of the lines of a stack: so many are level with others in rows of a table; no more fill a ragged one."""

ROWS = 5
"""Stacks of so many lines, all level with each other, are columns of a table."""

SMALLER = 0.9
"""Type of this share of that of the text or less is that of captions."""

NUMERIC = 0.6
"""Share of digits from which on a stack holds numbers."""

DOWN, ASIDE, ELSEWHERE = range(3)
"""Where the second line stands: next in the column of the first, in its row, or anywhere else."""


class Pairs(NamedTuple):
    """``first``, ``second``: (p,), indices of lines. ``features``: (p, k). ``way``: (p,), DOWN, ASIDE or ELSEWHERE.

    ``columns``: (p, 2), the columns of both lines, and ``row``: (p,), the row of the first one, each named by a line.
    ``barred``: (p,), whether it is in smaller type beyond a picture, as captions are, or but one of both in a frame, or
    another line comes next by the kinds of bands or in a couplet.
    ``agreed``: (p,), whether it comes next by the cuts, in the same type or straight below. ``noted``: (p,), whether it
    does by the place of notes in two rows (see ``double_rows``), the kinds of bands (see ``bands``) or how halves of
    verses end (see ``couplets``), dots lead to it, or it is a field beside
    another one or in the next row (see ``fields``).
    """

    first: Indices
    second: Indices
    features: Features
    way: Indices
    columns: Indices
    row: Indices
    barred: Mask
    agreed: Mask
    noted: Mask


def pairs_of(frame: Frame, lines: Sequence[Line], order: Indices, chosen: Mask, foreign: Mask) -> Pairs:
    """Candidates and features for the ``chosen`` lines.

    ``order``: (n,), the place of each line by the cuts. ``foreign``: which lines run in the other direction.
    """
    page = Neighbours(frame, foreign)
    first, second = _candidates(page, order, chosen)
    known = PairFeatures(page, [line.raw for line in lines], order)
    aside = np.isfinite(page.gap_x[first, second])
    way = np.where(page.under[first] == second, DOWN, np.where(aside, ASIDE, ELSEWHERE))
    columns = np.stack([page.column[first], page.column[second]], axis=1)
    _, head = np.unique(page.row, return_index=True)
    horizontal = np.array([line.direction == "horizontal" for line in lines])[first]
    in_rows = horizontal & _in_rows(page, known, first, second)
    ratio = page.height[second] / page.height[first]
    beyond = (known.pictures_between(first, second) > 0) & (ratio < SMALLER)
    enclosed = enclosures(page)
    alike = (ratio > SMALLER) & (ratio < 1 / SMALLER)
    agreed = (order[second] - order[first] == 1) & (alike | (way == DOWN))
    barred = beyond | (enclosed[first] != enclosed[second])
    noted = ~(horizontal | barred)
    raws = [line.raw for line in lines]
    if noted.any():
        in_turn = bands.reading_on(page, raws) | couplets.reading_on(page, raws)
        noted &= double_rows.reading_on(page)[first, second] | in_turn[first, second]
        barred |= ~horizontal & _elsewhere(in_turn, first, second)
    along = options.reading_on(page, raws) | fields.reading_on(page, raws)
    noted |= horizontal & along[first, second]
    barred |= horizontal & _elsewhere(along, first, second)
    cues = np.array([list_cues(line.raw) for line in lines])
    led = cues[second, VALUE] & (cues[first, ENTRY] | cues[second, LED])
    noted |= horizontal & aside & (page.rank_right[first, second] == 0) & led
    if horizontal.any():
        noted |= horizontal & _in_roster(rosters.find(page, cues), len(lines))[first, second]
    row = head[page.row[first]]
    back = np.minimum(page.rank_back[first, second], 4) / 4
    features = np.concatenate([known.of(first, second), np.stack([in_rows, beyond, agreed, back], axis=1)], axis=1)
    return Pairs(first, second, features.astype(np.float32), way, columns, row, barred, agreed, noted)


def _elsewhere(reading_on: Mask, first: Indices, second: Indices) -> Mask:
    """(p,): whether another line than the ``second`` comes after the ``first`` one, or before the second another one.

    ``reading_on``: (n, n), whether the second line comes after the first one.
    """
    has_next, has_previous = (reading_on.sum(axis=axis) > 0 for axis in (1, 0))
    mask: Mask = (has_next[first] | has_previous[second]) & ~reading_on[first, second]
    return mask


def _in_roster(roster: rosters.Roster, count: int) -> Mask:
    """(n, n): whether the second of ``count`` lines comes after the first one in a list of pairs."""
    found = np.zeros((count, count), dtype=bool)
    found[roster.first, roster.second] = True
    goes_on = roster.after >= 0
    found[roster.second[goes_on], roster.after[goes_on]] = True
    return found


def _in_rows(page: Neighbours, known: PairFeatures, i: Indices, j: Indices) -> Mask:
    """Whether j is next to i in a row, or begins the row after i's, by the cuts, in ragged stacks that are columns of a
    table: two of as many lines, all of them level, or numbers that all have something beside them."""
    stack = known.stack
    beside = (page.shared_y[i, j] > 0.4) & (page.left[j] > page.right[i] - 0.3 * page.height[i])
    wraps = ~beside & (page.left[j] < page.left[i]) & (page.top[j] > page.top[i]) & page.has_left[i]
    follows = (known.order[j] - known.order[i] == 1) & (beside | wraps)
    digits = means(known.text[:, DIGITS], page.stack)
    numbers = np.any([(digits[k] >= NUMERIC) & (stack.level[k] >= LEVEL) for k in (i, j)], axis=0)
    alike = (np.abs(stack.size[i] - stack.size[j]) <= 1) & (np.minimum(stack.size[i], stack.size[j]) >= ROWS)
    twos = (np.bincount(page.row)[page.row] == 2)[i]
    level = alike & twos & (np.minimum(stack.level[i], stack.level[j]) >= LEVEL)
    mask: Mask = follows & (np.minimum(stack.full[i], stack.full[j]) <= RAGGED) & (numbers | level)
    return mask


def _candidates(page: Neighbours, order: Indices, chosen: Mask) -> tuple[Indices, Indices]:
    """The first and second lines of the pairs that are worth a look."""
    wanted = (page.rank_below < BELOW) | (page.rank_right < BESIDE) | (page.rank_back < BACK)
    heads = np.flatnonzero(page.up < 0)
    if len(heads):
        left, top, right, bottom = Groups(page, page.stack, page.up).box.T
        dx = np.maximum(0, np.maximum(left[heads] - right[:, None], left[:, None] - right[heads]))
        dy = np.maximum(0, np.maximum(top[heads] - bottom[:, None], top[:, None] - bottom[heads]))
        far = dx + dy
        ends = (page.down < 0)[:, None]
        far[(page.stack[:, None] == page.stack[heads]) | ~ends] = np.inf
        first, k = np.nonzero(ranks(far) < HEADS)
        wanted[first, heads[k]] = True
    starts = np.flatnonzero(~page.has_left)
    if len(starts):
        lower = np.where(page.dy[:, starts] > 0.3 * page.usual, page.dy[:, starts], np.inf)
        first, k = np.nonzero(ranks(lower) < NEAR)
        wanted[first, starts[k]] = True
    later = order[None] - order[:, None]
    wanted |= (later > 0) & (later <= LATER)
    np.fill_diagonal(wanted, False)
    wanted &= chosen[:, None]
    first, second = np.nonzero(wanted)
    return first, second
