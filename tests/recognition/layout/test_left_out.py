"""Lines that a chain of lines left out, though they stand between two of its lines."""

from dataclasses import replace

import pytest

from recognition.geometry import corners
from recognition.layout.order import left_out
from recognition.page import Line
from tests.support.tables import text

CARD = [
    text("528.76 3090", 100, 100),
    text("參考", 560, 102),
    text("林明慧", 100, 134),
    text("請看有一點有趣的文章／鄭志豪著", 130, 168),
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (CARD, {0: 1, 1: 2, 2: 3}),
        ([text("天地玄黃宇宙洪荒日月盈昃辰宿列張寒", 100, 100), *CARD[1:]], {0: 2, 2: 3}),  # runs on, beside a note
        ([CARD[0], text("參考", 560, 118), *CARD[2:]], {0: 2, 2: 3}),  # between the rows
        ([CARD[0], replace(CARD[1], polygon=corners((560, 104, 590, 122))), *CARD[2:]], {0: 2, 2: 3}),  # a note
    ],
)
def test_what_ends_the_row_of_a_short_line_comes_before_the_next_row(
    lines: list[Line], expected: dict[int, int]
) -> None:
    assert left_out.inserted({0: 2, 2: 3}, lines) == expected


def test_what_another_chain_has_stays_there() -> None:
    assert left_out.inserted({0: 2, 2: 3, 1: 4}, [*CARD, text("參考", 560, 136)]) == {0: 2, 2: 3, 1: 4}
