"""Page images and thumbnails."""

from __future__ import annotations

import io
import logging
from pathlib import Path

from django.core.files.base import ContentFile
from PIL import Image

from documents.models import Page
from recognition.page import PageImage

from .engine import confined_reader
from .limits import file_limits

THUMBNAIL = (240, 340)
LARGEST_JPEG = 65_500
"""Pixels of a side, by the format."""

log = logging.getLogger(__name__)


def draw(original: Path, number: int) -> PageImage | None:
    """The image of a page that was read without one, or could not be read; None if it cannot be drawn."""
    try:
        return confined_reader().draw(original, number, file_limits())
    except Exception:  # the page's text is worth more than its picture
        log.exception("Page %s of %s cannot be drawn", number, original)
        return None


def store_images(page: Page, image: PageImage) -> None:
    """Keeps the page image and a thumbnail of it, both as JPEG (smaller where JPEG cannot be so large)."""
    picture = Image.fromarray(image.pixels)
    folder = f"pages/{page.document_id}"
    page.width, page.height = picture.size
    shown = picture.reduce(-(-max(picture.size) // LARGEST_JPEG))
    page.image.save(f"{folder}/{page.number}.jpg", _jpeg(shown, quality=88), save=False)
    small = picture.reduce(max(1, min(picture.width // THUMBNAIL[0], picture.height // THUMBNAIL[1]) // 2))
    small.thumbnail(THUMBNAIL)
    page.thumbnail.save(f"{folder}/{page.number}-small.jpg", _jpeg(small, quality=80), save=False)
    if not page.keep_images():  # another run of the document was quicker
        for file in (page.image, page.thumbnail):
            file.delete(save=False)


def _jpeg(picture: Image.Image, quality: int) -> ContentFile[bytes]:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return ContentFile(out.getvalue())
