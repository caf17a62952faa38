"""Lines of which a person says that they are one table."""

from __future__ import annotations

from recognition import layout
from recognition.geometry import corners
from recognition.layout import Layout
from recognition.page import Line, LineDirection


def line(text: str, left: float, top: float, right: float, bottom: float, way: LineDirection = "horizontal") -> Line:
    return Line(text, 0.9, corners((left, top, right, bottom)), way)


def grid(found: Layout) -> list[list[str]]:
    (block,) = found.blocks
    assert block.table is not None
    return [[" ".join(found.lines[i].raw for i in cell.lines) for cell in row] for row in block.table.rows]


def test_rows_and_columns_are_parted_by_white() -> None:
    lines = [line("品名", 0, 0, 40, 20), line("單價", 100, 2, 140, 22), line("茶", 0, 40, 20, 60)]
    assert grid(layout.as_table(lines)) == [["品名", "單價"], ["茶", ""]]


def test_a_line_over_several_columns_spans_them() -> None:
    lines = [line("全部的商品與單價", 0, 0, 200, 20)]
    lines += [
        line(f"{row}{column}", 80 * column, 40 * row, 80 * column + 30, 40 * row + 20)
        for row in range(1, 7)
        for column in range(3)
    ]
    (block,) = layout.as_table(lines).blocks
    assert block.table is not None
    assert [cell.colspan for cell in block.table.rows[0]] == [3]
    assert [len(row) for row in block.table.rows[1:]] == [3] * 6


def test_vertical_text_has_its_rows_from_the_right() -> None:
    lines = [line("品名", 100, 0, 120, 40, "vertical-rl"), line("單價", 100, 100, 120, 140, "vertical-rl")]
    lines += [line("茶", 50, 0, 70, 20, "vertical-rl"), line("八十", 50, 100, 70, 140, "vertical-rl")]
    assert grid(layout.as_table(lines)) == [["品名", "單價"], ["茶", "八十"]]


def test_a_single_line_is_a_table_of_one_cell() -> None:
    assert grid(layout.as_table([line("茶", 0, 0, 20, 20)])) == [["茶"]]
    assert layout.as_table([]).blocks == ()
