"""Empty boxes to tick, for which the recogniser reads a blank: they are found in the picture of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from .page import Line, PageImage, Pixels

BOX = "□"

BLANK = re.compile(r"\s+")

ROOM = 1.2
"""In line heights: no box is between two characters whose centres are nearer to each other."""

AROUND = 0.25
"""How far a box may reach beyond its line, in line heights."""

SIDES = 0.2, 1.0
"""Of the white in a box, in line heights."""

SQUARE = 1.25
"""How much longer one side of it may be."""

CORNER, FILLED = 0.3, 0.65
"""Share of its sides that its corners have, and how much of each of these is white; that of a circle has half."""

LARGE = 64.0
"""Pixels of a line's height, from which on its picture is looked at as it is."""

CONTRAST = 15
"""Of 255: what is darker than its surroundings by so much is ink."""

Mask = npt.NDArray[np.bool_]


def marked(image: PageImage, lines: Sequence[Line]) -> list[Line]:
    """``lines`` of ``image`` with a box for each blank at which an empty one is drawn, in lines across the page."""
    return [_marked(image.pixels, line) for line in lines]


def _marked(pixels: Pixels, line: Line) -> Line:
    if line.direction != "horizontal" or len(line.positions) != len(line.raw) or line.text != line.raw:
        return line
    raw = line.raw
    for blank in BLANK.finditer(raw):
        at = blank.start()
        if _has_box(pixels, line, at, blank.end()):
            raw = f"{raw[:at]}{BOX}{raw[at + 1 :]}"
    return line if raw == line.raw else replace(line, raw=raw, text=raw)


def _has_box(pixels: Pixels, line: Line, start: int, stop: int) -> bool:
    """Whether a box is drawn where the characters from ``start`` to before ``stop`` are blanks."""
    left, top, right, bottom = line.box
    width, height = right - left, bottom - top
    edge = AROUND * height
    places = [left + width * position for position in line.positions]
    low = places[start - 1] if start else left - edge
    high = places[stop] if stop < len(places) else right + edge
    if start > 0 and stop < len(places) and high - low < ROOM * height:
        return False
    x, y = max(0, int(low)), max(0, int(top - edge))
    part = pixels[y : int(bottom + edge), x : int(high)]
    others = [place for k, place in enumerate(places) if k in (start - 1, stop)]
    return any(
        min(abs(x + middle - place) for place in places[start:stop])
        < min((abs(x + middle - place) for place in others), default=np.inf)
        for middle in _squares(part, height)
    )


def _squares(pixels: Pixels, height: float) -> Iterator[float]:
    """The middles, from the left, of squares of paper with ink all around, by the ``height`` of the line."""
    if min(pixels.shape[:2]) < 3:
        return
    scale = max(1.0, LARGE / height)  # so that round corners show in small type
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    height *= scale
    around = 2 * round(height) + 1
    paper = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, around, CONTRAST)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    for number, (left, top, wide, high, _) in enumerate(stats[1:].tolist(), start=1):
        inside = left > 0 < top and left + wide < paper.shape[1] and top + high < paper.shape[0]
        sides = sorted((wide, high))
        fits = SIDES[0] * height < sides[0] and sides[1] < min(SQUARE * sides[0] + 1, SIDES[1] * height)
        if inside and fits and _has_corners(labels[top : top + high, left : left + wide] == number):
            yield (left + wide / 2) / scale


def _has_corners(white: Mask) -> bool:
    """Whether a shape fills the corners of its bounding box, as a square does and a circle does not."""
    high, wide = (max(1, round(CORNER * side)) for side in white.shape)
    heads, feet = white[:high], white[-high:]
    return min(float(part.mean()) for row in (heads, feet) for part in (row[:, :wide], row[:, -wide:])) > FILLED
