"""Tables set by hand, line by line, with their rules."""

from collections.abc import Sequence
from itertools import pairwise

from recognition.geometry import BBox
from recognition.layout.tables import FoundTables
from recognition.page import Line, LineDirection
from recognition.separators import Separators

HEIGHT = 24.0
EM = 20.0


def text(raw: str, left: float, top: float, direction: LineDirection = "horizontal") -> Line:
    """A line of characters that are 20 pixels wide, or 10 for those of ASCII, and 24 high."""
    widths = [EM if ord(char) > 255 else EM / 2 for char in raw]
    length = sum(widths)
    ends = [0.0]
    for width in widths:
        ends.append(ends[-1] + width)
    positions = tuple((a + b) / 2 / length for a, b in pairwise(ends))
    right, bottom = (left + length, top + HEIGHT) if direction == "horizontal" else (left + HEIGHT, top + length)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(raw, 0.99, corners, direction, positions=positions)


def across(top: float, left: float, right: float) -> BBox:
    return left, top - 1, right, top + 1


def along(left: float, top: float, bottom: float) -> BBox:
    return left - 1, top, left + 1, bottom


def frame(xs: Sequence[float], ys: Sequence[float]) -> Separators:
    """Rules between all cells of a grid."""
    return Separators(
        tuple(across(y, xs[0], xs[-1]) for y in ys),
        tuple(along(x, ys[0], ys[-1]) for x in xs),
    )


def texts(found: FoundTables) -> list[list[list[str]]]:
    """The text of each cell, row by row, of each table; the lines of a cell are joined by a slash."""
    return [
        [["/".join(found.lines[i].raw for i in cell.lines) for cell in row] for row in each.table.rows]
        for each in found.tables
    ]


def rows(cells: Sequence[Sequence[str]], lefts: Sequence[float], top: float, pitch: float) -> list[Line]:
    return [
        text(raw, left, top + k * pitch)
        for k, row in enumerate(cells)
        for raw, left in zip(row, lefts, strict=True)
        if raw
    ]
