"""The words of a justified line are one line, however wide the white between them is; cells stay apart."""

import pytest

from recognition.layout.justified import joined
from recognition.page import Doubt, Line

HEIGHT, PITCH, LEFT, RIGHT = 20, 24, 100, 300
FULL = "a line as wide as this"


def piece(raw, left, row, right=None, **values):
    right = right or left + 9 * len(raw)
    top = 50 + PITCH * row
    corners = (left, top), (right, top), (right, top + HEIGHT), (left, top + HEIGHT)
    return Line(raw, 0.9, corners, positions=tuple((i + 0.5) / len(raw) for i in range(len(raw))), **values)


def full(row):
    return piece(FULL, LEFT, row, RIGHT)


def ending(raw, row):
    return piece(raw, RIGHT - 9 * len(raw), row)


def column(*torn, before=2, after=2):
    """Whole lines with rows of pieces between them, given as their texts; the rows that come out of it, joined."""
    rows = [
        [*(piece(raw, LEFT + k * 70, before + n) for k, raw in enumerate(row[:-1])), ending(row[-1], before + n)]
        for n, row in enumerate(torn)
    ]
    lines = [full(row) for row in range(before)] + [full(before + len(rows) + row) for row in range(after)]
    lines += [line for row in rows for line in row]
    return sorted(line.raw for line in joined(lines[::-1]) if line.raw != FULL)


def test_words_of_a_line_between_whole_lines_are_put_together():
    assert column(["Everybody", "is"]) == ["Everybody is"]
    assert column(["to", "us", "national"], after=0) == ["to us national"]
    assert column(["somebody", "else's"], ["Everybody", "is"], ["saw,", "we", "drank"]) == [
        "Everybody is",
        "saw, we drank",
        "somebody else's",
    ]


def test_east_asian_text_is_joined_without_a_blank():
    lines = [piece("各得其所的文字一共有十個", LEFT, row, RIGHT) for row in (0, 1, 3)]
    lines += [piece("扁舟一葉，", LEFT, 2, 190), piece("歸去老漁蓑。", 210, 2, RIGHT)]
    assert "扁舟一葉，歸去老漁蓑。" in [line.raw for line in joined(lines)]


@pytest.mark.parametrize(
    "torn",
    [
        pytest.param([["Total", "300"]], id="a number at the end"),
        pytest.param([["name", "city"], ["Anna", "Rome"], ["Otto", "Bonn"]], id="cells that begin below each other"),
        pytest.param([["ab", "cd", "x"], ["abc", "de", "xyz"], ["a", "d", "xy"]], id="cells at other ends"),
        pytest.param([["a b c d", "High heels"]], id="words that are close together on both sides"),
    ],
)
def test_cells_stay_apart(torn):
    assert column(*torn) == sorted(raw for row in torn for raw in row)


def test_a_row_stays_apart_that_does_not_fill_the_column_of_the_lines_beside_it():
    ragged = [piece("Everybody", LEFT, 2), piece("is", 230, 2)]
    far = [piece("Everybody", LEFT, 9), ending("is", 9)]
    lines = [full(0), full(1), full(3), *ragged, *far]
    assert len(joined(lines)) == len(lines)


def test_lines_of_two_columns_stay_apart_though_others_were_taken_for_one():
    apart = [
        line for row in (2, 4, 6) for line in (piece("Everybody", LEFT, row), piece("is a friend", 201, row, RIGHT))
    ]
    lines = [*map(full, (0, 1, 3, 5, 7)), *apart]
    assert len(joined(lines)) == len(lines)


def test_a_line_alone_makes_no_column():
    lines = [
        piece("a wider line than any other is", LEFT - 20, 0),
        full(1),
        piece("Everybody", LEFT, 2),
        ending("is", 2),
    ]
    assert len(joined(lines)) == len(lines)


def test_a_joined_line_has_the_places_and_doubts_of_its_words():
    doubtful = piece("is", 280, 2, RIGHT, doubts=(Doubt(1, 0.5, ("t",)),))
    line = joined([full(0), full(1), piece("Everybody", LEFT, 2, 190), doubtful])[-1]
    assert line.box == (100, 98, 300, 118)
    assert [round(LEFT + place * 200) for place in line.positions[-3:]] == [235, 285, 295]
    assert [(doubt.index, doubt.candidates) for doubt in line.doubts] == [(11, ("t",))]
