"""Tables without rules: rows of text in the same columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from recognition.geometry import BBox, union
from recognition.layout.boxes import Boxes

from . import aligned
from .accounts import are_abreast, is_account
from .draft import Draft, in_columns, is_filled, is_text
from .page import FramedPage
from .prose import MOST, are_options, is_number, is_wordy
from .runs import column_groups, runs
from .spans import with_spans

FILLED, STRICT, WORDS = 0.5, 0.8, 0.7
"""Shares in a table without rules: of its cells that are filled; of its columns, and of the cells of one, that are
straight; of both in one without numbers; of its cells that may hold running text."""

UNEVEN = 0.3
"""Share of the rows with cells of one line beside others of several, in a table of words that short keys begin."""

LEAST = 3
"""So many rows has a table without rules at least."""

APART = 0.35
"""What is above a table is so many line heights further from it, at least, than its rows are from each other."""

BEYOND = 3.0
"""A rule between columns of a page goes on above or below what stands beside it, by more line heights than these."""

STRAIGHT = 0.5
"""Cells of a column begin, end or are centred at one x within so many line heights."""


def open_tables(page: FramedPage) -> Iterator[Draft]:
    """Rows of text that stand in the same columns."""
    for rows in (part for run in runs(page) for part in _below_heads(page, run)):
        indices = [i for row in rows for i in row]
        pending = list(column_groups(page, indices, least=2))
        while pending:
            group = pending.pop(0)
            box = union(tuple(page.boxes[i]) for i in group)
            if _crosses_rule(page, group, box) or are_options(page, group, asked=False):
                continue
            kept = page.copy()
            draft = in_columns(page, group, box, LEAST)
            if draft and (parts := _others(page, group, draft)):
                page.restore(kept)
                pending[:0] = parts
            elif draft and is_filled(draft) and _is_table(page, draft) and not _leaves_out(page, draft):
                page.free -= {i for cell in draft.cells.values() for i in cell}
                yield replace(with_spans(page, draft), ruled=_is_sure(page, draft) or is_account(page, draft))
            else:
                page.restore(kept)


def _leaves_out(page: FramedPage, draft: Draft) -> bool:
    """Whether another line reaches into a table: its rows are not what they seem then."""
    left, top, right, bottom = draft.grid.box
    others = _beside(page, draft)
    slack = (others[:, 3] - others[:, 1]) / 4
    within = (others[:, 0] < right) & (others[:, 2] > left)
    return bool((within & (others[:, 1] + slack < bottom) & (others[:, 3] - slack > top)).any())


def _crosses_rule(page: FramedPage, group: Sequence[int], box: BBox) -> bool:
    """Whether an upright rule between lines of a ``group`` goes through most of their ``box`` and on beyond it.

    Columns of the page meet at such a rule.
    """
    _, top, _, bottom = box
    through = (rule for rule in page.along if min(rule.end, bottom) - max(rule.start, top) > MOST * (bottom - top))
    beyond = (rule for rule in through if max(top - rule.start, 0) + max(rule.end - bottom, 0) > BEYOND * page.height)
    return any(_parted(page, group, rule.at) for rule in beyond)


def _others(page: FramedPage, group: Sequence[int], draft: Draft) -> list[list[int]]:
    """What the lines of a draft are tables of if they are not one: those in either half of its columns, or those beside
    a single line, as of a letterhead, that makes no column; nothing otherwise."""
    if are_abreast(page, draft):
        return _parted(page, group, draft.grid.xs[draft.grid.columns // 2])
    first, last = ({i for i in group if _column(page, draft, i) == at} for at in (0, draft.grid.columns - 1))
    for alone in (first, last):
        if len(alone) == 1 and draft.grid.rows > LEAST:
            return [[i for i in group if i not in alone]]
    return []


def _column(page: FramedPage, draft: Draft, i: int) -> int:
    """The column that holds the middle of a line."""
    return int(np.searchsorted(draft.grid.xs[1:-1], (page.boxes[i, 0] + page.boxes[i, 2]) / 2))


def _parted(page: FramedPage, group: Sequence[int], x: float) -> list[list[int]]:
    """The lines whose middle is left of ``x``, and the others; none where one of these is empty."""
    beyond = (page.boxes[group, 0] + page.boxes[group, 2]) / 2 > x
    sides = [[i for i, right in zip(group, beyond, strict=True) if right == side] for side in (False, True)]
    return sides if all(sides) else []


def _is_table(page: FramedPage, draft: Draft) -> bool:
    return (_is_regular(page, draft) or is_account(page, draft)) and not is_text(page, draft)


def _below_heads(page: FramedPage, run: list[list[int]]) -> list[list[list[int]]]:
    """The rows of a run parted where what stands further above them, an address for instance, has fewer columns."""
    tops = np.array([page.boxes[row, 1].min() for row in run])
    reach = np.maximum.accumulate([page.boxes[row, 3].max() for row in run])
    white = tops[1:] - reach[:-1]
    for at in np.flatnonzero(white > np.median(white) + APART * page.height)[::-1] + 1 if len(run) > 1 else ():
        head, table = run[:at], run[at:]
        if len(table) >= LEAST and _columns(page, head, table) < _columns(page, table, table):
            return [*_below_heads(page, head), table]
    return [run]


def _columns(page: FramedPage, rows: list[list[int]], of: list[list[int]]) -> int:
    """In how many of the columns in which the rows ``of`` stand some of ``rows`` do."""
    indices, own = ([i for row in each for i in row] for each in (rows, of))
    inner = aligned.borders(page.boxes[own], page.blanks(own, 0), page.height)
    middles = (page.boxes[indices, 0] + page.boxes[indices, 2]) / 2
    return len(set(np.searchsorted(inner, middles).tolist()))


def _is_regular(page: FramedPage, draft: Draft) -> bool:
    """Whether there are three columns, most of them straight but for labels, and most cells are filled.

    One of them holds numbers, or else they must be straight and full, and not all words: what is set in columns
    without being a table seldom has them.
    """
    found = draft.grid
    if found.columns < 3:
        return False
    filled, straight = _shares(page, draft)
    texts = [
        [page.lines[lines[0]].raw for place, lines in draft.cells.items() if place.column == column]
        for column in range(found.columns)
    ]
    numbers = any(sum(map(is_number, column)) > 0.6 * len(column) for column in texts)
    if _is_sure(page, draft):
        return True
    wordy = sum(is_wordy(page, lines[0]) for lines in draft.cells.values())
    if not numbers and (filled < STRICT or straight < STRICT or wordy > len(draft.cells) / 2):
        return False
    return filled > FILLED and straight > MOST and wordy <= WORDS * len(draft.cells)


def _shares(page: FramedPage, draft: Draft) -> tuple[float, float]:
    """Shares of the cells that are filled, rows of one text left out, and of the columns but the first one that are
    straight."""
    columns = draft.grid.columns
    straight = sum(_is_straight(page, draft, column) for column in range(1, columns))
    rows = Counter(place.row for place in draft.cells)
    several = [count for count in rows.values() if count > 1]
    return sum(several) / (max(len(several), 1) * columns), straight / (columns - 1)


def _is_sure(page: FramedPage, draft: Draft) -> bool:
    """Whether nothing but a table has such rows, be they of words."""
    if draft.grid.columns < 3 or min(_shares(page, draft)) <= STRICT:
        return False
    return _has_keys(page, draft) and not _goes_on(page, draft)


def _goes_on(page: FramedPage, draft: Draft) -> bool:
    """Whether most rows go on beyond the last column, no further apart than columns are: each is a row of several texts
    then, as of entries in tiers with a key each."""
    left, top, _, bottom = _beside(page, draft).T
    columns = [_union(page, draft, column=column) for column in range(draft.grid.columns)]
    filled = [box for box in columns if box]
    right, widest = filled[-1][2], max((after[0] - before[2] for before, after in pairwise(filled)), default=0.0)
    next_to = (left > right) & (left < right + widest)
    rows = [box for row in range(draft.grid.rows) if (box := _union(page, draft, row=row))]
    return 2 * sum(bool((next_to & (bottom > box[1]) & (top < box[3])).any()) for box in rows) > len(rows)


def _beside(page: FramedPage, draft: Draft) -> Boxes:
    """(n, 4): the lines that are in no table, and not in this one."""
    return page.boxes[sorted(page.free - {i for lines in draft.cells.values() for i in lines})]


def _union(page: FramedPage, draft: Draft, *, column: int | None = None, row: int | None = None) -> BBox | None:
    """The box around the lines of a column, or a row; None where it has none."""
    held = [
        i
        for place, lines in draft.cells.items()
        if column in (None, place.column) and row in (None, place.row)
        for i in lines
    ]
    return union(tuple(page.boxes[i]) for i in held) if held else None


def _has_keys(page: FramedPage, draft: Draft) -> bool:
    """Whether short texts in the first column begin rows some of whose cells have several lines and others one."""
    rows: dict[int, list[int]] = {}
    for place, lines in draft.cells.items():
        rows.setdefault(place.row, []).append(aligned.rows_of(page.boxes[lines], page.height))
    uneven = sum(len(set(counts)) > 1 for counts in rows.values())
    keys = [lines for place, lines in draft.cells.items() if place.column == 0]
    short = sum(not any(is_wordy(page, i) for i in lines) for lines in keys)
    return len(rows) > LEAST and uneven >= max(2, UNEVEN * len(rows)) and short > STRICT * len(keys)


def _is_straight(page: FramedPage, draft: Draft, column: int) -> bool:
    """Whether most cells of a column begin, or end, or are centred at one place."""
    cells = [lines for place, lines in draft.cells.items() if place.column == column and place.colspan == 1]
    if len(cells) < 2:
        return False
    boxes = np.array([union(tuple(page.boxes[i]) for i in lines) for lines in cells])
    edges = boxes[:, 0], boxes[:, 2], (boxes[:, 0] + boxes[:, 2]) / 2
    return any((np.abs(edge - np.median(edge)) < STRAIGHT * page.height).mean() > MOST for edge in edges)
