"""Captions within a text: what comes after the line above a picture."""

from __future__ import annotations

from itertools import pairwise

import pytest

from recognition.geometry import BBox, corners
from recognition.layout.order.captions import passed_over
from recognition.page import Line

STEP = 30
TEXT = "春天來了河邊的柳樹長出新葉傍晚山頭雲染紅漁船"
PICTURE: BBox = (50, 180, 530, 400)


def line(top: float, text: str, size: float) -> Line:
    return Line(text, 0.99, corners((50, top, 50 + size * len(text), top + size)))


def page(caption_size: float) -> list[Line]:
    """Four lines above the picture, two of its caption, and three below."""
    caption = [line(402, "橋上的人一九三九年春天", caption_size), line(424, "攝影", caption_size)]
    above, below = ([line(start + STEP * n, TEXT, 20) for n in range(count)] for start, count in ((50, 4), (450, 3)))
    return [*above, *caption, *below]


@pytest.mark.parametrize("read_before", [True, False])
def test_text_goes_on_past_a_picture_and_its_caption(read_before: bool) -> None:
    following = dict(pairwise(range(9)))
    if not read_before:
        del following[3]
    found = passed_over(following, page(16), [PICTURE])
    assert found[3] == 6
    assert found[4] == 5
    assert 5 not in found


@pytest.mark.parametrize("is_free", [True, False])
def test_text_goes_on_below_a_caption_that_stands_by_itself(is_free: bool) -> None:
    """Unless what is below follows something else."""
    following = dict(pairwise(range(9)))
    del following[3], following[5]
    lines = page(16)
    if not is_free:
        following[9] = 6
        lines.append(line(10, TEXT, 20))
    assert passed_over(following, lines, [PICTURE]) == (following | {3: 6} if is_free else following)


def test_text_below_a_picture_in_the_same_type_is_no_caption() -> None:
    following = dict(pairwise(range(9)))
    assert passed_over(following, page(20), [PICTURE]) == following


def test_a_heading_without_a_picture_below_keeps_what_follows() -> None:
    following = dict(pairwise(range(9)))
    assert passed_over(following, page(16), []) == following


def test_a_text_in_larger_type_does_not_go_on_in_a_caption() -> None:
    """What ends beside the picture leads to the caption by its place alone."""
    following = dict(pairwise(range(9))) | {9: 4}
    del following[3]
    found = passed_over(following, [*page(16), line(10, TEXT, 20)], [PICTURE])
    assert found[3] == 6
    assert 9 not in found
    assert 5 not in found
