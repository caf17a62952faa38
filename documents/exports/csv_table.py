"""CSV for spreadsheets: one row for each line."""

from __future__ import annotations

import csv
import io

from documents.transcript import Transcript, TranscriptLine

COLUMNS = ["page", "line", "text", "read", "corrected", "confidence", "direction"]
CORNERS = ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4"]

# What makes a spreadsheet take a cell for a formula, in full width too, as Excel understands it in East Asia.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def as_csv(export: Transcript) -> str:
    """A table with a head, by RFC 4180. It begins with a byte order mark, without which Excel garbles Chinese.

    Text that a spreadsheet would compute has an apostrophe in front of it. ``read``: before its script was converted.
    """
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([*COLUMNS, *CORNERS])
    for page in export.pages:
        if page.state != "done":
            rows.writerow([page.number, "", page.text_or_notice])
        for line in page.lines:
            rows.writerow([page.number, *_cells(line)])
    return "\ufeff" + out.getvalue()


def _cells(line: TranscriptLine) -> list[str | float]:
    corrected = "" if line.corrected is None else inert(line.corrected)
    corners = [round(number, 1) for corner in line.line.polygon for number in corner]
    return [
        line.id,
        inert(line.text),
        inert(line.line.raw),
        corrected,
        round(line.line.confidence, 4),
        line.line.direction,
        *corners,
    ]


def inert(text: str) -> str:
    """``text`` as a cell that nobody computes."""
    return f"'{text}" if text.startswith(FORMULAS) else text
