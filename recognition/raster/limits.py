"""Limits of a file."""

from __future__ import annotations

from dataclasses import dataclass

from recognition.errors import TooManyPagesError, TooManyPixelsError


@dataclass(frozen=True)
class Limits:
    """Limits of a file. ``pixels``: of one page. (Pillow itself refuses more than 178 million.)"""

    bytes: int = 200 * 2**20
    pixels: int = 100_000_000
    pages: int = 2000


def check_page_count(count: int, limits: Limits) -> None:
    if count > limits.pages:
        raise TooManyPagesError(
            f"This file has more than {limits.pages} pages. Split it and upload the parts.",
            limit=limits.pages,
        )


def check_pixels(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels:
        raise TooManyPixelsError(
            f"A page of {width} x {height} pixels is too large; at most {limits.pixels // 10**6} million pixels "
            "are allowed. Save it at a lower resolution.",
            width=width,
            height=height,
            limit=limits.pixels,
        )
