"""What the notes, stamps and filled-in fields of a PDF page show: text that lies over the page and is not in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import BBox

KINDS = {c.FPDF_ANNOT_FREETEXT, c.FPDF_ANNOT_STAMP, c.FPDF_ANNOT_WIDGET}
"""The annotations that show text on the page; a widget is a field of a form."""

UNSEEN = c.FPDF_ANNOT_FLAG_HIDDEN | c.FPDF_ANNOT_FLAG_NOVIEW

BUTTONS = {c.FPDF_FORMFIELD_PUSHBUTTON, c.FPDF_FORMFIELD_CHECKBOX, c.FPDF_FORMFIELD_RADIOBUTTON}


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
        is_button = page.formenv and c.FPDFAnnot_GetFormFieldType(page.formenv, note) in BUTTONS
        is_shown = kind in KINDS and not c.FPDFAnnot_GetFlags(note) & UNSEEN
        if is_shown and not is_button and c.FPDFAnnot_GetRect(note, sides):
            (left, right), (bottom, top) = sorted((sides.left, sides.right)), sorted((sides.bottom, sides.top))
            found.append(Note(index, kind == c.FPDF_ANNOT_STAMP, (left, bottom, right, top)))
        c.FPDFPage_CloseAnnot(note)
    return found


@contextmanager
def page_with_notes(path: Path, pdf: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    """Page ``number`` (from 1) of ``pdf``, the document at ``path``, with the text of its notes among its own.

    Holds PDFium's lock. Raises PageError if the page cannot be loaded.
    """
    with pdfium.page(pdf, number) as page:
        notes = notes_on(page)
        if not notes:
            yield page
            return
    # In a document of its own: once they are merged, a marker covers what it marks.
    with pdfium.document(path) as copy:
        with pdfium.page(copy, number) as page:
            kept = {note.index for note in notes}
            for index in reversed(range(c.FPDFPage_GetAnnotCount(page))):
                if index not in kept:
                    c.FPDFPage_RemoveAnnot(page, index)
            c.FPDFPage_Flatten(page, c.FLAT_NORMALDISPLAY)
        with pdfium.page(copy, number) as page:
            yield page
