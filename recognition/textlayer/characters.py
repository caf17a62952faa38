"""From the characters of a PDF page to text lines."""

from __future__ import annotations

import ctypes
import math
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

from recognition.page import Line, LineDirection, Matrix, Polygon

Floats = npt.NDArray[np.float64]

GAP = 1.5
"""Characters farther apart than so many of their sizes belong to different lines (columns, cells)."""

HYPHEN = "\x02"
"""What PDFium makes of a hyphen at the end of a line, to join the word; the next line follows without a break."""

SPACES = np.array([0xA0, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF], dtype=np.uint32)
"""Code points above 32 that show nothing."""

# Called thousands of times a page: so they are called with plain addresses and without giving up the GIL.
_unicode = ctypes.PYFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(c.FPDFText_GetUnicode, ctypes.c_void_p).value or 0
)
_loose_box = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(c.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)


@dataclass(frozen=True, eq=False)
class Characters:
    """The characters of a page in PDFium's order, which is mostly that of lines.

    ``text``: with PDFium's own spaces and line breaks. ``boxes``: (n, 4) left, top, right, bottom in points
    of the page's space (y up), from the fonts' metrics. ``angles``: of the lines (the parts between
    breaks) in radians, counterclockwise.
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
        units = np.fromiter(map(_unicode, repeat(address), range(count)), dtype=np.uint16, count=count)
        boxes = np.zeros((count, 4), dtype=np.float32)
        base = boxes.ctypes.data
        deque(map(_loose_box, repeat(address), range(count), range(base, base + boxes.nbytes, 16)), maxlen=0)
        firsts = _without_second_halves(units)
        text = units.tobytes().decode("utf-16-le")
        angles = tuple(c.FPDFText_GetCharAngle(textpage, int(firsts[start])) for start, _ in _stretches(text))
        textpage.close()
        return cls(text, boxes[firsts].astype(np.float64), angles)

    def lines(self, to_image: Matrix, size: tuple[int, int]) -> list[Line]:
        """The lines that are on the page image (``size``: its width and height), in its pixels."""
        corners = self.boxes.reshape(-1, 2, 2) @ to_image[:2, :2].T + to_image[:2, 2]
        centres, extents = corners.mean(axis=1), np.abs(corners[:, 1] - corners[:, 0])
        inside = ((centres >= 0) & (centres < size)).all(axis=1)
        codes = np.frombuffer(self.text.encode("utf-32-le"), dtype=np.uint32)
        shown = ((codes > 32) & ~np.isin(codes, SPACES) | (codes == ord(HYPHEN))) & inside
        found = []
        for (start, end), angle in zip(_stretches(self.text), self.angles, strict=True):
            glyphs = start + np.flatnonzero(shown[start:end])
            across = to_image[:2, :2] @ (math.cos(angle), math.sin(angle))
            across /= np.linalg.norm(across)
            for part in _at_gaps(glyphs, centres, extents):
                first, last = int(part[0]), int(part[-1])
                text = self.text[first : last + 1].replace(HYPHEN, "-")
                found.append(_line(text, part - first, centres[part], extents[part], across))
        return found


def _without_second_halves(units: npt.NDArray[np.uint16]) -> npt.NDArray[np.intp]:
    """Where the characters start in UTF-16 ``units``; halves without the other become U+FFFD, in place."""
    high, low = (units >> 10) == 0x36, (units >> 10) == 0x37
    second = low & np.concatenate([[False], high[:-1]])
    first = high & np.concatenate([low[1:], [False]])
    units[(high & ~first) | (low & ~second)] = 0xFFFD
    return np.flatnonzero(~second)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch of ``text`` without a line break, a hyphen at its end included."""
    return (match.span() for match in re.finditer(f"[^\r\n{HYPHEN}]*{HYPHEN}|[^\r\n{HYPHEN}]+", text))


def _at_gaps(glyphs: npt.NDArray[np.intp], centres: Floats, extents: Floats) -> list[npt.NDArray[np.intp]]:
    """``glyphs`` (indices) parted where the distance from one to the next is too large for one line."""
    if not len(glyphs):
        return []
    apart = np.abs(np.diff(centres[glyphs], axis=0)) - (extents[glyphs][1:] + extents[glyphs][:-1]) / 2
    sizes = np.maximum(extents[glyphs].max(axis=1), 1)
    return np.split(glyphs, 1 + np.flatnonzero(apart.max(axis=1) > GAP * np.maximum(sizes[1:], sizes[:-1])))


def _line(text: str, indices: npt.NDArray[np.intp], centres: Floats, extents: Floats, across: Floats) -> Line:
    """A line of ``text`` whose characters at ``indices`` have these boxes.

    ``across``: the unit vector from the left to the right of its characters, in pixels.
    """
    down = np.array([-across[1], across[0]])
    if min(abs(across)) < 0.05:
        sizes = np.stack([extents @ abs(across), extents @ abs(down)], axis=1)
    else:  # the upright box of a tilted character is larger than the character
        sizes = extents.max(axis=1, keepdims=True).repeat(2, axis=1) / abs(across).sum()
    places = np.stack([centres @ across, centres @ down], axis=1)
    low, high = (places - sizes / 2).min(axis=0), (places + sizes / 2).max(axis=0)
    vertical = len(indices) > 1 and abs(places[-1] - places[0]).argmax() == 1
    axis = int(vertical)
    length = max(high[axis] - low[axis], 1e-6)
    positions = np.interp(np.arange(len(text)), indices, (places[:, axis] - low[axis]) / length)
    direction: LineDirection = "vertical-rl" if vertical else "horizontal"
    corners = [
        tuple((across * x + down * y).tolist())
        for x, y in ((low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1]))
    ]
    polygon: Polygon = (corners[0], corners[1], corners[2], corners[3])
    return Line(text, 1.0, polygon, direction, positions=tuple(positions.tolist()))
