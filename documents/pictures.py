"""Pictures of pages and their parts, made of the page images that we have drawn ourselves."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PIL import Image

from recognition.geometry import BBox

if TYPE_CHECKING:
    from django.core.files import File

QUALITY = 85

MANY_PIXELS = 30_000_000

_large = threading.Lock()

Colour = Literal["color", "gray", "bitonal"]


@dataclass(frozen=True)
class Cut:
    """What is made of a page image.

    ``box``: the part that is shown, as left, top, right, bottom in whole pixels of the page image, origin top left.
    ``size``: width and height of the result in pixels, before it is turned. ``turn``: degrees clockwise, a multiple of
    90, after ``mirror``.
    """

    box: tuple[int, int, int, int]
    size: tuple[int, int]
    turn: int = 0
    mirror: bool = False
    colour: Colour = "color"
    format: Literal["JPEG", "PNG"] = "JPEG"


def part(width: int, height: int, box: BBox, longest: int) -> Cut:
    """The part ``box`` of a page image of that size, made smaller, so that its longer side has ``longest`` pixels.

    Raises ValueError for a box that has no pixel of the page.
    """
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, round(box[2])), min(height, round(box[3]))
    if left >= right or top >= bottom:
        raise ValueError(f"The page has {width} x {height} pixels; this box has none of them.")
    scale = min(1.0, longest / max(right - left, bottom - top))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    return Cut((left, top, right, bottom), size)


def is_large(width: int, height: int) -> bool:
    return width * height > MANY_PIXELS


@contextmanager
def decoding(image: Image.Image) -> Iterator[None]:
    """Around whatever decodes ``image``: large ones one at a time, since Pillow takes four bytes for each pixel."""
    if not is_large(*image.size):
        yield
        return
    with _large:
        yield


def make(source: File[bytes], cut: Cut) -> bytes:
    """The file of ``cut``, from an open page image of ours."""
    left, top, right, bottom = cut.box
    scale = max(cut.size[0] / (right - left), cut.size[1] / (bottom - top))
    with Image.open(source) as image:
        width, height = image.size
        image.draft("RGB", (int(width * scale), int(height * scale)))  # JPEG decodes to 1/2, 1/4 or 1/8 at less cost
        across, down = image.width / width, image.height / height
        box = (left * across, top * down, right * across, bottom * down)
        with decoding(image):
            whole = image if image.mode == "RGB" else image.convert("RGB")  # which copies what is RGB already
            made = whole.resize(cut.size, Image.Resampling.LANCZOS, box)
            del whole
            image.close()
    if cut.mirror:
        made = made.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if cut.turn:
        made = made.rotate(-cut.turn, expand=True)
    if cut.colour != "color":
        made = made.convert("L")
    if cut.colour == "bitonal":
        made = made.point(lambda grey: 255 if grey > 127 else 0)
    out = io.BytesIO()
    made.save(out, cut.format, **({"quality": QUALITY} if cut.format == "JPEG" else {}))
    return out.getvalue()
