"""Which fonts of a page may have a false map that gives readable characters: letters or Han that stand for others.

Characters alone cannot prove it: part numbers and lists of names look alike. So these fonts are only named, for a look
at the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .glyphs import Codes, Glyphs, Mask
from .lines import LayerLine
from .plausibility import FREQUENT
from .word_pairs import are_han, are_in_words

PAIRS = 16
IN_WORDS = 0.15
"""A font with so many pairs of Han characters is suspicious if a smaller part of them stands in words. Of a text of our
time 0.2 to 0.5 do, of verse and names less; of one whose characters are exchanged among themselves 0.1 at most."""

LETTERS = 24
FREQUENT_SHARE = 0.55
"""A font with so many letters is suspicious if a smaller part of them is frequent ones: of the languages of Europe 0.7
or more, of English with each letter replaced by the next one 0.44."""

_FREQUENT = np.array([ord(letter) for each in FREQUENT for letter in (each, each.upper())], dtype=np.uint32)


def suspects(glyphs: Glyphs, lines: Sequence[LayerLine]) -> tuple[tuple[int, ...], ...]:
    """For each font that may have a false map, which of ``lines`` are mostly in it, the longest first."""
    if not lines:
        return ()
    members = np.concatenate([found.members for found in lines])
    numbers = np.repeat(np.arange(len(lines)), [len(found.members) for found in lines])
    codes, fonts = glyphs.codes[members], glyphs.fonts[members]
    together = (numbers[1:] == numbers[:-1]) & (fonts[1:] == fonts[:-1])
    found = []
    for font in np.unique(fonts):
        own = fonts == font
        if not _is_suspicious(codes, own, together & own[1:]):
            continue
        counts = np.bincount(numbers[own], minlength=len(lines))
        mostly = np.flatnonzero(2 * counts > np.bincount(numbers, minlength=len(lines)))
        found.append(tuple(mostly[np.argsort(-counts[mostly], kind="stable")].tolist()))
    return tuple(each for each in found if each)


def _is_suspicious(codes: Codes, own: Mask, together: Mask) -> bool:
    """Whether characters are in disorder. ``own``: (n,) those of one font; ``together``: (n - 1,) which of them follow
    each other in a line."""
    han = are_han(codes)
    pairs = np.flatnonzero(together & han[:-1] & han[1:])
    if len(pairs) >= PAIRS and are_in_words(codes[pairs], codes[pairs + 1]).mean() < IN_WORDS:
        return True
    letters = codes[own]
    letters = letters[(letters | 0x20 >= ord("a")) & (letters | 0x20 <= ord("z"))]
    return len(letters) >= LETTERS and bool(np.isin(letters, _FREQUENT).mean() < FREQUENT_SHARE)
