"""Lines of a text layer: their text, their order and their boxes, however a page is turned."""

import math

import numpy as np
import pytest

from recognition import raster
from tests.support import synthetic_pages
from tests.support.synthetic_pages import PdfPage, Text
from tests.support.text_layers import COLUMNS, DPI, HAN, LINES, inside, layer_of, layers, texts


def test_lines_have_their_text_and_their_place_in_pixels(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12)])
    assert texts(layer) == LINES
    first = layer.lines[0]
    assert (layer.width, layer.height) == (1190, 1684)
    assert (first.direction, first.confidence) == ("horizontal", 1.0)
    left, top, right, bottom = first.box
    assert (left, right) == pytest.approx((144, 144 + 10 * 24), abs=1)  # ten characters of 12 points
    assert bottom - top == pytest.approx(24, abs=4)
    assert top < 2 * (842 - 740) < bottom  # the baseline
    assert first.positions == pytest.approx([0.05 + 0.1 * index for index in range(10)], abs=0.01)


@pytest.mark.parametrize("off", [(0.3, 0), (0.3, 0.3), (0, 0)])
def test_letters_printed_twice_for_bold_count_once(tmp_path, off):
    once = Text([*LINES, "……illness……"])
    layer = layer_of(tmp_path, [once, Text(["別的"], at=(400, 500)), Text(once.lines, at=(72 + off[0], 740 + off[1]))])
    assert texts(layer) == [*once.lines, "別的"]


def test_a_line_drawn_in_pieces_out_of_order_is_one(tmp_path):
    items = [
        Text(["第一段"]),
        Text(["末行"], at=(72, 600)),
        Text(["第三段"], at=(144, 740)),
        Text(["第二段"], at=(108, 740)),
    ]
    assert sorted(texts(layer_of(tmp_path, items))) == ["末行", "第一段第二段第三段"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("關 於 紅 軍 作 戰 的 原 則", "關於紅軍作戰的原則"),
        ("統　一　編　號：12345678", "統一編號：12345678"),
        ("目　錄", "目錄"),
        ("第一章　總則", "第一章　總則"),
        ("王 大明", "王 大明"),
        ("使用 Python 的人", "使用 Python 的人"),
        ("The quick brown fox", "The quick brown fox"),
        ("民國 113 年 12 月", "民國 113 年 12 月"),
    ],
)
def test_spaces_that_only_spread_han_characters_are_none(tmp_path, text, right):
    layer = layer_of(tmp_path, [Text([text])])
    assert texts(layer) == [right]
    assert len(layer.lines[0].positions) == len(right)


ARABIC = dict(zip("一二三四五六七八九十", "عليهفنالحك", strict=True))


def test_a_line_of_a_script_from_the_right_is_read_from_there(tmp_path):
    layer = layer_of(tmp_path, [Text(["一二三 四五六七"])], to_unicode=ARABIC)
    assert texts(layer) == ["".join(ARABIC[c] for c in "七六五四") + " " + "".join(ARABIC[c] for c in "三二一")]


def test_numbers_in_a_line_from_the_right_keep_their_order(tmp_path):
    layer = layer_of(tmp_path, [Text(["一二三 2024 四五六"])], to_unicode={**ARABIC, **{d: d for d in "0124"}})
    right = "".join(ARABIC[c] for c in "六五四") + " 2024 " + "".join(ARABIC[c] for c in "三二一")
    assert texts(layer) == [right]


def test_characters_follow_each_other_though_a_word_among_them_runs_back(tmp_path):
    layer = layer_of(tmp_path, [Text(["臺北市政府一二三四法定程序"])], to_unicode={**ARABIC, **{c: c for c in HAN}})
    (line,) = layer.lines
    assert line.raw == "臺北市政府 " + "".join(ARABIC[c] for c in "四三二一") + " 法定程序"
    assert list(line.positions) == sorted(line.positions)


@pytest.mark.parametrize("degrees", [7, 33, 58, 90, 135, 250])
def test_text_at_any_angle_stays_whole(tmp_path, degrees):
    lines = ["臺北市政府公告 Hello 2026", "第二行的文字"]
    layer = layer_of(tmp_path, [Text(LINES, at=(30, 60)), Text(lines, at=(300, 420), tilt=degrees)])
    assert sorted(texts(layer)) == sorted(LINES + lines)


@pytest.mark.parametrize("cropped", ["", "/CropBox [40 560 480 800]"])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_boxes_fit_the_page_image_however_the_page_is_turned_and_cropped(tmp_path, degrees, cropped):
    items = [Text(LINES), Text(COLUMNS, at=(400, 700), vertical=True)]
    path = synthetic_pages.pdf(tmp_path / "a.pdf", [PdfPage(items, entries=f"{cropped} /Rotate {degrees}")])
    layer = layers(path)[1]
    ((_, image),) = raster.pages(path, dpi=DPI)
    ink = image.pixels.min(axis=2) < 128
    assert (layer.width, layer.height) == (image.width, image.height)
    assert sorted(texts(layer)) == sorted(LINES + COLUMNS)
    masks = [inside(line, ink.shape) for line in layer.lines]
    assert all(ink[mask].any() for mask in masks)
    assert not ink[~np.logical_or.reduce(masks)].any()
    for line in layer.lines:
        (left, top), (right, bottom) = line.polygon[:2]
        assert math.degrees(math.atan2(bottom - top, right - left)) % 360 == pytest.approx(degrees, abs=0.1)
    assert layer.rotation == -degrees % 360


@pytest.mark.parametrize("tilt", [-45, 3, 30, 90, 180])
def test_a_tilted_line_has_a_tilted_box(tmp_path, tilt):
    layer = layer_of(tmp_path, [Text(["臺北市政府公告"], at=(300, 400), tilt=tilt)])
    (line,) = layer.lines
    (ax, ay), (bx, by), (cx, cy), _ = line.polygon
    assert line.direction == "horizontal"
    assert math.degrees(math.atan2(ay - by, bx - ax)) == pytest.approx(tilt, abs=1)
    assert math.hypot(bx - ax, by - ay) == pytest.approx(7 * 24, abs=10)
    assert math.hypot(cx - bx, cy - by) == pytest.approx(24, abs=10)


def test_texts_side_by_side_are_different_lines(tmp_path):
    layer = layer_of(tmp_path, [Text(["左欄文字", "左二"]), Text(["右欄文字", "右二"], at=(300, 740))])
    assert sorted(texts(layer)) == ["右二", "右欄文字", "左二", "左欄文字"]


def test_a_word_parted_at_the_end_of_a_line_stays_parted(tmp_path):
    assert texts(layer_of(tmp_path, [Text(["one word is parted-", "across two lines"])])) == [
        "one word is parted-",
        "across two lines",
    ]
