"""Tables between rules of one width, with their text in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np

from recognition.geometry import BBox
from recognition.layout.key_figures import are_key_figures

from .draft import Draft, in_columns, is_filled, is_text
from .grid import Rule
from .page import BLANK, FramedPage
from .prose import MOST, are_options, is_number, is_prose, is_wordy
from .row_borders import TALLEST
from .runs import bands, column_groups, runs
from .spans import with_spans

Kind = Literal["rows", "line", "nothing", "text"]
"""Between two rules: rows of a table, a single line, nothing, or other text."""

ACROSS = 0.7
"""Share of a table's width from which on a line among its rows, if it begins where they do or is in the middle, is none
of their cells, but text between two tables."""

HEAD = 1.2
"""The head of a table is no further above its rule, in line heights."""

HEADING = 1.25
"""A single line between two rules is a heading of the rows below if these have hardly less room: by this factor.
Nothing is an empty row if it has as much room as a row beside it."""

SAME_END = 2.0
"""Rules end at the same place within so many line heights."""

FENCE, FREE_END = 8.0, 3.0
"""An upright rule of so many line heights or more is no stroke; it ends free if all rules across are further than the
second number."""

BEYOND = 1.25
"""Text in the same columns above or below rules is of one table with that between them if it is so much in all."""

PARAGRAPH = 5
"""Where a cell has more lines of words, what stands between two rules may be columns of text, between those at the head
and the foot of a page."""


def half_ruled_tables(page: FramedPage) -> Iterator[Draft]:
    """Tables between rules of one width, if what is between them does not go on beyond them."""
    aligned = [set(group) for run in runs(page) for group in column_groups(page, [i for row in run for i in row])]
    boxes = [_with_head(page, box) for box in _between_rules(page)]
    held = [page.within((box[0] - page.height / 2, box[1], box[2] + page.height / 2, box[3])) for box in boxes]
    for box, indices in zip(boxes, held, strict=True):
        elsewhere = {i for other in held if not set(other) & set(indices) for i in other}
        if any(_goes_beyond(page, group - elsewhere, indices, box) for group in aligned):
            continue
        if page.holds_table(box) or _is_fenced(page, box):
            continue
        rows = bands(page, indices)
        if len(rows) == 2 and are_key_figures(rows[0], rows[1], page.boxes):
            continue
        kept = page.copy()
        draft = in_columns(page, indices, box, least=2)
        headed = any(box[1] + page.height < rule.at < box[3] - page.height for rule in page.across)
        least = 3 if draft and draft.grid.columns == 2 and not headed else 2
        if draft and is_filled(draft, least) and (_is_ruled(page, draft) or not is_text(page, draft)):
            page.free -= {i for cell in draft.cells.values() for i in cell}
            high = max(sum(is_wordy(page, i) for i in lines) for lines in draft.cells.values())
            yield replace(with_spans(page, draft), ruled=high <= PARAGRAPH or _is_ruled(page, draft))
        else:
            page.restore(kept)


def _goes_beyond(page: FramedPage, group: set[int], indices: Sequence[int], box: BBox) -> bool:
    """Whether there is more in a ``group`` of columns than between the rules of ``box``.

    Running text beside them is left out, unless nothing but numbers stands between them: these have labels beside them.
    So is that above and below, unless most between them is running text, too.
    """
    if not group > set(indices):
        return False
    middle = (page.boxes[:, 0] + page.boxes[:, 2]) / 2
    rows = bands(page, indices)
    labelled = sum(is_number(page.lines[row[0]].raw) for row in rows) > MOST * len(rows)
    wordy = 2 * sum(is_wordy(page, i) for i in indices) > len(indices)

    def counts(i: int) -> bool:
        return labelled or not is_wordy(page, i) or (wordy and bool(box[0] < middle[i] < box[2]))

    rest = [i for i in group - set(indices) if counts(i)]
    return len(indices) + len(rest) > BEYOND * len(indices)


def _is_fenced(page: FramedPage, box: BBox) -> bool:
    """Whether an upright rule in ``box`` ends where no other one goes on, far from the rules across: it parts a letter
    from the names beside it, for instance. Those of a table run from rule to rule."""
    left, top, right, bottom = box
    far = FREE_END * page.height
    across = [top, bottom, *(rule.at for rule in page.across)]
    for rule in page.along:
        inside = left + far < rule.at < right - far and max(rule.start, top) < min(rule.end, bottom)
        if not inside or rule.end - rule.start < FENCE * page.height:
            continue
        others = [other for other in page.along if other is not rule and abs(other.at - rule.at) < page.height]
        ends = [*across, *(end for other in others for end in (other.start, other.end))]
        if any(min(abs(end - at) for at in ends) > far for end in (rule.start, rule.end)):
            return True
    return False


def _between_rules(page: FramedPage) -> Iterator[BBox]:
    """Boxes between the first and the last of rules of one width with rows of a table between them."""
    for rules in _ladders(page):
        left, right = min(rule.start for rule in rules), max(rule.end for rule in rules)
        kinds = [_kind(page, (left, a.at, right, b.at)) for a, b in pairwise(rules)]
        heights = [b.at - a.at for a, b in pairwise(rules)]
        for first, last in _tabular(kinds, heights):
            yield left, rules[first].at, right, rules[last].at


def _kind(page: FramedPage, box: BBox) -> Kind:
    """What is between two rules."""
    left, top, right, bottom = box
    edge = page.height / 2
    indices = page.within((left - edge, top, right + edge, bottom))
    if not indices:
        return "nothing"
    begins = page.boxes[indices, 0] < left + (1 - ACROSS) / 2 * (right - left)
    wide = begins & (page.boxes[indices, 2] - page.boxes[indices, 0] > ACROSS * (right - left))
    row = bottom - top < TALLEST * page.height
    if _is_tabular(page, indices, row) and not wide.any():
        return "rows"
    return "line" if len(indices) == 1 else "text"


def _tabular(kinds: Sequence[Kind], heights: Sequence[float]) -> Iterator[tuple[int, int]]:
    """From where to where, ends excluded, there are rows of one table between rules, and headings and empty rows among
    them.

    A heading is a single line above rows, with as little room as these. White as high as no row parts two tables.
    """
    tabular = [*(kind == "rows" for kind in kinds), False]
    for n in reversed(range(len(kinds))):
        tabular[n] |= kinds[n] == "line" and tabular[n + 1] and heights[n] < HEADING * heights[n + 1]
    for n in range(len(kinds)):
        beside = [m for m in (n - 1, n + 1) if 0 <= m < len(kinds) and tabular[m]]
        tabular[n] |= kinds[n] == "nothing" and any(1 / HEADING < heights[n] / heights[m] < HEADING for m in beside)
    edges = [n for n, (before, inside) in enumerate(pairwise([False, *tabular])) if before != inside]
    yield from zip(edges[::2], edges[1::2], strict=True)


def _with_head(page: FramedPage, box: BBox) -> BBox:
    """The same box with the head of the table, if that stands above its first rule."""
    left, top, right, bottom = box
    edge = page.height / 2
    first, *others = bands(page, page.within((left - edge, top, right + edge, bottom))) or [list[int]()]
    if not _has_number(page, first) and any(_has_number(page, row) for row in others):
        return box
    above = page.within((left - edge, top - 2 * HEAD * page.height, right + edge, top))
    band = bands(page, above)[-1] if above else []
    near = [i for i in band if top - page.boxes[i, 3] < HEAD * page.height and not is_wordy(page, i)]
    if len(near) < max(2, len(band)) or page.is_vertical(near):
        return box
    return left, float(page.boxes[near, 1].min()), right, bottom


def _has_number(page: FramedPage, row: Sequence[int]) -> bool:
    return any(is_number(page.lines[i].raw) for i in row)


def _ladders(page: FramedPage) -> list[list[Rule]]:
    """Rules that begin and end at the same places, from the top, at least two; the sides of frames are none of them."""
    ladders: list[list[Rule]] = []
    within = SAME_END * page.height
    for rule in page.across:
        if rule.end - rule.start < 6 * page.height or page.closes_frame(rule):
            continue
        for ladder in ladders:
            if abs(ladder[0].start - rule.start) < within and abs(ladder[0].end - rule.end) < within:
                ladder.append(rule)
                break
        else:
            ladders.append([rule])
    return [ladder for ladder in ladders if len(ladder) > 1]


def _is_tabular(page: FramedPage, indices: Sequence[int], row: bool) -> bool:
    """Whether lines between two rules may be rows of a table: some stand side by side, and they are no prose.

    ``row``: the rules are so close that there is but one row, or a few; words may fill its cells then.
    """
    if page.is_vertical(indices):
        return False
    boxes = page.boxes[indices]
    shared = np.minimum(boxes[:, None, 3], boxes[:, 3]) - np.maximum(boxes[:, None, 1], boxes[:, 1])
    heights = boxes[:, 3] - boxes[:, 1]
    partners = (shared > np.minimum(heights[:, None], heights) / 3).sum(axis=1) - 1
    blank = page.blanks(indices, BLANK * page.height)
    beside = (partners > 0).sum() + len(np.unique(blank[:, 1]))
    if beside < 0.5 * len(indices) or are_options(page, indices, asked=row):
        return False
    return row or not is_prose(page, indices)


def _is_ruled(page: FramedPage, draft: Draft) -> bool:
    """Whether there are rules between most rows."""
    left, top, right, bottom = draft.grid.box
    rules = [r for r in page.across if top < r.at < bottom and r.end - r.start > (right - left) / 2]
    return len(rules) > MOST * (draft.grid.rows - 1)
