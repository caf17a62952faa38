"""Lines parted where detection took lines of two columns, or tiers, for one.

Columns of newspapers are hardly further apart than words. Between two of them some lines are given apart, and these
show where the others are to be parted: several end before a blank, or a rule, several begin at its end, and hardly any
runs on across it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from recognition.geometry import BBox, laid
from recognition.page import Line, LineDirection
from recognition.separators import Separators

from .boxes import Boxes, Floats, Indices, corners_of, tilt_of, turned_back
from .spanning_lines import blanks, split
from .type_sizes import LARGE, relative

LEAP = 1.6
"""A blank between tiers is hardly wider than a character (see ``spanning_lines.blanks``)."""

AROUND = 8.0
"""Lines no further up or down, in line heights, show where the columns are."""

FEW = 3
"""So many lines end before the blank, and so many begin after it, at least."""

RAGGED, EDGE = 3.0, 0.7
"""How far before a blank lines end, and how far from its end they begin, in line heights."""

OVER = 0.4
"""Boxes reach into the blank by no more than this, in line heights."""

SAME, MANY = 0.8, 6
"""So many lines with a blank in the same place, within so many line heights, and none without one, are as good: words
are seldom so one below the other."""

RIVER, STRAIGHT, BROAD = 12, 0.25, 8.0
"""So many lines, one below the other and without any between, that have a blank in the same place, within so many line
heights, show columns by themselves: words are never so in lines that are so many line heights long on both sides."""

NARROWER, VAGUE = 0.6, 0.3
"""A blank is no narrower than this share of the white between the columns, but for so much, in line heights, as the
places of characters are vague: or else it is one between words, in line with a gutter above or below."""

LONG = 3.0
"""No part is shorter, in line heights."""

THICK = 1.4
"""Boxes higher than this, in those of others, are of headings, or around lines that are not level."""

RULES: dict[LineDirection, dict[int, str]] = {
    "horizontal": dict.fromkeys(map(ord, "|｜丨"), " "),
    "vertical-rl": dict.fromkeys(map(ord, "一—–-"), " "),
}
"""What a rule across a line is read as: a space in its place."""


def parted(lines: Sequence[Line], separators: Separators) -> tuple[list[Line], list[int]]:
    """The same lines, those that hold several columns in parts; for each the index of the line that was given."""
    corners = corners_of(lines)
    corners = turned_back(corners, tilt_of(corners))
    upright = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    left, top, right, bottom = upright.T
    frames: dict[LineDirection, Boxes] = {
        "horizontal": upright,
        "vertical-rl": np.stack([top, -right, bottom, -left], axis=1),
    }
    at: dict[int, list[tuple[float, float]]] = {}
    for way, frame in frames.items():
        own = np.array([k for k, line in enumerate(lines) if line.direction == way], dtype=np.intp)
        if len(own) > 2 * FEW:
            for k, low, high in _borders([lines[i] for i in own], frame[own]):
                at.setdefault(int(own[k]), []).append((low, high))
    for k, share in _at_rules(lines, separators):
        at.setdefault(k, [(share, share)])
    found, origins = [], []
    for k, line in enumerate(lines):
        pieces = list(_pieces(line, at.get(k, [])))
        found += pieces
        origins += [k] * len(pieces)
    return found, origins


def _at_rules(lines: Sequence[Line], separators: Separators) -> Iterator[tuple[int, float]]:
    """Where lines run on across the rule between columns: which line, and where, as a share of its length."""
    frames: tuple[tuple[LineDirection, Sequence[BBox]], ...] = (
        ("horizontal", separators.vertical),
        ("vertical-rl", [laid(rule) for rule in separators.horizontal]),
    )
    for way, rules in frames:
        own = [k for k, line in enumerate(lines) if line.direction == way]
        if len(own) <= 2 * FEW:
            continue
        left, top, right, bottom = np.array(
            [laid(lines[k].box) if way == "vertical-rl" else lines[k].box for k in own]
        ).T
        height = float(np.median(bottom - top))
        for start, upper, end, lower in rules:
            x = (start + end) / 2
            level = (top + bottom > 2 * upper) & (top + bottom < 2 * lower)
            across = level & (left < x - height) & (right > x + height) & (bottom - top < THICK * height)
            ends = level & (right > x - RAGGED * height) & (right < x + OVER * height)
            begins = level & (left > x - OVER * height) & (left < x + EDGE * height)
            if max(FEW, across.sum()) <= min(ends.sum(), begins.sum()):
                for k in np.flatnonzero(across).tolist():
                    share = (x - left[k]) / (right[k] - left[k])
                    if _has_text_on_both_sides(lines[own[k]], share):
                        yield own[k], share


def _has_text_on_both_sides(line: Line, share: float) -> bool:
    """Whether characters of ``line`` are known to stand before and behind this share of its length."""
    if len(line.positions) != len(line.raw) or line.text != line.raw:
        return False
    inked = [at for at, character in zip(line.positions, line.raw, strict=True) if not character.isspace()]
    return bool(inked) and inked[0] < share < inked[-1]


def _borders(lines: Sequence[Line], boxes: Boxes) -> list[tuple[int, float, float]]:
    """The blanks at which lines of one direction are to be parted: which line, from and to as shares of its length."""
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    headings = relative(lines, boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]) > LARGE
    known = blanks([_without_rules(line) for line in lines], LEAP)
    line, shares = known[:, 0].astype(np.intp), known[:, 1:]
    start, length = boxes[line, 0], boxes[line, 2] - boxes[line, 0]
    edges = start[:, None] + length[:, None] * shares
    inner = (edges[:, 0] - start > LONG * height) & (start + length - edges[:, 1] > LONG * height)
    starts = within(boxes[:, 0], edges[:, 1] - EDGE * height, edges[:, 1] + EDGE * height)
    ends = within(boxes[:, 2], edges[:, 0] - RAGGED * height, edges[:, 0] + OVER * height)
    inner &= ~headings[line]
    place = (edges.mean(axis=1), line)
    likely = np.flatnonzero(inner & (starts >= FEW) & (ends >= FEW))
    borders = {int(k) for k in likely if _is_border(boxes, int(line[k]), edges[k], height, place)}
    borders |= _rivers(boxes, edges, height, place) & set(np.flatnonzero(inner).tolist())
    return [(int(line[k]), float(shares[k, 0]), float(shares[k, 1])) for k in sorted(borders)]


def _rivers(boxes: Boxes, edges: Floats, height: float, blanks: tuple[Floats, Indices]) -> set[int]:
    """Which blanks are in one place in all of many lines. ``edges``: (m, 2); ``blanks``: as for ``_is_border``.

    Lines that say the same have all of their words in the same places.
    """
    middles, line_of = blanks
    near = STRAIGHT * height
    broad = (edges[:, 0] > boxes[line_of, 0] + BROAD * height) & (edges[:, 1] < boxes[line_of, 2] - BROAD * height)
    broad &= within(middles, middles - near, middles + near) >= RIVER
    downwards = np.argsort(boxes[:, 1], kind="stable")
    found: set[int] = set()
    for k in np.flatnonzero(broad).tolist():
        x = middles[k]
        across = downwards[(boxes[downwards, 0] < x - height) & (boxes[downwards, 2] > x + height)]
        breaks = np.flatnonzero(~np.isin(across, line_of[np.abs(middles - x) < near]))
        after = int(np.searchsorted(breaks, np.flatnonzero(across == line_of[k])[0]))
        start, end = np.concatenate([[-1], breaks, [len(across)]])[after : after + 2]
        if end - start > RIVER:
            found.add(k)
    at = np.array(sorted(found), dtype=np.intp)
    close = np.abs(middles[at, None] - middles[at]) < BROAD * height
    return set(at[(close & (line_of[at, None] == line_of[at])).sum(axis=1) == 1].tolist())


def _without_rules(line: Line) -> Line:
    """``line`` with a space for each character for which the rule between two columns may have been taken."""
    raw = line.raw.translate(RULES[line.direction])
    return line if raw == line.raw else replace(line, raw=raw, text=raw if line.text == line.raw else line.text)


def within(values: Floats, low: Floats, high: Floats) -> Indices:
    """How many of ``values`` are between each of ``low`` and each of ``high``."""
    ranked = np.sort(values)
    return np.searchsorted(ranked, high) - np.searchsorted(ranked, low)


def _is_border(boxes: Boxes, line: int, blank: Floats, height: float, others: tuple[Floats, Indices]) -> bool:
    """Whether columns end and begin at a ``blank`` (from, to) of ``line``.

    ``others``: the middle of each blank, and whose it is.
    """
    low, high = blank
    off = np.abs(boxes[:, 1] + boxes[:, 3] - boxes[line, 1] - boxes[line, 3]) / 2
    near = (off < AROUND * height) & (np.arange(len(boxes)) != line)
    ends = near & (low - RAGGED * height < boxes[:, 2]) & (boxes[:, 2] < low + OVER * height)
    begins = near & (np.abs(boxes[:, 0] - high) < EDGE * height)
    middle = (low + high) / 2
    across = near & (boxes[:, 0] < middle - height) & (boxes[:, 2] > middle + height)
    middles, line_of = others
    bridging = np.zeros(len(boxes), dtype=bool)
    bridging[line_of[np.abs(middles - middle) < SAME * height]] = True
    crossed = (across & ~bridging).sum()
    if (near & bridging).sum() >= MANY and not crossed:
        return bool(ends.any() and begins.any())
    if ends.sum() < FEW or begins.sum() < FEW or crossed * FEW >= begins.sum():
        return False
    white = float(np.median(boxes[begins, 0]) - boxes[ends, 2].max())
    return bool(high - low > NARROWER * white - VAGUE * height)


def _pieces(line: Line, at: Sequence[tuple[float, float]]) -> list[Line]:
    """``line`` parted at blanks, given in shares of its length. What was read of a rule there stays with the part
    before it."""
    pieces = [line]
    done = 0.0
    for low, high in sorted(at):
        read = zip(line.positions, line.raw, strict=True)
        low = max([low, *(place for place, char in read if low < place < high and not char.isspace())])
        rest = pieces[-1]
        span = 1 - done
        before, after = split(rest, ((low - done) / span, (high - done) / span), rest.direction)
        pieces[-1:] = [before, after]
        done = high
    return pieces
