"""What tells running text, and entries of lists, from the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from recognition.layout import parting
from recognition.layout.boxes import Boxes
from recognition.layout.text_cues import ENDINGS, TICK_BOXES, is_punctuated

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

FIELD = re.compile(r"\D*[^\W\d]\s*[:：]\s*([^\s/]|$)")
"""A label, with its value behind it or in the next cell."""

OPTION = re.compile(rf"[{TICK_BOXES}]\s*\w|[(（]\w[)）]\s*\w")
"""A box to tick, or a letter in brackets, with words behind it."""

QUESTION = re.compile(r"[\d一二三四五六七八九十]{1,3}[.．、)）]\s*\w")
"""A number with words behind it."""

EDGE, PUNCTUATED, FEW = 0.9, 0.3, 3
"""Shares of the lines of a column: those that end before its edge, a long one aside; those with punctuation inside, if
it is of sentences, and not of names as long as each other. So few cells say nothing."""

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


def runs_on(page: FramedPage, cells: dict[Place, list[int]]) -> bool:
    """Whether words run on from most cells of such to those below: what ends a cell has no room for the next word.

    Short lines, and ends of sentences, may have room anywhere.
    """
    columns: dict[int, list[Place]] = {}
    for place in sorted(cells, key=lambda place: place.row):
        if place.colspan == 1:
            columns.setdefault(place.column, []).append(place)
    steps: list[bool] = []
    for places in columns.values():
        lines = [i for place in places for i in cells[place]]
        punctuated = sum(is_punctuated(page.lines[i].raw) for i in lines)
        if sum(is_wordy(page, i) for i in lines) <= len(lines) / 2 or punctuated < PUNCTUATED * len(lines):
            continue
        edge = np.quantile(page.boxes[lines, 2], EDGE) - page.height / 2
        for above, below in pairwise(places):
            last, first = page.read(cells[above])[-1], page.read(cells[below])[0]
            is_long = page.boxes[last, 2] - page.boxes[last, 0] > LONG * page.height
            if not is_long or page.lines[last].raw.rstrip()[-1:] in ENDINGS:
                continue
            left, _, right, _ = page.boxes[first]
            word = parting.first_word(page.lines[first]) * (right - left)
            steps.append(bool(page.boxes[last, 2] + word >= edge))
    return len(steps) > FEW and sum(steps) > len(steps) / 2


def are_options(page: FramedPage, indices: Sequence[int], *, asked: bool) -> bool:
    """Whether more than half of these lines are options, two at least, or the numbered questions above them.

    ``asked``: whether there must be such a question.
    """
    raws = [page.lines[i].raw.strip() for i in indices]
    options, questions = (sum(bool(kind.match(raw)) for raw in raws) for kind in (OPTION, QUESTION))
    return options > 1 and questions >= asked and options + questions > len(raws) / 2


def end_early(page: FramedPage, cells: dict[Place, list[int]]) -> bool:
    """Whether most lines of these cells, but for the last of each, leave room for more: they are no running text.

    Numbers below each other are as wide, and say nothing."""
    early = total = 0
    for lines in cells.values():
        if all(is_number(page.lines[i].raw) for i in lines):
            continue
        widths = [page.boxes[i, 2] - page.boxes[i, 0] for i in page.read(lines)]
        early += sum(width < FULL * max(widths) for width in widths[:-1])
        total += len(widths) - 1
    return early > total / 2
