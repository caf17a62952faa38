"""The data types of recognition: page images, text lines and page readings.

All coordinates are pixels of an image, x to the right and y down, with the origin at the top left corner of the top
left pixel. The *page image* is the picture that people see: an image file after its EXIF orientation is applied, or a
rasterised PDF page. All results are in its pixels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from .errors import RecognitionError
from .geometry import BBox, Point, Polygon, between, bounds, corners, union
from .page_warnings import MESSAGES, WarningCode

LineDirection = Literal["horizontal", "vertical-rl"]
Source = Literal["recognition", "text-layer", "vision"]
BlockType = Literal[
    "title",
    "text",
    "list",
    "table",
    "figure",
    "caption",
    "header",
    "footer",
    "page-number",
    "footnote",
    "sidebar",
    "seal",
]

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


def apply_matrix(matrix: Matrix, points: Sequence[Point]) -> list[Point]:
    """``points`` mapped by a 3x3 projective ``matrix``."""
    mapped = np.c_[np.asarray(points, dtype=np.float64), np.ones(len(points))] @ matrix.T
    return [(float(x / w), float(y / w)) for x, y, w in mapped]


def from_upright_page(degrees: int, width: int, height: int) -> Matrix:
    """The 3x3 matrix from the upright page to the page image.

    The upright page is the page image, ``width`` x ``height`` pixels, rotated clockwise by ``degrees``.
    Raises ValueError for anything but a multiple of 90.
    """
    if degrees % 90:
        raise ValueError(f"pages are rotated by right angles only, not by {degrees} degrees")
    back = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        90: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
        180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        270: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
    }[degrees % 360]
    return np.array(back, dtype=np.float64)


@dataclass(frozen=True)
class Code:
    """A QR code or bar code. ``format``: "QRCode" or "Code39". ``box``: in pixels of the page image."""

    format: str
    text: str
    box: BBox

    def mapped(self, matrix: Matrix) -> Code:
        """The same in other coordinates (see ``PageImage.to_page``)."""
        return replace(self, box=bounds(apply_matrix(matrix, corners(self.box))))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; coordinates to a tenth of a pixel."""
        return {"format": self.format, "text": self.text, "box": rounded(self.box)}


def to_upright_page(degrees: int, width: int, height: int) -> Matrix:
    """The inverse of ``from_upright_page``."""
    return np.asarray(np.linalg.inv(from_upright_page(degrees, width, height)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class PageImage:
    """Pixels for the engine, and their place on the page.

    ``pixels``: (height, width, 3) uint8, RGB. ``to_page``: the 3x3 matrix that maps a point of these pixels to the
    page image. Each step that moves pixels multiplies its inverse into this matrix. ``is_reduced``: whether the page
    was drawn at less than the usual resolution, because it is too large for it. ``codes``: those on it, if it is
    a whole page.
    """

    pixels: Pixels
    to_page: Matrix = field(default_factory=lambda: np.eye(3))
    is_reduced: bool = False
    codes: tuple[Code, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def with_pixels(self, pixels: Pixels) -> PageImage:
        """Other pixels, of the same size, at the same place."""
        return replace(self, pixels=pixels)

    def cropped(self, box: BBox) -> PageImage:
        """The part inside ``box`` (left, top, right, bottom in these pixels), widened to whole pixels."""
        left, top = max(0, int(box[0])), max(0, int(box[1]))
        right, bottom = min(self.width, math.ceil(box[2])), min(self.height, math.ceil(box[3]))
        shift = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], dtype=np.float64)
        return PageImage(np.ascontiguousarray(self.pixels[top:bottom, left:right]), self.to_page @ shift)

    def rotated(self, degrees: int) -> PageImage:
        """Rotated clockwise by 0, 90, 180 or 270 degrees."""
        pixels = np.ascontiguousarray(np.rot90(self.pixels, -(degrees % 360) // 90))
        return PageImage(pixels, self.to_page @ from_upright_page(degrees, self.width, self.height))


@dataclass(frozen=True)
class Doubt:
    """A character that the engine is not sure of.

    ``index``: in ``raw`` of its line. ``confidence``: 0 to 1. ``candidates``: what may stand there instead, the
    likeliest first, in the script of the line's ``text``.
    """

    index: int
    confidence: float
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One text line as the engine read it.

    ``raw``: the text as read. ``text``: the same after script conversion. ``confidence``: 0 to 1.
    ``polygon``: its four corners, clockwise from the top left corner of its first character. (So a vertical line
    starts at its head, and a line on an upside-down page at the lower right.) ``direction``: how its characters
    follow each other. ``positions``: for each character of ``raw`` the centre, as a fraction of the line's length, in
    ascending order; empty if the engine gives none. ``doubts``: the characters that it is not sure of, in order.
    """

    raw: str
    confidence: float
    polygon: Polygon
    direction: LineDirection = "horizontal"
    text: str = ""
    positions: tuple[float, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def __post_init__(self) -> None:
        if not self.text:
            object.__setattr__(self, "text", self.raw)

    @cached_property
    def box(self) -> BBox:
        """The axis-aligned bounding box: left, top, right, bottom."""
        return bounds(self.polygon)

    def mapped(self, matrix: Matrix) -> Line:
        """The same line in other coordinates (see ``PageImage.to_page``)."""
        a, b, c, d = apply_matrix(matrix, self.polygon)
        return replace(self, polygon=(a, b, c, d))

    def sub_polygon(self, start: int, end: int, length: int) -> Polygon:
        """The part of the polygon with the characters from ``start`` to ``end`` of the line's text.

        ``length``: number of characters of that text. If a correction has changed it, so that it no longer matches
        ``positions``, all characters are assumed to have the same width.
        """
        return self._between(self._boundary(start, length), self._boundary(end, length))

    def part(self, first: int, stop: int, start: float, end: float) -> Line:
        """The characters from ``first`` to before ``stop``, as a line of their own.

        It stands from ``start`` to ``end`` of this one, as fractions of its length. There must be one character of
        ``text`` for each of ``raw``.
        """
        known = len(self.positions) == len(self.raw)
        doubts = [doubt for doubt in self.doubts if first <= doubt.index < stop]
        return replace(
            self,
            raw=self.raw[first:stop],
            text=self.text[first:stop],
            polygon=self._between(start, end),
            positions=tuple((at - start) / (end - start) for at in self.positions[first:stop]) if known else (),
            doubts=tuple(replace(doubt, index=doubt.index - first) for doubt in doubts),
        )

    def _between(self, start: float, end: float) -> Polygon:
        """The part of the polygon between two fractions of the line's length."""
        a, b, c, d = self.polygon
        if self.direction == "vertical-rl":
            return between(a, d, start), between(b, c, start), between(b, c, end), between(a, d, end)
        return between(a, b, start), between(a, b, end), between(d, c, end), between(d, c, start)

    def _boundary(self, index: int, length: int) -> float:
        """The boundary before the character at ``index``, as a fraction of the line's length."""
        if index in (0, length):
            return index / length
        if len(self.positions) == length:
            return (self.positions[index - 1] + self.positions[index]) / 2
        return index / length

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; coordinates to a tenth of a pixel, fractions to four places. No doubts are left out."""
        doubts = [[doubt.index, round(doubt.confidence, 2), *doubt.candidates] for doubt in self.doubts]
        return {
            "text": self.text,
            "raw": self.raw,
            "confidence": round(self.confidence, 4),
            "polygon": [[round(x, 1), round(y, 1)] for x, y in self.polygon],
            "direction": self.direction,
            "positions": [round(p, 4) for p in self.positions],
        } | ({"doubts": doubts} if doubts else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        a, b, c, d = ((float(x), float(y)) for x, y in data["polygon"])
        return cls(
            raw=data["raw"],
            text=data["text"],
            confidence=data["confidence"],
            polygon=(a, b, c, d),
            direction=data["direction"],
            positions=tuple(data["positions"]),
            doubts=tuple(Doubt(index, sure, tuple(others)) for index, sure, *others in data.get("doubts", ())),
        )


def as_one(chain: Sequence[Line], blank: str = "") -> Line:
    """Horizontal lines that follow each other in one row as one line. ``blank``: what stands between their texts."""
    first, last = chain[0], chain[-1]
    left, _, right, _ = box = union(line.box for line in chain)
    texts = [line.raw.strip() for line in chain[:-1]] + [last.raw.lstrip()]
    starts = [len(line.raw) - len(line.raw.lstrip()) for line in chain]
    places: list[float] = []
    doubts: list[Doubt] = []
    offset = 0
    for k, (line, start, text) in enumerate(zip(chain, starts, texts, strict=True)):
        if k:
            places += [(chain[k - 1].box[2] + line.box[0]) / 2] * len(blank)
            offset += len(blank)
        width = line.box[2] - line.box[0]
        places += [line.box[0] + position * width for position in line.positions[start : start + len(text)]]
        doubts += [replace(doubt, index=doubt.index - start + offset) for doubt in line.doubts if doubt.index >= start]
        offset += len(text)
    length = sum(len(text) for text in texts)
    return replace(
        first,
        raw=blank.join(texts),
        text="",
        confidence=sum(line.confidence * len(text) for line, text in zip(chain, texts, strict=True)) / length,
        polygon=corners(box),
        positions=tuple((place - left) / (right - left) for place in places) if len(places) == offset else (),
        doubts=tuple(doubt for doubt in doubts if doubt.index < offset),
    )


@dataclass(frozen=True)
class Cell:
    """One cell of a table. ``box``: in pixels of the page image. ``lines``: indices of its lines, in reading order.

    ``rowspan``, ``colspan``: how many rows and columns of the grid it fills, downwards and to the right.
    """

    box: BBox
    lines: tuple[int, ...] = ()
    rowspan: int = 1
    colspan: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; coordinates to a tenth of a pixel."""
        return {
            "box": rounded(self.box),
            "lines": list(self.lines),
            "rowspan": self.rowspan,
            "colspan": self.colspan,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(box_from(data["box"]), tuple(data["lines"]), data["rowspan"], data["colspan"])


class Spanning(Protocol):
    """What fills ``rowspan`` rows and ``colspan`` columns of a grid."""

    @property
    def rowspan(self) -> int: ...

    @property
    def colspan(self) -> int: ...


AnyCell = TypeVar("AnyCell", bound=Spanning)


@dataclass(frozen=True)
class Table:
    """A grid of cells, row by row. As in HTML, a cell stands in the row and at the column where it begins."""

    rows: tuple[tuple[Cell, ...], ...]


def grid_positions(rows: Sequence[Sequence[AnyCell]]) -> list[tuple[int, int, AnyCell]]:
    """The cells of a table, row by row, each with the row and the column where it begins, counted from 0."""
    taken: set[tuple[int, int]] = set()
    found = []
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in taken:
                column += 1
            found.append((row, column, cell))
            taken |= {(row + i, column + k) for i in range(cell.rowspan) for k in range(cell.colspan)}
            column += cell.colspan
    return found


@dataclass(frozen=True)
class Block:
    """A unit of layout: a paragraph, a heading, a table, a figure, ...

    ``box``: in pixels of the page image. ``lines``: indices of its lines among those of the page, in reading order;
    none for a figure without text. ``table``: the grid of a table; its cells hold the same lines.
    """

    type: BlockType
    box: BBox
    lines: tuple[int, ...] = ()
    table: Table | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; coordinates to a tenth of a pixel."""
        return {
            "type": self.type,
            "box": rounded(self.box),
            "lines": list(self.lines),
            "table": [[cell.to_dict() for cell in row] for row in self.table.rows] if self.table else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        rows = data["table"]
        table = Table(tuple(tuple(Cell.from_dict(cell) for cell in row) for row in rows)) if rows is not None else None
        return cls(data["type"], box_from(data["box"]), tuple(data["lines"]), table)


def rounded(box: BBox) -> list[float]:
    """A box as JSON has it, to a tenth of a pixel."""
    return [round(float(value), 1) for value in box]


def box_from(data: Sequence[float]) -> BBox:
    left, top, right, bottom = data
    return left, top, right, bottom


@dataclass(frozen=True)
class PageWarning:
    """Something on a page that is not read as it should be.

    ``code`` is stable: for programs, and for translations of the message. ``box``: where, in pixels of the page image;
    None for all of the page.
    """

    code: WarningCode
    box: BBox | None = None

    @property
    def message(self) -> str:
        """A plain English sentence that says what can be done."""
        return MESSAGES[self.code]

    def mapped(self, matrix: Matrix) -> PageWarning:
        """The same in other coordinates (see ``PageImage.to_page``)."""
        return self if self.box is None else replace(self, box=bounds(apply_matrix(matrix, corners(self.box))))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; coordinates to a tenth of a pixel."""
        return {"code": self.code, "message": self.message, "box": None if self.box is None else rounded(self.box)}


@dataclass(frozen=True)
class PageReading:
    """The result for one page.

    ``number``: from 1. ``width``, ``height``: size of the page image in pixels. ``lines``: in reading order, in
    pixels of the page image. ``blocks``: in reading order; each line is in one of them. ``rotation``: degrees by
    which the page image has to be rotated clockwise to be upright. ``source``: whether the text was recognised, taken
    from the PDF's text layer, or given by a vision model. ``warnings``: what was not read as it should be. ``codes``:
    QR codes and bar codes. ``seconds``: by stage ("raster", "detect", ...). ``error``: why the page could not be read;
    there are no lines then. ``image``: the page image, for callers that store it.
    """

    number: int
    width: int = 0
    height: int = 0
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    rotation: int = 0
    source: Source = "recognition"
    warnings: tuple[PageWarning, ...] = ()
    codes: tuple[Code, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    error: RecognitionError | None = None
    image: PageImage | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The text of the page, with a line break after each text line but the last."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class PageText:
    """What is to be found on a page: ``lines`` with the text as it stands, each with some; in pixels of an image of
    ``width`` x ``height``, at least 1 x 1."""

    number: int
    width: int
    height: int
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class PagePlace:
    """Page ``number`` (from 1) of the PDF called ``file``, to be turned clockwise by ``turn`` degrees."""

    file: str
    number: int
    turn: int = 0


@dataclass(frozen=True)
class DocumentText:
    """What is to be found in a file. ``sha256``: of the file, in hexadecimal. ``pages``: those that were read."""

    title: str
    sha256: str
    page_count: int
    pages: tuple[PageText, ...] = ()
