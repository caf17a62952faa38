"""hOCR 1.2: a web page that browsers show, with the places of blocks, lines, words and characters in its titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptBlock, TranscriptLine, TranscriptPage
from recognition.geometry import Point, corners
from recognition.page import BlockType

from .flow import shown, spots
from .geometry import box, on_page
from .structure import is_vertical, words, xml_safe

CLASSES: dict[BlockType, str] = {
    "title": "ocr_carea",
    "text": "ocr_carea",
    "list": "ocr_carea",
    "table": "ocr_table",
    "figure": "ocr_image",
    "caption": "ocr_caption",
    "header": "ocr_header",
    "footer": "ocr_footer",
    "page-number": "ocr_pageno",
    "footnote": "ocr_textfloat",
    "sidebar": "ocr_textfloat",
    "seal": "ocr_textfloat",
}
"""Of blocks; a title is told by its heading."""

CAPABILITIES = " ".join(
    [
        "ocr_page",
        *sorted(set(CLASSES.values())),
        "ocr_section ocr_par ocr_line ocrx_word ocrx_cinfo ocrp_poly ocrp_wconf",
    ]
)


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes one XHTML file for all pages. A page that was not read says so."""
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration(doctype="<!DOCTYPE html>")
        with file.element("html", nsmap={None: "http://www.w3.org/1999/xhtml"}):
            file.write(_head(export))
            with file.element("body"):
                for page in export.pages:
                    file.write(_page(page))


def _head(export: Transcript) -> etree._Element:
    head = etree.Element("head")
    etree.SubElement(head, "title").text = xml_safe(export.title)
    etree.SubElement(head, "meta", charset="utf-8")
    for name, content in {
        "ocr-system": f"ocrsite {export.engine.get('model', '')}".strip(),
        "ocr-capabilities": CAPABILITIES,
        "ocr-number-of-pages": str(len(export.pages)),
    }.items():
        etree.SubElement(head, "meta", name=name, content=xml_safe(content))
    return head


def _page(page: TranscriptPage) -> etree._Element:
    title = f"bbox 0 0 {page.width or 0} {page.height or 0}; ppageno {page.number - 1}"
    element = etree.Element("div", {"class": "ocr_page", "id": f"page-{page.number}", "title": title})
    if page.state != "done":
        etree.SubElement(element, "p").text = page.text_or_notice
    element.extend(_block(block, page) for block in shown(page))
    return element


def _block(block: TranscriptBlock, page: TranscriptPage) -> etree._Element:
    attributes = {"class": CLASSES[block.type], "id": f"block-{block.id}", "title": _box(corners(block.box), page)}
    if block.table is not None:
        table = etree.Element("table", attributes)
        lines = [etree.SubElement(table, "tr") for _ in block.table]
        for spot in spots(block.table):
            cell = etree.SubElement(lines[spot.row], "td")
            for name, count in (("rowspan", spot.cell.rowspan), ("colspan", spot.cell.colspan)):
                if count > 1:
                    cell.set(name, str(count))
            cell.extend(_line(line, page) for line in spot.cell.lines if line.text.strip())
        return table
    area = etree.Element("div", attributes)
    written = [line for line in block.lines if line.text.strip()]
    if written:
        tag, kind = ("h2", "ocr_section") if block.type == "title" else ("p", "ocr_par")
        paragraph = etree.SubElement(area, tag, {"class": kind, "id": f"par-{block.id}", "title": attributes["title"]})
        if is_vertical(written[0]):
            paragraph.set("style", "writing-mode: vertical-rl")
        paragraph.extend(_line(line, page) for line in written)
    return area


def _line(line: TranscriptLine, page: TranscriptPage) -> etree._Element:
    outline = " ".join(f"{round(x)} {round(y)}" for x, y in on_page(line.line.polygon, page))
    title = f"{_box(line.line.polygon, page)}; poly {outline}"
    element = etree.Element("span", {"class": "ocr_line", "id": f"line-{line.id}", "title": title})
    confidence = "" if line.corrected is not None else f"; x_wconf {line.line.confidence * 100:.0f}"
    for number, word in enumerate(words(line), start=1):
        name = f"word-{line.id}-{number}"
        title = f"{_box(word.polygon, page)}{confidence}"
        shown = etree.SubElement(element, "span", {"class": "ocrx_word", "id": name, "title": title})
        shown.tail = " "
        if not word.characters:
            shown.text = word.text
        for character, polygon in word.characters:
            title = _box(polygon, page).replace("bbox", "x_bboxes")
            etree.SubElement(shown, "span", {"class": "ocrx_cinfo", "title": title}).text = character
    element[-1].tail = None
    element.tail = "\n"
    return element


def _box(outline: Sequence[Point], page: TranscriptPage) -> str:
    return "bbox {} {} {} {}".format(*box(outline, page))
