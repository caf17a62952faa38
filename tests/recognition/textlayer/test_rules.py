"""Rules and pictures of a text layer, and the cells that they part."""

import pytest

from recognition.layout import arrange
from tests.support.synthetic_pages import Fill, Picture, Raw, Text
from tests.support.text_layers import LINES, PICTURE, layer_of, texts

ROW = [Text(["紙張"], at=(72, 700)), Text(["12"], at=(99, 700)), Text(["1,800"], at=(114, 700))]


def rules(bottom, top, places=(97.5, 112.5)):
    return [Fill((x - 0.3, bottom, x + 0.3, top), 0) for x in places]


@pytest.mark.parametrize(
    ("items", "lines"),
    [
        pytest.param(rules(670, 730), ["紙張", "12", "1,800"], id="rules of a table"),
        pytest.param([], ["紙張 12 1,800"], id="none"),
        pytest.param(rules(697, 712), ["紙張 12 1,800"], id="the frame of a word"),
        pytest.param([Fill((60, 695, 200, 695.6), 0)], ["紙張 12 1,800"], id="an underline"),
    ],
)
def test_rules_part_cells_that_stand_as_close_as_words(tmp_path, items, lines):
    assert texts(layer_of(tmp_path, [*ROW, *items])) == lines


def test_rules_part_the_cells_of_columns(tmp_path):
    column = [Text(["紙張"], at=(300, 700), vertical=True), Text(["數量"], at=(300, 674), vertical=True)]
    rule = Fill((250, 674.7, 350, 675.3), 0)
    assert texts(layer_of(tmp_path, [*column, rule])) == ["紙張", "數量"]
    assert texts(layer_of(tmp_path, column)) == ["紙張數量"]


def test_a_number_with_a_place_for_each_digit_stays_one(tmp_path):
    digits = [Text([digit], at=(72 + 15 * place, 700)) for place, digit in enumerate("12345675")]
    assert texts(layer_of(tmp_path, [*digits, *rules(670, 730, [85 + 15 * place for place in range(8)])])) == [
        "1 2 3 4 5 6 7 5"
    ]


def test_rules_of_a_page_are_found_whether_drawn_as_lines_or_as_thin_boxes(tmp_path):
    items = [
        Text(LINES, at=(72, 740), size=12),
        Raw("1 w 72 700 m 500 700 l S"),
        Raw("0.5 w 72 600 100 60 re S"),
        Fill((72, 500, 500, 501), grey=0),
        *(Fill((300, y, 301, y + 20), grey=0) for y in (400, 420, 440)),
        Fill((72, 300, 500, 301), grey=1),
        Fill((72, 200, 500, 260), grey=0.8),
        Raw("1 w 72 100 m 500 180 l S"),
    ]
    found = layer_of(tmp_path, items).separators
    assert sorted(round(842 - y / 2) for _, y, _, _ in found.horizontal) == [501, 600, 660, 700]
    assert [tuple(map(round, box)) for box in found.vertical if box[0] > 500] == [(600, 764, 602, 884)]
    assert sorted(round(box[0] / 2) for box in found.vertical if box[0] < 500) == [72, 172]


def test_marks_of_printers_beside_the_page_are_no_rules(tmp_path):
    marks = [Raw(f"1 w {x} {y} m {x + 20} {y} l S") for x in (-30, 605) for y in (0, 842)]
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12), *marks])
    assert layer.separators.horizontal == ()
    assert texts(layer) == [line.raw for line in arrange(layer.lines, separators=layer.separators).lines]


def test_tinted_boxes_are_panels_and_the_ground_of_the_page_is_none(tmp_path):
    items = [Fill((0, 0, 595, 842), 0.95), Fill((300, 500, 500, 700), 0.9), Fill((72, 500, 200, 700), 1)]
    layer = layer_of(tmp_path, [*items, Fill((72, 300, 500, 301), 0), Text(LINES, at=(72, 740), size=12)])
    (panel,) = layer.separators.panels
    assert panel == pytest.approx((600, 284, 1000, 684), abs=2)


def test_pictures_part_the_text_of_a_page(tmp_path):
    layer = layer_of(tmp_path, [Text(LINES, at=(72, 740), size=12), Picture(PICTURE, (100, 300, 400, 500))])
    (box,) = layer.separators.pictures
    assert box == pytest.approx((200, 684, 800, 1084), abs=2)


def test_strips_of_a_ground_under_the_whole_page_are_no_pictures(tmp_path):
    strips = [Picture(PICTURE, (0, 842 - 421 * (k + 1), 595, 842 - 421 * k)) for k in range(2)]
    photograph = Picture(PICTURE, (100, 100, 300, 200))
    (box,) = layer_of(tmp_path, [*strips, photograph, Text(LINES)]).separators.pictures
    assert box == pytest.approx((200, 1284, 600, 1484), abs=1)
