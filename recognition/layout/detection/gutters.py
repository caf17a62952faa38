"""Lines parted where the picture shows that detection took lines of two columns, or tiers, for one.

The white between two columns goes on from line to line, as that between words hardly ever does. Lines that were found
apart on both sides of it tell it from the white in verses and lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np

from recognition.layout import type_sizes
from recognition.layout.boxes import Boxes, Floats, Indices, corners_of, line_height
from recognition.layout.merged_columns import LONG, within
from recognition.page import Line, LineDirection, PageImage, Pixels

WAYS: tuple[LineDirection, ...] = ("horizontal", "vertical-rl")

FEW = 8
"""Fewer lines of a direction have no columns."""

SIZE = 12.0
"""Pixels to which the height of a line is reduced."""

WIDE, TALL = 0.35, 5.5
"""The least white between columns, in line heights: across, and along them."""

DARKER = 25
"""Ink is darker than what is around it by so much, of 255."""

AROUND = 31
"""Pixels over which that is compared."""

RAGGED, OVER = 3.0, 0.5
"""How far before the white lines end, and behind it others begin, in line heights, and how far boxes reach into it."""

APART, ROWS = 2, 5
"""So many lines end before the white and so many begin after it, at least; with those that run on across it, so many
are on both sides."""

LAST, ENDS = 1.0, "。．.!?！？」』”"
"""The end of a sentence may be as short, in line heights, if it is the last part: that is how paragraphs end."""

NARROWER, NARROW = 0.6, 25
"""White in a line is no narrower than this share of that in other rows, but for so many narrow ones of a hundred."""


def parted(image: PageImage, lines: Sequence[Line]) -> list[Line]:
    """The same lines, those that run on across the white between columns in parts."""
    corners = corners_of(lines)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    whites: dict[int, list[tuple[float, float]]] = {}
    for way in WAYS:
        own = np.array([i for i, line in enumerate(lines) if line.direction == way], dtype=np.intp)
        if len(own) > FEW:
            last = _last_parts([lines[i] for i in own], boxes[own])
            for k, low, high in _whites(boxes[own], last, image.pixels, vertical=way == "vertical-rl"):
                whites.setdefault(int(own[k]), []).append((low, high))
    return [piece for i, line in enumerate(lines) for piece in _pieces(line, whites.get(i, []))]


def _last_parts(lines: Sequence[Line], boxes: Boxes) -> Floats:
    """(n,): how long the last part of each line is at least, in line heights; infinite for headings, which stand across
    columns and are whole."""
    sides = np.sort(boxes[:, 2:] - boxes[:, :2], axis=1)
    heading = type_sizes.relative(lines, sides[:, 0], sides[:, 1]) > type_sizes.LARGE
    return np.where(heading, np.inf, [LAST if line.raw[-1:] in ENDS else LONG for line in lines])


def _whites(upright: Boxes, last: Floats, pixels: Pixels, *, vertical: bool) -> Iterator[tuple[int, float, float]]:
    """Where lines run on across the white between columns: which line, from and to as shares of its length.

    ``upright``: their boxes in the pixels. ``last``: see ``_last_parts``.
    """
    boxes = upright[:, [1, 0, 3, 2]] if vertical else upright  # as if all ran to the right
    height = line_height(boxes)
    low, high = boxes[:, 0] + LONG * height, boxes[:, 2] - last * height
    apart = np.minimum(within(boxes[:, 0], low, high), within(boxes[:, 2], low, high))
    likely = np.flatnonzero((apart >= APART) & (low < high))
    if not len(likely):
        return
    left, top = np.maximum(boxes[likely, :2].min(axis=0) - [0, TALL * height], 0).astype(int)
    right, bottom = (boxes[likely, 2:].max(axis=0) + np.array([0, TALL * height])).astype(int)
    around = pixels[left:right, top:bottom] if vertical else pixels[top:bottom, left:right]
    scale = min(1.0, SIZE / height)
    white = _tall_white(around, scale, height * scale, vertical=vertical)
    at, h = (boxes - [left, top, left, top]) * scale, height * scale
    for k in likely.tolist():
        start, end = at[k, 0], at[k, 2]
        middle = (at[k, 1] + at[k, 3]) / 2
        rows = white[max(0, int(middle - h / 4)) : int(middle + h / 4) + 1]
        first = int(start + LONG * h)
        inner = rows[:, first : int(end - last[k] * h)].min(axis=0, initial=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], inner, [0]])))
        for gap in (edges.reshape(-1, 2) + first).tolist():
            if _parts_columns(at, white, k, (gap[0], gap[1]), h):
                yield k, (gap[0] - start) / (end - start), (gap[1] - start) / (end - start)


def _tall_white(pixels: Pixels, scale: float, height: float, *, vertical: bool) -> Pixels:
    """(rows, columns) of the reduced page, as if its lines ran to the right: 1 in the white that is as wide and tall as
    that between columns, else 0."""
    grey = np.ascontiguousarray(pixels[..., 1])
    if scale < 1:
        way = cv2.INTER_LINEAR if scale >= 0.5 else cv2.INTER_AREA  # no pixel is left out, and the first is faster
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way), dtype=np.uint8)
    if vertical:
        grey = np.ascontiguousarray(grey.T)
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
    paper = cv2.adaptiveThreshold(grey, 1, method, kind, AROUND, DARKER)
    kernel = np.ones((round(TALL * height), max(3, round(WIDE * height))), np.uint8)
    return np.asarray(cv2.morphologyEx(paper, cv2.MORPH_OPEN, kernel), dtype=np.uint8)


def _parts_columns(boxes: Boxes, white: Pixels, line: int, across: tuple[int, int], height: float) -> bool:
    """Whether lines end before the white from and to ``across``, and others begin behind it.

    ``line``: the one that runs on across the white. It is as wide there as elsewhere, or else it is that between words,
    in line with a gutter further up or down. Among many that run on, short ones that begin where it does are the last
    ones of paragraphs, and end before the white, too.
    """
    start, end = across
    middle = (start + end) // 2
    dark = np.flatnonzero(white[:, middle] == 0)
    after = int(np.searchsorted(dark, (boxes[line, 1] + boxes[line, 3]) / 2))
    top = int(dark[after - 1]) + 1 if after else 0
    bottom = int(dark[after]) if after < len(dark) else len(white)
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    near = boxes[(middles > top) & (middles < bottom)]
    before = near[:, 2] < end + OVER * height
    ends = before & (near[:, 2] > start - RAGGED * height)
    begins = (near[:, 0] > start - OVER * height) & (near[:, 0] < end + RAGGED * height)
    over = (near[:, 0] < start - height) & (near[:, 2] > end + height)
    if ends.any() and over.sum() >= ROWS:
        ends |= before & (np.abs(near[:, 0] - boxes[line, 0]) < height)
    apart = min(ends.sum(), begins.sum())
    if apart < APART or apart + over.sum() < ROWS:
        return False
    widths = _reach(white[top:bottom, middle:]) + _reach(white[top:bottom, :middle][:, ::-1])
    return bool(end - start >= NARROWER * np.percentile(widths, NARROW))


def _reach(white: Pixels) -> Indices:
    """(rows,): how far the white goes from the left edge."""
    return np.where(white.all(axis=1), white.shape[1], white.argmin(axis=1))


def _pieces(line: Line, whites: Sequence[tuple[float, float]]) -> list[Line]:
    """``line`` parted at ``whites``, given in shares of its length."""
    if not whites or len(line.positions) != len(line.raw) or line.text != line.raw:
        return [line]
    starts, ends = zip(*sorted(whites), strict=True)
    borders = [-np.inf, *((low + high) / 2 for low, high in zip(starts, ends, strict=True)), np.inf]
    pieces = []
    for n, (low, high) in enumerate(pairwise(borders)):
        inside = [k for k, at in enumerate(line.positions) if low <= at < high and not line.raw[k].isspace()]
        if inside:
            box = ends[n - 1] if n else 0.0, starts[n] if n < len(starts) else 1.0
            pieces.append(line.part(inside[0], inside[-1] + 1, *box))
    return pieces
