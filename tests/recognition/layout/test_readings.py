"""Pages of short level lines, which are columns on some and rows on others: the order that the network is surest of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest

from recognition.geometry import corners
from recognition.layout import Separators, arrange, sequence
from recognition.layout.credibility import credible
from recognition.layout.tables import FoundTables
from recognition.page import Line, LineDirection
from tests.support.tables import across, rows

SIZE, STEP = 20, 34
GOODS = [
    "炒青菜",
    "牛肉麵",
    "宮保雞丁",
    "酸辣湯",
    "滷肉飯",
    "蚵仔煎",
    "小籠包",
    "紅燒豆腐",
    "貢丸湯",
    "白飯",
    "清蒸鱸魚",
    "魚香茄子",
    "三杯雞",
    "蛋炒飯",
    "絲瓜蛤蜊",
    "麻婆豆腐",
    "排骨便當",
    "陽春麵",
    "燙青菜",
    "皮蛋豆腐",
    "蔥油餅",
    "鹽酥雞",
    "甘蔗汁",
    "酸梅湯",
]
VERSES = [
    "春眠不覺曉，處處聞啼鳥。",
    "夜來風雨聲，",
    "花落知多少。",
    "床前明月光，疑是地上霜。",
    "舉頭望明月，低頭思故鄉。",
    "白日依山盡，",
    "黃河入海流。欲窮千里目，",
    "更上一層樓。",
    "空山不見人，但聞人語響。",
    "返景入深林，",
    "復照青苔上。",
    "紅豆生南國，春來發幾枝。",
    "願君多採擷，",
    "此物最相思。",
    "千山鳥飛絕，",
    "萬徑人蹤滅。孤舟蓑笠翁，",
    "獨釣寒江雪。",
]


def set_line(x: float, y: float, text: str, size: float = SIZE) -> Line:
    width = sum(size * (0.55 if char.isascii() else 1) for char in text)
    return Line(text, 0.99, corners((x, y, x + width, y + size)))


def price_list(columns: int, dots: str = "") -> list[list[Line]]:
    """Lists of goods with prices at the right of each, side by side and level."""
    found = []
    for n in range(columns):
        x, rows = 60 + n * 420, []
        rows.append(set_line(x, 100, ("主食", "小菜", "飲料")[n], 28))
        for k, name in enumerate(GOODS[n * 8 : n * 8 + 8]):
            price = str(35 + 15 * ((k * 7 + n * 3) % 11))
            rows += [
                set_line(x, 150 + k * STEP, name + dots),
                set_line(x + 340 - 11 * len(price), 150 + k * STEP, price),
            ]
        found.append(rows)
    return found


def poems() -> list[list[Line]]:
    """Poems whose lines are level with those of the next one, some long and some short."""
    return [
        [set_line(80 + n * 330, 100, ("春曉", "夜思", "相思")[n], 26)]
        + [set_line(80 + n * 330, 150 + k * STEP, verse) for k, verse in enumerate(VERSES[n * 6 : n * 6 + 6])]
        for n in range(3)
    ]


@pytest.mark.parametrize("flows", [price_list(2), price_list(3), price_list(2, "……"), price_list(3, "...."), poems()])
def test_what_stands_level_in_several_lists_is_read_list_by_list(flows: Sequence[Sequence[Line]]):
    lines = [line for flow in flows for line in flow]
    for seed in range(3):
        shuffled = random.Random(seed).sample(lines, len(lines))
        place = {id(shuffled[i]): k for k, i in enumerate(sequence(shuffled))}
        torn = [(a.raw, b.raw) for flow in flows for a, b in pairwise(flow) if place[id(b)] != place[id(a)] + 1]
        assert torn == []


def test_cards_in_a_grid_are_read_row_by_row_and_card_by_card():
    """The white between their columns is as high as the page, and that between their rows is interrupted by nothing."""
    flows, pictures = [], []
    for k in range(6):
        x, y = 60 + k % 3 * 320, 80 + k // 3 * 330
        pictures.append((float(x), float(y), x + 280.0, y + 150.0))
        texts = GOODS[k], f"貨號 {20135 + 77 * k}", "每一件都是師傅手工做的", "數量有限，", f"{120 + 35 * k} 元"
        flows.append([set_line(x, y + 165 + n * 28, text, 24 if n == 0 else SIZE) for n, text in enumerate(texts)])
    lines = [line for flow in flows for line in flow]
    shuffled = random.Random(2).sample(lines, len(lines))
    found = sequence(shuffled, separators=Separators(pictures=tuple(pictures)))
    assert [shuffled[i].raw for i in found] == [line.raw for line in lines]


def test_a_line_at_the_end_of_a_column_is_no_footer():
    flows = poems()
    lines = [line for flow in flows for line in flow]
    assert {block.type for block in arrange(lines).blocks} == {"title", "text"}


def test_a_sheet_of_words_and_numbers_is_read_row_by_row():
    """Values stand before words here, too, but not as they would in lists side by side."""
    heads = "品名", "數量", "單價", "備註", "庫存"
    rows = [heads] + [(GOODS[k], str(3 + k), str(40 + 5 * k), GOODS[23 - k], str(200 - k)) for k in range(10)]
    flow = [set_line(60 + n * 190, 100 + k * STEP, text) for k, row in enumerate(rows) for n, text in enumerate(row)]
    shuffled = random.Random(1).sample(flow, len(flow))
    assert [shuffled[i] for i in sequence(shuffled)] == flow


def test_a_table_of_contents_in_columns_is_no_sheet():
    """The numbers of pages count on from column to column, though in the midst of one some titles have none."""
    pages = [[2, 4, 6, 8, 14, 16, 18, 20, 24, 26], [42, 44, 54, None, None, None, None], [150, 152, 155, 162, 166, 168]]
    columns, goods = [], iter(GOODS)
    for n, (column, step) in enumerate(zip(pages, (34, 52, 60), strict=True)):
        columns.append([])
        for k, page in enumerate(column):
            x, y = 60 + 330 * n, 100 + k * step
            columns[-1] += [set_line(x, y, str(page)), set_line(x + 60, y, next(goods))] if page else []
            columns[-1] += [] if page else [set_line(x, y, next(goods))]
    page = arrange([line for column in columns for line in column])
    assert "table" not in {block.type for block in page.blocks}


def test_a_glossary_of_three_columns_in_two_lists_is_read_row_by_row_in_each():
    """The rows of the lists are not level."""
    lists = []
    for n, x in enumerate((60, 660)):
        rows = [(GOODS[12 + 6 * n + k], GOODS[6 * n + k], str(290 - 37 * k)) for k in range(6)]
        lists.append(
            [
                set_line(x + column * 200, 100 + 6 * n + k * STEP, text)
                for k, row in enumerate(rows)
                for column, text in enumerate(row)
            ]
        )
    flow = [line for each in lists for line in each]
    shuffled = random.Random(1).sample(flow, len(flow))
    page = arrange(shuffled)
    assert [line.raw for line in page.lines] == [line.raw for line in flow]
    assert [len(block.table.rows) for block in page.blocks if block.table] == [6, 6]


def test_a_sheet_below_a_form_with_rules_is_looked_at_without_the_lines_of_the_form():
    """The white between labels and answers goes on between the first columns of the sheet."""
    lines, rules = list[Line](), [0.0]
    for label, answers in (("Complaint", 3), ("History", 3), ("Procedures", 2), ("Findings", 3), ("Advice", 2)):
        top = rules[-1] + 12
        answer = "the software of the hospital was late and the patient waited for it"
        lines += rows([[label]], [0], top, 30)
        lines += rows([[answer[: 40 + 11 * (7 * k % 4)]] for k in range(answers)], [190], top, 30)
        rules.append(top + 30 * answers + 6)
    doses = [("10 mg", "2 tab", "t.i.d.", "4"), ("Help 10 mg", "0.5 tab", "once a day", "6")]
    doses += [("10 mg", "0.5 tab", "t.i.d.", "22"), ("Beauty 5mg", "2 tab", "h.s.", "16")]
    doses += [("A 500mg", "0.5 tab", "once a day", "6"), ("B 500mg", "2 tab", "t.i.d.", "4")]
    sheet = [("Medicine", "Dose", "Use", "Days"), *doses]
    lines += rows(sheet, [0, 330, 500, 760], rules[-1] + 52, 30)
    lines += rows([["Signed: Anna", "Printed: 1992-02-25"]], [0, 620], rules[-1] + 332, 30)
    page = arrange(lines, separators=Separators(tuple(across(y, 0, 1000) for y in rules)))
    assert [len(block.lines) for block in page.blocks if block.type == "table"] == [18, 28]


def questions() -> list[list[Line]]:
    """Questions in two columns, number by number, with answers beside or below each other."""
    chance, columns = random.Random(5), []
    for n in range(2):
        x, y, column = 60 + n * 500, 100, []
        for k in range(9):
            column.append(set_line(x, y, f"{9 * n + k + 1}."))
            for length in (20, 12)[k % 2 :]:
                column.append(set_line(x + 30, y, "".join(chance.sample("".join(GOODS), length))))
                y += STEP
            abreast = (1, 2, 4)[chance.randrange(3)]
            for m, letter in enumerate("ABCD"):
                answer = f"({letter}) {GOODS[chance.randrange(8)][:2]}"
                column.append(set_line(x + 30 + m % abreast * 400 / abreast, y + m // abreast * STEP, answer))
            y += 4 // abreast * STEP
        columns.append(column)
    return columns


def test_questions_in_two_columns_are_no_sheet():
    """The columns of their numbers and answers are mostly empty."""
    lines = [line for column in questions() for line in column]
    shuffled = random.Random(3).sample(lines, len(lines))
    found = arrange(shuffled)
    assert not any(block.type == "table" for block in found.blocks)
    kept = sum(lines.index(shuffled[b]) == lines.index(shuffled[a]) + 1 for a, b in pairwise(found.origins))
    assert kept > 0.9 * len(lines)


@pytest.mark.parametrize("direction", ["horizontal", "vertical-rl"])
def test_a_line_over_two_tiers_stays_parted_without_a_table(direction: LineDirection):
    """Tables that are not believed leave horizontal lines whole; in vertical text they were tiers."""
    box, halves = (0, 0, 20, 300), ((0, 0, 20, 140), (0, 160, 20, 300))
    if direction == "horizontal":
        box, halves = (0, 0, 300, 20), ((0, 0, 140, 20), (160, 0, 300, 20))
    whole = Line("上段的字下段的字", 0.9, corners(box), direction)
    texts = "上段的字", "下段的字"
    parts = tuple(Line(text, 0.9, corners(half), direction) for text, half in zip(texts, halves, strict=True))
    found = credible(FoundTables(parts, (0, 0)), [whole], "auto", Separators())
    assert found.lines == (parts if direction == "vertical-rl" else (whole,))


def test_a_sheet_whose_units_come_again_and_again_is_no_pair_of_lists():
    units = ("mg/dL", "%", "g/dL")
    tests = [[name, f"{12 + k * 3}.5", "", units[k % 3], f"{10 + k} - {40 + k}"] for k, name in enumerate(GOODS[:16])]
    lines = rows([["檢驗項目", "結果", "判讀", "單位", "參考值"], *tests], (100, 500, 640, 800, 1050), 100, 40)
    assert [block.type for block in arrange(lines).blocks] == ["table"]
