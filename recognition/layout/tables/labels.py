"""Labels beside several rows, told by where their text stands: half-way down the rows that they name."""

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


def with_labels(page: FramedPage, draft: Draft) -> Draft:
    """The same with each label of the first column beside all rows of which it stands in the middle.

    Only where all rows below the heads are so shared among the labels: one that begins a group stands beside its first
    row, and then some label would be off the middle.
    """
    moved = {old: new for old, new in _shared(page, draft).items() if old != new}
    if not moved:
        return draft
    covered = {row for place in moved.values() for row in range(place.row, place.row + place.rowspan)}
    places = [moved.get(p, p) for p in draft.grid.places if p in moved or p.column or p.row not in covered]
    places.sort(key=lambda place: (place.row, place.column))
    cells = {moved.get(place, place): lines for place, lines in draft.cells.items()}
    return replace(draft, grid=replace(draft.grid, places=tuple(places)), cells=cells)


def _shared(page: FramedPage, draft: Draft) -> dict[Place, Place]:
    """The labels of the first column and the rows that each is beside, such that all of them together are least off
    the middle of their rows; none where that cannot be."""
    labels = sorted((place for place in draft.cells if place.column == 0), key=lambda place: place.row)
    ends = [*(label.row for label in labels[1:]), draft.grid.rows]
    reach = _reach(page, draft)
    costs = {draft.grid.rows: 0.0}  # of the labels further down, by the first row that is left to them
    ways: list[dict[int, tuple[float, Place]]] = []  # of each label from the last one up, by its first row
    heads: dict[int, float] = {}
    for n in reversed(range(len(labels))):
        first = labels[n - 1].row + labels[n - 1].rowspan if n else 0
        ways.append(
            {
                start: min(found, key=lambda way: way[0])
                for start in range(first, labels[n].row + 1)
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
    if label.colspan > 1:
        return [(costs[own], label)] if start == label.row and own in costs else []
    boxes = page.boxes[draft.cells[label]]
    middle = (boxes[:, 1].min() + boxes[:, 3].max()) / 2
    found = []
    for last in range(own, end + 1):
        off = abs(float(reach[start, 0] + reach[last - 1, 1]) / 2 - middle) / page.height
        if last in costs and (off < OFF or (start, last) == (label.row, own)):
            found.append((off + costs[last], Place(start, 0, last - start)))
    return found


def _reach(page: FramedPage, draft: Draft) -> Floats:
    """(rows, 2): from where to where in y the text of each row reaches, that of the first column left out if there is
    other."""
    reach = np.stack([draft.grid.ys[:-1], draft.grid.ys[1:]], axis=1)
    beside: dict[int, list[int]] = {}
    for place, lines in draft.cells.items():
        if place.column and place.rowspan == 1:
            beside.setdefault(place.row, []).extend(lines)
    for row, lines in beside.items():
        reach[row] = page.boxes[lines, 1].min(), page.boxes[lines, 3].max()
    return reach
