"""The tables of a document as CSV for spreadsheets and programs: one file for each, in a ZIP archive."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import BinaryIO

from documents.transcript import Transcript, TranscriptCell

from .csv_table import inert
from .flow import filled


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the archive: ``page-0003-table-1.csv`` and on. A document without tables gives an empty one.

    Files begin with a byte order mark, and text that a spreadsheet would compute has an apostrophe in front of it, as
    in ``csv_table``. Where a cell spans others, these are empty.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in export.pages:
            tables = [block.table for block in page.blocks if block.table is not None]
            for number, rows in enumerate(tables, start=1):
                archive.writestr(f"page-{page.number:04}-table-{number}.csv", _csv(rows))


def _csv(rows: Sequence[Sequence[TranscriptCell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([inert(text) for text in row] for row in filled(rows))
    return "\ufeff" + out.getvalue()
