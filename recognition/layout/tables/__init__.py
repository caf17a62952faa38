"""Tables of a page: where they are, their grids, and which lines stand in which cell.

Three kinds of evidence, the surest first: rules that meet make a grid (``ruled``); rules of one width above each other
hold a table between them if its text stands in columns (``half_ruled``), and so does one below a rule from which others
hang (``hanging``); rows of text in the same columns are a table
without rules (``open``). Prose in columns, lists and receipts are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from recognition.geometry import BBox
from recognition.page import Cell, Line, Table
from recognition.separators import Separators

from .draft import Draft
from .grid import Grid
from .half_ruled import half_ruled_tables
from .hanging import hanging_tables
from .open import open_tables
from .page import FramedPage
from .ruled import ruled_tables
from .runs import runs

WHOLE = 0.9
"""Share of a page's lines that are all but a heading and a page number."""


@dataclass(frozen=True)
class FoundTable:
    """``box``: around its cells. ``table``: cells with indices of ``FoundTables.lines``. ``ruled``: rules part its
    cells, or at least close it above and below."""

    box: BBox
    table: Table
    ruled: bool

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
    page = FramedPage(lines, separators)
    drafts: list[Draft] = []
    if len(lines) >= 4:
        drafts += ruled_tables(page)
        drafts += (draft for draft in _unframed_tables(page) if not page.crosses_articles(draft.grid.box))
    order = sorted(range(len(page.lines)), key=lambda i: (page.origins[i], i))
    rank = {i: k for k, i in enumerate(order)}
    return FoundTables(
        tuple(page.lines[i] for i in order),
        tuple(page.origins[i] for i in order),
        tuple(_finished(page, draft, rank) for draft in sorted(drafts, key=lambda draft: draft.grid.box[1])),
    )


def _unframed_tables(page: FramedPage) -> Iterator[Draft]:
    """Tables whose cells no rules close."""
    if not page.is_strip:
        yield from half_ruled_tables(page)
        yield from hanging_tables(page)
    yield from _open_tables(page)


def _open_tables(page: FramedPage) -> list[Draft]:
    """Tables without rules, of horizontal text and of vertical text. On a strip only where all is rows: those of a
    receipt are read as they stand."""
    in_runs = sum(len(row) for run in runs(page) for row in run) if page.is_strip else 0
    drafts = [] if page.is_strip and in_runs < WHOLE * len(page.lines) else list(open_tables(page))
    if page.is_vertical(page.free):
        laid = page.laid_down()
        drafts += [draft.stood_up() for draft in open_tables(laid)]
        page.take(laid)
    return drafts


def _finished(page: FramedPage, draft: Draft, rank: dict[int, int]) -> FoundTable:
    """The table of a draft, on the page, its lines numbered by their ``rank``."""
    rows: list[list[Cell]] = [[] for _ in range(draft.grid.rows)]
    for place in draft.grid.places:
        indices = tuple(rank[i] for i in page.read(draft.cells.get(place, [])))
        cell = Cell(page.page_box(draft.grid.box_of(place)), indices, place.rowspan, place.colspan)
        rows[place.row].append(cell)
    if page.is_vertical(i for indices in draft.cells.values() for i in indices):
        rows = _turned(draft.grid, rows)
    return FoundTable(page.page_box(draft.grid.box), Table(tuple(tuple(row) for row in rows)), draft.ruled)


def _turned(of: Grid, rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows of a table of vertical text: its columns from the right, each from the top."""
    turned: list[list[Cell]] = [[] for _ in range(of.columns)]
    cells = [cell for row in rows for cell in row]
    for place, cell in sorted(zip(of.places, cells, strict=True), key=lambda pair: pair[0].row):
        first = of.columns - place.column - place.colspan
        turned[first].append(replace(cell, rowspan=cell.colspan, colspan=cell.rowspan))
    return turned
