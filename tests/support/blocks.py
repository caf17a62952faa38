"""The blocks of a document as they stand."""

from __future__ import annotations

from documents.models import Document
from documents.transcript import TranscriptBlock
from tests.support.documents import result_of


def blocks_of(document: Document) -> list[TranscriptBlock]:
    result = result_of(document)
    return list(result.transcript(result.edits()).blocks)


def grid(document: Document) -> list[list[str]]:
    (table,) = (block.table for block in blocks_of(document) if block.table)
    return [[" ".join(line.text for line in cell.lines) for cell in row] for row in table]
