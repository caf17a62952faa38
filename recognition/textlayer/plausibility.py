"""Whether the text of a PDF page can be what is written there, from the characters alone.

A font without a true character map gives private characters, rarities from all over Unicode, or letters in
an impossible mixture.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import cache

import numpy as np

from recognition.scripts import is_basic_han

from .glyphs import Codes, Mask

MEANINGLESS_SHARE = 0.03
RARE_HAN_SHARE = 0.2
ACCENTED_SHARE = 0.3
FREQUENT_SHARE = 0.5
FREQUENT = "aeiounrstld"
"""Letters that make up three quarters of the text in most languages of Europe, and under half of a scrambled one."""

FIRST_LEVEL = {"big5": range(0xA4, 0xC7), "gb2312": range(0xB0, 0xD8), "shift_jis": range(0x88, 0x98)}
"""The leading bytes of the characters that each standard ranks first by frequency."""

PRIVATE = (0xE000, 0xEFFF), (0xF100, 0xF8DF), (0xF0000, 0x10FFFF)
"""Code points without a meaning of their own, but for those of symbol fonts and of parts of large brackets."""

STRAY_SHARE = 0.2
STRAY_LETTERS = range(0x180, 0x250)
USED_LETTERS = frozenset("ƏƠơƯưǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǦǧǪǫǸǹǺǻǼǽǾǿȘșȚț")
"""Of these letters only few are used by a language with many readers: Vietnamese, Pinyin, Romanian, Azerbaijani."""

SAMPLE = 100
"""Fewer characters than this say nothing about a mixture."""


def is_plausible(text: str) -> bool:
    """Whether ``text`` has any character, nearly all of them mean something, and they can stand together."""
    characters = Counter(text)
    kinds = Counter[str]()
    for character, count in characters.items():
        kinds[_kind(character)] += count
    total = kinds.total() - kinds["space"]
    if not total or kinds["meaningless"] > MEANINGLESS_SHARE * total:
        return False
    if kinds["stray"] > max(3, STRAY_SHARE * total):
        return False
    if kinds["rare"] > max(3, RARE_HAN_SHARE * (kinds["rare"] + kinds["han"])):
        return False
    if total < SAMPLE:
        return True
    if kinds["accented"] > ACCENTED_SHARE * total:
        return False
    frequent = sum(characters[letter] + characters[letter.upper()] for letter in FREQUENT)
    # A few names, formulas or commands on a Chinese page are no sample of a language.
    return frequent > FREQUENT_SHARE * kinds["letter"] or kinds["letter"] < total / 2


def are_private(codes: Codes) -> Mask:
    """(n,): of which characters nobody can tell the meaning."""
    result = np.zeros(len(codes), dtype=np.bool_)
    for first, last in PRIVATE:
        result |= (codes >= first) & (codes <= last)
    return result


@cache
def _kind(character: str) -> str:
    if character <= " ":
        return "space"
    if character.isascii() and character.isalpha():
        return "letter"
    if is_basic_han(character):
        return "han" if _is_common(character) else "rare"
    if ord(character) in STRAY_LETTERS and character not in USED_LETTERS:
        return "stray"
    if unicodedata.category(character) in ("Cn", "Co", "Cs", "Cc") or character == "\ufffd":
        return "meaningless"
    return "accented" if "\u0080" <= character <= "\u00ff" else "other"


def _is_common(han: str) -> bool:
    """Whether Taiwan, China or Japan count it among their characters of the first level."""
    for encoding, first_level in FIRST_LEVEL.items():
        encoded = han.encode(encoding, errors="replace")
        if encoded[0] in first_level:
            return True
    return False
