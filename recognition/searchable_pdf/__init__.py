"""Searchable PDF: the pages of a file as they are, with what was read on them as invisible text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Name

from recognition import pdfium, raster, textlayer
from recognition.errors import BrokenFileError, PageError, ProtectedFileError
from recognition.geometry import BBox, area, bounds, intersection
from recognition.page import DocumentText, Line, Matrix, PagePlace, PageText
from recognition.proof import are_alike

from . import picture_pages, unseen_text
from .invisible_text import InvisibleFont, operators

SHOWN = 0.5
"""A line is on the page already where so much of its middle is covered by the page's own text."""

LETTER = 0.0, 0.0, 612.0, 792.0
"""What a page without a size is drawn as."""


def write(original: Path, text: DocumentText, out: Path) -> None:
    """Writes the file at ``original`` with its ``text`` as a PDF to ``out``, whose folder is otherwise empty: parts of
    the PDF stay there.

    A PDF that has all of the text already is copied as it is. Text goes only where a page shows none of its own.
    Invisible text that some program added to a page before gives way to ours.

    Raises ProtectedFileError for a PDF that allows no changes, and BrokenFileError for a file that cannot be taken
    apart.
    """
    if not raster.is_pdf(original):
        with picture_pages.as_pdf(original, out.parent, text.page_count) as pdf:
            pdf.docinfo["/Title"] = text.title
            _add_text(pdf, text, {page.number: page.lines for page in text.pages})
            pdf.save(out, deterministic_id=True)
    elif any((missing := _missing(original, text.pages)).values()):
        with _opened(original) as pdf:
            _remove_earlier_text(pdf, missing)
            _add_text(pdf, text, {number: page.lines for number, page in missing.items()})
            pdf.save(out, deterministic_id=True)
    else:
        shutil.copyfile(original, out)


AT_ONCE = 40
"""PDFs that are open at a time while one is made of their pages: a process has a bound on open files."""


def assemble(folder: Path, places: Sequence[PagePlace], title: str, out: Path) -> None:
    """Writes a PDF of the pages at ``places`` in PDFs in ``folder``, in this order, to ``out``. Parts of it stay in
    ``folder``.

    Raises ProtectedFileError and BrokenFileError as ``write`` does.
    """
    parts = count()
    while len({place.file for place in places}) > AT_ONCE:
        merged = []
        for batch in _batches(places):
            part = f"{next(parts)}.part"
            _combine(folder, batch, title, folder / part)
            merged += [PagePlace(part, number) for number in range(1, len(batch) + 1)]
        places = merged
    _combine(folder, places, title, out)


def _batches(places: Sequence[PagePlace]) -> Iterator[list[PagePlace]]:
    """``places`` parted so that each part is of at most AT_ONCE files."""
    batch = list[PagePlace]()
    for place in places:
        if len({each.file for each in [*batch, place]}) > AT_ONCE:
            yield batch
            batch = []
        batch.append(place)
    yield batch


def _combine(folder: Path, places: Sequence[PagePlace], title: str, out: Path) -> None:
    with ExitStack() as stack, pikepdf.new() as pdf:
        opened = {file: stack.enter_context(_opened(folder / file)) for file in {place.file for place in places}}
        for place in places:
            pages = opened[place.file].pages
            if not 1 <= place.number <= len(pages):
                raise BrokenFileError("This PDF is too damaged for text to be added. Export or scan it again.")
            pdf.pages.append(pages[place.number - 1])
            if place.turn:
                pdf.pages[-1].rotate(place.turn, relative=True)
        pdf.docinfo["/Title"] = title
        pdf.save(out, deterministic_id=True)


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


@dataclass(frozen=True)
class _Missing:
    """What a page lacks. ``lines``: those that it does not show as text. ``own``: what text it has."""

    lines: Sequence[Line]
    own: textlayer.OwnText

    def __bool__(self) -> bool:
        return bool(self.lines)


def _missing(path: Path, pages: Sequence[PageText]) -> dict[int, _Missing]:
    """By page number: what the PDF lacks."""
    missing = {}
    with pdfium.document(path) as pdf:
        for page in pages:
            try:
                own = textlayer.own_text(pdf, page.number, (page.width, page.height))
            except PageError:
                own = textlayer.OwnText()
            lines = [line for line in page.lines if not _is_shown(line, own)]
            missing[page.number] = _Missing(lines, own)
    return missing


def _is_shown(line: Line, own: textlayer.OwnText) -> bool:
    """Whether the page has a true text of its own where ``line`` stands."""
    heart = _heart(line)
    true = [*own.seen, *(other for other in own.suspected if are_alike(other.raw, line.raw))]
    shown = sum(intersection(heart, other.box) for other in true)
    return shown > SHOWN * max(area(heart), 1)


def _heart(line: Line) -> BBox:
    """The middle of a line without its edges, which its neighbours may reach into: left, top, right, bottom."""
    middle = np.mean(line.polygon, axis=0)
    left, top, right, bottom = bounds([tuple(middle + (np.array(corner) - middle) / 2) for corner in line.polygon])
    return left, top, right, bottom


def _remove_earlier_text(pdf: pikepdf.Pdf, missing: Mapping[int, _Missing]) -> None:
    for number, page in missing.items():
        if page and page.own.has_unseen:
            unseen_text.remove(pdf, pdf.pages[number - 1], everything=not page.own.has_seen)


def _add_text(pdf: pikepdf.Pdf, text: DocumentText, lines: Mapping[int, Sequence[Line]]) -> None:
    # No file holds its own hash, so this is not what a page calls the font of text that was added to it before.
    font = InvisibleFont(pdf, f"OcrText-{text.sha256[:16]}")
    for page in text.pages:
        if lines[page.number]:
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
