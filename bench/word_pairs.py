"""Make the filter of pairs of Chinese characters that stand in words (``recognition.textlayer.word_pairs``).

    python -m bench.word_pairs DICTIONARY [--out recognition/textlayer/word_pairs.bin]

DICTIONARY: words with their frequencies, one a line, as ``jieba/dict.txt`` of the package jieba 0.42.1 (MIT) has them.
Its words are in Simplified characters; those of Taiwan come from OpenCC.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
from opencc import OpenCC

from recognition.textlayer.word_pairs import FILTER, PLACES, SIZE, are_han, places_of

PAIRS = 40_000
"""So many of the most frequent pairs. Twice as many make a false text seem twice as true, and a true one by a fifth."""


def frequent_pairs(words: Iterable[tuple[str, int]]) -> list[str]:
    """The most frequent pairs of Han characters in ``words`` (each with its frequency), in both scripts."""
    known = [(word, frequency) for word, frequency in words if len(word) > 1]
    taiwan = OpenCC("s2tw").convert("\n".join(word for word, _ in known)).split("\n")
    counts = Counter[str]()
    for (word, frequency), converted in zip(known, taiwan, strict=True):
        for form in {word, converted}:
            for pair in pairwise(form):
                counts["".join(pair)] += frequency
    han = (pair for pair, _ in counts.most_common() if are_han(np.array([*map(ord, pair)], dtype=np.uint32)).all())
    return [pair for pair, _ in zip(han, range(PAIRS), strict=False)]


def filter_of(pairs: Iterable[str]) -> bytes:
    """The bits that ``are_in_words`` asks for."""
    bits = np.zeros(SIZE, dtype=np.bool_)
    codes = np.array([[*map(ord, pair)] for pair in pairs], dtype=np.uint32)
    bits[places_of(codes[:, 0], codes[:, 1]).reshape(-1)] = True
    return np.packbits(bits).tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.word_pairs", description=__doc__)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("--out", type=Path, default=FILTER)
    arguments = parser.parse_args()
    lines = (line.split() for line in arguments.dictionary.read_text(encoding="utf-8").splitlines())
    arguments.out.write_bytes(filter_of(frequent_pairs((word, int(frequency)) for word, frequency, *_ in lines)))
    sys.stdout.write(f"{arguments.out}: {arguments.out.stat().st_size} bytes, {PLACES} places a pair\n")


if __name__ == "__main__":
    main()
