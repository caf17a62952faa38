"""From a file to page results: the steps, in order, one page in memory at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import convert, ordering, preprocess, raster
from .errors import RecognitionError
from .page import Options, PageImage, PageResult

if TYPE_CHECKING:
    from .engine import Engine


def recognise(
    path: Path,
    options: Options,
    engine: Engine,
    *,
    numbers: Sequence[int] | None = None,
    limits: raster.Limits = raster.Limits(),  # noqa: B008 - frozen
) -> Iterator[PageResult]:
    """Reads the pages of ``path`` (all, or those with ``numbers``), each when it is asked for.

    A page that cannot be read comes as a result with its error, and the next ones follow. Raises a
    FileError if the file as a whole cannot be opened.
    """
    pages = raster.pages(path, numbers, limits=limits)
    while True:
        clock = Clock()
        with clock("raster"):
            number, image = next(pages, (0, None))
        if image is None:
            return
        if isinstance(image, RecognitionError):
            yield PageResult(number=number, error=image, seconds=clock.seconds)
            continue
        try:
            yield read_image(number, image, options, engine, clock)
        except RecognitionError as error:
            yield PageResult(number=number, width=image.width, height=image.height, error=error, image=image)


def read_image(number: int, image: PageImage, options: Options, engine: Engine, clock: Clock) -> PageResult:
    """One page image, from its pixels to converted lines in reading order."""
    with clock("orient"):
        rotation = engine.orientation(image)
    with clock("preprocess"):
        prepared = preprocess.prepare(image.turned(rotation), options.preprocess)
    with clock("recognise"):
        lines = engine.read(prepared)
    with clock("order"):
        lines = ordering.arrange(lines, options.direction)
    with clock("convert"):
        texts = convert.convert_page([line.raw for line in lines], options.script)
    return PageResult(
        number=number,
        width=image.width,
        height=image.height,
        lines=tuple(replace(line.mapped(prepared.to_page), text=text) for line, text in zip(lines, texts, strict=True)),
        rotation=rotation,
        seconds=clock.seconds,
        image=image,
    )


class Clock:
    """Seconds by stage: ``with clock("order"): ...`` adds to ``seconds["order"]``."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start
