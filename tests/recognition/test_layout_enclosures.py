"""Text that passes over a frame keeps each line, and each once."""

from recognition.layout.enclosures import passed_over
from recognition.page import Line
from recognition.separators import Separators


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
