"""Which lines stand in the seals of a page."""

from __future__ import annotations

from collections.abc import Sequence

from recognition.geometry import BBox, area, intersection
from recognition.page import Line

INSIDE = 0.7
"""Share of a line's box that lies in the seal to which it belongs."""


def holding(lines: Sequence[Line], seals: Sequence[BBox]) -> list[tuple[BBox, list[int]]]:
    """The ``seals``, each with the indices of the ``lines`` in it."""
    return [
        (seal, [i for i, line in enumerate(lines) if intersection(line.box, seal) > INSIDE * area(line.box)])
        for seal in seals
    ]
