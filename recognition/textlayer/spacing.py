"""The spaces between the glyphs of a line, of which a PDF has too few, too many, or only the gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .glyphs import GUESSED_SPACE, NO_SPACE, SPACE

UNKNOWN = -1
"""The two glyphs do not follow each other in PDFium's order."""

FULL_GAP = 0.7
"""Of a size: between characters as wide as high this is a space without anybody saying so."""

SPACED_GAP = 0.2
"""Between them, a space in the file that leaves less than this is none."""

MIXED_GAP = 0.2
"""Between such a character and a narrow one, where PDFium guesses a space."""

NARROW_GAPS = {GUESSED_SPACE: 0.1, UNKNOWN: 0.18, NO_SPACE: 0.5}
"""Between narrow ones."""

LETTERS = re.compile("[\u3005-\u3007\u3041-\u30ff\u3105-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
"""What is spread by spaces: Han characters, kana, bopomofo."""

ENDS_LABEL = "：:（("


def separators(text: str, wide: Sequence[bool], gaps: Sequence[float], spaces: Sequence[int]) -> list[str]:
    """What stands before each character of a line: nothing, a space or an ideographic space.

    ``wide``: which are as wide as high. ``gaps``: before each, in sizes. ``spaces``: see ``Glyphs.spaces``, or UNKNOWN.
    """
    found = [_separator(wide[k - 1] + wide[k], gaps[k], spaces[k]) if k else "" for k in range(len(text))]
    for match in LETTERS.finditer(text):
        start, end = match.span()
        if _is_spread(text, start, end, found[start + 1 : end]):
            found[start + 1 : end] = [""] * (end - start - 1)
    return found


def _separator(wide: int, gap: float, space: int) -> str:
    if wide == 2:
        if gap >= FULL_GAP:
            return "\u3000"
        return " " if space == SPACE and gap >= SPACED_GAP else ""
    if space == SPACE:
        return " "
    if wide == 1 and space != NO_SPACE:
        return " " if gap >= MIXED_GAP else ""
    return " " if gap >= NARROW_GAPS[space] else ""


def _is_spread(text: str, start: int, end: int, found: Sequence[str]) -> bool:
    """Whether spaces only spread the characters of a title or a label (統　一　編　號)."""
    if not found or not all(found):
        return False
    is_label = start == 0 and (end == len(text) or text[end] in ENDS_LABEL)
    return len(found) > 1 or is_label
