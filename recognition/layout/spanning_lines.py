"""Lines that run on across a gutter, because detection took the lines of two columns for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recognition.page import Line, LineDirection

from .boxes import Floats, Indices

SPACES = np.array([code for code in range(0x3001) if chr(code).isspace()], dtype=np.uint32)
LEAST = 4
"""So few characters tell no pitch."""

LEAPS = 2.5
"""From the middle of one character to that of the next, in pitches, if there is a blank between them."""

Blank = tuple[float, float]


def blanks(lines: Sequence[Line], leaps: float = LEAPS) -> Floats:
    """Where lines have no ink between two characters: (m, 3), the index of a line, from and to as fractions of its
    length.

    A space, or a leap of more than ``leaps`` characters; none where the positions of characters are unknown.
    """
    known = [i for i, line in enumerate(lines) if len(line.positions) == len(line.raw) and line.text == line.raw]
    codes = np.frombuffer("".join(lines[i].raw for i in known).encode("utf-32-le"), dtype=np.uint32)
    inked = np.flatnonzero(~np.isin(codes, SPACES))
    at = np.array([position for i in known for position in lines[i].positions])[inked]
    line = np.repeat(known, [len(lines[i].raw) for i in known]).astype(np.intp)[inked]
    counts = np.bincount(line, minlength=len(lines))
    pair = np.flatnonzero((np.diff(line) == 0) & (counts[line[1:]] >= LEAST))
    line, leap, apart = line[pair], np.diff(at)[pair], np.diff(inked)[pair] > 1
    pitch = _medians(leap, line, len(lines))[line]
    blank = leap > np.where(apart, 1.2, leaps) * pitch
    start, half = at[pair][blank], pitch[blank] / 2
    return np.stack([line[blank], start + half, start + leap[blank] - half], axis=1)


def _medians(values: Floats, groups: Indices, count: int) -> Floats:
    """(count,): the median of the ``values`` of each group; 0 for a group without any. ``groups``: ascending."""
    medians = np.zeros(count)
    sizes = np.bincount(groups, minlength=count)
    filled = np.flatnonzero(sizes)
    ranked = values[np.lexsort((values, groups))]
    first = (np.cumsum(sizes) - sizes)[filled]
    low, high = first + (sizes[filled] - 1) // 2, first + sizes[filled] // 2
    medians[filled] = (ranked[low] + ranked[high]) / 2
    return medians


def split(line: Line, blank: Blank, direction: LineDirection) -> tuple[Line, Line]:
    """The parts of ``line`` before and after one of its blanks."""
    low, high = blank
    line = replace(line, direction=direction)
    inked = [k for k, char in enumerate(line.raw) if not char.isspace()]
    before = [k for k in inked if line.positions[k] <= low]
    after = [k for k in inked if line.positions[k] >= high]
    return line.part(before[0], before[-1] + 1, 0.0, low), line.part(after[0], after[-1] + 1, high, 1.0)
