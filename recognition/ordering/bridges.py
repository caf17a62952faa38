"""Lines that run on across a gutter, because detection took the lines of two columns for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from statistics import median

from recognition.page import Line, LineDirection, Point

Blank = tuple[float, float]


def blanks(line: Line) -> Iterator[Blank]:
    """Where a line has no ink between two characters: from and to, as fractions of its length.

    A space, or a leap of more than one character; none where the positions of characters are unknown.
    """
    if len(line.positions) != len(line.raw) or line.text != line.raw:
        return
    inked = [(i, at) for i, (char, at) in enumerate(zip(line.raw, line.positions, strict=True)) if not char.isspace()]
    if len(inked) < 4:
        return
    pitch = median(b - a for (_, a), (_, b) in pairwise(inked))
    for (i, a), (j, b) in pairwise(inked):
        if b - a > (1.2 if j > i + 1 else 2.5) * pitch:
            yield a + pitch / 2, b - pitch / 2


def split(line: Line, blank: Blank, direction: LineDirection) -> tuple[Line, Line]:
    """The parts of ``line`` before and after one of its blanks."""
    low, high = blank
    parts = []
    for start, end in ((0.0, low), (high, 1.0)):
        kept = [(char, at) for char, at in zip(line.raw, line.positions, strict=True) if start <= at <= end]
        raw = "".join(char for char, _ in kept)
        lead, text = len(raw) - len(raw.lstrip()), raw.strip()
        positions = tuple((at - start) / (end - start) for _, at in kept[lead : lead + len(text)])
        a, b, c, d = line.polygon
        if direction == "horizontal":
            polygon = _between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start)
        else:
            polygon = _between(a, d, start), _between(b, c, start), _between(b, c, end), _between(a, d, end)
        parts.append(replace(line, raw=text, text=text, polygon=polygon, positions=positions, direction=direction))
    return parts[0], parts[1]


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
