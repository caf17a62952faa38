"""Names as people write them."""

from __future__ import annotations

import unicodedata

JOINERS = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))
"""Invisible by themselves, they make one picture of several emoji."""


def without_controls(text: str) -> str:
    """``text`` composed, without what changes the direction or look of what is around it; spaces and breaks stay.

    Characters that this Python does not know yet are kept, among them the newest Han characters, and so are those of
    private use, with which offices write names. Empty if nothing visible is left.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(character for character in composed if character.isspace() or _is_text(character))
    return "" if all(character in JOINERS or character.isspace() for character in kept) else kept


def _is_text(character: str) -> bool:
    code = ord(character)
    no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return character in JOINERS or not (no_character or unicodedata.category(character) in {"Cc", "Cf", "Cs"})
