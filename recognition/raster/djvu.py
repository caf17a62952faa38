"""The pages of DjVu documents, with djvu-rs (a decoder in Rust).

Only documents in one file are read. The text layer of a DjVu document is that of an earlier OCR program, so its pages
are read from their pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from recognition.errors import BrokenFileError, PageError, TooManyPixelsError
from recognition.page import PageImage

from .limits import Limits, check_page_count, check_pixels

LARGEST_DPI = 300
"""Scans in DjVu have up to 600. OCR gains nothing above this."""


def inspect(path: Path, limits: Limits) -> int:
    """The number of pages. Raises BrokenFileError, TooManyPagesError or TooManyPixelsError."""
    import djvu_rs

    try:
        document = djvu_rs.Document.open(str(path))
        count = document.page_count()
    except djvu_rs.Error as error:
        raise _broken() from error
    check_page_count(count, limits)
    for index in range(count):
        try:
            page = document.page(index)
        except djvu_rs.Error:
            continue  # the other pages can be read
        check_pixels(_size(page), limits)
    if count == 0:
        raise _broken()
    return count


def pages(path: Path, numbers: Sequence[int] | None, limits: Limits) -> Iterator[tuple[int, PageImage | PageError]]:
    import djvu_rs

    try:
        document = djvu_rs.Document.open(str(path))
        count = document.page_count()
    except djvu_rs.Error as error:
        raise _broken() from error
    for number in numbers or range(1, count + 1):
        if not 1 <= number <= count:
            yield number, PageError(f"There is no page {number}.", number=number)
            continue
        try:
            page = document.page(number - 1)
            check_pixels(_size(page), limits)
            rgba = np.asarray(page.render(size=_size(page)).to_numpy_zerocopy())
        except TooManyPixelsError as error:
            yield number, PageError(error.message, number=number)
        except djvu_rs.Error:
            yield number, PageError(f"Page {number} of this DjVu document is damaged.", number=number)
        else:
            yield number, PageImage(np.ascontiguousarray(rgba[:, :, :3]))


def _size(page: object) -> tuple[int, int]:
    """Width and height at which a page is drawn."""
    width, height, dpi = (int(getattr(page, name)) for name in ("width", "height", "dpi"))
    scale = min(1.0, LARGEST_DPI / max(dpi, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _broken() -> BrokenFileError:
    return BrokenFileError("This DjVu document is damaged or not in one file. Save it as PDF and upload that.")
