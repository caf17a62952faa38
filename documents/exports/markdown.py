"""Markdown: the text in paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents.transcript import Transcript, TranscriptPage

from .paragraphs import paragraphs

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
    yield from map(escaped, paragraphs(page.lines))


def escaped(text: str) -> str:
    """``text`` so that Markdown shows it as it is."""
    return _LIST.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))
