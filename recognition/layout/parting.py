"""Lines parted where two pieces of text were read as one, as neighbouring cells of a table are at times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple
from unicodedata import east_asian_width

from recognition.page import Line

CHARACTER_MARGIN = 0.6
"""From a character's middle to the border of its line, in its own width: some white is left on each side."""

WIDE = 0.35
"""White between two characters that is wider than this, in full-width characters, parts words."""


RANGE = re.compile(r"(?<=\d)\s*([-–—~～至])\s*(?=\d)")
"""The sign between the two ends of a range of numbers."""


class Blank(NamedTuple):
    """White in a line, from ``start`` to ``end``, as fractions of its length. ``usual``: it parts words of a script
    that has spaces between words."""

    start: float
    end: float
    usual: bool


def places(line: Line) -> tuple[float, ...]:
    """The middle of each character, as a fraction of the line's length; evenly spread where it is not known."""
    count = len(line.raw)
    return line.positions if len(line.positions) == count else tuple((k + 0.5) / count for k in range(count))


def blanks(line: Line) -> list[Blank]:
    """Where ``line`` has no ink between two characters.

    A space, or a leap of more than ``WIDE`` of a full-width character beyond what the two characters take, or twice as
    much inside of a number; none where the characters' places are unknown, nor beside the sign of a range of numbers
    ("3.5 - 7.2") unless it is as wide as a full-width character.
    """
    if len(line.positions) != len(line.raw):
        return []
    inked = _inked(line)
    widths = [_width(line.raw[k]) for k in inked]
    em = _em([line.positions[k] for k in inked], widths)
    ranges = {match.start(1) for match in RANGE.finditer(line.raw)}
    found = []
    for (a, one), (b, other) in pairwise(zip(inked, widths, strict=True)):
        start, end = line.positions[a] + em * one / 2, line.positions[b] - em * other / 2
        if end <= start or (b - a == 1 and end - start <= WIDE * em):
            continue  # as between most characters
        least = WIDE * em * (2 if _is_of_number(line.raw[a]) and _is_of_number(line.raw[b]) else 1)
        if {a, b} & ranges and end - start < em:
            continue
        if end - start > least or b - a > 1:
            found.append(Blank(start, end, line.raw[a].isalpha() and line.raw[b].isalpha() and one + other < 2))
    return found


def _is_of_number(char: str) -> bool:
    """Whether ``char`` may stand inside of a number; points and commas take less room than other characters."""
    return char.isdecimal() or char in ",.:/-"


def first_word(line: Line) -> float:
    """How much of ``line``, as a fraction of its length, its first word takes: to the first white space, or one
    character of a script without spaces."""
    text = line.raw.strip()
    word = text[:1] if east_asian_width(text[:1] or " ") in "WF" else text.split(maxsplit=1)[0] if text else ""
    return sum(map(_width, word)) / max(sum(map(_width, text)), 1.0)


def part(line: Line, at: float) -> tuple[Line, Line] | None:
    """``line`` before and after ``at``, a fraction of its length; None where one of them would be empty.

    None, too, where the text is no longer one character for each that was read: its parts are not known then.
    """
    centres = places(line)
    inked = _inked(line)
    before = [k for k in inked if centres[k] < at]
    after = [k for k in inked if centres[k] >= at]
    if not before or not after or len(line.text) != len(line.raw):
        return None
    last, first = before[-1], after[0]
    em = _em([centres[k] for k in inked], [_width(line.raw[k]) for k in inked]) * CHARACTER_MARGIN
    end = min(at, centres[last] + em * _width(line.raw[last]))
    start = max(at, centres[first] - em * _width(line.raw[first]))
    return line.part(before[0], last + 1, 0.0, end), line.part(first, after[-1] + 1, start, 1.0)


def pitch(line: Line) -> float:
    """How much of the length of ``line``, in pixels, a full-width character takes, white space included."""
    left, top, right, bottom = line.box
    return max(right - left, bottom - top) / max(sum(map(_width, line.raw)), 0.5)


def _inked(line: Line) -> list[int]:
    """The indices of the characters that are no white space."""
    return [k for k, char in enumerate(line.raw) if not char.isspace()]


@cache
def _width(char: str) -> float:
    """How wide a character is, in full-width ones."""
    return 1.0 if east_asian_width(char) in "WF" else 0.5


def _em(centres: Sequence[float], widths: Sequence[float]) -> float:
    """The width of a full-width character from the ``centres`` and ``widths`` of those of a line that are inked."""
    leaps = [
        (b - a) * 2 / (one + other) for a, b, one, other in zip(centres, centres[1:], widths, widths[1:], strict=False)
    ]
    return median(leaps) if leaps else 1.0
