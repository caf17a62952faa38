"""Page images and thumbnails."""

from __future__ import annotations

import io
import logging
import uuid
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from PIL import Image, JpegImagePlugin

from documents.models import Page
from documents.originals import OpenOriginal
from documents.pictures import decoding
from recognition.page import PageImage

from .engine import confined_reader
from .limits import file_limits

if TYPE_CHECKING:
    from recognition.files import FileReader

THUMBNAIL = (240, 340)
LARGEST_JPEG = 65_500
"""Pixels of a side, by the format."""

log = logging.getLogger(__name__)


def page_reader(page: Page) -> FileReader:
    """Reads the original of ``page`` as that page stands: turned as people have turned it."""
    if not page.turn:
        return confined_reader()
    from recognition.files import TurnedReader  # OpenCV stays out of the web process

    return TurnedReader(confined_reader(), page.turn)


def draw(page: Page, originals: OpenOriginal) -> PageImage | None:
    """The image of a page that was read without one, or could not be read; None if it cannot be drawn."""
    try:
        return page_reader(page).draw(originals.path(page.original), page.original_number, file_limits())
    except Exception:  # the page's text is worth more than its picture
        log.exception("Page %s of %s cannot be drawn", page.original_number, page.original)
        return None


def store_images(page: Page, image: PageImage) -> None:
    """Keeps the page image and a thumbnail of it, both as JPEG (smaller where JPEG cannot be so large)."""
    picture = Image.fromarray(image.pixels)
    page.width, page.height = picture.size
    page.image_turn = page.turn
    shown = picture.reduce(-(-max(picture.size) // LARGEST_JPEG))
    small = picture.reduce(max(1, min(picture.width // THUMBNAIL[0], picture.height // THUMBNAIL[1]) // 2))
    small.thumbnail(THUMBNAIL)
    _save(page, _jpeg(shown, quality=88), _jpeg(small, quality=80))
    if not page.keep_images():  # another run of the document was quicker
        for file in (page.image, page.thumbnail):
            file.delete(save=False)


def _save(page: Page, image: ContentFile[bytes], thumbnail: ContentFile[bytes]) -> None:
    """Under names that nobody else gives. An object storage does not say which of two hosts that store a page at once
    was first, and the one that was not deletes its own."""
    stem = f"pages/{page.document_id}/{page.number}-{uuid.uuid4().hex}"
    page.image.save(f"{stem}.jpg", image, save=False)
    page.thumbnail.save(f"{stem}-small.jpg", thumbnail, save=False)


def turn_images(page: Page) -> None:
    """Turns the stored images as far as ``page`` has been turned since they were drawn; else does nothing."""
    degrees = (page.turn - page.image_turn) % 360
    if not degrees or not page.image:
        return
    before = page.image.name, page.thumbnail.name
    _save(page, _turned(page.image, degrees), _turned(page.thumbnail, degrees))
    names = page.image.name, page.thumbnail.name
    unchanged = Page.objects.filter(pk=page.pk, image=before[0], turn=page.turn)
    kept = unchanged.update(image=names[0], thumbnail=names[1], image_turn=page.turn)
    for name in before if kept else names:  # somebody else may have been quicker
        page.image.storage.delete(name or "")
    page.refresh_from_db(fields=["image", "thumbnail", "turn", "image_turn"])


TRANSPOSED = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Pillow turns the other way."""


def _turned(file: FieldFile, degrees: int) -> ContentFile[bytes]:
    """An image of ours turned clockwise, packed as it was, so that it loses next to nothing."""
    with file.open("rb") as source, Image.open(source) as picture:
        assert isinstance(picture, JpegImagePlugin.JpegImageFile)
        packing = {"qtables": picture.quantization, "subsampling": JpegImagePlugin.get_sampling(picture)}
        out = io.BytesIO()
        with decoding(picture):
            picture.transpose(TRANSPOSED[degrees]).save(out, "JPEG", **packing)
            picture.close()
    return ContentFile(out.getvalue())


def _jpeg(picture: Image.Image, quality: int) -> ContentFile[bytes]:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return ContentFile(out.getvalue())
