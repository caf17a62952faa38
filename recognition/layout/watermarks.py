"""Lines that run aslant over the text of a page, as watermarks do, and belong to none of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recognition.page import Line

Floats = npt.NDArray[np.float64]

ASLANT = math.radians(10)
"""A line that is turned by less against the page stands in it."""

CROSSED = 2
"""So many other lines run through a watermark."""


def aslant(lines: Sequence[Line]) -> list[int]:
    """The indices of those of ``lines`` that run over others."""
    if not lines:
        return []
    axes = np.array([_axis(line) for line in lines])
    steps = axes[:, 1] - axes[:, 0]
    turned = np.abs((np.arctan2(steps[:, 1], steps[:, 0]) + math.pi / 4) % (math.pi / 2) - math.pi / 4)
    return [int(i) for i in np.flatnonzero(turned > ASLANT) if _crossing(axes[i], axes).sum() >= CROSSED]


def _axis(line: Line) -> Floats:
    """(2, 2): the ends of the middle of ``line``."""
    a, b, c, d = np.array(line.polygon)
    if np.hypot(*(b - a)) >= np.hypot(*(d - a)):
        return np.stack([(a + d) / 2, (b + c) / 2])
    return np.stack([(a + b) / 2, (d + c) / 2])


def _crossing(axis: Floats, others: Floats) -> npt.NDArray[np.bool_]:
    """(n,): which of ``others`` (n, 2, 2) cross ``axis`` (2, 2)."""

    def sides(start: Floats, end: Floats, points: Floats) -> Floats:
        along, across = end - start, points - start
        return np.asarray(along[..., 0] * across[..., 1] - along[..., 1] * across[..., 0])

    first, second = others[:, 0], others[:, 1]
    apart = sides(axis[0], axis[1], first) * sides(axis[0], axis[1], second) < 0
    return np.asarray(apart & (sides(first, second, axis[0]) * sides(first, second, axis[1]) < 0))
