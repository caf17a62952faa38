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
class ExportPage:
    """One page: its image size in pixels, its state, its lines in reading order, and what was corrected.

    ``corrected``: by line index, the text that a person wrote in place of what was read.
    """

    number: int
    width: int | None
    height: int | None
    state: str
    lines: Sequence[Line] = ()
    corrected: Mapping[int, str] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    seconds: float | None = None

    @property
    def text(self) -> str:
        return text_of(self.lines, self.corrected)


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


def text_of(lines: Sequence[Line], corrected: Mapping[int, str]) -> str:
    """A page's text as it holds now, one text line a line; a line that was corrected to nothing is left out."""
    texts = [corrected.get(index, line.text) for index, line in enumerate(lines)]
    return "\n".join(text for text in texts if text)


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
        "lines": [_line(page, index, line) for index, line in enumerate(page.lines)],
    }


def _line(page: ExportPage, index: int, line: Line) -> dict[str, Any]:
    corrected = page.corrected.get(index)
    return {
        "id": f"{page.number}-{index + 1}",
        "text": line.text if corrected is None else corrected,
        "raw": line.raw,
        "corrected": corrected,
        "confidence": round(line.confidence, 4),
        "polygon": [[round(x, 1), round(y, 1)] for x, y in line.polygon],
        "direction": line.direction,
    }


FORMATS = {
    "txt": (txt, "text/plain; charset=utf-8"),
    "json": (as_json, "application/json"),
}
"""By file suffix: the function that writes it, and its media type."""
