"""The text that a PDF page brings along, as lines with boxes, if it can be trusted.

A born-digital page is read some hundred times faster from its text layer than from its picture, and
without a mistake. A layer is trusted if it is what people see: not invisible text that some program
recognised on a scan, not text behind something else, not in a font without a true character map.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2

from recognition import pdfium
from recognition.errors import PageFailed
from recognition.page import Line
from recognition.pdfium import Box

from .characters import Characters
from .objects import drawn_on, hides_text, picture_boxes
from .plausibility import is_plausible

PICTURE_POINTS = 30
"""The least width and height of a picture that may hold text, in points."""

PICTURE_TEXT_SHARE = 0.1
"""A picture with so much of its area under lines of the layer is their background."""


@dataclass(frozen=True)
class TextLayer:
    """The text of one page in pixels of its page image, which is ``width`` x ``height``.

    ``lines``: in no particular order. ``pictures``: the parts of the page (left, top, right, bottom)
    whose text, if they have any, is not in ``lines``. ``rotation``: degrees that the page has to be turned
    clockwise for most of its text to stand upright.
    """

    width: int
    height: int
    lines: tuple[Line, ...]
    pictures: tuple[Box, ...]
    rotation: int


def pages(
    path: Path, numbers: Sequence[int] | None = None, *, dpi: float, pixels: int
) -> Iterator[tuple[int, TextLayer | None]]:
    """The text layers of ``numbers`` (from 1; None for all) of a PDF; None for a page without a sound one.

    ``dpi`` and ``pixels`` (the most that a page may have) are those of the page image. Raises
    EncryptedFile or BrokenFile if the file cannot be opened.
    """
    with pdfium.kept_document(path) as pdf:
        for number in numbers or range(1, pdfium.page_count(pdf) + 1):
            try:
                yield number, _layer(pdf, number, dpi, pixels)
            except PageFailed:
                yield number, None


def _layer(pdf: pypdfium2.PdfDocument, number: int, dpi: float, pixels: int) -> TextLayer | None:
    points = pdfium.page_points(pdf, number)
    width, height = pdfium.pixel_size(points, pdfium.fitting_dpi(points, dpi, pixels))
    with pdfium.page(pdf, number) as page:
        to_image = pdfium.to_image(page, width, height)
        characters = Characters.on(page)
        if not is_plausible(characters.text):
            return None
        drawn = drawn_on(page)
        if hides_text(page, drawn, len(characters.text)):
            return None
        lines = characters.lines(to_image, (width, height))
        least = PICTURE_POINTS * width / points[0]
        pictures = [pdfium.mapped(box, to_image, (width, height)) for box in picture_boxes(drawn)]
    if not lines:
        return None
    worth_reading = tuple(_without_text(_merged(pictures), lines, least))
    return TextLayer(width, height, tuple(lines), worth_reading, _rotation(lines))


def _rotation(lines: Sequence[Line]) -> int:
    """Degrees clockwise that set most characters upright."""
    characters = Counter[int]()
    for line in lines:
        (left, top), (right, bottom) = line.polygon[:2]  # from the left to the right of its first character
        quarters = round(math.atan2(bottom - top, right - left) / (math.pi / 2))
        characters[-90 * quarters % 360] += len(line.raw)
    return characters.most_common(1)[0][0]


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that touch become one: pictures are often cut into strips."""
    merged: list[Box] = []
    for box in boxes:
        while touching := [other for other in merged if _touch(box, other)]:
            merged = [other for other in merged if other not in touching]
            lefts, tops, rights, bottoms = zip(box, *touching, strict=True)
            box = min(lefts), min(tops), max(rights), max(bottoms)
        merged.append(box)
    return merged


def _touch(a: Box, b: Box) -> bool:
    return a[0] <= b[2] + 1 and b[0] <= a[2] + 1 and a[1] <= b[3] + 1 and b[1] <= a[3] + 1


def _without_text(pictures: Sequence[Box], lines: Sequence[Line], least: float) -> Iterator[Box]:
    """The pictures that are large enough for text of their own and no mere background of ``lines``."""
    for left, top, right, bottom in pictures:
        if min(right - left, bottom - top) < least:
            continue
        covered = sum(
            max(0.0, min(right, line.box[2]) - max(left, line.box[0]))
            * max(0.0, min(bottom, line.box[3]) - max(top, line.box[1]))
            for line in lines
        )
        if covered < PICTURE_TEXT_SHARE * (right - left) * (bottom - top):
            yield left, top, right, bottom
