"""Notes in two rows that detection took for one line with the large type around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recognition.engine import load, note_rows
from recognition.engine.lines import LineCrop, TextQuad
from recognition.engine.recogniser import Recogniser, Text
from recognition.page import PageImage
from tests.support import synthetic_pages

SIZE = 40
LEFT, TOP = 60, 60


def column(draw: ImageDraw.ImageDraw, text: str, x: float, top: float, size: int) -> float:
    """Writes ``text`` downwards about ``x``, and says where it ends."""
    font = synthetic_pages.font(size)
    for number, character in enumerate(text):
        draw.text((x, top + (number + 0.5) * size), character, font=font, fill="black", anchor="mm")
    return top + len(text) * size


def leaf(before: str, right: str, left: str, behind: str) -> tuple[Image.Image, TextQuad]:
    """A column with notes in two rows in it, and the place of all of it."""
    page = synthetic_pages.blank((SIZE + 2 * LEFT, 900))
    draw = ImageDraw.Draw(page)
    middle = LEFT + SIZE / 2
    top = column(draw, before, middle, TOP, SIZE)
    ends = [column(draw, row, middle + side * SIZE * 0.26, top, SIZE // 2) for row, side in ((right, 1), (left, -1))]
    end = column(draw, behind, middle, max(ends), SIZE)
    corners = [(LEFT, TOP), (LEFT + SIZE, TOP), (LEFT + SIZE, end), (LEFT, end)]
    return page, TextQuad(np.array(corners, np.float32), vertical=True)


def text(characters: str, probability: float, centres: list[float] | None = None) -> Text:
    count = len(characters)
    places = np.array(centres if centres is not None else (np.arange(count) + 0.5) / count)
    return Text(list(characters), np.full(count, probability), places, [{}] * count)


def read_squares(crop: LineCrop) -> Text:
    """Reads one character for each square of a line."""
    return text("字" * max(1, round(crop.quad.length / crop.quad.thickness)), 0.99)


def parts(page: Image.Image, quad: TextQuad, read: Text, part: Callable[[LineCrop], Text]) -> list[LineCrop]:
    """The lines of a column; nothing if it stays whole."""
    crops, _ = note_rows.parted([LineCrop(np.array(page), quad, 0.0)], [read], part)
    return crops if len(crops) > 1 else []


def places(page: Image.Image, quad: TextQuad, read: Text) -> list[list[int]]:
    """The boxes of the parts, from the column's upper left corner, in halves of its type."""
    found = [crop.quad.corners for crop in parts(page, quad, read, read_squares)]
    corners = [np.stack([part.min(axis=0), part.max(axis=0)]) for part in found]
    return [[round(value) for value in ((box - [LEFT, TOP]) / (SIZE / 2)).ravel().tolist()] for box in corners]


def test_notes_are_read_between_large_type_the_right_row_first() -> None:
    page, quad = leaf("圖書國", "宇宙洪荒", "日月盈昃", "寒來")
    assert places(page, quad, text("圖書國明暗寒來", 0.7)) == [
        [0, 0, 2, 6],
        [1, 6, 2, 10],
        [0, 6, 1, 10],
        [0, 10, 2, 14],
    ]


def test_the_second_row_may_be_shorter() -> None:
    page, quad = leaf("", "宇宙洪荒日", "月盈", "寒來")
    assert places(page, quad, text("宇明寒來", 0.7)) == [[1, 0, 2, 5], [0, 0, 1, 2], [0, 5, 2, 9]]


def test_notes_that_were_left_out_are_found_though_the_rest_was_read_well() -> None:
    page, quad = leaf("圖書", "宇宙洪荒日月", "盈昃辰宿列張", "寒來")
    read = text("圖書寒來", 1.0, [0.07, 0.21, 0.79, 0.93])
    assert places(page, quad, read) == [[0, 0, 2, 4], [1, 4, 2, 10], [0, 4, 1, 10], [0, 10, 2, 14]]


def test_a_column_that_is_read_well_is_not_looked_at() -> None:
    page, quad = leaf("圖書國黃", "宇宙", "洪荒", "寒來")
    assert places(page, quad, text("圖書國黃宇寒來", 0.99)) == []


def test_halves_of_large_characters_are_no_rows() -> None:
    page, quad = leaf("相朋林竹相", "", "", "")

    def read_halves(crop: LineCrop) -> Text:
        return text("木" * round(crop.quad.length / SIZE), 0.99)

    assert parts(page, quad, text("相朋林竹相", 0.5), read_halves) == []


def test_a_column_stays_whole_where_its_parts_are_read_worse() -> None:
    page, quad = leaf("圖書國", "宇宙洪荒", "日月盈昃", "寒來")
    read = text("圖書國明暗寒來", 0.88)
    assert parts(page, quad, read, read_squares)
    assert parts(page, quad, read, lambda part: text(str(read_squares(part)), 0.82)) == []


def test_poor_print_without_notes_is_not_read_twice_as_a_whole() -> None:
    page, quad = leaf("", "宇宙洪荒", "日月盈昃", "寒來")
    crops = [LineCrop(np.array(page), quad, 0.0)] * 40
    looked_at = []

    def in_vain(crop: LineCrop) -> Text:
        looked_at.append(crop)
        return text("字", 0.1)

    found, _ = note_rows.parted(crops, [text("宇明寒來", 0.7)] * 40, in_vain)
    assert len(found) == 40
    assert 0 < len(looked_at) < 10


def test_a_row_that_was_found_by_itself_comes_once() -> None:
    page, quad = leaf("圖書國", "宇宙洪荒", "日月盈昃", "寒來")
    top, bottom = TOP + 3 * SIZE, TOP + 5 * SIZE
    edges = [(LEFT + SIZE / 2, top), (LEFT + SIZE, top), (LEFT + SIZE, bottom), (LEFT + SIZE / 2, bottom)]
    right = TextQuad(np.array(edges, np.float32), vertical=True)
    crops = [LineCrop(np.array(page), each, 0.0) for each in (quad, right)]
    found, _ = note_rows.parted(crops, [text("圖書國明暗寒來", 0.7), text("宇宙洪荒", 1.0)], read_squares)
    assert len(found) == 4
    assert found[-1].quad is right


def test_rows_that_a_box_cuts_off_are_read_whole() -> None:
    page, quad = leaf("圖書國", "宇宙洪荒", "日月盈昃", "寒來")
    narrow = TextQuad(quad.corners - np.array([[0, 0], [8, 0], [8, 0], [0, 0]], np.float32), vertical=True)
    assert [box[::2] for box in places(page, narrow, text("圖書國日月寒來", 0.7))][1:3] == [[1, 2], [0, 1]]


def page_with_notes() -> PageImage:
    page = synthetic_pages.blank((460, 420))
    draw = ImageDraw.Draw(page)
    for whole, x in (("為迴圈裝置預設不", 340), ("小寫的下面有一些", 280), ("在這女你也可以使", 160)):
        column(draw, whole, x, 40, SIZE)
    top = column(draw, "普通", 220, 40, SIZE)
    column(draw, "它按照指定", 230, top, SIZE // 2)
    top = column(draw, "的命令引數", 210, top, SIZE // 2)
    column(draw, "因", 220, top, SIZE)
    return PageImage(np.array(page))


def test_the_page_is_read_in_parts(weights_folder: Path) -> None:
    lines = {line.raw for line in load(folder=weights_folder).read(page_with_notes())}
    assert {"普通", "它按照指定", "的命令引數", "因"} <= lines


def test_parts_are_read_once_however_doubtful(weights_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most columns that are looked at turn out to be whole."""
    again = []

    def best_of(recogniser: Recogniser, crop: LineCrop, text: Text) -> Text:
        again.append(crop.quad.thickness)
        return text

    monkeypatch.setattr(Recogniser, "is_doubtful", lambda *_, **__: True)
    monkeypatch.setattr(Recogniser, "best_of", best_of)
    lines = {line.raw for line in load(folder=weights_folder).read(page_with_notes())}
    assert {"它按照指定", "的命令引數"} <= lines
    assert min(again) > 0.75 * SIZE  # of whole columns only
