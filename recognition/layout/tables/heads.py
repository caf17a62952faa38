"""Heads over several columns, told by where their text stands: over the middle of the columns that they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from .draft import Draft
from .grid import Place
from .page import FramedPage

COLUMNS = 4
"""A table with heads over several columns has so many."""

UNNAMED = 0.7
"""What it costs that a column has no head, in line heights; a head off the middle of its columns costs its distance."""


def with_heads(page: FramedPage, draft: Draft) -> Draft:
    """The same with each head of the first row over all columns of which it stands in the middle.

    Only where the second row has text in all of these columns.
    """
    grid = draft.grid
    heads = sorted((place for place in draft.cells if place.row == 0), key=lambda place: place.column)
    second = {place.column for place in draft.cells if (place.row, place.rowspan, place.colspan) == (1, 1, 1)}
    if (
        grid.rows < 3
        or grid.columns < COLUMNS
        or not heads
        or any(head.rowspan > 1 and head.colspan > 1 for head in heads)
    ):
        return draft
    reach = [_reach(page, draft, column) for column in range(grid.columns)]
    taken = {column for head in heads for column in range(head.column, head.column + head.colspan)}
    free = {column for column in range(1, grid.columns) if column not in taken and column in second and reach[column]}
    if not free:
        return draft
    spans = _spans(page, draft, heads, free, reach)
    return _spanned(draft, spans)


def _reach(page: FramedPage, draft: Draft, column: int) -> tuple[float, float] | None:
    """From where to where the text of a column reaches below the first row."""
    own = [
        i
        for place, lines in draft.cells.items()
        if place.row and (place.column, place.colspan) == (column, 1)
        for i in lines
    ]
    return (float(page.boxes[own, 0].min()), float(page.boxes[own, 2].max())) if own else None


def _spans(
    page: FramedPage,
    draft: Draft,
    heads: Sequence[Place],
    free: set[int],
    reach: Sequence[tuple[float, float] | None],
) -> dict[Place, tuple[int, int]]:
    """The first and the last column of each head, such that all of them together are least off the middle."""
    middles = [(page.boxes[draft.cells[head], 0].min() + page.boxes[draft.cells[head], 2].max()) / 2 for head in heads]

    def off(n: int, first: int, last: int) -> float:
        left, right = reach[first], reach[last]
        return abs(float(middles[n]) - (left[0] + right[1]) / 2) if left and right else 0.0

    @cache
    def best(n: int, start: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        """The least cost of the heads from ``n`` on, in columns from ``start`` on."""
        if n == len(heads):
            return UNNAMED * page.height * sum(column >= start for column in free), ()
        head = heads[n]
        found = []
        for first in range(head.column, start - 1, -1):
            if first < head.column and first not in free:
                break
            unnamed = sum(start <= column < first for column in free)
            own_last = head.column + head.colspan - 1
            for last in range(own_last, draft.grid.columns):
                if last > own_last and (last not in free or head.rowspan > 1):
                    break
                if head.rowspan > 1 and first < head.column:
                    break
                cost, rest = best(n + 1, last + 1)
                found.append((cost + off(n, first, last) + UNNAMED * page.height * unnamed, ((first, last), *rest)))
        return min(found)

    _, chosen = best(0, 0)
    return dict(zip(heads, chosen, strict=True))


def _spanned(draft: Draft, spans: dict[Place, tuple[int, int]]) -> Draft:
    """The draft with its heads over these columns."""
    moved = {head: replace(head, column=first, colspan=last - first + 1) for head, (first, last) in spans.items()}
    covered = {column for place in moved.values() for column in range(place.column, place.column + place.colspan)}
    places = [
        *moved.values(),
        *(place for place in draft.grid.places if place not in moved and (place.row or place.column not in covered)),
    ]
    places.sort(key=lambda place: (place.row, place.column))
    cells = {moved.get(place, place): lines for place, lines in draft.cells.items()}
    return replace(draft, grid=replace(draft.grid, places=tuple(places)), cells=cells)
