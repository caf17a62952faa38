"""Fields of forms that have a cell for each character (combs), read as one line.

Detection takes the characters one by one, or takes the rules between them for "1", "|" and brackets. So the cells are
looked for in the picture, and what is in them is put side by side without the rules and read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from .geometry import BBox, bounds, center, contains, corners, expanded, intersection, union
from .page import Line, PageImage, Pixels, apply_matrix

CELLS = 4
"""So many equal cells in a row are a comb."""

SINGLES = 3
IN_PIECES = re.compile(r".*[|\[\]].*|\S{1,2}( \S{1,2}){2,}")
"""So many lines of a character or two in a row, or one with strokes or blanks between its characters, may be a comb."""

RULE = 0.85
"""Length of the shortest rule, in thicknesses of such a line: the stroke of a "1" is shorter."""

WIDTHS, HEIGHTS = (0.5, 3.2), (0.85, 3.2)
"""Of a cell, in the same."""

SURROUNDINGS = 2 * HEIGHTS[1] + 1
"""What is looked at above and below such lines, in the same: their cells, and the next ones."""

FILLED = 0.8
"""Share of its box that a cell fills: it has straight sides."""

LEVEL, EVEN, APART = 0.2, 0.25, 0.8
"""How far cells of a row may differ in place and width, and stand apart, in heights and widths of one."""

STACKED = 0.5
"""Share of the cells with one like them above or below from which they are a grid, such as a calendar."""

CONTRAST = 15
"""Of 255: what is darker than its surroundings by so much is ink."""

INKED = 0.015
"""Share of a cell with ink from which there is a character in it."""

MARGIN = 0.12
"""On each side of a character, in heights of its cell."""

REACH = 0.2
"""How far lines in a comb may reach beyond it, in heights of it."""

SAME_LINE = 0.3
"""Share of its length from which a line that goes on beyond a comb has characters of it."""

Mask = npt.NDArray[np.bool_]


def joined(image: PageImage, lines: Sequence[Line], read: Callable[[PageImage], Line | None]) -> list[Line]:
    """``lines`` of ``image`` with those in each comb made one. ``read``: reads a picture of one line.

    A comb stays as it is where not just one character is read for each cell that has something in it.
    """
    parts = _parts(lines)
    if not parts:
        return list(lines)
    found = list(lines)
    thickness = float(np.median([line.box[3] - line.box[1] for line in parts]))
    top = max(0, int(min(line.box[1] for line in parts) - SURROUNDINGS * thickness))
    bottom = int(max(line.box[3] for line in parts) + SURROUNDINGS * thickness)
    part, to_image = PageImage(image.pixels[top:bottom]), np.array([[1.0, 0, 0], [0, 1, top], [0, 0, 1]])
    ink, rules = _ink(part.pixels, thickness)
    for comb in _combs(rules, thickness):
        box = bounds(apply_matrix(to_image, corners(union(comb))))
        reach = expanded(box, REACH * (box[3] - box[1]))
        inside = [line for line in found if contains(reach, center(line.box)) and _is_within(line, reach)]
        others = [line for line in found if line not in inside]
        if inside and not any(_shares(line, box) for line in others):
            line = _read(part, comb, ink & ~rules, read)
            found = [*others, line.mapped(to_image)] if line else found
    return found


def _parts(lines: Sequence[Line]) -> list[Line]:
    """The lines that may be parts of combs."""
    level = [line for line in lines if line.direction == "horizontal"]
    singles = [line for line in level if 0 < len("".join(line.raw.split())) <= 2]
    in_row = [line for line in singles if sum(_is_level(line, other) for other in singles) >= SINGLES]
    return in_row or [line for line in level if IN_PIECES.fullmatch(line.raw.strip())]


def _is_level(line: Line, other: Line) -> bool:
    (_, top, _, bottom), (_, y) = line.box, center(other.box)
    return top < y < bottom


def _ink(pixels: Pixels, thickness: float) -> tuple[Mask, Mask]:
    """What is ink, and what of it is rules."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    around = 2 * round(thickness) + 1
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, CONTRAST)
    length = max(3, round(RULE * thickness))
    rules = np.zeros_like(ink)
    for size in ((1, length), (length, 1)):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, size)
        rules |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
    return ink.astype(bool), cv2.dilate(rules, np.ones((3, 3), np.uint8)).astype(bool)


def _combs(rules: Mask, thickness: float) -> Iterator[list[BBox]]:
    """The rows of equal cells, each from the left."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((~rules).astype(np.uint8), connectivity=4)
    wide, high = stats[:, cv2.CC_STAT_WIDTH] / thickness, stats[:, cv2.CC_STAT_HEIGHT] / thickness
    full = stats[:, cv2.CC_STAT_AREA] > FILLED * stats[:, cv2.CC_STAT_WIDTH] * stats[:, cv2.CC_STAT_HEIGHT]
    fit = full & (wide > WIDTHS[0]) & (wide < WIDTHS[1]) & (high > HEIGHTS[0]) & (high < HEIGHTS[1])
    cells = [
        _Cell(left, top, left + width, top + height)
        for left, top, width, height, _ in stats[fit].astype(float).tolist()
    ]
    pending = sorted(cells, key=lambda cell: cell.left)
    while pending:
        row = [pending.pop(0)]
        while following := next((cell for cell in pending if row[-1].is_followed_by(cell)), None):
            pending.remove(following)
            row.append(following)
        stacked = sum(any(cell.is_stacked_with(other) for other in cells) for cell in row)
        if len(row) >= CELLS and stacked < STACKED * len(row):
            yield [cell.box for cell in row]


@dataclass(frozen=True)
class _Cell:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def box(self) -> BBox:
        return self.left, self.top, self.right, self.bottom

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def is_followed_by(self, other: _Cell) -> bool:
        apart = other.left - self.right
        level = max(abs(self.top - other.top), abs(self.bottom - other.bottom)) < LEVEL * self.height
        return level and 0 <= apart < APART * self.width and abs(self.width - other.width) < EVEN * self.width

    def is_stacked_with(self, other: _Cell) -> bool:
        apart = max(other.top - self.bottom, self.top - other.bottom)
        beside = max(abs(self.left - other.left), abs(self.right - other.right))
        return 0 <= apart < LEVEL * self.height and beside < LEVEL * self.width


def _is_within(line: Line, reach: BBox) -> bool:
    return reach[0] <= line.box[0] and line.box[2] <= reach[2]


def _shares(line: Line, box: BBox) -> bool:
    """Whether characters of a comb are in a line that is not in it as a whole."""
    left, top, right, bottom = line.box
    across = intersection((left, (top + bottom) / 2 - 1, right, (top + bottom) / 2 + 1), box) / 2
    return across > SAME_LINE * (right - left)


def _read(image: PageImage, comb: Sequence[BBox], ink: Mask, read: Callable[[PageImage], Line | None]) -> Line | None:
    left, top, right, bottom = union(comb)
    margin = round(MARGIN * (bottom - top))
    filled, spans = list[BBox](), list[tuple[int, int, int, int]]()
    for cell in comb:
        x, y, end, foot = (int(side) for side in cell)
        ys, xs = np.nonzero(ink[y:foot, x:end])
        if len(xs) > INKED * (end - x) * (foot - y):
            filled.append(cell)
            spans.append((x + int(xs.min()), y + int(ys.min()), x + int(xs.max()) + 1, y + int(ys.max()) + 1))
    if not filled:
        return None
    head, foot = max(int(top), min(span[1] for span in spans) - margin), max(span[3] for span in spans) + margin
    pieces = [
        image.pixels[head : min(foot, int(bottom)), max(int(cell[0]), start - margin) : min(int(cell[2]), end + margin)]
        for cell, (start, _, end, _) in zip(filled, spans, strict=True)
    ]
    line = read(PageImage(np.ascontiguousarray(np.concatenate(pieces, axis=1))))
    text = "".join(line.raw.split()) if line else ""
    if line is None or len(text) != len(filled):
        return None
    centres = [(center(cell)[0] - left) / (right - left) for cell in filled]
    return replace(
        line,
        raw=text,
        text=text,
        polygon=corners((left, top, right, bottom)),
        positions=tuple(centres),
        doubts=line.doubts if text == line.raw else (),
    )
