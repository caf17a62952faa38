"""What a first opinion on all pairs says about each of them: how its rivals fare, its column, its row, the page.

One line alone rarely shows whether a page is read down its columns or along its rows; all of them together do.
"""

from __future__ import annotations

import numpy as np

from recognition.layout.boxes import Floats, Indices

from .features import Features
from .pairs import ASIDE, DOWN, ELSEWHERE, Pairs

WAYS = (DOWN, ASIDE, ELSEWHERE)


def context(pairs: Pairs, likelihoods: Floats, count: int) -> Features:
    """(p, k). ``likelihoods``: (p,), how likely each second line follows the first; ``count``: of the page's lines."""
    next_ways = _by_way(pairs.first, pairs, likelihoods, count)
    former_ways = _by_way(pairs.second, pairs, likelihoods, count)
    first, second = pairs.first, pairs.second
    own = likelihoods[:, None]
    columns = [own, next_ways[first], former_ways[second]]
    columns += [_rivals(pairs.first, likelihoods, count)[:, None], _rivals(pairs.second, likelihoods, count)[:, None]]
    line_row = np.zeros(count, dtype=np.intp)
    line_row[first] = pairs.row
    line_column = np.arange(count)
    line_column[first], line_column[second] = pairs.columns[:, 0], pairs.columns[:, 1]
    for group in (line_column, line_row, np.zeros(count, dtype=np.intp)):
        means = _means(group, next_ways)
        columns.append(means[first])
        if group is line_column:
            columns.append(means[second])
    columns.append(_alike(pairs, likelihoods, count)[:, None])
    return np.concatenate(columns, axis=1).astype(np.float32)


def _by_way(lines: Indices, pairs: Pairs, likelihoods: Floats, count: int) -> Floats:
    """(count, 3): the likeliest pair of each line, way by way."""
    best = np.zeros((count, len(WAYS)))
    np.maximum.at(best, (lines, pairs.way), likelihoods)
    return best


def _rivals(lines: Indices, likelihoods: Floats, count: int) -> Floats:
    """(p,): the likeliest other pair of the line of each."""
    order = np.lexsort((likelihoods, lines))
    ranked = lines[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    best, second = np.zeros(count), np.zeros(count)
    best[ranked[last]] = likelihoods[order[last]]
    next_best = np.flatnonzero(last[1:] & ~last[:-1])
    second[ranked[next_best]] = likelihoods[order[next_best]]
    is_best = np.zeros(len(lines), dtype=bool)
    is_best[order[last]] = True
    rivals: Floats = np.where(is_best, second[lines], best[lines])
    return rivals


def _means(group: Indices, values: Floats) -> Floats:
    """(n, k): for each line the mean of ``values`` over its group."""
    size = int(group.max()) + 1
    counts = np.maximum(np.bincount(group, minlength=size), 1)[:, None]
    sums = np.stack([np.bincount(group, column, minlength=size) for column in values.T], axis=1)
    means: Floats = (sums / counts)[group]
    return means


def _alike(pairs: Pairs, likelihoods: Floats, count: int) -> Floats:
    """(p,): how likely, on average, are pairs of the same two columns that lie the same way."""
    key = (pairs.columns[:, 0] * count + pairs.columns[:, 1]) * len(WAYS) + pairs.way
    _, group = np.unique(key, return_inverse=True)
    group = group.reshape(-1)
    means: Floats = (np.bincount(group, likelihoods) / np.bincount(group))[group]
    return means
