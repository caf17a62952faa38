"""The four questions that are asked of a file, and who answers them: this process, or a confined one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from . import codes, raster, textlayer
from .errors import RecognitionError
from .geometry import bounds, corners
from .page import PageImage, apply_matrix, to_upright_page


class FileReader(Protocol):
    """Answers what a file holds. Pages count from 1. Every method may raise a RecognitionError."""

    def inspect(self, path: Path, limits: raster.Limits) -> raster.FileInfo:
        """What the file is, after making sure that it can be read within the limits."""

    def draw(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        """The page image, and the codes on it."""

    def text_layer(self, path: Path, number: int, limits: raster.Limits) -> textlayer.TextLayer | None:
        """The PDF page's own text; None if it has none that can be trusted."""

    def without_text(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        """The PDF page's image less the text of its layer."""


class DirectReader:
    """Parses files in this process: for files of one's own, and for the processes that are confined."""

    def inspect(self, path: Path, limits: raster.Limits) -> raster.FileInfo:
        return raster.inspect(path, limits)

    def draw(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        ((_, image),) = raster.pages(path, [number], limits=limits)
        if isinstance(image, RecognitionError):
            raise image
        return replace(image, codes=codes.find(image.pixels))

    def text_layer(self, path: Path, number: int, limits: raster.Limits) -> textlayer.TextLayer | None:
        ((_, layer),) = textlayer.pages(path, [number], dpi=raster.DPI, pixels=limits.pixels)
        return layer

    def without_text(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        return textlayer.without_text(path, number, dpi=raster.DPI, pixels=limits.pixels)


@dataclass(frozen=True)
class TurnedReader:
    """Answers as ``files`` does, of pages that people have turned clockwise by ``turn`` degrees (0, 90, 180 or 270).

    The turned picture is the page image: all answers are in its pixels.
    """

    files: FileReader
    turn: int

    def inspect(self, path: Path, limits: raster.Limits) -> raster.FileInfo:
        return self.files.inspect(path, limits)

    def draw(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        return self._turned(self.files.draw(path, number, limits))

    def text_layer(self, path: Path, number: int, limits: raster.Limits) -> textlayer.TextLayer | None:
        layer = self.files.text_layer(path, number, limits)
        if layer is None:
            return None
        matrix = to_upright_page(self.turn, layer.width, layer.height)
        size = (layer.height, layer.width) if self.turn % 180 else (layer.width, layer.height)
        return replace(
            layer,
            width=size[0],
            height=size[1],
            lines=tuple(line.mapped(matrix) for line in layer.lines),
            separators=layer.separators.mapped(matrix),
            pictures=tuple(bounds(apply_matrix(matrix, corners(box))) for box in layer.pictures),
            rotation=(layer.rotation - self.turn) % 360,
        )

    def without_text(self, path: Path, number: int, limits: raster.Limits) -> PageImage:
        return self._turned(self.files.without_text(path, number, limits))

    def _turned(self, image: PageImage) -> PageImage:
        matrix = to_upright_page(self.turn, image.width, image.height)
        return replace(
            image, pixels=image.rotated(self.turn).pixels, codes=tuple(code.mapped(matrix) for code in image.codes)
        )
