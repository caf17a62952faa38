"""Tables without rules: rows of text in the same columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from recognition.geometry import union

from .draft import Draft, holds_prose, in_columns, is_filled
from .page import FramedPage
from .prose import MOST, is_number, is_wordy
from .runs import column_groups, runs

FILLED, STRICT, WORDS = 0.5, 0.8, 0.7
"""Shares in a table without rules: of its cells that are filled; of its columns, and of the cells of one, that are
straight; of both in one without numbers; of its cells that may hold running text."""

STRAIGHT = 0.5
"""Cells of a column begin, end or are centred at one x within so many line heights."""


def open_tables(page: FramedPage) -> Iterator[Draft]:
    """Rows of text that stand in the same columns."""
    for run in runs(page):
        indices = [i for row in run for i in row]
        for group in column_groups(page, indices):
            kept = page.copy()
            box = union(tuple(page.boxes[i]) for i in group)
            draft = in_columns(page, group, box, least=3)
            if draft and is_filled(draft) and _is_regular(page, draft) and not holds_prose(page, draft):
                page.free -= {i for cell in draft.cells.values() for i in cell}
                yield replace(draft, ruled=False)
            else:
                page.restore(kept)


def _is_regular(page: FramedPage, draft: Draft) -> bool:
    """Whether there are three columns, most of them straight but for labels, and most cells are filled.

    One of them holds numbers, or else they must be straight and full, and not all words: what is set in columns
    without being a table seldom has them.
    """
    found = draft.grid
    if found.columns < 3:
        return False
    filled = len(draft.cells) / (found.rows * found.columns)
    straight = sum(_is_straight(page, draft, column) for column in range(1, found.columns)) / (found.columns - 1)
    texts = [
        [page.lines[lines[0]].raw for place, lines in draft.cells.items() if place.column == column]
        for column in range(found.columns)
    ]
    numbers = any(sum(map(is_number, column)) > 0.6 * len(column) for column in texts)
    wordy = sum(is_wordy(page, lines[0]) for lines in draft.cells.values())
    if not numbers and (filled < STRICT or straight < STRICT or wordy > len(draft.cells) / 2):
        return False
    return filled > FILLED and straight > MOST and wordy <= WORDS * len(draft.cells)


def _is_straight(page: FramedPage, draft: Draft, column: int) -> bool:
    """Whether most cells of a column begin, or end, or are centred at one place."""
    cells = [lines for place, lines in draft.cells.items() if place.column == column and place.colspan == 1]
    if len(cells) < 2:
        return False
    boxes = np.array([union(tuple(page.boxes[i]) for i in lines) for lines in cells])
    edges = boxes[:, 0], boxes[:, 2], (boxes[:, 0] + boxes[:, 2]) / 2
    return any((np.abs(edge - np.median(edge)) < STRAIGHT * page.height).mean() > MOST for edge in edges)
