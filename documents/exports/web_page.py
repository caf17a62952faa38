"""HTML: one clean page with the text of a document, without scripts and without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptPage

from .flow import MARGINAL, is_vertical_page, parts, spots, texts
from .structure import xml_safe

STYLE = """
body { max-width: 48em; margin: 2em auto; padding: 0 1em; line-height: 1.7; font-family: serif; }
section { border-top: 1px solid #ccc; padding-top: 1em; }
section.vertical { writing-mode: vertical-rl; max-height: 40em; overflow-x: auto; }
table { border-collapse: collapse; margin: 1em 0; }
td { border: 1px solid #999; padding: .2em .5em; vertical-align: top; }
aside { border-inline-start: 3px solid #ccc; padding-inline-start: 1em; }
.margin { color: #666; font-size: .8em; }
"""


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes one file for all pages, each a section. A page that was not read says so."""
    root = etree.Element("html")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "meta", charset="utf-8")
    etree.SubElement(head, "title").text = xml_safe(export.title)
    etree.SubElement(head, "style").text = STYLE
    body = etree.SubElement(root, "body")
    etree.SubElement(body, "h1").text = xml_safe(export.title)
    body.extend(_page(page) for page in export.pages)
    out.write(etree.tostring(root, method="html", encoding="utf-8", doctype="<!DOCTYPE html>"))


def _page(page: TranscriptPage) -> etree._Element:
    section = etree.Element("section", id=f"page-{page.number}")
    if is_vertical_page(page):
        section.set("class", "vertical")
    if page.state != "done":
        section.append(_element("p", page.text_or_notice))
    for block in parts(page):
        section.extend(_block(block))
    return section


def _block(block: TranscriptBlock) -> Iterator[etree._Element]:
    if block.table is not None:
        yield _table(block.table)
    elif block.type == "figure":
        figure = etree.Element("figure", id=f"figure-{block.id}")
        figure.extend(_element("figcaption", text) for text in texts(block) or [f"[{block.id}]"])
        yield figure
    elif block.type == "list":
        listed = etree.Element("ul", style="list-style: none")
        listed.extend(_element("li", item) for item in texts(block))
        yield listed
    elif block.type == "sidebar":
        aside = etree.Element("aside")
        aside.extend(_element("p", text) for text in texts(block))
        yield aside
    else:
        tag = "h2" if block.type == "title" else "p"
        for text in texts(block):
            element = _element(tag, text)
            if block.type in MARGINAL:
                element.set("class", "margin")
            yield element


def _table(rows: Sequence[Sequence[TranscriptCell]]) -> etree._Element:
    table = etree.Element("table")
    lines = [etree.SubElement(table, "tr") for _ in rows]
    for spot in spots(rows):
        cell = etree.SubElement(lines[spot.row], "td")
        cell.text = xml_safe(spot.text)
        for name, count in (("rowspan", spot.cell.rowspan), ("colspan", spot.cell.colspan)):
            if count > 1:
                cell.set(name, str(count))
    return table


def _element(tag: str, text: str) -> etree._Element:
    element = etree.Element(tag)
    element.text = xml_safe(text)
    return element
