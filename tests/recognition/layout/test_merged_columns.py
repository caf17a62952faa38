"""Lines that detection took for one across two columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recognition.geometry import corners
from recognition.layout.merged_columns import parted
from recognition.page import Line
from recognition.separators import Separators

PITCH, SIZE, STEP = 20, 20, 24
LEFT = "春天來了河邊的柳樹長"
RIGHT = "傍晚山頭雲染紅漁船回"
SECOND = (len(LEFT) + 1) * PITCH
"""The second column begins one character after the first one ends."""


def piece(x: float, y: float, text: str, blank_after: int = -1) -> Line:
    """A line; ``blank_after``: after so many characters there is a blank as wide as one."""
    at = [x + PITCH * (k + 0.5 + (k >= blank_after >= 0)) for k in range(len(text))]
    end = at[-1] + PITCH / 2
    positions = tuple((each - x) / (end - x) for each in at)
    return Line(text, 0.99, corners((x, y, end, y + SIZE)), positions=positions)


def columns(merged: set[int], rows: int = 12) -> list[Line]:
    """Two columns, of which the ``merged`` rows are one line each."""
    lines = []
    for row in range(rows):
        left, right = LEFT[row % 5 :] + LEFT[: row % 5], RIGHT[row % 5 :] + RIGHT[: row % 5]
        if row in merged:
            lines.append(piece(0, row * STEP, left + right, len(left)))
        else:
            lines += [piece(0, row * STEP, left), piece(SECOND, row * STEP, right)]
    return lines


def upright(line: Line) -> Line:
    left, top, right, bottom = line.box
    polygon = ((-bottom, left), (-top, left), (-top, right), (-bottom, right))
    return replace(line, polygon=polygon, direction="vertical-rl")


@pytest.mark.parametrize("merged", [{3, 5, 6, 9}, set(range(2, 11))])
@pytest.mark.parametrize("vertical", [False, True])
def test_lines_over_two_columns_are_parted_between_them(merged: set[int], vertical: bool) -> None:
    lines = [upright(line) if vertical else line for line in columns(merged)]
    found, origins = parted(lines, Separators())
    assert len(found) == 24
    assert all(len(line.raw) == len(LEFT) for line in found)
    assert origins == sorted(origins)
    assert set(origins) == set(range(len(lines)))


def test_words_of_one_column_are_not_parted() -> None:
    text = "of man and the sea in it is for all as he was"
    lines = []
    for row in range(12):
        turned = text[3 * row % 17 :] + " " + text[: 3 * row % 17]
        lines.append(piece(0, row * STEP, turned))
    assert parted(lines, Separators())[0] == lines


WORDS = "春 天來 了河 邊的柳 樹長 出嫩綠 的葉子 風吹", "傍晚 山頭 雲 染紅了 漁船 一 艘艘 回 到岸邊"


def rows_of_words(rows: int, across: int) -> list[Line]:
    """Lines of words in two columns, as close as words are; the one at ``across`` has no blank between them."""
    lines = []
    for row in range(rows):
        left, right = (column[5 * row % 11 :][:12] + column[: 5 * row % 11][:7].rjust(7, "水") for column in WORDS)
        between = "火" if row == across else " "
        lines.append(piece(0, row * STEP, f"{left.ljust(19, '水')}水{between}火{right.ljust(19, '水')}"))
    return lines


@pytest.mark.parametrize(("rows", "across", "parts"), [(14, -1, 28), (14, 7, 14), (11, -1, 11)])
def test_many_lines_are_parted_where_all_have_a_blank_though_none_is_given_apart(
    rows: int, across: int, parts: int
) -> None:
    lines = rows_of_words(rows, across)
    found, _ = parted(lines, Separators())
    assert len(found) == parts
    assert sum(line.raw.startswith("火") for line in found) == parts - rows


def test_a_heading_over_two_columns_stays_whole() -> None:
    heading = piece(0, -60, LEFT + RIGHT)
    assert heading in parted([heading, *columns({4, 6})], Separators())[0]


@pytest.mark.parametrize(("mark", "vertical"), [("|", False), ("一", True)])
def test_the_rule_between_two_columns_is_no_text_though_it_was_read(mark: str, vertical: bool) -> None:
    lines = columns({5})
    merged = next(k for k, line in enumerate(lines) if len(line.raw) > len(LEFT))
    lines[merged] = piece(0, 5 * STEP, f"{lines[merged].raw[: len(LEFT)]}{mark}{lines[merged].raw[len(LEFT) :]}")
    found, _ = parted([upright(line) if vertical else line for line in lines], Separators())
    assert len(found) == 24
    assert [line.raw for line in found if mark in line.raw] == [lines[merged].raw[: len(LEFT) + 1]]


def close(merged: set[int], rows: int = 12) -> list[Line]:
    """Two columns with no white between them, of which the ``merged`` rows are one line each."""
    lines = []
    for row in range(rows):
        left, right = LEFT[row % 5 :] + LEFT[: row % 5], RIGHT[row % 5 :] + RIGHT[: row % 5]
        if row in merged:
            lines.append(piece(0, row * STEP, left + right))
        else:
            lines += [piece(0, row * STEP, left), piece(len(left) * PITCH, row * STEP, right)]
    return lines


def between(top: float, bottom: float, *, vertical: bool) -> Separators:
    """With a rule between the columns that are ``close``."""
    x = len(LEFT) * PITCH
    if vertical:
        return Separators(horizontal=((-bottom, x - 1, -top, x + 1),))
    return Separators(vertical=((x - 1, top, x + 1, bottom),))


@pytest.mark.parametrize("vertical", [False, True])
def test_lines_are_parted_at_a_rule_before_which_lines_end_and_behind_which_others_begin(vertical: bool) -> None:
    lines = [upright(line) if vertical else line for line in close({2, 5, 6})]
    found, _ = parted(lines, between(-5, 12 * STEP, vertical=vertical))
    assert len(found) == 24
    assert {len(line.raw) for line in found} == {len(LEFT)}


@pytest.mark.parametrize("vertical", [False, True])
def test_a_rule_through_lines_that_mostly_run_on_across_it_parts_none(vertical: bool) -> None:
    lines = [upright(line) if vertical else line for line in close(set(range(12)) - {1, 5, 9})]
    assert parted(lines, between(-5, 12 * STEP, vertical=vertical))[0] == lines


def test_a_line_above_two_columns_is_whole_where_its_words_are_closer_than_they() -> None:
    start, space = 8, 5
    at = [start + PITCH * (k + 0.5) for k in range(len(LEFT))]
    at += [SECOND - 9.5, *(each + PITCH * len(LEFT) + space for each in at)]
    end = at[-1] + PITCH / 2
    text, positions = f"{LEFT} {RIGHT}", tuple((each - start) / (end - start) for each in at)
    above = Line(text, 0.99, corners((start, -STEP, end, SIZE - STEP)), positions=positions)
    assert parted([above, *columns({5})], Separators())[0][0] == above
