"""Key figures: labels side by side, each with its value below it in other type."""

import pytest

from recognition.geometry import corners
from recognition.layout import arrange, key_figures, tables
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import across, rows, text

LABELS, VALUES = ("Opening balance", "Money in", "Money out"), ("6,796.95", "6,039.94", "3,707.02")
LEFTS = (100, 330, 560)


def figures(size: float, white: float = 8) -> list[Line]:
    """Labels 16 pixels high and, below them, values of a ``size``."""
    found = []
    for label, value, left in zip(LABELS, VALUES, LEFTS, strict=True):
        top = 216 + white
        found.append(Line(label, 1.0, corners((left, 200, left + 8 * len(label), 216))))
        found.append(Line(value, 1.0, corners((left, top, left + size / 2 * len(value), top + size))))
    return found


def read(lines: list[Line]) -> list[str]:
    return [line.raw for line in arrange(lines[::-1]).lines]


@pytest.mark.parametrize("size", [20, 28])
def test_a_label_is_read_with_its_value(size: float) -> None:
    title = [text("Your account summary", 100, 130)]
    below = [text("His reached as the had involved today bring any the they", 100, 320 + 32 * k) for k in range(6)]
    assert read([*title, *figures(size), *below])[:7] == [
        "Your account summary",
        *(word for pair in zip(LABELS, VALUES, strict=True) for word in pair),
    ]


@pytest.mark.parametrize("lines", [figures(16), figures(28, white=30)])
def test_rows_in_type_of_one_size_or_far_from_each_other_are_none(lines: list[Line]) -> None:
    assert key_figures.with_values({}, lines) == {}


def test_key_figures_between_two_rules_are_no_table() -> None:
    rules = Separators((across(190, 90, 800), across(260, 90, 800)))
    assert not tables.find(figures(28), rules).tables
    two_rows = rows([list(LABELS), list(VALUES)], LEFTS, 200, 32)
    assert tables.find(two_rows, rules).tables
