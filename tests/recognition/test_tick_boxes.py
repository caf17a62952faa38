"""Boxes to tick for which blanks were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageDraw, ImageFilter

from recognition import pipeline, tick_boxes
from recognition.options import Options
from recognition.page import Line, PageImage
from tests.support import synthetic_pages
from tests.support.tables import text

SIDE = 18


def page(draw: Callable[[ImageDraw.ImageDraw], object], blur: float = 0.0) -> PageImage:
    """「同意」 with what is drawn before it, and 「其他」 further on in the line."""
    image = synthetic_pages.blank((400, 100))
    synthetic_pages.write(image, ["同意"], (128, 36), 20)
    synthetic_pages.write(image, ["其他"], (228, 36), 20)
    draw(ImageDraw.Draw(image))
    return PageImage(np.array(image.filter(ImageFilter.GaussianBlur(blur))))


def square(left: float, top: float = 42, side: float = SIDE) -> Callable[[ImageDraw.ImageDraw], None]:
    return lambda draw: draw.rectangle((left, top, left + side, top + side), outline="black", width=2)


def read(raw: str = " 同意   其他") -> Line:
    """The line from 100 on: characters 20 pixels wide, with 「其他」 from 228 on."""
    places = {" 同意   其他": (110, 138, 158, 175, 188, 205, 238, 258), "同意 其他": (138, 158, 188, 238, 258)}[raw]
    line = text(raw, 100, 38)
    return replace(
        line,
        polygon=((100.0, 38.0), (270.0, 38.0), (270.0, 62.0), (100.0, 62.0)),
        positions=tuple((place - 100) / 170 for place in places),
    )


@pytest.mark.parametrize("blur", [0.0, 1.0])
@pytest.mark.parametrize("side", [11, SIDE])
def test_a_box_is_put_for_the_blank_in_front_of_an_option(blur: float, side: float) -> None:
    (line,) = tick_boxes.marked(page(square(103, 60 - side, side), blur), [read()])
    assert line.raw == line.text == "□同意   其他"
    assert line.positions == read().positions


def test_a_box_is_put_for_the_blank_between_two_options() -> None:
    (line,) = tick_boxes.marked(page(square(192)), [read("同意 其他")])
    assert line.raw == "同意□其他"


@pytest.mark.parametrize(
    "draw",
    [
        lambda draw: None,
        lambda draw: draw.ellipse((102, 42, 120, 60), outline="black", width=2),
        lambda draw: draw.polygon(((111, 40), (122, 51), (111, 62), (100, 51)), outline="black", width=2),
        lambda draw: draw.rectangle((102, 42, 120, 60), fill="black"),
        lambda draw: draw.rectangle((90, 20, 125, 80), outline="black", width=2),  # a cell
        lambda draw: draw.line(((102, 60), (102, 42), (120, 42), (120, 60)), fill="black", width=2),  # open
    ],
    ids=["nothing", "circle", "diamond", "bullet", "cell", "open"],
)
def test_what_is_no_empty_box_stays_a_blank(draw: Callable[[ImageDraw.ImageDraw], object]) -> None:
    assert tick_boxes.marked(page(draw), [read()]) == [read()]


def test_lines_that_have_no_places_or_are_converted_stay_as_they_are() -> None:
    lines = [replace(read(), positions=()), replace(read(), text=" 同意")]
    assert tick_boxes.marked(page(square(103)), lines) == lines


def test_a_page_is_read_with_its_boxes() -> None:
    class Reader:
        seconds: dict[str, float] = {}

        def orientation(self, image: PageImage) -> int:
            return 0

        def read(self, image: PageImage) -> list[Line]:
            return [read()]

        def read_line(self, image: PageImage, direction: str) -> Line | None:
            return None

    found = pipeline.recognise_image(1, page(square(103)), Options(), Reader(), pipeline.Clock())
    assert [line.raw[:3] for line in found.lines] == ["□同意"]
