"""What goes between a process and its confined child: questions down, plain data up.

Answers are decoded by type with msgspec, so that a child which a file has taken over can send wrong data, but
nothing that runs here.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from recognition import errors
from recognition.errors import EngineError, RecognitionError
from recognition.page import Code, DocumentText, PageImage, PagePlace
from recognition.raster import FileInfo, Limits
from recognition.textlayer import TextLayer
from recognition.transcriptions import Transcription

Question = Literal[
    "inspect",
    "draw",
    "text_layer",
    "without_text",
    "searchable_pdf",
    "assembled_pdf",
    "transcription",
    "unlocked_pdf",
]


WRITTEN = "searchable.pdf"
"""The file that a child writes into its folder."""


class Order(msgspec.Struct):
    """A question about page ``number`` of the file at ``path``; ``seconds``: of processor time for the answer.

    ``text``: what a searchable PDF is made with, in ``folder``. ``places``: of PDFs in that folder, the pages that one
    is made of. ``name``: of the file, as it was sent. ``password``: opens the file, which is written into the folder
    without it.
    """

    question: Question
    path: str
    number: int
    limits: Limits
    seconds: int
    text: DocumentText | None = None
    folder: str = ""
    places: tuple[PagePlace, ...] = ()
    name: str = ""
    password: str = ""


class Picture(msgspec.Struct):
    """A PageImage: rows of RGB from the top, its 3x3 matrix to the page image, row by row, and what more is known.

    ``pixels``: a view, since a copy of a large page is a hundred megabytes, of the image or of the received message.
    """

    width: int
    height: int
    pixels: memoryview
    to_page: list[float]
    is_reduced: bool
    codes: list[Code]


class Failure(msgspec.Struct):
    """A RecognitionError by the name of its class."""

    name: str
    message: str
    params: dict[str, str | int]


class Answer(msgspec.Struct):
    """What a child says: one of these; none where it has written a file. ``trouble``: an unexpected traceback."""

    info: FileInfo | None = None
    layer: TextLayer | None = None
    picture: Picture | None = None
    transcription: Transcription | None = None
    failure: Failure | None = None
    trouble: str = ""
    memory_exhausted: bool = False


def picture_of(image: PageImage) -> Picture:
    to_page = image.to_page.ravel().tolist()
    pixels = np.ascontiguousarray(image.pixels).reshape(-1).data
    return Picture(image.width, image.height, pixels, to_page, image.is_reduced, list(image.codes))


def image_of(picture: Picture) -> PageImage:
    """Raises ValueError where the numbers do not fit each other."""
    pixels = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width, 3)
    to_page = np.array(picture.to_page, np.float64).reshape(3, 3)
    return PageImage(pixels, to_page, picture.is_reduced, tuple(picture.codes))


def failure_of(error: RecognitionError) -> Failure:
    return Failure(type(error).__name__, error.message, dict(error.params))


def error_of(failure: Failure) -> RecognitionError:
    """The error again; an EngineError if no class of ours has that name."""
    found = getattr(errors, failure.name, None)
    kind = found if isinstance(found, type) and issubclass(found, RecognitionError) else EngineError
    error = kind.__new__(kind)
    RecognitionError.__init__(error, failure.message, **failure.params)
    return error
