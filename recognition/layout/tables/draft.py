"""A table as it is found: a grid in the frame of its page, and the lines in its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recognition.geometry import BBox
from recognition.layout import parting
from recognition.layout.boxes import Boxes, Floats

from . import aligned
from .grid import Grid, Place
from .page import BLANK, INTO, FramedPage
from .prose import FULL, LONG, LONG_CELL, end_early, is_listed, is_number, is_prose, is_wordy, runs_on
from .row_borders import row_borders

SEVERAL = 0.4
"""Share of a table's rows that have text in more than one cell."""

UNIT = 4
"""Names of units and months, shortened ones, have no more characters."""

FRAMED = 3
"""In a table of more rows that rules part, each of these is one row."""


@dataclass(frozen=True)
class Draft:
    """A grid in the frame, and for each of its places the lines there. ``ruled``: there are rules around it."""

    grid: Grid
    cells: dict[Place, list[int]]
    ruled: bool = True

    def stood_up(self) -> Draft:
        """The same, found on a page that was laid down, in the frame of the upright page."""
        rows = self.grid.rows

        def stood(place: Place) -> Place:
            return Place(place.column, rows - place.row - place.rowspan, place.colspan, place.rowspan)

        places = sorted(map(stood, self.grid.places), key=lambda place: (place.row, place.column))
        grid = Grid(tuple(-y for y in reversed(self.grid.ys)), self.grid.xs, tuple(places))
        return replace(self, grid=grid, cells={stood(place): lines for place, lines in self.cells.items()})


def in_columns(page: FramedPage, indices: Sequence[int], box: BBox, least: int) -> Draft | None:
    """A table of these lines in ``box``, if they stand in at least two columns and ``least`` rows."""
    if not indices:
        return None
    blanks, sure = _blanks(page, indices)
    inner = aligned.borders(page.boxes[indices], blanks, page.height, sure)
    if not inner:
        return None
    xs = [min(box[0], float(page.boxes[indices, 0].min())), *inner, max(box[2], float(page.boxes[indices, 2].max()))]
    indices = [k for i in indices for k in _at_columns(page, i, inner)]
    content = content_of(page, indices, xs)
    edge, width = page.height / 2, box[2] - box[0]
    drawn = [
        (rule.at, rule.start, rule.end)
        for rule in page.across
        if box[1] + edge < rule.at < box[3] - edge and min(rule.end, box[2]) - max(rule.start, box[0]) > width / 4
    ]
    top, bottom = box[1], box[3]
    whole = sorted(y for y, start, end in drawn if end - start > FULL * width)
    cuts, together = row_borders(content, drawn)
    if _are_rows(page, indices, content, whole):
        inner_cuts = _between_numbers(content, whole, cuts)
        cuts, together = sorted([*whole, *inner_cuts]), set()
    ys = [top, *(y for y in cuts if top < y < bottom), bottom]
    if len(ys) - 1 < least:
        return None
    return placed(indices, content, together, xs, ys)


def content_of(page: FramedPage, indices: Sequence[int], xs: Sequence[float]) -> aligned.Content:
    """These lines in the columns between ``xs``."""
    lines, boxes = [page.lines[i] for i in indices], page.boxes[indices]
    words = [parting.first_word(line) * (right - left) for line, (left, _, right, _) in zip(lines, boxes, strict=True)]
    return aligned.content(boxes, xs, page.height, [is_number(line.raw) for line in lines], words)


def _blanks(page: FramedPage, indices: Sequence[int]) -> tuple[Boxes, Boxes]:
    """The blanks inside of these lines, and those beside a number: it seldom shares its cell with words.

    It does with units and months, short words that come again beside other numbers; narrow blanks there are left out.
    """
    every: list[Floats] = []
    beside: list[tuple[str, Floats]] = []
    for i in indices:
        for blank in page.blanks([i], 0):
            word = _word_beside_number(page, i, (blank[0] + blank[2]) / 2)
            if word is None:
                every.append(blank)
            else:
                beside.append((word, blank))
    times = Counter(word for word, _ in beside)
    narrow = BLANK * page.height
    sure = [b for word, b in beside if len(word) > UNIT or times[word] == 1 or b[2] - b[0] > narrow]
    return np.array([*every, *sure]).reshape(-1, 4), np.array(sure).reshape(-1, 4)


def _word_beside_number(page: FramedPage, i: int, x: float) -> str | None:
    """What stands on the other side of ``x`` in line ``i``, where there is a number on one side alone."""
    line = page.lines[i]
    if len(line.positions) != len(line.raw) or not any(map(str.isdigit, line.raw)):
        return None
    left, _, right, _ = page.boxes[i]
    before = sum(place < (x - left) / (right - left) for place in line.positions)
    parts = line.raw[:before].strip(), line.raw[before:].strip()
    words = [part for part in parts if any(map(str.isalpha, part))]
    return words[0] if sum(map(is_number, parts)) == 1 == len(words) else None


def _are_rows(page: FramedPage, indices: Sequence[int], content: aligned.Content, ys: Sequence[float]) -> bool:
    """Whether rules at ``ys`` part all rows: there are several, and between two of them is a row of full cells."""
    if len(ys) < FRAMED:
        return False
    cells: dict[tuple[int, int], list[int]] = {}
    for i, box, first in zip(indices, content.boxes, content.first, strict=True):
        cells.setdefault((int(np.searchsorted(ys, (box[1] + box[3]) / 2)), int(first)), []).append(i)
    stacked = {Place(*key): lines for key, lines in cells.items() if len(lines) > 1}
    numbers = sum(all(is_number(page.lines[i].raw) for i in lines) for lines in stacked.values())
    return not stacked or not (numbers > len(stacked) / 2 or end_early(page, stacked))


def _between_numbers(content: aligned.Content, ys: Sequence[float], cuts: Sequence[float]) -> list[float]:
    """Those of the ``cuts`` with numbers above and below between the same two of the rules at ``ys``, in one column:
    no number goes on in the next line."""
    middles = (content.boxes[:, 1] + content.boxes[:, 3]) / 2
    band = np.searchsorted(ys, middles)
    kept = []
    for cut in cuts:
        own = content.numbers & (band == np.searchsorted(ys, cut))
        above, below = (set(content.first[own & side].tolist()) for side in (middles < cut, middles > cut))
        if above & below:
            kept.append(cut)
    return kept


def _at_columns(page: FramedPage, i: int, inner: Sequence[float]) -> list[int]:
    """Line ``i`` parted at the borders of columns where it has a blank."""
    parts = [i]
    for x in inner:
        k = parts[-1]
        left, _, right, _ = page.boxes[k]
        reach = INTO * page.height
        if not left + reach < x < right - reach:
            continue
        places = [(blank[0], blank[2]) for blank in page.blanks([k], 0)]
        near = [(low, high) for low, high in places if low - reach < x < high + reach]
        if near:
            low, high = min(near, key=lambda place: (max(place[0] - x, x - place[1], 0.0), place[0] - place[1]))
            new = page.part(k, (low + high) / 2, 0)
            if new is not None:
                parts.append(new)
    return parts


def placed(
    indices: Sequence[int],
    content: aligned.Content,
    together: set[tuple[int, int]],
    xs: Sequence[float],
    ys: Sequence[float],
) -> Draft:
    """Lines in the cells of a grid; those that stand in several cells, or are ``together``, make one cell of these."""
    owner = np.full((len(ys) - 1, len(xs) - 1), -1)
    cells: list[list[int]] = []
    areas = _areas(content, np.asarray(ys[1:-1]))
    for a, b in together:
        top, bottom = min(areas[a][0], areas[b][0]), max(areas[a][1], areas[b][1])
        areas[a] = areas[b] = top, bottom, areas[a][2], areas[a][3]
    for n in sorted(range(len(indices)), key=lambda n: (areas[n][2] - areas[n][3], areas[n][0] - areas[n][1])):
        first_row, last_row, first, last = areas[n]
        area = owner[first_row : last_row + 1, first : last + 1]
        taken = area[area >= 0]
        if len(taken):
            cells[taken[0]].append(indices[n])
            continue
        area[...] = len(cells)
        cells.append([indices[n]])
    held: dict[Place, list[int]] = {}
    for row, column in np.ndindex(owner.shape):
        cell = int(owner[row, column])
        if cell < 0:
            held[Place(row, column)] = []
        elif (owner[:row] != cell).all() and (owner[row, :column] != cell).all():
            rows, columns = np.nonzero(owner == cell)
            held[Place(row, column, int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)] = cells[cell]
    return Draft(Grid(tuple(xs), tuple(ys), tuple(held)), {place: lines for place, lines in held.items() if lines})


def _areas(content: aligned.Content, inner: Floats) -> list[tuple[int, int, int, int]]:
    """For each line its first and last row and its first and last column."""
    areas = []
    for box, first, last in zip(content.boxes, content.first, content.last, strict=True):
        quarter = (box[3] - box[1]) / 4
        middle = (box[1] + box[3]) / 2
        edges = (box[1] + quarter, box[3] - quarter) if first == last else (middle, middle)
        first_row, last_row = np.searchsorted(inner, edges)
        areas.append((int(first_row), int(last_row), int(first), int(last)))
    return areas


def is_filled(draft: Draft, least: int = 2, *, vertical: bool = False) -> bool:
    """Whether ``least`` rows or more, and many of all, have text in several cells."""
    rows: dict[int, int] = {}
    for place in draft.cells:
        for row in (
            range(place.column, place.column + place.colspan)
            if vertical
            else range(place.row, place.row + place.rowspan)
        ):
            rows[row] = rows.get(row, 0) + 1
    several = sum(count > 1 for count in rows.values())
    return several >= max(least, SEVERAL * len(rows))


def is_text(page: FramedPage, draft: Draft) -> bool:
    """Whether one of the columns is a wide one of prose, words run on from row to row, or the columns are a list's."""
    return _holds_prose(page, draft) or runs_on(page, draft.cells) or is_listed(page, draft.cells)


def _holds_prose(page: FramedPage, draft: Draft) -> bool:
    """Whether one of the columns is a wide one of prose."""
    columns: dict[int, list[int]] = {}
    for place, lines in draft.cells.items():
        columns.setdefault(place.column, []).extend(lines)
    wordy = (
        [i for i in lines if is_wordy(page, i) and page.boxes[i, 2] - page.boxes[i, 0] > LONG * page.height]
        for lines in columns.values()
    )
    return any(len(lines) >= LONG_CELL and is_prose(page, lines) for lines in wordy)
