"""The order of chains of lines on a page: that of the cuts, but what a rule parts from above comes after it, and cards
in a grid come row by row."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox, laid, union
from recognition.page import Line
from recognition.separators import Separators

ODD = 10
"""One in so many lines of a run may be out of place."""

PASSED = 5
"""So many lines, at most, are between two that follow each other, if these pass over them."""

SPANNED = 0.8
"""A rule parts what is above it from what is below it if it is as long as this share of both."""

HIGH = 2.5
"""Rows of cards are higher, in line heights."""

TOUCH = 0.3
"""Boxes may reach over a rule by this share of a line's height."""


def in_succession(runs: Sequence[list[int]], lines: Sequence[Line], separators: Separators) -> list[list[int]]:
    """``runs`` of indices of ``lines``, which come in the order of the cuts, as they are read.

    The cuts see white alone. Below two columns and the rule under both, notes may stand under the first one only; the
    cuts take them for its end, but they come after both columns. Cards in a grid have white between their columns that
    is as high as the page, but those of one row stand together.
    """
    vertical = 2 * sum(line.direction == "vertical-rl" for line in lines) > len(lines)
    if not vertical:
        heights = [line.box[3] - line.box[1] for line in lines]
        high = HIGH * float(np.median(heights))
        parts = [list(_parts(run, lines, separators)) for run in runs]
        rows = _rows_of_cards(_boxes([card for cards in parts for card in cards], lines), separators, high)
        if rows.any():
            runs = _apart_by_rows(parts, rows)
            rows = _rows_of_cards(_boxes(runs, lines), separators, high)
        else:
            runs = _parted_at_rules(runs, lines, separators.horizontal)
    later = _parted(runs, lines, separators, vertical)
    if not vertical and rows.any():
        later |= rows
    waits, places = later.sum(axis=0), _places(runs, lines)
    ready = [(places[k], k) for k in np.flatnonzero(waits == 0).tolist()]
    heapq.heapify(ready)
    found = []
    while ready:
        _, k = heapq.heappop(ready)
        found.append(runs[k])
        for other in np.flatnonzero(later[k]).tolist():
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (places[other], other))
    return found


def _places(runs: Sequence[list[int]], lines: Sequence[Line]) -> list[float]:
    """Where each run stands by the cuts: where it begins, but for a tenth of its lines, which may be out of place.

    What a run passes over, such as the caption between a title and its text, stands after it and the next columns.
    """
    places = [float(sorted(run)[len(run) // ODD]) for run in runs]
    run_of, heads = {i: k for k, run in enumerate(runs) for i in run}, {run[0]: k for k, run in enumerate(runs)}
    for k, run in enumerate(runs):
        spans = [(a, b) for a, b in pairwise(run) if a + 1 < b <= a + PASSED + 1]
        passed = {run_of[i] for a, b in spans for i in range(a + 1, b) if all(a < j < b for j in runs[run_of[i]])}
        last = k
        for _ in runs:  # and no further, since runs that are out of order may lead back
            head = runs[last][-1] + 1
            if head not in heads or not begins_next_column(lines[head - 1], lines[head]):
                break
            last = heads[head]
        for other in passed:
            places[other] = max(places[other], places[last] + 0.5)
    return places


def begins_next_column(last: Line, head: Line) -> bool:
    """Whether ``head`` stands beside and above the ``last`` line of a column; both run to the right."""
    runs = {last.direction, head.direction} == {"horizontal"}
    return runs and head.box[0] > last.box[0] and head.box[3] < last.box[1]


def _rows_of_cards(boxes: Sequence[BBox], separators: Separators, least: float) -> npt.NDArray[np.bool_]:
    """(n, n): whether a run stands in a card in a grid, and another one in a card in a lower row of it.

    ``boxes``: of all runs. The rows of a grid are apart, higher than ``least`` pixels, and have the same columns. Most
    cards have a picture, or else there are three columns, and each card is one run: headings of columns may be level by
    chance.
    """
    rows = [row for row in map(partial(_cells, boxes), _bands(boxes)) if len(row) > 1]
    around = [[union(boxes[i] for i in cell) for cell in row] for row in rows]
    later = np.zeros((len(boxes), len(boxes)), dtype=bool)
    for k, row in enumerate(rows):
        for lower, below in zip(rows[k + 1 :], around[k + 1 :], strict=True):
            top, bottom = min(box[1] for box in around[k]), max(box[3] for box in below)
            pictures = sum(top < picture[3] < bottom for picture in separators.pictures)
            single = len(row) > 2 and all(len(cell) == 1 for cell in (*row, *lower))
            high = min(max(box[3] - box[1] for box in each) for each in (around[k], below)) > least
            if _same_columns(around[k], below) and high and (single or 2 * pictures >= len(lower)):
                later[np.ix_([i for cell in row for i in cell], [i for cell in lower for i in cell])] = True
            else:
                break
    return later


def _cells(boxes: Sequence[BBox], band: Sequence[int]) -> list[list[int]]:
    """The runs of a band, those above each other together, from the left."""
    found: list[list[int]] = []
    reach = -np.inf
    for i in band:
        if boxes[i][0] >= reach:
            found.append([])
        found[-1].append(i)
        reach = max(reach, boxes[i][2])
    return found


def _parts(run: Sequence[int], lines: Sequence[Line], separators: Separators) -> Iterator[list[int]]:
    """A run parted where a picture stands between two of its lines, right below the one and right above the other."""
    part = [run[0]]
    for a, b in pairwise(run):
        (_, _, _, top), (_, bottom, _, _) = lines[a].box, lines[b].box
        left, right = max(lines[a].box[0], lines[b].box[0]), min(lines[a].box[2], lines[b].box[2])
        middles = (((picture[1] + picture[3]) / 2, picture) for picture in separators.pictures)
        if any(top < y < bottom and picture[0] < right and left < picture[2] for y, picture in middles):
            yield part
            part = []
        part.append(b)
    yield part


def _apart_by_rows(parts: Sequence[list[list[int]]], rows: npt.NDArray[np.bool_]) -> list[list[int]]:
    """The runs in ``parts`` as ``_parts`` gives them, those put together again that stand in one row of cards.

    ``rows``: of all parts (see ``_rows_of_cards``).
    """
    found: list[list[int]] = []
    place = 0
    for cards in parts:
        for n, card in enumerate(cards):
            if n and not rows[place - 1, place]:
                found[-1] += card
            else:
                found.append(card)
            place += 1
    return found


def _boxes(runs: Sequence[Sequence[int]], lines: Sequence[Line]) -> list[BBox]:
    return [union(lines[i].box for i in run) for run in runs]


def _bands(boxes: Sequence[BBox]) -> list[list[int]]:
    """Indices of boxes that stand beside each other, from the top, those in a band from the left."""
    found: list[list[int]] = []
    reach = -np.inf
    for i in sorted(range(len(boxes)), key=lambda i: boxes[i][1]):
        if boxes[i][1] > reach:
            found.append([])
        found[-1].append(i)
        reach = max(reach, boxes[i][3])
    return [sorted(band, key=lambda i: boxes[i][0]) for band in found]


def _same_columns(row: Sequence[BBox], lower: Sequence[BBox]) -> bool:
    """Whether each card in a lower row stands below one of the row, and below no other."""
    below = [sum(box[0] < other[2] and other[0] < box[2] for box in row) for other in lower]
    return all(count == 1 for count in below) and len(lower) <= len(row)


def _parted_at_rules(runs: Sequence[list[int]], lines: Sequence[Line], rules: Sequence[BBox]) -> list[list[int]]:
    """The runs in parts where they go down over a rule that is below the next column as well, in which they then go on
    at once, or up over such a rule."""
    boxes = np.array([line.box for line in lines])
    left, top, right, bottom = boxes.T
    slack = TOUCH * float(np.median(bottom - top))
    first, second = (np.array([i for run in runs for i in run[k : len(run) - 1 + k]], dtype=np.intp) for k in (0, 1))
    ends: dict[int, int | None] = {}
    for start, high, end, low in rules:
        at = (high + low) / 2
        spanned = np.minimum(right, end) - np.maximum(left, start) > SPANNED * (right - left)
        above, below = spanned & (bottom < at + slack), spanned & (top > at - slack)
        ends |= dict.fromkeys(first[below[first] & above[second]].tolist())
        for i in first[above[first] & below[second]].tolist():
            beside = above & (left > right[i])
            if (beside & (bottom > top[i])).any():
                after = next(iter(np.flatnonzero(above[i + 1 :]).tolist()), None)
                ends[i] = i + 1 + after if after is not None and beside[i + 1 + after] else None
    parts: dict[int, list[int]] = {}
    for run in runs:
        head = run[0]
        for i in run:
            parts.setdefault(head, []).append(i)
            if i in ends and i != run[-1]:
                head = run[run.index(i) + 1]
    for i, after in ends.items():
        if after in parts:
            head = next(head for head, part in parts.items() if part[-1] == i)
            if head != after:
                parts[head] += parts.pop(after)
    return list(parts.values())


def _parted(
    runs: Sequence[list[int]], lines: Sequence[Line], separators: Separators, vertical: bool
) -> npt.NDArray[np.bool_]:
    """(n, n): whether a rule stands between a run and one that comes after it, in the direction of most lines."""
    turned = laid if vertical else tuple
    left, top, right, bottom = np.array([turned(union(lines[i].box for i in run)) for run in runs]).T
    middle = (top + bottom) / 2
    boxes = np.array([turned(line.box) for line in lines])
    slack = TOUCH * float(np.median(boxes[:, 3] - boxes[:, 1]))
    later = np.zeros((len(runs), len(runs)), dtype=bool)
    for rule in separators.vertical if vertical else separators.horizontal:
        start, low, end, high = turned(rule)
        at = (low + high) / 2
        spanned = np.minimum(right, end) - np.maximum(left, start) > SPANNED * (right - left)
        above = spanned & (bottom < at + slack) & (middle < at)
        later |= above[:, None] & spanned & (top > at - slack) & (middle > at)
    return later
