"""What stands between rules of one width: tables, letters with names beside them, and text beside tables."""

from __future__ import annotations

from dataclasses import replace

from recognition.layout import tables
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import across, along, rows, text, texts

SENTENCES = (
    "Difficult the rusty is discuss has to get",
    "know in loathing could. Technology umbrella in",
    "mother about teach the you preserve, swap and",
    "hop you quite evils your looking out tea to.",
    "Gorge am returning as manner quite with bench",
    "idea to it is telephone. Non with schedules",
)
ADDRESS = (
    "12 December 1978",
    "Helen B. Reed",
    "Totally Wife Ltd.",
    "144 Station Avenue",
    "Dover A1 3YS",
    "Dear Mr Gibson,",
)
SHEET = [["Item", "2024", "2023"], ["Rent", "62,886", "40,371"], ["Paper", "136", "94,336"], ["Tea", "74,704", "745"]]
LEFTS = (110, 560, 760)


def smaller(line: Line, share: float) -> Line:
    """The same line in smaller type, with the same corner at its start."""
    (left, top), *_ = line.polygon
    a, b, c, d = ((left + share * (x - left), top + share * (y - top)) for x, y in line.polygon)
    return replace(line, polygon=(a, b, c, d))


def letter() -> tuple[list[Line], list[Line]]:
    """Names and what they are in small lines, and beside them a letter in paragraphs, with another pitch."""
    names = [smaller(text(f"Thomas R. Turner {name}", 110, 120 + 51 * k), 0.72) for k, name in enumerate("ABCDEFGH")]
    names += [smaller(text("Associate", 110, 145 + 51 * k), 0.6) for k in range(8)]
    body = [text(raw, 330, 120 + 33 * k) for k, raw in enumerate(ADDRESS)]
    body += [text(SENTENCES[k % 6] + " " + SENTENCES[k % 5], 330, 400 + 33 * k + 10 * (k // 4)) for k in range(12)]
    return names, body


def test_a_letter_beside_a_rule_with_names_is_no_table_though_rules_are_above_and_below_it() -> None:
    names, body = letter()
    rules = across(100, 100, 1200), across(860, 100, 1200)
    assert not tables.find([*names, *body], Separators(rules, (along(300, 115, 530),))).tables


def test_a_letter_whose_lines_run_on_beside_names_without_a_rule_is_no_table() -> None:
    names, body = letter()
    assert not tables.find([*names, *body], Separators((across(100, 100, 1200), across(860, 100, 1200)))).tables


def test_a_rule_that_runs_from_rule_to_rule_stays_in_its_table() -> None:
    cells = [[*row, row[1]] for row in SHEET * 3]
    rules = Separators((across(100, 100, 1100), across(540, 100, 1100)), (along(530, 100, 540),))
    (found,) = texts(tables.find(rows(cells, (*LEFTS, 960), 110, 36), rules))
    assert found == cells


def test_months_and_units_stay_with_their_numbers() -> None:
    days = [[f"{11 + k} Mar", f"Direct debit {SENTENCES[k % 6][:9]}", f"{97 * k + 300}.50"] for k in range(10)]
    rules = tuple(across(y, 100, 1000) for y in (100, 142, 150 + 40 * 10 + 10))
    sheet = [["Date", "Description", "Balance"], *days]
    (found,) = texts(tables.find(rows(sheet, (110, 260, 860), 110, 40), Separators(rules)))
    assert found == sheet


def test_a_reference_below_words_is_in_their_cell() -> None:
    lines, y = rows([["Date", "Description", "Balance"]], (110, 260, 860), 110, 40), 150.0
    expected = [["Date", "Description", "Balance"]]
    for k in range(8):
        date, amount = f"0{k + 1}/03/24", f"{k + 3},247.36"
        words, reference = f"Transfer from office {SENTENCES[k % 6][:9]}", f"Ref. 7040{k}590"
        lines += [text(date, 110, y), text(words, 260, y), text(amount, 860, y)]
        if k % 2:
            lines.append(text(reference, 260, y + 25))
        expected.append([date, f"{words}/{reference}" if k % 2 else words, amount])
        y += 36 + 25 * (k % 2)
    rules = tuple(across(edge, 100, 1000) for edge in (100, 142, y))
    assert texts(tables.find(lines, Separators(rules))) == [expected]


def test_columns_on_both_sides_of_a_long_rule_are_no_open_table() -> None:
    goods = [[name, "12", "350"] for name in ("茶葉", "毛筆", "宣紙", "硯臺", "墨條")]
    lines = rows([[*row, *row] for row in goods], (110, 260, 360, 560, 710, 810), 300, 36)
    assert texts(tables.find(lines))
    assert not texts(tables.find(lines, Separators(vertical=(along(500, 100, 700),))))


def test_small_columns_of_a_cell_of_vertical_text_are_read_from_the_right() -> None:
    notes = [
        text(raw, 300 - 16 * k, 420 + 2 * (k == 1), "vertical-rl")
        for k, raw in enumerate(("甲乙丙丁戊", "己庚辛壬癸", "子丑寅卯"))
    ]
    small = [smaller(note, 0.55) for note in notes]
    heads = [
        text(raw, left, top, "vertical-rl") for left in (180, 290) for raw, top in (("戶長", 120), ("許文宏", 220))
    ]
    xs, ys = (150, 250, 350), (100, 200, 400, 600)
    rules = Separators(tuple(across(y, 150, 350) for y in ys), tuple(along(x, 100, 600) for x in xs))
    found = tables.find([*heads, small[1], small[0], small[2]], rules)
    assert "甲乙丙丁戊/己庚辛壬癸/子丑寅卯" in [cell for row in texts(found)[0] for cell in row]


def test_framed_notices_of_vertical_text_with_headings_are_no_table() -> None:
    lines, xs, ys = [], (100, 300, 500, 700), (100, 320, 540)
    for left in xs[:-1]:
        for top in ys[:-1]:
            heading = text("吉屋出租", left + 150, top + 16, "vertical-rl")
            wide = tuple((x + (12 if x > left + 160 else -12), y) for x, y in heading.polygon)
            lines.append(Line(heading.raw, 0.99, wide, "vertical-rl"))
            lines += [text("近車站公園", left + 100 - 40 * k, top + 10, "vertical-rl") for k in range(3)]
    rules = Separators(tuple(across(y, 100, 700) for y in ys), tuple(along(x, 100, 540) for x in xs))
    assert not tables.find(lines, rules).tables
