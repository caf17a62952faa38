"""Running heads, page numbers and the entries of contents: what stands apart from the columns of a page."""

from __future__ import annotations

import pytest

from recognition.geometry import corners
from recognition.layout import arrange, margins
from recognition.layout.order.entries import value_of
from recognition.page import Line

SIZE, STEP = 20, 30
PROSE = "山路一轉，前面是一條河，橋上有人。"


def column(number: int, top: float, text: str, size: float = SIZE) -> Line:
    """A column of vertical text, the first one at the right."""
    right = 900 - number * STEP
    return Line(text, 0.99, corners((right - size, top, right, top + len(text) * size)), "vertical-rl")


def level(left: float, top: float, text: str, size: float = SIZE) -> Line:
    width = sum(size if ord(char) > 0x2000 else size / 2 for char in text)
    return Line(text, 0.99, corners((left, top, left + width, top + size)))


def read(lines: list[Line]) -> list[str]:
    return [line.raw for line in arrange(lines).lines]


def test_a_number_straight_below_a_column_stands_at_the_end() -> None:
    columns = [column(n, 100, PROSE[n:] + PROSE[:n]) for n in range(12)]
    number, head = level(900 - 5 * STEP - 18, 480, "37"), level(700, 40, "遊記")
    found = arrange([head, number, *columns])
    assert [line.raw for line in found.lines] == ["遊記", *(line.raw for line in columns), "37"]
    assert [found.blocks[0].type, found.blocks[-1].type] == ["header", "page-number"]


def test_a_number_that_touches_the_end_of_a_column_stands_at_the_end() -> None:
    left = [level(0, 30 * n, "春天來了河邊的柳樹長出新葉") for n in range(12)]
    right = [level(300, 30 * n, "傍晚山頭雲染紅漁船回到岸邊") for n in range(11)]
    pieces = [level(262, 30 * 11 + 19, "—"), level(287, 30 * 11 + 19, "12"), level(312, 30 * 11 + 19, "—")]
    assert read([*pieces, *left, *right])[-3:] == ["—", "12", "—"]


def test_a_title_across_two_vertical_articles_comes_between_them() -> None:
    above = [column(n, 80, PROSE[n:] + PROSE[:n]) for n in range(14)]
    title = level(480, 470, "河上的橋", 44)
    below = [column(n, 540, PROSE[::-1][n:] + PROSE[::-1][:n]) for n in range(14)]
    found = read([title, *below, *above])
    assert found == [line.raw for line in (*above, title, *below)]


@pytest.mark.parametrize(
    ("numbers", "digits"),
    [("三 七 一二 一五 二〇 二八", False), ("3 7 12 15 20 28", True), ("三 七 十 十二 二十 百一", False)],
)
def test_each_title_of_contents_has_its_number(numbers: str, digits: bool) -> None:
    titles = [column(n, 100, text) for n, text in enumerate(["山路", "河邊的樹", "傍晚", "船回到岸", "橋上", "漁火"])]
    pages = []
    for n, text in enumerate(numbers.split()):
        right, bottom = 900 - n * STEP, 800
        box = (
            (right - SIZE, bottom - SIZE, right, bottom)
            if digits
            else (right - SIZE, 800 - SIZE * len(text), right, 800)
        )
        pages.append(Line(text, 0.99, corners(box), "horizontal" if digits else "vertical-rl"))
    found = read([*pages, *titles])
    assert found == [line.raw for pair in zip(titles, pages, strict=True) for line in pair]


@pytest.mark.parametrize(
    ("text", "value"),
    [("37", 37), ("一〇四", 104), ("十", 10), ("二十三", 23), ("百零四", 104), ("一百四十", 140), ("三千五百元", 3500)],
)
def test_numbers_of_pages_are_read(text: str, value: int) -> None:
    assert value_of(text) == value


def test_each_dish_of_a_vertical_menu_has_its_price() -> None:
    """Though the prices rise and fall, and stand level far below."""
    dishes = "紅燒牛肉麵", "炒青菜", "蚵仔煎", "清蒸鱸魚", "白飯", "三杯雞"
    prices = "一百八十元", "六十元", "九十元", "四百五十元", "十元", "三百二十元"
    lines, right = [], 900
    for dish, price in zip(dishes, prices, strict=True):
        for text, top in ((dish, 100), (price, 700 - SIZE * len(price))):
            box = right - SIZE, top, right, top + SIZE * len(text)
            lines.append(Line(text, 0.99, corners(box), "vertical-rl"))
        right -= 2 * SIZE
    assert read(lines[::2] + lines[1::2]) == [line.raw for line in lines]


def test_words_are_no_numbers() -> None:
    assert value_of("第一") is None
    assert value_of("") is None


def test_tiers_end_at_the_fold_between_two_pages() -> None:
    text = PROSE * 30
    right, left = (
        [[column(n, top, text[n + top : n + top + 9]) for n in range(start, start + 12)] for top in (100, 320)]
        for start in (0, 18)
    )
    tiers = [*right, *left]
    found = read([line for tier in reversed(tiers) for line in tier])
    assert found == [line.raw for tier in tiers for line in tier]


@pytest.mark.parametrize(("size", "is_head"), [(40, True), (SIZE, False)])
def test_a_running_head_may_stand_close_above_a_title(size: float, is_head: bool) -> None:
    """Above a line in the type of the text it may be the first row of a list."""
    head, number, title = level(0, 0, "山中遊記"), level(520, 0, "37"), level(0, SIZE + 10, "河上的橋", size)
    rows = [level(0, 90 + STEP * n, PROSE) for n in range(9)]
    assert margins.of([head, number, title, *rows]).head == ([0, 1] if is_head else [])
