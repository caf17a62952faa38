"""Reading one page: find the lines, cut them out, recognise them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from recognition.page import Direction, Line, PageImage, Pixels

from . import turning, upright
from .detector import Detector
from .lines import TALL, Box, Cut
from .networks import Networks
from .recogniser import Recogniser, Text

MARGIN = 0.08  # added across a horizontal line: its strip is shorter then, and read no worse (a column's is)
POOR = 0.15  # a page is poorly printed if what is doubtful when read small takes this part of its lines' length ...
CLOSE = 0.04  # ... and all of its horizontal lines are read at full size then, with this margin
CLEAR = 0.9  # where the middle one of all lines is read with this confidence or more ...
STRAY = 0.4  # ... what is read with less than this is no text, but a logo, a rule or a stain


class Engine:
    """Reads pages with one model. ``seconds``: how long each stage took for the page that was read last.

    Its networks are opened with the first page, which takes seconds, or by ``warm``: a PDF that brings its
    own text needs none.
    """

    def __init__(self, description: Mapping[str, Any], open_networks: Callable[[], Networks]) -> None:
        self._description = description
        self._open_networks = open_networks
        self._page: _Page | None = None
        self.seconds: dict[str, float] = {}

    @property
    def name(self) -> str:
        return f"{self._description['model']} ({self._description['backend']})"

    def describe(self) -> Mapping[str, Any]:
        """Backend, device, model, versions and the weights' checksums; plain JSON types."""
        return self._description

    def warm(self) -> None:
        """Opens the networks now. Raises EngineError where the backend cannot run the model."""
        _ = self._detector, self._recogniser

    @cached_property
    def _networks(self) -> Networks:
        return self._open_networks()

    @cached_property
    def _detector(self) -> Detector:
        return Detector(self._networks.detector)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(self._networks)

    def read(self, image: PageImage) -> list[Line]:
        """The text lines of ``image`` in its own pixels, in no particular order, less what is no text.

        Lines are among them that say nothing, or of which only blanks are read: see ``recognition.legibility``.
        """
        page = self._look(image)
        with page.timed("recognise"):
            texts = [
                self._completed(page.cut(i), text) if box.vertical else text
                for i, (box, text) in enumerate(zip(page.boxes, page.texts(), strict=True))
            ]
        self.seconds, self._page = page.seconds, None
        lines = [_line(box, text) for box, text in zip(page.boxes, texts, strict=True)]
        read = [line.confidence for line in lines if line.raw.strip()]
        clear = read and float(np.median(read)) >= CLEAR
        return [line for line in lines if line.confidence >= STRAY or not line.raw.strip()] if clear else lines

    def read_line(self, image: PageImage, direction: Direction) -> Line | None:
        """All of ``image`` as one line, for a place where ``read`` finds none; None if it says nothing.

        It runs downwards if ``direction`` says so, or, with "auto", if the image is tall.
        """
        right, bottom = float(image.width), float(image.height)
        vertical = direction == "vertical-rl" or (direction == "auto" and bottom >= TALL * right)
        box = Box(np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float32), vertical)
        cut = Cut(_bgr(image.pixels), box, 0.0)
        text = self._recogniser.read(cut)
        if vertical:
            text = self._completed(cut, text)
        return _line(box, text) if str(text).strip() else None

    def orientation(self, image: PageImage) -> int:
        """Degrees clockwise by which ``image`` has to be turned to stand upright: 0, 90, 180 or 270.

        What is found out on the way about the same pixels is not found out again by ``read``.
        """
        page = self._look(image)
        numbers = turning.sample(page.boxes)
        with page.timed("recognise"):
            texts = [page.text(i) for i in numbers]
        with page.timed("orient"):
            strips = [self._recogniser.strip(page.cut(i)) for i in numbers]
            return turning.turn(turning.prevailing(page.boxes), strips, texts, self._recogniser.glance)

    def _completed(self, cut: Cut, text: Text) -> Text:
        return upright.completed(self._recogniser.strip(cut), text, self._recogniser.read_strip)

    def _look(self, image: PageImage) -> _Page:
        if self._page is None or not self._page.shows(image.pixels):
            self._page = _Page(image.pixels, self._detector, self._recogniser)
        return self._page


def _line(box: Box, text: Text) -> Line:
    return Line(
        raw=str(text),
        confidence=text.confidence,
        polygon=box.polygon,
        direction="vertical-rl" if box.vertical else "horizontal",
        positions=tuple(float(centre) for centre in text.centres),
    )


def _bgr(pixels: Pixels) -> Pixels:
    """Blue first, as the networks have learnt it."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))


class _Page:
    """What is known so far about the page at hand: its lines, and the texts of those that were read."""

    def __init__(self, pixels: Pixels, detector: Detector, recogniser: Recogniser) -> None:
        self.seconds: dict[str, float] = {}
        self._pixels = pixels
        self._bgr = _bgr(pixels)
        self._recogniser = recogniser
        self._smalls: dict[int, Text] = {}
        self._doubtful: set[int] = set()
        self._texts: dict[int, Text] = {}
        with self.timed("detect"):
            self.boxes = detector.find(self._bgr)

    def shows(self, pixels: Pixels) -> bool:
        """Whether ``pixels`` are those of this page, in the same place of memory."""
        return self._pixels.shape == pixels.shape and self._pixels.__array_interface__ == pixels.__array_interface__

    def cut(self, number: int, margin: float = MARGIN) -> Cut:
        box = self.boxes[number]
        return Cut(self._bgr, box, 0.0 if box.vertical else margin)

    def texts(self) -> list[Text]:
        """What each line says. Doubts about many say something of all: there, what is sure is wrong as well."""
        poor = self._is_poor()
        return [
            self._recogniser.full(self.cut(i, CLOSE)) if poor and not box.vertical else self.text(i)
            for i, box in enumerate(self.boxes)
        ]

    def text(self, number: int) -> Text:
        """What line ``number`` says by itself."""
        if number not in self._texts:
            text = self._small(number)
            if number in self._doubtful:
                text = self._recogniser.surer(self.cut(number), text)
            self._texts[number] = text
        return self._texts[number]

    def _small(self, number: int) -> Text:
        if number not in self._smalls:
            cut = self.cut(number)
            self._smalls[number] = self._recogniser.small(cut)
            if self._recogniser.doubts(cut, self._smalls[number]):
                self._doubtful.add(number)
        return self._smalls[number]

    def _is_poor(self) -> bool:
        lines = {i: box.length for i, box in enumerate(self.boxes) if not box.vertical}
        for number in lines:
            self._small(number)
        return sum(lines[i] for i in self._doubtful & lines.keys()) > POOR * sum(lines.values())

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started
