"""Tinted grounds, found between the characters of a page: their level edges, and panels between two of these.

All boxes are in pixels of the picture from which the ground was taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from recognition.page import Pixels

Boxes = npt.NDArray[np.intp]

INK, EVENED, STEP, SHADES, TINTED = 13, 21, 2, 5, 240
"""To find the edges of tints, dark runs along them are filled up to so many samples, and so many are averaged, since
paper is noisy; so many rows further down the ground is lighter or darker by so much, of 255; an edge is no shorter."""

AROUND, STRONG = 9, 40
"""So many rows above and below such an edge differ as well at their lightest, since rows of dense text have edges, too,
but white between them; a step of so much, of 255, is none of text."""

SAMPLE = 3
"""Of so many pixels along a row one is looked at."""

SAME_END, NARROW = 12, 40
"""Both edges of a panel end at the same places, within so many pixels; it is no narrower."""


def ground_of(grey: Pixels) -> Pixels:
    """The page between its characters: each ``STEP``-th row and ``SAMPLE``-th column."""
    sampled = np.ascontiguousarray(grey[::STEP, ::SAMPLE])
    return np.asarray(cv2.morphologyEx(sampled, cv2.MORPH_CLOSE, np.ones((1, INK), np.uint8)), dtype=np.uint8)


def edges(ground: Pixels) -> Iterator[Boxes]:
    """Where the ground changes its shade from one row to the next, along a level edge."""
    if len(ground) <= STEP + AROUND:
        return
    ground = np.asarray(cv2.blur(ground, (EVENED, 1)), dtype=np.uint8)
    step = cv2.absdiff(ground[STEP:], ground[:-STEP])
    lightest = cv2.dilate(ground, np.ones((AROUND, 1), np.uint8))
    apart = np.zeros_like(step)
    far = AROUND // 2
    apart[far:-far] = cv2.absdiff(lightest[STEP + 2 * far :], lightest[: -STEP - 2 * far])
    changed = ((step >= SHADES) & ((apart >= SHADES - 1) | (step >= STRONG))).astype(np.uint8)
    changed = cv2.morphologyEx(changed, cv2.MORPH_OPEN, np.ones((1, TINTED // SAMPLE // 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(changed, connectivity=8)
    for left, top, width, height, _ in stats[1:]:
        if width * SAMPLE >= TINTED and height <= 2 * STEP + width // 20:
            y = (top + (height + STEP) / 2) * STEP
            yield np.array([left * SAMPLE, y - 1, (left + width) * SAMPLE, y + 1], dtype=np.intp)


def panels(ground: Pixels, tints: Sequence[Boxes]) -> Iterator[Boxes]:
    """Where the ground is darker from one of its edges ``tints`` to the next one that is as long."""
    ranked = sorted(tints, key=lambda edge: int(edge[1]))
    for n, upper in enumerate(ranked):
        lower = next((edge for edge in ranked[n + 1 :] if (abs(edge - upper)[[0, 2]] < SAME_END).all()), None)
        if lower is not None:
            yield from _between(ground, upper, lower)


def _between(ground: Pixels, upper: Boxes, lower: Boxes) -> Iterator[Boxes]:
    """The panel between two edges; several, where such grounds stand so close beside each other that these are one."""
    left, right = max(0, int(upper[0]) // SAMPLE - EVENED), int(upper[2]) // SAMPLE + EVENED
    top, bottom = int(upper[3]) // STEP + 1, int(lower[1]) // STEP
    rows = ground[:, left:right]
    around = np.concatenate([rows[max(0, top - AROUND) : top - STEP], rows[bottom + STEP : bottom + AROUND]])
    if top >= bottom or not len(around):
        return
    inside = np.median(rows[top:bottom], axis=0)
    paper, tint = float(np.median(around)), float(np.median(inside))
    if paper - tint < SHADES:
        return
    tinted = np.flatnonzero(inside < (paper + tint) / 2)
    for part in np.split(tinted, np.flatnonzero(np.diff(tinted) > 1) + 1):
        first, last = (left + int(part[0])) * SAMPLE, (left + int(part[-1]) + 1) * SAMPLE
        if last - first >= NARROW:
            yield np.array([first, upper[3], last, lower[1]], dtype=np.intp)
