"""From a file to page readings: the steps in order, with one page in memory at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recognition.layout import detection, justified, line_numbers

from . import combs, convert, layout, legibility, letter_spacing, preprocess, proof, raster, textlayer, tick_boxes
from .errors import OptionError, RecognitionError
from .files import DirectReader, FileReader
from .geometry import BBox, Polygon, bounds, center, contains, expanded
from .options import Options
from .page import (
    Block,
    Code,
    Doubt,
    Line,
    Matrix,
    PageImage,
    PageReading,
    PageWarning,
    from_upright_page,
    to_upright_page,
)

if TYPE_CHECKING:
    from .engine import Engine

DEFAULT_LIMITS = raster.Limits()
DIRECT = DirectReader()

CROP_PADDING = 16
"""Pixels around a region or picture that the detector sees as well. It misses text that touches the border."""

BLANK_CONTRAST = 32
"""Of 255: a picture whose darkest and lightest pixels differ by less is blank."""


def recognise(
    path: Path,
    options: Options,
    engine: Engine,
    *,
    numbers: Sequence[int] | None = None,
    limits: raster.Limits = DEFAULT_LIMITS,
    rotation: int | None = None,
    files: FileReader = DIRECT,
) -> Iterator[PageReading]:
    """Reads the pages of ``path`` (all, or those with ``numbers``), one at each step of the iterator.

    ``rotation``: degrees clockwise to the upright page, if known. If ``options`` have a region, only that part of
    each page image is read. ``files``: parses the file, here or in a confined process.

    A page that cannot be read is yielded with its error, and the next ones follow. A page whose text comes from the
    PDF's text layer has no image unless its pictures were recognised as well. Raises FileError if the file cannot be
    opened.
    """
    is_page = options.region is None and options.layout != "single-line"
    layered = options.text_layer == "auto" and is_page and raster.is_pdf(path)
    for number in numbers or range(1, files.inspect(path, limits).page_count + 1):
        clock = Clock()
        try:
            layer = text_layer(files, path, number, limits, clock) if layered else None
            contradicts, false = layer is not None and layer.contradicts_picture, list[Line]()
            if layer is not None and not (contradicts or layer.pictures or layer.suspects):
                yield read_text_layer(number, layer, options, clock)
                continue
            image = draw(files, path, number, limits, clock)
            if layer is not None and layer.suspects:
                layer, false = proven(layer, image, engine, clock)
                contradicts = not layer.lines or _length(false) > _length(layer.lines)
            if layer is not None and not (contradicts or layer.pictures or false):
                yield read_text_layer(number, layer, options, clock)
                continue
            if layer is not None and not contradicts:
                textless = without_text(files, path, number, limits, clock)
                reading = read_text_layer_and_pictures(number, layer, image, textless, options, engine, clock, false)
            elif options.layout == "single-line":
                reading = recognise_single_line(number, image, options, engine, clock)
            elif options.region is not None:
                reading = recognise_region(number, image, options.region, options, engine, clock, rotation)
            else:
                reading = recognise_image(number, image, options, engine, clock, rotation)
            yield replace(reading, warnings=(*_page_warnings(image, contradicts), *reading.warnings))
        except RecognitionError as error:
            yield PageReading(number=number, error=error, seconds=clock.seconds)


def _page_warnings(image: PageImage, contradicts: bool) -> Iterator[PageWarning]:
    """What is to be said of a whole page. ``contradicts``: it has a text layer, but not that of its picture."""
    if contradicts:
        yield PageWarning("text-layer-contradicts")
    if image.is_reduced:
        yield PageWarning("page-too-large")


def text_layer(
    files: FileReader, path: Path, number: int, limits: raster.Limits, clock: Clock
) -> textlayer.TextLayer | None:
    """The text layer of a PDF page; None if there is none that people see."""
    with clock("text layer"):
        return files.text_layer(path, number, limits)


def proven(
    layer: textlayer.TextLayer, image: PageImage, engine: Engine, clock: Clock
) -> tuple[textlayer.TextLayer, list[Line]]:
    """``layer`` without the lines in fonts whose text is not what they show, and these lines."""

    def read(picture: PageImage, line: Line) -> Line | None:
        return engine.read_line(picture.rotated(layer.rotation), line.direction)

    upright = to_upright_page(layer.rotation, layer.width, layer.height)
    false = set[int]()
    with clock("recognise"):
        for numbers in layer.suspects:
            lines = [layer.lines[number] for number in numbers]
            if proof.is_disproved(lines, image, read, upright):
                false.update(numbers)
    return layer.without(false), [layer.lines[number] for number in sorted(false)]


def _length(lines: Sequence[Line]) -> int:
    return sum(len(line.raw) for line in lines)


def draw(files: FileReader, path: Path, number: int, limits: raster.Limits, clock: Clock) -> PageImage:
    """The page image. Raises PageError."""
    with clock("raster"):
        return files.draw(path, number, limits)


def without_text(files: FileReader, path: Path, number: int, limits: raster.Limits, clock: Clock) -> PageImage:
    """The page image without the text of the text layer. Raises PageError."""
    with clock("raster"):
        return files.without_text(path, number, limits)


def read_text_layer(number: int, layer: textlayer.TextLayer, options: Options, clock: Clock) -> PageReading:
    """A page with all its text in the text layer."""
    lines, separators = layer.lines, layer.separators
    if layer.rotation:
        to_page = from_upright_page(layer.rotation, layer.width, layer.height)
        to_upright = to_upright_page(layer.rotation, layer.width, layer.height)
        lines, separators = tuple(line.mapped(to_upright) for line in lines), separators.mapped(to_upright)
    table = (0.0, 0.0, float(layer.width), float(layer.height)) if options.layout == "table" else None
    to_image = to_page if layer.rotation else np.eye(3)
    lines, blocks = order_and_convert(lines, options, clock, to_image, separators, table)
    return PageReading(
        number=number,
        width=layer.width,
        height=layer.height,
        lines=lines,
        blocks=blocks,
        rotation=layer.rotation,
        source="text-layer",
        seconds=clock.seconds,
    )


def read_text_layer_and_pictures(
    number: int,
    layer: textlayer.TextLayer,
    image: PageImage,
    textless: PageImage,
    options: Options,
    engine: Engine,
    clock: Clock,
    false: Sequence[Line] = (),
) -> PageReading:
    """A page with a text layer and pictures. The pictures are recognised, except for lines that the layer has already.

    ``textless``: the page image without the layer's text. ``false``: lines that show something else than they say;
    they are read as pictures are.
    """
    lines, warnings = list(layer.lines), [PageWarning("text-layer-contradicts", line.box) for line in false]
    sources = [*((box, textless) for box in layer.pictures), *((line.box, image) for line in false)]
    for box, source in sources:
        picture = source.cropped(expanded(box, CROP_PADDING))
        if np.ptp(picture.pixels) < BLANK_CONTRAST:
            continue
        with clock("preprocess"):
            prepared = preprocess.prepare(picture.rotated(layer.rotation), options.preprocess)
        with clock("recognise"):
            read = legibility.legible(_lines(image.codes, prepared, engine), whole_page=False)
        own = [line.box for line in layer.lines]
        for line in (line.mapped(prepared.to_page) for line in read.lines):
            if _has_center_of(box, line) and not any(_has_center_of(other, line) for other in own):
                lines.append(line)
        warnings += [warning.mapped(prepared.to_page) for warning in read.warnings]
    reading = read_text_layer(number, replace(layer, lines=tuple(lines)), options, clock)
    return replace(reading, image=image, warnings=tuple(warnings), codes=image.codes)


def recognise_image(
    number: int,
    image: PageImage,
    options: Options,
    engine: Engine,
    clock: Clock,
    rotation: int | None = None,
) -> PageReading:
    """A page without a text layer: rotated upright, preprocessed, recognised, and mapped back to the page image."""
    if rotation is None:
        with clock("recognise"):
            rotation = engine.orientation(image)
    upright = image.rotated(rotation)
    with clock("preprocess"):
        prepared = preprocess.prepare(upright, options.preprocess)
    with clock("recognise"):
        read = legibility.legible(_lines(image.codes, prepared, engine), whole_page=options.region is None)
    clock.split("recognise", engine.seconds)
    with clock("order"):
        separators = detection.find_separators(prepared) if read.lines else None
        lines = letter_spacing.joined(read.lines, separators.vertical if separators else ())
        lines = justified.joined(detection.parted_at_gutters(prepared, lines))
    table = _table(image, options)
    ordered, blocks = order_and_convert(lines, options, clock, prepared.to_page, separators, table)
    return PageReading(
        number=number,
        width=image.width,
        height=image.height,
        lines=ordered,
        blocks=blocks,
        rotation=rotation,
        warnings=tuple(warning.mapped(prepared.to_page) for warning in read.warnings),
        codes=image.codes,
        seconds=clock.seconds,
        image=image,
    )


def _lines(codes: Sequence[Code], prepared: PageImage, engine: Engine) -> list[Line]:
    """The lines of a picture outside of ``codes``."""
    found = _outside(codes, engine.read(prepared), prepared.to_page)
    found = combs.joined(prepared, found, lambda strip: engine.read_line(strip, "horizontal"))
    return tick_boxes.marked(prepared, found)


def _table(image: PageImage, options: Options) -> BBox | None:
    """What is one table, because a person says so: the region or, without one, all of the page."""
    if options.layout != "table":
        return None
    return bounds(options.region) if options.region else (0.0, 0.0, float(image.width), float(image.height))


def recognise_single_line(number: int, image: PageImage, options: Options, engine: Engine, clock: Clock) -> PageReading:
    """A picture, or a region of it, that is one line of text: no detector looks for it, and it is not turned."""
    part = image.cropped(_on_image(options.region, image)) if options.region else image
    warnings, lines, blocks = _as_single_line(part, options, engine, clock)
    return PageReading(
        number=number,
        width=image.width,
        height=image.height,
        lines=lines,
        blocks=blocks,
        warnings=warnings,
        codes=image.codes,
        seconds=clock.seconds,
        image=image,
    )


def _as_single_line(
    image: PageImage, options: Options, engine: Engine, clock: Clock
) -> tuple[tuple[PageWarning, ...], tuple[Line, ...], tuple[Block, ...]]:
    """Warnings, lines and blocks of a part of a page, all of which is one line."""
    with clock("preprocess"):
        strip = preprocess.prepare(image, options.preprocess)
    with clock("recognise"):
        line = engine.read_line(strip, options.direction)
        read = legibility.legible([line] if line else [], whole_page=False)
    lines, blocks = order_and_convert(read.lines, options, clock, strip.to_page, table=_table(image, options))
    return tuple(warning.mapped(strip.to_page) for warning in read.warnings), lines, blocks


def _outside(codes: Sequence[Code], lines: Sequence[Line], to_page: Matrix) -> list[Line]:
    """Those of ``lines`` that no detector found within one of ``codes``. ``to_page``: from their pixels to the page."""
    return [line for line in lines if not any(_has_center_of(code.box, line.mapped(to_page)) for code in codes)]


def recognise_region(
    number: int,
    image: PageImage,
    region: Polygon,
    options: Options,
    engine: Engine,
    clock: Clock,
    rotation: int | None,
) -> PageReading:
    """The lines whose centre is in ``region``. If the detector finds none, the region is read as one line.

    A person has marked this region, so there is text in it even if no detector finds it.
    """
    box = _on_image(region, image)
    crop = image.cropped(expanded(box, CROP_PADDING))
    result = recognise_image(number, crop, options, engine, clock, rotation)
    inside = [i for i, line in enumerate(result.lines) if _has_center_of(box, line)]
    lines, blocks = tuple(result.lines[i] for i in inside), layout.blocks_with(result.blocks, inside)
    warnings = result.warnings
    if not lines:
        strip = image.cropped(box).rotated(result.rotation)
        more, lines, blocks = _as_single_line(strip, options, engine, clock)
        warnings = warnings or more
    return replace(
        result,
        width=image.width,
        height=image.height,
        lines=lines,
        blocks=blocks,
        warnings=warnings,
        seconds=clock.seconds,
        image=image,
    )


def _on_image(region: Polygon, image: PageImage) -> BBox:
    """The box around ``region``. Raises OptionError if nothing of the page is in it."""
    box = bounds(region)
    if not (box[0] < min(box[2], image.width) and box[1] < min(box[3], image.height) and box[2] > 0 < box[3]):
        raise OptionError("The region has no part of the page in it. Mark it again, on the page.", name="region")
    return box


def order_and_convert(
    lines: Sequence[Line],
    options: Options,
    clock: Clock,
    to_page: Matrix,
    separators: layout.Separators | None = None,
    table: BBox | None = None,
) -> tuple[tuple[Line, ...], tuple[Block, ...]]:
    """Lines of an upright page in reading order and converted, and their blocks, in pixels of the page image.

    ``separators``: the rules and pictures of the page, in the pixels of ``lines``; ``to_page``: from these to the
    page image. ``table``: a part of that which is one table; lines elsewhere are left out.
    """
    with clock("order"):
        if table is None:
            apart = line_numbers.set_apart(lines, separators)
            found = line_numbers.put_back(layout.arrange(apart.lines, options.direction, separators), apart)
        else:
            found = layout.as_table([line for line in lines if _has_center_of(table, line.mapped(to_page))], separators)
    with clock("convert"):
        raw = [line.raw for line in found.lines]
        texts = convert.convert_page(raw, options.script)
        converted = convert.line_converter(raw, options.script)
        doubts = [tuple(_converted(doubt, line, converted) for doubt in line.doubts) for line in found.lines]
    mapped = found.mapped(to_page)
    return tuple(
        line if (line.text, line.doubts) == (text, doubt) else replace(line, text=text, doubts=doubt)
        for line, text, doubt in zip(mapped.lines, texts, doubts, strict=True)
    ), mapped.blocks


def _converted(doubt: Doubt, line: Line, convert_line: Callable[[str], str]) -> Doubt:
    """``doubt`` with its candidates as they would be converted in their line; without those that change its length."""
    before, after = line.raw[: doubt.index], line.raw[doubt.index + 1 :]
    whole = [convert_line(f"{before}{candidate}{after}") for candidate in doubt.candidates if len(candidate) == 1]
    read = convert_line(line.raw)
    found = [text[doubt.index] for text in whole if len(text) == len(line.raw)]
    own = read[doubt.index] if len(read) == len(line.raw) else ""
    return replace(doubt, candidates=tuple(each for each in dict.fromkeys(found) if each != own))


def _has_center_of(box: BBox, line: Line) -> bool:
    """Whether the centre of ``line`` is in ``box``."""
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
        """Moves ``parts`` of the time of ``stage`` to stages of their own. The sum stays."""
        for part, seconds in parts.items():
            if part != stage:
                self.add(part, seconds)
                self.add(stage, -seconds)
