"""From a file to page images: its type, whether it can be read, and its pages one at a time.

The types are JPEG, PNG, WebP, AVIF, HEIC, JPEG 2000, GIF, BMP, and TIFF, DjVu and PDF with any number of pages. They
are recognised by content. Of an animation only the first frame is read, since its frames are not pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from recognition.errors import EmptyFileError, FileTooLargeError, PageError, UnsupportedTypeError, gettext_noop
from recognition.page import PageImage

from . import djvu, pdf, pictures
from .limits import Limits

DPI = pdf.DPI
DEFAULT_LIMITS = Limits()

SUFFIXES = frozenset(
    {
        *{".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".jp2", ".j2k", ".jpx", ".gif", ".bmp"},
        *{".tif", ".tiff", ".djvu", ".djv", ".pdf"},
    }
)
"""Usual suffixes of readable files, to find them in a folder. The type of a file is decided by its content."""

__all__ = [
    "DEFAULT_LIMITS",
    "DPI",
    "KINDS",
    "MEDIA_TYPES",
    "SUFFIXES",
    "FileInfo",
    "Limits",
    "inspect",
    "is_djvu",
    "is_pdf",
    "is_single_page",
    "pages",
]


@dataclass(frozen=True)
class FileInfo:
    """The type of a file. ``suffix``: the usual one of this type, with the dot."""

    kind: Literal["image", "pdf"]
    media_type: str
    suffix: str
    page_count: int = 1


_SUPPORTED = {  # by the name that Pillow gives the format
    "JPEG": FileInfo("image", "image/jpeg", ".jpg"),
    "PNG": FileInfo("image", "image/png", ".png"),
    "WEBP": FileInfo("image", "image/webp", ".webp"),
    "TIFF": FileInfo("image", "image/tiff", ".tif"),
    "AVIF": FileInfo("image", "image/avif", ".avif"),
    "HEIF": FileInfo("image", "image/heic", ".heic"),
    "JPEG2000": FileInfo("image", "image/jp2", ".jp2"),
    "GIF": FileInfo("image", "image/gif", ".gif"),
    "BMP": FileInfo("image", "image/bmp", ".bmp"),
    "DJVU": FileInfo("image", "image/vnd.djvu", ".djvu"),
    "PDF": FileInfo("pdf", "application/pdf", ".pdf"),
}

KINDS = sorted(info.suffix.removeprefix(".") for info in _SUPPORTED.values())
"""Suffixes, without the dot, one for each type."""

MEDIA_TYPES = sorted(info.media_type for info in _SUPPORTED.values())

_SIGNATURES = [  # the beginning of a file, and the type that it indicates
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"RIFF.{4}WEBP", "WEBP"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb".{0,1019}?%PDF-", "PDF"),
    (rb".{4}ftypavi[fs]", "AVIF"),
    (rb".{4}ftypm(if|sf)1.{0,40}avi[fs]", "AVIF"),
    (rb".{4}ftyp(hei|hev|mif1|msf1)", "HEIF"),
    (rb".{4}ftyp", gettext_noop("a video")),
    (rb"GIF8[79]a", "GIF"),
    (rb"BM.{4}\0\0\0\0", "BMP"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG2000"),
    (rb"\0\0\0\x0cJXL |\xff\x0a", gettext_noop("a JPEG XL image")),
    (rb"8BPS", gettext_noop("a Photoshop file")),
    (rb"AT&TFORM", "DJVU"),
    (rb"%!PS", gettext_noop("a PostScript file")),
    (rb"\{\\rtf", gettext_noop("an RTF document")),
    (rb"PK\x03\x04.*word/", gettext_noop("a Word document")),
    (rb"PK\x03\x04.*xl/", gettext_noop("an Excel workbook")),
    (rb"PK\x03\x04.*ppt/", gettext_noop("a PowerPoint presentation")),
    (rb"PK\x03\x04.*mimetypeapplication/vnd\.oasis", gettext_noop("an OpenDocument file")),
    (rb"PK\x03\x04.*mimetypeapplication/epub", gettext_noop("an EPUB book")),
    (rb"PK\x03\x04", gettext_noop("a ZIP archive")),
    (rb"\xd0\xcf\x11\xe0", gettext_noop("an old Microsoft Office document")),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b", gettext_noop("an archive")),
    (rb"[^\0-\x08\x0e-\x1a\x1c-\x1f]+\Z", gettext_noop("a text file")),
]


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> FileInfo:
    """The type of the file, after a check that it can be read within the limits.

    A picture of usual size is decoded completely, so that a truncated one is refused here. Of a huge one, of a PDF,
    and of a TIFF with several pages, only the page sizes are checked: a broken page fails later, and its neighbours
    can still be read.

    Raises EmptyFileError, FileTooLargeError, UnsupportedTypeError, BrokenFileError, EncryptedFileError,
    DynamicFormError, TooManyPagesError or TooManyPixelsError.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFileError("This file is empty. Check the original and upload it again.")
    if size > limits.bytes:
        allowed = limits.bytes // 2**20
        raise FileTooLargeError(
            f"This file has {size / 2**20:.0f} MB; at most {allowed} MB are allowed. Split it or save it smaller.",
            size=size,
            limit=limits.bytes,
        )
    format_name = _sniff(path)
    match format_name:
        case "PDF":
            count = pdf.inspect(path, limits)
        case "DJVU":
            count = djvu.inspect(path, limits)
        case _:
            count = pictures.inspect(path, format_name, limits)
    return replace(_SUPPORTED[format_name], page_count=count)


def is_pdf(path: Path) -> bool:
    """Whether the file is a PDF by its content."""
    return _sniff(path) == "PDF"


def is_single_page(path: Path) -> bool:
    """Whether the file is of a type that has one page only. Raises UnsupportedTypeError."""
    return _sniff(path) not in {"PDF", "DJVU", "TIFF"}


def is_djvu(path: Path) -> bool:
    """Whether the file is a DjVu document by its content."""
    return _sniff(path) == "DJVU"


def pages(
    path: Path,
    numbers: Sequence[int] | None = None,
    *,
    dpi: float = DPI,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[tuple[int, PageImage | PageError]]:
    """The page images of ``numbers`` (from 1; None for all), one drawn at each step of the iterator.

    For a page that cannot be drawn, its PageError is yielded in place of the image, and the next ones follow.
    ``dpi``: resolution of PDF pages. A page that would exceed ``limits.pixels`` is drawn at the highest resolution
    that fits, if that is still legible.

    Raises UnsupportedTypeError, BrokenFileError or EncryptedFileError if the file cannot be opened.
    """
    match format_name := _sniff(path):
        case "PDF":
            yield from pdf.pages(path, numbers, dpi, limits)
        case "DJVU":
            yield from djvu.pages(path, numbers, limits)
        case _:
            yield from pictures.pages(path, format_name, numbers, limits)


def _sniff(path: Path) -> str:
    """The key in _SUPPORTED for the type that the file's first bytes indicate, in time linear in their number."""
    with path.open("rb") as file:
        head = file.read(4096)
    if name := _markup(head):
        raise UnsupportedTypeError(f"This is {name}. Save it as PDF, JPEG or PNG and upload that.", found=name)
    for pattern, name in _SIGNATURES:
        if re.match(pattern, head, re.DOTALL):
            if name in _SUPPORTED:
                return name
            raise UnsupportedTypeError(f"This is {name}. Save it as PDF, JPEG or PNG and upload that.", found=name)
    raise UnsupportedTypeError(
        "This is no file of a known type. JPEG, PNG, WebP, AVIF, HEIC, JPEG 2000, GIF, BMP, TIFF, DjVu and PDF can be "
        "read."
    )


MARKUP = (gettext_noop("an SVG drawing"), gettext_noop("a web page"), gettext_noop("an XML file"))


def _markup(head: bytes) -> str | None:
    """What kind of markup begins so, if it is any."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text.startswith((b"<?xml", b"<!--", b"<!doctype", b"<svg", b"<html")):
        return None
    if b"<svg" in text and b"<html" not in text:
        return MARKUP[0]
    if b"<html" in text or b"<!doctype html" in text:
        return MARKUP[1]
    return MARKUP[2] if text.startswith(b"<?xml") else None
