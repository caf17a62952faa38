"""Labels beside several rows, told by where their text stands: half-way down the rows that they name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .draft import Draft
from .grid import Place
from .page import FramedPage

OFF = 0.5
"""A label is no further off the middle of its rows, in line heights."""


def with_labels(page: FramedPage, draft: Draft) -> Draft:
    """The same with each label of the first column beside all rows of which it stands in the middle.

    Only where as many rows above it have no label as below it: one that begins a group stands beside its first row.
    """
    labelled = sorted({row for place in draft.cells if not place.column for row in _rows(place)})
    moved: dict[Place, Place] = {}
    for label in draft.cells:
        if label.column or label.colspan > 1:
            continue
        first = max((row for row in labelled if row < label.row), default=0) + 1
        last = min((row for row in labelled if row >= label.row + label.rowspan), default=draft.grid.rows) - 1
        above, below = label.row - first, last - label.row - label.rowspan + 1
        if above == below > 0 and _is_halfway(page, draft, label, first, last):
            moved[label] = Place(first, 0, last - first + 1)
    if not moved:
        return draft
    covered = {row for place in moved.values() for row in _rows(place)}
    places = [moved.get(p, p) for p in draft.grid.places if p in moved or p.column or p.row not in covered]
    places.sort(key=lambda place: (place.row, place.column))
    cells = {moved.get(place, place): lines for place, lines in draft.cells.items()}
    return replace(draft, grid=replace(draft.grid, places=tuple(places)), cells=cells)


def _rows(place: Place) -> range:
    return range(place.row, place.row + place.rowspan)


def _is_halfway(page: FramedPage, draft: Draft, label: Place, first: int, last: int) -> bool:
    """Whether a label stands in the middle of the text of rows from ``first`` to ``last``."""
    beside = [i for place, lines in draft.cells.items() if place.column and first <= place.row <= last for i in lines]
    own = page.boxes[draft.cells[label]]
    middle = (own[:, 1].min() + own[:, 3].max()) / 2
    boxes = page.boxes[beside]
    return bool(len(beside) and np.abs((boxes[:, 1].min() + boxes[:, 3].max()) / 2 - middle) < OFF * page.height)
