"""Captions within a text: below a picture, in smaller type than what comes after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recognition.geometry import BBox
from recognition.layout.text_cues import ems
from recognition.page import Line

BELOW, ABOVE = 1.5, 4.0
"""Line heights from a picture to its caption, and from the text above to the picture, at most."""

OVER = 0.8
"""Pictures are found to reach into the lines at their edge by this share of a line's height."""

SMALLER = 0.9
"""Type of a caption, in that of the text."""

LONG = 5.0
"""From so many characters on the length of a line tells the size of its type."""

MOST = 5
"""So many lines a caption has, at most."""

BESIDE = 0.5
"""Share of a line, or of a picture, that lies above or below the other, if they stand in one column."""


def passed_over(following: Mapping[int, int], lines: Sequence[Line], pictures: Sequence[BBox]) -> dict[int, int]:
    """What follows which, where the text above a picture goes on below the caption, and not with it or nowhere."""
    found = dict(following)
    before = {second: first for first, second in following.items()}
    for picture in pictures:
        for caption in _below(lines, picture):
            last, after = _end(caption, following, lines)
            if after is None and last not in following:
                after = _under(last, lines, before)
            above = _above(lines, picture)
            if after is None or above is None or found.get(above, caption) != caption:
                continue
            leads = before.get(caption, above)
            if (leads == above or is_smaller(lines[caption], lines[leads])) and _in_column(lines[after].box, picture):
                found.pop(leads, None)
                found.pop(last, None)
                found[above] = after
                break
    return found


def _below(lines: Sequence[Line], picture: BBox) -> Iterator[int]:
    """The horizontal lines right below a picture, no further along than it."""
    for i, line in enumerate(lines):
        left, top, right, bottom = line.box
        height = bottom - top
        inside = left > picture[0] - height and right < picture[2] + height and line.direction == "horizontal"
        if inside and (top + bottom) / 2 > picture[3] - OVER * height and top < picture[3] + BELOW * height:
            yield i


def _end(caption: int, following: Mapping[int, int], lines: Sequence[Line]) -> tuple[int, int | None]:
    """The last line of a caption, and the first one of the text after it, in larger type, if there is any."""
    last = caption
    for _ in range(MOST):
        after = following.get(last)
        if after is None or lines[after].direction != "horizontal":
            break
        if is_smaller(lines[caption], lines[after]):
            return last, after
        last = after
    return last, None


def is_smaller(line: Line, text: Line) -> bool:
    """Whether the type of ``line`` is that of captions and notes beside that of a ``text``."""
    return ems(text.raw) >= LONG and _size(line) < SMALLER * _size(text)


def _under(last: int, lines: Sequence[Line], before: Mapping[int, int]) -> int | None:
    """The line right below the ``last`` one of a caption, if it is in larger type and follows nothing."""
    left, top, right, bottom = lines[last].box
    nearest, furthest = bottom - OVER * (bottom - top), bottom + ABOVE * (bottom - top)
    near = [
        i
        for i, line in enumerate(lines)
        if nearest < line.box[1] < furthest and line.box[0] < right and line.box[2] > left
    ]
    after = min(near, key=lambda i: lines[i].box[1], default=None)
    return after if after is not None and after not in before and is_smaller(lines[last], lines[after]) else None


def _size(line: Line) -> float:
    return (line.box[2] - line.box[0]) / max(ems(line.raw), 1.0)


def _above(lines: Sequence[Line], picture: BBox) -> int | None:
    """The line right above a picture, in its column."""
    near = [
        i
        for i, line in enumerate(lines)
        if -OVER < (picture[1] - line.box[3]) / (line.box[3] - line.box[1]) < ABOVE and _in_column(line.box, picture)
    ]
    return max(near, key=lambda i: lines[i].box[3], default=None)


def _in_column(box: BBox, picture: BBox) -> bool:
    shared = min(box[2], picture[2]) - max(box[0], picture[0])
    return shared > BESIDE * min(box[2] - box[0], picture[2] - picture[0])
