"""Which pairs of neighbouring Chinese characters stand in words.

A third of the pairs of a true text do, however short; of a text in which characters stand for others, one in a hundred.
The pairs are in a Bloom filter, which errs for one pair in a hundred. ``bench.word_pairs`` makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from .glyphs import Codes, Integers, Mask

FILTER = Path(__file__).with_name("word_pairs.bin")
SIZE = 2**19
PLACES = 3
"""Bits of the filter, and how many of them each pair has."""

_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def are_in_words(first: Codes, second: Codes) -> Mask:
    """(n,): of which pairs of Han characters this is so. ``first``, ``second``: (n,) their code points."""
    return np.asarray(_bits()[places_of(first, second)].all(axis=1))


def are_han(codes: Codes) -> Mask:
    """(n,): which are the Han characters that dictionaries have."""
    return np.asarray((codes >= 0x4E00) & (codes <= 0x9FFF))


def places_of(first: Codes, second: Codes) -> Integers:
    """(n, PLACES): the bits of each pair."""
    pairs = (first.astype(np.uint64) << np.uint64(16)) | second.astype(np.uint64)
    mixed = pairs[:, None] * _FACTORS  # modulo 2**64
    return ((mixed >> np.uint64(40)) % np.uint64(SIZE)).astype(np.intp)


@cache
def _bits() -> Mask:
    return np.unpackbits(np.frombuffer(FILTER.read_bytes(), dtype=np.uint8)).astype(np.bool_)
