"""Lines that are read from the right: Arabic, Hebrew and their like."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from .glyphs import Codes, Mask

FROM_RIGHT = (0x590, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF)
"""Blocks of such scripts."""

FORWARD = re.compile("[LN](?:[LNS]*[LN])?")
BACKWARD = re.compile("R(?:[RMSO]*R)?")
"""Words and numbers within a line that runs the other way, in letters for the classes of their characters."""

CLASSES = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N", "ES": "S", "ET": "S", "CS": "S", "NSM": "M"}


def are_right_to_left(codes: Codes) -> Mask:
    """(n,): which characters are of such a script."""
    result = np.zeros(len(codes), dtype=np.bool_)
    for first, last in FROM_RIGHT:
        result |= (codes >= first) & (codes <= last)
    return result


def is_right_to_left(text: str) -> bool:
    """Whether most letters of ``text`` are of scripts that run from right to left."""
    classes = _classes(text)
    return classes.count("R") > classes.count("L")


def logical_order(text: str) -> list[int]:
    """The indices of the characters of ``text``, which is given as it stands from left to right, in reading order.

    That of the Unicode bidirectional algorithm (UAX #9) for one level of the other direction within a line.
    """
    from_right = is_right_to_left(text)
    indices = list(range(len(text)))
    if from_right:
        indices.reverse()
    classes = _classes("".join(text[index] for index in indices))
    for match in (FORWARD if from_right else BACKWARD).finditer(classes):
        start, end = match.span()
        indices[start:end] = indices[start:end][::-1]
    return indices


def _classes(text: str) -> str:
    return "".join(CLASSES.get(unicodedata.bidirectional(character), "O") for character in text)
