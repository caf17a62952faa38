"""Stamps in coloured ink over print."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from recognition.engine import load, stamps
from recognition.engine.lines import TextQuad
from recognition.engine.reader import Engine
from recognition.page import PageImage
from tests.support import synthetic_pages

LINES = [
    "茲證明下列事項均屬實在並無虛偽不實",
    "如有不符願負一切法律責任絕無異議",
    "本件一式兩份由雙方各執一份為憑據",
    "自簽訂之日起生效至工程完成時為止",
]
RED, BLUE = (210, 40, 40), (50, 70, 190)


@pytest.fixture(scope="module")
def engine(weights_folder: Path) -> Engine:
    return load(folder=weights_folder)


def printed() -> Image.Image:
    page = synthetic_pages.blank((900, 460))
    synthetic_pages.write(page, LINES, at=(80, 60), size=36)
    return page


def stamped(page: Image.Image, text: str, at: tuple[int, int], size: int, colour: tuple[int, int, int]) -> Image.Image:
    """``page`` with a square seal of four characters in transparent ink, its top left corner ``at``."""
    ink = synthetic_pages.blank(page.size)
    draw = ImageDraw.Draw(ink)
    left, top = at
    draw.rectangle([left, top, left + size, top + size], outline=colour, width=size // 20)
    font = synthetic_pages.font(round(size * 0.42))
    for character, (x, y) in zip(text, [(0.72, 0.28), (0.72, 0.72), (0.28, 0.28), (0.28, 0.72)], strict=True):
        draw.text((left + x * size, top + y * size), character, font=font, fill=colour, anchor="mm")
    return ImageChops.multiply(page, ink)


def read(engine: Engine, page: Image.Image) -> list[str]:
    lines = engine.read(PageImage(np.array(page)))
    return [line.raw for line in sorted(lines, key=lambda line: line.polygon[0][1])]


def quads(pitch: int = 63) -> list[TextQuad]:
    """Where the lines of ``printed`` are, if they are so far from each other."""
    found = []
    for number, line in enumerate(LINES):
        left, top, right, bottom = 80, 62 + pitch * number, 80 + 36 * len(line), 106 + pitch * number
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
        found.append(TextQuad(corners, vertical=False))
    return found


@pytest.mark.parametrize("colour", [RED, BLUE])
def test_print_below_a_stamp_is_read_as_if_there_were_none(engine: Engine, colour: tuple[int, int, int]) -> None:
    page = stamped(stamped(printed(), "王大明印", (200, 70), 150, colour), "公司之章", (480, 120), 190, colour)

    lines = read(engine, page)

    assert [line for line in lines if len(line) > 8] == LINES


def test_a_stamp_beside_the_print_is_read_as_well(engine: Engine) -> None:
    page = printed()
    synthetic_pages.write(page, ["已付訖"], at=(750, 240), size=40, ink="rgb(210,40,40)")
    page = stamped(page, "王大明印", (200, 70), 150, RED)

    assert "已付訖" in read(engine, page)


def test_links_that_stand_close_in_two_lines_are_no_stamp() -> None:
    page = synthetic_pages.blank((900, 460))
    draw, font = ImageDraw.Draw(page), synthetic_pages.font(36)
    texts = [("", "black words"), ("that continues below, ", "with dots"), ("and here, and ", "then it ends")]
    for number, (link, rest) in enumerate(texts):
        top, width = 60 + 38 * number, font.getlength(link)
        draw.text((80, top), link, font=font, fill=RED)
        draw.line((80, top + 46, 80 + width, top + 46), fill=RED, width=2 if link else 0)
        draw.text((80 + width, top), rest, font=font, fill="black")
    pixels = np.array(page)

    same, boxes = stamps.bleached(pixels, quads(pitch=38))

    assert same is pixels
    assert boxes == []


def test_black_print_and_white_paper_stay_where_a_stamp_goes() -> None:
    page = printed()
    pixels = np.array(stamped(page, "王大明印", (200, 70), 150, RED))

    bleached, boxes = stamps.bleached(pixels, quads())

    assert len(boxes) == 1
    assert np.abs(bleached.astype(int) - np.array(page)).max() < 60
