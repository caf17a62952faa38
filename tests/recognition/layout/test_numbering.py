"""Numbered pieces in a grid come in the order of their numbers."""

import pytest

from recognition.layout.order.numbering import in_order
from recognition.page import Line

SIZE = 20


def line(text: str, x: float, y: float, *, vertical: bool = False) -> Line:
    width, height = (SIZE, SIZE * len(text)) if vertical else (SIZE * len(text), SIZE)
    corners = (x, y), (x + width, y), (x + width, y + height), (x, y + height)
    return Line(text, 0.9, corners, direction="vertical-rl" if vertical else "horizontal")


def texts(runs, lines):
    return [[lines[i].raw for i in run] for run in in_order(runs, lines)]


@pytest.mark.parametrize(
    "marks",
    [
        ["1.", "2.", "3.", "4."],
        ["（一）", "（二）", "（三）", "（四）"],
        ["①", "②", "③", "④"],
        ["1", "2", "3", "4"],
        ["步驟1", "步驟2", "步驟3", "步驟4"],
    ],
    ids=lambda marks: marks[0],
)
def test_steps_in_rows_that_were_read_by_columns_come_in_rows(marks):
    one, two, three, four = (f"{mark} 裝好電池" for mark in marks)
    lines = [line("準備工作", 0, 0), line(one, 0, 40), line("再關上蓋子", 0, 70), line(three, 0, 200)]
    lines += [line(two, 400, 60), line("小心", 400, 90), line(four, 400, 230), line("完成之後", 0, 400)]
    assert texts([[0, 1, 2, 3], [4, 5], [6], [7]], lines) == [
        ["準備工作"],
        [one, "再關上蓋子"],
        [two, "小心"],
        [three],
        [four],
        ["完成之後"],
    ]


def test_what_stands_between_two_numbered_pieces_stays_with_the_first():
    lines = [
        line("1. 甲", 0, 0),
        line("圖", 0, 40),
        line("3. 丙", 0, 200),
        line("2. 乙", 400, 0),
        line("4. 丁", 400, 200),
    ]
    assert texts([[0], [1], [2], [3, 4]], lines) == [["1. 甲"], ["圖"], ["2. 乙"], ["3. 丙"], ["4. 丁"]]


def test_columns_that_were_read_by_rows_come_in_columns():
    places = {"1.": (0, 0), "2.": (0, 100), "3.": (400, 0), "4.": (400, 100)}
    lines = [line(f"{mark} 題", *places[mark]) for mark in ("1.", "3.", "2.", "4.")]
    assert texts([[0, 1], [2, 3]], lines) == [["1. 題"], ["2. 題"], ["3. 題"], ["4. 題"]]


def test_rows_of_vertical_text_go_from_the_right():
    places = {"1、": (400, 0), "2、": (200, 0), "3、": (400, 300), "4、": (200, 300)}
    lines = [line(f"{mark}條", *places[mark], vertical=True) for mark in ("1、", "3、", "2、", "4、")]
    assert texts([[0, 1], [2, 3]], lines) == [["1、條"], ["2、條"], ["3、條"], ["4、條"]]


@pytest.mark.parametrize(
    ("marks", "places"),
    [
        pytest.param(["1.", "3.", "2."], [(0, 0), (90, 60), (300, 30)], id="in no grid"),
        pytest.param(["1.", "3.", "2.", "5."], [(0, 0), (0, 100), (400, 0), (400, 100)], id="a number is missing"),
        pytest.param(["1.", "2.", "1.", "2."], [(0, 0), (0, 100), (400, 0), (400, 100)], id="two lists"),
        pytest.param(["1.", "（三）", "2."], [(0, 0), (0, 100), (400, 0)], id="numbers of two kinds"),
        pytest.param(["1.5", "3.5", "2.5"], [(0, 0), (0, 100), (400, 0)], id="fractions"),
        pytest.param(["1.", "2.", "3."], [(0, 0), (400, 0), (0, 100)], id="in order"),
    ],
)
def test_others_stay_where_they_are(marks, places):
    lines = [line(f"{mark} 文字", *place) for mark, place in zip(marks, places, strict=True)]
    runs = [list(range(len(lines)))]
    assert in_order(runs, lines) == runs
