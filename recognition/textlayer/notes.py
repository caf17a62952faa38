"""What the notes, stamps and filled-in fields of a PDF page show: text that lies over the page and is not in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import BBox

KINDS = {c.FPDF_ANNOT_FREETEXT, c.FPDF_ANNOT_STAMP, c.FPDF_ANNOT_WIDGET}
"""The annotations that show text on the page; a widget is a field of a form."""

UNSEEN = c.FPDF_ANNOT_FLAG_HIDDEN | c.FPDF_ANNOT_FLAG_NOVIEW


@dataclass(frozen=True)
class Note:
    """``index``: among the annotations of its page. ``box``: left, bottom, right, top in the page's space."""

    index: int
    is_stamp: bool
    box: BBox


def notes_on(page: pypdfium2.PdfPage) -> list[Note]:
    """Those that are shown and may have text. PDFium's lock must be held."""
    found = []
    for index in range(c.FPDFPage_GetAnnotCount(page)):
        note, sides = c.FPDFPage_GetAnnot(page, index), c.FS_RECTF()
        kind = c.FPDFAnnot_GetSubtype(note)
        is_shown = kind in KINDS and not c.FPDFAnnot_GetFlags(note) & UNSEEN
        if is_shown and c.FPDFAnnot_GetRect(note, sides):
            (left, right), (bottom, top) = sorted((sides.left, sides.right)), sorted((sides.bottom, sides.top))
            found.append(Note(index, kind == c.FPDF_ANNOT_STAMP, (left, bottom, right, top)))
        c.FPDFPage_CloseAnnot(note)
    return found


@contextmanager
def page_of_notes(pdf: pypdfium2.PdfDocument, number: int, notes: Sequence[Note]) -> Iterator[pypdfium2.PdfPage]:
    """A page as large as ``number`` (from 1) of ``pdf``, with what these of its ``notes`` show and nothing else.

    PDFium's lock must be held.
    """
    copy = pypdfium2.PdfDocument.new()
    copy.import_pages(pdf, [number - 1])
    with pdfium.page(copy, 1) as page:
        for index in reversed(range(c.FPDFPage_CountObjects(page))):
            item = c.FPDFPage_GetObject(page, index)
            c.FPDFPage_RemoveObject(page, item)
            c.FPDFPageObj_Destroy(item)
        c.FPDFPage_GenerateContent(page)
        kept = {note.index for note in notes}
        for index in reversed(range(c.FPDFPage_GetAnnotCount(page))):
            if index not in kept:
                c.FPDFPage_RemoveAnnot(page, index)
        c.FPDFPage_Flatten(page, c.FLAT_NORMALDISPLAY)
    try:
        with pdfium.page(copy, 1) as page:
            yield page
    finally:
        copy.close()
