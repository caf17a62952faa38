"""Rules cut where they end: strokes of text beyond the rule in which a rule ends look like its last piece.

A rule is smoothed along its direction before it is looked for (see ``rules``), so the white between a side of
a cell and a character right below the cell is lost. In the page itself it is there.
"""

from __future__ import annotations

import numpy as np

from recognition.page import Pixels

from .rules import LONG, REACH, THICK, Boxes

WHITE = 2
"""So many pixels without ink, one after the other, end a rule."""


def cut(rules: Boxes, crossing: Boxes, grey: Pixels) -> Boxes:
    """``rules`` (n, 4) from left to right, each up to the last of the rules ``crossing`` it if it has white right
    beyond that one and then no more than the height of characters. All in pixels of ``grey``."""
    ends = rules.copy()
    for rule, end in zip(rules, ends, strict=True):
        left, top, right, bottom = rule
        met = crossing[(crossing[:, 1] <= bottom + REACH) & (top - REACH <= crossing[:, 3])]
        band = grey[top:bottom, left:right].min(axis=0)
        paper = np.median(grey[max(0, top - THICK) : bottom + THICK, left:right])
        ink = band < (paper + np.median(band)) / 2
        for start, stop in met[:, [0, 2]].tolist():
            if stop + REACH < right < stop + LONG and _has_white(ink[stop - left : stop - left + REACH]):
                end[2] = min(end[2], stop)
            if start - LONG < left < start - REACH and _has_white(ink[max(0, start - left - REACH) : start - left]):
                end[0] = max(end[0], start)
    return ends


def _has_white(ink: Boxes) -> bool:
    return bool(np.convolve(~ink, np.ones(WHITE), "valid").max(initial=0) >= WHITE)
