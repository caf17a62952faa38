"""The pages of PDF files, with PDFium and pdf2image.

PDFium takes a third of Poppler's time. It is stricter with damaged page trees: Poppler draws some pages that PDFium
cannot load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pdf2image
import pypdfium2

from recognition import pdfium
from recognition.errors import DynamicFormError, PageError, TooManyPixelsError
from recognition.page import PageImage

from .limits import Limits, check_page_count
from .pictures import to_rgb

DPI = 200
LEGIBLE_DPI = 72
"""A PDF page that fits the limits only at a lower resolution is refused: its 10-point type would be under 10 pixels."""

POPPLER_SECONDS = 60


def inspect(path: Path, limits: Limits) -> int:
    with pdfium.document(path) as pdf:
        count = pdfium.page_count(pdf)
        check_page_count(count, limits)
        for number in range(1, count + 1):
            try:
                _check_legible(pdfium.page_points(pdf, number), number, limits)
            except PageError:
                continue  # the other pages can be read
        with suppress(PageError):
            if pdfium.is_dynamic_form(pdf):
                raise DynamicFormError
    return count


def _check_legible(points: tuple[float, float], number: int, limits: Limits) -> None:
    if pdfium.fitting_dpi(points, DPI, limits.pixels) < LEGIBLE_DPI:
        raise TooManyPixelsError(
            f"Page {number} is too large ({points[0] / 72:.0f} x {points[1] / 72:.0f} inches). Save it smaller.",
            number=number,
        )


def pages(
    path: Path, numbers: Sequence[int] | None, dpi: float, limits: Limits
) -> Iterator[tuple[int, PageImage | PageError]]:
    with pdfium.kept_document(path) as pdf:
        count = pdfium.page_count(pdf)
        for number in numbers or range(1, count + 1):
            try:
                image = _pdfium_page(pdf, number, dpi, limits)
            except TooManyPixelsError as error:
                yield number, PageError(error.message, number=number)
            except PageError:
                yield number, _poppler_page(path, number, count, dpi, limits)
            else:
                yield number, image


def _pdfium_page(pdf: pypdfium2.PdfDocument, number: int, dpi: float, limits: Limits) -> PageImage:
    points = pdfium.page_points(pdf, number)
    _check_legible(points, number, limits)
    with pdfium.page(pdf, number) as page:
        fitting = pdfium.fitting_dpi(points, dpi, limits.pixels)
        return PageImage(pdfium.render(page, number, fitting), is_reduced=fitting < dpi)


def _poppler_page(path: Path, number: int, count: int, dpi: float, limits: Limits) -> PageImage | PageError:
    """Page ``number`` of ``count`` as Poppler draws it."""
    failed = PageError(f"Page {number} of this PDF is damaged and cannot be drawn.", number=number)
    try:
        sizes = pdf2image.pdfinfo_from_path(path, first_page=number, last_page=count, timeout=POPPLER_SECONDS)
        # If Poppler skips a page, the following ones move up, and the last place is empty.
        if sizes[f"Page {count:4} size"].startswith("0 x 0"):
            return failed
        width, height = re.findall(r"[\d.]+", sizes[f"Page {number:4} size"])[:2]
        points = float(width), float(height)
        _check_legible(points, number, limits)
        fitting = pdfium.fitting_dpi(points, dpi, limits.pixels)
        (image,) = pdf2image.convert_from_path(
            path,
            dpi=int(fitting),
            first_page=number,
            last_page=number,
            use_cropbox=True,
            timeout=POPPLER_SECONDS,
        )
    except Exception:  # whatever it is, both libraries have failed on the page
        return failed
    return PageImage(to_rgb(image), is_reduced=fitting < dpi)
