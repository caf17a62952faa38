"""Fields with a cell for each character, read as one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from recognition import combs
from recognition.engine import load
from recognition.page import Line, PageImage
from tests.support import synthetic_pages

LEFT, TOP, WIDE, HIGH = 300, 100, 44, 56
DIGITS = "12041118"


def page(rows: Sequence[str] = (DIGITS,), gap: int = 0, ink: str = "black") -> Image.Image:
    """Rows of cells right below each other, with one character each; a blank leaves its cell empty."""
    image = synthetic_pages.blank((1000, 500))
    for number, row in enumerate(rows):
        for index, character in enumerate(row):
            x, y = LEFT + index * (WIDE + gap), TOP + number * HIGH
            ImageDraw.Draw(image).rectangle((x, y, x + WIDE, y + HIGH), outline=ink, width=3)
            synthetic_pages.write(image, [character], (x + 12, y + 2), 36)
    return image


def pixels(image: Image.Image) -> PageImage:
    return PageImage(np.array(image))


def line(text: str, left: float, right: float, top: float = TOP + 8) -> Line:
    return Line(text, 0.9, ((left, top), (right, top), (right, top + 40), (left, top + 40)))


def singles(row: str = DIGITS, top: float = TOP + 8) -> list[Line]:
    """The characters of a row as detection finds them."""
    starts = [LEFT + index * WIDE + 8 for index in range(len(row))]
    return [line(text, x, x + 26, top) for text, x in zip(row, starts, strict=True) if text.strip()]


def reading(text: str, seen: list[PageImage]) -> Callable[[PageImage], Line]:
    def read(image: PageImage) -> Line:
        seen.append(image)
        return line(text, 0, image.width)

    return read


@pytest.mark.parametrize("gap", [0, 8])
def test_characters_in_cells_are_one_line_read_without_the_rules(gap: int) -> None:
    seen: list[PageImage] = []
    label = line("統一編號", 100, 260)
    found = combs.joined(pixels(page(gap=gap)), [label, *singles()], reading(DIGITS, seen))
    assert [each.raw for each in found] == ["統一編號", DIGITS]
    end = LEFT + len(DIGITS) * (WIDE + gap) - gap
    assert found[1].box == pytest.approx((LEFT, TOP, end, TOP + HIGH), abs=6)
    step = (WIDE + gap) / (end - LEFT)
    assert np.diff(found[1].positions) == pytest.approx([step] * 7, abs=0.02)
    (strip,) = seen
    dark = (strip.pixels.min(axis=2) < 128).mean(axis=0)
    assert dark.max() < 0.9  # nothing runs through it from head to foot
    assert strip.width < 0.9 * (end - LEFT)


def test_strokes_that_are_read_between_characters_are_rules() -> None:
    whole = line("[1|2|0|4111|8]", LEFT + 2, LEFT + len(DIGITS) * WIDE - 2)
    assert [each.raw for each in combs.joined(pixels(page()), [whole], reading(DIGITS, []))] == [DIGITS]


def test_empty_cells_have_no_character() -> None:
    found = combs.joined(pixels(page(["12  34  "])), singles("12  34  "), reading("1234", []))
    assert [each.raw for each in found] == ["1234"]
    assert found[0].positions == pytest.approx([0.5 / 8, 1.5 / 8, 4.5 / 8, 5.5 / 8], abs=0.02)


@pytest.mark.parametrize(
    ("image", "lines", "read"),
    [
        pytest.param(page(), singles(), "1204118", id="not a character for each cell"),
        pytest.param(page([DIGITS, DIGITS]), [*singles(), *singles(top=TOP + HIGH + 8)], DIGITS, id="a grid"),
        pytest.param(page(["120"]), singles("120"), "120", id="few cells"),
        pytest.param(page(ink="white"), singles(), DIGITS, id="no rules"),
        pytest.param(
            page(), [line("編號12041118請勿折疊", 200, 760), *singles()], DIGITS, id="a line beyond the cells"
        ),
    ],
)
def test_what_is_no_comb_stays_as_it_is(image: Image.Image, lines: list[Line], read: str) -> None:
    assert combs.joined(pixels(image), lines, reading(read, [])) == lines


def test_a_page_without_pieces_is_not_looked_at() -> None:
    lines = [line("本市都市計畫變更案", 100, 500)]
    assert combs.joined(PageImage(np.zeros((0, 0, 3), np.uint8)), lines, reading("", [])) == lines


def test_a_blurred_comb_is_read_to_the_digit(weights_folder: Path) -> None:
    engine = load(folder=weights_folder)
    image = pixels(page(ink="grey").filter(ImageFilter.GaussianBlur(1)))
    found = combs.joined(image, engine.read(image), lambda strip: engine.read_line(strip, "horizontal"))
    assert [each.raw for each in found] == [DIGITS]
