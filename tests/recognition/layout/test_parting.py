"""Lines parted at their blanks."""

import pytest

from recognition.layout import parting
from recognition.page import Line

RAW = "茶葉 350"
LINE = Line(
    RAW, 0.9, ((0, 0), (200, 0), (200, 20), (0, 20)), positions=(0.05, 0.15, 0.5, 0.825, 0.875, 0.925)
)  # two characters of 20 pixels from 0 on, three of 10 pixels from 160 on


def test_a_blank_lies_between_the_inks_of_two_characters() -> None:
    (blank,) = parting.blanks(LINE)
    assert (blank.start, blank.end) == pytest.approx((0.2, 0.8), abs=0.01)
    assert not blank.usual


def test_characters_of_half_width_are_no_blanks() -> None:
    close = Line("茶12葉", 0.9, LINE.polygon, positions=(1 / 6, 5 / 12, 7 / 12, 5 / 6))
    assert parting.blanks(close) == []


def test_spaces_between_words_are_usual() -> None:
    positions = tuple((k + 0.5) / 9 for k in range(9))
    assert [blank.usual for blank in parting.blanks(Line("some word", 0.9, LINE.polygon, positions=positions))] == [
        True
    ]


def test_parts_have_their_own_text_box_and_positions() -> None:
    parts = parting.part(LINE, 0.5)
    assert parts is not None
    before, after = parts
    assert (before.raw, after.raw) == ("茶葉", "350")
    assert before.box == pytest.approx((0, 0, 42, 20), abs=4)
    assert after.box == pytest.approx((158, 0, 200, 20), abs=4)
    assert before.positions == pytest.approx((0.25, 0.75), abs=0.05)


def test_columns_are_parted_downwards() -> None:
    corners = ((0, 0), (20, 0), (20, 200), (0, 200))
    parts = parting.part(Line(RAW, 0.9, corners, "vertical-rl", positions=LINE.positions), 0.5)
    assert parts is not None
    assert parts[0].box == pytest.approx((0, 0, 20, 42), abs=4)
    assert parts[1].box == pytest.approx((0, 158, 20, 200), abs=4)


def test_where_places_are_unknown_characters_are_evenly_spread() -> None:
    parts = parting.part(Line("abcd", 0.9, LINE.polygon), 0.5)
    assert parts is not None
    assert [each.raw for each in parts] == ["ab", "cd"]
    assert not parts[0].positions


def test_nothing_is_parted_into_nothing() -> None:
    assert parting.part(LINE, 0.01) is None
    assert parting.part(Line("茶葉", 0.9, LINE.polygon, text="茶葉子"), 0.5) is None


def test_a_leap_at_a_comma_in_a_number_is_no_blank() -> None:
    places = (10, 26, 47, 57, 67, 88, 98, 119, 129, 140)
    box = ((0, 0), (146, 0), (146, 42), (0, 42))
    positions = tuple(place / 146 for place in places)
    assert parting.blanks(Line("28,581,861", 0.9, box, positions=positions)) == []
    assert len(parting.blanks(Line("28 581 861", 0.9, box, positions=positions))) == 2


def test_a_range_of_numbers_is_parted_nowhere_unless_its_sign_stands_far_from_them() -> None:
    positions = tuple((k + 0.5) / 9 for k in range(9))
    assert parting.blanks(Line("3.5 - 7.2", 0.9, LINE.polygon, positions=positions)) == []
    assert len(parting.blanks(Line("3.5 - abc", 0.9, LINE.polygon, positions=positions))) == 2
    apart = (0.02, 0.06, 0.1, 0.3, 0.5, 0.7, 0.9, 0.94, 0.98)
    assert len(parting.blanks(Line("3.5 - 7.2", 0.9, LINE.polygon, positions=apart))) == 2
