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
import pypdfium2.raw as c

from recognition import pdfium
from recognition.errors import PageError
from recognition.geometry import BBox, expanded, touch, union
from recognition.page import Line, PageImage

from .characters import Characters
from .objects import drawn_on, hides_text, note_boxes, picture_boxes
from .plausibility import is_plausible

LINE_POINTS = 8
WORD_POINTS = 30
"""The least height of a picture that may hold a line, and the least width, in points (of a column the other way)."""


@dataclass(frozen=True)
class TextLayer:
    """The text of one page in pixels of its page image, which is ``width`` x ``height``.

    ``lines``: in no particular order. ``pictures``: the parts of the page (left, top, right, bottom), notes
    and fields of forms among them, whose text, if they have any, is not in ``lines``. ``rotation``: degrees that
    the page has to be turned clockwise for most of its text to stand upright.
    """

    width: int
    height: int
    lines: tuple[Line, ...]
    pictures: tuple[BBox, ...]
    rotation: int


def pages(
    path: Path, numbers: Sequence[int] | None = None, *, dpi: float, pixels: int
) -> Iterator[tuple[int, TextLayer | None]]:
    """The text layers of ``numbers`` (from 1; None for all) of a PDF; None for a page without a sound one.

    ``dpi`` and ``pixels`` (the most that a page may have) are those of the page image. Raises
    EncryptedFileError or BrokenFileError if the file cannot be opened.
    """
    with pdfium.kept_document(path) as pdf:
        for number in numbers or range(1, pdfium.page_count(pdf) + 1):
            try:
                yield number, _layer(pdf, number, dpi, pixels)
            except PageError:
                yield number, None


def without_text(path: Path, number: int, *, dpi: float, pixels: int) -> PageImage:
    """The page image of ``number`` as it is without the layer's text: the pictures, and what that text covers.

    Raises EncryptedFileError, BrokenFileError or PageError.
    """
    with pdfium.kept_document(path) as pdf:
        points = pdfium.page_points(pdf, number)
        with pdfium.page(pdf, number) as page:
            for item in drawn_on(page):
                if item.kind == c.FPDF_PAGEOBJ_TEXT:
                    c.FPDFPageObj_SetIsActive(item.raw, False)
            return PageImage(pdfium.render(page, number, pdfium.fitting_dpi(points, dpi, pixels)))


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
        pictures, notes = (
            [pdfium.mapped(box, to_image, (width, height)) for box in boxes]
            for boxes in (picture_boxes(drawn), note_boxes(page))
        )
    if not lines:
        return None
    large = [box for box in _merged(pictures) if _may_hold_text(box, width / points[0])]
    return TextLayer(width, height, tuple(lines), tuple(_merged(large + notes)), _rotation(lines))


def _rotation(lines: Sequence[Line]) -> int:
    """Degrees clockwise that set most characters upright."""
    characters = Counter[int]()
    for line in lines:
        (left, top), (right, bottom) = line.polygon[:2]  # from the left to the right of its first character
        quarters = round(math.atan2(bottom - top, right - left) / (math.pi / 2))
        characters[-90 * quarters % 360] += len(line.raw)
    return characters.most_common(1)[0][0]


def _merged(boxes: Sequence[BBox]) -> list[BBox]:
    """Boxes that touch become one: pictures are often cut into strips."""
    merged: list[BBox] = []
    for box in boxes:
        while touching := [other for other in merged if touch(expanded(box, 1), other)]:
            merged = [other for other in merged if other not in touching]
            box = union([box, *touching])
        merged.append(box)
    return merged


def _may_hold_text(box: BBox, scale: float) -> bool:
    """Whether a picture is large enough for it; ``scale``: pixels a point."""
    small, large = sorted((box[2] - box[0], box[3] - box[1]))
    return small >= LINE_POINTS * scale and large >= WORD_POINTS * scale
