"""Headings of groups of rows: texts that stand alone in their row, over all columns.

They are what Smock et al., "PubTables-1M", call projected row headers.
"""

from __future__ import annotations

from dataclasses import replace

from .draft import Draft
from .grid import Place
from .page import FramedPage

COLUMNS = 3
"""A table with such headings has so many: in one of labels and values a label without a value is not told from one."""

CENTRED = 1.0
"""A heading begins where the rows do, or its middle is no further from theirs, in line heights."""


def with_headings(page: FramedPage, draft: Draft) -> Draft:
    """The same with each text over all columns that is alone in a row below the first one."""
    grid = draft.grid
    if grid.columns < COLUMNS:
        return draft
    held: list[list[Place]] = [[] for _ in range(grid.rows)]
    for place in draft.cells:
        for row in range(place.row, place.row + place.rowspan):
            held[row].append(place)
    alone = {row: row_of[0] for row, row_of in enumerate(held) if row and len(row_of) == 1}
    over = {
        row: replace(place, column=0, colspan=grid.columns)
        for row, place in alone.items()
        if place.rowspan == 1 and (place.column == 0 or _is_centred(page, draft, place))
    }
    if not over:
        return draft
    places = sorted(
        [*over.values(), *(place for place in grid.places if place.row not in over)],
        key=lambda place: (place.row, place.column),
    )
    cells = {over.get(place.row, place): lines for place, lines in draft.cells.items()}
    return replace(draft, grid=replace(grid, places=tuple(places)), cells=cells)


def _is_centred(page: FramedPage, draft: Draft, place: Place) -> bool:
    every = page.boxes[[i for lines in draft.cells.values() for i in lines]]
    own = page.boxes[draft.cells[place]]
    middles = ((boxes[:, 0].min() + boxes[:, 2].max()) / 2 for boxes in (every, own))
    return bool(abs(next(middles) - next(middles)) < CENTRED * page.height)
