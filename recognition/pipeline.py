"""From a file to page results: the steps, in order, one page in memory at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import convert, legibility, ordering, preprocess, raster, textlayer
from .errors import OptionError, RecognitionError
from .geometry import BBox, Polygon, bounds, center, contains, expanded
from .page import Line, Options, PageImage, PageReading, PageWarning, turning_back

if TYPE_CHECKING:
    from .engine import Engine

DEFAULT_LIMITS = raster.Limits()

AIR = 16
"""Pixels of its surroundings that detection is shown of a region or picture: it misses what touches the border."""

FAINT = 32
"""What differs by less, of 255, over all of a picture is its ground, and nothing is written on it."""


def recognise(
    path: Path,
    options: Options,
    engine: Engine,
    *,
    numbers: Sequence[int] | None = None,
    limits: raster.Limits = DEFAULT_LIMITS,
    rotation: int | None = None,
) -> Iterator[PageReading]:
    """Reads the pages of ``path`` (all, or those with ``numbers``), each when it is asked for.

    ``rotation``: by how many degrees they have to be turned to stand upright, where that is known. With a
    region in ``options`` only that part of each page is read, from its picture.

    A page that cannot be read comes as a result with its error, and the next ones follow. A page whose
    text is taken from the PDF itself has no image unless it had to be drawn. Raises a FileError if the
    file as a whole cannot be opened.
    """
    layered = options.text_layer == "auto" and options.region is None and raster.is_pdf(path)
    for number in numbers or range(1, raster.inspect(path, limits).page_count + 1):
        clock = Clock()
        try:
            layer = text_layer(path, number, limits, clock) if layered else None
            if layer is not None and not layer.pictures:
                yield read_layer(number, layer, options, clock)
                continue
            image = draw(path, number, limits, clock)
            if layer is not None:
                bare = without_text(path, number, limits, clock)
                yield read_mixed(number, layer, image, bare, options, engine, clock)
            elif options.region is not None:
                yield read_region(number, image, options.region, options, engine, clock, rotation)
            else:
                yield read_image(number, image, options, engine, clock, rotation)
        except RecognitionError as error:
            yield PageReading(number=number, error=error, seconds=clock.seconds)


def text_layer(path: Path, number: int, limits: raster.Limits, clock: Clock) -> textlayer.TextLayer | None:
    """The page's own text; None if it has none that can be trusted."""
    with clock("text layer"):
        ((_, layer),) = textlayer.pages(path, [number], dpi=raster.DPI, pixels=limits.pixels)
    return layer


def draw(path: Path, number: int, limits: raster.Limits, clock: Clock) -> PageImage:
    """The page image. Raises PageFailed."""
    with clock("raster"):
        ((_, image),) = raster.pages(path, [number], limits=limits)
    if isinstance(image, RecognitionError):
        raise image
    return image


def without_text(path: Path, number: int, limits: raster.Limits, clock: Clock) -> PageImage:
    """The page image less the text of its layer. Raises PageFailed."""
    with clock("raster"):
        return textlayer.without_text(path, number, dpi=raster.DPI, pixels=limits.pixels)


def read_layer(number: int, layer: textlayer.TextLayer, options: Options, clock: Clock) -> PageReading:
    """A page whose text is all in its text layer."""
    lines = layer.lines
    if layer.rotation:
        to_page = turning_back(layer.rotation, layer.width, layer.height)
        to_upright = np.asarray(np.linalg.inv(to_page), dtype=np.float64)
        lines = tuple(line.mapped(to_upright) for line in lines)
    lines = arranged(lines, options, clock)
    if layer.rotation:
        lines = tuple(line.mapped(to_page) for line in lines)
    return PageReading(
        number=number,
        width=layer.width,
        height=layer.height,
        lines=lines,
        rotation=layer.rotation,
        source="text-layer",
        seconds=clock.seconds,
    )


def read_mixed(
    number: int,
    layer: textlayer.TextLayer,
    image: PageImage,
    bare: PageImage,
    options: Options,
    engine: Engine,
    clock: Clock,
) -> PageReading:
    """A page of text and pictures: the pictures are read as well, but for what the layer says already.

    ``bare``: the page without the layer's text.
    """
    lines, warnings = list(layer.lines), list[PageWarning]()
    for box in layer.pictures:
        picture = bare.cropped(expanded(box, AIR))
        if np.ptp(picture.pixels) < FAINT:
            continue
        with clock("preprocess"):
            prepared = preprocess.prepare(picture.turned(layer.rotation), options.preprocess)
        with clock("recognise"):
            read = legibility.legible(engine.read(prepared), whole_page=False)
        own = [line.box for line in layer.lines]
        for line in (line.mapped(prepared.to_page) for line in read.lines):
            if _holds(box, line) and not any(_holds(other, line) for other in own):
                lines.append(line)
        warnings += [warning.mapped(prepared.to_page) for warning in read.warnings]
    reading = read_layer(number, replace(layer, lines=tuple(lines)), options, clock)
    return replace(reading, image=image, warnings=tuple(warnings))


def read_image(
    number: int, image: PageImage, options: Options, engine: Engine, clock: Clock, rotation: int | None = None
) -> PageReading:
    """A page that is a picture: set upright, prepared, read, and brought back to the page's coordinates."""
    if rotation is None:
        with clock("recognise"):
            rotation = engine.orientation(image)
    upright = image.turned(rotation)
    with clock("preprocess"):
        prepared = preprocess.prepare(upright, options.preprocess)
    with clock("recognise"):
        read = legibility.legible(engine.read(prepared), whole_page=options.region is None)
    clock.split("recognise", engine.seconds)
    return PageReading(
        number=number,
        width=image.width,
        height=image.height,
        lines=tuple(line.mapped(prepared.to_page) for line in arranged(read.lines, options, clock)),
        rotation=rotation,
        warnings=tuple(warning.mapped(prepared.to_page) for warning in read.warnings),
        seconds=clock.seconds,
        image=image,
    )


def read_region(
    number: int,
    image: PageImage,
    region: Polygon,
    options: Options,
    engine: Engine,
    clock: Clock,
    rotation: int | None,
) -> PageReading:
    """The lines of a page whose middle is in ``region``; where none is found, all of it as one line.

    Somebody has looked there and seen text, which may be what no detection finds.
    """
    box = bounds(region)
    if not (box[0] < min(box[2], image.width) and box[1] < min(box[3], image.height) and box[2] > 0 < box[3]):
        raise OptionError("The region has no part of the page in it. Mark it again, on the page.", name="region")
    result = read_image(number, image.cropped(expanded(box, AIR)), options, engine, clock, rotation)
    lines = tuple(line for line in result.lines if _holds(box, line))
    warnings = result.warnings
    if not lines:
        part = preprocess.prepare(image.cropped(box).turned(result.rotation), options.preprocess)
        with clock("recognise"):
            line = engine.read_line(part, options.direction)
        read = legibility.legible([line] if line else [], whole_page=False)
        warnings = warnings or tuple(warning.mapped(part.to_page) for warning in read.warnings)
        lines = tuple(each.mapped(part.to_page) for each in arranged(read.lines, options, clock))
    return replace(
        result,
        width=image.width,
        height=image.height,
        lines=lines,
        warnings=warnings,
        seconds=clock.seconds,
        image=image,
    )


def arranged(lines: Sequence[Line], options: Options, clock: Clock) -> tuple[Line, ...]:
    """Lines of an upright page, in reading order and converted."""
    with clock("order"):
        ordered = ordering.arrange(lines, options.direction)
    with clock("convert"):
        texts = convert.convert_page([line.raw for line in ordered], options.script)
    return tuple(
        line if line.text == text else replace(line, text=text) for line, text in zip(ordered, texts, strict=True)
    )


def _holds(box: BBox, line: Line) -> bool:
    """Whether the middle of ``line`` lies in ``box``."""
    return contains(box, center(line.box))


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
            self.add(stage, time.perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    def split(self, stage: str, parts: Mapping[str, float]) -> None:
        """Books ``parts`` of a stage under their own names; the sum stays."""
        for part, seconds in parts.items():
            if part != stage:
                self.add(part, seconds)
                self.add(stage, -seconds)
