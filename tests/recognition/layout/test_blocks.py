"""Blocks and their order on pages that the test sets: each page lists its flows in the order in which people read."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from recognition.geometry import corners
from recognition.layout import Separators, arrange, blocks_with
from recognition.layout.order import successors
from recognition.page import Block, Line

PROSE = (
    "春天來了，河邊的柳樹長出新葉，孩子們在堤岸上放風箏，老人坐在樹下談天。市場裡人聲鼎沸，攤販把剛採的蔬果擺得整整齊齊，"
    "遠處傳來寺院的鐘聲。到了傍晚，山頭的雲染成紅色，漁船一艘一艘回到港口，家家戶戶升起炊煙，街上的燈也一盞一盞亮了起來。"
)
SIZE = 20
STEP = 30


def prose(count: int, at: int = 0) -> str:
    """``count`` characters of running text."""
    at %= len(PROSE)
    return (PROSE[at:] + PROSE * (count // len(PROSE) + 1))[:count]


def set_line(x: float, y: float, text: str, size: float = SIZE) -> Line:
    box = (x, y, x + size * len(text), y + size)
    return Line(text, 0.99, corners(box))


def column(x: float, y: float, width: int, lines: int, at: int = 0, *, ends: bool = True) -> list[Line]:
    """``lines`` of ``width`` characters; the last one is short and ends a sentence if it ``ends``."""
    texts = [prose(width, at + k * width) for k in range(lines)]
    if ends:
        texts[-1] = prose(width // 2, at + lines * width).rstrip("，。") + "。"
    return [set_line(x, y + k * STEP, text) for k, text in enumerate(texts)]


def upright(lines: Sequence[Line]) -> list[Line]:
    """The same lines as vertical text: what ran to the right runs down, the next one stands to the left."""
    turned = []
    for line in lines:
        left, top, right, bottom = line.box
        turned.append(
            replace(
                line, polygon=((-bottom, left), (-top, left), (-top, right), (-bottom, right)), direction="vertical-rl"
            )
        )
    return turned


def in_two_columns(x: float, y: float, width: int, lines: int, at: int = 0) -> list[Line]:
    """A text through two columns; a sentence runs on from the first into the second."""
    second = x + (width + 1.5) * SIZE
    return column(x, y, width, lines, at, ends=False) + column(second, y, width, lines, at + 300)


def neighbours_kept(flows: Sequence[Sequence[Line]], separators: Separators | None = None) -> float:
    """Of the lines that follow each other in a flow, how many do when the page is arranged from any order: 0 to 1."""
    lines = [line for flow in flows for line in flow]
    place = {line.polygon: k for k, line in enumerate(lines)}
    shuffled = random.Random(4).sample(lines, len(lines))
    order = [place[line.polygon] for line in arrange(shuffled, separators=separators).lines]
    following = dict(pairwise(order))
    wanted = [(place[a.polygon], place[b.polygon]) for flow in flows for a, b in pairwise(flow)]
    return sum(following.get(a) == b for a, b in wanted) / len(wanted)


def rule(x: float, y: float, length: float) -> tuple[float, float, float, float]:
    return x, y, x + length, y + 2


def test_articles_of_a_newspaper_are_kept_together_through_their_columns():
    width = 14
    wide = 2 * (width + 1.5) * SIZE
    flows = []
    for n, (x, y) in enumerate([(0, 0), (wide + 20, 0), (0, 560), (wide + 20, 560)]):
        heading = set_line(x, y, prose(9, 50 * n), 36)
        flows.append([heading, *in_two_columns(x, y + 60, width, 14, 70 * n)])
    rules = Separators(horizontal=(rule(0, 545, 2 * wide),), vertical=((wide, 0, wide + 2, 1080),))
    assert neighbours_kept(flows, rules) > 0.95
    assert neighbours_kept(flows) > 0.95


def test_vertical_articles_run_on_from_tier_to_tier():
    heading = set_line(0, -60, prose(9), 36)
    flows = [[heading, *in_two_columns(0, 0, 16, 20)]]
    assert neighbours_kept([upright(flow) for flow in flows]) == 1


def test_an_author_stands_between_the_heading_and_the_text():
    heading, author = set_line(20, -60, prose(4), 40), set_line(260, -54, "林小姐", 28)
    assert neighbours_kept([upright([heading, author, *column(0, 0, 12, 11)])]) == 1


@pytest.mark.parametrize("columns", [8, 14, 20])
def test_prose_in_short_tiers_is_read_tier_by_tier(columns: int):
    heading = set_line(20, -60, prose(5), 36)
    tiers = [column(tier * 15.5 * SIZE, 0, 14, columns, 90 * tier, ends=tier == 1) for tier in range(2)]
    assert neighbours_kept([upright([heading, *tiers[0], *tiers[1]])]) == 1


def test_ragged_columns_between_the_rules_of_a_letterhead_are_no_table():
    text = "the tax that employers withhold from the wages of those who work for them is set by the tables below"
    words = text.split(" ")

    def ragged(x: float, y: float, count: int, at: int) -> list[Line]:
        texts = [" ".join(words[(at + 5 * k) % 15 :][: 5 - (at + k) % 3 // 2]) for k in range(count)]
        return [
            Line(text, 0.99, corners((x, y + k * 24, x + 10 * len(text), y + k * 24 + 20)))
            for k, text in enumerate(texts)
        ]

    left = [line for k in range(4) for line in ragged(100, 200 + k * 220, 8, k)]
    wages = [
        Line(text, 0.99, corners((x, y + 20 * (y > 0), x + 10 * len(text), y + 40)))
        for k, (period, amount) in enumerate(
            [("Weekly", "71.15"), ("Biweekly", "142.31"), ("Monthly", "308.33"), ("Daily", "14.23")]
        )
        for text, x, y in ((period, 460, 440 + 40 * k), (amount, 640, 440 + 40 * k))
    ]
    right = [*ragged(450, 190, 9, 3), *wages, *ragged(450, 640, 10, 6), *ragged(450, 910, 6, 1)]
    lines = [set_line(100, 60, "Notice"), *left, *right, set_line(100, 1120, "tax.gov")]
    separators = Separators(horizontal=(rule(100, 120, 640), rule(100, 1100, 640)))
    assert "table" not in {block.type for block in arrange(lines, separators=separators).blocks}


def test_contents_of_a_leaf_are_read_column_by_column_though_they_stand_in_tiers():
    entries = [
        set_line(
            tier * 190 + 20 * (n % 3 == 1),
            n * 44,
            prose(3 + (n + tier) % 3, 7 * n + 3 * tier).replace("，", "春").replace("。", "山"),
            28,
        )
        for n in range(9)
        for tier in range(3)
    ]
    assert neighbours_kept([upright(entries)]) == 1


def test_notes_in_two_rows_are_read_where_they_stand():
    lines = []
    for n in range(8):
        large, note = 3 + n % 4, 4 + n % 3
        y = n * 60
        lines.append(set_line(0, y, prose(large, 9 * n), 40))
        lines += [set_line(large * 40 + 2, y + 20 * row, prose(note, 31 * n + 5 * row), 20) for row in (0, 1)]
        lines.append(set_line(large * 40 + note * 20 + 6, y, prose(14 - large - note // 2, 17 * n), 40))
    assert neighbours_kept([upright(lines)]) == 1


def leaf(seed: int, top: float = 0) -> list[Line]:
    """Ten columns that change between large type and notes in two rows anywhere, so that notes stand beside notes."""
    chance = random.Random(seed)
    text = PROSE.replace("，", "春").replace("。", "山")
    lines = []
    for y in range(0, 600, 60):
        x, large = top, chance.random() < 0.4
        while x < top + 880:
            count, at = chance.randint(*(1, 5) if large else (2, 9)), chance.randrange(60)
            size, rows = (40, [0]) if large else (22, [-2, 20])
            lines += [set_line(x, y + row, text[at : at + count - (row > 0 and count % 2)], size) for row in rows]
            x, large = x + count * size + 4, not large
    return upright(lines)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_notes_stand_between_the_large_type_before_and_after_them(seed: int):
    assert neighbours_kept([leaf(seed)]) == 1


@pytest.mark.parametrize("seed", [12, 13])
def test_notes_at_the_foot_of_a_framed_leaf_do_not_go_on_in_the_next_one(seed: int):
    left, right = -610.0, 15.0
    sides = [(-10.0, 1088.0), (1092.0, 2200.0)]
    horizontal = [(left, y, right, y + 4) for pair in sides for y in pair]
    vertical = [(x, head, x + 4, foot) for head, foot in sides for x in (left, right)]
    lines = [*leaf(seed), *leaf(seed + 20, 1100)]
    pairs = successors.all_pairs(lines, Separators(tuple(horizontal), tuple(vertical)))
    over = pairs.noted & ((pairs.first < len(leaf(seed))) != (pairs.second < len(leaf(seed))))
    assert pairs.noted.any()
    assert not over.any()


def test_the_fold_of_a_spread_is_not_crossed():
    left, right = column(0, 0, 24, 26, ends=False), column(620, 8, 24, 26, 200)
    assert neighbours_kept([left, right]) == 1


def test_a_picture_between_columns_does_not_make_rows_of_the_text_above_it():
    left = column(0, 0, 18, 8) + column(0, 480, 18, 12, 90)
    right = column(390, 0, 18, 8, 150) + column(390, 480, 18, 12, 240)
    picture = Separators(pictures=((100, 250, 640, 460),))
    assert neighbours_kept([left, right], picture) > 0.95


@pytest.mark.parametrize(
    ("last", "below", "goes_on"),
    [
        ("until the insti-", "DAIRY QUEEN", True),
        ("until the", "DAIRY QUEEN", False),
        ("until the insti-", "tutes", False),
    ],
)
def test_a_broken_word_goes_on_in_the_next_column_past_an_advertisement(last: str, below: str, goes_on: bool):
    """The network is at odds with the cuts about one line only."""
    texts = [
        *["and so it was read on and on"] * 12,
        last,
        below,
        "tute will be moved",
        *["to the hall of the school"] * 12,
    ]
    at = [*((0, 30 * k) for k in range(13)), (40, 500), *((700, 30 * k) for k in range(13))]
    lines = [set_line(x, y, text) for (x, y), text in zip(at, texts, strict=True)]
    following = {k: k + 1 for k in range(26)} | {12: 14}
    del following[13]
    (first, *_) = successors.chains(lines, Separators(), successors.Judgement(following, 0.0))
    assert (first[12:14] == [12, 14]) is goes_on


def test_notes_below_a_rule_under_both_columns_come_after_both():
    """The white between the columns goes on below the rule, since the notes are short."""
    text = in_two_columns(0, 0, 16, 12)
    notes = [set_line(0, 420 + 24 * k, prose(10, 90 * k), 14) for k in range(3)]
    number = set_line(560, 520, "17", 14)
    lines = [*text, *notes, number]
    found = arrange(random.Random(4).sample(lines, len(lines)), separators=Separators(horizontal=(rule(0, 400, 680),)))
    order = [line.raw for line in found.lines]
    assert max(order.index(line.raw) for line in text) < min(order.index(line.raw) for line in notes)


def test_a_sheet_of_short_cells_is_read_in_rows_and_is_a_table():
    lines = []
    for k in range(20):
        cells = (
            prose(3, 5 * k),
            f"{k * 37 % 900}",
            f"{k * 91 % 700}",
            f"2025/0{k % 9 + 1}/11",
            f"{k * 53 % 99}",
            prose(2, 7 * k),
        )
        for n, cell in enumerate(cells):
            plain = cell.replace("，", "河").replace("。", "山")
            left = 140 * n + (100 - 10 * len(plain)) * plain.isdigit()
            width = SIZE * len(plain) / (1 if plain[0] > "z" else 2)
            lines.append(Line(plain, 0.99, corners((left, 27 * k, left + width, 27 * k + SIZE))))
    assert neighbours_kept([lines]) == 1
    (block,) = arrange(lines).blocks
    assert block.table is not None
    assert len(block.table.rows) == 20


def test_cards_in_a_grid_are_read_one_by_one():
    flows = []
    for n in range(9):
        x, y = 300 * (n % 3), 220 * (n // 3)
        title = set_line(x, y, prose(4 + n % 4, 11 * n), 24)
        facts = [set_line(x, y + 40 + k * STEP, prose(5 + (n + 3 * k) % 5, 17 * n + 5 * k)) for k in range(2 + n % 3)]
        flows.append([title, *facts])
    assert neighbours_kept(flows) > 0.85


def test_two_languages_side_by_side_are_two_texts():
    left: list[Line] = []
    right: list[Line] = []
    english = "the old harbour lies still in the evening and the boats come home one by one "
    for n, (han, latin) in enumerate([(3, 4), (2, 4), (4, 5), (3, 3)]):
        y = 170 * n
        left += column(0, y, 15, han, 40 * n)
        for k in range(latin):
            text = (english[13 * (n + k) % 50 :] + english)[:30]
            right.append(Line(text, 0.99, corners((360, y + k * STEP, 360 + 10 * len(text), y + k * STEP + SIZE))))
    assert neighbours_kept([left, right]) > 0.9


def test_goods_and_prices_of_a_receipt_are_read_in_rows():
    lines = [set_line(60, 0, prose(8, 3)), set_line(100, STEP, prose(5, 30))]
    for n in range(9):
        price = f"{(n + 3) * 37}"
        y = 100 + n * STEP
        lines.append(set_line(0, y, prose(3 + n % 4, 9 * n).replace("，", "春").replace("。", "山")))
        lines.append(Line(price, 0.99, corners((380 - 10 * len(price), y, 380, y + SIZE))))
    assert neighbours_kept([lines[:2], lines[2:]]) == 1


def test_lists_of_goods_and_prices_side_by_side_are_two():
    flows = []
    for n, x in enumerate((0, 520)):
        lines = []
        for k in range(8):
            price = f"${(k + 3 * n + 2) * 35}"
            lines.append(
                set_line(x, k * STEP, prose(3 + (k + n) % 4, 9 * k + 40 * n).replace("，", "春").replace("。", "山"))
            )
            lines.append(Line(price, 0.99, corners((x + 360 - 10 * len(price), k * STEP, x + 360, k * STEP + SIZE))))
        flows.append(lines)
    assert neighbours_kept(flows) > 0.9


def test_parts_and_who_plays_them_are_read_list_by_list():
    """Lists side by side, level with each other: they are no table of four columns."""
    flows = []
    for n in range(2):
        lines = [set_line(420 * n, 0, prose(4, 31 * n + 2).replace("，", "河").replace("。", "山"), 22)]
        for k in range(9 - 2 * n):
            part = prose(2 + (3 * k + n) % 5, 7 * k + 40 * n).replace("，", "河").replace("。", "山")
            who = prose(3, 11 * k + 23 * n + 5).replace("，", "春").replace("。", "家")
            lines += [set_line(420 * n, (k + 1) * STEP, part), set_line(420 * n + 180, (k + 1) * STEP, who)]
        flows.append(lines)
    assert neighbours_kept(flows) > 0.9


def test_a_caption_stands_apart_from_the_sentence_beside_it():
    text = column(0, 0, 18, 9, ends=False) + column(390, 0, 18, 24, 170)
    caption = [set_line(0, 560, "圖一　傍晚的港口與歸來的漁船", 16)]
    page = arrange([*text, *caption], separators=Separators(pictures=((0, 300, 360, 550),)))
    kinds = {line.raw: block.type for block in page.blocks for line in (page.lines[i] for i in block.lines)}
    assert kinds[caption[0].raw] == "caption"
    types = [block.type for block in page.blocks]
    assert types.index("caption") - types.index("figure") == 1
    assert neighbours_kept([text], Separators(pictures=((0, 300, 360, 550),))) == 1


LEFT, TOP, RIGHT, BOTTOM = 546, 76, 754, 280


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(
            Separators(
                horizontal=(rule(LEFT, TOP, RIGHT - LEFT), rule(LEFT, BOTTOM, RIGHT - LEFT)),
                vertical=((LEFT, TOP, LEFT + 2, BOTTOM), (RIGHT, TOP, RIGHT + 2, BOTTOM)),
            ),
            id="a frame",
        ),
        pytest.param(Separators(panels=((LEFT, TOP, RIGHT, BOTTOM),)), id="a tinted ground"),
    ],
)
def test_a_framed_text_beside_the_main_one_is_a_sidebar(around: Separators):
    text, aside = column(0, 0, 24, 26, ends=False), column(560, 90, 9, 6, 330)
    page = arrange([*text, *aside], separators=around)
    kinds = {page.lines[i].polygon: block.type for block in page.blocks for i in block.lines}
    assert {kinds[each.polygon] for each in aside} == {"sidebar"}
    assert "sidebar" not in {kinds[each.polygon] for each in text}
    assert "sidebar" not in {block.type for block in arrange([*text, *column(560, 0, 24, 26, 200)]).blocks}


@pytest.mark.parametrize("gap", [10, 14, 18])
def test_a_sentence_goes_on_around_a_tinted_ground_at_the_head_of_the_next_column(gap: int):
    second = 14 * SIZE + gap
    text = column(0, 0, 14, 26, ends=False) + column(second, 8 * STEP, 14, 18, 400)
    aside = column(second + 10, 6, 13, 6, 200)
    panel = second, -10, second + 14 * SIZE, 6.5 * STEP
    assert neighbours_kept([text, aside], Separators(panels=(panel,))) == 1


def test_a_heading_stays_above_the_tinted_ground_that_it_stands_above():
    text = [*column(0, 0, 24, 4), set_line(0, 4 * STEP, "例二　河邊的春天")]
    text += [*column(20, 5.5 * STEP, 20, 6, 200), *column(0, 12 * STEP, 24, 4, 300)]
    assert neighbours_kept([text], Separators(panels=((0, 5.2 * STEP, 24 * SIZE, 11.7 * STEP),))) == 1


@pytest.mark.parametrize("size", [17, 13])
def test_what_stands_under_the_text_is_no_sidebar(size: int):
    under = [set_line(60, 220 + 24 * k, "小字寫的例子一行又一行", size) for k in range(3)]
    assert "sidebar" not in {block.type for block in arrange([*column(0, 0, 26, 6), *under]).blocks}


def test_headers_come_first_and_page_numbers_last():
    header, number = set_line(0, -80, "河邊的春天", 16), set_line(250, 900, "— 12 —", 16)
    page = arrange([number, *in_two_columns(0, 0, 14, 28), header])
    assert page.blocks[-1].type == "page-number"
    assert [page.lines[0].raw, page.lines[-1].raw] == [header.raw, number.raw]


def test_a_heading_and_the_paragraphs_under_it_are_blocks():
    lines = [set_line(0, 0, "河邊的春天", 36), *column(0, 60, 30, 4), *column(0, 200, 30, 5, 80)]
    page = arrange(lines)
    assert [(block.type, len(block.lines)) for block in page.blocks] == [("title", 1), ("text", 4), ("text", 5)]


def test_white_as_high_as_a_line_parts_two_paragraphs():
    first, second = column(100, 100, 20, 4, ends=False), column(100, 100 + 4 * STEP + 18, 20, 4, 7)
    assert [len(block.lines) for block in arrange([*first, *second]).blocks] == [4, 4]


def test_boxes_of_many_heights_part_no_paragraph():
    """The box of a line without tall letters is lower; its type is no smaller, as its length says."""
    lines = column(100, 100, 20, 6)
    lines[2] = replace(lines[2], polygon=corners((100, 164, 500, 178)))
    assert [len(block.lines) for block in arrange(lines).blocks] == [6]


@pytest.mark.parametrize("last", ["需。", "需要", "是春天"])
@pytest.mark.parametrize("turned", [list, upright], ids=["horizontal", "vertical"])
def test_the_last_characters_of_a_paragraph_are_no_heading_in_a_high_box(
    turned: Callable[[Sequence[Line]], list[Line]], last: str
):
    """Detection gives a few characters more room than a whole line."""
    text = column(100, 100, 20, 6, ends=False)
    bottom = 100 + 6 * STEP
    high = replace(set_line(100, bottom, last), polygon=corners((96, bottom - 4, 104 + len(last) * SIZE, bottom + 24)))
    page = arrange(turned([*text, high, *column(100, bottom + 2 * STEP, 20, 5, 50)]))
    assert [(block.type, len(block.lines)) for block in page.blocks] == [("text", 7), ("text", 5)]


@pytest.mark.parametrize("turned", [list, upright], ids=["horizontal", "vertical"])
def test_large_type_in_boxes_no_higher_than_those_of_the_text_is_a_heading(
    turned: Callable[[Sequence[Line]], list[Line]],
):
    """Boxes take up the white between lines, of which there is more in the text."""

    def in_high_box(line: Line) -> Line:
        left, top, right, bottom = line.box
        return replace(line, polygon=corners((left - 5, top - 5, right + 5, bottom + 5)))

    text = [in_high_box(line) for line in column(100, 200, 20, 9)]
    page = arrange(turned([set_line(100, 140, "河邊的春天來", 32), *text]))
    assert [(block.type, len(block.lines)) for block in page.blocks] == [("title", 1), ("text", 9)]


def test_the_last_character_of_a_heading_belongs_to_it():
    heading = [set_line(100, 100, "河邊的春天來了又去", 36), set_line(100, 150, "也", 36)]
    page = arrange(upright([*heading, *column(100, 210, 20, 9)]))
    assert [(block.type, len(block.lines)) for block in page.blocks] == [("title", 2), ("text", 9)]


def test_a_number_far_from_the_words_of_its_line_makes_them_no_heading():
    entries = [set_line(100, 100 + k * STEP, prose(4, 7 * k)) for k in range(8)]
    far = replace(entries[3], raw=entries[3].raw + "12", positions=(0.05, 0.15, 0.25, 0.35, 0.94, 0.98))
    far = replace(far, text=far.raw, polygon=corners((100, 100 + 3 * STEP, 300, 100 + 3 * STEP + SIZE)))
    page = arrange([*entries[:3], far, *entries[4:]])
    assert "title" not in {block.type for block in page.blocks}


def test_a_page_number_in_a_high_box_is_one():
    number = set_line(300, 100 + 14 * STEP, "45")
    left, top, right, bottom = number.box
    lines = [*column(100, 100, 20, 10), replace(number, polygon=corners((left, top, right, bottom + 8)))]
    assert arrange(lines).blocks[-1].type == "page-number"


def test_a_running_head_in_a_high_box_stands_before_the_page_number_beside_it():
    head, number = set_line(100, 30, "河邊的春天", 26), set_line(460, 30, "45", 26)
    page = arrange([number, *column(100, 100, 20, 10), head])
    assert page.blocks[0].type == "header"
    assert [line.raw for line in page.lines[:2]] == [head.raw, number.raw]


def test_items_with_marks_are_a_list():
    lines = [
        set_line(0, 0, prose(30)),
        *(set_line(20, 40 + 30 * k, f"{k + 1}. " + prose(12, 20 * k)) for k in range(4)),
    ]
    page = arrange(lines)
    assert [block.type for block in page.blocks] == ["text", "list", "list", "list", "list"]


def test_a_table_is_one_block_with_its_lines_row_by_row():
    cells = [
        set_line(x, 400 + 40 * row, f"{prose(4, 9 * row)}{row}" if x == 10 else f"{row}{x}")
        for row in range(5)
        for x in (10, 250, 450)
    ]
    rules = Separators(
        horizontal=tuple(rule(0, 390 + 40 * k, 600) for k in range(6)),
        vertical=tuple((x, 390, x + 2, 590) for x in (0, 240, 440, 600)),
    )
    above, below = column(0, 0, 28, 10), column(0, 640, 28, 10, 60)
    page = arrange(random.Random(2).sample([*above, *cells, *below], 35), separators=rules)
    assert [block.type for block in page.blocks if block.type == "table"] == ["table"]
    (table,) = [block for block in page.blocks if block.type == "table"]
    assert [page.lines[i].raw for i in table.lines] == [cell.raw for cell in cells]
    assert table.table is not None
    assert [len(row) for row in table.table.rows] == [3] * 5
    assert tuple(i for row in table.table.rows for cell in row for i in cell.lines) == table.lines
    assert page.lines.index(above[-1]) < table.lines[0] < table.lines[-1] < page.lines.index(below[0])


@pytest.mark.parametrize("seed", range(20))
def test_every_line_is_in_exactly_one_block_and_blocks_follow_the_lines(seed: int):
    chance = random.Random(seed)
    lines = []
    for _ in range(chance.randint(1, 60)):
        x, y = chance.uniform(0, 900), chance.uniform(0, 900)
        line = set_line(x, y, prose(chance.randint(1, 15), chance.randint(0, 90)), chance.choice([14, 20, 40]))
        lines.append(line if chance.random() < 0.7 else upright([line])[0])
    page = arrange(lines, separators=Separators(pictures=((100, 100, 300, 300),), horizontal=(rule(0, 500, 800),)))
    assert [i for block in page.blocks for i in block.lines] == list(range(len(page.lines)))
    assert sorted(page.origins) == sorted(range(len(lines)))


def test_a_page_without_lines_has_no_blocks():
    assert arrange([]).blocks == ()


def test_blocks_and_cells_move_with_their_lines():
    page = arrange(column(0, 0, 20, 6))
    moved = page.mapped(np.array([[2.0, 0, 10], [0, 2.0, 0], [0, 0, 1]]))
    assert moved.blocks[0].box == pytest.approx(
        tuple(2 * v + 10 * (k % 2 == 0) for k, v in enumerate(page.blocks[0].box))
    )
    assert moved.blocks[0].lines == page.blocks[0].lines


def test_blocks_keep_the_lines_that_are_kept():
    blocks = [Block("text", (0, 0, 1, 1), (0, 1)), Block("text", (0, 0, 1, 1), (2,)), Block("figure", (0, 0, 1, 1))]
    assert [block.lines for block in blocks_with(blocks, [1])] == [(0,), ()]


def test_what_is_stamped_on_a_text_is_a_seal_and_leaves_its_sentences_whole():
    text = column(0, 0, 24, 20, ends=False)
    seal = (300.0, 140.0, 460.0, 300.0)
    inside = [
        replace(line, direction="vertical-rl")
        for line in (
            Line("印之", 0.9, corners((320, 160, 370, 280))),
            Line("局書", 0.9, corners((390, 160, 440, 280))),
        )
    ]
    separators = Separators(seals=(seal,))
    page = arrange([*text, *inside], separators=separators)
    (block,) = [block for block in page.blocks if block.type == "seal"]
    assert block.box == seal
    assert [page.lines[i].raw for i in block.lines] == ["局書", "印之"]
    assert sorted(page.origins) == list(range(22))
    assert neighbours_kept([text, inside[::-1]], separators) == 1


def test_a_large_character_in_red_is_no_seal():
    text = [set_line(0, 0, "國中", 120), *column(0, 160, 24, 12)]
    page = arrange(text, separators=Separators(seals=((4, 3, 118, 117),)))
    assert "seal" not in {block.type for block in page.blocks}


def test_a_page_with_nothing_but_a_seal_has_its_block():
    line = Line("局書", 0.9, corners((390, 160, 440, 280)), "vertical-rl")
    page = arrange([line], separators=Separators(seals=((370, 140, 460, 300),)))
    assert [(block.type, block.lines) for block in page.blocks] == [("seal", (0,))]


def ruled(x: float, y: float, rows: Sequence[Sequence[str]]) -> tuple[list[Line], Separators]:
    """A ruled table of three columns, 300 wide, with rows 40 high."""
    lines = [
        set_line(x + 10 + 100 * c, y + 10 + 40 * r, text) for r, row in enumerate(rows) for c, text in enumerate(row)
    ]
    height = 40 * len(rows)
    across = tuple(rule(x, y + 40 * k, 300) for k in range(len(rows) + 1))
    return lines, Separators(across, tuple((x + at, y, x + at + 2, y + height) for at in (0, 100, 200, 300)))


def goods(*numbers: int) -> list[list[str]]:
    return [[prose(2 + n % 3, 9 * n).replace("，", "春"), f"{n}{n % 7}", f"{3 * n}"] for n in numbers]


def tables_of(*parts: tuple[list[Line], Separators], text: Sequence[Line] = ()) -> list[Block]:
    lines = [*text, *(line for part, _ in parts for line in part)]
    separators = Separators(
        tuple(box for _, of in parts for box in of.horizontal), tuple(box for _, of in parts for box in of.vertical)
    )
    page = arrange(random.Random(3).sample(lines, len(lines)), separators=separators)
    assert [i for block in page.blocks for i in block.lines] == list(range(len(lines)))
    return [block for block in page.blocks if block.table]


HEAD = [["品名", "數量", "單價"]]


def test_a_table_that_goes_on_in_the_next_columns_with_the_same_head_is_one():
    parts = [ruled(340 * k, 0, HEAD + goods(*range(10 * k + 1, 10 * k + 8))) for k in range(3)]
    (table,) = tables_of(*parts)
    assert table.table is not None
    assert [len(row) for row in table.table.rows] == [3] * 24


def test_a_table_at_the_foot_of_a_column_goes_on_at_the_head_of_the_next_one():
    text = [*column(0, 0, 15, 10), *column(340, 300, 15, 12, 90)]
    first, second = ruled(0, 340, HEAD + goods(1, 2, 3, 4, 5, 6, 7)), ruled(340, 0, goods(8, 9, 10, 11, 12))
    (table,) = tables_of(first, second, text=text)
    assert table.table is not None
    assert len(table.table.rows) == 13


def test_tables_side_by_side_with_heads_of_their_own_are_two():
    first, second = ruled(0, 0, HEAD + goods(1, 2, 3, 4)), ruled(340, 0, [["姓名", "年齡", "身高"], *goods(5, 6, 7, 8)])
    assert len(tables_of(first, second)) == 2


def test_tables_with_no_text_between_them_stand_in_their_order():
    first, second = (
        ruled(0, 100, HEAD + goods(1, 2, 3, 4)),
        ruled(0, 320, [["姓名", "年齡", "身高"], *goods(5, 6, 7, 8)]),
    )
    for text in ([], [set_line(0, 0, prose(12))]):
        above, below = tables_of(first, second, text=text)
        assert above.box[3] < below.box[1]


@pytest.mark.parametrize("degrees", [30, 45, -50])
def test_a_watermark_over_two_columns_comes_last_and_parts_nothing(degrees: float) -> None:
    page = in_two_columns(0, 0, 20, 30)
    turn = np.radians(degrees)
    across, down = np.array([np.cos(turn), -np.sin(turn)]), np.array([np.sin(turn), np.cos(turn)])
    corner = np.array([415, 450]) - 300 * across - 40 * down
    polygon = [tuple(corner + 600 * x * across + 80 * y * down) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    mark = Line("機密文件", 1.0, (polygon[0], polygon[1], polygon[2], polygon[3]))
    found = arrange([mark, *page])
    assert [line.raw for line in found.lines] == [line.raw for line in (*page, mark)]
    assert (found.blocks[-1].type, found.blocks[-1].lines) == ("text", (len(page),))


def test_lines_of_a_tilted_page_are_no_watermarks() -> None:
    turn = np.radians(14)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    page = column(0, 0, 20, 6)
    assert [line.raw for line in arrange([line.mapped(matrix) for line in page]).lines] == [line.raw for line in page]


CHRONICLE = {
    "years": [(1517, 1548, 106, 240), (1474, 1501, 109, 240), (1343, 1370, 108, 241), (1188, 1216, 109, 240)],
    "texts": [
        *[(1520, 1546, 278, 558), (1404, 1431, 278, 540), (1308, 1334, 278, 600)],
        *[(1276, 1299, 278, 619), (1191, 1214, 280, 432)],
    ],
    "keys of the next tier": [(1484, 1512, 685, 753), (1309, 1336, 685, 815)],
    "texts of the next tier": [
        *[(1518, 1546, 851, 1195), (1309, 1336, 853, 1196), (1276, 1299, 854, 1072)],
        *[(1239, 1266, 853, 1196), (1205, 1231, 853, 1051)],
    ],
}
"""Left, right, top and bottom of columns."""


def test_entries_of_a_chronicle_in_two_tiers_are_no_table():
    """Years stand above their texts in each tier, as the keys of a table would."""
    lines = [
        Line("春" * round((bottom - top) / 21), 0.99, corners((left, top, right, bottom)), "vertical-rl")
        for columns in CHRONICLE.values()
        for left, right, top, bottom in columns
    ]
    assert "table" not in {block.type for block in arrange(lines).blocks}


def test_a_heading_over_two_columns_is_followed_by_the_first_one():
    """The network leads it, and much else, otherwise than the cuts."""
    heading = set_line(0, 0, "大" * 30, 26)
    columns = [set_line(x, 30 * k + 32, prose(18, 18 * k)) for x in (0, 400) for k in range(13)]
    following = {0: 14} | {k: k + 2 for k in range(1, 12)} | {k: k + 2 for k in range(14, 25)}
    runs = successors.chains([heading, *columns], Separators(), successors.Judgement(following, 0.0))
    assert next(run for run in runs if run[0] == 0)[1] == 1
