"""Rows of tables, and cells over several rows or columns, told by where their text stands."""

from recognition.layout import arrange, tables
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import across, rows, text, texts


def goods_to_be_named() -> list[Line]:
    """Six rows, 36 pixels apart from y = 136, without their labels at the left."""
    head = rows([["類別", "品名", "數量", "單價"]], (10, 200, 400, 520), 100, 36)
    goods = enumerate(["春茶", "秋茶", "毛筆", "宣紙", "硯臺", "信封"], 1)
    return [*head, *rows([[name, f"{3 * k}1", f"{k}50"] for k, name in goods], (200, 400, 520), 136, 36)]


def test_labels_in_the_middle_of_two_rows_or_of_three_name_them_all() -> None:
    lines = [*goods_to_be_named(), text("茶葉", 10, 154), text("文具", 10, 244), text("其他", 10, 316)]
    (found,) = tables.find(lines).tables
    labels = [row[0] for row in found.table.rows if len(row) == 4]
    assert [cell.rowspan for cell in labels] == [1, 2, 3, 1]


def test_labels_beside_the_first_rows_of_their_groups_name_these_rows_alone() -> None:
    lines = [*goods_to_be_named(), text("茶葉", 10, 136), text("文具", 10, 208), text("其他", 10, 316)]
    (found,) = tables.find(lines).tables
    assert [row[0].rowspan for row in found.table.rows] == [1] * 7


def test_a_heading_in_the_middle_of_the_rows_is_no_second_line_of_a_cell() -> None:
    cells = [["品名", "單位及數量", "單價"], ["春茶", "公斤", "350"], ["秋茶", "公斤", "280"]]
    cells += [["毛筆", "枝", "1,200"], ["宣紙", "張", "15"]]
    lines = [*rows(cells[:3], (10, 250, 420), 100, 30), text("文具", 225, 190)]
    lines += rows(cells[3:], (10, 250, 420), 220, 30)
    (found,) = texts(tables.find(lines))
    assert found == [*cells[:3], ["文具"], *cells[3:]]


def test_a_wide_heading_over_two_columns_parts_them_all_the_same() -> None:
    questions = ["茶葉好嗎", "毛筆好嗎", "宣紙好嗎", "硯臺好嗎"]
    lines = rows([["", "題目", "同意", "不同意"]], (10, 50, 300, 420), 100, 32)
    for k, question in enumerate(questions):
        lines.append(text("以下是有關文具的問題", 10, 132 + 64 * k))
        lines += rows([[f"{k}.", question, "□", "□"]], (10, 50, 310, 430), 164 + 64 * k, 32)
    (found,) = texts(tables.find(lines))
    assert [row for row in found if len(row) > 1][1:] == [[f"{k}.", q, "□", "□"] for k, q in enumerate(questions)]


def test_a_sheet_of_questions_and_boxes_to_tick_is_a_table() -> None:
    words = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲"
    lines = rows([["題目", "同意", "普通", "不同意"]], (10, 620, 740, 860), 100, 34)
    for k in range(7):
        lines += rows([[words[k : 18 + 3 * (k % 4)] + "嗎？", "□", "□", "□"]], (10, 630, 750, 880), 134 + 34 * k, 34)
    (found,) = [block for block in arrange(lines).blocks if block.table]
    assert found.table
    assert [len(row) for row in found.table.rows] == [4] * 8


def test_short_rules_above_and_below_sums_do_not_cut_numbers_off_from_their_labels() -> None:
    words = "自高山採來的茶葉與其他"
    labels = [words, "毛筆與宣紙及硯臺與墨條", "合計", "應付帳款及票據與其他負債", "短期借款及應付的短期票券", "合計"]
    cells = [[label, f"{k}1,856", f"{k}3,767"] for k, label in enumerate(labels, 1)]
    lines = rows([["", "民國一年", "民國二年"], *cells], (10, 400, 560), 100, 32)
    rules = tuple(across(y, 390, 660) for y in (128, 192, 224, 288, 320))
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert [row for row in found[1:] if len(row) == 3] == cells


def test_a_heading_between_two_rules_does_not_end_the_table() -> None:
    cells = [["品名", "數量", "單價"], ["春茶", "12", "350"], ["文具"], ["毛筆", "3", "1,200"], ["宣紙", "40", "15"]]
    lines = [line for k, row in enumerate(cells) for line in rows([row], (110, 310, 460)[: len(row)], 108 + 40 * k, 40)]
    rules = tuple(across(100 + 40 * k, 100, 560) for k in range(6))
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert found == cells


def test_lines_above_a_table_that_has_its_head_between_rules_are_not_in_it() -> None:
    above = rows([["姓名：陳君", "編號：甲"]], (110, 310), 72, 40)
    cells = [["品名", "數量", "單價"], ["春茶", "12", "350"], ["毛筆", "3", "1,200"], ["宣紙", "40", "15"]]
    rules = tuple(across(y, 100, 560) for y in (102, 140, 262))
    (found,) = texts(tables.find([*above, *rows(cells, (110, 310, 460), 108, 40)], Separators(rules)))
    assert found == cells


def test_numbers_below_the_last_stripe_are_rows_of_their_own() -> None:
    cells = [["品名", "單位", "單價"], *([f"第{n}項", "公斤", "350"] for n in "一二三四五六")]
    stripes = tuple(across(100 + 40 * k, 100, 560) for k in range(5))
    lines = rows(cells[:5], (110, 310, 460), 108, 40) + rows(cells[5:], (110, 310, 460), 308, 34)
    rules = (across(100, 100, 560), across(380, 100, 560))
    (found,) = texts(tables.find(lines, Separators(rules, tints=stripes)))
    assert found[-2:] == cells[-2:]


def test_a_second_line_in_a_description_is_no_row_of_its_own_however_short_the_first_one_is() -> None:
    booked = [
        ("轉帳存入", "王小明", "31,500"),
        ("轉帳支出", "房租", "12,000"),
        ("利息", "", "35"),
        ("提款", "", "3,000"),
    ]
    booked += [("代扣電費", "台北市", "1,204"), ("轉帳存入", "十月薪資", "48,210")]
    lines = rows([["日期", "摘要", "金額", "餘額"]], (10, 150, 420, 560), 100, 32)
    top = 132
    for k, (words, further, amount) in enumerate(booked, 1):
        lines += rows([[f"10/{k:02}", words, amount, f"{k}1,204"]], (10, 150, 420, 560), top, 32)
        if further:
            lines.append(text(further, 150, top + 32))
        top += 64 if further else 32
    (found,) = texts(tables.find(lines))
    assert [len(row) for row in found] == [4] * 7
    assert found[1][1] == "轉帳存入/王小明"


def test_headings_that_are_longer_than_the_labels_are_no_second_lines_of_them() -> None:
    cells = [["Test", "Result", "Unit"], ["CHEMISTRY"], ["Glucose", "131.4", "%"], ["Uric acid", "272.8", "g/dL"]]
    cells += [["HAEMATOLOGY"], ["Platelets", "183.7", "g/dL"], ["Red cells", "139.9", "%"]]
    lefts = 10, 320, 450
    lines = [line for k, row in enumerate(cells) for line in rows([row], lefts[: len(row)], 100 + 32 * k, 32)]
    rules = tuple(across(y, 0, 560) for y in (95, 129, 325))
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert found == cells


def test_a_head_of_years_above_units_does_not_tell_how_far_rows_are_apart() -> None:
    head = rows([["", "2024", "2023"], ["", "NT$000", "NT$000"]], (10, 220, 350), 100, 24)
    lines, top = [], 160
    for k, label in enumerate(["應付帳款及票據與/其他負債", "存貨", "短期借款及應付的/票券", "土地", "機器設備"]):
        first, *further = label.split("/")
        lines += rows([[first, f"{k}1,856", f"{k}3,767"]], (10, 220, 350), top, 36)
        lines += [text(further[0], 10, top + 24)] if further else []
        top += 60 if further else 36
    (found,) = texts(
        tables.find([*head, *lines], Separators((across(95, 0, 440), across(155, 0, 440), across(390, 0, 440))))
    )
    assert [row[0] for row in found[-5:]] == [
        "應付帳款及票據與/其他負債",
        "存貨",
        "短期借款及應付的/票券",
        "土地",
        "機器設備",
    ]


def test_white_between_two_tables_of_one_width_parts_them() -> None:
    above = [["姓名", "陳君", "編號", "甲"], ["性別", "男", "科別", "乙"]]
    below = [["品名", "數量", "單價"], ["春茶", "12", "350"], ["毛筆", "3", "1,200"], ["宣紙", "40", "15"]]
    lines = [*rows(above, (10, 110, 310, 410), 108, 40), *rows(below, (10, 250, 460), 216, 40)]
    rules = tuple(across(y, 0, 560) for y in (100, 182, 208, 248, 370))
    found = texts(tables.find(lines, Separators(rules)))
    assert found == [above, below]


def test_an_empty_row_between_rules_does_not_end_the_table() -> None:
    cells = [
        ["品名", "數量", "單價"],
        ["春茶", "12", "350"],
        ["", "", ""],
        ["毛筆", "3", "1,200"],
        ["宣紙", "40", "15"],
    ]
    rules = tuple(across(100 + 40 * k, 0, 560) for k in range(6))
    (found,) = texts(tables.find(rows(cells, (10, 250, 460), 108, 40), Separators(rules)))
    assert found == cells


def records_to_be_shared() -> list[Line]:
    """Rows of three lines, of one and of two, in the middle of which their cells stand; the last column is not set."""
    lines = [*rows([["品名", "說明", "產地", "單價"]], (10, 150, 400, 520), 100, 40)]
    tops = iter((140, 164, 188, 226, 264, 288, 326))
    for name, place, count in (("春茶", "坪林", 3), ("毛筆", "湖口", 1), ("宣紙", "埔里", 2), ("硯臺", "二水", 1)):
        own = [next(tops) for _ in range(count)]
        lines += [text("山上所產的上等好東西", 150, top) for top in own]
        lines += [text(name, 10, sum(own) / count), text(place, 400, sum(own) / count)]
    return lines


def test_a_cell_in_the_middle_of_two_rows_is_in_both_in_any_column() -> None:
    lines = [*records_to_be_shared(), text("350", 560, 188), text("15", 570, 276), text("80", 570, 326)]
    (found,) = tables.find(lines).tables
    assert [(len(row), row[-1].rowspan) for row in found.table.rows] == [(4, 1), (4, 2), (3, 1), (4, 1), (4, 1)]


def test_cells_at_the_tops_of_their_rows_are_in_these_alone() -> None:
    lines = [*rows([["品名", "說明", "產地", "單價"]], (10, 150, 400, 520), 100, 40)]
    tops = iter((140, 178, 202, 240, 278, 302, 340))
    for name, price, count in (
        ("春茶", "", 1),
        ("毛筆", "350", 2),
        ("宣紙", "15", 1),
        ("硯臺", "80", 2),
        ("信封", "1", 1),
    ):
        own = [next(tops) for _ in range(count)]
        lines += [text("山上所產的上等好東西", 150, top) for top in own]
        lines += rows([[name, "坪林", price]], (10, 400, 560), own[0], 0)
    rules = Separators(tuple(across(y, 0, 620) for y in (95, 132, 372)))
    (found,) = tables.find(lines, rules).tables
    assert [[cell.rowspan for cell in row] for row in found.table.rows] == [[1, 1, 1, 1]] * 6


def test_a_reference_with_digits_close_below_a_text_is_in_its_cell() -> None:
    lefts = (10, 120, 480, 600, 720)
    lines = rows([["Date", "Description", "Paid out", "Paid in", "Balance"]], lefts, 100, 33)
    top = 133.0
    for k in range(18):
        amounts = ["2,573.76", ""][:: 1 if k % 3 else -1]
        what = "Standing order" if k % 3 == 1 else "Transfer from Science Money Along"
        lines += rows([[f"{k + 1} Mar", what, *amounts, "6,303.73" if k % 4 else ""]], lefts, top, 33)
        if k % 3 == 1:
            lines.append(text(f"Ref. 9420857{k % 10}", 120, top + 24))
        top += 56 if k % 3 == 1 else 32
    rules = across(90, 0, 900), across(129, 0, 900), across(top, 0, 900)
    (found,) = texts(tables.find(lines, Separators(rules)))
    assert [row[1] for row in found[2::3]] == [f"Standing order/Ref. 9420857{k % 10}" for k in range(1, 18, 3)]
