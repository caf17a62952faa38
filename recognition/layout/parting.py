"""Lines parted where two pieces of text were read as one, as neighbouring cells of a table are at times."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median

from recognition.geometry import between
from recognition.page import Line

AIR = 0.6
"""From a character's middle to the border of its line, in the distance from one character to the next."""

WIDE = 1.35
"""Where two characters are further apart than this, in the usual distance, there is a blank between them."""

Blank = tuple[float, float]


def places(line: Line) -> tuple[float, ...]:
    """The middle of each character, as a fraction of the line's length; evenly spread where it is not known."""
    count = len(line.raw)
    return line.positions if len(line.positions) == count else tuple((k + 0.5) / count for k in range(count))


def blanks(line: Line, wide: float = WIDE) -> list[Blank]:
    """From where to where ``line`` has no ink between two characters, as fractions of its length.

    A space, or a leap of more than ``wide`` characters; none where the characters' places are unknown.
    """
    if len(line.positions) != len(line.raw):
        return []
    inked = [(k, at) for k, at in enumerate(line.positions) if not line.raw[k].isspace()]
    if len(inked) < 2:
        return []
    pitch = _pitch([at for _, at in inked])
    return [
        (a + pitch / 2, b - pitch / 2)
        for (i, a), (k, b) in pairwise(inked)
        if b - a > wide * pitch or (k - i > 1 and b - a > pitch)
    ]


def part(line: Line, at: float) -> tuple[Line, Line] | None:
    """``line`` before and after ``at``, a fraction of its length; None where one of them would be empty.

    None, too, where the text is no longer one character for each that was read: its parts are not known then.
    """
    centres = places(line)
    count = sum(centre < at for centre in centres)
    before, after = line.raw[:count].strip(), line.raw[count:].strip()
    if not before or not after or len(line.text) != len(line.raw):
        return None
    pitch = _pitch(centres) * AIR
    end = min(at, _last(line, centres, count) + pitch)
    start = max(at, _first(line, centres, count) - pitch)
    return _piece(line, centres, 0, count, 0.0, end), _piece(line, centres, count, len(centres), start, 1.0)


def _pitch(centres: tuple[float, ...] | list[float]) -> float:
    return median(b - a for a, b in pairwise(centres)) if len(centres) > 1 else 1.0


def _last(line: Line, centres: tuple[float, ...], count: int) -> float:
    return next(centres[k] for k in reversed(range(count)) if not line.raw[k].isspace())


def _first(line: Line, centres: tuple[float, ...], count: int) -> float:
    return next(centres[k] for k in range(count, len(centres)) if not line.raw[k].isspace())


def _piece(line: Line, centres: tuple[float, ...], first: int, last: int, start: float, end: float) -> Line:
    while line.raw[first].isspace():
        first += 1
    while line.raw[last - 1].isspace():
        last -= 1
    a, b, c, d = line.polygon
    if line.direction == "vertical-rl":
        polygon = between(a, d, start), between(b, c, start), between(b, c, end), between(a, d, end)
    else:
        polygon = between(a, b, start), between(a, b, end), between(d, c, end), between(d, c, start)
    known = len(line.positions) == len(line.raw)
    positions = tuple((centre - start) / (end - start) for centre in centres[first:last]) if known else ()
    return replace(line, raw=line.raw[first:last], text=line.text[first:last], polygon=polygon, positions=positions)
