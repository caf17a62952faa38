"""What is exported: one run of a document as a plain value, with its lines as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from recognition.page import Line

Version = Literal["corrected", "converted", "raw"]
"""Which of a line's three texts: as it stands now, as it was read, or as read before its script was converted."""


@dataclass(frozen=True)
class ExportLine:
    """One line as it stands. ``id`` names it within its run: page and number, "3-17".

    ``corrected``: what a person wrote in place of what was read; empty if they took the line away.
    """

    id: str
    line: Line
    corrected: str | None = None

    @property
    def text(self) -> str:
        return self.line.text if self.corrected is None else self.corrected

    def text_in(self, version: Version) -> str:
        return {"corrected": self.text, "converted": self.line.text, "raw": self.line.raw}[version]


@dataclass(frozen=True)
class ExportPage:
    """One page: its image size in pixels, its state, and its lines in the order in which they are to be read."""

    number: int
    width: int | None
    height: int | None
    state: str
    lines: Sequence[ExportLine] = ()
    error: Mapping[str, Any] | None = None
    seconds: float | None = None

    @property
    def text(self) -> str:
        return text_of(self.lines)


@dataclass(frozen=True)
class Export:
    """One run of one document, ready to be written out. ``id``: None outside the archive."""

    title: str
    sha256: str
    page_count: int
    options: Mapping[str, str]
    engine: Mapping[str, Any]
    pages: Sequence[ExportPage] = field(default_factory=list)
    id: str | None = None
    started: datetime | None = None
    seconds: float | None = None

    @property
    def text(self) -> str:
        """The whole text: one text line a line, an empty line between pages; a page without text says so."""
        return "\n\n".join(
            page.text if page.state == "done" else f"[page {page.number}: not read]" for page in self.pages
        )


def as_read(number: int, lines: Sequence[Line], corrected: Mapping[int, str] | None = None) -> list[ExportLine]:
    """The lines of page ``number`` in the order they were read, with what was corrected, by line index."""
    texts = corrected or {}
    return [ExportLine(f"{number}-{index + 1}", line, texts.get(index)) for index, line in enumerate(lines)]


def text_of(lines: Sequence[ExportLine], version: Version = "corrected") -> str:
    """A page's text, one text line a line; a line without text in this version is left out."""
    return "\n".join(text for line in lines if (text := line.text_in(version)))
