"""What people and programs can take away: one pure function for each format.

Nothing here knows requests, storage or where the pages come from: the web builds an ``Export`` from
the database, the command line from what the pipeline has just read, and both get the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from recognition.page import Line

SCHEMA = "ocrsite/1"


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


def text_of(lines: Sequence[ExportLine]) -> str:
    """A page's text as it holds now, one text line a line; a line that was corrected to nothing is left out."""
    return "\n".join(line.text for line in lines if line.text)


def txt(export: Export) -> str:
    """The whole text, ending in a line break."""
    return export.text + "\n"


def as_json(export: Export) -> str:
    """The export as JSON by ``documents/schema/ocrsite-1.json``, readable by people too."""
    data = {
        "schema": SCHEMA,
        "document": {
            "id": export.id,
            "title": export.title,
            "sha256": export.sha256,
            "pages": export.page_count,
        },
        "run": {
            "options": dict(export.options),
            "engine": dict(export.engine),
            "started": export.started.isoformat() if export.started else None,
            "seconds": round(export.seconds, 3) if export.seconds is not None else None,
        },
        "text": export.text,
        "pages": [_page(page) for page in export.pages],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _page(page: ExportPage) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "state": page.state,
        "error": dict(page.error) if page.error else None,
        "text": page.text,
        "seconds": round(page.seconds, 3) if page.seconds is not None else None,
        "lines": [_line(line) for line in page.lines],
    }


def _line(line: ExportLine) -> dict[str, Any]:
    read = line.line
    return {
        "id": line.id,
        "text": line.text,
        "raw": read.raw,
        "corrected": line.corrected,
        "confidence": round(read.confidence, 4),
        "polygon": [[round(x, 1), round(y, 1)] for x, y in read.polygon],
        "direction": read.direction,
    }


FORMATS = {
    "txt": (txt, "text/plain; charset=utf-8"),
    "json": (as_json, "application/json"),
}
"""By file suffix: the function that writes it, and its media type."""
