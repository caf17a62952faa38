"""Vertical text of a text layer, among horizontal text."""

import pytest

from tests.support.synthetic_pages import Text
from tests.support.text_layers import COLUMNS, HAN, layer_of, texts


def test_columns_are_lines_that_run_down(tmp_path):
    layer = layer_of(tmp_path, [Text(COLUMNS, vertical=True)])
    assert sorted(texts(layer)) == sorted(COLUMNS)
    for line in layer.lines:
        left, top, right, bottom = line.box
        assert line.direction == "vertical-rl"
        assert bottom - top == pytest.approx(24 * len(line.raw), abs=2)
        assert right - left == pytest.approx(24, abs=2)
        assert line.polygon[0] == pytest.approx((left, top), abs=0.1)
        assert list(line.positions) == sorted(line.positions)


def test_columns_of_characters_that_pdfium_takes_for_lines_are_put_together(tmp_path):
    """As browsers write them. On a page whose other lines are horizontal PDFium does not see the columns."""
    size = 12
    singles = [
        Text([character], at=(400 - 30 * column, 500 - size * row), size=size)
        for column, text in enumerate(COLUMNS)
        for row, character in enumerate(text)
    ]
    rows = [Text([character], at=(72, 500 - 15 * row), size=size) for row, character in enumerate("甲乙丙")]
    layer = layer_of(tmp_path, [Text([HAN * 2] * 8), *singles, *rows])
    assert [line.raw for line in layer.lines if line.direction == "vertical-rl"] == COLUMNS
    assert [line.raw for line in layer.lines if len(line.raw) == 1] == list("甲乙丙")
    assert all(len(line.positions) == len(line.raw) for line in layer.lines)


def singles(text, at, step, size=12):
    """As browsers write: each character by itself, ``step`` (right, up) from the one before."""
    return [
        Text([character], at=(at[0] + n * step[0], at[1] + n * step[1]), size=size)
        for n, character in enumerate(text)
        if character.strip()
    ]


def by_direction(layer, direction):
    return [line.raw for line in layer.lines if line.direction == direction]


def test_a_running_head_over_columns_stays_a_line(tmp_path):
    head, page = "臺北市政府公報　第12期", "－１２－"
    items = [
        *singles(head[:9], (72, 780), (12, 0)),
        *singles("12", (72 + 9 * 12, 780), (6, 0)),
        *singles("期", (72 + 10 * 12, 780), (12, 0)),
        *(item for n, column in enumerate(COLUMNS) for item in singles(column, (400 - 24 * n, 700), (0, -12))),
        *singles(page, (280, 60), (12, 0)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "horizontal") == [head, page]
    assert by_direction(layer, "vertical-rl") == COLUMNS


def test_a_table_beside_columns_keeps_its_cells(tmp_path):
    cells = [["項目", "數量"], ["紙張", "十二"], ["碳粉匣", "三"]]
    items = [Text([column], at=(500 - 24 * n, 760), vertical=True) for n, column in enumerate(COLUMNS * 4)]
    items += [
        item
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
        for item in singles(text, (72 + 90 * column, 300 - 20 * row), (12, 0))
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "horizontal") == [text for row in cells for text in row]
    assert by_direction(layer, "vertical-rl") == COLUMNS * 4


def test_a_column_on_a_page_of_rows_stays_a_column(tmp_path):
    layer = layer_of(tmp_path, [Text([HAN * 2] * 8), *singles("承辦人簽章", (500, 400), (0, -12))])
    assert by_direction(layer, "vertical-rl") == ["承辦人簽章"]
    assert by_direction(layer, "horizontal") == [HAN * 2] * 8


def test_a_column_with_a_blank_in_it_stays_one(tmp_path):
    items = [*singles("第三章", (400, 700), (0, -20), 20), *singles("公文處理", (400, 620), (0, -20), 20)]
    assert texts(layer_of(tmp_path, items)) == ["第三章　公文處理"]


def test_spread_columns_stay_columns(tmp_path):
    items = [item for n in range(3) for item in singles("依文書處理手冊", (400 - 40 * n, 700), (0, -19))]
    assert texts(layer_of(tmp_path, items)) == ["依文書處理手冊"] * 3


def test_what_lies_on_its_side_in_a_column_belongs_to_it(tmp_path):
    items = [
        *singles("民國", (400, 700), (0, -12)),
        Text(["2024"], at=(402, 686), tilt=-90),
        *singles("年", (400, 652), (0, -12)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "vertical-rl") == ["民國2024年"]
    assert len(layer.lines[0].positions) == 7
    assert list(layer.lines[0].positions) == sorted(layer.lines[0].positions)


def test_digits_set_upright_in_a_column_belong_to_it(tmp_path):
    items = [
        *singles("民國", (400, 700), (0, -12)),
        Text(["12"], at=(400, 676)),
        *singles("年冬", (400, 664), (0, -12)),
    ]
    layer = layer_of(tmp_path, items)
    assert by_direction(layer, "vertical-rl") == ["民國12年冬"]


def test_marks_of_columns_are_given_as_they_are_written(tmp_path):
    layer = layer_of(
        tmp_path, [Text(["甲乙丙丁"], vertical=True)], to_unicode={"甲": "﹁", "乙": "⼀", "丙": "﹂", "丁": "︒"}
    )
    assert texts(layer) == ["「一」。"]
