"""What a text shows of where it begins and ends."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np

ENDINGS = "。．.!?！？」』”…；;：:"
STARTERS = "•·‧●○■□◆◇▪▸►-–—*※"
ORDINALS = "一二三四五六七八九十第"

END, COMMA, LOWER, MARKED, WIDE, DIGITS, LATIN, NUMBERED, PUNCTUATED, LENGTH, DIGIT_LAST, LETTER_LAST = range(12)
"""The columns of ``cues``: the text ends a sentence, or a clause; it begins with a small letter, or a mark; shares of
wide characters, digits and letters; it begins with a number, or with punctuation; the logarithm of its length; it ends
with a digit, or a letter."""


@lru_cache(maxsize=4096)
def cues(raw: str) -> tuple[float, ...]:
    if not raw:
        return (0.0,) * 12
    head, tail = raw[0], raw[-1]
    digits = sum(c.isdigit() for c in raw)
    latin = sum(c.isascii() and c.isalpha() for c in raw)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in raw)
    return (
        float(tail in ENDINGS),
        float(tail in ",，、-"),
        float(head.islower()),
        float(head in STARTERS or head in "（(【「『“〔["),
        wide / len(raw),
        digits / len(raw),
        latin / len(raw),
        float(head.isdigit() or head in ORDINALS),
        float(unicodedata.category(head)[0] == "P"),
        float(np.log(len(raw))),
        float(tail.isdigit()),
        float(tail.isalpha()),
    )
