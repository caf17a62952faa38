"""Lines that detection took for one across the white between columns, which the picture shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recognition.geometry import corners
from recognition.layout.detection.gutters import parted
from recognition.page import Line, PageImage, Pixels

SIZE, STEP, GAP, COUNT = 20, 28, 12, 10
"""Type, from line to line, the white between two columns, in pixels, and characters of a line of one of them."""

SECOND = COUNT * SIZE + GAP
TEXT = "春天來了河邊的柳樹長"


def line(x: int, row: int, text: str, gap_after: int | None = None, size: int = SIZE) -> Line:
    """A line of type without blanks but for that after ``gap_after`` characters."""
    at = [x + size * (k + 0.5) + (GAP if gap_after is not None and k >= gap_after else 0) for k in range(len(text))]
    end = at[-1] + size / 2
    positions = tuple((each - x) / (end - x) for each in at)
    return Line(text, 0.99, corners((x, row * STEP, end, row * STEP + size)), positions=positions)


def columns(merged: set[int], rows: int = 12, short: int | None = None) -> list[Line]:
    """Two columns, of which the ``merged`` rows are one line each. ``short``: a row that ends early in the first."""
    lines = []
    for row in range(rows):
        if row in merged:
            lines.append(line(0, row, TEXT + TEXT, COUNT))
        else:
            lines += [line(0, row, TEXT[: 4 if row == short else COUNT]), line(SECOND, row, TEXT)]
    return lines


def picture(lines: list[Line], *, filled: bool = False) -> Pixels:
    """What ``lines`` look like. ``filled``: there is ink in the gap as well."""
    pixels = np.full((12 * STEP + 40, 2 * SECOND, 3), 250, np.uint8)
    for each in lines:
        left, top, right, _ = each.box
        for at in each.positions:
            x, y = round(left + at * (right - left)), round(top)
            pixels[y + 3 : y + SIZE - 3, x - 8 : x + 8] = 20
    if filled:
        pixels[:, COUNT * SIZE : SECOND] = 20
    return pixels


def laid_down(lines: list[Line], pixels: Pixels) -> tuple[list[Line], Pixels]:
    """The page mirrored along its diagonal: its lines run downwards."""

    def moved(each: Line) -> Line:
        left, top, right, bottom = each.box
        polygon = (top, left), (bottom, left), (bottom, right), (top, right)
        return replace(each, polygon=polygon, direction="vertical-rl")

    return [moved(each) for each in lines], np.ascontiguousarray(pixels.transpose(1, 0, 2))


@pytest.mark.parametrize("vertical", [False, True])
def test_lines_are_parted_at_the_white_between_columns(vertical: bool) -> None:
    lines = columns(merged=set(range(2, 9)), short=10)
    pixels = picture(lines)
    if vertical:
        lines, pixels = laid_down(lines, pixels)
    found = parted(PageImage(pixels), lines)
    assert [each.raw for each in found].count(TEXT) == 23
    edges = {round(each.box[1 if vertical else 0]) for each in found}
    assert all(edge == 0 or abs(edge - SECOND) < 4 for edge in edges)


@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize(("end", "is_parted"), [("樹。", True), ("樹長", False)])
def test_the_last_characters_of_a_sentence_are_parted_from_the_column_before(
    vertical: bool, end: str, is_parted: bool
) -> None:
    """Other short parts may be numbers or marks that belong to their line."""
    lines = [*columns(merged=set())[:-2], line(0, 11, TEXT + end, COUNT)]
    pixels = picture(lines)
    if vertical:
        lines, pixels = laid_down(lines, pixels)
    assert ([each.raw for each in parted(PageImage(pixels), lines)][-2:] == [TEXT, end]) == is_parted


def test_last_lines_of_paragraphs_end_before_the_white_as_well() -> None:
    lines = columns(merged=set(range(12)) - {3, 7}, short=3)
    assert [each.raw for each in parted(PageImage(picture(lines)), lines)].count(TEXT) == 23


def test_characters_at_the_very_ends_of_a_parted_line_are_kept() -> None:
    lines = columns(merged=set(range(2, 9)))
    merged = next(each for each in lines if len(each.raw) > COUNT)
    at_the_ends = replace(merged, positions=(-0.001, *merged.positions[1:-1], 1.0))
    found = parted(PageImage(picture(lines)), [at_the_ends if each is merged else each for each in lines])
    assert [each.raw for each in found] == [TEXT] * 24


def test_lines_are_whole_where_ink_fills_the_gap() -> None:
    lines = columns(merged=set(range(2, 9)))
    assert parted(PageImage(picture(lines, filled=True)), lines) == lines


def test_white_in_all_lines_of_a_poem_parts_none() -> None:
    lines = columns(merged=set(range(12)))
    assert parted(PageImage(picture(lines)), lines) == lines


def test_lines_of_columns_that_are_not_level_are_parted() -> None:
    lines = [
        replace(each, polygon=corners((each.box[0], each.box[1], each.box[2], each.box[3] + SIZE / 2)))
        if len(each.raw) > COUNT
        else each
        for each in columns(merged=set(range(2, 9)))
    ]
    assert [each.raw for each in parted(PageImage(picture(lines)), lines)] == [TEXT] * 24


def test_a_heading_over_both_columns_is_whole() -> None:
    heading = line(SIZE * COUNT - 6 * 32, 0, TEXT[:6] + TEXT[:6], 6, size=32)
    lines = [heading, *columns(merged=set(range(2, 9)))[2:]]
    found = parted(PageImage(picture(lines)), lines)
    assert found[0] == heading
    assert len(found) == 23


@pytest.mark.parametrize("vertical", [False, True])
def test_a_heading_whose_box_is_no_higher_than_those_of_the_text_is_whole(vertical: bool) -> None:
    large = 1.5 * SIZE
    at = [large * (k + 0.5) for k in range(6)] + [SECOND + large * (k + 0.5) for k in range(6)]
    end = at[-1] + large / 2
    box = corners((0, 0, end, 1.2 * SIZE))
    heading = Line("河邊的春天來了又去河邊", 0.99, box, positions=tuple(each / end for each in at[:-1]))
    lines = [heading, *columns(merged=set(range(2, 9)))[2:]]
    pixels = picture(lines)
    if vertical:
        lines, pixels = laid_down(lines, pixels)
    assert parted(PageImage(pixels), lines)[0] == lines[0]
