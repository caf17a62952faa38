"""Lines of one cell told from lines of two rows by how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recognition.layout.boxes import Floats

from .aligned import Content

Pair = tuple[int, int]
"""Two lines, one below the other in a column."""

APART = 0.3
"""Lines whose middles differ by less, in line heights, are in one row beyond doubt."""

EACH, BETWEEN = 0.85, 0.34
"""Share of a table's levels of text at which the first column has some, if each is a row; share of its pairs of lines
with another one half-way between them, if each is a cell."""

HALF = 0.5
"""More than half of the columns at more than half of the levels have text, if each level is a row."""

LEAST = 0.75
"""Lines below each other are further apart than this, in line heights."""

KINDS, FAR, ODD, STEADY, TWICE = 1.12, 3.0, 0.1, 1.06, 1.45
"""Lines of one cell are no further apart than the closest ones by the first factor, and what is further than by the
second one tells nothing. That there are such lines shows where a share of the distances is no multiple of the least,
and where these leave a gap, as a factor, below the last one.
"""


def tight_and_loose(lines: Content, middles: Floats, pairs: Sequence[Pair]) -> tuple[set[Pair], set[Pair]]:
    """Which ``pairs`` are as close as the lines of one cell, and which are further apart; none where all are alike.

    ``middles``: (lines,), in y. ``pairs``: lines one below the other in a column, from the top in each.
    """
    steps = {pair: middles[pair[1]] - middles[pair[0]] for pair in pairs}
    steps = {pair: step for pair, step in steps.items() if step > LEAST * lines.height}
    if len(steps) < 3:
        return set(), set()
    values = np.array(list(steps.values()))
    pitch = float(np.median(values[values < KINDS * values.min()]))
    ranked = np.sort(values[values < FAR * pitch])
    ratio = ranked / pitch
    odd = (ratio > KINDS) & (np.abs(ratio - np.round(ratio)) > KINDS - 1)  # no rows without a line
    jumps = np.where((ratio[1:] > STEADY) & (ratio[:-1] < TWICE), ranked[1:] / ranked[:-1], 0.0)
    if odd.sum() < max(1.0, ODD * len(ranked)) or not len(jumps) or jumps.max() < STEADY:
        return set(), set()
    k = int(np.argmax(jumps >= STEADY))
    limit = float(np.sqrt(ranked[k] * ranked[k + 1]))
    first = {int(lines.first[pair[0]]): pair for pair in reversed(pairs)}  # in heads: years above units, for instance
    rows = [steps[pair] for pair in steps.keys() - set(first.values()) if lines.numbers[list(pair)].all()]
    limit = min([limit, *(step / STEADY for step in rows)])
    tight = {pair for pair, step in steps.items() if step < limit and not lines.numbers[list(pair)].all()}
    between = sum(_has_between(middles, pair) for pair in tight)
    if between < BETWEEN * len(tight) and _begins_each_level(lines, middles):
        return set(), set()
    return tight, steps.keys() - tight


def _has_between(middles: Floats, pair: Pair) -> bool:
    """Whether a line of another column stands half-way between two lines."""
    above, below = middles[list(pair)]
    off = np.abs(middles - (above + below) / 2)
    return bool((off < (below - above) / 5).any())


def _begins_each_level(lines: Content, middles: Floats) -> bool:
    """Whether nearly each level at which there are several lines is a row: one is in the first column, and most
    columns have one."""
    begins, full = [], []
    rest = np.argsort(middles)
    while len(rest):
        level = middles[rest] - middles[rest[0]] < APART * lines.height
        columns = set(lines.first[rest[level]].tolist())
        if level.sum() > 1:
            begins.append(0 in columns)
        full.append(len(columns) > HALF * lines.columns)
        rest = rest[~level]
    return sum(begins) > EACH * len(begins) and sum(full) > HALF * len(full)
