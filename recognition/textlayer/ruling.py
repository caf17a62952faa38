"""The rules that a PDF page draws, its pictures and tinted grounds: what parts its text beside white space."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import BBox, area
from recognition.page import Matrix
from recognition.separators import Separators

from .objects import PALE, RECTANGLE, Drawn, picture_boxes

THIN, SHORT = 3.0, 6.0
"""In points: a rule is no thicker, and no shorter."""

SLANT = 0.02
"""The share of its length by which a rule may lean."""

SEGMENTS = 20_000
"""A page that draws more shows a drawing."""

WHOLE = 0.9
"""Share of the page's width from which on strips of a picture are the ground of the page, and of its height; and that
of the page from which on a tint is."""

Point = tuple[float, float]


def separators_of(drawn: Sequence[Drawn], to_image: Matrix, size: tuple[int, int]) -> Separators:
    """In pixels of the page image. PDFium's lock must be held."""
    paths = [item for item in drawn if item.kind == c.FPDF_PAGEOBJ_PATH]
    rules: list[BBox] = []
    if sum(item.segments() for item in paths) <= SEGMENTS:
        rules = [rule for item in paths for rule in _rules(item)]
    across = joined([rule for rule in rules if _is_across(rule)], 0)
    along = joined([rule for rule in rules if not _is_across(rule)], 1)
    horizontal, vertical, pictures, panels = (
        tuple(_on_page([pdfium.mapped(box, to_image, size) for box in boxes]))
        for boxes in (across, along, picture_boxes(drawn), [item.box for item in paths if _is_panel(item)])
    )
    panels = tuple(box for box in panels if area(box) < WHOLE * size[0] * size[1])
    if abs(to_image[0, 1]) > abs(to_image[0, 0]):  # the page is drawn on its side
        horizontal, vertical = vertical, horizontal
    return Separators(horizontal, vertical, tuple(_without_ground(pictures, size)), panels=panels)


def _without_ground(pictures: Sequence[BBox], size: tuple[int, int]) -> Iterator[BBox]:
    """The pictures less the strips of one that is as large as the page: text on these is no part of a picture."""
    width, height = size
    strips = [box for box in pictures if box[2] - box[0] >= WHOLE * width]
    is_ground = len(strips) > 1 and sum(bottom - top for _, top, _, bottom in strips) >= WHOLE * height
    return (box for box in pictures if not (is_ground and box in strips))


def _on_page(boxes: Sequence[BBox]) -> Iterator[BBox]:
    """Those of ``boxes``, clipped to the page, of which something is left: printers' marks stand outside of it."""
    return (box for box in boxes if max(box[2] - box[0], box[3] - box[1]) > 0)


def _is_across(box: BBox) -> bool:
    return box[2] - box[0] >= box[3] - box[1]


def _rules(item: Drawn) -> Iterator[BBox]:
    """The rules that a path draws: left, bottom, right, top in the page's space."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    c.FPDFPath_GetDrawMode(item.raw, fill, stroke)
    if stroke.value and not _is_pale(item, c.FPDFPageObj_GetStrokeColor):
        for (x0, y0), (x1, y1) in _lines(item):
            width, height = abs(x1 - x0), abs(y1 - y0)
            if max(width, height) >= SHORT and min(width, height) <= SLANT * max(width, height):
                yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    elif fill.value and item.segments() <= RECTANGLE and not _is_pale(item, c.FPDFPageObj_GetFillColor):
        left, bottom, right, top = item.box
        thin, long = sorted((right - left, top - bottom))
        if thin <= THIN and long >= SHORT:
            yield item.box


def _is_panel(item: Drawn) -> bool:
    """Whether a path fills a box with a tint."""
    left, bottom, right, top = item.box
    is_box = item.is_filled() and item.segments() <= RECTANGLE and min(right - left, top - bottom) > THIN
    return is_box and not _is_pale(item, c.FPDFPageObj_GetFillColor)


def _is_pale(item: Drawn, colour_of: object) -> bool:
    """Whether a colour of the path is nearly white."""
    colour = [ctypes.c_uint() for _ in range(4)]
    return bool(colour_of(item.raw, *colour)) and min(part.value for part in colour[:3]) > PALE  # type: ignore[operator]


def _lines(item: Drawn) -> Iterator[tuple[Point, Point]]:
    """The straight lines of a path, each from one point of the page's space to another."""
    own = c.FS_MATRIX()
    c.FPDFPageObj_GetMatrix(item.raw, own)
    matrix = np.array([[own.a, own.c, own.e], [own.b, own.d, own.f], [0, 0, 1]])
    if item.to_page is not None:
        matrix = item.to_page @ matrix
    start = last = (0.0, 0.0)
    for index in range(item.segments()):
        segment = c.FPDFPath_GetPathSegment(item.raw, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        c.FPDFPathSegment_GetPoint(segment, x, y)
        at_x, at_y, _ = (matrix @ (x.value, y.value, 1.0)).tolist()
        kind = c.FPDFPathSegment_GetType(segment)
        if kind == c.FPDF_SEGMENT_MOVETO:
            start = at_x, at_y
        elif kind == c.FPDF_SEGMENT_LINETO:
            yield last, (at_x, at_y)
        last = at_x, at_y
        if c.FPDFPathSegment_GetClose(segment):
            yield last, start


def joined(rules: Sequence[BBox], axis: int) -> list[BBox]:
    """Rules along ``axis`` that go on from each other made one: tables are drawn cell by cell."""
    found: list[BBox] = []
    for rule in sorted(rules, key=lambda rule: (round(rule[1 - axis] / THIN), rule[axis])):
        if found and abs(found[-1][1 - axis] - rule[1 - axis]) <= THIN / 2 and rule[axis] <= found[-1][axis + 2] + THIN:
            before = found.pop()
            rule = (
                min(before[0], rule[0]),
                min(before[1], rule[1]),
                max(before[2], rule[2]),
                max(before[3], rule[3]),
            )
        found.append(rule)
    return found
