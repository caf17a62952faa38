"""Labels beside several rows, and other cells over several, told by where their text stands: half-way down these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from recognition.layout.boxes import Floats

from .draft import Draft
from .grid import Place
from .page import FramedPage

OFF = 0.5
"""A label is no further off the middle of its rows, in line heights."""

HEADS = 2
"""So many rows at the top, or fewer, are heads of columns, and have no label."""

LEFT = 0.25
"""Cells of other columns share the rows, too, if no more than this share of those that are off the middle still are."""


def with_labels(page: FramedPage, draft: Draft) -> Draft:
    """The same with each label of the first column beside all rows of which it stands in the middle, and so each cell
    of the other columns if some stand in the middle of no row of their own.

    Only where all rows below the heads are so shared among the cells of a column: a label that begins a group stands
    beside its first row, and then some label would be off the middle. Where cells stand at the tops of their rows, they
    are off the middle whatever rows they share.
    """
    labelled = whole = _with_shared(page, draft, 0)
    for column in range(1, draft.grid.columns):
        whole = _with_shared(page, whole, column)
    before, after = _off_middle(page, labelled), _off_middle(page, whole)
    return whole if before and after <= LEFT * before else labelled


def _with_shared(page: FramedPage, draft: Draft, column: int) -> Draft:
    """The same with all rows shared among the cells of a column."""
    moved = {old: new for old, new in _shared(page, draft, column).items() if old != new}
    if not moved:
        return draft
    covered = {
        (row, place.column + n)
        for place in moved.values()
        for row in range(place.row, place.row + place.rowspan)
        for n in range(place.colspan)
    }
    places = [moved.get(p, p) for p in draft.grid.places if p in moved or (p.row, p.column) not in covered]
    places.sort(key=lambda place: (place.row, place.column))
    cells = {moved.get(place, place): lines for place, lines in draft.cells.items()}
    return replace(draft, grid=replace(draft.grid, places=tuple(places)), cells=cells)


def _off_middle(page: FramedPage, draft: Draft) -> int:
    """How many cells are not in the middle of their rows."""
    reach = _reach(page, draft, None)
    return sum(_off(page, draft, place, place.row, place.row + place.rowspan, reach) >= OFF for place in draft.cells)


def _off(page: FramedPage, draft: Draft, place: Place, start: int, end: int, reach: Floats) -> float:
    """How far the text of a cell is off the middle of the rows from ``start`` to before ``end``, in line heights."""
    boxes = page.boxes[draft.cells[place]]
    middle = float(boxes[:, 1].min() + boxes[:, 3].max()) / 2
    return abs(float(reach[start:end, 0].min() + reach[start:end, 1].max()) / 2 - middle) / page.height


def _shared(page: FramedPage, draft: Draft, column: int) -> dict[Place, Place]:
    """The cells of a column and the rows that each is beside, such that all of them together are least off the middle
    of their rows; none where that cannot be."""
    labels = [place for place in draft.cells if place.column <= column < place.column + place.colspan]
    labels.sort(key=lambda place: place.row)
    ends = [*(label.row for label in labels[1:]), draft.grid.rows]
    reach = _reach(page, draft, column)
    costs = {draft.grid.rows: 0.0}  # of the labels further down, by the first row that is left to them
    ways: list[dict[int, tuple[float, Place]]] = []  # of each label from the last one up, by its first row
    heads: dict[int, float] = {}
    for n in reversed(range(len(labels))):
        first = labels[n - 1].row + labels[n - 1].rowspan if n else 0
        starts = range(first, labels[n].row + 1) if labels[n].column == column else [labels[n].row]
        ways.append(
            {
                start: min(found, key=lambda way: way[0])
                for start in starts
                if (found := _ways(page, draft, labels[n], start, ends[n], reach, costs))
            }
        )
        costs = {start: cost for start, (cost, _) in ways[-1].items()}
        heads |= {start: cost for start, cost in costs.items() if start <= HEADS}
    if not heads:
        return {}
    start = min(heads, key=lambda row: (heads[row], row))
    shared: dict[Place, Place] = {}
    for label, found_ways in zip(labels, reversed(ways), strict=True):
        if label.row >= start:
            _, shared[label] = found_ways[start]
            start = shared[label].row + shared[label].rowspan
    return shared


def _ways(
    page: FramedPage,
    draft: Draft,
    label: Place,
    start: int,
    end: int,
    reach: Floats,
    costs: Mapping[int, float],
) -> list[tuple[float, Place]]:
    """What it costs that a label is beside the rows from ``start`` on to one before ``end``, with the ``costs`` of
    those further down, and its place then."""
    own = label.row + label.rowspan
    found = []
    for last in range(own, end + 1):
        place = replace(label, row=start, rowspan=last - start)
        if last not in costs or (place != label and not _is_free(draft, place, label)):
            continue
        off = _off(page, draft, label, start, last, reach)
        if off < OFF or place == label:
            found.append((off + costs[last], place))
    return found


def _is_free(draft: Draft, place: Place, label: Place) -> bool:
    """Whether nothing but ``label`` is in ``place``."""
    return not any(
        other != label
        and other.row < place.row + place.rowspan
        and place.row < other.row + other.rowspan
        and other.column < place.column + place.colspan
        and place.column < other.column + other.colspan
        for other in draft.cells
    )


def _reach(page: FramedPage, draft: Draft, column: int | None) -> Floats:
    """(rows, 2): from where to where in y the text of each row reaches, that of a ``column`` left out if there is
    other."""
    reach = np.stack([draft.grid.ys[:-1], draft.grid.ys[1:]], axis=1)
    beside: dict[int, list[int]] = {}
    for place, lines in draft.cells.items():
        if place.column != column and place.rowspan == 1:
            beside.setdefault(place.row, []).extend(lines)
    for row, lines in beside.items():
        reach[row] = page.boxes[lines, 1].min(), page.boxes[lines, 3].max()
    return reach
