"""Cells parted where no rule was found, though their texts show that there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .draft import Draft
from .grid import Grid, Place
from .page import MEET, FramedPage

EARLY = 0.7
"""A line that takes no more of its cell's width is the last one of its text."""

WHITE = 0.7
"""Line heights of white between texts of two cells, one below the other."""

SHARED = 0.5
"""Share of a column's cells in which text stands apart at one place from which on a border of columns is there."""

Half = tuple[Place, list[int]]


def restored(page: FramedPage, draft: Draft) -> Draft:
    """The same with the borders that no rule was found at."""
    if page.is_vertical(i for lines in draft.cells.values() for i in lines):
        return draft
    return _parted(page, _with_columns(page, draft))


def _with_columns(page: FramedPage, draft: Draft) -> Draft:
    """The same with columns parted where lines stand side by side in most of their cells, apart at one place."""
    column = 0
    while column < draft.grid.columns:
        x = _gap(page, [lines for place, lines in draft.cells.items() if (place.column, place.colspan) == (column, 1)])
        if x is None:
            column += 1
        else:
            draft = _with_border(page, draft, column, x)
    return draft


def _gap(page: FramedPage, cells: Sequence[list[int]]) -> float | None:
    """An x that lies between lines side by side in most cells, and in no line."""
    boxes = page.boxes[[i for lines in cells for i in lines]]
    best, most = None, max(1.0, SHARED * len(cells))
    for x in sorted(set(boxes[:, 0] - 1)):
        if ((boxes[:, 0] < x) & (x < boxes[:, 2])).any():
            continue
        sides = [_sides(page, lines, x, 0) for lines in cells]
        count = sum(_are_level(page, *side) for side in sides)
        if count > most:
            best, most = float(x), count
    return best


def _with_border(page: FramedPage, draft: Draft, column: int, x: float) -> Draft:
    """The same with a further border at ``x`` in a column, which only cells with text on both sides have."""
    cells: dict[Place, list[int]] = {}
    places: list[Place] = []
    for place in draft.grid.places:
        if place.column > column:
            moved = replace(place, column=place.column + 1)
        elif place.column + place.colspan > column:
            moved = replace(place, colspan=place.colspan + 1)
        else:
            moved = place
        places.append(moved)
        if place in draft.cells:
            cells[moved] = draft.cells[place]
    xs = draft.grid.xs
    grid = Grid((*xs[: column + 1], x, *xs[column + 1 :]), draft.grid.ys, tuple(places))
    return _parted(page, replace(draft, grid=grid, cells=cells))


def _parted(page: FramedPage, draft: Draft) -> Draft:
    """The same with each cell that spans several parted between texts that stand apart in it."""
    pending: list[Half] = [(place, draft.cells.get(place, [])) for place in draft.grid.places]
    parts: list[Half] = []
    while pending:
        place, lines = pending.pop()
        halves = next(_halves(page, draft.grid, place, lines), None)
        if halves:
            pending += halves
        else:
            parts.append((place, lines))
    places = sorted((place for place, _ in parts), key=lambda place: (place.row, place.column))
    cells = {place: lines for place, lines in parts if lines}
    return replace(draft, grid=replace(draft.grid, places=tuple(places)), cells=cells)


def _halves(page: FramedPage, grid: Grid, place: Place, lines: Sequence[int]) -> Iterator[tuple[Half, Half]]:
    """The ways to part a cell."""
    row, column, rows, columns = place.row, place.column, place.rowspan, place.colspan
    for n in range(1, columns):
        first, second = _sides(page, lines, grid.xs[column + n], 0)
        if first and second and _are_level(page, first, second):
            yield (Place(row, column, rows, n), first), (Place(row, column + n, rows, columns - n), second)
    left, _, right, _ = grid.box_of(place)
    for n in range(1, rows):
        first, second = _sides(page, lines, grid.ys[row + n], 1)
        if first and second and _are_apart(page, first, second, right - left):
            yield (Place(row, column, n, columns), first), (Place(row + n, column, rows - n, columns), second)


def _sides(page: FramedPage, lines: Sequence[int], at: float, axis: int) -> tuple[list[int], list[int]]:
    """The lines before and after a border; none where a line crosses it."""
    slack = MEET * page.height
    before = [i for i in lines if page.boxes[i, axis + 2] < at + slack]
    after = [i for i in lines if page.boxes[i, axis] > at - slack]
    return (before, after) if len(before) + len(after) == len(lines) else ([], [])


def _are_level(page: FramedPage, some: Sequence[int], others: Sequence[int]) -> bool:
    """Whether a line on one side of a border stands beside one on the other."""
    return any(
        min(page.boxes[i, 3], page.boxes[k, 3]) - max(page.boxes[i, 1], page.boxes[k, 1]) > page.height / 2
        for i in some
        for k in others
    )


def _are_apart(page: FramedPage, above: Sequence[int], below: Sequence[int], width: float) -> bool:
    """Whether the text above a border ends there, and another one begins below it, after some white."""
    last, first = max(above, key=lambda i: page.boxes[i, 3]), min(below, key=lambda i: page.boxes[i, 1])
    early = page.boxes[last, 2] - page.boxes[last, 0] < EARLY * width
    return bool(early and page.boxes[first, 1] - page.boxes[last, 3] > WHITE * page.height)
