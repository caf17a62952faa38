"""Line numbers beside a text are read at the heads of their lines."""

from collections.abc import Sequence
from dataclasses import replace

from recognition.geometry import union
from recognition.layout import Separators, arrange
from recognition.layout.line_numbers import put_back, set_apart
from recognition.page import Line

WORDS = [
    "to see if there are any others",
    "I would appreciate it.",
    "Yes, there was one letter that",
    "we kept, and a copy of it went",
    "to the office in the evening.",
    "And what became of the copy?",
    "It was lost with the others.",
]


def line(raw: str, left: float, top: float, height: float = 24.0) -> Line:
    right = left + 11 * len(raw)
    positions = tuple((k + 0.5) / len(raw) for k in range(len(raw)))
    return Line(raw, 0.9, ((left, top), (right, top), (right, top + height), (left, top + height)), positions=positions)


def numbered(texts: Sequence[str], left: float, top: float, first: int = 1, pitch: float = 40.0) -> list[Line]:
    """A column of numbers, and the texts beside it."""
    numbers = [line(str(first + k), left, top + pitch * k) for k in range(len(texts))]
    return numbers + [line(text, left + 60, top + pitch * k) for k, text in enumerate(texts)]


def read(lines: Sequence[Line], separators: Separators | None = None) -> list[str]:
    apart = set_apart(lines, separators)
    return [each.raw for each in put_back(arrange(apart.lines, separators=separators), apart).lines]


def with_numbers(texts: Sequence[str], first: int = 1) -> list[str]:
    return [f"{first + k} {text}" for k, text in enumerate(texts)]


def test_each_number_stands_at_the_head_of_its_line() -> None:
    assert read(numbered(WORDS, 100, 100)) == with_numbers(WORDS)


def test_two_pages_beside_each_other_are_read_one_after_the_other() -> None:
    lines = numbered(WORDS, 100, 100) + numbered(WORDS[::-1], 700, 100)
    assert read(lines) == with_numbers(WORDS) + with_numbers(WORDS[::-1])


def test_a_number_that_was_misread_or_missed_interrupts_nothing() -> None:
    lines = numbered(WORDS, 100, 100, first=8)
    lines[2] = replace(lines[2], raw="70")
    assert read(lines)[2:4] == [f"70 {WORDS[2]}", f"11 {WORDS[3]}"]
    del lines[2]
    assert read(lines)[1:4] == [f"9 {WORDS[1]}", WORDS[2], f"11 {WORDS[3]}"]


def test_a_slender_number_taken_for_a_vertical_line_counts() -> None:
    lines = numbered(WORDS, 100, 100)
    (left, top), *_ = lines[0].polygon
    corners = (left, top), (left + 11, top), (left + 11, top + 24), (left, top + 24)
    lines[0] = replace(lines[0], polygon=corners, direction="vertical-rl")
    assert read(lines) == with_numbers(WORDS)


def test_the_joined_line_has_the_box_and_the_places_of_both() -> None:
    number, text = line("7", 100, 100), line("texts", 160, 98)
    others = numbered(WORDS, 100, 140, first=8)
    apart = set_apart([number, text, *others])
    (joined,) = (each for each in put_back(arrange(apart.lines), apart).lines if each.raw == "7 texts")
    assert joined.direction == "horizontal"
    assert joined.box == union([number.box, text.box])
    assert len(joined.positions) == len("7 texts")
    assert list(joined.positions) == sorted(joined.positions)


def test_blocks_reach_to_their_numbers() -> None:
    apart = set_apart(numbered(WORDS, 100, 100))
    found = put_back(arrange(apart.lines), apart)
    assert min(block.box[0] for block in found.blocks) == 100


def test_numbers_of_the_rows_of_a_table_stay() -> None:
    values = [line(str(23 * k), 500, 100 + 40 * k) for k in range(len(WORDS))]
    ruled = Separators(horizontal=tuple((90, 90 + 40 * k, 600, 92 + 40 * k) for k in range(len(WORDS) + 1)))
    short = [f"13 {letter}" for letter in "ABABABA"]
    for lines, separators in (
        (numbered(WORDS, 100, 100) + values, None),
        (numbered(WORDS, 100, 100), ruled),
        (numbered(short, 100, 100), None),
    ):
        assert set_apart(lines, separators).numbers == {}


def test_numbers_that_do_not_count_up_or_stand_anywhere_stay() -> None:
    years = numbered(WORDS, 100, 100)
    years[: len(WORDS)] = [line(str(5 * k), 100, 100 + 40 * k) for k in range(len(WORDS))]
    uneven = [replace(each, polygon=line(each.raw, 100, 100 + 9 * k * k).polygon) for k, each in enumerate(years)]
    assert set_apart(years).numbers == {}
    assert set_apart(uneven).numbers == {}
    assert set_apart([]).numbers == {}


def columns_with_fifths() -> list[Line]:
    """Two columns of thirty lines, and in the white between them the number of every fifth line."""
    columns = [line(WORDS[(k + n) % 7].ljust(30, "x"), 100 + 410 * n, 100 + 30 * k) for n in (0, 1) for k in range(30)]
    return [*columns, *(line(str(k), 460, 70 + 30 * k) for k in range(5, 31, 5))]


def test_numbers_of_every_fifth_line_come_behind_the_columns_that_they_stand_between() -> None:
    lines = columns_with_fifths()
    assert read(lines) == [each.raw for each in lines]
    apart = set_apart(lines)
    block = put_back(arrange(apart.lines), apart).blocks[-1]
    assert (block.type, block.lines) == ("sidebar", tuple(range(60, 66)))


def test_fives_beside_no_text_or_at_another_distance_stay() -> None:
    lines = columns_with_fifths()
    assert not set_apart(lines[60:]).counts
    assert not set_apart([*lines[:60:3], *lines[60:]]).counts
