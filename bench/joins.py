"""Line joins: of two lines that follow each other in the truth, whether they do so in a text.

What an order of lines is worth, whatever was misread: whole articles in another order cost nothing.
"""

from __future__ import annotations

from itertools import pairwise

from rapidfuzz import fuzz

PIECE = 6
"""Characters at the end of a line, and at the beginning of the next one, that are looked for."""

ALIKE = 80
"""A piece is found where so many percent of it are read."""


def joins(text: str, lines: list[str]) -> tuple[int, int]:
    """How many of the joins of ``lines`` are kept in ``text``, and of how many both sides are found in it."""
    kept = found = 0
    for first, second in pairwise(lines):
        end, start = first[-PIECE:], second[:PIECE]
        if min(len(end), len(start)) == PIECE and _has(text, end) and _has(text, start):
            found += 1
            kept += _has(text, end + start)
    return kept, found


def _has(text: str, piece: str) -> bool:
    return piece in text or fuzz.partial_ratio(piece, text) >= ALIKE
