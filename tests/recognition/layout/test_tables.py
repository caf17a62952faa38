"""Tables of pages that are set here, line by line, with their rules."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from recognition.geometry import BBox, Polygon, corners
from recognition.layout import tables
from recognition.layout.tables import FoundTables
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import across, along, frame, rows, text, texts

GOODS = [["品名", "數量", "單價"], ["茶葉", "12", "350"], ["毛筆", "3", "1,200"], ["宣紙", "40", "15"]]
XS, YS = (100, 300, 450, 650), (100, 140, 180, 220, 260)


def test_rules_that_meet_make_a_grid() -> None:
    found = tables.find(rows(GOODS, (110, 310, 460), 108, 40), frame(XS, YS))
    assert texts(found) == [GOODS]
    assert found.tables[0].box == pytest.approx((100, 100, 650, 260), abs=2)
    assert found.tables[0].table.rows[1][2].box == pytest.approx((450, 140, 650, 180), abs=2)


def test_empty_cells_stay_empty() -> None:
    cells = [[*GOODS[0]], ["茶葉", "", "350"], ["", "3", ""], GOODS[3]]
    assert texts(tables.find(rows(cells, (110, 310, 460), 108, 40), frame(XS, YS))) == [cells]


def test_a_missing_side_joins_two_cells() -> None:
    rules = frame(XS, YS)
    sides = (along(100, 100, 260), along(300, 140, 260), along(450, 100, 260), along(650, 100, 260))
    lines = rows([["品名及數量", "", "單價"], *GOODS[1:]], (110, 310, 460), 108, 40)
    found = tables.find(lines, Separators(rules.horizontal, sides))
    heading, price = found.tables[0].table.rows[0]
    assert (heading.colspan, price.colspan) == (2, 1)
    assert texts(found)[0][0] == ["品名及數量", "單價"]


def test_a_cell_may_span_rows_and_hold_several_lines() -> None:
    tops = tuple(across(y, 100 if y != 180 else 300, 650) for y in YS)
    lines = [text("飲料", 110, 150), text("及點心", 110, 180), *rows([GOODS[0]], (110, 310, 460), 108, 40)]
    lines += rows([["茶", "1"], ["糖", "2"]], (310, 460), 148, 40) + rows([GOODS[3]], (110, 310, 460), 228, 40)
    found = tables.find(lines, Separators(tops, frame(XS, YS).vertical))
    label = found.tables[0].table.rows[1][0]
    assert label.rowspan == 2
    assert texts(found)[0][1:3] == [["飲料/及點心", "茶", "1"], ["糖", "2"]]


def test_a_line_read_across_a_border_is_parted_there() -> None:
    lines = rows([GOODS[0], ["茶葉", "", ""], *GOODS[2:]], (110, 310, 460), 108, 40)
    lines.insert(4, text("12            350", 310, 148))
    found = tables.find(lines, frame(XS, YS))
    assert texts(found) == [GOODS]
    assert [found.lines[i].raw for i in range(len(found.lines)) if found.origins[i] == 4] == ["12", "350"]
    assert [lines[i] for i in found.origins if i != 4] == [
        line for line, origin in zip(found.lines, found.origins, strict=True) if origin != 4
    ]


def test_a_tilted_page_has_the_same_table() -> None:
    angle = math.radians(0.6)

    def turned(x: float, y: float) -> tuple[float, float]:
        return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)

    def box(rule: BBox) -> BBox:
        (a, b), (c, d) = turned(rule[0], rule[1]), turned(rule[2], rule[3])
        return min(a, c), min(b, d), max(a, c), max(b, d)

    lines = []
    for line in rows(GOODS, (1110, 1310, 1460), 108, 40):
        a, b, c, d = (turned(x, y) for x, y in line.polygon)
        polygon: Polygon = (a, b, c, d)
        lines.append(Line(line.raw, 0.99, polygon, positions=line.positions))
    rules = frame([x + 1000 for x in XS], YS)
    found = tables.find(lines, Separators(tuple(map(box, rules.horizontal)), tuple(map(box, rules.vertical))))
    assert texts(found) == [GOODS]


def test_two_frames_on_each_other_are_two_tables() -> None:
    upper, lower = frame((100, 300, 650), (100, 140, 180)), frame((100, 250, 400, 650), (192, 232, 272))
    lines = rows([["姓名", "王明"], ["電話", "555"]], (110, 310), 108, 40)
    lines += rows([["日", "月", "年"], ["1", "2", "3"]], (110, 260, 410), 200, 40)
    separators = Separators(upper.horizontal + lower.horizontal, upper.vertical + lower.vertical)
    found = tables.find(lines, separators)
    assert texts(found) == [[["姓名", "王明"], ["電話", "555"]], [["日", "月", "年"], ["1", "2", "3"]]]


def test_columns_that_begin_below_a_double_rule_are_those_of_another_table() -> None:
    """By chance, one of them stands where one of those above does."""
    upper, lower = frame((100, 180, 330, 450, 650), (100, 140, 180)), frame((100, 250, 390, 450, 650), (188, 228, 268))
    lines = rows([["姓名", "王明", "籍貫", "臺北"], ["電話", "555", "時間", "日間"]], (110, 190, 340, 460), 108, 40)
    lines += rows([["日", "月", "年", "時"], ["1", "2", "3", "4"]], (110, 260, 400, 460), 196, 40)
    found = tables.find(lines, Separators(upper.horizontal + lower.horizontal, upper.vertical + lower.vertical))
    assert [len(table.table.rows) for table in found.tables] == [2, 2]


def test_a_double_rule_below_the_heads_of_columns_parts_no_table() -> None:
    rules = frame(XS, YS)
    head, body = (tuple(along(x, top, end) for x in XS) for top, end in ((100, 140), (148, 260)))
    found = tables.find(
        rows(GOODS, (110, 310, 460), 110, 40), Separators((*rules.horizontal, across(148, 100, 650)), head + body)
    )
    assert texts(found) == [GOODS]


def test_columns_of_a_vertical_table_are_its_rows_from_the_right() -> None:
    lines = [
        text(raw, left, top, "vertical-rl")
        for left, column in ((510, ("姓名", "籍貫")), (410, ("王明", "臺北")), (310, ("李文", "新竹")))
        for raw, top in zip(column, (110, 310), strict=True)
    ]
    found = tables.find(lines, frame((300, 400, 500, 600), (100, 300, 500)))
    assert texts(found) == [[["姓名", "籍貫"], ["王明", "臺北"], ["李文", "新竹"]]]


def test_frames_of_articles_are_no_table() -> None:
    lines = [
        text("天地玄黃宇宙洪荒日月盈昃辰宿列張", left, 110 + 30 * k)
        for left in (110, 510)
        for k in range(24)
        if k != 11
    ]
    assert not tables.find(lines, frame((100, 500, 900), (100, 450, 850))).tables


def test_level_lines_in_frames_beside_each_other_are_no_table() -> None:
    words = ["Did you see the letter that came?", "Yes, I did.", "And what did it say about the", "house?"] * 4
    lines = [text(raw, left, top + 30 * k) for top in (110, 710) for left in (120, 620) for k, raw in enumerate(words)]
    found = tables.find(lines, frame([100, 600, 1100], [100, 700, 1300]))
    assert found.tables == ()
    assert found.lines == tuple(lines)


def test_frames_that_stand_apart_beside_each_other_are_no_cells() -> None:
    """Advertisements in a row: the tops and the bottoms of their frames are like rules above and below a table."""
    lines = rows([["快樂洗衣", "王家餐廳"], ["當日取件", "家常小菜"], ["大安路", "和平路"]], (120, 420), 110, 40)
    frames = [frame((left, left + 260), (100, 230)) for left in (100, 400)]
    above = tuple(across(y, 100, 660) for y in (90, 240))
    assert tables.find(lines, Separators(above)).tables
    sides = [rule for each in frames for rule in each.vertical]
    ends = [rule for each in frames for rule in each.horizontal]
    assert not tables.find(lines, Separators((*above, *ends), tuple(sides))).tables


def cards(heading: float) -> list[Line]:
    """Two cards side by side, two times: a name with type of that size, in that of what is below it, and four lines."""
    found = []
    for n, (left, top) in enumerate((x, y) for y in (110, 360) for x in (110, 510)):
        name = text(GOODS[n][0], left, top)
        corners = tuple((left + heading * (x - left), top + heading * (y - top)) for x, y in name.polygon)
        found.append(replace(name, polygon=corners))
        found += [text(raw, left, top + 50 + 34 * k) for k, raw in enumerate(("書店", "臺北市中山路", "電話", "傳真"))]
    return found


@pytest.mark.parametrize(("heading", "count"), [(1.6, 0), (1, 1)])
def test_cards_that_begin_in_larger_type_are_no_cells(heading: float, count: int) -> None:
    found = tables.find(cards(heading), frame((90, 490, 890), (90, 340, 590)))
    assert len(found.tables) == count


def test_cards_with_the_name_below_the_firm_are_no_cells() -> None:
    found = []
    for n, (left, top) in enumerate((x, y) for y in (110, 360) for x in (110, 510)):
        name = text(GOODS[n][0], left, top + 34)
        corners = tuple((left + 1.6 * (x - left), top + 1.6 * (y - top) - 20) for x, y in name.polygon)
        found += [text("書店", left, top), replace(name, polygon=corners)]
        found += [text(raw, left, top + 84 + 34 * k) for k, raw in enumerate(("臺北市中山路", "電話", "傳真"))]
    assert not tables.find(found, frame((90, 490, 890), (90, 340, 590))).tables


def test_rules_between_the_columns_of_a_woodblock_print_are_no_table() -> None:
    lines = [
        text("天地玄黃宇宙洪荒日月盈昃辰宿", 100 + 40 * k, 110 + 300 * t, "vertical-rl")
        for k in range(8)
        for t in (0, 1)
    ]
    assert not tables.find(lines, frame([92 + 40 * k for k in range(9)], (100, 400, 700))).tables


RULES = Separators((across(95, 90, 660), across(140, 90, 660), across(265, 90, 660)))


def test_columns_between_three_rules_are_a_table() -> None:
    assert texts(tables.find(rows(GOODS, (110, 310, 460), 105, 40), RULES)) == [GOODS]


def test_numbers_that_end_in_one_place_are_one_column_with_their_heading() -> None:
    lines = rows([[row[0]] for row in GOODS], (110,), 105, 40)
    for k, (_, count, price) in enumerate(GOODS):
        lines += [text(raw, end - text(raw, 0, 0).box[2], 105 + 40 * k) for raw, end in ((count, 400), (price, 600))]
    assert texts(tables.find(lines, RULES)) == [GOODS]


def test_a_cell_of_several_lines_in_a_table_without_rules_between_its_rows() -> None:
    lines = rows([["項目", "說明", "數"]], (110, 250, 600), 105, 40)
    lines += [
        text("茶葉", 110, 163),
        text("自高山採來的春天的嫩葉揉捻", 250, 150),
        text("烘焙而成", 250, 177),
        text("12", 600, 163),
    ]
    lines += [text("毛筆", 110, 211), text("羊毫", 250, 211), text("3", 600, 211)]
    lines += [
        text("宣紙", 110, 259),
        text("自青檀樹皮製成的紙可以保存", 250, 246),
        text("千年之久", 250, 273),
        text("40", 600, 259),
    ]
    separators = Separators((across(95, 90, 660), across(140, 90, 660), across(305, 90, 660)))
    assert texts(tables.find(lines, separators))[0][1:] == [
        ["茶葉", "自高山採來的春天的嫩葉揉捻/烘焙而成", "12"],
        ["毛筆", "羊毫", "3"],
        ["宣紙", "自青檀樹皮製成的紙可以保存/千年之久", "40"],
    ]


def test_three_columns_of_short_text_are_a_table_without_any_rule() -> None:
    before = [text("以下是本店今年春天所賣出的貨物的數量和單價", 100, 20)]
    after = [text("以上數目如果有錯請在一個月之內來信說明清楚", 100, 300)]
    assert texts(tables.find([*before, *rows(GOODS, (110, 310, 460), 105, 40), *after])) == [GOODS]


def test_headings_inside_of_a_table_are_rows_of_their_own() -> None:
    cells = [["科目", "本年", "去年"], ["現金及約當現金", "12", "350"], ["存貨", "3", "200"], ["合計", "15", "550"]]
    cells += [["負債"], ["應付帳款及票據", "40", "15"], ["合計", "40", "15"]]
    lines = [line for k, row in enumerate(cells) for line in rows([row], (110, 450, 600)[: len(row)], 105 + 36 * k, 36)]
    assert texts(tables.find(lines)) == [cells]


def test_prose_in_two_columns_is_no_table() -> None:
    lines = [
        text("天地玄黃宇宙洪荒日月盈昃辰宿列張"[: 16 if k % 5 else 9], left, 100 + 30 * k)
        for left in (100, 480)
        for k in range(20)
    ]
    rules = Separators((across(90, 100, 800), across(705, 100, 800)))
    assert not tables.find(lines, rules).tables


def test_a_list_beside_running_text_is_no_table() -> None:
    """All of it stands in rows of one pitch, and short keys begin them."""
    goods = ["茶葉", "砂糖", "鹽", "高湯", "醬油", "麻油", "白醋", "芝麻"]
    keys = [[f"{7 + 31 * k} 克", name] for k, name in enumerate(goods)]
    steps = ["一、雞蛋打散加入一半高湯", "攪拌均勻，再過濾。", "二、蒸鍋的水燒開以後轉成", "小火，放進去蒸十分鐘，鍋"]
    steps += ["蓋留一條縫，取出以後淋上", "醬油。", "三、白醋拌入砂糖，攪到溶", "化為止，放涼以後再用。"]
    places = [(400 + 20 * (steps[k][1] != "、"), text) for k, text in enumerate(steps)]
    lines = [*rows(keys, (100, 220), 100, 34), *(text(raw, x, 100 + 34 * k) for k, (x, raw) in enumerate(places))]
    assert not tables.find(lines).tables


def test_a_list_with_numbers_is_no_table() -> None:
    lines = []
    for k in range(8):
        lines += [text(f"{k + 1}.", 100, 100 + 60 * k), text("天地玄黃宇宙洪荒日月盈昃辰宿列張", 150, 100 + 60 * k)]
        lines.append(text("寒來暑往", 150, 130 + 60 * k))
    assert not tables.find(lines).tables


def test_goods_and_prices_of_a_receipt_are_no_table() -> None:
    lines = rows([["茶葉", "350"], ["毛筆", "1,200"], ["宣紙", "15"], ["總計", "1,565"]], (100, 400), 100, 36)
    assert not tables.find(lines).tables


def test_columns_of_a_vertical_register_without_rules_are_its_rows() -> None:
    people = [["姓名", "籍貫", "年歲"], ["王明", "臺北", "三十"], ["李文", "新竹", "二六"], ["陳雄", "彰化", "四一"]]
    lines = [
        text(raw, 500 - 45 * k, top, "vertical-rl")
        for k, column in enumerate(people)
        for raw, top in zip(column, (100, 260, 420), strict=True)
    ]
    title = [text("本年入會者名錄", 560, 100, "vertical-rl")]
    found = tables.find([*title, *lines])
    assert texts(found) == [people]
    assert found.tables[0].box == pytest.approx((365, 100, 524, 460), abs=30)


def test_a_narrow_sheet_of_nothing_but_rows_is_a_table_but_a_receipt_is_none() -> None:
    cells = [[f"甲{k}", str(37 * k), str(5 * k), str(900 - k)] for k in range(1, 20)]
    sheet = rows(cells, (100, 220, 330, 440), 100, 40)
    assert texts(tables.find([text("存貨", 100, 40), *sheet])) == [cells]
    shop = [text("山水茶行臺北市大安路", 200, 40 * k - 400) for k in range(10)]
    assert not tables.find([*shop, *sheet]).tables


def test_an_address_and_key_figures_above_a_table_are_not_in_it() -> None:
    account = [
        ["日期", "摘要", "支出", "結餘"],
        *([f"0{k}/12", "轉帳付款", f"{k}50", f"{9 - k}20"] for k in range(1, 7)),
    ]
    address = rows([["王大明先生", "帳號", "39002"], ["大安路", "頁次", "1"]], (100, 480, 600), 100, 30)
    found = tables.find([*address, *rows(account, (100, 220, 480, 600), 190, 30)])
    assert texts(found)[-1] == account


def test_a_page_without_lines_has_no_table() -> None:
    assert tables.find([], frame(XS, YS)) == FoundTables((), ())


def test_rules_that_hang_from_one_above_part_the_columns_of_a_table():
    cells = [
        ["操作", "回應"],
        *([f"按鍵{'一二三四五六七八'[k] * (1 + 3 * k % 7)}", "在游標處插入主要鍵的選擇內容"] for k in range(8)),
    ]
    lines = rows(cells, (20, 440), 106, 30)
    separators = Separators((across(100, 10, 900),), (along(430, 100, 376),))
    assert texts(tables.find(lines, separators)) == [cells]


def test_prose_in_columns_with_a_rule_between_them_is_no_table():
    lines = rows([["在游標處插入主要鍵的選擇內容與說明"] * 2] * 9, (20, 440), 106, 30)
    assert not tables.find(lines, Separators((across(100, 10, 900),), (along(430, 100, 376),))).tables


def test_addresses_below_a_rule_with_one_between_them_are_no_table():
    lines = rows(
        [["王大明先生", "電話 2345"], ["大安路三段", "傳真 2346"], ["臺北", "編號 17"]] * 2, (20, 440), 130, 30
    )
    assert not tables.find(lines, Separators((across(100, 10, 900),), (along(430, 118, 310),))).tables


def test_cells_that_nearly_touch_are_parted_where_all_rows_have_a_blank() -> None:
    """A sheet as an office program prints it: detection takes two cells of each row for one line."""
    goods = ["茶葉", "毛筆", "宣紙", "硯臺", "墨條", "印泥", "信封", "信紙", "鎮紙"]
    lines = [
        text(part, left, 40 + 30 * k)
        for k, name in enumerate(goods)
        for part, left in ((f"A{310 + k} 2031/05/{10 + k}", 10), (name, 260), (f"{7 * k + 100}", 400))
    ]
    (found,) = texts(tables.find(lines))
    assert found[:2] == [["A310", "2031/05/10", "茶葉", "100"], ["A311", "2031/05/11", "毛筆", "107"]]


def test_rows_of_numbers_between_the_rules_of_groups_are_rows() -> None:
    cells = [["項目", "甲", "乙"], *([f"第{n}項", f"{n}1", f"{n}2"] for n in "一二三四五六七八九")]
    lines = rows([cells[0], *([name, "41", "12"] for name, _, _ in cells[1:])], (20, 260, 420), 108, 30)
    rules = tuple(across(y, 10, 500) for y in (102, 135, 225, 315, 410))
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert found == [cells[0], *([name, "41", "12"] for name, _, _ in cells[1:])]


def test_a_ruled_table_beside_running_text_is_found() -> None:
    words = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋"
    prose = [text(words[: 20 - n % 3], 10, 100 + 30 * n) for n in range(12)]
    table = rows([["品名", "單價"], ["茶葉", "350"], ["毛筆", "1,200"], ["宣紙", "15"]], (470, 620), 108, 40)
    rules = tuple(across(y, 460, 700) for y in (100, 140, 180, 220, 260))
    (found,) = texts(tables.find([*prose, *table], Separators(rules)))
    assert found == [["品名", "單價"], ["茶葉", "350"], ["毛筆", "1,200"], ["宣紙", "15"]]


def test_stripes_are_rows_of_cells_of_several_lines() -> None:
    stripes = tuple(across(y, 10, 600) for y in (100, 200, 300, 400))
    lines = [
        text(part, left, 110 + 100 * k + 26 * n)
        for k in range(4)
        for left in (20, 240, 420)
        for n, part in enumerate(("日月盈昃", "辰宿列", "張")[: 3 - k % 2])
    ]
    (found,) = texts(tables.find(lines, Separators(tints=stripes)))
    assert found == [["日月盈昃/辰宿列/張"] * 3, ["日月盈昃/辰宿列"] * 3] * 2


def test_a_head_in_the_middle_of_several_columns_spans_them() -> None:
    numbers = [[f"第{n}項", f"{n}1", f"{n}2", f"{n}3", f"{n}4"] for n in range(1, 6)]
    heads = [text("甲組", 310, 100), text("乙組", 560, 100)]
    lines = [*heads, *rows([["項目", "春", "夏", "秋", "冬"], *numbers], (10, 250, 370, 500, 620), 130, 30)]
    (table,) = tables.find(lines).tables
    assert [cell.colspan for cell in table.table.rows[0]] == [1, 2, 2]
    assert [cell.colspan for cell in table.table.rows[1]] == [1] * 5


def test_keys_begin_rows_of_words_in_cells_of_one_and_of_several_lines() -> None:
    words = "天地玄黃宇宙洪荒日月盈昃辰宿列張"
    cells = [["金", 2, 1], ["木", 1, 2], ["水", 3, 1], ["火", 2, 1], ["土", 1, 1]]
    lines, top = [], 40.0
    for key, *counts in cells:
        lines.append(text(f"{key}星", 10, top))
        for left, count in zip((120, 520), counts, strict=True):
            lines += [text(words[: 15 - 5 * (n == count - 1)], left, top + 28 * n) for n in range(count)]
        top += 28 * max(counts) + 16
    (found,) = texts(tables.find(lines))
    assert [(row[0], row[1].count("/") + 1, row[2].count("/") + 1) for row in found] == [
        (f"{key}星", *counts) for key, *counts in cells
    ]


def test_terms_beside_wide_explanations_between_rules_are_a_table() -> None:
    words = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲"
    terms = ["茶葉", "毛筆", "宣紙", "硯臺"]
    lines = [
        line
        for k, term in enumerate(terms)
        for line in (
            text(term, 20, 110 + 80 * k),
            text(words, 150, 110 + 80 * k),
            text(words[:9], 150, 138 + 80 * k),
        )
    ]
    rules = tuple(across(100 + 80 * k, 10, 720) for k in range(5))
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert found == [[term, f"{words}/{words[:9]}"] for term in terms]


def test_a_number_read_with_the_text_of_the_next_column_is_parted_from_it() -> None:
    lines = rows([["項目", "數量", "說明"], ["茶葉", "3,598", ""]], (110, 310, 560), 105, 34)
    lines += [text("91,510", 900, 139), text("毛筆", 110, 173), text("76,010 羊毫所製", 310, 173)]
    lines += [text("宣紙", 110, 207), text("自青檀樹皮製成的紙可以保存千年", 380, 207)]
    separators = Separators((across(95, 90, 970), across(134, 90, 970), across(236, 90, 970)))
    (found,) = texts(tables.find(lines, separators))
    assert found[2:] == [["毛筆", "76,010", "羊毫所製"], ["宣紙", "", "自青檀樹皮製成的紙可以保存千年"]]


def test_numbers_below_each_other_are_in_rows_of_their_own_that_one_label_names() -> None:
    lines = rows([["項目", "本年", "去年"]], (110, 330, 600), 105, 40)
    lines += rows([["71,856", "53,826"], ["33,767", "15,745"], ["其餘無數字", "去年未曾清點過"]], (330, 600), 146, 31)
    lines.append(text("春天採收的茶葉", 110, 177))
    (found,) = tables.find(lines, Separators((across(95, 90, 760), across(138, 90, 760), across(240, 90, 760)))).tables
    assert [len(row) for row in found.table.rows[-3:]] == [3, 2, 2]
    assert found.table.rows[-3][0].rowspan == 3
    assert found.table.rows[-3][0].lines


def test_a_cell_of_two_lines_beside_two_rows_of_numbers_belongs_to_both() -> None:
    lines = rows([["項目", "本年", "附註"]], (110, 330, 500), 105, 40)
    lines += rows([["春茶", "71,856"], ["夏茶", "33,767"]], (110, 330), 146, 46)
    lines += rows([["每年採收兩次，春天"], ["與秋天各有一次"]], (500,), 156, 26)
    for top in (242, 306, 370):
        lines += rows([["自高山採來的嫩葉", "僅在高山上採收，其"], ["烘焙而成", "他各處不採"]], (110, 500), top, 26)
        lines.append(text("15,745", 330, top + 13))
    (found,) = tables.find(lines, Separators((across(95, 90, 760), across(138, 90, 760), across(430, 90, 760)))).tables
    assert [[cell.rowspan for cell in row] for row in found.table.rows[1:3]] == [[1, 1, 2], [1, 1]]
    assert len(found.table.rows[1][2].lines) == 2


@pytest.mark.parametrize(
    "cells",
    [
        [[f"{name}：陳家{k}", "單號", "1234"] for k, name in enumerate(["客戶", "聯絡人", "地址", "電話"])],
        [[f"{name}：", f"陳家{k}", "1234"] for k, name in enumerate(["客戶", "聯絡人", "地址", "電話"])],
        [[f"□ {a}", f"□ {b}", f"□ {c}"] for a, b, c in ("春夏秋", "東西南", "日月星", "金木水")],
    ],
)
def test_labels_with_values_and_options_are_those_of_a_list_and_no_cells(cells: list[list[str]]) -> None:
    assert tables.find(rows(cells, (10, 250, 460), 100, 36)).tables == ()


def account(labels: Sequence[str], left: float, start: int) -> list[Line]:
    """A head and rows of labels and numbers, 32 pixels apart; labels that end in a colon have no number."""
    cells = [
        ["", "113年度"],
        *([label, "" if label[-1] == "：" else f"{k},150"] for k, label in enumerate(labels, start)),
    ]
    return rows(cells, (left, left + 200), 100, 32)


ASSETS = ["流動資產：", "現金", "存貨", "合計", "固定資產：", "土地", "機器", "合計"]
DEBTS = ["流動負債：", "借款", "應付帳款", "應付票據", "合計", "股東權益：", "合計"]
SUMS = tuple(across(y, 205, 270) for y in (226, 258, 354, 386))


def test_an_account_of_one_year_with_rules_at_its_sums_is_a_table() -> None:
    (found,) = texts(tables.find(account(ASSETS, 10, 1), Separators(SUMS)))
    assert found[-7:-5] == [["現金", "2,150"], ["存貨", "3,150"]]
    assert tables.find(account(ASSETS, 10, 1)).tables == ()


def test_assets_and_debts_side_by_side_are_two_tables() -> None:
    lines = [*account(ASSETS, 10, 1), *account(DEBTS, 330, 11)]
    beside = tuple(across(y, 525, 590) for y in (258, 290, 322, 354))
    assets, debts = texts(tables.find(lines, Separators((*SUMS, *beside))))
    assert [row[0] for row in assets] == ["", *ASSETS]
    assert [row[0] for row in debts] == ["", *DEBTS]


def test_columns_of_numbers_do_not_keep_rows_between_rules_together() -> None:
    cells = [["品名", "件數", "重量", "單價"]]
    cells += [[name, f"1{k}", f"3{k}5", f"1,0{k}0"] for k, name in enumerate(["茶葉與茶具", "毛筆", "宣紙", "墨條"])]
    lines = rows(cells, (110, 310, 460, 660), 105, 40)
    grid = Separators(
        tuple(across(y, 100, 800) for y in (100, 140, 300)),
        tuple(along(x, 100, 300) for x in (100, 300, 450, 650, 800)),
    )
    assert texts(tables.find(lines, grid)) == [cells]


def test_names_in_frames_that_stand_apart_in_a_frame_are_no_table() -> None:
    """The four sides of a frame around everything are like the rules above and below a table."""
    lefts, tops = (100, 400, 700), (122, 262)
    seats = [["1", "2", "3"], ["王明", "李文", "陳華"]]
    lines = [line for top in tops for line in rows(seats, [left + 20 for left in lefts], top + 8, 40)]
    boxes = [frame((left, left + 200), (top, top + 76)) for left in lefts for top in tops]
    sheet = frame((60, 940), (80, 380))
    found = tables.find(
        lines,
        Separators(
            tuple(rule for each in (*boxes, sheet) for rule in each.horizontal),
            tuple(rule for each in (*boxes, sheet) for rule in each.vertical),
        ),
    )
    assert not found.tables


def test_the_title_block_of_a_drawing_is_a_table_and_the_sheet_around_it_none() -> None:
    sheet, block = frame((60, 1140), (60, 800)), frame((740, 900, 1140), (720, 760, 800))
    texts_of_drawing = [text(raw, x, y) for raw, x, y in (("120", 150, 200), ("R15", 420, 330), ("45", 610, 480))]
    cells = [["圖號", "A-12"], ["比例", "1:20"]]
    found = tables.find(
        [*texts_of_drawing, *rows(cells, (750, 910), 728, 40)],
        Separators(sheet.horizontal + block.horizontal, sheet.vertical + block.vertical),
    )
    assert texts(found) == [cells]


def test_panels_one_below_the_other_are_no_stripes() -> None:
    edges = tuple(across(y, 10, 600) for y in (100, 220, 235, 355, 370, 490))
    lines = [
        text(part, left, top + 26 * n)
        for top in (110, 245, 380)
        for left in (20, 320)
        for n, part in enumerate(("日月盈昃", "辰宿列", "張"))
    ]
    assert not tables.find(lines, Separators(tints=edges)).tables


def test_assets_and_debts_with_level_totals_are_one_table() -> None:
    debts = [*DEBTS[:-1], "股本", "合計"]
    lines = [*account(ASSETS, 10, 1), *account(debts, 330, 11)]
    beside = tuple(across(y, 525, 590) for y in (258, 290, 354, 386))
    (found,) = texts(tables.find(lines, Separators((*SUMS, *beside))))
    assert found[-1] == ["合計", "8,150", "合計", "18,150"]


def test_a_name_beside_fields_makes_no_table_of_them() -> None:
    fields = [["Account number", "61634775"], ["Sort code", "204577"], ["Statement", "193"], ["Page", "23"]]
    assert not tables.find([text("And Bank", 100, 106), *rows(fields, (600, 900), 100, 30)]).tables


def test_what_another_line_reaches_into_is_no_table() -> None:
    cells = [[f"{label}{k}號", name, "字第三號"] for k, (label, name) in enumerate(["原林", "被陳", "告王", "訴吳"])]
    lines = rows(cells, (100, 300, 500), 100, 40)
    assert tables.find(lines).tables
    (left, top), _, (right, bottom), _ = lines[2].polygon
    over = replace(lines[2], polygon=corners((left, top - 12, right, bottom - 12)))
    assert not tables.find([over, *lines]).tables
