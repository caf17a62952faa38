"""The formats there are. Whoever offers or writes exports asks ``FORMATS``, so that a new one shows up everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.transcript import Transcript

from . import alto, csv_tables, hocr, page_xml, web_page
from .chunks import as_json_lines, as_markdown_chunks
from .csv_table import as_csv
from .markdown import as_markdown
from .ocrsite_json import as_json
from .plain_text import txt


@dataclass(frozen=True)
class Format:
    """One kind of file. ``extension``: what its file names end in, without the dot. ``write``: writes an export
    into a file open for binary writing."""

    extension: str
    label: str | Promise
    media_type: str
    write: Callable[[Transcript, BinaryIO], None]


def write_pdf(export: Transcript, out: BinaryIO) -> None:
    from . import searchable_pdf  # its libraries are heavy, and most processes never write a PDF

    searchable_pdf.write(export, out)


def write_docx(export: Transcript, out: BinaryIO) -> None:
    from . import word_document

    word_document.write(export, out)


def write_xlsx(export: Transcript, out: BinaryIO) -> None:
    from . import workbook

    workbook.write(export, out)


def write_lines(export: Transcript, out: BinaryIO) -> None:
    from . import ground_truth

    ground_truth.write(export, out)


def encoded(compose: Callable[[Transcript], str]) -> Callable[[Transcript, BinaryIO], None]:
    """The writer of a format that is one string, in UTF-8."""

    def write(export: Transcript, out: BinaryIO) -> None:
        out.write(compose(export).encode())

    return write


OFFICE = "application/vnd.openxmlformats-officedocument"

FORMATS = {
    "txt": Format("txt", _("Plain text"), "text/plain; charset=utf-8", encoded(txt)),
    "pdf": Format("pdf", _("Searchable PDF"), "application/pdf", write_pdf),
    "md": Format("md", _("Markdown"), "text/markdown; charset=utf-8", encoded(as_markdown)),
    "docx": Format("docx", _("Word document"), f"{OFFICE}.wordprocessingml.document", write_docx),
    "xlsx": Format("xlsx", _("Excel workbook of tables"), f"{OFFICE}.spreadsheetml.sheet", write_xlsx),
    "html": Format("html", _("Web page"), "text/html; charset=utf-8", web_page.write),
    "tables": Format("tables.zip", _("CSV files of tables"), "application/zip", csv_tables.write),
    "chunks": Format("chunks.jsonl", _("Chunks for retrieval"), "application/x-ndjson", encoded(as_json_lines)),
    "chunks_md": Format(
        "chunks.md", _("Chunks in Markdown"), "text/markdown; charset=utf-8", encoded(as_markdown_chunks)
    ),
    "csv": Format("csv", _("CSV table of lines"), "text/csv; charset=utf-8", encoded(as_csv)),
    "json": Format("json", _("JSON for programs"), "application/json", encoded(as_json)),
    "hocr": Format("hocr", "hOCR", "application/xhtml+xml", hocr.write),
    "alto": Format("alto.xml", "ALTO XML", "application/xml", alto.write),
    "page": Format("page.zip", "PAGE XML", "application/zip", page_xml.write),
    "lines": Format("lines.zip", _("Line pictures and texts for training"), "application/zip", write_lines),
}
"""By the name that addresses, the command line and programs use."""
