"""Rows and columns of tables with cells that span others."""

from __future__ import annotations

import pytest

from documents.blocks import grids
from recognition.page import Cell, Table

HEAD = Cell((0, 0, 200, 40), (0,), colspan=2)
SIDE = Cell((0, 40, 100, 120), (1,), rowspan=2)
UPPER, LOWER = Cell((100, 40, 200, 80), (2,)), Cell((100, 80, 200, 120), (3,))
TABLE = Table(((HEAD,), (SIDE, UPPER), (LOWER,)))


def spans(table: Table) -> list[list[tuple[int, int, int]]]:
    """Of each cell its first line (-1: none), its rows and its columns."""
    return [[(cell.lines[0] if cell.lines else -1, cell.rowspan, cell.colspan) for cell in row] for row in table.rows]


def test_a_row_goes_through_a_cell_that_spans_its_place() -> None:
    grown = grids.with_row(TABLE, 2)
    assert spans(grown) == [[(0, 1, 2)], [(1, 3, 1), (2, 1, 1)], [(-1, 1, 1)], [(3, 1, 1)]]
    assert grown.rows[1][1].box == (100, 40, 200, 70)
    assert grown.rows[2][0].box == (100, 70, 200, 80)


def test_a_row_at_the_top_takes_its_room_from_the_first() -> None:
    grown = grids.with_row(TABLE, 0)
    assert spans(grown)[0] == [(-1, 1, 2)]
    assert (grown.rows[0][0].box, grown.rows[1][0].box) == ((0, 0, 200, 10), (0, 10, 200, 40))


def test_a_row_taken_away_leaves_what_goes_on_below_it() -> None:
    rest, released = grids.without_row(TABLE, 1)
    assert spans(rest) == [[(0, 1, 2)], [(1, 1, 1), (3, 1, 1)]]
    assert released == (2,)


def test_a_column_taken_away_leaves_what_spans_it() -> None:
    rest, released = grids.without_column(TABLE, 0)
    assert spans(rest) == [[(0, 1, 1)], [(2, 1, 1)], [(3, 1, 1)]]
    assert released == (1,)
    with pytest.raises(ValueError, match="at least one"):
        grids.without_column(rest, 0)


def test_a_column_comes_behind_the_last_one() -> None:
    assert spans(grids.with_column(TABLE, 2))[0] == [(0, 1, 2), (-1, 1, 1)]


def test_in_vertical_text_a_row_is_a_column_of_the_page() -> None:
    table = Table(((Cell((100, 0, 200, 50), (0,)),), (Cell((0, 0, 100, 50), (1,)),)))
    grown = grids.with_row(table, 1)
    assert [row[0].box for row in grown.rows] == [(125, 0, 200, 50), (100, 0, 125, 50), (0, 0, 100, 50)]
