"""Numbered pieces of a text that stand in a grid, as the steps of a manual do, come in the order of their numbers.

White shows neither whether a grid is read row by row or column by column, nor which line begins a piece of it. The
numbers that are printed in front of the pieces do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from recognition.geometry import laid
from recognition.page import Line

from .entries import value_of

LEAST = 3
"""So many numbers count."""

NEAR = 1.0
"""Pieces begin below each other, within so many line heights."""

STYLES = (
    re.compile(r"\s*()(\d{1,2})([.．、:：)）])(?!\d)"),
    re.compile(r"\s*([(（\[【])(\d{1,2})([)）\]】])"),
    re.compile(r"\s*()([一二三四五六七八九十]{1,3})(、)"),
    re.compile(r"\s*([(（])([一二三四五六七八九十]{1,3})([)）])"),
    re.compile(r"\s*(步驟|STEP|Step)\s*(\d{1,2}|[一二三四五六七八九十]{1,3})()(?!\d)"),
    re.compile(r"\s*()(\d{1,2})()(?: +(?=[^\s\d])|(?=[^\W\d_]))"),
    re.compile(r"\s*()([\u2460-\u2473\u2776-\u277f])()"),
)
"""What a number stands between: 1. 1、1) (1) 一、（一） 步驟1, nothing but the text, and a circle."""


def in_order(runs: Sequence[Sequence[int]], lines: Sequence[Line]) -> list[list[int]]:
    """``runs`` of indices of ``lines``, in reading order; pieces that numbers begin, in the order of these."""
    found = [list(run) for run in runs]
    heads = {i: head for run in found for i in run if (head := _head(lines[i].raw))}
    for style in dict.fromkeys(style for style, _ in heads.values()):
        numbers = {i: number for i, (other, number) in heads.items() if other == style}
        counted = sorted(numbers, key=numbers.__getitem__)
        ascends = all(numbers[b] == numbers[a] + 1 for a, b in pairwise(counted))
        if len(numbers) >= LEAST and ascends and counted != list(numbers) and _stand_in_a_grid(counted, lines):
            found = _sorted(found, numbers)
    return found


def _head(raw: str) -> tuple[str, int] | None:
    """The style of the number that a text begins with, and the number."""
    for style in STYLES:
        if match := style.match(raw):
            before, number, after = match.groups()
            kind = "1" if number.isdecimal() else unicodedata.category(number[0])
            value = value_of(number) or int(unicodedata.numeric(number[0]))
            return unicodedata.normalize("NFKC", before + kind + after), value
    return None


def _stand_in_a_grid(counted: Sequence[int], lines: Sequence[Line]) -> bool:
    """Whether the lines ``counted``, in the order of their numbers, go on from row to row, or from column to column."""
    boxes = [laid(lines[i].box) if lines[i].direction == "vertical-rl" else lines[i].box for i in counted]
    near = NEAR * min(bottom - top for _, top, _, bottom in boxes)
    rows, columns = [boxes[:1]], [boxes[:1]]
    for a, b in pairwise(boxes):
        rows += [[]] * (b[0] < a[0] + near)
        columns += [[]] * (b[0] > a[0] + near)
        rows[-1] = [*rows[-1], b]
        columns[-1] = [*columns[-1], b]
    return all(
        any(abs(b[0] - a[0]) < near and b[1] > a[1] for a in row) for row, lower in pairwise(rows) for b in lower
    ) or all(abs(b[0] - a[0]) < near and b[1] > a[1] for column in columns for a, b in pairwise(column))


def _sorted(runs: Sequence[Sequence[int]], numbers: Mapping[int, int]) -> list[list[int]]:
    """``runs`` parted at the lines that have ``numbers``, these pieces sorted, each with the runs behind it."""
    pieces = [piece for run in runs for piece in _parted(run, numbers)]
    places = [k for k, piece in enumerate(pieces) if piece[0] in numbers]
    ends = [*places[1:], places[-1] + 1]
    groups = sorted((numbers[pieces[k][0]], pieces[k:end]) for k, end in zip(places, ends, strict=True))
    return [*pieces[: places[0]], *(piece for _, group in groups for piece in group), *pieces[ends[-1] :]]


def _parted(run: Sequence[int], numbers: Mapping[int, int]) -> Iterator[list[int]]:
    starts = sorted({0, *(k for k, i in enumerate(run) if i in numbers)})
    return (list(run[start:end]) for start, end in zip(starts, [*starts[1:], len(run)], strict=True))
