"""Options to tick that stand side by side below a question: they are read row by row, as they were set.

White alone does not tell such a row from columns of text, since the options of all questions often begin at the same
places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from recognition.layout.boxes import Mask
from recognition.layout.neighbours import LOWER, Neighbours
from recognition.layout.text_cues import TICK_BOXES

MARK, UNREAD = re.compile(rf"\s*[{TICK_BOXES}]\s*\w"), re.compile(r"\s+\w")
"""A box or a circle to tick, with words behind it; and the blank that is left of one that was not recognised."""

READ = 0.25
"""Share of the marks that are recognised at least, or blanks say nothing."""


def reading_on(page: Neighbours, raws: Sequence[str]) -> Mask:
    """(n, n): whether the second line is the option that comes after the first one, in its row or in the next."""
    marked = np.array([bool(MARK.match(raw)) for raw in raws])
    unread = np.array([bool(UNREAD.match(raw)) for raw in raws])
    marked |= unread & (marked.sum() >= READ * (marked | unread).sum())
    following = np.zeros((page.count, page.count), dtype=bool)
    if marked.sum() < 2:
        return following
    level = np.isfinite(page.gap_x) & (np.abs(page.dy) < LOWER * page.usual) & (page.rank_right == 0)
    pairs = ((i, j) for i, j in np.argwhere(level & marked[:, None] & marked) if not _asks_anew(page, marked, i, j))
    beside: dict[int, int] = {int(i): int(j) for i, j in pairs}
    for first in set(beside) - set(beside.values()):
        row = [first]
        while row[-1] in beside:
            row.append(beside[row[-1]])
        following[row[:-1], row[1:]] = True
        lower = int(page.gap_y[first].argmin())
        is_aligned = abs(page.left[lower] - page.left[first]) < page.usual
        if marked[lower] and is_aligned and np.isfinite(page.gap_y[first, lower]):
            following[row[-1], lower] = True
    return following


def _asks_anew(page: Neighbours, marked: Mask, i: int, j: int) -> bool:
    """Whether right above option ``j``, further to the right than option ``i`` ends, stands a question of its own."""
    while page.up[j] >= 0:
        j = int(page.up[j])
        if not marked[j]:
            return bool(page.left[j] > page.right[i])
    return False
