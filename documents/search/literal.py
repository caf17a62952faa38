"""Literal search: where a text has exactly these characters, or characters that somebody takes for the same.

Nothing is taken for the same that was not asked for; unlike the search index, this knows no words and no line ends.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from recognition.convert import simplest_form

from .text import Span

COMBINING_MARKS = frozenset("\u3099\u309a\uff9e\uff9f")
"""Of kana; Unicode does not give all of them a combining class."""


@dataclass(frozen=True)
class Literal:
    """What is looked for. ``ignore_case``: a is A. ``ignore_width``: Ａ is A, and ， is a comma (U+FF00 to U+FFEF).

    ``ignore_script``: 臺 is 台, that is, both have the same simplified form.
    """

    text: str
    ignore_case: bool = False
    ignore_width: bool = False
    ignore_script: bool = False

    def __contains__(self, text: str) -> bool:
        """Whether ``text`` may have it; only ``spans`` knows for certain."""
        return self._wanted in text.translate(self._folding)

    def spans(self, text: str) -> list[Span]:
        """Where ``text`` has it: from its front, none overlapping, and none that cuts a character in two."""
        pieces = [character.translate(self._folding) for character in text]
        starts = {}
        place = 0
        for index, piece in enumerate(pieces):
            starts[place] = index
            place += len(piece)
        starts[place] = len(text)
        folded = "".join(pieces)
        found = []
        place = folded.find(self._wanted) if self._wanted else -1
        while place >= 0:
            end = place + len(self._wanted)
            whole = place in starts and end in starts and not _is_combining(text[starts[end] : starts[end] + 1])
            if whole:
                found.append((starts[place], starts[end]))
            place = folded.find(self._wanted, end if whole else place + 1)
        return found

    @cached_property
    def _folding(self) -> _Folding:
        return _folding(self.ignore_case, self.ignore_width, self.ignore_script)

    @cached_property
    def _wanted(self) -> str:
        return self.text.translate(self._folding)


class _Folding(dict[int, str]):
    """A table for ``str.translate`` that fills itself."""

    def __init__(self, *, case: bool, width: bool, script: bool) -> None:
        super().__init__()
        self._case, self._width, self._script = case, width, script

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if self._width and (0xFF00 <= code <= 0xFFEF or code == 0x3000):
            character = unicodedata.normalize("NFKC", character)
        if self._script and len(character) == 1:
            character = simplest_form(character)
        if self._case:
            character = character.casefold()
        self[code] = character
        return character


@lru_cache
def _folding(case: bool, width: bool, script: bool) -> _Folding:
    return _Folding(case=case, width=width, script=script)


def _is_combining(character: str) -> bool:
    return character != "" and (character in COMBINING_MARKS or unicodedata.combining(character) != 0)
