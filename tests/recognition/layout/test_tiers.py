"""Tiers of vertical text below and above a rule from side to side."""

from __future__ import annotations

from recognition.geometry import corners
from recognition.layout import sequence
from recognition.layout.order.tiers import boxes
from recognition.page import Line
from recognition.separators import Separators

SIZE, STEP = 40, 52
VERSES = (
    "善惡皆擁護",
    "慈悲念現前",
    "福智名稱滿",
    "無價末尼珠",
    "讚歎最勝者",
    "成辦所求心",
    "真實妙吉祥",
    "蓮華極清淨",
)


def column(number: int, top: float, text: str) -> Line:
    right = -STEP * number
    return Line(text, 0.99, corners((right - SIZE, top, right, top + SIZE * len(text))), "vertical-rl")


def leaf(top: float, *, halves: bool) -> list[Line]:
    """Verses in columns from the right, in reading order, with a blank between their ``halves`` or as one line."""
    lines = []
    for number, (first, second) in enumerate(zip(VERSES, reversed(VERSES), strict=True)):
        if halves:
            lines += [column(number, top, first), column(number, top + SIZE * 6, second)]
        else:
            lines.append(column(number, top, first + second))
    return lines


UPPER, LOWER = leaf(0, halves=True), leaf(SIZE * 12, halves=False)
RULE = (-STEP * 8.0, SIZE * 11.5 - 2, 0.0, SIZE * 11.5 + 2)


def test_verses_above_a_rule_are_read_through_their_blanks_and_before_what_is_below_it() -> None:
    order = sequence([*UPPER, *LOWER], separators=Separators(horizontal=(RULE,)))
    assert order == list(range(len(UPPER) + len(LOWER)))


def test_a_rule_that_a_line_crosses_parts_no_tiers() -> None:
    crossing = column(9, 0, "善惡人皆擁護慈悲愍念常現前無價")
    assert len(boxes([*UPPER, *LOWER], [], Separators(horizontal=(RULE,)))) == 2
    assert boxes([*UPPER, *LOWER, crossing], [], Separators(horizontal=(RULE,))) == []
