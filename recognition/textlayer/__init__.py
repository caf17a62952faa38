"""The text that a PDF page brings along, as lines with boxes, as far as it can be trusted.

A born-digital page is read some hundred times faster from its text layer than from its picture, and
without a mistake. It is trusted where it is what people see. What they do not see is left out: invisible text that
some program recognised on a scan, text behind something else, white on white. What is in a font without a true
character map is read from the picture, as pictures are, and text that is drawn as outlines. Where most of
the text is unseen or wrong, a page has no layer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.errors import PageError
from recognition.geometry import BBox, center, expanded, touch, union
from recognition.page import Line, PageImage
from recognition.separators import Separators

from .glyphs import Floats, Glyphs, Mask
from .lines import BULLET, LayerLine, lines_of
from .notes import Note, notes_on, page_of_notes
from .objects import drawn_on, in_place, outline_boxes, picture_boxes
from .plausibility import are_private, is_plausible
from .ruling import separators_of
from .suspicion import suspects
from .visibility import unseen

LINE_POINTS = 8
WORD_POINTS = 30
"""The least height of a picture that may hold a line, and the least width, in points (of a column the other way)."""


@dataclass(frozen=True)
class TextLayer:
    """The text of one page in pixels of its page image, which is ``width`` x ``height``.

    ``lines``: those of notes and of filled-in fields among them, in no particular order. ``pictures``: the parts of
    the page (left, top, right, bottom) whose text, if they have any, is not in ``lines``. ``rotation``: degrees that
    the page has to be turned clockwise for most of its text to stand upright. ``contradicts_picture``: most of the
    text cannot be what the page shows, so that nothing of it is given. ``separators``: the rules and pictures of the
    page. ``suspects``: for each font whose text may be other than what it shows, which of ``lines`` are in it, the
    longest first.
    """

    width: int
    height: int
    lines: tuple[Line, ...]
    pictures: tuple[BBox, ...]
    rotation: int
    contradicts_picture: bool = False
    separators: Separators = Separators()  # noqa: RUF009  # frozen
    suspects: tuple[tuple[int, ...], ...] = ()

    def without(self, numbers: Collection[int]) -> TextLayer:
        """The layer less the ``lines`` with these numbers, and without suspects."""
        kept = tuple(line for number, line in enumerate(self.lines) if number not in numbers)
        return replace(self, lines=kept, suspects=())


def pages(
    path: Path, numbers: Sequence[int] | None = None, *, dpi: float, pixels: int
) -> Iterator[tuple[int, TextLayer | None]]:
    """The text layers of ``numbers`` (from 1; None for all) of a PDF; None for a page without one.

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
        resolution = pdfium.fitting_dpi(points, dpi, pixels)
        with pdfium.page(pdf, number) as page:
            own, notes = _Survey.of(page, pdfium.pixel_size(points, resolution)).objects(), notes_on(page)
            unread = _noted(pdf, number, notes, pdfium.pixel_size(points, resolution)).unread
        with pdfium.page(pdf, number) as page:
            for index, item in enumerate(drawn_on(page)):
                if index in own:
                    c.FPDFPageObj_SetIsActive(item.raw, False)
            return PageImage(pdfium.render(page, number, resolution, notes=bool(unread)))


@dataclass(frozen=True)
class OwnText:
    """What text a page has. ``seen``: its lines that people see and that are true; ``suspected``: those that may show
    something else than they say. ``has_seen``, ``has_unseen``: whether there is text that people see, and text that
    they do not see."""

    seen: tuple[Line, ...] = ()
    suspected: tuple[Line, ...] = ()
    has_seen: bool = False
    has_unseen: bool = False


def own_text(pdf: pypdfium2.PdfDocument, number: int, size: tuple[int, int]) -> OwnText:
    """The text of page ``number`` (from 1), in pixels of its image (``size``: width, height). Raises PageError."""
    with pdfium.page(pdf, number) as page:
        survey, noted = _Survey.of(page, size), _noted(pdf, number, notes_on(page), size)
    doubtful = {number for numbers in suspects(survey.glyphs, survey.sound) for number in numbers}
    suspected = tuple(survey.sound[number].line for number in sorted(doubtful))
    seen = (*(found.line for number, found in enumerate(survey.sound) if number not in doubtful), *noted.lines)
    return OwnText(seen, suspected, bool(seen or suspected or survey.wrong), survey.has_unseen)


@dataclass(frozen=True, eq=False)
class _Survey:
    """What text a page has, in pixels of its image.

    ``sound``: lines that are seen and true, and ``text``, what is true of them. ``wrong``: lines that are seen and not
    true. ``pictures``: what may show more. ``separators``: the rules and pictures of the page. ``hidden``: how many
    glyphs are not seen and lie over these, and say nothing that is seen in the same place: as many as were recognised
    on a scan. ``has_unseen``: whether any is not seen.
    """

    glyphs: Glyphs
    sound: Sequence[LayerLine]
    wrong: Sequence[LayerLine]
    text: str
    pictures: Sequence[BBox]
    separators: Separators
    hidden: int
    has_unseen: bool

    @classmethod
    def of(cls, page: pypdfium2.PdfPage, size: tuple[int, int]) -> _Survey:
        """Objects of ``page`` may be gone afterwards. PDFium's lock must be held."""
        to_image = pdfium.to_image(page, *size)
        drawn = drawn_on(page)
        glyphs = in_place(drawn, Glyphs.on(page, {item.address: index for index, item in enumerate(drawn)}))
        hidden = unseen(page, drawn, glyphs)
        seen = glyphs.only(~hidden)
        boxes = picture_boxes(drawn) + outline_boxes(drawn, seen)
        pictures = [pdfium.mapped(box, to_image, size) for box in boxes]
        separators = separators_of(drawn, to_image, size)
        lines = lines_of(seen, to_image, size, separators)
        bullets = [int(found.members[0]) for found in lines if found.line.raw[0] == BULLET]
        private = are_private(seen.codes)
        false = _false(seen, bullets, private)
        sound, wrong = list[LayerLine](), list[LayerLine]()
        for found in lines:
            is_wrong = 2 * false[found.members].sum() > len(found.members) or private[found.members].any()
            (wrong if is_wrong else sound).append(found)
        true = np.zeros(len(seen), dtype=np.bool_)
        for found in sound:
            true[found.members] = True
        true[bullets] = False
        text = seen.only(true & ~false).text
        points = glyphs.only(hidden).on_image(to_image).mean(axis=1)
        over = _inside(points, pictures) & ~_inside(points, [found.line.box for found in sound])
        return cls(seen, sound, wrong, text, pictures, separators, int(over.sum()), bool(hidden.any()))

    @property
    def is_trusted(self) -> bool:
        """Whether most of the page's text is sound."""
        sound, wrong = (sum(len(found.members) for found in lines) for lines in (self.sound, self.wrong))
        return sound > self.hidden + wrong and is_plausible(self.text)

    @property
    def is_bare(self) -> bool:
        """Whether nothing on the page is or shows text."""
        return not (self.sound or self.wrong or self.pictures or self.has_unseen)

    @property
    def contradicts_picture(self) -> bool:
        """Whether the page has text that people see, and most of it is not what they see."""
        sound, wrong = (sum(len(found.members) for found in lines) for lines in (self.sound, self.wrong))
        return wrong > max(sound, self.hidden) or (sound > self.hidden + wrong and not is_plausible(self.text))

    def objects(self) -> set[int]:
        """Which of the things drawn hold the sound lines."""
        return {int(index) for found in self.sound for index in self.glyphs.objects[found.members]}


@dataclass(frozen=True)
class _Noted:
    """What the notes and fields of a page show, in pixels of its image. ``lines``: their text. ``unread``: the boxes of
    those that may show more."""

    lines: Sequence[Line] = ()
    unread: Sequence[BBox] = ()


def _noted(pdf: pypdfium2.PdfDocument, number: int, notes: Sequence[Note], size: tuple[int, int]) -> _Noted:
    """See _Noted. PDFium's lock must be held."""
    if not notes:
        return _Noted()
    with page_of_notes(pdf, number, notes) as page:
        survey, to_image = _Survey.of(page, size), pdfium.to_image(page, *size)
    lines = [found.line for found in survey.sound] if survey.is_trusted else []
    written = np.array([center(line.box) for line in lines]).reshape(-1, 2)
    doubtful = [*survey.pictures, *(found.line.box for found in survey.wrong)]
    unread = [
        box
        for note, box in ((note, pdfium.mapped(note.box, to_image, size)) for note in notes)
        if not _inside(written, [box]).any() and (note.is_stamp or any(touch(box, other) for other in doubtful))
    ]
    return _Noted(lines, unread)


def _layer(pdf: pypdfium2.PdfDocument, number: int, dpi: float, pixels: int) -> TextLayer | None:
    points = pdfium.page_points(pdf, number)
    width, height = size = pdfium.pixel_size(points, pdfium.fitting_dpi(points, dpi, pixels))
    with pdfium.page(pdf, number) as page:
        survey, noted = _Survey.of(page, size), _noted(pdf, number, notes_on(page), size)
    if not survey.is_trusted and not (survey.is_bare and noted.lines and not noted.unread):
        return TextLayer(width, height, (), (), 0, True) if survey.contradicts_picture else None
    lines = (*(found.line for found in survey.sound), *noted.lines)
    pictures = [*survey.pictures, *(found.line.box for found in survey.wrong)]
    large = [box for box in _merged(pictures) if _may_hold_text(box, width / points[0])]
    boxes = tuple(_merged([*large, *noted.unread]))
    doubtful = suspects(survey.glyphs, survey.sound)
    return TextLayer(width, height, lines, boxes, _rotation(lines), separators=survey.separators, suspects=doubtful)


def _false(glyphs: Glyphs, bullets: Sequence[int], private: Mask) -> Mask:
    """(n,): which glyphs, but for ``bullets``, are in fonts whose text cannot be what is written.

    A font that has no meaning for less than half of its glyphs (``private``) may be true for the others.
    """
    false, judged = np.zeros(len(glyphs), dtype=np.bool_), np.ones(len(glyphs), dtype=np.bool_)
    judged[bullets] = False
    for font in np.unique(glyphs.fonts[judged]):
        members = judged & (glyphs.fonts == font)
        mapped = members & ~private
        if 2 * mapped.sum() < members.sum() or not is_plausible(glyphs.only(mapped).text):
            false[members] = True
    return false


def _inside(points: Floats, boxes: Sequence[BBox]) -> Mask:
    """(n,): which of ``points`` (n, 2) are in one of ``boxes``."""
    inside = np.zeros(len(points), dtype=np.bool_)
    for left, top, right, bottom in boxes:
        inside |= (points >= (left, top)).all(axis=1) & (points <= (right, bottom)).all(axis=1)
    return inside


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
