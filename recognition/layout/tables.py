"""Tables of a page: where they are, their grids, and which lines stand in which cell.

Three kinds of evidence, the surest first: rules that meet make a grid (``grid``); rules of one width above each other
hold a table between them if its text stands in columns; rows of text in the same columns are a table without rules
(``aligned``). Prose in columns, lists and receipts are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from recognition.geometry import BBox, union
from recognition.page import Cell, Line, Table

from . import aligned, grid, parting
from .aligned import Boxes, Floats, Indices
from .grid import Grid, Place, Rule
from .separators import Separators

MEET = 0.4
"""Rules closer than this, in line heights, are one, or meet."""

INTO = 0.6
"""A line reaches into the next cell if it does by more than this, in line heights."""

LONG_CELL = 8
"""A cell of so many lines holds running text."""

RUNNING = 0.6
"""Share of lines in such cells from which on frames hold articles, not cells."""

FULL, LONG = 0.85, 10.0
"""A line that is no shorter than this share of its column fills it; and it is a long one, in line heights."""

WORDY, DIGITS = 6.0, 0.3
"""A line as long as this, in line heights, with no more than this share of digits, may be running text."""

EVEN = 0.1
"""By how much of it the distance of lines in a paragraph differs."""

HEADING = 0.6
"""A heading inside of a table takes no more than this share of its width."""

FILLED, RAGGED, STRICT, WORDS = 0.5, 0.65, 0.8, 0.7
"""Shares in a table without rules: of its cells that are filled; of its columns, and of the cells of one, that are
straight; of both in one without numbers; of its cells that may hold running text."""

SEVERAL = 0.4
"""Share of a table's rows that have text in more than one cell."""

STRIP, TALL = 25.0, 1.4
"""A receipt is narrower than this, in line heights, and higher than wide by this factor."""

FRAMED = 3
"""In a table of more rows that rules part, each of these is one row."""

ACROSS = 0.7
"""Share of a table's width from which on a line among its rows is none of its cells, but text between two tables."""

HEAD = 1.2
"""The head of a table is no further above its rule, in line heights."""

SAME_END = 2.0
"""Rules end at the same place within so many line heights."""

BLANK, NARROW, USUAL = 1.0, 0.15, 0.5
"""Line heights of white between cells of one row; of white in a line that may have been read across two cells; of
white between words that may."""

BEYOND = 1.25
"""Text in the same columns above or below rules is of one table with that between them if it is so much in all."""

NEAR = 2.6
"""Rows of one table without rules follow each other within so many line heights."""

STRAIGHT = 0.5
"""Cells of a column begin, end or are centred at one x within so many line heights."""


@dataclass(frozen=True)
class FoundTable:
    """``box``: around its cells. ``table``: cells with indices of ``FoundTables.lines``."""

    box: BBox
    table: Table

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of all cells, row by row."""
        return tuple(index for row in self.table.rows for cell in row for index in cell.lines)


@dataclass(frozen=True)
class FoundTables:
    """The tables of a page from the top.

    ``lines``: the lines that were given, in their order; in place of one that stands in several cells, its parts.
    ``origins``: for each the index of the line that was given.
    """

    lines: tuple[Line, ...]
    origins: tuple[int, ...]
    tables: tuple[FoundTable, ...] = ()


def find(lines: Sequence[Line], separators: Separators = Separators()) -> FoundTables:  # noqa: B008  # frozen
    """The tables that ``lines`` and ``separators`` of one upright page make, all in the same pixels."""
    page = _Page(lines, separators)
    drafts: list[_Draft] = []
    if len(lines) >= 4:
        drafts += _ruled_tables(page)
        if not page.is_strip:
            drafts += _half_ruled_tables(page)
            drafts += _open_tables(page)
    return page.finished(drafts)


@dataclass(frozen=True)
class _Draft:
    """A grid in the frame, and for each of its places the lines there."""

    grid: Grid
    cells: dict[Place, list[int]]


@dataclass
class _Page:
    """Lines and rules in the frame. ``free``: which lines are in no table yet."""

    given: Sequence[Line]
    separators: Separators
    lines: list[Line] = field(init=False)
    origins: list[int] = field(init=False)
    boxes: Boxes = field(init=False)
    free: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.lines, self.origins = list(self.given), list(range(len(self.given)))
        self.free = set(self.origins)
        self.tilt = _tilt(self.lines)
        self.boxes = np.array([self._framed(line) for line in self.lines]).reshape(-1, 4)
        thickness = np.minimum(self.boxes[:, 2] - self.boxes[:, 0], self.boxes[:, 3] - self.boxes[:, 1])
        self.height = float(np.median(thickness)) if len(thickness) else 1.0
        clear = self.separators.without_text(self.lines)
        self.across = grid.joined(map(self._across, clear.horizontal), MEET * self.height)
        self.along = grid.joined(map(self._along, clear.vertical), MEET * self.height)

    @property
    def is_strip(self) -> bool:
        """Whether the text is narrow and tall, as on a receipt: its rows are read as they stand."""
        width, height = np.ptp(self.boxes[:, [0, 2]]), np.ptp(self.boxes[:, [1, 3]])
        return bool(width < STRIP * self.height and height > TALL * width)

    def _turned(self, x: float, y: float, back: bool = False) -> tuple[float, float]:
        angle = self.tilt if back else -self.tilt
        cos, sin = np.cos(angle), np.sin(angle)
        return float(x * cos - y * sin), float(x * sin + y * cos)

    def _framed(self, line: Line) -> BBox:
        """The box of a line that leans as the page does; it is as long and as thick as its polygon's sides."""
        corners = [self._turned(x, y) for x, y in line.polygon]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def _across(self, box: BBox) -> Rule:
        x, y = self._turned((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        half = (box[2] - box[0]) / 2
        return Rule(y, x - half, x + half)

    def _along(self, box: BBox) -> Rule:
        x, y = self._turned((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        half = (box[3] - box[1]) / 2
        return Rule(x, y - half, y + half)

    def within(self, box: BBox) -> list[int]:
        """The free lines whose middle is in ``box``."""
        found = []
        for i in sorted(self.free):
            left, top, right, bottom = self.boxes[i]
            if box[0] <= (left + right) / 2 <= box[2] and box[1] <= (top + bottom) / 2 <= box[3]:
                found.append(i)
        return found

    def is_vertical(self, indices: Iterable[int]) -> bool:
        """Whether most of these lines, by their length, run downwards."""
        return sum(self._lean(i) for i in indices) > 0

    def _lean(self, i: int) -> float:
        length = max(self.boxes[i, 2] - self.boxes[i, 0], self.boxes[i, 3] - self.boxes[i, 1])
        return float(length if self.lines[i].direction == "vertical-rl" else -length)

    def blanks(self, indices: Sequence[int], wide: float) -> Boxes:
        """(m, 4): the blanks inside of horizontal lines that are ``wide`` pixels or more, and whose they are.

        From where to where in x, from where to where in y.
        """
        found = []
        for i in indices:
            left, top, right, bottom = self.boxes[i]
            for start, end, usual in parting.blanks(self.lines[i]):
                if (end - start) * (right - left) >= max(wide, USUAL * self.height * usual):
                    found.append((left + start * (right - left), top, left + end * (right - left), bottom))
        return np.array(found).reshape(-1, 4)

    def part(self, i: int, at: float, axis: int) -> int | None:
        """Part line ``i`` at x (``axis`` 0) or y (1) ``at``; the index of the new line, what is after it."""
        start, end = self.boxes[i, axis], self.boxes[i, axis + 2]
        parts = parting.part(self.lines[i], (at - start) / (end - start))
        if parts is None:
            return None
        self.lines[i] = parts[0]
        self.lines.append(parts[1])
        self.origins.append(self.origins[i])
        self.boxes = np.vstack([self.boxes, self._framed(parts[1])])
        self.boxes[i] = self._framed(parts[0])
        new = len(self.lines) - 1
        if i in self.free:
            self.free.add(new)
        return new

    def copy(self) -> tuple[list[Line], list[int], Boxes, set[int]]:
        """What ``restore`` needs to undo all that parted lines since."""
        return list(self.lines), list(self.origins), self.boxes.copy(), set(self.free)

    def restore(self, kept: tuple[list[Line], list[int], Boxes, set[int]]) -> None:
        self.lines, self.origins, self.boxes, self.free = kept

    def finished(self, drafts: Sequence[_Draft]) -> FoundTables:
        order = sorted(range(len(self.lines)), key=lambda i: (self.origins[i], i))
        rank = {i: k for k, i in enumerate(order)}
        tables = [self._finished(draft, rank) for draft in sorted(drafts, key=lambda draft: draft.grid.box[1])]
        lines, origins = tuple(self.lines[i] for i in order), tuple(self.origins[i] for i in order)
        return FoundTables(lines, origins, tuple(tables))

    def _finished(self, draft: _Draft, rank: dict[int, int]) -> FoundTable:
        rows: list[list[Cell]] = [[] for _ in range(draft.grid.rows)]
        for place in draft.grid.places:
            indices = tuple(rank[i] for i in self.read(draft.cells.get(place, [])))
            cell = Cell(self._page_box(draft.grid.box_of(place)), indices, place.rowspan, place.colspan)
            rows[place.row].append(cell)
        if self.is_vertical(i for indices in draft.cells.values() for i in indices):
            rows = _turned(draft.grid, rows)
        return FoundTable(self._page_box(draft.grid.box), Table(tuple(tuple(row) for row in rows)))

    def read(self, indices: list[int]) -> list[int]:
        """Lines of one cell in reading order."""
        if self.is_vertical(indices):
            return sorted(indices, key=lambda i: (-round(self.boxes[i, 2] / self.height), self.boxes[i, 1]))
        rows: list[list[int]] = []
        for i in sorted(indices, key=lambda i: self.boxes[i, 1] + self.boxes[i, 3]):
            middle = (self.boxes[i, 1] + self.boxes[i, 3]) / 2
            if rows and middle < self.boxes[rows[-1][0], 3] - 0.3 * self.height:
                rows[-1].append(i)
            else:
                rows.append([i])
        return [i for row in rows for i in sorted(row, key=lambda i: self.boxes[i, 0])]

    def _page_box(self, box: BBox) -> BBox:
        """A box of the frame as an upright box of the page, turned about its middle."""
        left, top, right, bottom = box
        x, y = self._turned((left + right) / 2, (top + bottom) / 2, back=True)
        half_width, half_height = (right - left) / 2, (bottom - top) / 2
        return x - half_width, y - half_height, x + half_width, y + half_height


def _turned(of: Grid, rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows of a table of vertical text: its columns from the right, each from the top."""
    turned: list[list[Cell]] = [[] for _ in range(of.columns)]
    cells = [cell for row in rows for cell in row]
    for place, cell in sorted(zip(of.places, cells, strict=True), key=lambda pair: pair[0].row):
        first = of.columns - place.column - place.colspan
        turned[first].append(replace(cell, rowspan=cell.colspan, colspan=cell.rowspan))
    return turned


def _tilt(lines: Sequence[Line]) -> float:
    """By how much, in radians, most lines lean: the median of their long sides' angles, weighted by their length."""
    angles, lengths = [], []
    for line in lines:
        a, b, _, d = np.asarray(line.polygon)
        side = d - a if line.direction == "vertical-rl" else b - a
        angle = np.arctan2(side[1], side[0]) - (np.pi / 2 if line.direction == "vertical-rl" else 0.0)
        angles.append((angle + np.pi / 4) % (np.pi / 2) - np.pi / 4)
        lengths.append(np.hypot(*side))
    if not lengths:
        return 0.0
    order = np.argsort(angles)
    reach = np.cumsum(np.asarray(lengths)[order])
    return float(np.asarray(angles)[order][np.searchsorted(reach, reach[-1] / 2)])


# Rules that meet


def _ruled_tables(page: _Page) -> Iterator[_Draft]:
    grids = grid.ruled(page.across, page.along, MEET * page.height)
    for found in sorted(grids, key=lambda g: (g.xs[-1] - g.xs[0]) * (g.ys[-1] - g.ys[0])):
        indices = page.within(found.box)
        if found.rows < 2 or found.columns < 2 or len(found.places) < 4 or not _is_cellular(page, found, indices):
            continue
        kept = page.copy()
        draft = _divided(page, _fill(page, found, indices))
        if not _is_filled(draft, vertical=page.is_vertical(indices)):
            page.restore(kept)
            continue
        page.free -= {i for cell in draft.cells.values() for i in cell}
        yield draft


def _is_cellular(page: _Page, found: Grid, indices: Sequence[int]) -> bool:
    """Whether what rules part are cells, not articles, columns or single characters."""
    boxes = page.boxes[indices]
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    held = [_held(middle, found.box_of(place)) for place in found.places]
    filled = [lines for lines in held if len(lines)]
    if len(filled) < max(3, 0.2 * len(held)):
        return False
    if sum(len(lines) for lines in filled if len(lines) >= LONG_CELL) > RUNNING * len(indices):
        return False
    return not _is_manuscript(page, found, held, boxes)


def _held(middle: Floats, box: BBox) -> Indices:
    x, y = middle.T
    return np.flatnonzero((box[0] <= x) & (x < box[2]) & (box[1] <= y) & (y < box[3]))


def _is_manuscript(page: _Page, found: Grid, held: Sequence[Indices], boxes: Boxes) -> bool:
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


def _fill(page: _Page, found: Grid, indices: Sequence[int]) -> _Draft:
    """Each line in the cell where it stands, parted where it stands in several."""
    cells: dict[Place, list[int]] = {}
    for i in indices:
        for k in _at_borders(page, found, i):
            x, y = (page.boxes[k, :2] + page.boxes[k, 2:]) / 2
            place = min(found.places, key=lambda place: _distance(found.box_of(place), x, y))
            cells.setdefault(place, []).append(k)
    return _Draft(found, cells)


def _divided(page: _Page, draft: _Draft) -> _Draft:
    """The same with rows of text made rows of the table, where rules part nothing but its columns and its head."""
    found = draft.grid
    if found.rows > FRAMED or page.is_vertical(i for lines in draft.cells.values() for i in lines):
        return draft
    borders: list[float] = []
    for row in range(found.rows):
        own = {place: lines for place, lines in draft.cells.items() if place.row == row}
        stacked = [lines for lines in own.values() if len(lines) > 2]
        if len(stacked) > 1 and all(place.rowspan == 1 for place in own) and _end_early(page, own):
            indices = [i for lines in own.values() for i in lines]
            content = aligned.content(page.boxes[indices], found.xs, page.height)
            borders += aligned.row_borders(content, [])[0]
    if not borders:
        return draft
    ys = sorted([*found.ys, *borders])
    indices = [i for lines in draft.cells.values() for i in lines]
    return _placed(indices, aligned.content(page.boxes[indices], found.xs, page.height), set(), found.xs, ys)


def _end_early(page: _Page, cells: dict[Place, list[int]]) -> bool:
    """Whether most lines of these cells, but for the last of each, leave room for more: they are no running text."""
    early = total = 0
    for lines in cells.values():
        widths = [page.boxes[i, 2] - page.boxes[i, 0] for i in page.read(lines)]
        early += sum(width < FULL * max(widths) for width in widths[:-1])
        total += len(widths) - 1
    return early > total / 2


def _distance(box: BBox, x: float, y: float) -> float:
    return max(box[0] - x, x - box[2], 0.0) + max(box[1] - y, y - box[3], 0.0)


def _at_borders(page: _Page, found: Grid, i: int) -> list[int]:
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


# Text in columns between rules


def _half_ruled_tables(page: _Page) -> Iterator[_Draft]:
    """Tables between rules of one width, if what is between them does not go on beyond them."""
    groups = [set(group) for run in _runs(page) for group in _groups(page, [i for row in run for i in row])]
    boxes = [_with_head(page, box) for box in _between_rules(page)]
    for box in boxes:
        indices = page.within((box[0] - page.height / 2, box[1], box[2] + page.height / 2, box[3]))
        alone = all(box[0] < other[2] and other[0] < box[2] for other in boxes)
        if alone and any(group > set(indices) and len(group) > BEYOND * len(indices) for group in groups):
            continue
        kept = page.copy()
        draft = _aligned(page, indices, box, least=2)
        least = 3 if draft and draft.grid.columns == 2 else 2
        if draft and _is_filled(draft, least) and (_is_ruled(page, draft) or not _holds_prose(page, draft)):
            page.free -= {i for cell in draft.cells.values() for i in cell}
            yield draft
        else:
            page.restore(kept)


def _between_rules(page: _Page) -> Iterator[BBox]:
    """Boxes between the first and the last of rules of one width with rows of a table between them."""
    for rules in _ladders(page):
        left, right = min(rule.start for rule in rules), max(rule.end for rule in rules)
        edge = page.height / 2
        top: float | None = None
        for a, b in pairwise(rules):
            row = b.at - a.at < aligned.TALLEST * page.height
            indices = page.within((left - edge, a.at, right + edge, b.at))
            wide = page.boxes[indices, 2] - page.boxes[indices, 0] > ACROSS * (right - left)
            tabular = _is_tabular(page, indices, row) and not wide.any()
            if tabular and top is None:
                top = a.at
            elif not tabular and top is not None:
                yield left, top, right, a.at
                top = None
        if top is not None:
            yield left, top, right, rules[-1].at


def _with_head(page: _Page, box: BBox) -> BBox:
    """The same box with the head of the table, if that stands above its first rule."""
    left, top, right, bottom = box
    edge = page.height / 2
    above = page.within((left - edge, top - 2 * HEAD * page.height, right + edge, top))
    band = _bands(page, above)[-1] if above else []
    near = [i for i in band if top - page.boxes[i, 3] < HEAD * page.height and not _is_wordy(page, i)]
    if len(near) < max(2, len(band)) or page.is_vertical(near):
        return box
    return left, float(page.boxes[near, 1].min()), right, bottom


def _ladders(page: _Page) -> list[list[Rule]]:
    """Rules that begin and end at the same places, from the top, at least two."""
    ladders: list[list[Rule]] = []
    within = SAME_END * page.height
    for rule in page.across:
        if rule.end - rule.start < 6 * page.height:
            continue
        for ladder in ladders:
            if abs(ladder[0].start - rule.start) < within and abs(ladder[0].end - rule.end) < within:
                ladder.append(rule)
                break
        else:
            ladders.append([rule])
    return [ladder for ladder in ladders if len(ladder) > 1]


def _is_tabular(page: _Page, indices: Sequence[int], row: bool) -> bool:
    """Whether lines between two rules may be rows of a table: some stand side by side, and they are no prose.

    ``row``: the rules are so close that there is but one row, or a few; words may fill its cells then.
    """
    if not indices or page.is_vertical(indices):
        return not indices
    boxes = page.boxes[indices]
    shared = np.minimum(boxes[:, None, 3], boxes[:, 3]) - np.maximum(boxes[:, None, 1], boxes[:, 1])
    heights = boxes[:, 3] - boxes[:, 1]
    partners = (shared > np.minimum(heights[:, None], heights) / 3).sum(axis=1) - 1
    blank = page.blanks(indices, BLANK * page.height)
    beside = (partners > 0).sum() + len(np.unique(blank[:, 1]))
    return bool(beside >= 0.5 * len(indices)) and (row or not _is_prose(page, indices))


def _bands(page: _Page, indices: Sequence[int]) -> list[list[int]]:
    """Lines beside each other, directly or by others between them, from the top, each band from the left."""
    bands: list[list[int]] = []
    reach = -np.inf
    for i in sorted(indices, key=lambda i: page.boxes[i, 1]):
        slack = (page.boxes[i, 3] - page.boxes[i, 1]) / 4
        if page.boxes[i, 1] + slack < reach:
            bands[-1].append(i)
        else:
            bands.append([i])
        reach = max(reach, float(page.boxes[i, 3]) - slack)
    return [sorted(band, key=lambda i: float(page.boxes[i, 0])) for band in bands]


def _is_prose(page: _Page, indices: Sequence[int]) -> bool:
    """Whether most lines are words that fill their column."""
    wordy = [i for i in indices if _is_wordy(page, i)]
    if len(wordy) <= len(indices) / 2:
        return False
    boxes = page.boxes[wordy]
    starts = np.abs(boxes[:, 0][:, None] - boxes[:, 0]) < page.height / 2
    ends = np.abs(boxes[:, 2][:, None] - boxes[:, 2]) < page.height / 2
    same = (starts & ends).sum(axis=1)
    justified = (same > 2) & (same > starts.sum(axis=1) / 2)
    return bool(justified.sum() > len(boxes) / 2) and _is_even(boxes)


def _is_even(boxes: Boxes) -> bool:
    """Whether lines one below the other are mostly one distance apart, as those of a paragraph are."""
    steps = []
    for box in boxes:
        shared = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
        below = boxes[(shared > (box[2] - box[0]) / 2) & (boxes[:, 1] > (box[1] + box[3]) / 2)]
        if len(below):
            steps.append(below[:, 1].min() - box[1])
    near = np.abs(np.asarray(steps) - np.median(steps)) < EVEN * np.median(steps) if steps else np.zeros(1)
    return bool(near.mean() > RAGGED)


def _is_wordy(page: _Page, i: int) -> bool:
    """Whether a line is long, and no number, date or the like."""
    text = page.lines[i].raw
    digits = sum(char.isdigit() for char in text)
    return bool(page.boxes[i, 2] - page.boxes[i, 0] > WORDY * page.height) and digits < DIGITS * len(text)


def _aligned(page: _Page, indices: Sequence[int], box: BBox, least: int) -> _Draft | None:
    """A table of these lines in ``box``, if they stand in at least two columns and ``least`` rows."""
    if not indices:
        return None
    inner = aligned.borders(page.boxes[indices], page.blanks(indices, NARROW * page.height), page.height)
    if not inner:
        return None
    xs = [min(box[0], float(page.boxes[indices, 0].min())), *inner, max(box[2], float(page.boxes[indices, 2].max()))]
    indices = [k for i in indices for k in _at_columns(page, i, inner)]
    content = aligned.content(page.boxes[indices], xs, page.height)
    edge, width = page.height / 2, box[2] - box[0]
    drawn = [
        (rule.at, rule.start, rule.end)
        for rule in page.across
        if box[1] + edge < rule.at < box[3] - edge and min(rule.end, box[2]) - max(rule.start, box[0]) > width / 4
    ]
    top, bottom = box[1], box[3]
    whole = sorted(y for y, start, end in drawn if end - start > FULL * width)
    if _are_rows(page, indices, content, whole):
        cuts, together = whole, set[tuple[int, int]]()
    else:
        cuts, together = aligned.row_borders(content, drawn)
    ys = [top, *(y for y in cuts if top < y < bottom), bottom]
    if len(ys) - 1 < least:
        return None
    return _placed(indices, content, together, xs, ys)


def _are_rows(page: _Page, indices: Sequence[int], content: aligned.Content, ys: Sequence[float]) -> bool:
    """Whether rules at ``ys`` part all rows: there are several, and between two of them is a row of full cells."""
    if len(ys) < FRAMED:
        return False
    cells: dict[tuple[int, int], list[int]] = {}
    for i, box, first in zip(indices, content.boxes, content.first, strict=True):
        cells.setdefault((int(np.searchsorted(ys, (box[1] + box[3]) / 2)), int(first)), []).append(i)
    stacked = {Place(*key): lines for key, lines in cells.items() if len(lines) > 1}
    return not stacked or not _end_early(page, stacked)


def _at_columns(page: _Page, i: int, inner: Sequence[float]) -> list[int]:
    """Line ``i`` parted at the borders of columns where it has a blank."""
    parts = [i]
    for x in inner:
        k = parts[-1]
        left, _, right, _ = page.boxes[k]
        reach = INTO * page.height
        if not left + reach < x < right - reach:
            continue
        for start, end, _ in parting.blanks(page.lines[k]):
            low, high = (left + share * (right - left) for share in (start, end))
            if low - reach < x < high + reach:
                new = page.part(k, (low + high) / 2, 0)
                if new is not None:
                    parts.append(new)
                break
    return parts


def _placed(
    indices: Sequence[int],
    content: aligned.Content,
    together: set[tuple[int, int]],
    xs: Sequence[float],
    ys: Sequence[float],
) -> _Draft:
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
    return _Draft(Grid(tuple(xs), tuple(ys), tuple(held)), {place: lines for place, lines in held.items() if lines})


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


# Text in columns by itself


def _open_tables(page: _Page) -> Iterator[_Draft]:
    """Rows of text that stand in the same columns."""
    for run in _runs(page):
        indices = [i for row in run for i in row]
        for group in _groups(page, indices):
            kept = page.copy()
            box = union(tuple(page.boxes[i]) for i in group)
            draft = _aligned(page, group, box, least=3)
            if draft and _is_filled(draft) and _is_regular(page, draft) and not _holds_prose(page, draft):
                page.free -= {i for cell in draft.cells.values() for i in cell}
                yield draft
            else:
                page.restore(kept)


def _runs(page: _Page) -> Iterator[list[list[int]]]:
    """Rows that follow each other, most of them with short lines side by side."""
    horizontal = [i for i in sorted(page.free) if not page.is_vertical([i])]
    run: list[list[int]] = []
    seeds = last = 0
    for row in [*_bands(page, horizontal), []]:
        near = run and row and page.boxes[row, 1].min() - page.boxes[run[-1], 3].max() < NEAR * page.height
        seed = bool(row) and _is_seed(page, row)
        if run and not (near and (seed or (len(run) - last < 3 and _continues(page, run, row)))):
            if seeds >= 3:
                yield run[:last]
            run, seeds, last = [], 0, 0
        if seed or run:
            run.append(row)
        if seed:
            seeds, last = seeds + 1, len(run)


def _is_seed(page: _Page, row: Sequence[int]) -> bool:
    """Whether a row has short lines side by side, or a number beside text, or a line with wide blanks in it."""
    blank = page.blanks(row, BLANK * page.height)
    boxes = page.boxes[row]
    gaps = int((boxes[1:, 0] - np.maximum.accumulate(boxes[:, 2])[:-1] > BLANK * page.height).sum()) + len(blank)
    short = [i for i in row if not _is_wordy(page, i)]
    pieces = len(row) + len(blank)
    numbers = any(_is_number(page.lines[i].raw) for i in short)
    return gaps > 0 and (numbers or len(short) + len(blank) >= max(2 if pieces < 3 else 1, pieces / 3))


def _is_number(text: str) -> bool:
    return 2 * sum(char.isdigit() for char in text) >= len(text)


def _continues(page: _Page, run: Sequence[Sequence[int]], row: Sequence[int]) -> bool:
    """Whether a row of one line may be a heading in a table, or the rest of one of its cells."""
    boxes = page.boxes[[i for above in run for i in above]]
    left, right = boxes[:, 0].min(), boxes[:, 2].max()
    return all(
        left - page.height < page.boxes[i, 0] and page.boxes[i, 2] - page.boxes[i, 0] < (right - left) * HEADING
        for i in row
    )


def _groups(page: _Page, indices: Sequence[int]) -> Iterator[list[int]]:
    """The lines of neighbouring columns, those of columns of prose left out."""
    inner = aligned.borders(page.boxes[indices], page.blanks(indices, NARROW * page.height), page.height)
    column = np.searchsorted(inner, (page.boxes[indices, 0] + page.boxes[indices, 2]) / 2)
    group: list[int] = []
    columns = 0
    for k in range(len(inner) + 2):
        own = [indices[n] for n in np.flatnonzero(column == k)]
        if own and not _is_prose(page, own):
            group, columns = group + own, columns + 1
            continue
        if columns >= 3:
            yield group
        group, columns = [], 0


def _is_filled(draft: _Draft, least: int = 2, *, vertical: bool = False) -> bool:
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


def _is_ruled(page: _Page, draft: _Draft) -> bool:
    """Whether there are rules between most rows."""
    left, top, right, bottom = draft.grid.box
    rules = [r for r in page.across if top < r.at < bottom and r.end - r.start > (right - left) / 2]
    return len(rules) > RAGGED * (draft.grid.rows - 1)


def _holds_prose(page: _Page, draft: _Draft) -> bool:
    """Whether one of the columns is a column of prose."""
    columns: dict[int, list[int]] = {}
    for place, lines in draft.cells.items():
        columns.setdefault(place.column, []).extend(lines)
    wordy = ([i for i in lines if _is_wordy(page, i)] for lines in columns.values())
    return any(len(lines) >= LONG_CELL and _is_prose(page, lines) for lines in wordy)


def _is_regular(page: _Page, draft: _Draft) -> bool:
    """Whether there are three columns, most of them straight but for labels, and most cells are filled.

    One of them holds numbers, or else they must be straight and full, and not all words: what is set in columns
    without being a table seldom has them.
    """
    found = draft.grid
    if found.columns < 3:
        return False
    filled = len(draft.cells) / (found.rows * found.columns)
    straight = sum(_is_straight(page, draft, column) for column in range(1, found.columns)) / (found.columns - 1)
    texts = [
        [page.lines[lines[0]].raw for place, lines in draft.cells.items() if place.column == column]
        for column in range(found.columns)
    ]
    numbers = any(sum(map(_is_number, column)) > 0.6 * len(column) for column in texts)
    wordy = sum(_is_wordy(page, lines[0]) for lines in draft.cells.values())
    if not numbers and (filled < STRICT or straight < STRICT or wordy > len(draft.cells) / 2):
        return False
    return filled > FILLED and straight > RAGGED and wordy <= WORDS * len(draft.cells)


def _is_straight(page: _Page, draft: _Draft, column: int) -> bool:
    """Whether most cells of a column begin, or end, or are centred at one place."""
    cells = [lines for place, lines in draft.cells.items() if place.column == column and place.colspan == 1]
    if len(cells) < 2:
        return False
    boxes = np.array([union(tuple(page.boxes[i]) for i in lines) for lines in cells])
    edges = boxes[:, 0], boxes[:, 2], (boxes[:, 0] + boxes[:, 2]) / 2
    return any((np.abs(edge - np.median(edge)) < STRAIGHT * page.height).mean() > RAGGED for edge in edges)
