"""What a text shows of where it begins and ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .boxes import Floats

ENDINGS = "。．.!?！？」』”…；;：:"
STARTERS = "•·‧●○■□◆◇▪▸►-–—*※"
TICK_BOXES = "□☐○◯▢◻❏❑☑☒"
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


INNER = re.compile(r"[，。、；：？！,;:?!．]|[^\W\d_]{3}\. ")


def is_punctuated(raw: str) -> bool:
    """Whether there is punctuation inside of a text, as there is in prose."""
    return bool(INNER.search(raw[1:-1]))


BROKEN = re.compile(r"[^\W\d_]{2}[-\u00ad\u2010¬]$")


def goes_on_in(raw: str, after: str) -> bool:
    """Whether a word that is broken at the end of a text may go on at the head of the one ``after`` it."""
    return bool(BROKEN.search(raw)) and after[:1].islower()


NARROW, BROAD = set(" .,;:'!|()[]-/ijltfrI"), set("mwMW@%—")


@lru_cache(maxsize=4096)
def ems(raw: str) -> float:
    """About how long a text is, in sizes of its type."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in raw)
    narrow, broad = sum(char in NARROW for char in raw), sum(char in BROAD for char in raw)
    capitals = sum(char.isupper() and char not in BROAD and char not in NARROW for char in raw)
    return wide + 0.3 * narrow + 0.85 * broad + 0.67 * capitals + 0.5 * (len(raw) - wide - narrow - broad - capitals)


LEADER = re.compile(r"[.…‥·・─—]{3}|…{2}")


def has_leader(raw: str) -> bool:
    """Whether dots or dashes lead on from an entry to its number."""
    return bool(LEADER.search(raw))


DOTS = (
    re.compile(r"(?:[.．·・。]{2,}|…|‥|(?<=[^\x00-\x7f])\.)\s*$"),
    re.compile(r"^\s*(?:[.．·・。]{2,}|…|‥|\.(?=\D))"),
)
"""Dots at the end of an entry and at the beginning of what they lead to; after a Han character one is enough."""

QUANTITY = re.compile(r"\W*\d[\d.,/]*\s*(?:[a-z]{1,6}|[^\W\da-z]{1,2})\W*", re.I)
"""A number and its unit."""

VALUE, ENTRY, LED = range(3)
"""The columns of ``list_cues``: the text is a price, a date or another number, with at least half of it, punctuation
aside, in digits, or but a unit after them; dots lead from it to something; dots have led to it."""


@lru_cache(maxsize=4096)
def list_cues(raw: str) -> tuple[bool, bool, bool]:
    counted = [char.isdigit() for char in raw if char.isalnum()]
    value = bool(counted) and (2 * sum(counted) >= len(counted) or bool(QUANTITY.fullmatch(raw)))
    return value, bool(DOTS[0].search(raw)), bool(DOTS[1].search(raw))


NUMBER = re.compile(r"\D?(\d{1,4})(?!\d)")


def numbers(raws: Sequence[str]) -> Floats:
    """(n,): the number with which each text begins, alone or after one character such as a bracket; NaN for none."""
    found = (NUMBER.match(raw) for raw in raws)
    return np.array([float(match[1]) if match else np.nan for match in found])


def initials(raws: Sequence[str]) -> Floats:
    """(n,): the place of the first two letters of each text in the alphabet; NaN where it begins with no Latin ones."""
    heads = (raw[:2].casefold() for raw in raws)
    return np.array([_place(head) if head.isascii() and head[:1].isalpha() else np.nan for head in heads])


def _place(head: str) -> float:
    second = head[1:2]
    return (ord(head[0]) - ord("a")) * 27 + (ord(second) - ord("a") + 1 if second.isalpha() else 0)
