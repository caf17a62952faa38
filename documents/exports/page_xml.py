"""PAGE XML 2019, which transcription tools read: one file for each page, in a ZIP archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptLine, TranscriptPage
from recognition.geometry import BBox, Point, corners
from recognition.page import BlockType

from .flow import shown, size, spots
from .geometry import on_page
from .structure import Word, is_vertical, words, xml_safe

TYPES: dict[BlockType, str] = {
    "title": "heading",
    "text": "paragraph",
    "list": "other",
    "caption": "caption",
    "header": "header",
    "footer": "footer",
    "page-number": "page-number",
    "footnote": "footnote",
    "sidebar": "floating",
    "seal": "other",
}
"""Of regions of text, as PAGE calls them; for "other" an attribute says which kind it is."""

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes the archive. PAGE knows no documents of several pages, so each page is a file, ``0001.xml`` and on.

    The files have the time of the reading, so that the same text gives the same bytes.
    """
    time = export.started or datetime.now(UTC)
    with zipfile.ZipFile(out, "w") as archive:
        for page in export.pages:
            entry = zipfile.ZipInfo(f"{page.number:04}.xml", time.timetuple()[:6])
            root = _document(export, page, time.isoformat())
            content = etree.tostring(root, encoding="utf-8", xml_declaration=True)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _document(export: Transcript, page: TranscriptPage, time: str) -> etree._Element:
    root = etree.Element("PcGts", nsmap={None: NAMESPACE}, pcGtsId=f"page-{page.number}")  # type: ignore[dict-item]
    metadata = etree.SubElement(root, "Metadata")
    etree.SubElement(metadata, "Creator").text = "ocrsite"
    etree.SubElement(metadata, "Created").text = time
    etree.SubElement(metadata, "LastChange").text = time
    if page.state != "done":
        reason = (page.error or {}).get("message", "This page has not been read.")
        etree.SubElement(metadata, "Comments").text = xml_safe(reason)
    element = etree.SubElement(
        root,
        "Page",
        imageFilename=xml_safe(f"{export.title} {page.number}"),
        imageWidth=str(page.width or 0),
        imageHeight=str(page.height or 0),
    )
    found = shown(page)
    if found:
        group = etree.SubElement(etree.SubElement(element, "ReadingOrder"), "OrderedGroup", id="order")
        for index, block in enumerate(found):
            etree.SubElement(group, "RegionRefIndexed", index=str(index), regionRef=f"region-{block.id}")
    element.extend(_region(block, page) for block in found)
    return root


def _region(block: TranscriptBlock, page: TranscriptPage) -> etree._Element:
    name = f"region-{block.id}"
    if block.table is not None:
        return _table(block, block.table, name, page)
    if block.type == "figure":
        region = etree.Element("ImageRegion", id=name)
        region.append(_rectangle(block.box, page))
        if any(line.text.strip() for line in block.lines):
            region.append(_text_region(block.lines, f"{name}-text", block.box, page))
        return region
    region = _text_region(block.lines, name, block.box, page)
    region.set("type", TYPES[block.type])
    if TYPES[block.type] == "other":
        region.set("custom", f"structure {{type:{block.type};}}")
    return region


def _text_region(lines: Sequence[TranscriptLine], name: str, place: BBox, page: TranscriptPage) -> etree._Element:
    written = [line for line in lines if line.text.strip()]
    region = etree.Element("TextRegion", id=name)
    if written:
        vertical = is_vertical(written[0])
        region.set("readingDirection", "top-to-bottom" if vertical else "left-to-right")
        region.set("textLineOrder", "right-to-left" if vertical else "top-to-bottom")
    region.append(_rectangle(place, page))
    region.extend(_line(line, page) for line in written)
    region.append(_text("\n".join(line.text for line in written)))
    return region


def _table(
    block: TranscriptBlock, rows: Sequence[Sequence[TranscriptCell]], name: str, page: TranscriptPage
) -> etree._Element:
    """A table, whose cells are regions of text that say where they are in its grid."""
    height, width = size(rows)
    table = etree.Element("TableRegion", id=name, rows=str(height), columns=str(width))
    table.append(_rectangle(block.box, page))
    for number, spot in enumerate(spots(rows), start=1):
        cell = _text_region(spot.cell.lines, f"{name}-cell-{number}", spot.cell.box, page)
        roles = etree.Element("Roles")
        place = {"rowIndex": spot.row, "columnIndex": spot.column}
        spans = {"rowSpan": spot.cell.rowspan, "colSpan": spot.cell.colspan}
        etree.SubElement(roles, "TableCellRole", {name: str(count) for name, count in (place | spans).items()})
        cell.insert(1, roles)
        table.append(cell)
    return table


def _rectangle(place: BBox, page: TranscriptPage) -> etree._Element:
    return _coordinates(corners(place), page)


def _line(line: TranscriptLine, page: TranscriptPage) -> etree._Element:
    element = etree.Element("TextLine", id=f"line-{line.id}")
    element.append(_coordinates(line.line.polygon, page))
    element.extend(_word(word, f"word-{line.id}-{number}", page) for number, word in enumerate(words(line), start=1))
    element.append(_text(line.text, None if line.corrected is not None else line.line.confidence))
    return element


def _word(word: Word, name: str, page: TranscriptPage) -> etree._Element:
    element = etree.Element("Word", id=name)
    element.append(_coordinates(word.polygon, page))
    for number, (character, polygon) in enumerate(word.characters, start=1):
        glyph = etree.SubElement(element, "Glyph", id=f"{name}-{number}")
        glyph.append(_coordinates(polygon, page))
        glyph.append(_text(character))
    element.append(_text(word.text))
    return element


def _coordinates(outline: Iterable[Point], page: TranscriptPage) -> etree._Element:
    """PAGE has whole pixels that are not negative."""
    return etree.Element("Coords", points=" ".join(f"{round(x)},{round(y)}" for x, y in on_page(outline, page)))


def _text(text: str, confidence: float | None = None) -> etree._Element:
    element = etree.Element("TextEquiv")
    if confidence is not None:
        element.set("conf", f"{confidence:.4f}")
    etree.SubElement(element, "Unicode").text = xml_safe(text)
    return element
