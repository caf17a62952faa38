"""Searchable PDF: the original pages as they are, with what was read on them as invisible text."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pikepdf
import pypdfium2
from pikepdf import Name

from documents.transcript import Transcript, TranscriptLine, TranscriptPage
from recognition import pdfium, raster
from recognition.errors import BrokenFileError, OriginalMissingError, ProtectedFileError
from recognition.geometry import BBox
from recognition.page import Matrix, apply_matrix

from . import picture_pages
from .text_layer import InvisibleFont, operators

LETTER = 0.0, 0.0, 612.0, 792.0
"""What a page without a size is drawn as."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the PDF. A PDF that has all of the text already is handed out as it is.

    Invisible text that some program added to a PDF before stays on its pages, beneath ours.

    Raises ProtectedFileError for a PDF that allows no changes, BrokenFileError for a file that cannot be taken apart,
    and OriginalMissingError.
    """
    with _original(export) as path:
        if not raster.is_pdf(path):
            with (
                tempfile.TemporaryDirectory() as folder,
                picture_pages.as_pdf(path, Path(folder), export.page_count) as pdf,
            ):
                pdf.docinfo["/Title"] = export.title
                _add_text(pdf, export, {page.number: page.lines for page in export.pages})
                pdf.save(out, deterministic_id=True)
        elif any((missing := _missing(path, export.pages)).values()):
            with _opened(path) as pdf:
                _add_text(pdf, export, missing)
                pdf.save(out, deterministic_id=True)
        else:
            with path.open("rb") as file:
                shutil.copyfileobj(file, out)


@contextmanager
def _original(export: Transcript) -> Iterator[Path]:
    if export.original is None:
        raise OriginalMissingError
    with ExitStack() as stack:
        try:
            path = stack.enter_context(export.original())
        except FileNotFoundError as error:  # from a storage elsewhere
            raise OriginalMissingError from error
        if not path.exists():
            raise OriginalMissingError
        yield path


@contextmanager
def _opened(path: Path) -> Iterator[pikepdf.Pdf]:
    protected = "This PDF is protected against changes, so no text can be added. Upload a copy without protection."
    try:
        with pikepdf.open(path) as pdf:
            if pdf.is_encrypted and not pdf.allow.modify_other:
                raise ProtectedFileError(protected)
            yield pdf
    except pikepdf.PasswordError as error:
        raise ProtectedFileError(protected) from error
    except (pikepdf.PdfError, LookupError, AttributeError) as error:  # pages or their sizes are missing
        raise BrokenFileError("This PDF is too damaged for text to be added. Export or scan it again.") from error


def _missing(path: Path, pages: Sequence[TranscriptPage]) -> dict[int, Sequence[TranscriptLine]]:
    """By page number: the lines that the PDF does not have as text of its own."""
    missing = {page.number: page.lines for page in pages}
    if layered := [page for page in pages if page.source == "text-layer"]:
        with pdfium.document(path) as pdf:
            missing |= {page.number: _read_from_pictures(pdf, page) for page in layered}
    return missing


def _read_from_pictures(pdf: pypdfium2.PdfDocument, page: TranscriptPage) -> list[TranscriptLine]:
    """The lines of a page with text of its own that stand where it has none."""
    with pdfium.page(pdf, page.number) as loaded:
        to_points = np.asarray(np.linalg.inv(pdfium.to_image(loaded, page.width or 1, page.height or 1)))
        text = loaded.get_textpage()
        found = [line for line in page.lines if not text.get_text_bounded(*_heart(line, to_points)).strip()]
        text.close()
    return found


def _heart(line: TranscriptLine, to_points: Matrix) -> BBox:
    """The middle of a line without its edges, which its neighbours may reach into: left, bottom, right, top."""
    middle = np.mean(line.line.polygon, axis=0)
    inner = [tuple(middle + (np.array(corner) - middle) / 2) for corner in line.line.polygon]
    xs, ys = zip(*apply_matrix(to_points, [(x, y) for x, y in inner]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _add_text(pdf: pikepdf.Pdf, export: Transcript, lines: Mapping[int, Sequence[TranscriptLine]]) -> None:
    # No file holds its own hash, so this is not what a page calls the font of text that was added to it before.
    font = InvisibleFont(pdf, f"OcrText-{export.sha256[:16]}")
    for page in export.pages:
        if page.width and page.height and lines[page.number]:
            shown = pdf.pages[page.number - 1]
            content = operators(lines[page.number], _to_points(shown, page.width, page.height), font)
            # In front of what is there: nothing has moved the coordinates yet, and nothing can have been left open.
            shown.contents_add(content, prepend=True)
            shown.add_resource(font.reference, Name.Font, font.name)
    font.embed()


def _to_points(page: pikepdf.Page, width: int, height: int) -> Matrix:
    """From pixels of the page image to points of the page's own space."""
    media = _rectangle(page.mediabox, LETTER)
    crop = _rectangle(page.cropbox, media)
    box = *np.maximum(media[:2], crop[:2]), *np.minimum(media[2:], crop[2:])
    if box[0] >= box[2] or box[1] >= box[3]:
        box = media
    return np.asarray(np.linalg.inv(pdfium.box_to_image(box, page.rotation, width, height)))


def _rectangle(box: object, otherwise: BBox) -> BBox:
    """Left, bottom, right, top of ``box``, of which a PDF may name any two opposite corners.

    ``otherwise``, as PDFium draws it too, where that is missing, empty, or no box at all.
    """
    numbers = list(box) if isinstance(box, pikepdf.Array) else []
    if len(numbers) != 4 or not all(isinstance(number, int | Decimal) for number in numbers):
        return otherwise
    x, y, other_x, other_y = (float(number) for number in numbers)
    if x == other_x or y == other_y:
        return otherwise
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)
