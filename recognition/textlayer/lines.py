"""From the glyphs of a PDF page to text lines: their text with its spaces, their direction, and where they stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recognition.geometry import Polygon
from recognition.page import Line, Matrix
from recognition.separators import Separators

from .cells import parted
from .glyphs import Codes, Floats, Glyphs, Integers
from .pieces import Run, pieces
from .placed import Placed
from .spacing import UNKNOWN, separators
from .symbols import USUAL
from .writing import are_right_to_left, is_right_to_left, logical_order

SYMBOLS = range(0xF020, 0xF100)
BULLET = "•"
"""What is drawn in symbol fonts, which word processors use for list marks; and what becomes of it at a line's start,
if it says nothing by itself."""

HAN = 0x2E80
FULL = 0.8
"""From this code point on wide characters are as wide as high. Before, those of more than so many sizes are."""


@dataclass(frozen=True, eq=False)
class LayerLine:
    """A line, and the indices of its glyphs among those of the page."""

    line: Line
    members: Integers


def lines_of(glyphs: Glyphs, to_image: Matrix, size: tuple[int, int], rules: Separators) -> list[LayerLine]:
    """The lines that are on the page image (``size``: its width and height), in its pixels.

    One that runs over the edge is given in full, as it is in the layer. ``rules``: those of the page image; they part
    cells.
    """
    everything = Placed.of(glyphs, to_image)
    kept = np.flatnonzero(everything.first_prints())
    placed = everything.only(kept)
    if not len(placed):
        return []
    on_page = np.asarray(((placed.centres >= 0) & (placed.centres < size)).all(axis=1))
    runs = [run for run in parted(placed, pieces(placed), rules) if on_page[run.members].any()]
    chosen = [Run(_as_read(placed, run), run.down, run.way) for run in runs]
    return [LayerLine(line, kept[run.members]) for line, run in zip(_lines(placed, chosen), chosen, strict=True)]


def _as_read(placed: Placed, run: Run) -> Integers:
    """The glyphs of a line, as they are read."""
    codes = placed.codes[run.members]
    if run.down or not are_right_to_left(codes).any():
        return run.members
    text = _text(codes)
    places = placed.centres[run.members] @ run.way
    logical = np.argsort(placed.serials[run.members])
    for before, index in pairwise(logical):
        if unicodedata.category(text[index]) == "Mn":  # a vowel sign belongs to the letter before it
            places[index] = places[before] - 1e-3
    as_it_stands = np.argsort(places, kind="stable")
    visual = "".join(text[index] for index in as_it_stands)
    return run.members[as_it_stands[logical_order(visual)]]


def _lines(placed: Placed, runs: Sequence[Run]) -> Iterator[Line]:
    """See ``recognition.page.Line``."""
    if not runs:
        return
    starts = np.concatenate([[0], np.cumsum([len(run.members) for run in runs])[:-1]])
    every = placed.only(np.concatenate([run.members for run in runs]))
    shapes = _Shapes.of(every, runs, starts)
    gaps = shapes.gaps(every)
    spaces = np.where(np.diff(every.serials, prepend=-2) == 1, every.spaces, UNKNOWN)
    # Marks of Latin text are among those that can be written downwards.
    wide = (every.wide & ((every.codes >= HAN) | (2 * shapes.halves > FULL * every.sizes))).tolist()
    text = _text(every.codes)
    for run, start, polygon in zip(runs, starts.tolist(), shapes.polygons(), strict=True):
        own = slice(start, start + len(run.members))
        characters = text[own]
        if ord(characters[0]) in SYMBOLS or (every.signs[start] and ord(characters[0]) not in USUAL):
            characters = BULLET + characters[1:]
        before = separators(characters, wide[own], gaps[own].tolist(), spaces[own].tolist())
        yield Line(
            "".join(map(str.__add__, before, characters)),
            1.0,
            polygon,
            "vertical-rl" if run.down else "horizontal",
            # A line that is read from its end has no positions from its start. A word that runs back among others has
            # those of its characters, though in the order of the line.
            positions=() if is_right_to_left(characters) else _positions(np.sort(shapes.positions[own]), before),
        )


def _positions(characters: Floats, before: Sequence[str]) -> tuple[float, ...]:
    """With those of the spaces between."""
    positions: list[float] = []
    places = characters.tolist()
    for index, (position, space) in enumerate(zip(places, before, strict=True)):
        if space:
            positions.append((places[index - 1] + position) / 2)
        positions.append(position)
    return tuple(positions)


@dataclass(frozen=True, eq=False)
class _Shapes:
    """The shapes of all n lines of a page with m glyphs, line by line.

    ``across`` and ``down``: (n, 2), the unit vectors from left to right and from head to foot of a line's
    characters, in pixels. ``low`` and ``high``: (n, 2), how far the line extends along these two. ``places``,
    ``halves``: (m,), where a glyph's middle is along its line, and half of how far it extends. ``positions``: (m,),
    see Line. ``starts``: (n,), the first glyph of each line.
    """

    across: Floats
    down: Floats
    low: Floats
    high: Floats
    places: Floats
    halves: Floats
    positions: Floats
    starts: Integers

    @classmethod
    def of(cls, placed: Placed, runs: Sequence[Run], starts: Integers) -> _Shapes:
        axis = np.array([run.down for run in runs], dtype=np.intp)
        ways = np.array([run.way for run in runs])
        across = np.where(axis[:, None] == 1, ways[:, ::-1] * (1, -1), ways)
        down = np.stack([-across[:, 1], across[:, 0]], axis=1)
        line = np.repeat(np.arange(len(runs)), np.diff(starts, append=len(placed)))
        frames = across[line], down[line]
        places = np.stack([(placed.centres * frame).sum(axis=1) for frame in frames], axis=1)
        halves = np.stack([placed.along(frame) for frame in frames], axis=1) / 2
        low, high = np.minimum.reduceat(places - halves, starts), np.maximum.reduceat(places + halves, starts)
        each, own = np.arange(len(runs)), np.arange(len(placed))
        length = np.maximum((high - low)[each, axis], 1e-6)
        along = places[own, axis[line]]
        positions = (along - low[each, axis][line]) / length[line]
        return cls(across, down, low, high, along, halves[own, axis[line]], positions, starts)

    def gaps(self, placed: Placed) -> Floats:
        """(m,): between each glyph and the one before, in sizes."""
        halves = np.where(placed.codes >= HAN, np.maximum(self.halves, placed.sizes / 2), self.halves)
        halves = np.where(placed.wide, halves, self.halves)
        gaps = abs(np.diff(self.places)) - halves[1:] - halves[:-1]
        return np.concatenate([[0.0], gaps / np.maximum(placed.sizes[1:], placed.sizes[:-1])])

    def polygons(self) -> list[Polygon]:
        """The four corners of each line (see Line)."""
        x = np.stack([self.low[:, 0], self.high[:, 0], self.high[:, 0], self.low[:, 0]], axis=1)
        y = np.stack([self.low[:, 1], self.low[:, 1], self.high[:, 1], self.high[:, 1]], axis=1)
        corners = x[..., None] * self.across[:, None] + y[..., None] * self.down[:, None]
        return [
            ((ax, ay), (bx, by), (cx, cy), (dx, dy))
            for ax, ay, bx, by, cx, cy, dx, dy in corners.reshape(-1, 8).tolist()
        ]


def _text(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le")
