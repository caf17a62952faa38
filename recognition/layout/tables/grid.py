"""Grids: where the cells of a table lie, and the grids that rules draw.

A *frame* is the untilted page: x to the right, y down, lines of text level in it. A rule is (at, start, end): its
place across and its two ends along it, in pixels of the frame; ``double`` if there are two with white between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recognition.geometry import BBox

COVERED = 0.5
"""A side of a cell is drawn if this share of it is."""

GAP = 2.0
"""Between two frames on each other there is no more than this, in the tolerance within which rules meet."""

WHITE = 0.4
"""Between the two of a double rule there is more than this, in the same."""

STRIPES, STRIPED, HIGHEST = 4, 2.0, 9.0
"""So many edges of tints are those of a table, if their ends differ by no more line heights, and each is no further
below the one before."""

GROUND = 0.5
"""Share of a frame that the ground of what lies in it takes up at least."""

Mask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


class Rule(NamedTuple):
    at: float
    start: float
    end: float
    double: bool = False


@dataclass(frozen=True)
class Place:
    """A cell of a grid, from its row and column on, over so many of them."""

    row: int
    column: int
    rowspan: int = 1
    colspan: int = 1


@dataclass(frozen=True)
class Grid:
    """``xs``, ``ys``: the borders of columns and rows, ascending, one more than there are of them. ``places``: the
    cells, row by row; they cover the grid without overlap."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    places: tuple[Place, ...]

    @property
    def box(self) -> BBox:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def rows(self) -> int:
        return len(self.ys) - 1

    @property
    def columns(self) -> int:
        return len(self.xs) - 1

    def box_of(self, place: Place) -> BBox:
        return (
            self.xs[place.column],
            self.ys[place.row],
            self.xs[place.column + place.colspan],
            self.ys[place.row + place.rowspan],
        )


def joined(rules: Iterable[Rule], tolerance: float) -> list[Rule]:
    """Rules that continue or double each other made one, as double and broken ones are."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules):
        for group in groups:
            near = rule.at - max(other.at for other in group) <= tolerance
            if near and any(rule.start <= o.end + tolerance and o.start <= rule.end + tolerance for o in group):
                group.append(rule)
                break
        else:
            groups.append([rule])
    merged = [
        Rule(
            sum(rule.at * (rule.end - rule.start) for rule in group) / sum(rule.end - rule.start for rule in group),
            min(rule.start for rule in group),
            max(rule.end for rule in group),
            _is_double(group, tolerance),
        )
        for group in groups
    ]
    return merged if len(merged) == sum(map(len, groups)) else joined(merged, tolerance)


def _is_double(group: Sequence[Rule], tolerance: float) -> bool:
    """Whether one of these rules is double, or most of one has another beside it."""
    return any(rule.double for rule in group) or any(
        other.at - rule.at > tolerance * WHITE
        and min(rule.end, other.end) - max(rule.start, other.start) > COVERED * (rule.end - rule.start)
        for rule, other in combinations(group, 2)
    )


def stripes(edges: Iterable[Rule], height: float) -> list[Rule]:
    """Those of the edges of tints that are like rules: several above each other end at the same places.

    The last stripe is hardly darker than paper at times, so there is one more edge below. Between two edges is room for
    a row: panels one below the other have less. ``height``: of a line.
    """
    ladders: list[list[Rule]] = []
    for edge in sorted(edges):
        for ladder in ladders:
            last = ladder[-1]
            ends = max(abs(last.start - edge.start), abs(last.end - edge.end)) < STRIPED * height
            if ends and edge.at - last.at < HIGHEST * height:
                ladder.append(edge)
                break
        else:
            ladders.append([edge])
    found: list[Rule] = []
    for ladder in (_of_rows(ladder, height) for ladder in ladders):
        if len(ladder) >= STRIPES:
            pitch = float(np.median(np.diff([edge.at for edge in ladder])))
            found += [*ladder, ladder[-1]._replace(at=ladder[-1].at + pitch)]
    return found


def _of_rows(ladder: Sequence[Rule], height: float) -> list[Rule]:
    """Those edges that have room for a row above and below them."""
    close = np.diff([edge.at for edge in ladder]) < height
    kept = ~(np.append(close, False) | np.append(False, close))
    return [edge for edge, has_room in zip(ladder, kept, strict=True) if has_room]


def ruled(horizontal: Sequence[Rule], vertical: Sequence[Rule], tolerance: float) -> list[Grid]:
    """The grids that rules draw which meet within ``tolerance`` pixels."""
    grids = []
    for across, along in _networks(horizontal, vertical, tolerance):
        if len(across) > 1 and along:
            grids += _parted(across, along, tolerance)
    return grids


def _networks(
    horizontal: Sequence[Rule], vertical: Sequence[Rule], tolerance: float
) -> list[tuple[list[Rule], list[Rule]]]:
    """Rules that meet each other, directly or by others: horizontal and vertical ones of each network."""
    label = list(range(len(horizontal) + len(vertical)))

    def root(i: int) -> int:
        while label[i] != i:
            label[i] = label[label[i]]
            i = label[i]
        return i

    for i, a in enumerate(horizontal):
        for k, b in enumerate(vertical, start=len(horizontal)):
            if a.start - tolerance <= b.at <= a.end + tolerance and b.start - tolerance <= a.at <= b.end + tolerance:
                label[root(i)] = root(k)
    networks: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, rule in enumerate([*horizontal, *vertical]):
        networks.setdefault(root(i), ([], []))[int(i >= len(horizontal))].append(rule)
    return list(networks.values())


def _parted(across: list[Rule], along: list[Rule], tolerance: float) -> list[Grid]:
    """One grid, or several that stand on each other: where rules leave a gap between two frames, and where no column
    goes on below a row's border."""
    xs = _borders(along, (min(rule.start for rule in across), max(rule.end for rule in across)), GAP * tolerance)
    ys = _borders(across, (min(rule.start for rule in along), max(rule.end for rule in along)), tolerance)
    down, right = _drawn(across, ys, xs, tolerance), _drawn(along, xs, ys, tolerance).T
    thin = [ys[y + 1] - ys[y] < GAP * tolerance for y in range(len(ys) - 1)]
    double = [any(rule.double and abs(rule.at - y) < tolerance for rule in across) for y in ys]
    gaps = [y for y in range(len(ys) - 1) if thin[y] and not right[y, 1:-1].any() and down[y : y + 2].all()]
    grids = []
    for first, last in zip([0, *(y + 1 for y in gaps)], [*gaps, len(ys) - 1], strict=True):
        for a, b in pairwise([first, *_fresh(down, right, double, first, last), last]):
            grids += _on_ground(xs, ys[a : b + 1], down[a : b + 1], right[a:b])
    return grids


def _on_ground(xs: Sequence[float], ys: Sequence[float], down: Mask, right: Mask) -> list[Grid]:
    """The one grid; or those on the ground of a frame, as the title block of a drawing lies in its corner.

    Cells are rectangles. What is none, though it takes up most of a frame, is the ground of what else is in it.
    """
    region = _regions(down, right)
    if not region.size:
        return []
    areas = np.bincount(region.reshape(-1), np.outer(np.diff(ys), np.diff(xs)).reshape(-1))
    ground = region == int(areas.argmax())
    parts = _apart(ground) if areas.max() > GROUND * areas.sum() and not _is_whole(ground) else []
    if not all(map(_is_whole, parts)):
        parts = []
    grids = []
    for part in parts or [np.ones_like(ground)]:
        rows, columns = part.any(axis=1), part.any(axis=0)
        top, left = int(rows.argmax()), int(columns.argmax())
        bottom, end = top + int(rows.sum()), left + int(columns.sum())
        own_down, own_right = down[top : bottom + 1, left:end], right[top:bottom, left : end + 1]
        grids.append(_grid(xs[left : end + 1], ys[top : bottom + 1], own_down, own_right))
    return grids


def _apart(ground: Mask) -> list[Mask]:
    """The parts of what is not ``ground``."""
    down = np.pad(ground[1:] != ground[:-1], ((1, 1), (0, 0)), constant_values=True)
    right = np.pad(ground[:, 1:] != ground[:, :-1], ((0, 0), (1, 1)), constant_values=True)
    part = _regions(down, right)
    return [part == number for number in np.unique(part[~ground])]


def _is_whole(mask: Mask) -> bool:
    """Whether what is true is a rectangle."""
    return int(mask.sum()) == int(mask.any(axis=1).sum() * mask.any(axis=0).sum())


def _fresh(down: Mask, right: Mask, double: Sequence[bool], first: int, last: int) -> list[int]:
    """Of the borders of rows between ``first`` and ``last`` those below which all columns are other ones than above,
    or most of them if the border is ``double``."""
    found: list[int] = []
    for y in range(first + 1, last):
        start = found[-1] if found else first
        above, below = right[start:y, 1:-1].any(axis=0), right[y:last, 1:-1].any(axis=0)
        whole = down[y].all() and min(y - start, last - y) > 1
        shared, fewer = int((above & below).sum()), min(int(above.sum()), int(below.sum()))
        if whole and fewer and (2 * shared < fewer if double[y] else not shared):
            found.append(y)
    return found


def _borders(rules: Sequence[Rule], reach: tuple[float, float], tolerance: float) -> list[float]:
    """Where rules lie, those close to each other as one; and where those that cross them end, if that is beyond."""
    places = sorted(rule.at for rule in rules)
    places += [end for end in reach if all(abs(end - place) > 2 * tolerance for place in places)]
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= tolerance:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [sum(group) / len(group) for group in groups]


def _drawn(rules: Sequence[Rule], places: Sequence[float], stops: Sequence[float], tolerance: float) -> Mask:
    """(len(places), len(stops) - 1): which stretch between two stops has a rule at which place."""
    covered = np.zeros((len(places), len(stops) - 1))
    for rule in rules:
        i = int(np.argmin([abs(place - rule.at) for place in places]))
        for k, (start, end) in enumerate(pairwise(stops)):
            covered[i, k] += max(0.0, min(end, rule.end + tolerance / 2) - max(start, rule.start - tolerance / 2)) / (
                end - start
            )
    drawn: Mask = covered >= COVERED
    return drawn


def _grid(xs: Sequence[float], ys: Sequence[float], down: Mask, right: Mask) -> Grid:
    """The cells that are left when the sides that are not drawn are taken away.

    ``down``: (rows + 1, columns), whether there is a rule at the border; ``right``: (rows, columns + 1).
    """
    kept = [0, *(k for k in range(1, len(xs) - 1) if right[:, k].any()), len(xs) - 1]
    down = np.stack([down[:, a:b].any(axis=1) for a, b in pairwise(kept)], axis=1)
    right = right[:, kept]
    rows, columns = len(ys) - 1, len(kept) - 1
    region = _regions(down, right)
    places, taken = [], np.zeros((rows, columns), dtype=bool)
    for r in range(rows):
        for c in range(columns):
            if taken[r, c]:
                continue
            same = (region == region[r, c]) & ~taken
            width = _run(same[r, c:])
            height = _run(same[r:, c : c + width].all(axis=1))
            taken[r : r + height, c : c + width] = True
            places.append(Place(r, c, height, width))
    return Grid(tuple(xs[k] for k in kept), tuple(ys), tuple(places))


def _regions(down: Mask, right: Mask) -> Indices:
    """(rows, columns): a number for each cell, the same where no side is drawn between."""
    rows, columns = right.shape[0], down.shape[1]
    region = np.arange(rows * columns).reshape(rows, columns)
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns and not right[r, c + 1]:
                region[region == region[r, c + 1]] = region[r, c]
            if r + 1 < rows and not down[r + 1, c]:
                region[region == region[r + 1, c]] = region[r, c]
    return region


def _run(mask: Mask) -> int:
    """How many are true from the first on."""
    return len(mask) if mask.all() else int(np.argmin(mask))
