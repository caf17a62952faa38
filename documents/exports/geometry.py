"""Places on a page in whole pixels, and on the page."""

from __future__ import annotations

import math
from collections.abc import Iterable

from documents.transcript import TranscriptPage
from recognition.geometry import Point


def on_page(corners: Iterable[Point], page: TranscriptPage) -> list[Point]:
    """``corners`` moved onto the page, where formats with pictures want them; a line may reach over its edge."""
    width, height = page.width or math.inf, page.height or math.inf
    return [(min(max(0, x), width), min(max(0, y), height)) for x, y in corners]


def box(corners: Iterable[Point], page: TranscriptPage) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what has these corners, on the page and in whole pixels."""
    xs, ys = zip(*on_page(corners, page), strict=True)
    return round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))
