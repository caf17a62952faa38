"""The positions of the characters of a line, as far as they are known."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .geometry import Point, Polygon
from .page import Line

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Strip:
    """A text line as a parallelogram in pixels of the page image, y down.

    ``start``: the corner before the first character, on the side of its feet. ``along``: from there to the end of the
    line. ``up``: from the feet of its characters to their heads, as they stand in a line written from left to right;
    in a vertical line, which is such a line turned clockwise, it points to the right.
    """

    start: Vector
    along: Vector
    up: Vector

    @classmethod
    def of(cls, line: Line) -> Strip:
        first, second, third, fourth = np.asarray(line.polygon, dtype=np.float64)
        middle = (first + second + third + fourth) / 4
        across, down = (second - first + third - fourth) / 2, (fourth - first + third - second) / 2
        along, up = (down, across) if line.direction == "vertical-rl" else (across, -down)
        return cls(middle - along / 2 - up / 2, along, up)

    @cached_property
    def runs_down(self) -> bool:
        """Whether it is read from top to bottom or back, be it vertical text or a page lying on its side."""
        return bool(abs(self.along[1]) > abs(self.along[0]))

    def at(self, fraction: float) -> Vector:
        """The point of the side of the feet at this part of the length."""
        return np.asarray(self.start + fraction * self.along)

    def piece(self, begin: float, end: float) -> Polygon:
        """The part of the line between two fractions of its length: its corners, clockwise as they lie on the page."""
        feet, after = self.at(begin), self.at(end)
        return _point(feet + self.up), _point(after + self.up), _point(after), _point(feet)


def cells(text: str, positions: Sequence[float]) -> list[float]:
    """Where the characters of ``text`` begin, and the last one ends, as fractions of the line's length.

    ``positions``: the centres of the characters; without one for each of them, they share the length by their usual
    widths. The cells lie side by side without gaps, since readers of PDF take gaps for spaces.
    """
    widths = [0.5 if is_narrow(character) else 1.0 for character in text]
    ends = np.cumsum(widths) / (sum(widths) or 1)
    if len(positions) == len(text):
        pairs = zip(positions, positions[1:], widths, widths[1:], strict=False)
        inner = [left + (right - left) * a / (a + b) for left, right, a, b in pairs]
        if all(a < b for a, b in zip([0.0, *inner], [*inner, 1.0], strict=True)):
            return [0.0, *inner, 1.0]
    return [0.0, *map(float, ends)]


def is_narrow(character: str) -> bool:
    """Whether a character is usually half as wide as a Han character."""
    return unicodedata.east_asian_width(character) not in "WFA"


def _point(vector: Vector) -> Point:
    return float(vector[0]), float(vector[1])
