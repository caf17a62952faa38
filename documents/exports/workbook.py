"""XLSX: a workbook with one sheet for each table, every cell a text as it stands on the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from documents.transcript import Transcript, TranscriptCell

from .flow import size, spots
from .paragraphs import width
from .structure import xml_safe

LONGEST = 32_767
"""Characters that a cell of a worksheet holds; what is longer is whole on the sheet of lines."""

WIDEST = 60
"""Columns are not wider, in half Han characters; longer text is wrapped."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the tables of all pages, and the lines of text by page on a last sheet.

    Nothing is taken for a number, a date or a formula: 00123 and 1E5 stay as they are.
    """
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False})
    book.set_properties(
        {"title": xml_safe(export.title)[:255], "created": export.started or datetime(2000, 1, 1, tzinfo=UTC)}
    )
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for page in export.pages:
        tables = [block.table for block in page.blocks if block.table is not None]
        for number, rows in enumerate(tables, start=1):
            _table(book.add_worksheet(f"p{page.number} table {number}"), rows, text)
    _lines(book.add_worksheet("text"), export, text)
    book.close()


def _table(sheet: Worksheet, rows: Sequence[Sequence[TranscriptCell]], form: Format) -> None:
    _, columns = size(rows)
    widths = [4] * columns
    for spot in spots(rows):
        last_row, last_column = spot.row + spot.cell.rowspan - 1, spot.column + spot.cell.colspan - 1
        if spot.spans:
            sheet.merge_range(spot.row, spot.column, last_row, last_column, "", form)
        else:
            widths[spot.column] = max(widths[spot.column], min(WIDEST, width(spot.text) + 2))
        sheet.write_string(spot.row, spot.column, xml_safe(spot.text)[:LONGEST], form)
    for column, wide in enumerate(widths):
        sheet.set_column(column, column, wide)


def _lines(sheet: Worksheet, export: Transcript, form: Format) -> None:
    row = 0
    for page in export.pages:
        found = [line.text for line in page.lines if line.text] if page.state == "done" else [page.text_or_notice]
        for text in found:
            sheet.write_number(row, 0, page.number)
            for start in range(0, len(text), LONGEST):
                sheet.write_string(row, 1 + start // LONGEST, xml_safe(text[start : start + LONGEST]), form)
            row += 1
    sheet.set_column(1, 1, WIDEST * 1.5)
