"""Boxes parted in which detection took lines below each other for one, as it does in narrow cells of close lines.

A box much thicker than the lines of its page may hold several, of two or three characters each, of which the recogniser
reads one, or none. In the picture white runs across between them. The lines are read, and stay if they are text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from .lines import LineCrop, Quad, TextQuad
from .orientation import is_mostly_vertical
from .recogniser import Text

THICK = 1.6  # times the thickness of the page's lines: a box is looked at
LEAST, MOST = 0.4, 0.95  # height of the ink of a line, in the same; what is lower is a rule, or of another line
RULE = 0.9  # share of a row or column of pixels that is dark along a rule
CROSSED = 0.03  # share of a row of pixels that may be dark between two lines
ROOM = 0.2  # of its height that is added above and below the ink of a line, as far as there is white

READ = 0.8  # confidence of each line
UNSURE = 0.05  # by which they may be less certain than what was read of the box
SURE = 0.9  # confidence of a single character that is a heading rather than several lines

Read = Callable[[LineCrop], Text]


def parted(crops: Sequence[LineCrop], texts: Sequence[Text], read: Read) -> tuple[list[LineCrop], list[Text]]:
    """The lines of a page and their texts, in place of a box with several lines each of these. ``read``: reads one."""
    quads = [crop.quad for crop in crops]
    if not quads or is_mostly_vertical(quads):
        return list(crops), list(texts)
    usual = float(np.median([quad.thickness for quad in quads if not quad.vertical]))
    tilt = float(np.median([_tilt(quad) for quad in quads if not quad.vertical]))
    single = [quad for quad in quads if quad.thickness <= THICK * usual]
    found: list[tuple[LineCrop, Text]] = []
    for crop, text in zip(crops, texts, strict=True):
        lines = [] if crop.quad.thickness <= THICK * usual else list(_lines(crop, usual, tilt))
        lines = [line for line in lines if not _is_within(line, single)]
        crops_of_lines = [LineCrop(crop.image, line, crop.margin) for line in lines] if len(lines) > 1 else []
        parts = [(line, read(line)) for line in crops_of_lines]
        if parts and _are_text([part for _, part in parts], text):
            found += parts
            single += lines
        else:
            found.append((crop, text))
    return [crop for crop, _ in found], [text for _, text in found]


def _are_text(parts: Sequence[Text], whole: Text) -> bool:
    """Whether the ``parts`` of a box say more than what was read of it as a ``whole``."""
    if whole.confidence > SURE and {len(text.characters) for text in (whole, *parts)} == {1}:
        return False
    least = max(READ, whole.confidence - UNSURE)
    more = sum(len(part.characters) for part in parts) > len(whole.characters)
    return more and all(str(part).strip() and part.confidence >= least for part in parts)


def _tilt(quad: TextQuad) -> float:
    right, down = (quad.corners[1] - quad.corners[0]).tolist()
    return float(np.arctan2(down, right))


def _lines(crop: LineCrop, usual: float, tilt: float) -> Iterator[TextQuad]:
    """The lines in a box, from the top. ``usual``, ``tilt``: how thick the lines of the page are, and how they lean."""
    box = TextQuad(crop.quad.corners, vertical=False).straight(tilt)
    width, height = LineCrop(crop.image, box, 0.0).size
    dark = _ink(LineCrop(crop.image, box, 0.0).strip(width, height))
    rows = [row for row in _rows(dark, usual) if row[1] - row[0] >= LEAST * usual]
    for n, (top, bottom) in enumerate(rows):
        room = ROOM * (bottom - top)
        above = rows[n - 1][1] if n else 0
        below = rows[n + 1][0] if n + 1 < len(rows) else height
        columns = np.flatnonzero(dark[top:bottom].any(axis=0))
        left, right = max(0.0, columns[0] - room), min(float(width), columns[-1] + 1 + room)
        upper, lower = max(top - room, (above + top) / 2), min(bottom + room, (bottom + below) / 2)
        yield TextQuad(_part(box.corners, left / width, upper / height, right / width, lower / height), vertical=False)


def _ink(strip: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """(height, width): what of a strip is dark and no rule."""
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY)
    limit, _ = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)
    dark: npt.NDArray[np.bool_] = grey <= limit
    dark[:, dark.mean(axis=0) > RULE] = False
    dark[dark.mean(axis=1) > RULE] = False
    return dark


def _rows(dark: npt.NDArray[np.bool_], usual: float) -> list[tuple[int, int]]:
    """From where to where there is ink, down a box; what together is no higher than a line is one row."""
    inked = dark.mean(axis=1) > CROSSED
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    rows: list[tuple[int, int]] = []
    for top, bottom in edges.reshape(-1, 2).tolist():
        if rows and bottom - rows[-1][0] <= MOST * usual:
            rows[-1] = rows[-1][0], bottom
        else:
            rows.append((top, bottom))
    return rows


def _part(corners: Quad, left: float, top: float, right: float, bottom: float) -> Quad:
    """A part of a rectangle, in shares of its sides."""
    first, along, down = corners[0], corners[1] - corners[0], corners[3] - corners[0]
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    return np.array([first + x * along + y * down for x, y in places], np.float32)


def _is_within(line: TextQuad, others: Sequence[TextQuad]) -> bool:
    """Whether the middle of a line is in one of the ``others``: it was found by itself as well."""
    centre = line.corners.mean(axis=0).tolist()
    return any(cv2.pointPolygonTest(other.corners, centre, False) >= 0 for other in others)
