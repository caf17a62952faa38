"""Rows of text that follow each other, and the columns in which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from . import aligned
from .page import BLANK, FramedPage
from .prose import is_number, is_prose, is_wordy

HEADING = 0.6
"""A heading inside of a table takes no more than this share of its width."""

HEADED = 4
"""Fewer rows at the top than this may not reach as far to the left as those below."""

NEAR = 2.6
"""Rows of one table without rules follow each other within so many line heights."""


def bands(page: FramedPage, indices: Sequence[int]) -> list[list[int]]:
    """Lines beside each other, directly or by others between them, from the top, each band from the left."""
    bands: list[list[int]] = []
    reach = -np.inf
    for i in sorted(indices, key=lambda i: page.boxes[i, 1]):
        slack = (page.boxes[i, 3] - page.boxes[i, 1]) / 4
        if page.boxes[i, 1] + slack < reach:
            bands[-1].append(i)
        else:
            bands.append([i])
        reach = max(reach, float(page.boxes[i, 3]) - slack)
    return [sorted(band, key=lambda i: float(page.boxes[i, 0])) for band in bands]


def runs(page: FramedPage) -> Iterator[list[list[int]]]:
    """Rows that follow each other, most of them with short lines side by side."""
    horizontal = [i for i in sorted(page.free) if not page.is_vertical([i])]
    run: list[list[int]] = []
    seeds = last = 0
    for row in [*bands(page, horizontal), []]:
        near = run and row and page.boxes[row, 1].min() - page.boxes[run[-1], 3].max() < NEAR * page.height
        seed = bool(row) and _is_seed(page, row)
        if run and not (near and (seed or (len(run) - last < 3 and _continues(page, run, row)))):
            if seeds >= 3:
                yield run[:last]
            run, seeds, last = [], 0, 0
        if seed or run:
            run.append(row)
        if seed:
            seeds, last = seeds + 1, len(run)


def _is_seed(page: FramedPage, row: Sequence[int]) -> bool:
    """Whether a row has short lines side by side, or a number beside text, or a line with wide blanks in it."""
    blank = page.blanks(row, BLANK * page.height)
    boxes = page.boxes[row]
    gaps = int((boxes[1:, 0] - np.maximum.accumulate(boxes[:, 2])[:-1] > BLANK * page.height).sum()) + len(blank)
    short = [i for i in row if not is_wordy(page, i)]
    pieces = len(row) + len(blank)
    numbers = any(is_number(page.lines[i].raw) for i in short)
    return gaps > 0 and (numbers or len(short) + len(blank) >= max(2 if pieces < 3 else 1, pieces / 3))


def _continues(page: FramedPage, run: Sequence[Sequence[int]], row: Sequence[int]) -> bool:
    """Whether a row of one line may be a heading in a table, or the rest of one of its cells."""
    boxes = page.boxes[[i for above in run for i in above]]
    left, right = boxes[:, 0].min(), boxes[:, 2].max()
    begins = len(run) < HEADED  # heads of columns leave the first one empty at times
    return all(
        (begins or left - page.height < page.boxes[i, 0])
        and page.boxes[i, 2] - page.boxes[i, 0] < (right - left) * HEADING
        for i in row
    )


def column_groups(page: FramedPage, indices: Sequence[int], least: int = 3) -> Iterator[list[int]]:
    """The lines of ``least`` neighbouring columns or more, those of columns of prose left out."""
    inner = aligned.borders(page.boxes[indices], page.blanks(indices, 0), page.height)
    column = np.searchsorted(inner, (page.boxes[indices, 0] + page.boxes[indices, 2]) / 2)
    group: list[int] = []
    columns = 0
    for k in range(len(inner) + 2):
        own = [indices[n] for n in np.flatnonzero(column == k)]
        if own and not is_prose(page, own):
            group, columns = group + own, columns + 1
            continue
        if columns >= least:
            yield group
        group, columns = [], 0
