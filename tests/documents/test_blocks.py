"""Blocks of a page after people moved, drew and deleted lines: the order of the lines decides."""

from __future__ import annotations

from documents import blocks
from documents.transcript import TranscriptLine
from recognition.page import Block, Cell, Line, Table


def line(name: str, top: float, left: float = 0) -> TranscriptLine:
    return TranscriptLine(
        f"1-{name}", Line(name, 0.9, ((left, top), (left + 90, top), (left + 90, top + 10), (left, top + 10)))
    )


ONE, TWO, THREE, FOUR = (line(name, 20 * n) for n, name in enumerate("1234"))
PROSE = Block("text", (0, 0, 90, 50), (0, 1, 2))
LAST = Block("caption", (0, 60, 90, 70), (3,))


def shape(found: list) -> list[tuple[str, str]]:
    return [(block.type, " ".join(each.id for each in block.lines)) for block in found]


def test_lines_stay_in_their_blocks() -> None:
    found = blocks.placed(1, [PROSE, LAST], [ONE, TWO, THREE, FOUR])
    assert shape(found) == [("text", "1-1 1-2 1-3"), ("caption", "1-4")]
    assert [block.id for block in found] == ["1-b1", "1-b2"]


def test_a_line_drawn_between_two_lines_of_a_block_belongs_to_it() -> None:
    drawn = line("c7", 30)
    found = blocks.placed(1, [PROSE, LAST], [ONE, drawn, TWO, THREE, FOUR])
    assert shape(found) == [("text", "1-1 1-c7 1-2 1-3"), ("caption", "1-4")]


def test_a_line_drawn_elsewhere_is_a_block_of_its_own_at_its_place() -> None:
    drawn = line("c7", 50)
    found = blocks.placed(1, [PROSE, LAST], [ONE, TWO, THREE, drawn, FOUR])
    assert shape(found) == [("text", "1-1 1-2 1-3"), ("text", "1-c7"), ("caption", "1-4")]


def test_a_line_that_a_person_moved_parts_a_block() -> None:
    found = blocks.placed(1, [PROSE, LAST], [ONE, FOUR, TWO, THREE])
    assert shape(found) == [("text", "1-1"), ("caption", "1-4"), ("text", "1-2 1-3")]
    assert found[2].box == (0, 20, 90, 50)


def test_a_table_stays_whole_and_takes_what_is_drawn_into_its_cells() -> None:
    rows = ((Cell((0, 0, 100, 15), (0,)), Cell((100, 0, 200, 15))), (Cell((0, 15, 100, 35), (1,)),))
    table = Block("table", (0, 0, 200, 35), (0, 1), Table(rows))
    drawn = line("c7", 0, left=100)
    found = blocks.placed(1, [table, LAST], [ONE, FOUR, TWO, drawn])
    assert shape(found) == [("table", "1-1 1-2 1-c7"), ("caption", "1-4")]
    assert [[[each.id for each in cell.lines] for cell in row] for row in found[0].table or ()] == [
        [["1-1"], ["1-c7"]],
        [["1-2"]],
    ]


def test_figures_stay_behind_the_block_that_they_followed() -> None:
    figure = Block("figure", (0, 0, 50, 50))
    found = blocks.placed(1, [PROSE, figure, LAST], [ONE, TWO, THREE, FOUR])
    assert shape(found) == [("text", "1-1 1-2 1-3"), ("figure", ""), ("caption", "1-4")]
