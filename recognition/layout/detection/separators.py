"""What parts a page beside white space: rules and frames, pictures, seals, and tinted grounds, found in its pixels."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from recognition.geometry import BBox, area, expanded, touch
from recognition.page import PageImage, Pixels
from recognition.separators import Separators

from . import rule_ends, seals, tints
from .rules import LONG, REACH, Boxes, Floats, Mask, Runs

AREA = 1.5e6
"""Pixels to which a page is reduced: a character of ten points is some sixteen high then, a hairline half a pixel."""

COARSE = 4
"""By how much the reduced page is reduced again to look for pictures."""

SHADE = 40
"""What is darker than the paper by this, of 255, may be part of a picture."""

EVEN, TWO_TONE = 12, 0.1
"""A tint, not a picture: half of its pixels differ by no more than this, of 255, and what differs by more is print, of
thin strokes and lines, but for this share of all."""

THROUGH = 0.8
"""Share of a picture that a rule runs through if it crosses it."""

ROWS = 3
"""So many rules from side to side, and one upright, part the rows of a table."""

LARGER = 1.5
"""A picture that is this much larger than the seal in it is no seal."""

TURNED = [1, 0, 3, 2]
"""The columns of boxes of which x and y are exchanged."""

LEAST_PICTURE = 0.03
"""A picture is no narrower or lower than this share of the page's longer side."""

FILLED = 0.5
"""What goes from side to side of the page and is dark on a smaller share of its box lies around the paper, or in the
fold of a book: it is no picture."""


def find(image: PageImage) -> Separators:
    """The rules, pictures, seals and tinted grounds of ``image``."""
    grey = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, (AREA / grey.size) ** 0.5)
    if scale < 1:
        way = cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA  # no pixel is left out, and the first is faster
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way)
    reduced = np.asarray(grey, dtype=np.uint8)
    pictures = list(_pictures(reduced))
    stamps = [np.array(stamp) * scale for stamp in seals.find(image)]
    stamps = [stamp for stamp in stamps if not any(_holds(picture, stamp) for picture in pictures)]
    pictures = [picture for picture in pictures if not any(_inside(picture, stamp) for stamp in stamps)]
    across, along = Runs(reduced, 0), Runs(reduced, 1)
    pictures = [
        picture
        for picture in pictures
        if not (_is_crossed(picture, across.long, along.long) or _is_ruled(picture, across.long, along.long))
    ]
    horizontal = [*rule_ends.cut(across.long, along.long, reduced), *across.sides(along.long)]
    turned = rule_ends.cut(along.long[:, TURNED], across.long[:, TURNED], reduced.T)
    vertical = [*turned[:, TURNED], *along.sides(across.long)]

    def full_size(boxes: list[Boxes]) -> tuple[BBox, ...]:
        outside = (box for box in boxes if not any(_inside(box, other) for other in (*pictures, *stamps)))
        return tuple(_scaled(box, 1 / scale) for box in outside)

    ground = tints.ground_of(reduced)
    edges = [
        edge
        for edge in tints.edges(ground)
        if not any(touch(expanded(tuple(edge), REACH), tuple(r)) for r in horizontal)
    ]
    areas, stamped = (tuple(_scaled(box, 1 / scale) for box in boxes) for boxes in (pictures, stamps))
    return Separators(
        full_size(horizontal),
        full_size(vertical),
        areas,
        stamped,
        full_size(edges),
        full_size([*tints.panels(ground, edges)]),
    )


def _scaled(box: Boxes | Floats, factor: float) -> BBox:
    left, top, right, bottom = (float(value) * factor for value in box)
    return left, top, right, bottom


def _inside(box: Boxes | Floats, picture: Boxes | Floats) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return bool(picture[0] <= x <= picture[2] and picture[1] <= y <= picture[3])


def _is_crossed(picture: Boxes, across: Boxes, along: Boxes) -> bool:
    """Whether rules run through a picture as they do where close or tinted rows of a table look like one: level ones in
    on one side and out on the other, or any through its inside and on beyond it."""
    left, top, right, bottom = picture
    y = (across[:, 1] + across[:, 3]) / 2
    passing = (across[:, 0] < left - LONG) & (right + LONG < across[:, 2]) & (top < y) & (y < bottom)
    turned = along[:, TURNED], picture[TURNED]
    return bool(passing.any() or _run_through(across, picture).any() or _run_through(*turned).any())


def _is_ruled(picture: Boxes, across: Boxes, along: Boxes) -> bool:
    """Whether rules run from side to side of a picture both ways, as in a table with tinted cells."""
    return _spanning(across, picture) >= ROWS and _spanning(along[:, TURNED], picture[TURNED]) > 0


def _spanning(across: Boxes, picture: Boxes) -> int:
    """How many of the rules run through the inside of a picture from one side to the other."""
    left, top, right, bottom = picture
    y = (across[:, 1] + across[:, 3]) / 2
    inside = np.minimum(across[:, 2], right) - np.maximum(across[:, 0], left)
    return int(((top + REACH < y) & (y < bottom - REACH) & (inside > THROUGH * (right - left))).sum())


def _run_through(across: Boxes, picture: Boxes) -> Mask:
    """Which of the rules run through the inside of a picture and go on beyond one side of it at least."""
    left, top, right, bottom = picture
    y = (across[:, 1] + across[:, 3]) / 2
    inside = np.minimum(across[:, 2], right) - np.maximum(across[:, 0], left)
    beyond = np.maximum(left - across[:, 0], across[:, 2] - right)
    through: Mask = (top + REACH < y) & (y < bottom - REACH) & (inside > THROUGH * (right - left)) & (beyond > LONG)
    return through


def _holds(picture: Boxes, stamp: Floats) -> bool:
    """Whether what looks like a seal is a part of a picture."""
    return _inside(stamp, picture) and area(_scaled(picture, 1)) > LARGER * area(_scaled(stamp, 1))


def _pictures(grey: Pixels) -> Iterator[Boxes]:
    """Boxes of what is dark over an area: photographs and the like, but no tints."""
    coarse = cv2.resize(grey, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    coarse = cv2.medianBlur(np.asarray(coarse, dtype=np.uint8), 3)
    height, width = coarse.shape
    paper = cv2.dilate(
        cv2.resize(coarse, None, fx=0.25, fy=0.25), np.ones((height // 16 + 1, width // 16 + 1), np.uint8)
    )
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = (cv2.subtract(paper, coarse) > SHADE).astype(np.uint8)
    size = int(LEAST_PICTURE * max(coarse.shape))
    solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    for left, top, width, height, pixels in stats[1:]:
        if (width == coarse.shape[1] or height == coarse.shape[0]) and pixels < FILLED * width * height:
            continue
        part = coarse[top : top + height, left : left + width]
        uneven = (np.abs(part.astype(np.int16) - int(np.median(part))) > EVEN).astype(np.uint8)
        kernel = np.ones((size // 2, size // 2), np.uint8)
        broad = cv2.morphologyEx(uneven, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        if uneven.mean() > 0.5 or broad.mean() > TWO_TONE:
            yield np.array([left, top, left + width, top + height], dtype=np.intp) * COARSE
