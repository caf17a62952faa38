"""Whether a PDF's text is what its page shows, by a look at a few of its lines.

A font's map may give readable characters that are not those drawn, and then nothing but the picture tells.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import islice

from .page import Line, Matrix, PageImage

SAMPLES = 3
SHORT = 4
"""Of the lines in a font, so many are read, none with fewer characters than this."""

CLEAR = 0.85
"""Confidence from which a reading says something about the text."""

ALIKE = 0.5
"""Of a true line nearly all characters are read; of one in which letters stand for others some by chance."""

PADDING = 3


def is_disproved(
    lines: Sequence[Line], image: PageImage, read: Callable[[PageImage, Line], Line | None], upright: Matrix
) -> bool:
    """Whether none of ``lines`` (the longest first, all in one font) is what stands in its place on ``image``.

    ``read``: reads a picture of one line. ``upright``: from ``image`` to the upright page. Where nothing is read
    clearly the text is believed.
    """
    readable = (line for line in lines if len(line.raw) >= SHORT and _is_upright(line.mapped(upright)))
    is_contradicted = False
    for line in islice(readable, SAMPLES):
        left, top, right, bottom = line.box
        found = read(image.cropped((left - PADDING, top - PADDING, right + PADDING, bottom + PADDING)), line)
        if found and found.confidence >= CLEAR:
            if are_alike(line.raw, found.raw):
                return False
            is_contradicted = True
    return is_contradicted


def are_alike(one: str, other: str) -> bool:
    """Whether two readings may be of the same line."""
    first, second = ("".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def _is_upright(line: Line) -> bool:
    (x, y), (right, bottom) = line.polygon[:2]
    return right > x and abs(math.atan2(bottom - y, right - x)) < math.radians(3)
