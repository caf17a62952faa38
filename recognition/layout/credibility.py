"""Which of the tables that were found are believed, once the whole page is looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from recognition.geometry import area, corners, intersection, union
from recognition.options import Direction
from recognition.page import Cell, Line, Table, grid_positions
from recognition.separators import Separators

from .order import readings
from .tables import FoundTable, FoundTables
from .tables.prose import is_number

SCATTERED = 1.3
"""The lines of a table are no further apart by the cuts than so many times their number."""

COLUMNS, FULL, ROWS = 4, 3, 4
"""A sheet that is told from lists side by side by its columns alone has so many, of which most rows fill so many, and
more rows than this."""

LIST = 3
"""Columns of a list that is read along its rows, as a table is, whatever stands beside it."""

Kind = Literal["numbers", "words", "repeated"]
"""What a column of a table holds."""

DISTINCT = 0.7
"""Of the entries of a list so large a share are different ones."""

MANY = 3
"""Two cells of one row with more lines each are columns, not cells."""


def credible(found: FoundTables, lines: Sequence[Line], direction: Direction, separators: Separators) -> FoundTables:
    """Less the tables that hardly are any: charts and, where no rules say otherwise, columns of text.

    The lines of a table without rules follow each other by the cuts, beside those with rules as the whole that these
    are, and go on from cell to cell along its rows, which goes without saying for those of a sheet. Lists of three
    columns side by side are tables of their own.
    """
    tables = [table for table in found.tables if table.lines and not _is_chart(table, separators)]
    if all(table.ruled for table in tables):
        return _with(tables, found, lines)
    sure = [table for table in tables if table.ruled]
    rest = sorted(set(range(len(found.lines))) - {i for table in sure for i in table.lines})
    stand_ins = [Line("", 1.0, corners(table.box)) for table in sure]
    order, chains = readings.read([found.lines[i] for i in rest], direction, separators, stand_ins)
    read = [rest[k] for k, _ in order if k < len(rest)]
    place = {i: n for n, i in enumerate(read)}
    following = {read[a]: read[b] for chain in chains for a, b in pairwise(chain)}

    def believed(table: FoundTable) -> list[FoundTable]:
        if table.ruled or (
            _is_together(table, place) and (_is_sheet(table, found.lines) or _goes_along(table, following))
        ):
            return [table]
        return _lists(table, found.lines)

    return _with([each for table in tables for each in believed(table)], found, lines)


def _with(tables: Sequence[FoundTable], found: FoundTables, lines: Sequence[Line]) -> FoundTables:
    """What was found, with these ``tables`` alone; ``lines``, as they were given, are in one part again elsewhere.

    Those of vertical text are not: what looks like a table there are tiers, and these lines run over two of them.
    """
    held = {i for table in tables for i in table.lines}
    parts: dict[int, list[int]] = defaultdict(list)
    for i, origin in enumerate(found.origins):
        parts[origin].append(i)
    kept, place = list[tuple[Line, int]](), dict[int, int]()
    for origin, numbers in parts.items():
        if held.isdisjoint(numbers) and lines[origin].direction != "vertical-rl":
            kept.append((lines[origin], origin))
            continue
        for i in numbers:
            place[i] = len(kept)
            kept.append((found.lines[i], origin))
    return FoundTables(
        tuple(line for line, _ in kept), tuple(origin for _, origin in kept), tuple(_numbered(t, place) for t in tables)
    )


def _numbered(found: FoundTable, place: Mapping[int, int]) -> FoundTable:
    rows = (tuple(replace(cell, lines=tuple(place[i] for i in cell.lines)) for cell in row) for row in found.table.rows)
    return replace(found, table=Table(tuple(rows)))


def _is_chart(table: FoundTable, separators: Separators) -> bool:
    return any(intersection(table.box, picture) > 0.5 * area(picture) for picture in separators.pictures)


def _is_together(table: FoundTable, place: Mapping[int, int]) -> bool:
    """Whether the lines of a table follow each other by the cuts, and its rows are no whole columns."""
    places = [place[i] for i in table.lines]
    rows = [sorted(len(cell.lines) for cell in row) for row in table.table.rows]
    merged = any(len(row) > 1 and row[-2] > MANY for row in rows)
    return not merged and max(places) - min(places) + 1 <= SCATTERED * len(places)


def _is_sheet(table: FoundTable, lines: Sequence[Line]) -> bool:
    """Whether some columns hold numbers and others words, and not so that they may be lists of one width side by side,
    each of which begins with a column of the same kind, or parts of one list in which numbers before words count on.

    Those that most rows leave empty, as the numbers of questions and their answers do, are no columns of a sheet."""
    texts = _texts(table, lines, below=1)
    kinds = [_kind(texts[column]) for column in sorted(texts)]
    full = [_kind(own) for _, own in sorted(texts.items()) if 2 * len(own) > len(table.table.rows)]
    is_large = len(kinds) >= COLUMNS and len(full) >= FULL and len(table.table.rows) > ROWS
    kind_of = dict(zip(sorted(texts), kinds, strict=True))
    before_words = [texts[a] for a, b in pairwise(kind_of) if kind_of[a] == "numbers" != kind_of[b]]
    return is_large and not (_may_be_lists(kinds) or _may_be_lists(full) or _count_on(before_words))


def _texts(table: FoundTable, lines: Sequence[Line], below: int = 0) -> dict[int, list[str]]:
    """By column the texts of its cells, from row ``below`` on."""
    texts: dict[int, list[str]] = defaultdict(list)
    for row, column, cell in grid_positions(table.table.rows):
        if row >= below and cell.lines:
            texts[column].append("".join(lines[i].raw for i in cell.lines))
    return texts


def _lists(table: FoundTable, lines: Sequence[Line]) -> list[FoundTable]:
    """The lists that what looks like a table without rules is made up of, if its columns are alike in turn, several of
    words and one of numbers each, as those of a glossary with pages are. Each list is read along its rows."""
    cells = grid_positions(table.table.rows)
    texts = _texts(table, lines)
    kinds = [_kind(texts[column]) for column in range(len(texts))] if set(texts) == set(range(len(texts))) else []
    width = next((k for k in range(LIST, len(kinds)) if len(kinds) % k == 0 and _repeat(kinds, k)), 0)
    is_list = width > 0 and set(kinds) == {"numbers", "words"} and kinds[:width].count("numbers") == 1
    if not is_list or len(table.table.rows) <= ROWS or any(cell.rowspan > 1 for _, _, cell in cells):
        return []
    for border in range(width, len(kinds), width):
        edge = min(cell.box[0] for _, column, cell in cells if column == border)
        cells = [part for each in cells for part in _parted(each, border, edge, lines)]
    found = []
    for start in range(0, len(kinds), width):
        own = [(row, cell) for row, column, cell in cells if start <= column < start + width]
        filled = sorted({row for row, cell in own if cell.lines})
        rows = tuple(tuple(cell for row, cell in own if row == each) for each in filled)
        found.append(FoundTable(union(lines[i].box for _, cell in own for i in cell.lines), Table(rows), ruled=False))
    return found


def _parted(
    place: tuple[int, int, Cell], border: int, edge: float, lines: Sequence[Line]
) -> list[tuple[int, int, Cell]]:
    """A cell in parts where it spans two columns of which the second one, ``border``, begins at x ``edge``."""
    row, column, cell = place
    if not column < border < column + cell.colspan:
        return [place]
    left, top, right, bottom = cell.box
    before = tuple(i for i in cell.lines if sum(lines[i].box[::2]) < 2 * edge)
    after = tuple(i for i in cell.lines if i not in before)
    return [
        (row, column, replace(cell, lines=before, colspan=border - column, box=(left, top, edge, bottom))),
        (
            row,
            border,
            replace(cell, lines=after, colspan=column + cell.colspan - border, box=(edge, top, right, bottom)),
        ),
    ]


def _kind(texts: Sequence[str]) -> Kind:
    """What most cells of a column hold: numbers or marks, words or, as units and grades are, a few words again and
    again."""
    if 2 * sum(is_number(text) or len(text) == 1 for text in texts) > len(texts):
        return "numbers"
    return "words" if len(set(texts)) > DISTINCT * len(texts) else "repeated"


def _may_be_lists(kinds: Sequence[Kind]) -> bool:
    return any(len(kinds) % width == 0 and _repeat(kinds, width) for width in range(1, len(kinds)))


def _repeat(kinds: Sequence[Kind], width: int) -> bool:
    return list(kinds) == list(kinds[:width]) * (len(kinds) // width)


def _count_on(columns: Sequence[Sequence[str]]) -> bool:
    """Whether numbers, as of pages in a table of contents, rise down several columns and from each to the next."""
    numbers = [int(text) for column in columns for text in column if text.isdecimal()]
    counted = sum(sum(text.isdecimal() for text in column) >= MANY for column in columns)
    return counted > 1 and all(a < b for a, b in pairwise(numbers))


def _goes_along(table: FoundTable, following: Mapping[int, int]) -> bool:
    """Whether from each column more cells go on in the cell that comes next along the rows than in another one.

    Lists side by side, of goods and prices for instance, go on along the rows from all columns but the last of a list.
    """
    cells = [(place, cell.lines) for *place, cell in grid_positions(table.table.rows) if cell.lines]
    cell_of = {i: number for number, (_, lines) in enumerate(cells) for i in lines}
    balance: dict[int, int] = defaultdict(int)
    for first, second in following.items():
        if first in cell_of and second in cell_of and cell_of[first] != cell_of[second]:
            (_, column), _ = cells[cell_of[first]]
            balance[column] += 1 if cell_of[second] == cell_of[first] + 1 else -1
    return all(along >= 0 for along in balance.values())
