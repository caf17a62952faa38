"""All calls of PDFium. It is not thread-safe, so each call holds a lock.

A document may stay open between calls. A page is open only inside ``page()``, which holds the lock throughout.
"""

from __future__ import annotations

import atexit
import ctypes
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2

from .errors import BrokenFileError, EncryptedFileError, PageError
from .geometry import BBox
from .page import Matrix, Pixels

POINTS_PER_INCH = 72

PLACEHOLDER_CHARACTERS = 1500
"""The page that asks people to wait for the pages of a dynamic form, or for another reader, has half as many."""

# Re-entrant, because Python may close a forgotten document in the middle of a call.
_lock = threading.RLock()

# At most one document: open but not in use, by path, modification time and size of its file.
_idle: dict[tuple[Path, int, int], pypdfium2.PdfDocument] = {}


def quick(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    """A faster binding of one of PDFium's functions, for loops of thousands of calls.

    Handles are plain addresses, and the GIL is not released.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, *arguments)(address or 0)


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        # PDFium's last error may be that of an earlier file.
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD and b"/Encrypt" in path.read_bytes():
            raise EncryptedFileError(
                "This PDF is locked with a password. Enter its password and upload the file again."
            ) from error
        raise BrokenFileError("This PDF is damaged or has no pages. Export or scan it again.") from error
    pdf.init_forms()
    return pdf


@contextmanager
def document(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The PDF at ``path``. Raises EncryptedFileError or BrokenFileError if it cannot be opened."""
    with _lock:
        pdf = _open(path)
    try:
        yield pdf
    finally:
        with _lock:
            pdf.close()


@contextmanager
def kept_document(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """The same, kept open afterwards until another document takes its place.

    Jobs read single pages, and loading a document's fonts again takes longer than reading a page.
    """
    status = path.stat()
    key = path, status.st_mtime_ns, status.st_size
    with _lock:
        pdf = _idle.pop(key, None) or _open(path)
    try:
        yield pdf
    finally:
        with _lock:
            _close_idle()
            _idle[key] = pdf


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.popitem()[1].close()


@contextmanager
def page(pdf: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    """Page ``number`` (from 1) of ``pdf``. Holds the lock. Raises PageError if the page cannot be loaded."""
    with _lock:
        try:
            loaded = pdf[number - 1]
        except pypdfium2.PdfiumError as error:
            raise PageError(f"Page {number} of this PDF is damaged.", number=number) from error
        try:
            yield loaded
        finally:
            loaded.close()


def font_name(font: Any) -> str:
    """The PostScript name of ``font``, a handle of PDFium; with the prefix of a subset. The lock must be held."""
    name = ctypes.create_string_buffer(64)
    pypdfium2.raw.FPDFFont_GetBaseFontName(font, name, len(name))
    return name.value.decode("utf-8", errors="replace")


def page_count(pdf: pypdfium2.PdfDocument) -> int:
    with _lock:
        return len(pdf)


def is_dynamic_form(pdf: pypdfium2.PdfDocument) -> bool:
    """Whether all that ``pdf`` has is a page that says "Please wait", in place of those that its program would make.

    Raises PageError.
    """
    with _lock:
        if pypdfium2.raw.FPDF_GetFormType(pdf) != pypdfium2.raw.FORMTYPE_XFA_FULL or len(pdf) != 1:
            return False
        with page(pdf, 1) as only:
            return int(pypdfium2.raw.FPDFText_CountChars(only.get_textpage())) < PLACEHOLDER_CHARACTERS


def page_points(pdf: pypdfium2.PdfDocument, number: int) -> tuple[float, float]:
    """Width and height in points of page ``number`` as it is displayed, that is after its /Rotate. Raises PageError."""
    with _lock:
        try:
            width, height = pdf.get_page_size(number - 1)
        except pypdfium2.PdfiumError as error:
            raise PageError(f"Page {number} of this PDF is damaged.", number=number) from error
    if not (width > 0 and height > 0):  # its crop box lies beside the page
        raise PageError(f"Page {number} of this PDF has no size.", number=number)
    return width, height


def render(page: pypdfium2.PdfPage, number: int, dpi: float, *, notes: bool = True) -> Pixels:
    """The pixels of ``page``, which is number ``number``: (height, width, 3), RGB. ``notes``: whether with its form
    fields and annotations.

    The caller holds the lock. Raises PageError.
    """
    try:
        bitmap = page.render(scale=dpi / POINTS_PER_INCH, rev_byteorder=True, may_draw_forms=notes, draw_annots=notes)
    except pypdfium2.PdfiumError as error:
        raise PageError(f"Page {number} cannot be drawn.", number=number) from error
    pixels: Pixels = np.array(bitmap.to_numpy())
    bitmap.close()
    return pixels


def fitting_dpi(points: tuple[float, float], dpi: float, pixels: int) -> float:
    """``dpi``, or the highest resolution at which a page of this size has at most ``pixels`` pixels."""
    # Slightly less, because the size is rounded up to whole pixels.
    return min(dpi, 0.999 * POINTS_PER_INCH * math.sqrt(pixels / (points[0] * points[1])))


def pixel_size(points: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Width and height of the page image at ``dpi``."""
    return math.ceil(points[0] * dpi / POINTS_PER_INCH), math.ceil(points[1] * dpi / POINTS_PER_INCH)


def to_image(page: pypdfium2.PdfPage, width: int, height: int) -> Matrix:
    """The 3x3 matrix from points of the page's own space (y upwards) to pixels of its image.

    The caller holds the lock.
    """
    return box_to_image(page.get_bbox(), page.get_rotation(), width, height)


def box_to_image(box: BBox, rotation: int, width: int, height: int) -> Matrix:
    """The same for a page that shows ``box`` of its space, rotated clockwise by ``rotation`` degrees.

    ``box``: left, bottom, right, top in points, y upwards.
    """
    left, bottom, right, top = box
    to_unit = np.array(
        [[1 / (right - left), 0, -left / (right - left)], [0, -1 / (top - bottom), top / (top - bottom)], [0, 0, 1]]
    )
    quarter = np.array([[0, -1, 1], [1, 0, 0], [0, 0, 1]])  # rotates the unit square clockwise
    rotated = np.linalg.matrix_power(quarter, rotation // 90)
    return np.asarray(np.diag([width, height, 1.0]) @ rotated @ to_unit)


def mapped(box: BBox, matrix: Matrix, size: tuple[int, int]) -> BBox:
    """``box`` (left, bottom, right, top of the page's own space) in pixels of its image, clipped to ``size``."""
    corners = matrix @ np.array([[box[0], box[2]], [box[1], box[3]], [1, 1]])
    (left, right), (top, bottom) = (np.clip(np.sort(corners[axis]), 0, size[axis]).tolist() for axis in (0, 1))
    return left, top, right, bottom
