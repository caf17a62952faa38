"""How many pixels of a line the recogniser is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageDraw

from recognition.engine import detector, vertical_refine
from recognition.engine.detector import Detector
from recognition.engine.lines import LineCrop, TextQuad
from recognition.engine.networks import Networks, open_networks
from recognition.engine.reader import Engine
from recognition.engine.recogniser import Recogniser, Text
from recognition.page import Doubt, PageImage, Pixels
from tests.support import synthetic_pages

F32 = {"INFERENCE_PRECISION_HINT": "f32"}


@pytest.fixture(scope="module")
def networks(weights_folder: Path) -> Networks:
    return open_networks("PP-OCRv6_small", weights_folder, "openvino", "cpu", 2, F32)


@pytest.fixture
def heights() -> list[int]:
    """Of the strips that were read, in turn."""
    return []


@pytest.fixture
def shown() -> list[tuple[int, int]]:
    """Heights and widths of the strips that were read, in turn."""
    return []


@pytest.fixture
def recogniser(networks: Networks, heights: list[int], shown: list[tuple[int, int]]) -> Recogniser:
    def best(batch):
        heights.append(batch.shape[2])
        shown.append(batch.shape[2:])
        return networks.best(batch)

    return Recogniser(replace(networks, best=best))


def line(text: str, *, vertical: bool = False) -> LineCrop:
    draw = synthetic_pages.vertical if vertical else synthetic_pages.horizontal
    page = np.array(draw([text], size=40).convert("RGB"))
    height, width = page.shape[:2]
    edge = synthetic_pages.MARGIN - 4
    left, top, right, bottom = edge, edge, width - edge, height - edge
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return LineCrop(page, TextQuad(quad, vertical), 0.0)


def column(text: str) -> LineCrop:
    """A column as detection gives it: with little room at its sides."""
    length = len(text) * 40
    page = synthetic_pages.blank((240, length + 120))
    synthetic_pages.write_column(page, text, (100, 60), size=40)
    quad = np.array([[95, 56], [145, 56], [145, 64 + length], [95, 64 + length]], np.float32)
    return LineCrop(np.array(page), TextQuad(quad, vertical=True), 0.0)


def blurred(crop: LineCrop) -> LineCrop:
    return replace(crop, image=cv2.GaussianBlur(crop.image, (0, 0), 5))


@pytest.mark.parametrize(("confidence", "kept"), [(0.39, False), (0.41, True)])
def test_what_is_read_with_little_confidence_on_a_clear_page_is_no_text(
    networks: Networks, confidence: float, kept: bool
) -> None:
    """The network is as it is, but that it says of the last of eight lines how sure it is."""
    read = 0

    def best(batch):
        nonlocal read
        read += 1
        indices, probabilities, _ = networks.best(batch)
        return indices, np.full_like(probabilities, 1.0 if read < 8 else confidence), {}

    page = np.array(synthetic_pages.horizontal([f"第{number}行" for number in "一二三四五六七八"]).convert("RGB"))
    lines = Engine({}, lambda: replace(networks, best=best)).read(PageImage(page))
    assert len(lines) == (8 if kept else 7)


def test_a_clear_horizontal_line_is_read_once_at_less_than_full_height(recogniser, heights) -> None:
    assert str(recogniser.read(line("繁體中文的光學文字辨識系統"))) == "繁體中文的光學文字辨識系統"
    assert heights == [32]


def test_a_doubtful_line_is_read_again_at_full_height(recogniser, heights) -> None:
    text = recogniser.read(blurred(line("繁體中文的光學文字辨識系統")))
    assert heights == [32, 48]
    assert 0 < text.confidence < 0.96


def test_of_a_model_that_is_rarely_sure_less_is_asked(networks: Networks) -> None:
    crop = blurred(line("繁體中文的光學文字辨識系統"))
    usual, lenient = Recogniser(networks), Recogniser(replace(networks, sureness=0.5))
    text = usual.read_fast(crop)
    assert usual.is_doubtful(crop, text)
    assert not lenient.is_doubtful(crop, text)


def test_a_clear_column_is_read_in_the_rows_of_a_line(recogniser, heights) -> None:
    assert str(recogniser.read(line("冷風吹進船艙中", vertical=True))) == "冷風吹進船艙中"
    assert heights == [32]


def read_page(networks: Networks, page: Pixels) -> list[tuple[int, int]]:
    """Height and width of the strips that are read of ``page``, in turn. What is printed in grey is in doubt."""
    sizes = []

    def best(batch):
        sizes.append(batch.shape[2:])
        indices, probabilities, others = networks.best(batch)
        return indices, np.full_like(probabilities, 1.0 if batch.min() < -0.6 else 0.9), others

    Engine({}, lambda: replace(networks, best=best)).read(PageImage(page))
    return sizes


@pytest.mark.parametrize(("doubtful", "again"), [(1, 1), (3, 7), (8, 12)])
def test_the_poorer_the_print_the_more_lines_are_read_at_full_height(
    networks: Networks, doubtful: int, again: int
) -> None:
    """Of twelve lines the last ones are doubtful. Of eight of these, five are enough to see that all are to be read."""
    page = np.array(synthetic_pages.horizontal(["繁體中文的光學文字辨識系統"] * 12, size=40).convert("RGB"))
    poor = page[synthetic_pages.MARGIN + 70 * (12 - doubtful) : -synthetic_pages.MARGIN]
    poor[:] = np.maximum(poor, 110)
    heights = Counter(height for height, _ in read_page(networks, page))
    assert heights[48] == again
    assert heights[32] == 12 if doubtful < 8 else 5 <= heights[32] <= 9


def test_strips_of_a_width_are_read_next_to_each_other(networks: Networks) -> None:
    """A network is slower at the first strip of another width."""
    text = "繁體中文的光學文字辨識系統"
    page = synthetic_pages.horizontal([text[: 13 - 4 * (number % 3)] for number in range(9)], size=40)
    widths = [width for _, width in read_page(networks, np.array(page.convert("RGB")))]
    assert len(set(widths)) >= 3
    assert widths == sorted(widths, reverse=True)


def test_an_engine_that_is_warm_has_seen_the_widths_of_an_ordinary_page(networks: Networks) -> None:
    sizes = []

    def best(batch):
        sizes.append(batch.shape[2:])
        return networks.best(batch)

    engine = Engine({}, lambda: replace(networks, best=best))
    engine.warm()
    seen = set(sizes)
    sizes.clear()
    engine.read(PageImage(np.array(synthetic_pages.horizontal(["繁體中文", "的光學文字辨識系統"]).convert("RGB"))))
    assert sizes
    assert set(sizes) <= seen


@pytest.mark.parametrize(("at_full_size", "again"), [(0.95, 12), (0.91, 4)])
def test_doubtful_columns_are_read_again_as_long_as_they_become_surer(
    networks: Networks, at_full_size: float, again: int
) -> None:
    """All twelve are in doubt when they are first read."""
    widths = []

    def best(batch):
        widths.append(batch.shape[3])
        indices, probabilities, others = networks.best(batch)
        return indices, np.full_like(probabilities, 0.92 if batch.shape[3] < 500 else at_full_size), others

    page = np.array(synthetic_pages.vertical(["繁體中文的光學文字辨識系統"] * 12, size=40).convert("RGB"))
    Engine({}, lambda: replace(networks, best=best)).read(PageImage(page))
    assert sum(width < 500 for width in widths) == 12 + 1  # the first of them in fewer rows as well
    assert sum(width >= 500 for width in widths) == again


@pytest.mark.parametrize(("doubtful", "again", "few"), [(0, 0, 6), (1, 1, 6), (6, 6, 1)])
def test_doubtful_columns_are_read_in_all_rows_and_where_most_are_doubtful_from_the_start(
    networks: Networks, doubtful: int, again: int, few: int
) -> None:
    """Of six the last ones are doubtful: they are printed in grey. They are shorter, and so come last."""
    text = "繁體中文的光學文字辨識系統"
    page = np.array(synthetic_pages.vertical([text] * (6 - doubtful) + [text[:9]] * doubtful, size=40).convert("RGB"))
    poor = page[:, : synthetic_pages.MARGIN + 70 * doubtful]
    poor[:] = np.maximum(poor, 110 if doubtful else 0)
    heights = []

    def best(batch):
        heights.append(batch.shape[2])
        indices, probabilities, others = networks.best(batch)
        grey = 0.92 if batch.shape[3] < 400 else 0.91  # no surer at full size
        return indices, np.full_like(probabilities, 1.0 if batch.min() < -0.6 else grey), others

    Engine({}, lambda: replace(networks, best=best)).read(PageImage(page))
    assert (heights.count(32), heights.count(48) - min(again, 4)) == (few, again)


@pytest.mark.parametrize(
    ("doubtful", "heights"),
    [pytest.param(0.1, [32, 32], id="a clear column"), pytest.param(0.3, [32, 48, 48, 48], id="a doubtful column")],
)
def test_characters_of_a_clear_column_are_looked_at_upright_in_the_rows_of_a_line(
    networks: Networks, doubtful: float, heights: list[int]
) -> None:
    """A doubtful column is read by the fast pass, in all rows, and at full size before."""
    seen = []

    def best(batch):
        seen.append(batch.shape[2])
        indices, probabilities, others = networks.best(batch)
        sure = np.where(np.arange(len(indices)) < doubtful * len(indices), 0.6, 1.0).astype(np.float32)
        return indices, np.minimum(probabilities, sure), others

    page = np.array(synthetic_pages.vertical(["冷風吹進船艙中嗚嗚的響冷風吹進船艙中"], size=40).convert("RGB"))
    Engine({}, lambda: replace(networks, best=best)).read(PageImage(page))
    assert seen == heights


def test_how_a_page_of_doubtful_columns_stands_is_seen_by_one_fast_reading_of_four(networks: Networks) -> None:
    strips = []

    def best(batch):
        strips.append(batch)
        indices, probabilities, others = networks.best(batch)
        return indices, np.full_like(probabilities, 0.75), others

    page = np.array(synthetic_pages.vertical(["冷風吹進船艙中嗚嗚的響"] * 5, size=40).convert("RGB"))
    assert Engine({}, lambda: replace(networks, best=best)).orientation(PageImage(page)) == 0
    assert len(strips) == 4 + 1 + 1  # one of them in all rows as well, and some of their characters, turned


def widths_looked_at(recogniser: Recogniser, crop: LineCrop, text: Text) -> list[int]:
    """Of the strips with what is doubtful in a column, first upright and then as it lies."""
    widths = []

    def read(strip):
        widths.append(strip.shape[1])
        return recogniser.read_strip(strip)

    vertical_refine.refined(recogniser.strip(crop), text, read)
    return widths


def with_doubts(text: Text, doubtful: Iterable[int], character: str | None = None) -> Text:
    """``text`` whose ``doubtful`` characters are improbable, and ``character`` in their place if one is given."""
    characters, probabilities = list(text.characters), np.full(len(text.characters), 0.98)
    for index in doubtful:
        characters[index], probabilities[index] = character or characters[index], 0.5
    return replace(text, characters=characters, probabilities=probabilities)


def test_doubtful_characters_of_a_column_are_each_others_neighbours(recogniser: Recogniser) -> None:
    """Each is seen once, in one strip between two others, and none of them again as it lies."""
    crop = line("冷風吹進船艙中冷風吹進船艙中", vertical=True)
    text = recogniser.read_full(crop)

    def width(*doubtful: int) -> int:
        (only,) = widths_looked_at(recogniser, crop, with_doubts(text, doubtful))
        return only

    one = width(4) / 3
    assert width(4, 5) == pytest.approx(4 * one, rel=0.05)
    assert width(4, 6) == pytest.approx(4 * one, rel=0.05)
    assert width(4, 7, 9) == pytest.approx(5 * one, rel=0.05)


@pytest.mark.parametrize(("second", "seen"), [(6, 5), (9, 6)])
def test_the_place_of_a_mark_in_a_column_keeps_its_neighbours(recogniser: Recogniser, second: int, seen: int) -> None:
    crop = line("冷風吹進船艙中冷風吹進船艙中", vertical=True)
    text = recogniser.read_full(crop)
    one = widths_looked_at(recogniser, crop, with_doubts(text, [4]))[0] / 3
    taken_for_marks = with_doubts(text, [4, second], "丨")
    assert widths_looked_at(recogniser, crop, taken_for_marks)[0] == pytest.approx(seen * one, rel=0.05)


def test_the_white_beside_a_column_is_not_looked_at(recogniser: Recogniser) -> None:
    tight = column("冷風吹進船艙中冷風吹進船艙中")
    text = with_doubts(recogniser.read_full(tight), [4])
    wide = replace(tight, margin=0.2)
    assert widths_looked_at(recogniser, wide, text) == pytest.approx(widths_looked_at(recogniser, tight, text), rel=0.1)


def test_a_column_at_one_side_of_its_box_is_looked_at_in_its_whole_width(recogniser: Recogniser) -> None:
    """As where small characters stand beside it."""
    middle = column("冷風吹進船艙中冷風吹進船艙中")
    wide, aside = (
        replace(
            middle,
            quad=replace(middle.quad, corners=middle.quad.corners + np.array(edges, np.float32)[:, None] * [1, 0]),
        )
        for edges in ([-10, 10, 10, -10], [0, 20, 20, 0])
    )
    (all_of_it,) = widths_looked_at(recogniser, aside, with_doubts(recogniser.read_full(aside), [4]))
    (only,) = widths_looked_at(recogniser, wide, with_doubts(recogniser.read_full(wide), [4]))
    assert all_of_it > 1.2 * only


@pytest.mark.parametrize(("probability", "said"), [(0.4, "冷風吹進船艙中"), (0.95, "冷風吹進般艙中")])
def test_a_doubtful_character_of_a_column_is_looked_at_upright(
    recogniser: Recogniser, probability: float, said: str
) -> None:
    crop = line("冷風吹進船艙中", vertical=True)
    text = recogniser.read_full(crop)
    probabilities = text.probabilities.copy()
    probabilities[4] = probability
    mistaken = replace(text, characters=list("冷風吹進般艙中"), probabilities=probabilities)
    completed = vertical_refine.refined(recogniser.strip(crop), mistaken, recogniser.read_strip)
    assert str(completed) == said
    assert completed.probabilities[4] >= probability


def test_a_mark_taken_for_a_stroke_is_looked_at_upright(recogniser: Recogniser) -> None:
    crop = line("天氣預報：今日有雨", vertical=True)
    mistaken = replace(recogniser.read_full(crop), characters=list("天氣預報丨今日有雨"))
    assert str(vertical_refine.refined(recogniser.strip(crop), mistaken, recogniser.read_strip)) == "天氣預報：今日有雨"


def test_characters_in_doubt_have_candidates_and_sure_ones_have_none(recogniser) -> None:
    text = "繁體中文的光學文字辨識系統"
    assert recogniser.read(line(text)).doubts() == ()
    read = recogniser.read(blurred(line(text)))
    doubts = read.doubts()
    assert doubts
    assert all(doubt.confidence < 0.8 for doubt in doubts)
    assert all(str(read)[doubt.index] not in doubt.candidates for doubt in doubts)
    offered = {candidate for doubt in doubts for candidate in doubt.candidates}
    assert offered & (set(text) - set(str(read)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("公文分為「令」、「呈」、「咨」、「函」四種", id="quotation marks without pause between them"),
        pytest.param("會議（星期二）在《文書手冊》裡", id="brackets"),
        pytest.param("附有【表格】的〔說明〕與『論語』", id="other brackets"),
        pytest.param("這件事……說來話長——還是不說了", id="an ellipsis and a dash"),
        pytest.param("他說：好！真的嗎？可以；明天去", id="marks that stand"),
    ],
)
def test_the_marks_of_a_column_are_read(recogniser: Recogniser, text: str) -> None:
    crop = column(text)
    read = vertical_refine.refined(recogniser.strip(crop), recogniser.read(crop), recogniser.read_strip_low)
    assert str(read) == text


def test_a_number_that_is_set_upright_in_a_column_is_read(recogniser: Recogniser) -> None:
    page = synthetic_pages.blank((240, 700))
    synthetic_pages.write_column(page, "中華民國一百年", (100, 60), size=40)
    ImageDraw.Draw(page).text((98, 340), "12", font=synthetic_pages.font(36), fill="black")
    synthetic_pages.write_column(page, "月出版的公報", (100, 380), size=40)
    quad = TextQuad(np.array([[96, 58], [144, 58], [144, 630], [96, 630]], np.float32), vertical=True)
    crop = LineCrop(np.array(page)[:, :, ::-1], quad, 0.0)
    read = vertical_refine.refined(recogniser.strip(crop), recogniser.read(crop), recogniser.read_strip_low)
    assert str(read) == "中華民國一百年12月出版的公報"


def test_a_line_that_is_upside_down_on_its_page_is_read(networks: Networks) -> None:
    page = synthetic_pages.horizontal(["這是第一行的文字內容", "這是第二行的文字內容", ""])
    turned = synthetic_pages.horizontal(["這一行上下顛倒了請注意"]).rotate(180)
    page.paste(turned.crop((60, 80, turned.width - 60, turned.height - 80)), (100, page.height - 150))
    lines = Engine({}, lambda: networks).read(PageImage(np.array(page.convert("RGB"))))
    last = max(lines, key=lambda line: line.box[1])
    assert last.raw == "這一行上下顛倒了請注意"
    assert last.polygon[0] == (last.box[2], last.box[3])  # its first character's top left corner


def test_a_line_that_cannot_be_read_from_its_other_end_either_is_read_there_once(networks: Networks) -> None:
    heights = []

    def best(batch):
        indices, probabilities, others = networks.best(batch)
        if batch.shape[3] > 250:
            return indices, probabilities, others
        heights.append(batch.shape[2])
        return indices, np.full_like(probabilities, 0.3), others

    page = synthetic_pages.horizontal([*["這是一行看得清楚的文字內容"] * 3, "模糊不清"], size=40)
    Engine({}, lambda: replace(networks, best=best)).read(PageImage(np.array(page.convert("RGB"))))
    assert heights == [32, 48, 32]


def test_a_network_that_takes_any_height_says_the_same_at_the_height_of_its_training(
    networks: Networks, weights_folder: Path
) -> None:
    """ONNX Runtime executes the network as it came."""
    original = open_networks("PP-OCRv6_small", weights_folder, "onnxruntime", "cpu", 2, {})
    strip = Recogniser(networks).strip(line("Optical 文字辨識 2026"))
    width = strip.shape[1] // 32 * 32
    batch = np.ascontiguousarray(strip[None, :, :width].transpose(0, 3, 1, 2), np.float32) / 127.5 - 1
    indices, probabilities, _ = networks.best(batch)
    expected, expected_probabilities, _ = original.best(batch)
    assert indices.tolist() == expected.tolist()
    starts = np.flatnonzero(indices * np.diff(indices, prepend=0))
    assert len(starts) > 10
    assert probabilities[starts] == pytest.approx(expected_probabilities[starts], abs=1e-3)


@pytest.mark.parametrize(("lines", "size", "images"), [(31, 40, 1), (5, 40, 2), (3, 260, 2)])
def test_huge_type_is_looked_for_only_where_it_has_room(networks: Networks, lines: int, size: int, images: int) -> None:
    """Not on a page full of text. Large type may be a piece of it, and so leaves room."""
    page = synthetic_pages.blank((1654, 2339))
    whole = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂"
    synthetic_pages.write(page, [whole[: 1500 // size]] * lines, (60, 60), size)
    synthetic_pages.write(page, [whole], (60, 2270))
    shown = []

    def runner(x):
        shown.append(x[0].shape[2:])
        return networks.detector(x=x)

    Detector(runner, networks.detector_settings, networks.release).detect(np.array(page.convert("RGB")))
    assert len(shown) == images


@pytest.mark.parametrize("paper", ["white", "navy", "uneven"])
def test_the_detector_is_not_shown_blank_margins(networks: Networks, paper: str) -> None:
    sizes = []

    def runner(x):
        sizes.append(x[0].shape[2:])
        return networks.detector(x=x)

    page = np.full((1280, 900, 3), 255, np.uint8)
    lines = np.array(synthetic_pages.horizontal(["光學文字辨識", "繁體中文"], size=30).convert("RGB"))
    page[500 : 500 + lines.shape[0], 300 : 300 + lines.shape[1]] = lines
    if paper == "navy":
        page = np.where(page == 255, np.array([0, 0, 128], np.uint8), np.uint8(255))
    elif paper == "uneven":
        page[:, ::100] -= 40
    quads = Detector(runner, networks.detector_settings, networks.release).detect(page)
    tops = sorted(float(quad.corners[0, 1]) for quad in quads)
    assert tops == pytest.approx([606, 656], abs=6)
    height, width = sizes[0]
    assert (height, width) == (1280, 896) if paper == "uneven" else height <= 192 and width <= 320


def _columns(count: int, rows: int, size: int, column: float, pitch: float) -> Pixels:
    """A page of columns; ``column`` and ``pitch``: how far these and their characters are from each other, in sizes."""
    text = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽"
    page = synthetic_pages.blank((round(count * column * size) + 80, round(rows * pitch * size) + 80))
    for i in range(count):
        for k in range(rows):
            at = 40 + round(i * column * size), 40 + round(k * pitch * size)
            synthetic_pages.write(page, [text[(7 * i + k) % len(text)]], at, size)
    return np.array(page)


@pytest.mark.parametrize(("size", "column", "pitch"), [(24, 1.25, 1.4), (28, 1.15, 1.25), (28, 1.2, 1.35)])
def test_columns_are_found_whole_that_are_torn_at_the_usual_size(
    networks: Networks, size: int, column: float, pitch: float
) -> None:
    looking = Detector(networks.detector, networks.detector_settings, networks.release)
    quads = looking.detect(_columns(24, 20, size, column, pitch))
    assert [quad.vertical for quad in quads] == [True] * 24


def test_close_columns_are_found_where_two_tiles_overlap(networks: Networks) -> None:
    page = np.pad(_columns(90, 16, 24, column=1.2, pitch=1.15), ((0, 118), (0, 0), (0, 0)), constant_values=255)
    quads = Detector(networks.detector, networks.detector_settings, networks.release).detect(page)
    assert [quad.vertical for quad in quads] == [True] * 90


@pytest.mark.parametrize(("kept", "times"), [(100_000, 1), (1_000_000, 0)])
def test_memory_is_given_back_before_and_after_large_images_only(
    networks: Networks, monkeypatch: pytest.MonkeyPatch, kept: int, times: int
) -> None:
    monkeypatch.setattr(detector, "MOST_KEPT", kept)
    released = []

    def release() -> None:
        released.append(True)
        networks.release()

    page = np.array(synthetic_pages.horizontal(["光學文字辨識", "繁體中文"] * 8, size=30).convert("RGB"))
    looking = Detector(networks.detector, networks.detector_settings, release)
    first, second = (np.stack([quad.corners for quad in looking.detect(page)]) for _ in range(2))
    assert len(first) == 16
    assert np.array_equal(first, second)
    assert len(released) == 2 * 2 * times


@pytest.mark.parametrize("degrees", [-20, 0, 5])
@pytest.mark.parametrize("vertical", [False, True])
@pytest.mark.parametrize("size", [(400, 40), (280, 32), (700, 70), (100, 10)])
def test_a_strip_runs_from_head_to_foot_of_its_line_at_any_size(
    size: tuple[int, int], vertical: bool, degrees: int
) -> None:
    """A line of 400 by 40 pixels that gets darker from its head on, and whose left (or top) half is red."""
    angle = np.radians(degrees)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    if vertical:  # the head is at the top, and its left side becomes the strip's lower edge
        along, across = across, -along
    rows, columns = np.mgrid[0:600, 0:600]
    points = np.stack([columns, rows], axis=-1) - 300.0
    image: Pixels = np.full((600, 600, 3), 255, np.uint8)
    image[..., 1] = np.clip(127 - points @ along * 0.5, 0, 255).astype(np.uint8)
    image[..., 2] = np.where(points @ across < 0, 255, 0).astype(np.uint8)
    corners = [300 + a * 200 * along + b * 20 * across for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    quad = np.array(np.roll(corners, 1, axis=0) if vertical else corners, np.float32)
    width, height = size
    strip = LineCrop(image, TextQuad(quad, vertical), 0.0).strip(width, height)
    assert strip.shape == (height, width, 3)
    middle = height // 2
    assert strip[middle, width // 10, 1] == pytest.approx(127 + 80, abs=6)
    assert strip[middle, -width // 10, 1] == pytest.approx(127 - 80, abs=6)
    assert strip[height // 5, width // 2, 2] > 200
    assert strip[-1 - height // 5, width // 2, 2] < 50


def test_spaces_are_never_in_doubt() -> None:
    text = Text(
        ["臺", " ", "A"], np.array([0.5, 0.3, 0.99]), np.array([0.2, 0.5, 0.8]), [{"台": 0.4, "壺": 0.01}, {}, {}]
    )
    assert text.doubts() == (Doubt(0, 0.5, ("台",)),)


def text_of(characters: str, probabilities: list[float]) -> Text:
    centres = (np.arange(len(characters)) + 0.5) / len(characters)
    return Text(list(characters), np.array(probabilities), centres, [{} for _ in characters])


def test_of_two_readings_each_gives_the_characters_that_are_surer_in_it() -> None:
    squeezed = text_of("「走了。」他説", [0.7, 1.0, 1.0, 1.0, 0.6, 0.95, 0.8])
    full = text_of("『走了。」她說", [0.8, 1.0, 1.0, 1.0, 0.5, 0.97, 0.7])

    both = squeezed.with_surer(full)

    assert str(both) == "『走了。」他説"  # what is sure enough stays
    assert both.others[0] == {"「": 0.7}
    assert both.probabilities[0] == 0.8


def test_a_reading_takes_over_nothing_where_another_has_more_or_fewer_characters() -> None:
    assert str(text_of("ab", [0.5, 0.5]).with_surer(text_of("xyz", [0.9, 0.9, 0.9]))) == "ab"


LONG = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰致雨露三人行金生麗水玉出崑岡"


@pytest.mark.parametrize("character", "「5")
@pytest.mark.parametrize("index", [0, 20, 47])
def test_what_is_around_a_doubtful_quotation_mark_or_digit_is_read_at_full_size_as_well(
    recogniser: Recogniser, shown: list[tuple[int, int]], character: str, index: int
) -> None:
    """But that is no sign of poor print."""
    crop = line(LONG[:index] + character + LONG[index + 1 :])
    doubtful = text_of(LONG, [0.99] * index + [0.7] + [0.99] * (47 - index))
    wrong = {"「": "『", "5": "6"}[character]
    doubtful = replace(doubtful, characters=[*LONG[:index], wrong, *LONG[index + 1 :]])

    text = recogniser.looked_at_again(crop, doubtful)

    assert str(text) == LONG[:index] + character + LONG[index + 1 :]
    assert {height for height, _ in shown} == {48}
    assert sum(width for _, width in shown) < 0.7 * recogniser.full_width(crop)
    assert not recogniser.is_doubtful(crop, doubtful)


def test_where_single_characters_of_all_of_a_line_are_doubtful_it_is_read_again_as_a_whole(
    recogniser: Recogniser, shown: list[tuple[int, int]]
) -> None:
    crop = line(LONG[:12] + "5" + LONG[13:34] + "5" + LONG[35:])
    doubtful = text_of(LONG[:12] + "6" + LONG[13:34] + "8" + LONG[35:], [0.99] * 48)
    doubtful.probabilities[[12, 34]] = 0.7

    assert str(recogniser.looked_at_again(crop, doubtful)) == LONG[:12] + "5" + LONG[13:34] + "5" + LONG[35:]
    assert [width >= recogniser.full_width(crop) for _, width in shown] == [True]


def test_a_line_without_doubtful_characters_that_matter_is_not_read_again(
    recogniser: Recogniser, shown: list[tuple[int, int]]
) -> None:
    text = text_of(LONG[:12] + "「5" + LONG[14:], [0.7] + [0.99] * 47)
    assert recogniser.looked_at_again(line(str(text)), text) is text
    assert shown == []


def test_doubtful_spaces_are_a_sign_of_poor_print_only_between_words(recogniser: Recogniser) -> None:
    """Whether one stands beside a Han character is rarely certain. On noisy pages it is a sign nevertheless."""
    crop = line("天地玄黃宇宙洪荒日月盈昃")
    mixed = text_of(" 天地 ab 玄黃", [0.5, 0.99, 0.99, 0.5, 0.99, 0.99, 0.5, 0.99, 0.99])
    words = text_of("ab cd ef gh", [0.99, 0.99, 0.5] * 3 + [0.99, 0.99])

    assert mixed.confidence_without_spacing == pytest.approx(0.99)
    assert words.confidence_without_spacing == words.confidence
    assert not recogniser.is_doubtful(crop, mixed)
    assert recogniser.is_doubtful(crop, mixed, is_noisy=True)
    assert recogniser.is_doubtful(crop, words)


@pytest.mark.parametrize("poor", [0, 3])
def test_doubtful_spaces_alone_do_not_make_the_print_of_a_noisy_page_poor(networks: Networks, poor: int) -> None:
    """Of twelve lines all have doubtful spaces, and the last ones doubtful characters."""
    page = np.array(synthetic_pages.horizontal(["繁體 中文 的光 學文 字辨"] * 12, size=40).convert("RGB"), np.float32)
    page[synthetic_pages.MARGIN + 70 * (12 - poor) : page.shape[0] if poor else 0] *= 0.9
    page += np.random.default_rng(1).normal(0, 4, page.shape)
    space, heights = networks.recogniser_settings.characters.index(" "), list[int]()

    def best(batch):
        heights.append(batch.shape[2])
        indices, probabilities, _ = networks.best(batch)
        probabilities = np.full_like(probabilities, 0.9 if np.median(batch) < 0.9 else 1.0)
        probabilities[indices == space] = 0.3
        return indices, probabilities, {}

    Engine({}, lambda: replace(networks, best=best)).read(PageImage(np.clip(page, 0, 255).astype(np.uint8)))
    assert (48 in heights) is (poor > 0)


def test_a_line_of_spaces_has_no_confidence_without_them() -> None:
    assert text_of("  ", [0.9, 0.9]).confidence_without_spacing == 0
