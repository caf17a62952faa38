"""Lines that the network left out of a chain, and that stand between two of its lines by the cuts: names of authors,
titles across the columns, and what ends a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from recognition.page import Line

from .pairs import SMALLER

HEADING = 1.25
"""Type of a heading, in sizes of what comes below it."""

BYLINE = 4
"""No more lines stand between a heading and its text."""

LEVEL = 0.3
"""Lines that differ by no more than this share of their height stand in one row."""

ROOM = 1.5
"""So many line heights before the end of its column, a line is not full, and no sentence runs on to the next one."""


def inserted(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which of ``lines``, which come in the order of the cuts, with those that were left out."""
    return {**following, **_bylines(following, lines), **_titles(following, lines), **_row_ends(following, lines)}


def _bylines(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which, where few lines of their own stand between a heading and its text by the cuts, as the name
    of an author does: they come between both."""
    size = [_type_size(line) for line in lines]
    inserted: dict[int, int] = {}
    before = {second: first for first, second in following.items()}
    for first, second in following.items():
        between = range(first + 1, second)
        if not 0 < len(between) <= BYLINE or max(size[k] for k in (second, *between)) * HEADING > size[first]:
            continue
        if all(following.get(k, k) in between and before.get(k, k) in between for k in between):
            inserted |= pairwise([first, *between, second])
    return inserted


def _type_size(line: Line) -> float:
    left, top, right, bottom = line.box
    return min(right - left, bottom - top)


def _titles(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which, where a title that runs to the right stands by the cuts between two columns, below the first
    one and above the second one, and the network went on from column to column: it comes between both."""
    inserted: dict[int, int] = {}
    before = {second: first for first, second in following.items()}
    for first, second in following.items():
        between = range(first + 1, second)
        if not 0 < len(between) <= BYLINE or {lines[first].direction, lines[second].direction} != {"vertical-rl"}:
            continue
        if all(
            lines[k].direction == "horizontal"
            and lines[first].box[3] < lines[k].box[3] < lines[second].box[3]
            and lines[k].box[1] < lines[second].box[1]
            and following.get(k, k) in between
            and before.get(k, k) in between
            for k in between
        ) and _type_size(lines[first + 1]) > HEADING * _type_size(lines[second]):
            inserted |= pairwise([first, *between, second])
    return inserted


def _row_ends(following: Mapping[int, int], lines: Sequence[Line]) -> dict[int, int]:
    """What follows which, where by the cuts a short line and others beside it, each by itself and none a note in small
    type, make a row above the one that follows: they come between both."""
    found: dict[int, int] = {}
    before = {second: first for first, second in following.items()}
    for first, second in following.items():
        between = range(first + 1, second)
        if not 0 < len(between) <= BYLINE or any(k in following or k in before for k in between):
            continue
        if any(lines[k].direction != "horizontal" for k in (first, *between)):
            continue
        row = [lines[k].box for k in (first, *between)]
        height = row[0][3] - row[0][1]
        if any(box[3] - box[1] < SMALLER * height for box in row):
            continue
        is_row = all(a[2] < b[0] and abs(a[1] + a[3] - b[1] - b[3]) < 2 * LEVEL * height for a, b in pairwise(row))
        if is_row and lines[second].box[1] > row[0][1] + height / 2 and _has_room(first, following, lines):
            found |= pairwise([first, *between, second])
    return found


def _has_room(first: int, following: Mapping[int, int], lines: Sequence[Line]) -> bool:
    """Whether a line ends before the column that begins with it."""
    _, top, right, bottom = lines[first].box
    edge, line = right, first
    while (line := following.get(line, -1)) >= 0 and lines[line].box[0] < right and lines[line].box[1] > top:
        edge = max(edge, lines[line].box[2])
    return edge - right > ROOM * (bottom - top)
