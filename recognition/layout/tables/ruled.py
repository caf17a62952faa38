"""Tables whose cells rules part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recognition.geometry import BBox
from recognition.layout.boxes import Boxes, Indices
from recognition.layout.enclosures import LEAST

from . import borders, grid
from .draft import FRAMED, Draft, content_of, is_filled, placed
from .grid import Grid, Place
from .page import INTO, MEET, FramedPage
from .prose import FULL, LONG, LONG_CELL, end_early, is_wordy
from .row_borders import row_borders

RUNNING = 0.6
"""Share of lines in such cells from which on frames hold articles, or are cards, and no cells."""

HEADED = 1.25
"""Type of the heading of a card, in that of what is below it."""


def ruled_tables(page: FramedPage) -> Iterator[Draft]:
    grids = grid.ruled(page.across, page.along, MEET * page.height)
    for found in sorted(grids, key=lambda g: (g.xs[-1] - g.xs[0]) * (g.ys[-1] - g.ys[0])):
        indices = page.within(found.box)
        if _are_cards(page, found, indices):
            page.free -= set(indices)
            continue
        if len(found.places) == 1:
            page.frames.append(found.box)
            page.articles += [found.box] if len(indices) >= LEAST else []
        if found.rows < 2 or found.columns < 2 or len(found.places) < 4:
            continue
        if not _is_cellular(page, found, indices):
            page.articles += _articles(page, found, indices)
            continue
        kept = page.copy()
        draft = _divided(page, borders.restored(page, _fill(page, found, indices)))
        if not is_filled(draft, vertical=page.is_vertical(indices)):
            page.restore(kept)
            continue
        page.free -= {i for cell in draft.cells.values() for i in cell}
        yield draft


def _articles(page: FramedPage, found: Grid, indices: Sequence[int]) -> list[BBox]:
    """The frames of running text, if there are some above each other: one row of them may be the body of a table."""
    held = zip(found.places, _held(page, found, indices), strict=True)
    wordy = [place for place, lines in held if sum(is_wordy(page, indices[k]) for k in lines) >= LONG_CELL]
    return [found.box_of(place) for place in wordy] if len({place.row for place in wordy}) > 1 else []


def _is_cellular(page: FramedPage, found: Grid, indices: Sequence[int]) -> bool:
    """Whether what rules part are cells, not articles, columns or single characters."""
    held = _held(page, found, indices)
    filled = [lines for lines in held if len(lines)]
    if len(filled) < max(3, 0.2 * len(held)):
        return False
    if sum(len(lines) for lines in filled if len(lines) >= LONG_CELL) > RUNNING * len(indices):
        return False
    return not _is_manuscript(page, found, held, page.boxes[indices])


def _held(page: FramedPage, found: Grid, indices: Sequence[int]) -> list[Indices]:
    """For each place the lines in it, by their place among ``indices``."""
    boxes = page.boxes[indices]
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).T
    return [
        np.flatnonzero((left <= x) & (x < right) & (top <= y) & (y < bottom))
        for left, top, right, bottom in map(found.box_of, found.places)
    ]


def _are_cards(page: FramedPage, found: Grid, indices: Sequence[int]) -> bool:
    """Whether most lines are in frames that hold one in larger type above others, as the name on a card below its firm.
    Cells of a table have no headings."""
    boxes = page.boxes[indices]
    size = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    headed = 0
    for lines in _held(page, found, indices):
        if len(lines) > 2:
            start = -boxes[:, 2] if page.is_vertical(indices[k] for k in lines) else boxes[:, 1]
            upper = lines[np.argsort(start[lines])][: len(lines) // 2]
            headed += len(lines) if size[upper].max() > HEADED * np.median(size[lines]) else 0
    return len(found.places) > 1 and headed > RUNNING * len(indices)


def _is_manuscript(page: FramedPage, found: Grid, held: Sequence[Indices], boxes: Boxes) -> bool:
    """Whether rules stand between columns of running text, as in woodblock prints, or between its characters."""
    full = many = crossing = 0
    for place, lines in zip(found.places, held, strict=True):
        left, top, right, bottom = found.box_of(place)
        for box in boxes[lines]:
            long = max(box[2] - box[0], box[3] - box[1])
            room = bottom - top if box[3] - box[1] > box[2] - box[0] else right - left
            many += 1
            crossing += long > 1.5 * room
            full += FULL * room < long <= 1.5 * room and long > LONG * page.height
    return crossing > many / 3 or full > many / 2


def _fill(page: FramedPage, found: Grid, indices: Sequence[int]) -> Draft:
    """Each line in the cell where it stands, parted where it stands in several."""
    cells: dict[Place, list[int]] = {}
    for i in indices:
        for k in _at_borders(page, found, i):
            x, y = (page.boxes[k, :2] + page.boxes[k, 2:]) / 2
            place = min(found.places, key=lambda place: _distance(found.box_of(place), x, y))
            cells.setdefault(place, []).append(k)
    return Draft(found, cells)


def _divided(page: FramedPage, draft: Draft) -> Draft:
    """The same with rows of text made rows of the table, where rules part nothing but its columns and its head."""
    found = draft.grid
    if found.rows > FRAMED or page.is_vertical(i for lines in draft.cells.values() for i in lines):
        return draft
    borders: list[float] = []
    for row in range(found.rows):
        own = {place: lines for place, lines in draft.cells.items() if place.row == row}
        stacked = [lines for lines in own.values() if len(lines) > 2]
        if len(stacked) > 1 and all(place.rowspan == 1 for place in own) and end_early(page, own):
            indices = [i for lines in own.values() for i in lines]
            content = content_of(page, indices, found.xs)
            borders += row_borders(content, [])[0]
    if not borders:
        return draft
    ys = sorted([*found.ys, *borders])
    indices = [i for lines in draft.cells.values() for i in lines]
    return placed(indices, content_of(page, indices, found.xs), set(), found.xs, ys)


def _distance(box: BBox, x: float, y: float) -> float:
    return max(box[0] - x, x - box[2], 0.0) + max(box[1] - y, y - box[3], 0.0)


def _at_borders(page: FramedPage, found: Grid, i: int) -> list[int]:
    """Line ``i`` parted at the borders of cells that it crosses."""
    left, top, right, bottom = page.boxes[i]
    axis = 1 if page.lines[i].direction == "vertical-rl" else 0
    x, y = (left + right) / 2, (top + bottom) / 2
    level = [place for place in found.places if _crosses(found.box_of(place), x, y, axis)]
    edges = sorted({found.box_of(place)[axis] for place in level})
    start, end = page.boxes[i, axis] + INTO * page.height, page.boxes[i, axis + 2] - INTO * page.height
    parts = [i]
    for edge in edges:
        if start < edge < end and (new := page.part(parts[-1], edge, axis)) is not None:
            parts.append(new)
    return parts


def _crosses(box: BBox, x: float, y: float, axis: int) -> bool:
    """Whether a line at (x, y) that runs along ``axis`` may pass through ``box``."""
    return box[1] <= y < box[3] if axis == 0 else box[0] <= x < box[2]
