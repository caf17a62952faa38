"""The text that a PDF page brings along, as lines with boxes, as far as it can be trusted.

A born-digital page is read some hundred times faster from its text layer than from its picture, and
without a mistake. It is trusted where it is what people see. What they do not see is left out: invisible text that
some program recognised on a scan, text behind something else, white on white. What is in a font without a true
character map is read from the picture, as pictures are, notes, and text that is drawn as outlines. Where most of
the text is unseen or wrong, a page has no layer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.errors import PageFailed
from recognition.geometry import BBox, expanded, touch, union
from recognition.page import Line, PageImage

from .glyphs import Floats, Glyphs, Mask
from .lines import BULLET, LayerLine, lines_of
from .objects import Drawn, drawn_on, note_boxes, outline_boxes, picture_boxes, unseen
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
    EncryptedFile or BrokenFile if the file cannot be opened.
    """
    with pdfium.kept_document(path) as pdf:
        for number in numbers or range(1, pdfium.page_count(pdf) + 1):
            try:
                yield number, _layer(pdf, number, dpi, pixels)
            except PageFailed:
                yield number, None


def without_text(path: Path, number: int, *, dpi: float, pixels: int) -> PageImage:
    """The page image of ``number`` as it is without the layer's text: the pictures, and what that text covers.

    Raises EncryptedFile, BrokenFile or PageFailed.
    """
    with pdfium.kept_document(path) as pdf:
        points = pdfium.page_points(pdf, number)
        resolution = pdfium.fitting_dpi(points, dpi, pixels)
        with pdfium.page(pdf, number) as page:
            own = _Survey.of(page, pdfium.pixel_size(points, resolution)).objects()
        with pdfium.page(pdf, number) as page:
            for index, item in enumerate(drawn_on(page)):
                if index in own:
                    c.FPDFPageObj_SetIsActive(item.raw, False)
            return PageImage(pdfium.render(page, number, resolution))


def seen_text(page: pypdfium2.PdfPage, size: tuple[int, int]) -> list[Line]:
    """The lines of the page's own text that people see, be they few, in pixels of its image (``size``: width, height).

    PDFium's lock must be held.
    """
    return [found.line for found in _Survey.of(page, size).sound]


@dataclass(frozen=True, eq=False)
class _Survey:
    """What text a page has. ``sound``: lines that are seen and true. ``wrong``: that are seen and not true.

    ``hidden``: how many glyphs are not seen, and say nothing that is seen in the same place.
    """

    drawn: Sequence[Drawn]
    glyphs: Glyphs
    sound: Sequence[LayerLine]
    wrong: Sequence[LayerLine]
    hidden: int

    @classmethod
    def of(cls, page: pypdfium2.PdfPage, size: tuple[int, int]) -> _Survey:
        """Objects of ``page`` may be gone afterwards. PDFium's lock must be held."""
        to_image = pdfium.to_image(page, *size)
        drawn = drawn_on(page)
        glyphs = Glyphs.on(page, {item.address: index for index, item in enumerate(drawn)})
        hidden = unseen(page, drawn, glyphs)
        shown = np.flatnonzero(~hidden)
        seen = glyphs.only(shown)
        lines = lines_of(seen, to_image, size)
        false = _false(seen, {int(found.members[0]) for found in lines if found.line.raw[0] == BULLET})
        sound, wrong = list[LayerLine](), list[LayerLine]()
        for found in lines:
            (wrong if 2 * false[found.members].sum() > len(found.members) else sound).append(found)
        boxes = [found.line.box for found in sound]
        count = _outside(glyphs.only(hidden).on_image(to_image).mean(axis=1), boxes, size)
        return cls(drawn, seen, sound, wrong, count)

    @property
    def is_trusted(self) -> bool:
        """Whether most of the page's text is sound."""
        sound, wrong = (sum(len(found.members) for found in lines) for lines in (self.sound, self.wrong))
        text = "\n".join(found.line.raw for found in self.sound)
        return sound > self.hidden + wrong and is_plausible(text)

    def objects(self) -> set[int]:
        """Which of the things drawn hold the sound lines."""
        return {int(index) for found in self.sound for index in self.glyphs.objects[found.members]}


def _layer(pdf: pypdfium2.PdfDocument, number: int, dpi: float, pixels: int) -> TextLayer | None:
    points = pdfium.page_points(pdf, number)
    width, height = size = pdfium.pixel_size(points, pdfium.fitting_dpi(points, dpi, pixels))
    with pdfium.page(pdf, number) as page:
        survey = _Survey.of(page, size)
        if not survey.is_trusted:
            return None
        to_image = pdfium.to_image(page, *size)
        pictures, notes = (
            [pdfium.mapped(box, to_image, size) for box in boxes]
            for boxes in (picture_boxes(survey.drawn) + outline_boxes(survey.drawn, survey.glyphs), note_boxes(page))
        )
    lines = [found.line for found in survey.sound]
    pictures += [found.line.box for found in survey.wrong]
    large = [box for box in _merged(pictures) if _may_hold_text(box, width / points[0])]
    return TextLayer(width, height, tuple(lines), tuple(_merged(large + notes)), _rotation(lines))


def _false(glyphs: Glyphs, bullets: set[int]) -> Mask:
    """(n,): which glyphs, but for ``bullets``, are in fonts whose text cannot be what is written."""
    false, judged = np.zeros((2, len(glyphs)), dtype=np.bool_)
    judged[[index for index in range(len(glyphs)) if index not in bullets]] = True
    for font in np.unique(glyphs.fonts[judged]):
        members = judged & (glyphs.fonts == font)
        false[members] = not is_plausible(glyphs.only(members).text)
    return false


def _outside(points: Floats, boxes: Sequence[BBox], size: tuple[int, int]) -> int:
    """How many of ``points`` (n, 2) are on the page of this ``size``, and in none of ``boxes``."""
    free = ((points >= 0) & (points < size)).all(axis=1)
    for left, top, right, bottom in boxes:
        free &= ~((points >= (left, top)).all(axis=1) & (points <= (right, bottom)).all(axis=1))
    return int(free.sum())


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
