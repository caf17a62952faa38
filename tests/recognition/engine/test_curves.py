"""Curved lines are read along their own middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from recognition.engine import load
from recognition.engine.lines import LineCrop, Midline, TextQuad
from recognition.engine.reader import Engine
from recognition.page import PageImage
from tests.support import synthetic_pages

LINES = [
    "時候既然是深冬漸近故鄉時天氣又陰晦了冷風吹進船艙中",
    "從篷隙向外一望蒼黃的天底下遠近有著幾個蕭索的荒村",
    "看不見些活氣我的心禁不住悲涼起來了這不是我二十年來",
    "時時記得的故鄉我所記得的故鄉全不如此我的故鄉好得多",
    "但要我記起他的美麗說出他的佳處來卻又忘了影像",
]
SIZE = 32


@pytest.fixture(scope="module")
def engine(weights_folder: Path) -> Engine:
    return load(folder=weights_folder, threads=2)


def assert_reads_lines(engine: Engine, picture: Image.Image) -> None:
    """Each of LINES as one line, with no more than one character taken for a variant of it."""
    lines = engine.read(PageImage(np.asarray(picture)))
    if lines[0].direction == "horizontal":
        lines.sort(key=lambda line: line.box[1] + line.box[3])
    else:
        lines.sort(key=lambda line: -line.box[0] - line.box[2])
    assert len(lines) == len(LINES)
    wrong = [Levenshtein.distance(line.raw, text) for line, text in zip(lines, LINES, strict=True)]
    assert max(wrong) <= 1, [line.raw for line in lines]


@pytest.mark.parametrize("sag", [0.6 * SIZE, 1.4 * SIZE])
def test_lines_that_sag_are_read_one_by_one(engine: Engine, sag: float) -> None:
    page = synthetic_pages.curved(synthetic_pages.horizontal(LINES, size=SIZE), sag)
    assert_reads_lines(engine, page)


def test_lines_that_bend_up_are_read_one_by_one(engine: Engine) -> None:
    page = synthetic_pages.curved(synthetic_pages.horizontal(LINES, size=SIZE).rotate(180), 1.2 * SIZE).rotate(180)
    assert_reads_lines(engine, page)


def test_columns_that_bend_are_read_one_by_one(engine: Engine) -> None:
    page = synthetic_pages.vertical(LINES, size=SIZE).rotate(90, expand=True)
    assert_reads_lines(engine, synthetic_pages.curved(page, 1.2 * SIZE).rotate(-90, expand=True))


def arc(radius: float = 1000.0, thickness: float = 40.0) -> Midline:
    """An arc of 60 degrees around a point far below."""
    angles = np.radians(np.linspace(-120, -60, 40))
    points = np.column_stack([1000 + radius * np.cos(angles), 1200 + radius * np.sin(angles)])
    return Midline(points.astype(np.float32), thickness)


def test_the_places_of_a_curved_line_are_across_it() -> None:
    x, y = arc().places(300, 40, 0.0)
    radii = np.hypot(x - 1000, y - 1200)
    assert radii == pytest.approx(np.tile(1000 + 19.5 - np.arange(40)[:, None], (1, 300)), abs=1.0)


def test_a_curved_line_is_as_long_and_thick_as_it_is_straightened() -> None:
    line = TextQuad.curved(arc(), vertical=False)
    assert line.length == pytest.approx(1000 * np.pi / 3, rel=0.01)
    assert line.thickness == 40
    (left, top), _, (right, bottom), _ = line.corners
    assert bottom - top == pytest.approx(40, abs=1)
    assert right - left == pytest.approx(1000, abs=5)


def test_a_curved_line_from_its_other_end_is_turned() -> None:
    image = np.random.default_rng(1).integers(0, 255, (400, 2000, 3), np.uint8)
    line = TextQuad.curved(arc(), vertical=False)
    onward = LineCrop(image, line, 0.0).strip(500, 40).astype(int)
    back = LineCrop(image, line.reversed(), 0.0).strip(500, 40)[::-1, ::-1]
    assert np.abs(onward - back).mean() < 3
