"""Lines below each other that detection took for one."""

from __future__ import annotations

import numpy as np
from PIL import ImageDraw

from recognition.engine import stacked_lines
from recognition.engine.lines import LineCrop, TextQuad
from recognition.engine.recogniser import Text
from tests.support import synthetic_pages

SIZE, PITCH = 30, 36
FRAME = (250, 150, 350, 240)


def text(characters: str, probability: float) -> Text:
    count = len(characters)
    return Text(list(characters), np.full(count, probability), (np.arange(count) + 0.5) / count, [{}] * count)


def box(left: float, top: float, right: float, bottom: float) -> TextQuad:
    return TextQuad(np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32), vertical=False)


def parted(cell: list[str], size: int, whole: Text) -> list[tuple[str, TextQuad]]:
    """A page of three lines and of a framed cell, which is one box, as it is parted: texts and places."""
    page = synthetic_pages.blank((600, 300))
    draw = ImageDraw.Draw(page)
    font = synthetic_pages.font(size)
    draw.rectangle(FRAME, outline="black", width=2)
    for number, line in enumerate(cell):
        draw.text((270, 160 + number * PITCH), line, font=font, fill="black", anchor="lt")
    quads = [box(20, 20 + 40 * n, 320, 20 + 40 * n + SIZE) for n in range(3)] + [box(240, 145, 360, 245)]
    crops = [LineCrop(np.asarray(page), quad, 0.0) for quad in quads]

    def read(crop: LineCrop) -> Text:
        return text("字" * max(1, round(crop.quad.length / crop.quad.thickness)), 0.99)

    found = stacked_lines.parted(crops, [*[text("千字文", 0.99)] * 3, whole], read)
    return [(str(of), crop.quad) for crop, of in zip(*found, strict=True)][3:]


def test_lines_in_a_narrow_cell_are_read_one_by_one() -> None:
    (first, above), (second, below) = parted(["君子", "報"], SIZE, text("警", 0.6))
    assert (first, second) == ("字字", "字")
    assert 150 < above.corners[:, 1].min() < above.corners[:, 1].max() <= below.corners[:, 1].min() + 1
    assert below.corners[:, 1].max() < 240
    assert 250 < below.corners[:, 0].min() < below.corners[:, 0].max() < above.corners[:, 0].max() < 350


def test_the_upper_and_the_lower_half_of_a_large_character_are_no_lines() -> None:
    assert [of for of, _ in parted(["口", "口"], SIZE, text("呂", 0.99))] == ["呂"]


def test_lines_that_say_no_more_than_their_box_leave_it_whole() -> None:
    assert [of for of, _ in parted(["君子", "報"], SIZE, text("君子報仇", 0.99))] == ["君子報仇"]
