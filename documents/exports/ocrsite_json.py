"""JSON for other programs, by ``documents/schema/ocrsite-1.json``."""

from __future__ import annotations

import json
from typing import Any

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptLine, TranscriptPage
from recognition.geometry import BBox

from .paragraphs import running_text

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
        "checked": page.checked,
        "error": dict(page.error) if page.error else None,
        "text": page.text,
        "seconds": round(page.seconds, 3) if page.seconds is not None else None,
        "warnings": [dict(warning) for warning in page.warnings],
        "codes": [dict(code) for code in page.codes],
        "invoices": [invoice.to_dict() for invoice in page.invoices],
        "lines": [_line(line) for line in page.lines],
        "blocks": [as_block(block) for block in page.blocks],
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
        "checked": line.checked,
        "doubts": [
            {"index": doubt.index, "confidence": round(doubt.confidence, 2), "candidates": list(doubt.candidates)}
            for doubt in read.doubts
        ],
    }


def as_block(block: TranscriptBlock) -> dict[str, Any]:
    """A block as programs get it, here and from the API."""
    return {
        "id": block.id,
        "type": block.type,
        "box": _box(block.box),
        "lines": [line.id for line in block.lines],
        "table": {"rows": [[_cell(cell) for cell in row] for row in block.table]} if block.table is not None else None,
    }


def _cell(cell: TranscriptCell) -> dict[str, Any]:
    return {
        "text": running_text(cell.lines),
        "rowspan": cell.rowspan,
        "colspan": cell.colspan,
        "box": _box(cell.box),
        "lines": [line.id for line in cell.lines],
    }


def _box(box: BBox) -> list[float]:
    return [round(value, 1) for value in box]
