"""Lines of a PDF page parted at the rules between the cells of a table, which leave less room than words do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from recognition.separators import Separators

from .glyphs import Floats
from .pieces import Run
from .placed import Placed

LENGTH = 2.0
"""A rule that parts cells runs past so many sizes: the frames of words and of single digits do not."""

REACH = 0.2
"""By how many sizes a glyph's box may reach over the rule beside it."""

COMB = 3
"""So many cells in a row of one character each are the places of a number or a name."""

UPRIGHT = 0.999


def parted(placed: Placed, runs: Sequence[Run], separators: Separators) -> Iterator[Run]:
    """``runs`` with those parted through which a rule runs. ``separators``: in the pixels of ``placed``."""
    rules = [np.array(each, dtype=np.float64).reshape(-1, 4) for each in (separators.vertical, separators.horizontal)]
    for run in runs:
        axis = int(abs(run.way[1]) > abs(run.way[0]))
        if len(run.members) < 2 or abs(run.way[axis]) < UPRIGHT or not len(rules[axis]):
            yield run
            continue
        bounds = [0, *_cuts(placed, run, axis, rules[axis]), len(run.members)]
        for start, end in _joined_combs([*pairwise(bounds)]):
            yield Run(run.members[start:end], run.down, run.way)


def _cuts(placed: Placed, run: Run, axis: int, rules: Floats) -> list[int]:
    """Before which glyphs of ``run``, which lies along ``axis``, one of ``rules`` runs."""
    size = float(np.median(placed.sizes[run.members]))
    middle = float(np.median(placed.centres[run.members, 1 - axis]))
    crossing = rules[(rules[:, 1 - axis] < middle - size / 2) & (rules[:, 3 - axis] > middle + size / 2)]
    crossing = crossing[crossing[:, 3 - axis] - crossing[:, 1 - axis] > LENGTH * size]
    if not len(crossing):
        return []
    sign = 1.0 if run.way[axis] > 0 else -1.0
    at = np.sort(sign * (crossing[:, axis] + crossing[:, axis + 2]) / 2)
    places = sign * placed.centres[run.members, axis]
    halves = placed.along(run.way, run.members) / 2
    first = np.maximum(places[:-1], (places + halves)[:-1] - REACH * size)
    last = np.minimum(places[1:], (places - halves)[1:] + REACH * size)
    cuts: list[int] = (np.flatnonzero(np.searchsorted(at, first) < np.searchsorted(at, last)) + 1).tolist()
    return cuts


def _joined_combs(parts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """``parts`` (start, end) with those of one character each made one, where enough stand in a row."""
    pending = list[tuple[int, int]]()
    for part in [*parts, None]:
        if part and part[1] - part[0] == 1:
            pending.append(part)
            continue
        if len(pending) >= COMB:
            yield pending[0][0], pending[-1][1]
        else:
            yield from pending
        pending = []
        if part:
            yield part
