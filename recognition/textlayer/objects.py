"""What is drawn on a PDF page beside its text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import BBox, union
from recognition.page import Matrix

from .glyphs import Floats, Glyphs, Integers, Mask

DEPTH = 8
"""How deep forms (pages within the page) are looked into."""

OUTLINE_POINTS = 3, 72
OUTLINES = 40
"""Filled shapes of this width or height in points may be outlines of characters, and so many together may be text."""

OUTLINE_REACH = 8
"""In points: shapes nearer to each other than this may belong to one text."""

PALE = 245
PALE_OPACITY = 10
"""Of 255: from this white on, and under this opacity, text may be invisible."""

PICTURE_PIXELS = 32
"""A picture that has fewer in width or height is a dot, a shade or a rule."""

RECTANGLE = 5
"""Segments."""

BLANK_FONTS = "glyphless", "invisible", "ocrtext"
"""In the names of fonts without shapes, with which programs lay recognised text over a scan."""

_page_object = pdfium.quick(c.FPDFPage_GetObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_form_object = pdfium.quick(c.FPDFFormObj_GetObject, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong)
_kind = pdfium.quick(c.FPDFPageObj_GetType, ctypes.c_int, ctypes.c_void_p)
_render_mode = pdfium.quick(c.FPDFTextObj_GetTextRenderMode, ctypes.c_int, ctypes.c_void_p)
_fill_colour = pdfium.quick(c.FPDFPageObj_GetFillColor, ctypes.c_int, *[ctypes.c_void_p] * 5)


@dataclass
class Drawn:
    """One thing on the page. ``to_page``: from the space of the form that holds it to that of the page."""

    address: int
    kind: int
    to_page: Matrix | None

    @cached_property
    def raw(self) -> Any:
        """PDFium's handle."""
        return ctypes.cast(self.address, c.FPDF_PAGEOBJECT)

    @cached_property
    def box(self) -> BBox:
        """Left, bottom, right, top in the page's space."""
        sides = [ctypes.c_float() for _ in range(4)]
        if not c.FPDFPageObj_GetBounds(self.raw, *sides):
            return 0.0, 0.0, 0.0, 0.0
        left, bottom, right, top = (side.value for side in sides)
        if self.to_page is None:
            return left, bottom, right, top
        corners = self.to_page @ np.array([[left, right, left, right], [bottom, bottom, top, top], [1, 1, 1, 1]])
        (left, bottom), (right, top) = corners[:2].min(axis=1).tolist(), corners[:2].max(axis=1).tolist()
        return left, bottom, right, top

    def is_invisible_text(self) -> bool:
        return _render_mode(self.address) in (
            c.FPDF_TEXTRENDERMODE_INVISIBLE,
            c.FPDF_TEXTRENDERMODE_CLIP,
        )

    def is_pale_text(self) -> bool:
        """Whether it is written in white or in nothing."""
        colour = (ctypes.c_uint * 4)()
        start = ctypes.addressof(colour)
        _fill_colour(self.address, start, start + 4, start + 8, start + 12)
        red, green, blue, opacity = colour
        return opacity < PALE_OPACITY or min(red, green, blue) > PALE

    def is_marked(self) -> bool:
        """Whether it is part of something that the file names, which may be a layer that is switched off."""
        for index in range(c.FPDFPageObj_CountMarks(self.raw)):
            name, length = (c.FPDF_WCHAR * 4)(), ctypes.c_ulong()
            mark = c.FPDFPageObj_GetMark(self.raw, index)
            if c.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), length) and bytes(name)[:4] == b"O\0C\0":
                return True
        return False

    def is_in_blank_font(self) -> bool:
        """Whether its font says by its name that it has no shapes."""
        name = pdfium.font_name(c.FPDFTextObj_GetFont(self.raw)).lower()
        return any(word in name for word in BLANK_FONTS)

    def is_filled(self) -> bool:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        return bool(c.FPDFPath_GetDrawMode(self.raw, fill, stroke)) and fill.value != c.FPDF_FILLMODE_NONE

    def segments(self) -> int:
        return int(c.FPDFPath_CountSegments(self.raw))


def drawn_on(page: pypdfium2.PdfPage) -> list[Drawn]:
    """Everything on the page that is not itself a form, in drawing order. PDFium's lock must be held."""
    address = ctypes.cast(page.raw, ctypes.c_void_p).value
    return [
        item
        for index in range(c.FPDFPage_CountObjects(page))
        for item in _opened(_page_object(address, index), None, DEPTH)
    ]


def by_object(glyphs: Glyphs) -> Iterator[tuple[int, Integers]]:
    """Each object with text, and which of the ``glyphs`` are in it."""
    order = np.argsort(glyphs.objects, kind="stable")
    objects, starts = np.unique(glyphs.objects[order], return_index=True)
    if not len(objects):
        return
    for index, members in zip(objects.tolist(), np.split(order, starts[1:]), strict=True):
        if index >= 0:
            yield index, members


def in_place(drawn: Sequence[Drawn], glyphs: Glyphs) -> Glyphs:
    """The ``glyphs``, all of them where they stand on the page. PDFium's lock must be held.

    Those that PDFium takes from an ``/ActualText``, as browsers write it, stand where they are in their form.
    """
    origins, boxes = glyphs.origins.copy(), glyphs.boxes.copy()
    for index, members in by_object(glyphs):
        item = drawn[index]
        if item.to_page is None or np.allclose(item.to_page, np.eye(3)):
            continue
        linear, shift = item.to_page[:2, :2], item.to_page[:2, 2]
        box, reach = np.array(item.box), glyphs.ems[members, None]
        moved = origins[members] @ linear.T + shift
        here, there = (_within(points, box, reach) for points in (origins[members], moved))
        strays = members[there & ~here]
        corners = boxes[strays].reshape(-1, 2, 2) @ linear.T + shift
        low, high = corners.min(axis=1), corners.max(axis=1)
        origins[strays] = moved[there & ~here]
        boxes[strays] = np.stack([low[:, 0], high[:, 1], high[:, 0], low[:, 1]], axis=1)
    return replace(glyphs, origins=origins, boxes=boxes)


def _within(points: Floats, box: Floats, reach: Floats) -> Mask:
    """(n,): which of ``points`` (n, 2) are in ``box`` (left, bottom, right, top) or within ``reach`` (n, 1) of it."""
    return np.asarray(((points >= box[:2] - reach) & (points <= box[2:] + reach)).all(axis=1))


def outline_boxes(drawn: Sequence[Drawn], glyphs: Glyphs) -> list[BBox]:
    """Where there may be text that is drawn as outlines and is not among ``glyphs``: left, bottom, right, top in the
    page's space. PDFium's lock must be held."""
    low, high = OUTLINE_POINTS
    shapes = []
    for item in drawn:
        if item.kind == c.FPDF_PAGEOBJ_PATH and item.is_filled() and item.segments() > RECTANGLE:
            larger = max(item.box[2] - item.box[0], item.box[3] - item.box[1])
            if low <= larger <= high:
                shapes.append(item.box)
    if len(shapes) < OUTLINES:
        return []
    centres = (glyphs.boxes[:, :2] + glyphs.boxes[:, 2:]) / 2
    found = []
    for members in _groups(np.array(shapes)):
        box = union([shapes[index] for index in members])
        inside = (centres > (box[0], box[1])).all(axis=1) & (centres < (box[2], box[3])).all(axis=1)
        if len(members) >= OUTLINES and len(members) > inside.sum():
            found.append(box)
    return found


def picture_boxes(drawn: Sequence[Drawn]) -> list[BBox]:
    """The pictures that may show text: left, bottom, right, top in the page's space. PDFium's lock must be held."""
    boxes = []
    for item in drawn:
        if item.kind == c.FPDF_PAGEOBJ_IMAGE:
            width, height = ctypes.c_uint(), ctypes.c_uint()
            c.FPDFImageObj_GetImagePixelSize(item.raw, width, height)
            if min(width.value, height.value) >= PICTURE_PIXELS:
                boxes.append(item.box)
    return boxes


def _opened(address: int, to_page: Matrix | None, depth: int) -> Sequence[Drawn]:
    """The object at ``address``, or what is in it if it is a form."""
    item = Drawn(address, _kind(address), to_page)
    if item.kind != c.FPDF_PAGEOBJ_FORM:
        return (item,)
    if not depth:
        return ()
    own = c.FS_MATRIX()
    c.FPDFPageObj_GetMatrix(item.raw, own)
    matrix = np.array([[own.a, own.c, own.e], [own.b, own.d, own.f], [0, 0, 1]])
    inner = matrix if to_page is None else to_page @ matrix
    count = c.FPDFFormObj_CountObjects(item.raw)
    return [part for index in range(count) for part in _opened(_form_object(address, index), inner, depth - 1)]


def _groups(boxes: Floats) -> Iterator[list[int]]:
    """The indices of boxes that stand close together, on a coarse grid."""
    step = max(OUTLINE_REACH, float(np.ptp(boxes)) / 500)
    cells: dict[tuple[int, int], list[int]] = {}
    for index, (x, y) in enumerate(((boxes[:, :2] + boxes[:, 2:]) / 2 // step).astype(np.int64).tolist()):
        cells.setdefault((x, y), []).append(index)
    while cells:
        pending, group = [next(iter(cells))], []
        while pending:
            x, y = pending.pop()
            if members := cells.pop((x, y), []):
                group += members
                pending += [(x + dx, y + dy) for dx in range(-2, 3) for dy in range(-2, 3)]
        yield group
