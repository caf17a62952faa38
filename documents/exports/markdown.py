"""Markdown: the text in paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from documents.transcript import Transcript, TranscriptPage

from .structure import blocks

SENTENCE_END = tuple("。！？!?.:：」』”）)")
FULL = 0.8
"""A line shorter than this part of its block's longest one may end a paragraph."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_LIST = re.compile(r"^(\d*)([.)+=-])")


def as_markdown(export: Transcript) -> str:
    """The whole text under its title, with a comment where a page begins. Headings are not guessed."""
    parts = [f"# {escaped(export.title)}"]
    for page in export.pages:
        parts += [f"<!-- page {page.number} -->", *_paragraphs(page)]
    return "\n\n".join(parts) + "\n"


def _paragraphs(page: TranscriptPage) -> Iterator[str]:
    if page.state != "done":
        yield f"*{escaped(page.text_or_notice)}*"
    for block in blocks(page.lines):
        for paragraph in joined([line.text.strip() for line in block]):
            yield escaped(paragraph)


def joined(lines: Sequence[str]) -> list[str]:
    """Lines as paragraphs: one ends where a sentence does and the line leaves room."""
    longest = max(map(width, lines), default=0)
    paragraphs: list[str] = []
    is_open = False
    for line in lines:
        if is_open:
            paragraphs[-1] = glued(paragraphs[-1], line)
        else:
            paragraphs.append(line)
        is_open = not (line.endswith(SENTENCE_END) and width(line) < FULL * longest)
    return paragraphs


def glued(above: str, below: str) -> str:
    """Two lines as one: no space beside Han characters, a hyphen at the end of a line undone."""
    if re.search(r"\w-$", above) and below[:1].islower():
        return above[:-1] + below
    return above + ("" if is_wide(above[-1]) or is_wide(below[0]) else " ") + below


def escaped(text: str) -> str:
    """``text`` so that Markdown shows it as it is."""
    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def width(line: str) -> int:
    """In half Han characters."""
    return sum(2 if is_wide(character) else 1 for character in line)


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
