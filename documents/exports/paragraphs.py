"""Paragraphs: the lines of a page joined to running text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import reduce

from documents.transcript import TranscriptLine

from .structure import blocks, length

SENTENCE_END = tuple("。！？!?.:：」』”）)")
FULL = 0.8
"""A line shorter than this part of its block's longest one may end a paragraph."""

_HYPHEN_AT_END = re.compile("[^\\W\\d_][-\u00ad\u2010]$")


def paragraphs(lines: Sequence[TranscriptLine]) -> list[str]:
    """The text of a page's lines, which are in reading order, one string a paragraph."""
    return [paragraph for block in blocks(lines) for paragraph in joined(block)]


def joined(lines: Sequence[TranscriptLine]) -> list[str]:
    """The lines of one block as paragraphs: one ends where a line leaves room, and a sentence ends with it.

    Where most lines leave room, they are no running text: those of a receipt, an address or a poem stay lines.
    """
    lines = [line for line in lines if line.text.strip()]
    lengths = [length(line) for line in lines]
    full = [each >= FULL * max(lengths) for each in lengths]
    runs_on = 2 * sum(full[:-1]) >= len(full[:-1])
    found: list[str] = []
    is_open = False
    for line, is_full in zip(lines, full, strict=True):
        text = line.text.strip()
        if is_open:
            found[-1] = glued(found[-1], text)
        else:
            found.append(text)
        is_open = runs_on and (is_full or not text.endswith(SENTENCE_END))
    return found


def running_text(lines: Sequence[TranscriptLine]) -> str:
    """All lines as one, those without a text left out."""
    return reduce(glued, (text for line in lines if (text := line.text.strip())), "")


def glued(above: str, below: str) -> str:
    """Two pieces of text as one: no space beside Han characters, a hyphen (soft ones too) at the end of one undone."""
    if not above:
        return below
    if _HYPHEN_AT_END.search(above) and below[:1].islower():
        return above[:-1] + below
    return above + ("" if is_unspaced(above[-1]) or is_unspaced(below[0]) else " ") + below


def width(line: str) -> int:
    """In half Han characters."""
    return sum(2 if is_wide(character) else 1 for character in line)


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def is_unspaced(character: str) -> bool:
    """Whether it belongs to a script without spaces between words; Hangul is wide, but has them."""
    return is_wide(character) and not unicodedata.name(character, "").startswith("HANGUL")
