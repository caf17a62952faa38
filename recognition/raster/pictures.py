"""The pages of picture files, with Pillow and its plug-in for HEIC."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from recognition.errors import BrokenFileError, PageError, TooManyPagesError, TooManyPixelsError
from recognition.page import PageImage, Pixels

from .limits import Limits, check_page_count, check_pixels

# TIFF tags that Pillow does not apply to grey of more than 8 bits
BITS, PHOTOMETRIC, FORMAT = 258, 262, 339
WHITE_IS_ZERO, UNSIGNED = 0, 1

CHECKED_PIXELS = 40_000_000
"""A picture of no more is decoded when it is inspected, so that a truncated one is refused at once."""

BAND = 256
"""Rows of pixels that are copied at a time."""

OPAQUE = 128
SHEET_SHARE = 0.5
LIGHT_INK, DARK_INK = 190, 66
SOME_INK = 0.1
"""Of 255, from which a pixel is seen; as parts of a picture with transparency: of the box around what is seen, more of
which only a sheet covers, and of the ink, from which ink of one kind is more than its edges."""

# Limits.pixels is checked before anything is decoded, so Pillow's own warning adds nothing.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@contextmanager
def _opened(path: Path, format_name: str) -> Iterator[Image.Image]:
    """The picture with its header read. All errors of its decoder become BrokenFileError."""
    if format_name == "HEIF":
        register_heif()
    try:
        with Image.open(path, formats=[format_name]) as image:
            yield image
    except (BrokenFileError, TooManyPagesError, TooManyPixelsError):
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixelsError("This picture has too many pixels. Save it at a lower resolution.") from error
    except Exception as error:  # given garbage, decoders raise nearly anything
        raise BrokenFileError(
            "This picture is damaged or cut off. Open and save it again, or scan it again."
        ) from error


@cache
def register_heif() -> None:
    """Teaches Pillow to open HEIC."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)


def _frame_count(image: Image.Image, limits: Limits) -> int:
    """The number of pages, counted no further than the first that exceeds the limit.

    Pillow compares each page with all before it, so counting a million empty pages of a small file would take hours.
    """
    if image.format != "TIFF":
        return 1
    for count in range(1, limits.pages + 1):
        try:
            image.seek(count)
        except EOFError:
            return count
    return limits.pages + 1


def inspect(path: Path, format_name: str, limits: Limits) -> int:
    with _opened(path, format_name) as image:
        count = _frame_count(image, limits)
        check_page_count(count, limits)
        for index in range(count):
            if count > 1:
                image.seek(index)
            check_pixels(image.size, limits)
        if count == 1 and image.width * image.height <= CHECKED_PIXELS:
            image.load()
    return count


def pages(
    path: Path, format_name: str, numbers: Sequence[int] | None, limits: Limits
) -> Iterator[tuple[int, PageImage | PageError]]:
    with _opened(path, format_name) as image:
        count = _frame_count(image, limits)
        for number in numbers or range(1, count + 1):
            if 1 <= number <= count:
                yield number, _page(image, number, limits)
            else:
                yield number, PageError(f"There is no page {number}.", number=number)


def _page(image: Image.Image, number: int, limits: Limits) -> PageImage | PageError:
    try:
        if image.format == "TIFF":  # of other files the frame that is shown first is not always number 0
            image.seek(number - 1)
        check_pixels(image.size, limits)
        return PageImage(to_rgb(image))
    except TooManyPixelsError as error:
        return PageError(error.message, number=number)
    except MemoryError:
        raise
    except Exception:  # given garbage, decoders raise nearly anything
        return PageError(f"Page {number} is damaged or cut off.", number=number)


def to_rgb(image: Image.Image) -> Pixels:
    """The picture as people see it: with its EXIF orientation applied, and on a ground where it is transparent.

    The orientation is applied to ``image`` in place.
    """
    image.load()  # Pillow applies the orientation of a TIFF here and drops the tag
    tags = getattr(image, "tag_v2", {})
    apply_exif_orientation(image)
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        image = Image.fromarray(_grey8(np.asarray(image), tags))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, _ground(layer))
        image.alpha_composite(layer)
    return _rgb(image)


def _rgb(image: Image.Image) -> Pixels:
    """The pixels, copied band by band: Pillow would have up to four copies of all of them at once."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, BAND):
        band = image.crop((0, top, image.width, min(top + BAND, image.height)))
        pixels[top : top + BAND] = np.asarray(band.convert("RGB"))
    return pixels


def _ground(layer: Image.Image) -> str:
    """The colour behind an RGBA picture on which its ink shows: white unless that would hide some of it.

    What covers most of its own surroundings is a sheet with its ink on it, and not ink.
    """
    alpha = np.asarray(layer.getchannel("A"))
    seen = alpha >= OPAQUE
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows) or seen.sum() > SHEET_SHARE * (np.ptp(rows) + 1) * (np.ptp(columns) + 1):
        return "white"
    ink = np.asarray(layer.convert("L"))[seen]
    light, dark = (ink > LIGHT_INK).mean(), (ink < DARK_INK).mean()
    if light < SOME_INK:
        return "white"
    return "black" if dark < SOME_INK else "grey"


def apply_exif_orientation(image: Image.Image) -> None:
    """Transposes the loaded picture in place by the orientation in its EXIF data."""
    with suppress(Exception):  # a picture with broken EXIF data is still a picture
        ImageOps.exif_transpose(image, in_place=True)


def _grey8(values: npt.NDArray[np.generic], tags: Mapping[int, Any]) -> Pixels:
    """8 bits of grey from more. ``tags``: of a TIFF. White is the largest value that 16 bits or fewer can hold.

    Wider integers and floats do not tell which value is white. It is taken to be the first of 1 (floats), 255 and
    65535 that no value exceeds, else the largest value. NaN is black.
    """
    (bits,) = tags.get(BITS, (16,))
    if values.dtype == np.uint16:
        grey = np.asarray(values >> (bits - 8), np.uint8)
    else:
        if bits == 32 and tags.get(FORMAT, (UNSIGNED,)) == (UNSIGNED,):
            values = values.view(np.uint32)
        numbers = np.nan_to_num(values.astype(np.float32), copy=False, posinf=0, neginf=0)
        largest = float(numbers.max(initial=0))
        whites = [1.0] if np.issubdtype(values.dtype, np.floating) else [32767.0] if bits == 16 else []
        white = next((w for w in [*whites, 255.0, 65535.0] if largest <= w), largest)
        numbers *= np.float32(255 / white)
        grey = np.clip(numbers, 0, 255, out=numbers).astype(np.uint8)
    return 255 - grey if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else grey
