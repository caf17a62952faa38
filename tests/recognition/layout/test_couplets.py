"""Verses in vertical columns, of which each holds the two halves of a couplet."""

from __future__ import annotations

from collections.abc import Sequence

from recognition.geometry import corners
from recognition.layout import arrange
from recognition.page import Line

EM, PITCH = 28, 50

COUPLETS = [
    ("國破山河在", "城春草木深"),
    ("感時花濺淚", "恨別鳥驚心"),
    ("烽火連三月", "家書抵萬金"),
    ("白頭搔更短", "渾欲不勝簪"),
]


def vertical(text: str, right: float, top: float) -> Line:
    return Line(text, 0.99, corners((right - EM, top, right, top + EM * len(text))), "vertical-rl")


def poem(couplets: Sequence[tuple[str, str]], top: float) -> list[Line]:
    """The halves of each couplet, from the right."""
    return [
        vertical(half + mark, 900 - PITCH * k, top + n * 7 * EM)
        for k, couplet in enumerate(couplets)
        for n, (half, mark) in enumerate(zip(couplet, "，。", strict=True))
    ]


def read(lines: Sequence[Line]) -> list[str]:
    return [line.raw for line in arrange(sorted(lines, key=lambda line: (line.box[0], line.raw))).lines]


def test_the_lower_half_of_a_couplet_comes_after_the_upper_one() -> None:
    poems = [*poem(COUPLETS, 100), *poem(COUPLETS[::-1], 900)]
    assert read(poems) == [line.raw for line in poems]


def test_a_comma_that_was_not_recognised_changes_no_order() -> None:
    poems = [*poem(COUPLETS, 100), *poem(COUPLETS[::-1], 900)]
    poems[2] = vertical(COUPLETS[1][0], 900 - PITCH, 100)
    assert read(poems) == [line.raw for line in poems]
