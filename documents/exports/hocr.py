"""hOCR 1.2: a web page that browsers show, with the places of blocks, lines, words and characters in its titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptLine, TranscriptPage
from recognition.geometry import Point

from .geometry import box, on_page
from .structure import blocks, is_vertical, words, xml_safe

CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo ocrp_poly ocrp_wconf"


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
    for number, lines in enumerate(blocks(page.lines), start=1):
        name = f"{page.number}-{number}"
        title = _box([corner for line in lines for corner in line.line.polygon], page)
        area = etree.SubElement(element, "div", {"class": "ocr_carea", "id": f"block-{name}", "title": title})
        paragraph = etree.SubElement(area, "p", {"class": "ocr_par", "id": f"par-{name}", "title": title})
        if is_vertical(lines[0]):
            paragraph.set("style", "writing-mode: vertical-rl")
        paragraph.extend(_line(line, page) for line in lines)
    return element


def _line(line: TranscriptLine, page: TranscriptPage) -> etree._Element:
    corners = " ".join(f"{round(x)} {round(y)}" for x, y in on_page(line.line.polygon, page))
    title = f"{_box(line.line.polygon, page)}; poly {corners}"
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


def _box(corners: Sequence[Point], page: TranscriptPage) -> str:
    return "bbox {} {} {} {}".format(*box(corners, page))
