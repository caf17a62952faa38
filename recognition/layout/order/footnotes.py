"""Notes at the foot of a column, below a text that goes on at the head of the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recognition.layout.enclosures import goes_on
from recognition.page import Line

from .captions import SMALLER, is_smaller
from .succession import begins_next_column

APART = 0.3
"""How much more white, in line heights, is above a note than between the lines of the text."""

MOST = 12
"""So many lines the notes of a column have, at most."""


def passed_over(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which, where a sentence goes on from the text above notes at the head of the next column, and not
    with these."""
    found = dict(following)
    usual = float(np.median([line.box[3] - line.box[1] for line in lines]))
    before = {second: first for first, second in following.items()}
    for last, head in following.items():
        if not begins_next_column(lines[last], lines[head]):
            continue
        notes = [last]
        while len(notes) <= MOST and _is_note(lines[notes[-1]], lines[head], usual) and notes[-1] in before:
            notes.append(before[notes[-1]])
        first = notes.pop()
        if not notes or begins_next_column(lines[first], lines[notes[-1]]) or first not in before:
            continue
        above, text = lines[before[first]], lines[first]
        if _is_apart(above, text, lines[notes[-1]]) and goes_on(above, text, lines[head]):
            del found[last]
            found[first] = head
    return found


def _is_apart(before: Line, first: Line, note: Line) -> bool:
    """Whether there is more white below the ``first`` line than above it, to the one ``before``."""
    white = note.box[1] - first.box[3] - (first.box[1] - before.box[3])
    return white > APART * (first.box[3] - first.box[1])


def _is_note(line: Line, text: Line, usual: float) -> bool:
    """Whether the type of ``line`` is smaller by its height, in that of the ``usual`` line, and by its width, in that
    of a ``text``. Both vary from line to line."""
    return line.box[3] - line.box[1] < SMALLER * usual and is_smaller(line, text)
