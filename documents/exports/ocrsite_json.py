"""JSON for other programs, by ``documents/schema/ocrsite-1.json``."""

from __future__ import annotations

import json
from typing import Any

from documents.transcript import Transcript, TranscriptLine, TranscriptPage

SCHEMA = "ocrsite/1"


def as_json(export: Transcript) -> str:
    """The export as JSON, readable by people too."""
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


def _page(page: TranscriptPage) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "state": page.state,
        "error": dict(page.error) if page.error else None,
        "text": page.text,
        "seconds": round(page.seconds, 3) if page.seconds is not None else None,
        "warnings": [dict(warning) for warning in page.warnings],
        "lines": [_line(line) for line in page.lines],
    }


def _line(line: TranscriptLine) -> dict[str, Any]:
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
