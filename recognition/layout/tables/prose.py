"""What tells running text, and entries of lists, from the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from recognition.layout.boxes import Boxes

from .grid import Place
from .page import FramedPage

LONG_CELL = 8
"""A cell of so many lines holds running text."""

FULL, LONG = 0.85, 10.0
"""A line that is no shorter than this share of its column fills it; and it is a long one, in line heights."""

MOST = 0.65
"""Share of lines, or of cells, from which on most are said to be so."""

WORDY, DIGITS = 6.0, 0.3
"""A line as long as this, in line heights, with no more than this share of digits, may be running text."""

BULLETS = frozenset("•·‧▪▸►*※")
"""Marks that begin items of lists and stand for nothing else."""

FIELD = re.compile(r"\D*[^\W\d]\s*[:：]\s*[^\s/]")
"""A label with its value behind it."""

OPTION = re.compile(r"[□○☐◯▢]\s*\w|[(（]\w[)）]\s*\w")
"""A box to tick, or a letter in brackets, with words behind it."""

EVEN = 0.1
"""By how much of it the distance of lines in a paragraph differs."""


def is_prose(page: FramedPage, indices: Sequence[int]) -> bool:
    """Whether most lines are words that fill their column."""
    wordy = [i for i in indices if is_wordy(page, i)]
    if len(wordy) <= len(indices) / 2:
        return False
    boxes = page.boxes[wordy]
    starts = np.abs(boxes[:, 0][:, None] - boxes[:, 0]) < page.height / 2
    ends = np.abs(boxes[:, 2][:, None] - boxes[:, 2]) < page.height / 2
    same = (starts & ends).sum(axis=1)
    justified = (same > 2) & (same > starts.sum(axis=1) / 2)
    return bool(justified.sum() > len(boxes) / 2) and _is_even(boxes)


def _is_even(boxes: Boxes) -> bool:
    """Whether lines one below the other are mostly one distance apart, as those of a paragraph are."""
    steps = []
    for box in boxes:
        shared = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
        below = boxes[(shared > (box[2] - box[0]) / 2) & (boxes[:, 1] > (box[1] + box[3]) / 2)]
        if len(below):
            steps.append(below[:, 1].min() - box[1])
    near = np.abs(np.asarray(steps) - np.median(steps)) < EVEN * np.median(steps) if steps else np.zeros(1)
    return bool(near.mean() > MOST)


def is_wordy(page: FramedPage, i: int) -> bool:
    """Whether a line is long, and no number, date or the like."""
    text = page.lines[i].raw
    digits = sum(char.isdigit() for char in text)
    return bool(page.boxes[i, 2] - page.boxes[i, 0] > WORDY * page.height) and digits < DIGITS * len(text)


def is_number(text: str) -> bool:
    """Whether a text is a number, or a mark in its place: a dash, a box to tick."""
    is_mark = not any(char.isalnum() or char in BULLETS for char in text)
    return is_mark or 2 * sum(char.isdigit() for char in text) >= len(text)


def is_listed(page: FramedPage, cells: dict[Place, list[int]]) -> bool:
    """Whether most cells of one column are labels with their values, or most of all are options: those of a list that
    is set in columns."""
    texts: dict[int, list[str]] = {}
    for place, lines in cells.items():
        texts.setdefault(place.column, []).append(page.lines[page.read(lines)[0]].raw.strip())

    def most(own: Sequence[str], kind: re.Pattern[str]) -> bool:
        return len(own) > 1 and sum(bool(kind.match(text)) for text in own) > MOST * len(own)

    fields = any(most(own, FIELD) for own in texts.values())
    return fields or most([text for own in texts.values() for text in own], OPTION)


def end_early(page: FramedPage, cells: dict[Place, list[int]]) -> bool:
    """Whether most lines of these cells, but for the last of each, leave room for more: they are no running text."""
    early = total = 0
    for lines in cells.values():
        widths = [page.boxes[i, 2] - page.boxes[i, 0] for i in page.read(lines)]
        early += sum(width < FULL * max(widths) for width in widths[:-1])
        total += len(widths) - 1
    return early > total / 2
