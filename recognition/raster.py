"""From a file to page images: what it is, whether it can be read, and its pages one at a time.

JPEG, PNG, WebP, TIFF (with any number of pages) and PDF, told apart by content. An animation gives
its first frame, for its frames are no pages. PDFium draws PDF pages; those that it
cannot load (it is the stricter one with damaged page trees) Poppler may.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pdf2image
import pypdfium2
from PIL import Image

from . import pdfium
from .errors import BrokenFile, EmptyFile, FileTooLarge, PageFailed, TooManyPages, TooManyPixels, UnsupportedType
from .page import PageImage, Pixels

DPI = 200
LEGIBLE_DPI = 72
"""A PDF page that fits the limits only below this is refused: its 10-point type would be under 10 pixels."""

POPPLER_SECONDS = 60
ORIENTATION = 0x0112  # the EXIF tag

# Limits.pixels holds before anything is decoded, so Pillow's own warning has nothing to add.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Limits:
    """How much a file may ask for. ``pixels`` are those of one page (over 178 million Pillow refuses by itself)."""

    bytes: int = 200 * 2**20
    pixels: int = 100_000_000
    pages: int = 2000


@dataclass(frozen=True)
class FileInfo:
    """What a file is. ``suffix``: the usual one of its type, with the dot."""

    kind: Literal["image", "pdf"]
    media_type: str
    suffix: str
    page_count: int = 1


_SUPPORTED = {  # by the name that Pillow gives the format
    "JPEG": FileInfo("image", "image/jpeg", ".jpg"),
    "PNG": FileInfo("image", "image/png", ".png"),
    "WEBP": FileInfo("image", "image/webp", ".webp"),
    "TIFF": FileInfo("image", "image/tiff", ".tif"),
    "PDF": FileInfo("pdf", "application/pdf", ".pdf"),
}

_SIGNATURES = [  # how a file begins, and what it then is
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"RIFF.{4}WEBP", "WEBP"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb".{0,1019}?%PDF-", "PDF"),
    (rb".{4}ftyp(hei|hev|mif1|msf1)", "a HEIC photo"),
    (rb".{4}ftypavi[fs]", "an AVIF image"),
    (rb".{4}ftyp", "a video"),
    (rb"GIF8", "a GIF image"),
    (rb"BM.{4}\0\0\0\0", "a BMP image"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (rb"\0\0\0\x0cJXL |\xff\x0a", "a JPEG XL image"),
    (rb"8BPS", "a Photoshop file"),
    (rb"AT&TFORM", "a DjVu document"),
    (rb"%!PS", "a PostScript file"),
    (rb"\{\\rtf", "an RTF document"),
    (rb"PK\x03\x04.*word/", "a Word document"),
    (rb"PK\x03\x04.*xl/", "an Excel workbook"),
    (rb"PK\x03\x04.*ppt/", "a PowerPoint presentation"),
    (rb"PK\x03\x04.*mimetypeapplication/vnd\.oasis", "an OpenDocument file"),
    (rb"PK\x03\x04.*mimetypeapplication/epub", "an EPUB book"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\xd0\xcf\x11\xe0", "an old Microsoft Office document"),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b", "an archive"),
    (rb"(?i)(\xef\xbb\xbf)?\s*(<\?xml.*)?(<!--.*)?(<!DOCTYPE svg.*)?<svg", "an SVG drawing"),
    (rb"(?i)(\xef\xbb\xbf)?\s*(<!--.*)?(<!doctype html|<html)", "a web page"),
    (rb"(?i)(\xef\xbb\xbf)?\s*<\?xml", "an XML file"),
    (rb"[^\0-\x08\x0e-\x1a\x1c-\x1f]+\Z", "a text file"),
]


def inspect(path: Path, limits: Limits = Limits()) -> FileInfo:
    """What the file is, after making sure that it can be read within the limits.

    A picture is decoded in full, so that one which is cut off is refused here. Of a TIFF with
    several pages and of a PDF only the sizes are looked at: a broken page fails when it is read, and
    its neighbours are read all the same.

    Raises EmptyFile, FileTooLarge, UnsupportedType, BrokenFile, EncryptedFile, TooManyPages or TooManyPixels.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile("This file is empty. Check the original and upload it again.")
    if size > limits.bytes:
        allowed = limits.bytes // 2**20
        raise FileTooLarge(
            f"This file has {size / 2**20:.0f} MB; at most {allowed} MB are allowed. Split it or save it smaller.",
            size=size,
            limit=limits.bytes,
        )
    format_name = _sniff(path)
    count = _inspect_pdf(path, limits) if format_name == "PDF" else _inspect_image(path, format_name, limits)
    return replace(_SUPPORTED[format_name], page_count=count)


def is_pdf(path: Path) -> bool:
    """Whether the file is a PDF, told by its content."""
    return _sniff(path) == "PDF"


def pages(
    path: Path,
    numbers: Sequence[int] | None = None,
    *,
    dpi: float = DPI,
    limits: Limits = Limits(),
) -> Iterator[tuple[int, PageImage | PageFailed]]:
    """The page images of ``numbers`` (from 1; None for all), each drawn when it is asked for.

    A page that cannot be drawn is given as its PageFailed in place of the image, so that the next
    ones still follow. ``dpi`` is for PDF pages; one that would exceed ``limits.pixels`` is drawn at the
    highest resolution that fits, if that is still legible.

    Raises UnsupportedType, BrokenFile or EncryptedFile if the file cannot be opened.
    """
    format_name = _sniff(path)
    if format_name == "PDF":
        yield from _pdf_pages(path, numbers, dpi, limits)
    else:
        yield from _image_pages(path, format_name, numbers, limits)


def _sniff(path: Path) -> str:
    """The key in _SUPPORTED of what the file's first bytes say it is."""
    with path.open("rb") as file:
        head = file.read(4096)
    for pattern, name in _SIGNATURES:
        if re.match(pattern, head, re.DOTALL):
            if name in _SUPPORTED:
                return name
            raise UnsupportedType(f"This is {name}. Save it as PDF, JPEG or PNG and upload that.", found=name)
    raise UnsupportedType("This is no file of a known type. JPEG, PNG, WebP, TIFF and PDF can be read.")


def _check_page_count(count: int, limits: Limits) -> None:
    if count > limits.pages:
        raise TooManyPages(
            f"This file has {count} pages; at most {limits.pages} are allowed. Split it and upload the parts.",
            count=count,
            limit=limits.pages,
        )


# Pictures


@contextmanager
def _opened(path: Path, format_name: str) -> Iterator[Image.Image]:
    """The picture with its header read. Whatever its decoder raises becomes BrokenFile."""
    try:
        with Image.open(path, formats=[format_name]) as image:
            yield image
    except (BrokenFile, TooManyPages, TooManyPixels):
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels("This picture has too many pixels. Save it at a lower resolution.") from error
    except Exception as error:  # given garbage, decoders raise nearly anything
        raise BrokenFile("This picture is damaged or cut off. Open and save it again, or scan it again.") from error


def _frame_count(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels:
        raise TooManyPixels(
            f"A page of {width} x {height} pixels is too large; at most {limits.pixels // 10**6} million pixels "
            "are allowed. Save it at a lower resolution.",
            width=width,
            height=height,
            limit=limits.pixels,
        )


def _inspect_image(path: Path, format_name: str, limits: Limits) -> int:
    with _opened(path, format_name) as image:
        count = _frame_count(image)
        _check_page_count(count, limits)
        for index in range(count):
            image.seek(index)
            _check_pixels(image.size, limits)
        if count == 1:
            image.load()
    return count


def _image_pages(
    path: Path, format_name: str, numbers: Sequence[int] | None, limits: Limits
) -> Iterator[tuple[int, PageImage | PageFailed]]:
    with _opened(path, format_name) as image:
        for number in numbers or range(1, _frame_count(image) + 1):
            yield number, _image_page(image, number, limits)


def _image_page(image: Image.Image, number: int, limits: Limits) -> PageImage | PageFailed:
    try:
        if number > 1 or image.tell():
            image.seek(number - 1)
        _check_pixels(image.size, limits)
        return PageImage(to_rgb(image))
    except TooManyPixels as error:
        return PageFailed(error.message, number=number)
    except EOFError:
        return PageFailed(f"There is no page {number}.", number=number)
    except Exception:  # given garbage, decoders raise nearly anything
        return PageFailed(f"Page {number} is damaged or cut off.", number=number)


def to_rgb(image: Image.Image) -> Pixels:
    """The picture as people see it: upright by its EXIF orientation, on white where it is transparent."""
    image.load()  # a TIFF turns itself upright here and drops the tag
    image = _upright(image)
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        image = Image.fromarray(_grey8(np.asarray(image)))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _upright(image: Image.Image) -> Image.Image:
    turn = Image.Transpose
    by_orientation = {
        2: turn.FLIP_LEFT_RIGHT,
        3: turn.ROTATE_180,
        4: turn.FLIP_TOP_BOTTOM,
        5: turn.TRANSPOSE,
        6: turn.ROTATE_270,
        7: turn.TRANSVERSE,
        8: turn.ROTATE_90,
    }
    try:
        orientation = image.getexif().get(ORIENTATION)
    except Exception:  # a picture with broken EXIF data is still a picture
        return image
    return image.transpose(by_orientation[orientation]) if orientation in by_orientation else image


def _grey8(values: npt.NDArray[np.generic]) -> Pixels:
    """Grey of more than 8 bits as 8. White is 65535 for 16-bit integers.

    Wider integers and floats do not say what white is: it is the first of 1 (floats), 255 and 65535
    that no value exceeds, else the largest value. What is no number is black.
    """
    if values.dtype == np.uint16:
        return np.asarray(values >> 8, dtype=np.uint8)  # type: ignore[operator]
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0)
    largest = float(numbers.max(initial=0))
    whites = [1.0] if np.issubdtype(values.dtype, np.floating) else []
    white = next((w for w in [*whites, 255.0, 65535.0] if largest <= w), largest)
    return np.clip(numbers * (255 / white), 0, 255).astype(np.uint8)


# PDF


def _inspect_pdf(path: Path, limits: Limits) -> int:
    with pdfium.document(path) as pdf:
        count = pdfium.page_count(pdf)
        _check_page_count(count, limits)
        for number in range(1, count + 1):
            try:
                _check_legible(pdfium.page_points(pdf, number), number, limits)
            except PageFailed:
                continue  # its neighbours can be read
    return count


def _check_legible(points: tuple[float, float], number: int, limits: Limits) -> None:
    if pdfium.fitting_dpi(points, DPI, limits.pixels) < LEGIBLE_DPI:
        raise TooManyPixels(
            f"Page {number} is too large ({points[0] / 72:.0f} x {points[1] / 72:.0f} inches). Save it smaller.",
            number=number,
        )


def _pdf_pages(
    path: Path, numbers: Sequence[int] | None, dpi: float, limits: Limits
) -> Iterator[tuple[int, PageImage | PageFailed]]:
    with pdfium.document(path) as pdf:
        count = pdfium.page_count(pdf)
        for number in numbers or range(1, count + 1):
            try:
                image = _pdfium_page(pdf, number, dpi, limits)
            except TooManyPixels as error:
                yield number, PageFailed(error.message, number=number)
            except PageFailed:
                yield number, _poppler_page(path, number, count, dpi, limits)
            else:
                yield number, image


def _pdfium_page(pdf: pypdfium2.PdfDocument, number: int, dpi: float, limits: Limits) -> PageImage:
    points = pdfium.page_points(pdf, number)
    _check_legible(points, number, limits)
    scale = pdfium.fitting_dpi(points, dpi, limits.pixels) / pdfium.POINTS_PER_INCH
    with pdfium.page(pdf, number) as page:
        try:
            bitmap = page.render(scale=scale, rev_byteorder=True)
        except pypdfium2.PdfiumError as error:
            raise PageFailed(f"Page {number} cannot be drawn.", number=number) from error
        pixels = np.array(bitmap.to_numpy())
        bitmap.close()
    return PageImage(pixels)


def _poppler_page(path: Path, number: int, count: int, dpi: float, limits: Limits) -> PageImage | PageFailed:
    """Page ``number`` of ``count`` as Poppler draws it."""
    failed = PageFailed(f"Page {number} of this PDF is damaged and cannot be drawn.", number=number)
    try:
        sizes = pdf2image.pdfinfo_from_path(path, first_page=number, last_page=count, timeout=POPPLER_SECONDS)
        # A page that Poppler skips moves up those behind it, and there is nothing in the last one's place.
        if sizes[f"Page {count:4} size"].startswith("0 x 0"):
            return failed
        width, height = re.findall(r"[\d.]+", sizes[f"Page {number:4} size"])[:2]
        points = float(width), float(height)
        _check_legible(points, number, limits)
        (image,) = pdf2image.convert_from_path(
            path,
            dpi=int(pdfium.fitting_dpi(points, dpi, limits.pixels)),
            first_page=number,
            last_page=number,
            use_cropbox=True,
            timeout=POPPLER_SECONDS,
        )
    except Exception:  # whatever it is, both have given up on the page
        return failed
    return PageImage(to_rgb(image))
