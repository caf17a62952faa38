"""Notes at the foot of a column, below a text that goes on in the next one."""

from __future__ import annotations

from itertools import pairwise

from recognition.geometry import corners
from recognition.layout.order.footnotes import passed_over
from recognition.page import Line

STEP, SIZE, NOTE = 30, 20, 14
TEXT = "春天來了河邊的柳樹長出新葉傍晚山頭雲染紅漁船"


def line(left: float, top: float, text: str, size: float = SIZE) -> Line:
    return Line(text, 0.99, corners((left, top, left + size * len(text), top + size)))


def page(*, last: str = TEXT, white: float = STEP, size: float = NOTE) -> list[Line]:
    """Four lines of one column, two of a note below ``white``, and three of the next column."""
    foot = 3 * STEP + SIZE + white
    notes = [line(0, foot, "橋上的人一九三九年春天", size), line(0, foot + 20, "漁船", size)]
    rest = [line(550, STEP * row, TEXT) for row in range(3)]
    return [*(line(0, STEP * row, TEXT) for row in range(3)), line(0, 3 * STEP, last), *notes, *rest]


FOLLOWING = dict(pairwise(range(9)))


def test_a_sentence_goes_on_past_notes_in_the_next_column() -> None:
    found = passed_over(FOLLOWING, page())
    assert found == {0: 1, 1: 2, 2: 3, 3: 6, 4: 5, 6: 7, 7: 8}


def test_what_ends_a_sentence_keeps_the_note_below() -> None:
    assert passed_over(FOLLOWING, page(last=f"{TEXT[:-1]}。")) == FOLLOWING


def test_the_last_lines_of_a_column_are_no_note_however_small_they_look() -> None:
    assert passed_over(FOLLOWING, page(white=STEP - SIZE)) == FOLLOWING
    assert passed_over(FOLLOWING, page(size=SIZE)) == FOLLOWING
