"""Pairs of line pictures and texts, to train and to measure recognisers with: PNG files, each with a .gt.txt."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from math import dist
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from documents.transcript import Transcript, TranscriptLine, TranscriptPage
from recognition.confinement import ConfinedReader
from recognition.errors import OriginalMissingError
from recognition.geometry import Point
from recognition.raster import Limits

from .searchable_pdf import origin_of

LABELS, CORRECTED = "labels.txt", "corrected.txt"
"""What lists all pairs, and those whose text a person wrote: path, tabulator, text, as PaddleOCR takes it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of all files, so that the same lines give the same bytes."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes a ZIP archive with a picture and a text of each line that has a text: ``0001/0001-17.png`` and
    ``0001/0001-17.gt.txt`` (as kraken, Calamari and tesstrain take them), and lists of all and of the corrected ones.

    Pictures are cut from the original, straightened along the line. Columns stay upright. Raises OriginalMissingError
    and what the original is to blame for.
    """
    if not export.originals:
        raise OriginalMissingError
    labels, corrected = list[str](), list[str]()
    with zipfile.ZipFile(out, "w") as archive, ConfinedReader() as reader:
        for page, picture in _drawn(export, reader):
            for line in page.lines:
                text = " ".join(line.text.split())
                if not text:
                    continue
                name = f"{page.number:04}/{page.number:04}-{line.id.partition('-')[2]}"
                packed = io.BytesIO()
                cut(picture, line).save(packed, "PNG")
                archive.writestr(zipfile.ZipInfo(f"{name}.png", EPOCH), packed.getvalue())
                archive.writestr(zipfile.ZipInfo(f"{name}.gt.txt", EPOCH), f"{text}\n")
                labels.append(f"{name}.png\t{text}\n")
                if line.corrected is not None:
                    corrected.append(labels[-1])
        for name, listed in ((LABELS, labels), (CORRECTED, corrected)):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), "".join(listed), zipfile.ZIP_DEFLATED)


def cut(picture: Image.Image, line: TranscriptLine) -> Image.Image:
    """The part of a page image that shows ``line``, straightened."""
    a, b, c, d = line.line.polygon
    width = max(1, round(max(dist(a, b), dist(d, c))))
    height = max(1, round(max(dist(a, d), dist(b, c))))
    corners: list[Point] = [a, d, c, b]  # counter-clockwise from the top left one, as Pillow has it
    flat = tuple(value for corner in corners for value in corner)
    return picture.transform((width, height), Image.Transform.QUAD, flat, Image.Resampling.BICUBIC)


def _drawn(export: Transcript, reader: ConfinedReader) -> Iterator[tuple[TranscriptPage, Image.Image]]:
    """The pages with text, one at a time, as people have turned them."""
    with ExitStack() as stack:
        paths: dict[int, Path] = {}
        for page in export.pages:
            if not page.text:
                continue
            origin = origin_of(page)
            if origin.file not in paths:
                stack.close()
                paths = {origin.file: stack.enter_context(export.originals[origin.file].local())}
            image = reader.draw(paths[origin.file], origin.number, Limits())
            yield page, Image.fromarray(image.rotated(origin.turn).pixels)
