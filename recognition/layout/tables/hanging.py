"""Tables whose columns are parted by rules that hang from one above, without rules between rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .draft import Draft, in_columns, is_filled
from .page import MEET, FramedPage
from .prose import MOST
from .runs import bands

ROWS = 4
"""So many rows has such a table at least."""

ENDS, RAGGED = 1.5, 0.4
"""Of the lines of its first column no larger share ends within so many line heights of the longest: prose does."""


def hanging_tables(page: FramedPage) -> Iterator[Draft]:
    """Short texts that stand level with each other, one in each column, in rows down to where the rules end."""
    for rule in page.across:
        hanging = [
            other
            for other in page.along
            if abs(other.start - rule.at) < MEET * page.height
            and rule.start + page.height < other.at < rule.end - page.height
        ]
        if not hanging:
            continue
        box = rule.start, rule.at, rule.end, max(other.end for other in hanging)
        indices = page.within(box)
        rows = bands(page, indices)
        if page.is_vertical(indices) or len(rows) < ROWS or not _is_ragged(page, [row[0] for row in rows]):
            continue
        if sum(len(row) == len(hanging) + 1 for row in rows) < MOST * len(rows):
            continue
        kept = page.copy()
        draft = in_columns(page, indices, box, least=2)
        if draft and draft.grid.columns == len(hanging) + 1 and is_filled(draft, ROWS):
            page.free -= {i for cell in draft.cells.values() for i in cell}
            yield draft
        else:
            page.restore(kept)


def _is_ragged(page: FramedPage, column: Sequence[int]) -> bool:
    ends = page.boxes[list(column), 2]
    return bool((ends > ends.max() - ENDS * page.height).mean() <= RAGGED)
