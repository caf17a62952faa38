"""Line numbers beside a text, as transcripts and pleadings have them: each is read at the head of its line.

A column of numbers looks like the first column of a table, and parts the numbers from their lines. So they are taken
out before the layout is found, and put back behind it.

Where only every fifth line is numbered, as in the gutter of a patent, the numbers belong to the lines of both columns,
and serve to look things up: they come as a block of their own behind the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from recognition.geometry import center, union
from recognition.page import Block, Line, as_one
from recognition.separators import Separators

from .boxes import Boxes, Indices, middles

if TYPE_CHECKING:
    from . import Layout

NUMBER = re.compile(r"\d{1,3}")

FEWEST = 5
"""So many numbers that count up straight below each other are those of lines, or of rows."""

EVEN = 0.25
"""Share by which their distances may differ."""

LEVEL = 0.5
"""Share of the lower one's height that a number and its line share."""

CELLS = 0.3
"""Share of rows with further cells from which on they are those of a table."""

FIFTH = 5
"""Of lines that are not all numbered, every fifth one is."""

REACH = 3.0
"""Lines begin, or end, so close to their numbers, in heights of these."""

PROSE = 8.0
"""In line heights: half of the lines are no shorter than this, or they are values."""


@dataclass(frozen=True)
class Apart:
    """``lines``: those of the page without the line numbers. ``numbers``: by the index of the line that they number.
    ``counts``: columns of numbers that count lines by fives."""

    lines: tuple[Line, ...]
    numbers: Mapping[int, Line]
    counts: tuple[tuple[Line, ...], ...] = ()


def set_apart(lines: Sequence[Line], separators: Separators | None = None) -> Apart:
    """``lines`` of an upright page without its line numbers. ``separators``: rules between the rows make a table."""
    separators = separators or Separators()
    owners: dict[int, int] = {}
    runs = list(_runs(lines))
    rows = _rows(lines, runs)
    for run in runs:
        if _are_of_text(lines, [rows[i] for i in run]) and not _are_ruled(lines, run, separators):
            owners |= {rows[i][0]: i for i in run if rows[i]}
    every = {i for run in runs for i in run}
    counts = [run for run in _runs(lines, FIFTH) if every.isdisjoint(run) and _count_fifths(lines, run)]
    taken = {*owners.values(), *(i for run in counts for i in run)}
    kept = [i for i in range(len(lines)) if i not in taken]
    place = {i: k for k, i in enumerate(kept)}
    return Apart(
        tuple(lines[i] for i in kept),
        {place[owner]: lines[number] for owner, number in owners.items()},
        tuple(tuple(lines[i] for i in run) for run in counts),
    )


def put_back(found: Layout, apart: Apart) -> Layout:
    """The layout of the lines ``apart`` with each number at the head of its line, and each count a block at the end."""
    lines = list(found.lines)
    for origin, number in apart.numbers.items():
        k = found.origins.index(origin)
        lines[k] = as_one([replace(number, direction="horizontal"), lines[k]], blank=" ")
    blocks = [
        block if block.table else replace(block, box=union([block.box, *(lines[i].box for i in block.lines)]))
        for block in found.blocks
    ]
    for count in apart.counts:
        places = range(len(lines), len(lines) + len(count))
        blocks.append(Block("sidebar", union([line.box for line in count]), tuple(places)))
        lines += count
    origins = (*found.origins, *range(len(apart.lines), len(apart.lines) + len(lines) - len(found.lines)))
    return replace(found, lines=tuple(lines), origins=origins, blocks=tuple(blocks))


def _runs(lines: Sequence[Line], unit: int = 1) -> Iterator[list[int]]:
    """Columns of numbers that count up by ``unit`` at an even distance, from top to bottom."""
    numbers = [i for i, line in enumerate(lines) if _is_number(line) and int(line.raw) % unit == 0]
    boxes = np.array([lines[i].box for i in numbers]).reshape(-1, 4)
    values = np.array([int(lines[i].raw) // unit for i in numbers])
    taken = np.zeros(len(numbers), dtype=bool)
    for first in np.lexsort((boxes[:, 1], values)):
        run = [] if taken[first] else [int(first)]
        while run and (more := _following(boxes, values, run)):
            run += more
        if len(run) >= FEWEST:
            taken[run] = True
            yield [numbers[k] for k in run]


def _is_number(line: Line) -> bool:
    """Whether a line is a number that may be one of a line. A slender 1 stands upright."""
    text = line.raw.strip()
    return bool(NUMBER.fullmatch(text)) and (line.direction == "horizontal" or len(text) == 1)


def _following(boxes: Boxes, values: Indices, run: Sequence[int]) -> list[int]:
    """The next number of a run: the nearest one straight below the last. One between them may have been misread, and
    comes first then, or may be missing."""
    first, last = run[0], run[-1]
    left, top, right, bottom = boxes[last]
    slack = (bottom - top) / 2
    at = middles(boxes)
    below = (boxes[:, 0] < right + slack) & (boxes[:, 2] > left - slack) & (at > bottom)
    pitch = (at[last] - at[first]) / (values[last] - values[first]) if len(run) > 1 else 0.0
    for step in (1, 2) if pitch else (1,):
        found = np.flatnonzero(below & (values == values[last] + step))
        if not len(found):
            continue
        nearest = int(found[at[found].argmin()])
        apart = (at[nearest] - at[last]) / step
        if pitch and abs(apart - pitch) > EVEN * pitch:
            continue
        misread = np.flatnonzero(below & (np.abs(at - at[last] - apart) < EVEN * apart))[: step - 1]
        return [*map(int, misread), nearest]
    return []


def _rows(lines: Sequence[Line], runs: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """For each number the lines at its right and level with it, up to the next column of numbers, from the left."""
    boxes = np.array([line.box for line in lines]).reshape(-1, 4)
    heights = boxes[:, 3] - boxes[:, 1]
    numbers = {i for run in runs for i in run}
    rows: dict[int, list[int]] = {}
    for i in numbers:
        shared = np.minimum(boxes[:, 3], boxes[i, 3]) - np.maximum(boxes[:, 1], boxes[i, 1])
        level = (shared > LEVEL * np.minimum(heights, heights[i])) & (boxes[:, [0, 2]].mean(axis=1) > boxes[i, 2])
        found = sorted(map(int, np.flatnonzero(level)), key=lambda k: boxes[k, 0])
        stop = next((n for n, k in enumerate(found) if k in numbers), len(found))
        rows[i] = [k for k in found[:stop] if lines[k].direction == "horizontal"]
    return rows


def _are_of_text(lines: Sequence[Line], rows: Sequence[Sequence[int]]) -> bool:
    """Whether what numbers stand beside are lines of text, and not the cells of a table."""
    texts = [lines[row[0]].box for row in rows if row]
    if len(texts) < FEWEST or sum(len(row) > 1 for row in rows) > CELLS * len(rows):
        return False
    return median(box[2] - box[0] for box in texts) >= PROSE * median(box[3] - box[1] for box in texts)


def _count_fifths(lines: Sequence[Line], run: Sequence[int]) -> bool:
    """Whether lines of text stand at one side of the numbers of a ``run``, about four between most two of them."""
    boxes = np.array([line.box for line in lines]).reshape(-1, 4)
    left, top, right, bottom = boxes.T
    height = float(np.median((bottom - top)[run]))
    prose = right - left >= PROSE * height
    for side in (abs(left - np.median(right[run])), abs(right - np.median(left[run]))):
        at = middles(boxes)[prose & (side < REACH * height)]
        between = [np.sum((at > bottom[a]) & (at < top[b])) for a, b in pairwise(run)]
        if sum(abs(count - (FIFTH - 1)) <= 1 for count in between) > len(between) / 2:
            return True
    return False


def _are_ruled(lines: Sequence[Line], run: Sequence[int], separators: Separators) -> bool:
    """Whether there are rules, or edges of stripes, between most numbers."""
    ruled = 0
    for above, below in pairwise(lines[i].box for i in run):
        left, top, right, bottom = union([above, below])
        ruled += any(
            rule[0] < right and left < rule[2] and top < center(rule)[1] < bottom
            for rule in (*separators.horizontal, *separators.tints)
        )
    return ruled > len(run) / 2
