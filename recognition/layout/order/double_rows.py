"""Notes in two rows, as in woodblock prints: a print column goes on as two of half its width, the right one first."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from recognition.layout.boxes import Floats, Mask
from recognition.layout.neighbours import Neighbours

HALF = 0.35, 0.75
"""How thick a row of notes is, as a share of the large type before or after it."""

SHARED = 0.2
"""Share of its thickness with which it stands in the column of the large type at least: leaves lean."""

CENTRED = 0.35
"""Both rows together are no further off the middle of the large type, in its thickness."""

APART = 0.6, 1.4
"""From row to row, in the thickness of the two."""

NEAR = 1.5
"""Both rows begin, or end, no further from the large type than so many times its thickness."""

FAR, THICK, LEVEL = 3.5, 0.8, 0.5
"""So far, and so thick, may they be where several begin at one place, to this share of the large type's thickness, as
addresses do beside a list of names."""


def reading_on(page: Neighbours) -> Mask:
    """(n, n): whether the second line must come next, as from large type to the notes below it, from their first row to
    the second one, and from this to the large type below."""
    thickness = page.high[None] / page.high[:, None]
    half = (HALF[0] < thickness) & (page.shared_y > SHARED)
    half &= ~page.foreign[:, None] & ~page.foreign[None]
    found = np.zeros((page.count, page.count), dtype=bool)
    for gaps, before in ((_gaps(page), False), (_gaps(page).T, True)):  # of each large line to what comes after, before
        near = (
            half & (thickness < HALF[1]) & (gaps > -NEAR / 2 * page.high[:, None]) & (gaps < NEAR * page.high[:, None])
        )
        for large in np.flatnonzero(near.sum(axis=1) > 1).tolist():
            if rows := _two_rows(page, large, np.flatnonzero(near[large]).tolist()):
                first, second = rows
                found[first, second] = True
                found[(second, large) if before else (large, first)] = True
    for large, first, second in _listed(page, half & (thickness < THICK)):
        found[large, first] = found[first, second] = True
    return found


def _listed(page: Neighbours, thin: Mask) -> list[tuple[int, int, int]]:
    """Large lines and the two rows further away from each, if those of several begin at one place."""
    gaps = _gaps(page) / page.high[:, None]
    away = thin & (gaps >= NEAR) & (gaps < FAR)
    found = [
        (large, *rows)
        for large in np.flatnonzero(away.sum(axis=1) > 1).tolist()
        if (rows := _two_rows(page, large, np.flatnonzero(away[large]).tolist()))
    ]
    starts = np.array([page.left[[first, second]] for _, first, second in found]).reshape(-1, 2)
    slack = np.array([LEVEL * page.high[large] for large, *_ in found])
    level = np.abs(starts[:, None] - starts[:, :1]).max(axis=2) < slack
    return [rows for rows, count in zip(found, level.sum(axis=1), strict=True) if count > 1]


def _gaps(page: Neighbours) -> Floats:
    """(n, n): from the end of each line to the beginning of each that begins and ends later; else infinite."""
    later = (page.left[None] > page.left[:, None]) & (page.right[None] > page.right[:, None])
    return np.where(later, page.left[None] - page.right[:, None], np.inf)


def _two_rows(page: Neighbours, large: int, near: list[int]) -> tuple[int, int] | None:
    """Of the thin lines ``near`` a large one the two that stand side by side, centred on it, the first one first."""
    best, least = None, CENTRED * page.high[large]
    for pair in combinations(near, 2):
        first, second = sorted(pair, key=lambda k: float(page.y[k]))
        apart = (page.y[second] - page.y[first]) / (page.high[[first, second]].mean())
        off = abs((page.y[first] + page.y[second]) / 2 - page.y[large])
        abreast = min(page.right[first], page.right[second]) > max(page.left[first], page.left[second])
        if APART[0] < apart < APART[1] and abreast and off < least:
            best, least = (first, second), off
    return best
