"""DOCX: headings, paragraphs, lists and tables for word processors; pages of vertical text in vertical sections."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import BinaryIO

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.text.paragraph import Paragraph

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptPage

from .flow import MARGINAL, is_vertical_page, parts, size, spots, texts
from .structure import xml_safe

EAST_ASIAN = "Noto Serif CJK TC"
STYLES = {"caption": "Caption", "sidebar": "Quote", "list": "List Paragraph"}
"""Of paragraphs, by kind of block, as the template names them; others are plain."""

TITLE_LENGTH = 255
"""Characters that the properties of a document hold in its title."""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes one document: its title, then the pages, each on a new page. A page that was not read says so."""
    document = docx.Document()
    document.core_properties.title = xml_safe(export.title)[:TITLE_LENGTH]
    document.core_properties.author = ""
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), EAST_ASIAN)
    document.add_heading(xml_safe(export.title), level=0)
    vertical = False
    for number, page in enumerate(export.pages):
        if is_vertical_page(page) != vertical:
            vertical = not vertical
            _turn(document.add_section(WD_SECTION.NEW_PAGE), vertical)
        elif number:
            document.add_page_break()  # type: ignore[no-untyped-call]
        _page(document, page)
    packed = io.BytesIO()
    document.save(packed)
    _copy_undated(packed, out)


def _copy_undated(source: io.BytesIO, out: BinaryIO) -> None:
    """Copies a ZIP archive without the times of its entries, so that the same text gives the same bytes."""
    with zipfile.ZipFile(source) as packed, zipfile.ZipFile(out, "w") as archive:
        for name in packed.namelist():
            archive.writestr(zipfile.ZipInfo(name), packed.read(name), zipfile.ZIP_DEFLATED)


def _turn(section: Section, vertical: bool) -> None:
    """Has the text of ``section`` run downwards, its lines from right to left, on a page that is wide; or not."""
    for element in section._sectPr.findall(qn("w:textDirection")):
        section._sectPr.remove(element)
    if vertical:
        direction = OxmlElement("w:textDirection")
        direction.set(qn("w:val"), "tbRl")
        later = ("w:bidi", "w:rtlGutter", "w:docGrid", "w:printerSettings")
        section._sectPr.insert_element_before(direction, *later)  # type: ignore[arg-type]  # lxml has two names for it
    wide, narrow = sorted((section.page_width or 0, section.page_height or 0), reverse=True)
    section.orientation = WD_ORIENT.LANDSCAPE if vertical else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (wide, narrow) if vertical else (narrow, wide)  # type: ignore[assignment]


def _page(document: Document, page: TranscriptPage) -> None:
    if page.state != "done":
        document.add_paragraph(xml_safe(page.text_or_notice))
    for block in parts(page):
        if block.table is not None:
            _table(document, block.table)
        else:
            _paragraphs(document, block)


def _paragraphs(document: Document, block: TranscriptBlock) -> None:
    for text in texts(block) or ([f"[{block.id}]"] if block.type == "figure" else []):
        if block.type == "title":
            document.add_heading(xml_safe(text), level=1)
        else:
            paragraph = document.add_paragraph(xml_safe(text), style=STYLES.get(block.type))
            if block.type in MARGINAL:
                _make_small(paragraph)


def _make_small(paragraph: Paragraph) -> None:
    for run in paragraph.runs:
        run.font.size = docx.shared.Pt(8)


def _table(document: Document, rows: Sequence[Sequence[TranscriptCell]]) -> None:
    height, width = size(rows)
    if not width:
        return
    table = document.add_table(rows=height, cols=width, style="Table Grid")
    for spot in spots(rows):
        cell = table.cell(spot.row, spot.column)
        if spot.spans:
            cell = cell.merge(table.cell(spot.row + spot.cell.rowspan - 1, spot.column + spot.cell.colspan - 1))
        cell.text = xml_safe(spot.text)
    document.add_paragraph()  # two tables without anything between them become one
