"""Pictures of parts of pages, cut from the page images that we have made ourselves."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from recognition.geometry import BBox

if TYPE_CHECKING:
    from django.core.files import File

QUALITY = 85


def cut(source: File[bytes], box: BBox, longest: int) -> bytes:
    """The part ``box`` (left, top, right, bottom in pixels of the page image, origin top left) as a JPEG file.

    It is made smaller, never larger, so that its longer side has at most ``longest`` pixels. ``source``: an open page
    image of ours. Raises ValueError for a box that has no pixel of the page.
    """
    with Image.open(source) as image:
        left, top = max(0, int(box[0])), max(0, int(box[1]))
        right, bottom = min(image.width, round(box[2])), min(image.height, round(box[3]))
        if left >= right or top >= bottom:
            raise ValueError(f"The page has {image.width} x {image.height} pixels; this box has none of them.")
        width, height = image.size
        scale = min(1.0, longest / max(right - left, bottom - top))
        image.draft("RGB", (int(width * scale), int(height * scale)))  # JPEG decodes to 1/2, 1/4 or 1/8 at less cost
        drawn = image.width / width
        part = image.crop((round(left * drawn), round(top * drawn), round(right * drawn), round(bottom * drawn)))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    small = part.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
