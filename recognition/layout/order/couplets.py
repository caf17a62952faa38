"""Couplets: verses in vertical columns, each with its two halves above each other and a blank between them.

Tiers of prose look the same, and are read one after the other. What tells is where the halves end: the upper one with
a clause, the lower one with a sentence, column by column, and no other clause ends in either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.layout.boxes import Mask
from recognition.layout.neighbours import Neighbours
from recognition.layout.text_cues import is_punctuated

APART = 2.5
"""The halves are no further apart, in line heights: a blank of one or two characters."""

NEXT = 3.0
"""Nor are two columns of a poem, from middle to middle."""

LEVEL = 0.5
"""In a poem halves begin at one height, to this share of a line's height."""

LEAST, MOST = 2, 0.6
"""So many couplets make a poem, if they are so large a share of its columns: a comma may not have been recognised."""

CLAUSE, SENTENCE = "，,、；;：:", "。．.！!？?」』"


def reading_on(page: Neighbours, raws: Sequence[str]) -> Mask:
    """(n, n): whether the second of two vertical lines must come next: in its couplet, or as the next one's beginning.

    ``page``: in the frame of vertical text, where columns run to the right and follow each other downwards. ``raws``:
    the text of each line.
    """
    found = np.zeros((page.count, page.count), dtype=bool)
    for poem in _poems(page, _columns(page, raws)):
        couplets = sum(raws[a][-1] in CLAUSE and raws[b][-1] in SENTENCE for a, b in poem)
        if couplets >= max(LEAST, MOST * len(poem)):
            halves = [i for column in poem for i in column]
            found[halves[:-1], halves[1:]] = True
    return found


def _columns(page: Neighbours, raws: Sequence[str]) -> list[tuple[int, int]]:
    """What may be two halves in one column, from the right."""
    whole = ~page.foreign & np.array([bool(raw) and not is_punctuated(raw) for raw in raws])
    a, b = np.nonzero((page.rank_right == 0) & (page.rank_left == 0) & whole & whole[:, None])
    near = (page.gap_x[a, b] < APART * page.high[a]) & (np.abs(page.dy[a, b]) < LEVEL * page.high[a])
    return sorted(zip(a[near].tolist(), b[near].tolist(), strict=True), key=lambda column: float(page.y[column[0]]))


def _poems(page: Neighbours, columns: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The ``columns`` that stand beside each other and whose halves begin at the same heights, together."""
    poems: list[list[tuple[int, int]]] = []
    for column in columns:
        for poem in poems:
            last, own = np.array([poem[-1], column])
            level = np.abs(page.left[last] - page.left[own]) < LEVEL * page.high[own]
            if level.all() and page.y[own[0]] - page.y[last[0]] < NEXT * page.high[own[0]]:
                poem.append(column)
                break
        else:
            poems.append([column])
    return poems
