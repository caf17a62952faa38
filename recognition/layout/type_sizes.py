"""How large the type of lines is, whatever their boxes are.

How high a box is depends on its letters, on the white around it, and on how many they are; how far characters are apart
does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.page import Line

from .boxes import Floats
from .text_cues import WIDE, cues, ems

LARGE = 1.25
"""Type of a title, in sizes of the page's text."""

WIDER = 1.1
"""In larger type characters are also further apart, by so much."""

TELLING, FEW = 3.0, 2.0
"""So many East Asian characters show by their distance alone how large they are; fewer have no distance at all."""

LEAP = 1.6
"""Characters that are further apart than most of their line, by this factor, have a blank between them."""


def relative(lines: Sequence[Line], sizes: Floats, lengths: Floats) -> Floats:
    """(n,): how large the characters of each line are, in those of the text, which is most of the page.

    ``sizes``, ``lengths``: (n,), of the lines' boxes, across them and along them, in pixels. East Asian characters fill
    equal squares, so their distance tells their size best. Of others it is known but roughly, as the height of boxes
    is, and both have to agree.
    """
    characters = np.array([ems(line.raw) for line in lines])
    pitch = np.array([_pitch(*each) for each in zip(lines, lengths, sizes, strict=True)])
    wider = pitch / usual(pitch, lengths)
    both = np.fmin(sizes / usual(sizes, lengths), wider * (LARGE / WIDER))
    told = np.array([cues(line.raw)[WIDE] > 0.5 for line in lines], dtype=bool) & (characters >= TELLING)
    return np.where(told & ~np.isnan(wider), wider, both)


def usual(values: Floats, lengths: Floats) -> float:
    """The median of ``values``, weighted by ``lengths``; NaN does not count. 1 where there are none."""
    order = np.argsort(values)[: int((~np.isnan(values)).sum())]
    sums = np.cumsum(lengths[order])
    return float(values[order[np.searchsorted(sums, sums[-1] / 2)]]) if len(order) else 1.0


def _pitch(line: Line, length: float, size: float) -> float:
    """How far characters of full width would be apart in a line, in pixels; NaN if it has too few. What stands apart,
    as a number at the end of an entry, does not count."""
    widths = np.array([ems(character) for character in line.raw])
    steps = (widths[:-1] + widths[1:]) / 2
    if steps.sum() < FEW - 1:
        return np.nan
    if len(line.positions) != len(line.raw):
        return (length - size) / float(steps.sum())  # a box reaches beyond the ends of a line as beyond its sides
    pitches = np.diff(line.positions) * length / steps
    near = pitches < LEAP * np.median(pitches)
    return float(np.average(pitches[near], weights=steps[near])) if near.any() else np.nan
