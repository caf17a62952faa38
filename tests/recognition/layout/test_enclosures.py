"""Frames are read by themselves; text that passes over one keeps each line, and each once."""

from recognition.layout import sequence
from recognition.layout.enclosures import passed_over
from recognition.page import Line
from recognition.separators import Separators
from tests.support.tables import frame, text


def line(row: int) -> Line:
    top = 30.0 * row
    return Line("河邊的春天來得很早", 0.9, ((0, top), (180, top), (180, top + 20), (0, top + 20)))


LINES = [line(row) for row in range(12)]
OUTER, INNER = (-10.0, 115.0, 190.0, 265.0), (-5.0, 175.0, 185.0, 265.0)
"""Around lines 4 to 8, and 6 to 8."""


def test_of_two_frames_that_end_together_one_is_passed_over():
    following = {0: 1, 1: 2, 2: 3, 4: 5, 6: 7, 7: 8, 9: 10, 10: 11}
    found = passed_over(following, LINES, Separators(panels=(OUTER, INNER)))
    assert found.keys() - following.keys()
    assert len(set(found.values())) == len(found)


def test_text_behind_a_frame_that_ends_before_it_makes_no_circle():
    following = {4: 5, 5: 6, 6: 7, 7: 8, 9: 10, 10: 11, 11: 0, 0: 1, 1: 2, 2: 3}
    assert passed_over(following, LINES, Separators(panels=(OUTER,))) == following


def test_two_lines_in_a_frame_are_read_before_those_in_the_frame_beside_it():
    lefts, tops = (100, 400, 700), (100, 220, 340)
    frames = [frame((left, left + 260), (top, top + 76)) for top in tops for left in lefts]
    names = (
        "Anna Baker",
        "Ruth Jackson",
        "Frank Owen",
        "Mary Lewis",
        "Nora Webb",
        "Peter Marsh",
        "Jo Hall",
        "Al Fox",
        "Ed Ray",
    )
    seats = zip(names, [(left, top) for top in tops for left in lefts], strict=True)
    lines = [text("Who sits where at the dinner of the society", 300, 40)]
    lines += [
        text(raw, left + 20 * (k + 1), top + 8 + 36 * k)
        for number, (name, (left, top)) in enumerate(seats, 1)
        for k, raw in enumerate((str(number), name))
    ]
    separators = Separators(
        tuple(rule for each in frames for rule in each.horizontal),
        tuple(rule for each in frames for rule in each.vertical),
    )
    assert sequence(lines, separators=separators) == list(range(19))
