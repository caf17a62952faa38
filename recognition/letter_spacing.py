"""Lines that detection finds in pieces: letter-spaced labels of forms (地　　　址：), and rows with dotted leaders."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .geometry import BBox, center, intersection
from .page import Line, as_one

ALIKE = 1.4
"""How many times one piece of a label may be as high as another."""

SAME_ROW = 0.6
"""Share of a piece's height that the next one stands beside."""

STEPS = 1.6, 5.0
"""Distances of characters of a label that is found in pieces, in heights of its line."""

EVEN = 0.25
"""Share by which these may differ within a label."""

MOST_CHARACTERS = 6
LAST_PIECE = re.compile(r"[\u3400-\u9fff](\s*[：:].*)?")
"""The last character of a label, which may have the answer behind its colon."""

LEADER = r"[.…·．‥]"
BEFORE_LEADER = re.compile(rf".*\w.*{LEADER}\s*")
BEHIND_LEADER = re.compile(rf"\s*{LEADER}+\s*[\dIVXLCivxlc,\-–]+\s*")
"""Text that dots lead from, and a number that they lead to."""


def joined(lines: Sequence[Line], rules: Sequence[BBox] = ()) -> list[Line]:
    """``lines`` of an upright page with pieces put together; ``rules``: upright ones, which part cells.

    A row with a leader is text with dots behind it, and a number with dots before it, as in a table of contents.
    A label is a row of single Han characters at even distances, the last of which may begin an answer after a colon.
    Two characters are one only if they end so, or if nothing like them stands in their row.
    """
    singles = [line for line in lines if _is_single(line)]
    chains: list[list[Line]] = []
    taken: set[int] = set()
    for line in sorted(singles, key=lambda line: line.box[0]):
        if id(line) in taken:
            continue
        chain = [line]
        while _is_single(chain[-1]) and (following := _following(chain[-1], lines, rules)):
            chain.append(following)
        if _is_label(chain, singles) and not _are_headings(chain, lines):
            chains.append(chain)
            taken |= {id(piece) for piece in chain}
    for number in [line for line in lines if BEHIND_LEADER.fullmatch(line.raw) and id(line) not in taken]:
        text = _led_from(number, lines, rules)
        if text and id(text) not in taken:
            chains.append([text, number])
            taken |= {id(text), id(number)}
    return [line for line in lines if id(line) not in taken] + [as_one(chain) for chain in chains]


def _led_from(number: Line, lines: Sequence[Line], rules: Sequence[BBox]) -> Line | None:
    """The text from which dots lead to ``number``: its neighbour at the left."""
    left, top, _, bottom = number.box
    before = [
        line
        for line in lines
        if line.box[2] <= left + (bottom - top) / 2
        and line is not number
        and min(bottom, line.box[3]) - max(top, line.box[1]) > SAME_ROW * min(bottom - top, _height(line))
    ]
    found = max(before, key=lambda line: line.box[2], default=None)
    if found is None or {number.direction, found.direction} != {"horizontal"} or not BEFORE_LEADER.fullmatch(found.raw):
        return None
    between = found.box[2], min(top, found.box[1]), left, max(bottom, found.box[3])
    return None if any(intersection(rule, between) > 0 for rule in rules) else found


def _is_single(line: Line) -> bool:
    text = line.raw.strip()
    return line.direction == "horizontal" and len(text) == 1 and bool(LAST_PIECE.fullmatch(text))


def _height(line: Line) -> float:
    return line.box[3] - line.box[1]


def _following(piece: Line, lines: Sequence[Line], rules: Sequence[BBox]) -> Line | None:
    """The next piece of a label: the nearest line at the right of ``piece``, if it can be one."""
    _, top, right, bottom = piece.box
    height = bottom - top
    beside = [
        line
        for line in lines
        if line.box[0] >= right - height / 2
        and line is not piece
        and min(bottom, line.box[3]) - max(top, line.box[1]) > SAME_ROW * min(height, _height(line))
    ]
    found = min(beside, key=lambda line: line.box[0], default=None)
    if found is None or found.direction != "horizontal" or not LAST_PIECE.fullmatch(found.raw.strip()):
        return None
    if max(height, _height(found)) > ALIKE * min(height, _height(found)):
        return None
    between = right, min(top, found.box[1]), found.box[0], max(bottom, found.box[3])
    step = _first(found) - _first(piece)
    parted = any(intersection(rule, between) > 0 for rule in rules)
    return found if STEPS[0] * height <= step <= STEPS[1] * height and not parted else None


def _first(line: Line) -> float:
    """Where the first character of a line has its middle."""
    left, right = line.box[0], line.box[2]
    return left + (right - left) * line.positions[0] if line.positions else center(line.box)[0]


def _is_label(chain: Sequence[Line], singles: Sequence[Line]) -> bool:
    if not 2 <= len(chain) <= MOST_CHARACTERS:
        return False
    steps = np.diff([_first(line) for line in chain])
    if steps.max() > (1 + EVEN) * steps.min():
        return False
    if len(chain) > 2 or not _is_single(chain[-1]):
        return True
    top, bottom = chain[0].box[1], chain[0].box[3]
    alike = [line for line in singles if line not in chain and top < center(line.box)[1] < bottom]
    return not alike


def _are_headings(chain: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Whether entries stand below several of the characters, as in a calendar: each heads a column then."""
    step = _first(chain[1]) - _first(chain[0])
    below = [
        piece
        for piece in chain
        if any(
            abs(center(line.box)[0] - _first(piece)) < SAME_ROW * _height(piece)
            and 0 < line.box[1] - piece.box[1] < STEPS[1] * _height(piece)
            and line.box[2] - line.box[0] < step
            and not _is_single(line)
            for line in lines
        )
    ]
    return len(below) > 1
