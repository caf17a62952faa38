"""Whether the text of a PDF page can be what is written there, from the characters alone.

A font without a true character map gives private characters, rarities from all over Unicode, or letters in
an impossible mixture.
"""

from __future__ import annotations

import unicodedata
from functools import cache

MEANINGLESS_SHARE = 0.03
RARE_HAN_SHARE = 0.2
ACCENTED_SHARE = 0.3
FREQUENT_SHARE = 0.55
FREQUENT = frozenset("aeiounrstld")
"""Letters that make up three quarters of the text in most languages of Europe, and under half of a scrambled one."""

FIRST_LEVEL = {"big5": range(0xA4, 0xC7), "gb2312": range(0xB0, 0xD8), "shift_jis": range(0x88, 0x98)}
"""The leading bytes of the characters that each standard ranks first by frequency."""

SAMPLE = 100
"""Fewer characters than this say nothing about a mixture."""


def is_plausible(text: str) -> bool:
    """Whether ``text`` has any character, nearly all of them mean something, and they can stand together."""
    characters = [character for character in text if character > " "]
    if not characters:
        return False
    kinds = [_kind(character) for character in characters]
    if kinds.count("meaningless") > MEANINGLESS_SHARE * len(characters):
        return False
    rare, han = kinds.count("rare"), kinds.count("rare") + kinds.count("han")
    if rare > 3 and rare > RARE_HAN_SHARE * han:
        return False
    if len(characters) < SAMPLE:
        return True
    if kinds.count("accented") > ACCENTED_SHARE * len(characters):
        return False
    letters = [character for character in text.lower() if "a" <= character <= "z"]
    # A few names, formulas or commands on a Chinese page are no sample of a language.
    scrambled = sum(map(FREQUENT.__contains__, letters)) < FREQUENT_SHARE * len(letters)
    return not scrambled or len(letters) < len(characters) / 2


@cache
def _kind(character: str) -> str:
    if "\u3400" <= character <= "\u9fff":
        return "han" if _is_common(character) else "rare"
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
