"""Lists of pairs, as of parts and players: what stands left and right of a gap belongs together, row by row.

Such lists look like two columns of short lines. What tells them is which edges are held from row to row: the two sides
meet at the gap, aligned to it from both sides, or they end at the outer edges; text in columns is aligned to the left,
or fills its column. Where dots lead from one side to the other nothing else is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recognition.layout.boxes import Boxes, Floats, Indices, Mask, line_height, middles
from recognition.layout.neighbours import OVERLAP, Neighbours
from recognition.layout.text_cues import ENTRY, LED, VALUE

from .columns import RAGGED, RUNNING, WIDE

ROWS = 4
"""Pairs in a list, at least."""

LEVEL = 0.3
"""The lines of a pair are level to this share of a line's height; one that is lower by more stands in another row."""

NUMBERS = 0.5
"""Share of the lines on one side that are values in a table, which has rows of its own."""

ALIGNED = 0.35
"""An edge is held if it is no more line heights off that of the rows about it."""

AROUND = 2
"""So many rows above and below are about a row."""

HELD, LOOSE = 0.8, 0.6
"""Shares of the rows: an edge that is aligned is held in so many at least; the end of the lines on the left, which may
be full of text, is ragged only if it is held in fewer than the second one."""

LONGEST = 0.9
"""Share of the lines that are no longer than the longest ones, a few stray ones aside."""

LEADERS = 0.5
"""Share of the pairs with dots between them where nothing else is asked."""


class Roster(NamedTuple):
    """``first``, ``second``: (p,), indices of the lines of each pair. ``after``: (p,), the line that comes after the
    second one, as the first of the next pair; -1 where there is none."""

    first: Indices
    second: Indices
    after: Indices


def find(page: Neighbours, texts: Mask) -> Roster:
    """The pairs among horizontal lines. ``texts``: (n, 3), the ``text_cues.list_cues`` of each line."""
    boxes = page.frame.boxes
    height = line_height(boxes)
    lower = np.where(page.dy > LEVEL * height, page.dy, np.inf)
    first, second = _side_by_side(page, height)
    following = _following(page, lower, first, second)
    apart = _beside_prose(boxes, texts, first, second, following)
    first, second = first[~apart], second[~apart]
    following = _following(page, lower, first, second)
    chosen = _chosen(boxes, texts, first, second, following)
    if not chosen.any():
        none = np.array([], dtype=np.intp)
        return Roster(none, none, none)
    under = _nearest(np.where(page.shared_x > OVERLAP, lower, np.inf))
    after = _after(first, second, np.where(chosen, following, -1), chosen, under)
    return Roster(first[chosen], second[chosen], after[chosen])


def _side_by_side(page: Neighbours, height: float) -> tuple[Indices, Indices]:
    """Lines and the next ones to their right, where these are level with them."""
    nearest = _nearest(page.gap_x)
    first = np.flatnonzero(nearest >= 0)
    first = first[np.abs(page.dy[first, nearest[first]]) < LEVEL * height]
    return first, nearest[first]


def _following(page: Neighbours, lower: Floats, first: Indices, second: Indices) -> Indices:
    """For each two lines side by side the next two below them, or -1. ``lower``: (n, n), how much lower each is."""
    if len(first) < ROWS:
        return np.full(len(first), -1)
    shared = page.shared_x > OVERLAP
    below = shared[np.ix_(first, first)] & shared[np.ix_(second, second)]
    return _nearest(np.where(below, lower[np.ix_(first, first)], np.inf))


def _beside_prose(boxes: Boxes, texts: Mask, first: Indices, second: Indices, following: Indices) -> Mask:
    """Which lines side by side are level by chance, as one of them is in a column of prose and no dots lead to it."""
    height, apart = line_height(boxes), np.zeros(len(first), dtype=bool)
    for members in _lists(following):
        a, b = first[members], second[members]
        prose = _is_prose(boxes[a], height) or _is_prose(boxes[b], height)
        apart[members] = prose and not _are_led(texts, a, b)
    return apart


def _are_led(texts: Mask, a: Indices, b: Indices) -> bool:
    return bool((texts[a, ENTRY] | texts[b, LED]).mean() >= LEADERS)


def _chosen(boxes: Boxes, texts: Mask, first: Indices, second: Indices, following: Indices) -> Mask:
    """Which of the lines side by side are pairs of a list; ``following``: the ones below each."""
    middle, height = middles(boxes), line_height(boxes)
    lists = [members[np.argsort(middle[first[members]])] for members in _lists(following)]
    lists.sort(key=lambda members: float(np.median(boxes[first[members], 0])))
    chosen, ends = np.zeros(len(first), dtype=bool), np.zeros(len(boxes), dtype=bool)
    for group in _abreast(lists, first, second):
        sides = [(first[members], second[members]) for members in group]
        values = [[texts[side, VALUE].mean() >= NUMBERS for side in pair] for pair in sides]
        in_twos = len(group) % 2 == 1
        told = [len(a) * _are_pairs(boxes[a], boxes[b], height) for a, b in sides[::2]]
        taken = in_twos and not np.any(values) and 2 * sum(told) >= sum(len(a) for a, _ in sides[::2])
        taken |= in_twos and values[::2] == [[True, False]] * len(values[::2])
        for k, (members, (a, b)) in enumerate(zip(group, sides, strict=True)):
            led = _are_led(texts, a, b)
            if led or (taken and k % 2 == 0):
                pairs = members if led else members[~ends[a]]
                chosen[pairs] = True
                ends[second[pairs]] = True
    return chosen


def _after(first: Indices, second: Indices, following: Indices, chosen: Mask, under: Indices) -> Indices:
    """For each pair the line that comes after its second one, or -1: that with which the next row begins, unless other
    lines stand between or beside. A row may go on over several pairs, where its dots are a line of their own."""
    beside, starts = dict(zip(first.tolist(), second.tolist(), strict=True)), set(first[chosen].tolist())
    before = dict(zip(second[chosen].tolist(), first[chosen].tolist(), strict=True))
    after = np.full(len(first), -1)
    for k in np.flatnonzero(following >= 0).tolist():
        a, b, c, d = (int(i) for of in (k, following[k]) for i in (first[of], second[of]))
        is_next = chosen[following[k]] and under[a] == c and under[b] == d
        if is_next and b not in starts and (b not in beside or beside[b] in starts):
            after[k] = before.get(c, c)
    return after


def _nearest(way: Floats) -> Indices:
    """For each line the one to which the way is shortest; -1 where it is infinite to all."""
    nearest = way.argmin(axis=1)
    found: Indices = np.where(np.isfinite(way[np.arange(len(way)), nearest]), nearest, -1)
    return found


def _lists(following: Indices) -> list[Indices]:
    """The pairs that go on with each other, by list; only those of enough rows."""
    name = np.arange(len(following))
    for k in np.flatnonzero(following >= 0):
        name[name == name[k]] = name[following[k]]
    return [np.flatnonzero(name == k) for k in np.flatnonzero(np.bincount(name) >= ROWS)]


def _abreast(lists: Sequence[Indices], first: Indices, second: Indices) -> list[list[Indices]]:
    """The ``lists``, from the left, by the rows that they have in common: in each the second one of a pair is the first
    one in the next list."""
    list_of = {line: k for k, members in enumerate(lists) for line in first[members].tolist()}
    beside = {}
    for k, members in enumerate(lists):
        ((other, count),) = Counter(list_of.get(line, -1) for line in second[members].tolist()).most_common(1)
        if other > k and 2 * count > len(members):
            beside[k] = other
    groups = []
    for k in sorted(set(range(len(lists))) - set(beside.values())):
        group = [k]
        while group[-1] in beside:
            group.append(beside[group[-1]])
        groups.append([lists[k] for k in group])
    return groups


def _are_pairs(a: Boxes, b: Boxes, height: float) -> bool:
    """Whether the two sides of a list, from the top, belong together by their edges."""
    inner = held(a[:, 2], height), held(b[:, 0], height)
    outer = held(a[:, 0], height), held(b[:, 2], height)
    meet = min(inner) >= HELD > outer[0]
    end = min(outer) >= HELD and (inner[1] < HELD or inner[0] < LOOSE)
    short = min(np.median(side[:, 2] - side[:, 0]) for side in (a, b)) <= WIDE * height
    return bool(meet or end) and bool(short)


def held(edges: Floats, height: float) -> float:
    """Share of the ``edges`` that are where most of those about them are."""
    padded = np.pad(edges, AROUND, constant_values=np.nan)
    usual = np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1), axis=1)
    return float((np.abs(edges - usual) < ALIGNED * height).mean())


def _is_prose(side: Boxes, height: float) -> bool:
    """Whether most lines of a side are long, and about as long as its longest ones."""
    width = side[:, 2] - side[:, 0]
    longest = np.quantile(width, LONGEST)
    return bool(longest > WIDE * height and (width > RAGGED * longest).mean() > RUNNING)
