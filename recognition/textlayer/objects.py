"""What else is drawn on a PDF page, and whether it hides text."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import BBox
from recognition.page import Matrix

DEPTH = 8
"""How deep forms (pages within the page) are looked into."""

OUTLINE_SEGMENTS = 30
"""Of the drawn outline of one character, about."""

PALE = 245
PALE_OPACITY = 10
"""Of 255: from this white on, and under this opacity, text may be invisible."""

PICTURE_PIXELS = 32
"""A picture that has fewer in width or height is a dot, a shade or a rule."""

NOTES = {c.FPDF_ANNOT_FREETEXT, c.FPDF_ANNOT_STAMP, c.FPDF_ANNOT_WIDGET}
"""The annotations that show text on the page; a widget is a field of a form."""

UNSEEN = c.FPDF_ANNOT_FLAG_HIDDEN | c.FPDF_ANNOT_FLAG_NOVIEW

BUTTONS = {c.FPDF_FORMFIELD_PUSHBUTTON, c.FPDF_FORMFIELD_CHECKBOX, c.FPDF_FORMFIELD_RADIOBUTTON}

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


def hides_text(page: pypdfium2.PdfPage, drawn: Sequence[Drawn], count: int) -> bool:
    """Whether some text of ``page`` is not to be seen, or is drawn as outlines and not among its ``count`` characters.

    PDFium's lock must be held. Text that is white, or lies under something drawn later, is switched off and
    the picture compared: its ground may be dark, and what is over it clipped or transparent.
    """
    covers: list[BBox] = []
    suspects: list[Drawn] = []
    outlines = 0
    for item in reversed(drawn):
        if item.kind == c.FPDF_PAGEOBJ_TEXT:
            if item.is_invisible_text():
                return True
            if item.is_pale_text() or any(_overlap(item.box, cover) for cover in covers):
                suspects.append(item)
        elif item.kind == c.FPDF_PAGEOBJ_IMAGE:
            covers.append(item.box)
        elif item.kind == c.FPDF_PAGEOBJ_PATH and item.is_filled():
            segments = item.segments()
            if segments <= 5:
                covers.append(item.box)
            else:
                outlines += segments
    return outlines > OUTLINE_SEGMENTS * count or _any_unseen(page, suspects)


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


def note_boxes(page: pypdfium2.PdfPage) -> list[BBox]:
    """Where notes and filled-in fields stand, which are no text of the page: left, bottom, right, top in the page's
    space. PDFium's lock must be held."""
    boxes = []
    for index in range(c.FPDFPage_GetAnnotCount(page)):
        note, sides = c.FPDFPage_GetAnnot(page, index), c.FS_RECTF()
        is_button = page.formenv and c.FPDFAnnot_GetFormFieldType(page.formenv, note) in BUTTONS
        is_shown = c.FPDFAnnot_GetSubtype(note) in NOTES and not c.FPDFAnnot_GetFlags(note) & UNSEEN
        if is_shown and not is_button and c.FPDFAnnot_GetRect(note, sides):
            (left, right), (bottom, top) = sorted((sides.left, sides.right)), sorted((sides.bottom, sides.top))
            boxes.append((left, bottom, right, top))
        c.FPDFPage_CloseAnnot(note)
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


def _overlap(a: BBox, b: BBox) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _any_unseen(page: pypdfium2.PdfPage, texts: list[Drawn]) -> bool:
    """Whether one of ``texts`` can be taken away without a trace. They are gone afterwards."""
    texts = [text for text in texts if text.box[1] < text.box[3]]  # spaces have no height
    if not texts:
        return False
    before = page.render(grayscale=True).to_numpy()
    for text in texts:
        c.FPDFPageObj_SetIsActive(text.raw, False)
    traces = page.render(grayscale=True).to_numpy() != before
    height, width = traces.shape
    to_image = pdfium.to_image(page, width, height)
    for text in texts:
        left, top, right, bottom = (round(side) for side in pdfium.mapped(text.box, to_image, (width, height)))
        if right > left and bottom > top and not traces[top:bottom, left:right].any():
            return True
    return False
