"""Files as people send them: small drawn pages."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.support import synthetic_pages


def picture(text: str = "測試", suffix: str = "PNG") -> bytes:
    """A small drawn page as the bytes of an image file."""
    out = io.BytesIO()
    synthetic_pages.horizontal([text]).save(out, suffix)
    return out.getvalue()


def upload(name: str = "page.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content)


def book(pages: int) -> bytes:
    """A PDF of drawn pages."""
    images = [synthetic_pages.horizontal([f"第{n + 1}頁"]) for n in range(pages)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=200)
    return out.getvalue()


def image_of(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
