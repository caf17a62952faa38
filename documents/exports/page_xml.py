"""PAGE XML 2019, which transcription tools read: one file for each page, in a ZIP archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptLine, TranscriptPage
from recognition.geometry import Point

from .geometry import box, on_page
from .structure import Word, blocks, is_vertical, words, xml_safe

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
    found = blocks(page.lines)
    if found:
        group = etree.SubElement(etree.SubElement(element, "ReadingOrder"), "OrderedGroup", id="order")
        for index in range(len(found)):
            etree.SubElement(group, "RegionRefIndexed", index=str(index), regionRef=f"region-{index + 1}")
    element.extend(_region(lines, f"region-{number}", page) for number, lines in enumerate(found, start=1))
    return root


def _region(lines: Sequence[TranscriptLine], name: str, page: TranscriptPage) -> etree._Element:
    vertical = is_vertical(lines[0])
    region = etree.Element(
        "TextRegion",
        id=name,
        readingDirection="top-to-bottom" if vertical else "left-to-right",
        textLineOrder="right-to-left" if vertical else "top-to-bottom",
    )
    left, top, right, bottom = box([corner for line in lines for corner in line.line.polygon], page)
    region.append(_coordinates([(left, top), (right, top), (right, bottom), (left, bottom)], page))
    region.extend(_line(line, page) for line in lines)
    region.append(_text("\n".join(line.text for line in lines)))
    return region


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


def _coordinates(corners: Iterable[Point], page: TranscriptPage) -> etree._Element:
    """PAGE has whole pixels that are not negative."""
    return etree.Element("Coords", points=" ".join(f"{round(x)},{round(y)}" for x, y in on_page(corners, page)))


def _text(text: str, confidence: float | None = None) -> etree._Element:
    element = etree.Element("TextEquiv")
    if confidence is not None:
        element.set("conf", f"{confidence:.4f}")
    etree.SubElement(element, "Unicode").text = xml_safe(text)
    return element
