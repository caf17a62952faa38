"""The four questions that are asked of a file, and who answers them: this process, or a confined one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from . import codes, raster, textlayer
from .errors import RecognitionError
from .page import PageImage


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
