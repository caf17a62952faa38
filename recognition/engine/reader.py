"""The engine: detects the lines of a page, crops and recognises them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import accumulate
from typing import Any

import numpy as np

from recognition.options import Direction
from recognition.page import Line, PageImage, Pixels

from . import eight_bits, heap, language, lookalikes, note_rows, orientation, stacked_lines, stamps, vertical_refine
from .detector import Detector
from .lines import VERTICAL_ASPECT, LineCrop, TextQuad
from .networks import Networks
from .recogniser import Recogniser, Text

LINE_MARGIN = 0.08  # share of its thickness added on each side of a horizontal line; a column is read worse by it
POOR_PRINT_SHARE = 0.15  # of the length of horizontal lines: with more in doubt, others are read at full size, too ...
POOR_PAGE_SHARE = 0.4  # ... with so much in doubt, all of them ...
TIGHT_MARGIN = 0.04  # ... and with this margin
COLUMNS_AT_A_TIME = 4  # that are read again, before the others ...
SURER_SHARE = 0.5  # ... if so many of them have become surer by it
CLEAN_PAGE_CONFIDENCE = 0.9  # median of the lines from which a page is clean ...
MAYBE_REVERSED = 0.6  # readability of a line below which it may be upside down ...
REVERSED_LENGTH = 2.5  # ... if it is so many times as long as thick ...
MOST_REVERSED = 0.5  # ... and no more than this share of the lines is like it
REVERSED_GAIN = 0.2  # by which it must be more readable from the other end ...
READABLE_REVERSED = 0.8  # ... and how readable it must be there; scripts that the model does not know reach 0.6
NOISE_CONFIDENCE = 0.4  # ... and what is read with less on it is no text, but a logo, a rule or a stain


class Engine:
    """Reads pages with one model. ``seconds``: the time by stage for the page that was read last.

    The networks are opened with the first page, which takes seconds, or by ``warm``. A PDF with a text layer may
    never need them.
    """

    def __init__(self, metadata: Mapping[str, Any], open_networks: Callable[[], Networks]) -> None:
        self._metadata = metadata
        self._open_networks = open_networks
        self._page: _Page | None = None
        self.seconds: dict[str, float] = {}

    @property
    def name(self) -> str:
        return f"{self._metadata['model']} ({self._metadata['backend']})"

    def metadata(self) -> Mapping[str, Any]:
        """Backend, device, model, versions and the weights' checksums; plain JSON types."""
        return self._metadata

    def warm(self) -> None:
        """Opens the networks now, and makes the first page as quick as the tenth.

        Raises EngineError if the backend cannot run the model.
        """
        self._detector.warm()
        self._recogniser.warm()

    @cached_property
    def _networks(self) -> Networks:
        return self._open_networks()

    @cached_property
    def _detector(self) -> Detector:
        return Detector(self._networks.detector, self._networks.detector_settings, self._networks.release)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(self._networks)

    def read(self, image: PageImage) -> list[Line]:
        """The text lines of ``image`` in its own pixels, in no particular order, without noise.

        Lines are among them that say nothing, or of which only blanks are read: see ``recognition.legibility``.
        """
        page = self._page_of(image)
        with page.timed("recognise"):
            quads, texts = self._turned(page, page.texts())
            crops = [LineCrop(page.image_of(i), quad, 0.0) for i, quad in enumerate(quads)]
            crops, texts = note_rows.parted(crops, texts, self._recogniser.read_squeezed)
            crops, texts = stacked_lines.parted(crops, texts, self._recogniser.read)
            texts = [
                self._refined(crop, text, is_noisy=page.is_noisy) if crop.quad.vertical else text
                for crop, text in zip(crops, texts, strict=True)
            ]
            texts = lookalikes.with_at_signs(language.told_apart(texts))
        self.seconds, self._page = page.seconds, None
        heap.trim_if_much()
        lines = [_line(crop.quad, text) for crop, text in zip(crops, texts, strict=True)]
        read = [line.confidence for line in lines if line.raw.strip()]
        is_clean = read and float(np.median(read)) >= CLEAN_PAGE_CONFIDENCE
        return (
            [line for line in lines if line.confidence >= NOISE_CONFIDENCE or not line.raw.strip()]
            if is_clean
            else lines
        )

    def read_line(self, image: PageImage, direction: Direction) -> Line | None:
        """All of ``image`` read as one line, for a place at which ``read`` finds none; None if nothing is read.

        With ``direction`` "auto", the line is vertical if the image is tall.
        """
        right, bottom = float(image.width), float(image.height)
        vertical = direction == "vertical-rl" or (direction == "auto" and bottom >= VERTICAL_ASPECT * right)
        quad = TextQuad(np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32), vertical)
        crop = LineCrop(image.pixels, quad, 0.0)
        text = self._recogniser.read(crop)
        if vertical:
            text = self._refined(crop, text)
        return _line(quad, text) if str(text).strip() else None

    def orientation(self, image: PageImage) -> int:
        """Degrees clockwise by which ``image`` has to be rotated to be upright: 0, 90, 180 or 270.

        ``read`` reuses the lines and texts that are found on the way, if it gets the same pixels.
        """
        page = self._page_of(image)
        numbers = orientation.sample_lines(page.quads)
        with page.timed("recognise"):
            texts = [page.fast_text(i) for i in numbers]
        with page.timed("orient"):
            strips = [self._recogniser.strip(page.line_crop(i)) for i in numbers]
            return orientation.rotation_to_upright(
                orientation.is_mostly_vertical(page.quads),
                strips,
                texts,
                read_line=self._recogniser.read_strip_squeezed,
                read_characters=self._recogniser.read_strip_fast,
            )

    def _turned(self, page: _Page, texts: Sequence[Text]) -> tuple[list[TextQuad], list[Text]]:
        """The lines of a page and their texts, those that are upside down read from their other end.

        Only a few lines of a page are; if many cannot be read, there is another reason.
        """
        quads, found = list(page.quads), list(texts)
        read = [orientation.readability(text, quad) for text, quad in zip(found, quads, strict=True)]
        doubtful = [
            i
            for i, quad in enumerate(quads)
            if read[i] < MAYBE_REVERSED and quad.length >= REVERSED_LENGTH * quad.thickness
        ]
        if len(doubtful) > MOST_REVERSED * len(quads):
            return quads, found
        for i in doubtful:
            quad = quads[i].reversed()
            crop = LineCrop(page.image_of(i), quad, 0.0 if quad.vertical else LINE_MARGIN)
            text = self._recogniser.read_fast(crop)
            if orientation.readability(text, quad) > read[i]:
                text = self._recogniser.looked_at_again(crop, text)
            if orientation.readability(text, quad) > max(READABLE_REVERSED, read[i] + REVERSED_GAIN):
                quads[i], found[i] = quad, text
        return quads, found

    def _refined(self, crop: LineCrop, text: Text, *, is_noisy: bool = False) -> Text:
        is_doubtful = self._recogniser.is_doubtful(crop, text)
        fast = partial(self._recogniser.read_strip_low, is_noisy=is_noisy)
        read = self._recogniser.read_strip if is_doubtful else fast
        return vertical_refine.refined(self._recogniser.strip(crop), text, read)

    def _page_of(self, image: PageImage) -> _Page:
        if self._page is None or not self._page.shows(image.pixels):
            self._page = _Page(image.pixels, self._detector, self._recogniser)
        return self._page


def _line(quad: TextQuad, text: Text) -> Line:
    return Line(
        raw=lookalikes.told_apart(str(text)),
        confidence=text.confidence,
        polygon=quad.polygon,
        direction="vertical-rl" if quad.vertical else "horizontal",
        positions=tuple(float(centre) for centre in text.centres),
        doubts=text.doubts(),
    )


class _Page:
    """The lines of the current page, and the texts of those that have been read so far."""

    def __init__(self, pixels: Pixels, detector: Detector, recogniser: Recogniser) -> None:
        self.seconds: dict[str, float] = {}
        self.pixels = pixels
        self._recogniser = recogniser
        self._fast_texts: dict[int, Text] = {}
        self._doubtful: set[int] = set()
        self._texts: dict[int, Text] = {}
        self._is_poor = False  # the print of horizontal lines, as far as is known
        self._clear_columns = 0  # those that were read so far, less the doubtful ones
        self.is_noisy = eight_bits.is_noisy(pixels)
        with self.timed("detect"):
            found = detector.detect(pixels)
            self._print, boxes = stamps.bleached(pixels, found)
            self.quads = detector.detect(self._print) if boxes else found
            self._first_of_stamps = len(self.quads)
            self.quads += stamps.of_stamps(found, boxes, self.quads) if boxes else []

    def shows(self, pixels: Pixels) -> bool:
        """Whether ``pixels`` are those of this page, at the same address in memory."""
        return self.pixels.shape == pixels.shape and self.pixels.__array_interface__ == pixels.__array_interface__

    def line_crop(self, number: int, margin: float = LINE_MARGIN) -> LineCrop:
        quad = self.quads[number]
        return LineCrop(self.image_of(number), quad, 0.0 if quad.vertical else margin)

    def image_of(self, number: int) -> Pixels:
        """The page, without the ink of stamps if the line is print."""
        return self._print if number < self._first_of_stamps else self.pixels

    def texts(self) -> list[Text]:
        """The text of each line.

        If many lines are doubtful, the print is poor, and lines of high confidence are wrong as well. Then horizontal
        lines are read at full size, the least certain ones first: the poorer the print, the more of them. Doubtful
        columns are read again as long as that helps.
        """
        lines = self._longest_first()
        poor = self._poor_lines([i for i in lines if not self.quads[i].vertical])
        self._is_poor = bool(poor)
        for i in lines:
            if i not in poor:
                self.fast_text(i)
        self._read_columns_again([i for i in lines if self.quads[i].vertical])
        texts = {
            i: self._recogniser.read_full(self.line_crop(i, TIGHT_MARGIN)) if i in poor else self._text(i)
            for i in lines
        }
        return [texts[i] for i in range(len(self.quads))]

    def _longest_first(self) -> list[int]:
        """The numbers of all lines, strips of a width next to each other.

        A network is slower at its first strip of another width than at the ones that follow.
        """
        return sorted(
            range(len(self.quads)),
            key=lambda i: (self.quads[i].vertical, -self._recogniser.full_width(self.line_crop(i))),
        )

    def _text(self, number: int) -> Text:
        """The text of line ``number``, whatever the other lines are like."""
        if number not in self._texts:
            text = self.fast_text(number)
            forms = language.other_forms(text)
            is_noisy = self.is_noisy and self._is_poor
            again = partial(self._recogniser.looked_at_again, is_noisy=is_noisy, places=forms)
            self._texts[number] = again(self.line_crop(number), text)
        return self._texts[number]

    def _read_columns_again(self, columns: Sequence[int]) -> None:
        """Reads the doubtful ones of ``columns`` again at full size, the least certain ones first.

        Worn type and handwriting are often no clearer at full size. So a few are read at a time, and when most of these
        are no surer than before, the others keep the text of the fast pass.
        """
        doubtful = [i for i in columns if self._recogniser.is_doubtful(self.line_crop(i), self._fast_texts[i])]
        doubtful.sort(key=lambda i: self._fast_texts[i].confidence)
        for start in range(0, len(doubtful), COLUMNS_AT_A_TIME):
            some = doubtful[start : start + COLUMNS_AT_A_TIME]
            surer = [i for i in some if self._text(i) is not self._fast_texts[i]]
            if len(surer) < SURER_SHARE * len(some):
                break
        for i in doubtful:
            self._texts.setdefault(i, self._fast_texts[i])

    def fast_text(self, number: int) -> Text:
        """What the fast pass reads in line ``number``."""
        if number not in self._fast_texts:
            crop = self.line_crop(number)
            self._fast_texts[number] = self._column_text(crop) if crop.quad.vertical else self._read_fast(crop)
            if self._recogniser.is_doubtful(crop, self._fast_texts[number], is_noisy=self.is_noisy):
                self._doubtful.add(number)
        return self._fast_texts[number]

    def _read_fast(self, crop: LineCrop) -> Text:
        return self._recogniser.read_fast(crop, is_noisy=self.is_noisy)

    def _column_text(self, crop: LineCrop) -> Text:
        """The text of a column by the fast pass, or in all rows where that is doubtful.

        Where most columns so far were doubtful, the fast pass would be in vain.
        """
        is_tried = self._recogniser.has_reduced_height and self._clear_columns >= 0
        text = self._read_fast(crop) if is_tried else self._recogniser.read_squeezed(crop)
        is_doubtful = self._recogniser.is_doubtful(crop, text)
        self._clear_columns += -1 if is_doubtful else 1
        if is_tried and (is_doubtful or language.other_forms(text)):
            return self._recogniser.read_squeezed(crop)
        return text

    def _poor_lines(self, lines: Sequence[int]) -> set[int]:
        """Those of ``lines`` that are to be read at full size because the print of the page is poor.

        They are read fast only until it is certain that all of them are. On a noisy page doubtful spacing says how
        many, but it alone does not make print poor.
        """
        lengths = {i: self.quads[i].length for i in lines}
        total, doubtful, worn = sum(lengths.values()), 0.0, 0.0
        for i in lines:
            text = self.fast_text(i)
            if i in self._doubtful:
                doubtful += lengths[i]
                worn += lengths[i] * self._recogniser.is_doubtful(self.line_crop(i), text)
                if doubtful > POOR_PAGE_SHARE * total and worn > POOR_PRINT_SHARE * total:
                    return set(lines)
        if worn <= POOR_PRINT_SHARE * total:
            return set()
        poverty = (doubtful / total - POOR_PRINT_SHARE) / (POOR_PAGE_SHARE - POOR_PRINT_SHARE)
        most = doubtful + poverty * (total - doubtful)
        ranked = sorted(lines, key=lambda i: (i not in self._doubtful, self._fast_texts[i].confidence))
        before = accumulate((lengths[i] for i in ranked), initial=0.0)
        return {i for i, length in zip(ranked, before, strict=False) if length < most}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started
