"""From the characters of a PDF page to text lines."""

from __future__ import annotations

import ctypes
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Self

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as c

from recognition import pdfium
from recognition.geometry import Polygon
from recognition.page import Line, LineDirection, Matrix

Floats = npt.NDArray[np.float64]

GAP = 1.5
"""Characters farther apart than so many of their sizes belong to different lines (columns, cells)."""

MEANINGLESS = dict.fromkeys({*range(32), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF} - {2, 9, 10, 13}, "\ufffd")
"""Codes that are no characters, and that neither XML nor PostgreSQL takes; less the hyphen and white space."""

WIDE = 0x2E80
"""From this code point on characters are mostly Chinese, Japanese or Korean, and can be written downwards."""

HYPHEN = "\x02"
"""What PDFium makes of a hyphen at the end of a line, to join the word; the next line follows without a break."""

SPACES = np.zeros(0x10000, dtype=np.bool_)
SPACES[[0xA0, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]] = True
"""Code points above 32 that show nothing."""

_unicode = pdfium.quick(c.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_loose_box = pdfium.quick(c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


@dataclass(frozen=True, eq=False)
class Characters:
    """The characters of a page in PDFium's order, which is mostly that of lines.

    ``text``: with PDFium's own spaces and line breaks; what is no character is U+FFFD, and a line's first
    one from a symbol font (which word processors use for list marks) is a bullet. ``boxes``: (n, 4) left,
    top, right, bottom in points of the page's space (y up), from the fonts' metrics. ``angles``: of the
    stretches between line breaks in radians, clockwise.
    """

    text: str
    boxes: Floats
    angles: tuple[float, ...]

    @classmethod
    def on(cls, page: pypdfium2.PdfPage) -> Self:
        """The characters of ``page``. PDFium's lock must be held."""
        textpage = page.get_textpage()
        address = ctypes.cast(textpage.raw, ctypes.c_void_p).value
        count = c.FPDFText_CountChars(textpage)
        units = np.fromiter(map(_unicode, repeat(address), range(count)), dtype=np.uint32, count=count)
        boxes = np.zeros((count, 4), dtype=np.float32)
        base = boxes.ctypes.data
        deque(map(_loose_box, repeat(address), range(count), range(base, base + boxes.nbytes, 16)), maxlen=0)
        codes, firsts = _code_points(units)
        text = codes.tobytes().decode("utf-32-le").translate(MEANINGLESS)
        text = re.sub("(?m)^[\uf020-\uf0ff]", "•", text)
        angles = tuple(c.FPDFText_GetCharAngle(textpage, int(firsts[start])) for start, _ in _stretches(text))
        textpage.close()
        return cls(text, boxes[firsts].astype(np.float64), angles)

    def lines(self, to_image: Matrix, size: tuple[int, int]) -> list[Line]:
        """The lines that are on the page image (``size``: its width and height), in its pixels.

        One that runs over the edge is given in full, as it is in the layer.
        """
        codes = np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32)
        stretches = np.array(list(_stretches(self.text)), dtype=np.intp).reshape(-1, 2)
        shown = np.flatnonzero((codes > 32) & ~SPACES[np.minimum(codes, 0xFFFF)] | (codes == ord(HYPHEN)))
        if not len(shown):
            return []
        corners = self.boxes[shown].reshape(-1, 2, 2) @ to_image[:2, :2].T + to_image[:2, 2]
        centres, extents = corners.mean(axis=1), np.abs(corners[:, 1] - corners[:, 0])
        stretch = np.searchsorted(stretches[:, 1], shown, side="right")
        across = _across(np.array(self.angles)[stretch], to_image)
        wide = codes[shown] >= WIDE
        starts = np.flatnonzero(
            _breaks(stretch, centres, extents) & ~_continue_down(stretch, centres, extents, across, wide)
        )
        ends = np.append(starts[1:], len(shown))
        visible = np.logical_or.reduceat(((centres >= 0) & (centres < size)).all(axis=1), starts)
        shape = _Shapes.of(centres, extents, across, starts, ends)
        positions = np.interp(np.arange(len(self.text)), shown, shape.positions)
        in_line = (codes != ord("\r")) & (codes != ord("\n"))
        lines, polygons = [], shape.polygons()
        for line in np.flatnonzero(visible):
            span = slice(int(shown[starts[line]]), int(shown[ends[line] - 1]) + 1)
            text = self.text[span].replace(HYPHEN, "-").replace("\r", "").replace("\n", "")
            direction: LineDirection = "vertical-rl" if shape.vertical[line] else "horizontal"
            places = tuple(positions[span][in_line[span]].tolist())
            lines.append(Line(text, 1.0, polygons[line], direction, positions=places))
        return lines


@dataclass(frozen=True, eq=False)
class _Shapes:
    """The shapes of all n lines of a page with m characters.

    ``across`` and ``down``: (n, 2), the unit vectors from left to right and from head to foot of a line's
    characters, in pixels. ``low`` and ``high``: (n, 2), how far the line extends along these two.
    ``vertical``: (n,), whether it runs down. ``positions``: (m,), see Line.
    """

    across: Floats
    down: Floats
    low: Floats
    high: Floats
    vertical: npt.NDArray[np.bool_]
    positions: Floats

    @classmethod
    def of(
        cls, centres: Floats, extents: Floats, across: Floats, starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]
    ) -> Self:
        """From the characters' boxes and directions, (m, 2) each, and each line's first and last but one."""
        down = np.stack([-across[:, 1], across[:, 0]], axis=1)
        upright = np.stack([(extents * abs(across)).sum(axis=1), (extents * abs(down)).sum(axis=1)], axis=1)
        # The upright box of a tilted character is larger than the character.
        tilted = (extents.max(axis=1) / abs(across).sum(axis=1))[:, None]
        halves = np.where(abs(across).min(axis=1)[:, None] < 0.05, upright, tilted) / 2
        places = np.stack([(centres * across).sum(axis=1), (centres * down).sum(axis=1)], axis=1)
        low, high = np.minimum.reduceat(places - halves, starts), np.maximum.reduceat(places + halves, starts)
        way = abs(places[ends - 1] - places[starts])
        vertical = way[:, 1] > way[:, 0]
        axis = vertical.astype(np.intp)
        each = np.arange(len(starts))
        line = np.repeat(each, ends - starts)
        length = np.maximum((high - low)[each, axis], 1e-6)
        positions = (places[np.arange(len(places)), axis[line]] - low[each, axis][line]) / length[line]
        return cls(across[starts], down[starts], low, high, vertical, positions)

    def polygons(self) -> list[Polygon]:
        """The four corners of each line (see Line)."""
        x = np.stack([self.low[:, 0], self.high[:, 0], self.high[:, 0], self.low[:, 0]], axis=1)
        y = np.stack([self.low[:, 1], self.low[:, 1], self.high[:, 1], self.high[:, 1]], axis=1)
        corners = x[..., None] * self.across[:, None] + y[..., None] * self.down[:, None]
        return [
            ((ax, ay), (bx, by), (cx, cy), (dx, dy))
            for ax, ay, bx, by, cx, cy, dx, dy in corners.reshape(-1, 8).tolist()
        ]


def _code_points(units: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]]:
    """The code points in UTF-16 ``units`` (some of which may be whole ones) and where each starts."""
    high, low = (units >> 10) == 0x36, (units >> 10) == 0x37
    second = low & np.concatenate([[False], high[:-1]])
    first = high & np.concatenate([low[1:], [False]])
    codes = units.copy()
    codes[first] = 0x10000 + ((units[first] - 0xD800) << 10) + (units[second] - 0xDC00)
    codes[(high & ~first) | (low & ~second) | (units > 0x10FFFF)] = 0xFFFD
    starts = np.flatnonzero(~second)
    return codes[starts], starts


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch of ``text`` without a line break, a hyphen at its end included."""
    return (match.span() for match in re.finditer(f"[^\r\n{HYPHEN}]*{HYPHEN}|[^\r\n{HYPHEN}]+", text))


def _across(angles: Floats, to_image: Matrix) -> Floats:
    """(m, 2) unit vectors in pixels of ``angles`` in the page's space."""
    vectors = np.stack([np.cos(angles), -np.sin(angles)], axis=1) @ to_image[:2, :2].T
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _breaks(stretch: npt.NDArray[np.intp], centres: Floats, extents: Floats) -> npt.NDArray[np.bool_]:
    """Whether each character starts a line: in another stretch than the one before, or too far from it."""
    apart = (abs(np.diff(centres, axis=0)) - (extents[1:] + extents[:-1]) / 2).max(axis=1)
    sizes = np.maximum(extents.max(axis=1), 1)
    new = (np.diff(stretch) > 0) | (apart > GAP * np.maximum(sizes[1:], sizes[:-1]))
    return np.concatenate([[True], new])


def _continue_down(
    stretch: npt.NDArray[np.intp], centres: Floats, extents: Floats, across: Floats, wide: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Whether each character continues a column in spite of a break: PDFium finds no columns on mixed pages.

    Then each of their characters is a stretch by itself; they are as wide as their distance, where rows
    leave more room.
    """
    alone = wide & (np.bincount(stretch)[stretch] == 1)
    step = np.diff(centres, axis=0)
    to_side = (step * across[1:]).sum(axis=1)
    downwards = step[:, 1] * across[1:, 0] - step[:, 0] * across[1:, 1]
    width = (extents * abs(across)).sum(axis=1)
    em = width[1:]
    near = (abs(to_side) < 0.1 * em) & (downwards > 0.8 * em) & (downwards < 1.15 * em)
    alike = (abs(np.diff(width)) < 0.1 * em) & (abs(np.diff(across, axis=0)).max(axis=1) < 0.01)
    return np.concatenate([[False], alone[1:] & alone[:-1] & near & alike])
