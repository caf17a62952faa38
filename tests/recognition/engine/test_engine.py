"""The real engine with the real weights on pages whose text is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recognition.engine import Backend, language, load
from recognition.engine.lines import TextQuad
from recognition.engine.orientation import sample_lines
from recognition.engine.reader import Engine
from recognition.engine.recogniser import Recogniser, Text
from recognition.errors import EngineError, WeightsError
from recognition.page import Line, PageImage, Pixels
from tests.support import synthetic_pages

PARAGRAPH = [
    "繁體中文的光學文字辨識系統",
    "可以讀取掃描的文件與照片，",
    "Optical character recognition 2026",
    "並且保留每一行文字的位置。",
]
COLUMNS = [
    "時候既然是深冬，漸近故鄉時，天氣又陰晦了。",
    "冷風吹進船艙中，嗚嗚的響，從篷隙向外一望，",
    "灰色的天底下，遠近有着幾個蕭索的荒村。",
]

Open = Callable[[str, Backend], Engine]


@pytest.fixture(scope="module")
def opened(weights_folder: Path) -> Open:
    return cache(lambda model, backend: load(model, folder=weights_folder, backend=backend, threads=2))


@pytest.fixture(scope="module")
def engine(opened: Open) -> Engine:
    return opened("PP-OCRv6_small", "openvino")


def page_of(picture: Image.Image) -> PageImage:
    return PageImage(np.asarray(picture.convert("RGB")))


def from_the_top(lines: Sequence[Line]) -> list[str]:
    return [line.raw for line in sorted(lines, key=lambda line: line.box[1])]


def from_the_right(lines: Sequence[Line]) -> list[str]:
    return [line.raw for line in sorted(lines, key=lambda line: -line.box[0])]


def test_horizontal_lines_are_read_where_they_stand(engine: Engine) -> None:
    lines = engine.read(page_of(synthetic_pages.horizontal(PARAGRAPH, size=40)))
    assert from_the_top(lines) == PARAGRAPH
    for number, line in enumerate(sorted(lines, key=lambda line: line.box[1])):
        left, top, right, bottom = line.box
        ink_top = synthetic_pages.MARGIN + number * 70
        assert line.direction == "horizontal"
        assert line.confidence > 0.9
        assert left == pytest.approx(synthetic_pages.MARGIN, abs=12)
        assert right == pytest.approx(synthetic_pages.MARGIN + synthetic_pages.font(40).getlength(line.raw), abs=30)
        assert top < ink_top + 20 < ink_top + 40 < bottom < ink_top + 75


def test_columns_are_read_from_head_to_foot_with_their_punctuation(engine: Engine) -> None:
    lines = engine.read(page_of(synthetic_pages.vertical(COLUMNS, size=40)))
    assert from_the_right(lines) == COLUMNS
    for line in lines:
        (x0, y0), (x1, _), _, (_, y3) = line.polygon
        assert line.direction == "vertical-rl"
        assert x0 < x1
        assert y0 < y3


def test_each_character_has_a_position_in_its_line(engine: Engine) -> None:
    (line,) = engine.read(page_of(synthetic_pages.horizontal(["一二三四五六七八九十"], size=40)))
    left, _, right, _ = line.box
    assert len(line.positions) == len(line.raw) == 10
    centres = [left + position * (right - left) for position in line.positions]
    drawn = [synthetic_pages.MARGIN + 40 * number + 20 for number in range(10)]
    assert centres == pytest.approx(drawn, abs=16)


def test_small_print_on_a_huge_page_is_found(engine: Engine) -> None:
    page = synthetic_pages.blank((7000, 5800))
    synthetic_pages.write(page, ["圖書館的收藏", "民國三十八年", "第三行很小的字"], at=(5000, 4000), size=20)
    assert len(engine.read(page_of(page))) == 3


@pytest.mark.parametrize(
    ("text", "size", "at"),
    [("停車場入口", 520, (100, 200)), ("北", 1300, (150, 300)), ("春聯", 700, (100, 300))],
    ids=["longer than a tile", "one character", "two characters"],
)
def test_huge_type_is_one_line(engine: Engine, text: str, size: int, at: tuple[int, int]) -> None:
    page = synthetic_pages.blank((max(1654, at[0] + size * len(text) + 200), at[1] + 2 * size))
    synthetic_pages.write(page, [text], at, size)
    synthetic_pages.write(page, ["中華民國一一三年十二月"], (400, page.height - 100), 50)
    assert from_the_top(engine.read(page_of(page))) == [text, "中華民國一一三年十二月"]


def test_the_same_page_gives_the_same_lines(engine: Engine) -> None:
    page = page_of(synthetic_pages.vertical(COLUMNS, size=30))
    assert engine.read(page) == engine.read(page)


def test_a_blank_page_has_no_lines_and_stands_upright(engine: Engine) -> None:
    page = page_of(synthetic_pages.blank((400, 600)))
    assert engine.orientation(page) == 0
    assert engine.read(page) == []


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("text", [PARAGRAPH, COLUMNS], ids=["horizontal", "vertical"])
def test_a_page_is_set_upright_however_it_was_turned(engine: Engine, text: list[str], turned: int) -> None:
    picture = synthetic_pages.horizontal(text) if text is PARAGRAPH else synthetic_pages.vertical(text)
    page = page_of(picture).rotated(turned)
    rotation = engine.orientation(page)
    assert (turned + rotation) % 360 == 0
    lines = engine.read(page.rotated(rotation))
    assert (from_the_top(lines) if text is PARAGRAPH else from_the_right(lines)) == text


@pytest.mark.parametrize(
    "text",
    [
        ["The quick brown fox jumps", "over the lazy dog again", "and again, 365 times"],
        ["80081 06900 16891", "0000 1111 0808", "1689 0690 8818"],  # digits that are digits from the other end, too
    ],
)
def test_latin_text_and_numbers_that_were_turned_are_set_upright(engine: Engine, text: list[str]) -> None:
    page = page_of(synthetic_pages.horizontal(text, size=24))
    assert [(turned + engine.orientation(page.rotated(turned))) % 360 for turned in (0, 90, 180, 270)] == [0] * 4


@pytest.mark.parametrize("degrees", [-7, -3, 3, 7])
def test_a_tilted_column_is_not_garbled(engine: Engine, degrees: int) -> None:
    page = synthetic_pages.blank((700, 1200))
    synthetic_pages.write_column(page, "天地之間宇宙洪荒日月盈昃", (330, 200), size=60)
    tilted = page.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="white")
    (line,) = engine.read(page_of(tilted))
    assert line.raw == "天地之間宇宙洪荒日月盈昃"
    assert line.polygon[0][0] < line.polygon[1][0]
    assert line.polygon[0][1] < line.polygon[3][1]


def test_a_long_thin_image_is_read_in_full(engine: Engine) -> None:
    rows = [f"第{number:03d}號 品名 {number * 7} 元" for number in range(1, 91)]
    page = synthetic_pages.blank((420, 90 * 49 + 100))
    synthetic_pages.write(page, rows, (30, 50), size=28)
    read = from_the_top(engine.read(page_of(page)))
    assert [row.replace(" ", "") for row in read] == [row.replace(" ", "") for row in rows]


def test_a_line_much_longer_than_the_networks_take_is_read_in_full(engine: Engine) -> None:
    text = "".join(PARAGRAPH[:2]) * 8
    page = synthetic_pages.horizontal([text], size=32)
    (line,) = engine.read(page_of(page))
    assert line.raw == text
    assert list(line.positions) == sorted(line.positions)


def test_small_print_is_looked_at_larger(engine: Engine) -> None:
    small = synthetic_pages.horizontal(PARAGRAPH, size=40).resize((300, 160), Image.Resampling.LANCZOS)
    read = from_the_top(engine.read(page_of(small)))
    assert len(read) == len(PARAGRAPH)
    assert read[0] == PARAGRAPH[0]


def test_all_backends_read_alike(opened: Open) -> None:
    page = page_of(synthetic_pages.horizontal(["SVTR reads a whole line 2026", "文字辨識結果"], size=48))
    read = {backend: opened("PP-OCRv4_mobile", backend).read(page) for backend in ("paddle", "onnxruntime", "openvino")}
    assert from_the_top(read["paddle"])[0] == "SVTR reads a whole line 2026"
    for lines in read.values():
        assert from_the_top(lines) == from_the_top(read["paddle"])
        for line, reference in zip(lines, read["paddle"], strict=True):
            assert np.array(line.polygon) == pytest.approx(np.array(reference.polygon), abs=3)
            assert line.confidence == pytest.approx(reference.confidence, abs=0.03)


def test_an_engine_says_what_it_is(engine: Engine) -> None:
    about = engine.metadata()
    assert (about["model"], about["backend"], about["device"]) == ("PP-OCRv6_small", "openvino", "cpu")
    assert set(about["versions"]) == {"openvino"}
    assert len(about["weights"]["rec/inference.onnx"]) == 64


def test_a_model_that_is_not_installed_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"PP-OCRv6_tiny is not installed .* python -m recognition.weights"):
        load("PP-OCRv6_tiny", folder=tmp_path)


def test_a_backend_that_cannot_run_a_model_says_so(weights_folder: Path) -> None:
    with pytest.raises(EngineError, match="paddle cannot open the model PP-OCRv6_small"):
        load("PP-OCRv6_small", folder=weights_folder, backend="paddle").warm()


@pytest.mark.parametrize(("width", "height"), [(400, 30), (30, 400), (30, 40)])
@pytest.mark.parametrize("degrees", [-40, -20, -5, 0, 5, 20, 40])
def test_a_quad_starts_at_the_head_of_its_line_whatever_corner_came_first(
    width: int, height: int, degrees: int
) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    rectangle = (corners @ turn.T + 500).astype(np.float32)
    for first in range(4):
        for order in (1, -1):
            quad = TextQuad.around(np.roll(rectangle, first, axis=0)[::order])
            assert quad.corners == pytest.approx(rectangle, abs=0.01)
            assert quad.vertical == (height > 2 * width)


def test_lines_far_down_a_very_long_image_are_read(engine: Engine) -> None:
    """OpenCV warps no image of 32,767 pixels or more."""
    page = synthetic_pages.blank((260, 33_500))
    synthetic_pages.write(page, ["長圖末端"], (40, 33_300))
    (line,) = engine.read(PageImage(np.asarray(page)))
    assert line.raw == "長圖末端"
    assert line.box[1] == pytest.approx(33_310, abs=15)


@pytest.mark.parametrize(
    ("text", "draw"), [("光學文字辨識", synthetic_pages.horizontal), ("冷風吹進船艙中", synthetic_pages.vertical)]
)
@pytest.mark.parametrize("direction", ["auto", "as it is"])
def test_a_picture_is_read_as_one_line_where_no_line_was_looked_for(engine: Engine, text, draw, direction) -> None:
    page = draw([text], size=40)
    cut = page.crop(
        (
            synthetic_pages.MARGIN - 8,
            synthetic_pages.MARGIN - 2,
            page.width - synthetic_pages.MARGIN + 8,
            page.height - synthetic_pages.MARGIN,
        )
    )
    way = "horizontal" if draw is synthetic_pages.horizontal else "vertical-rl"
    line = engine.read_line(page_of(cut), way if direction == "as it is" else "auto")
    assert line is not None
    assert (line.raw, line.direction) == (text, way)
    assert line.box == (0, 0, cut.width, cut.height)


def test_of_blank_paper_no_line_is_read(engine: Engine) -> None:
    assert engine.read_line(page_of(synthetic_pages.blank((200, 50))), "auto") is None


def test_a_short_line_does_not_decide_alone_how_a_page_of_long_lines_stands() -> None:
    def quad(length: float, top: float) -> TextQuad:
        return TextQuad(np.array([[0, top], [length, top], [length, top + 30], [0, top + 30]], np.float32), False)

    page = [quad(900, 60 * row) for row in range(5)] + [quad(200, 400)]
    assert sorted(sample_lines(page))[-1] == 5
    assert len(sample_lines(page)) == 4
    assert sample_lines([*page, *(quad(250, 500 + 60 * row) for row in range(4))]) == [6, 7, 8, 9]


def test_a_character_that_may_have_another_form_is_read_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    read_again = []
    read_strip = Recogniser.read_strip

    def noted(recogniser: Recogniser, strip: Pixels) -> Text:
        read_again.append(str(text := read_strip(recogniser, strip)))
        return text

    monkeypatch.setattr(Recogniser, "read_strip", noted)
    monkeypatch.setattr(language, "other_forms", lambda text: [i for i, c in enumerate(text.characters) if c == "識"])
    engine.read(page_of(synthetic_pages.horizontal(PARAGRAPH, size=40)))
    (part,) = read_again
    assert "識" in part
    assert part in PARAGRAPH[0]
