"""ALTO 4.3, the XML of digital libraries: blocks, lines, words and characters in pixels of the page images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptLine, TranscriptPage
from recognition.geometry import Point

from .geometry import box, on_page
from .structure import Word, blocks, is_vertical, words, xml_safe

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes one file for all pages. A page that was not read is there, empty, with the reason."""
    pages = [(page, blocks(page.lines)) for page in export.pages]
    attributes = {"SCHEMAVERSION": "4.3", _LOCATION: f"{NAMESPACE} {SCHEMA}"}
    namespaces = {None: NAMESPACE, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("alto", attributes, nsmap=namespaces):
            # Elements are made without their namespace, and take that of the root when they are written.
            file.write(_description(export))
            if any(found for _, found in pages):
                file.write(_order(pages))
            with file.element("Layout"):
                for page, found in pages:
                    file.write(_page(page, found))


def _description(export: Transcript) -> etree._Element:
    description = etree.Element("Description")
    etree.SubElement(description, "MeasurementUnit").text = "pixel"
    source = etree.SubElement(description, "sourceImageInformation")
    etree.SubElement(source, "fileName").text = xml_safe(export.title)
    etree.SubElement(source, "fileIdentifier").text = f"sha256:{export.sha256}"
    processing = etree.SubElement(description, "Processing", ID="recognition")
    etree.SubElement(processing, "processingCategory").text = "contentGeneration"
    if export.started:
        etree.SubElement(processing, "processingDateTime").text = export.started.isoformat()
    settings = [f"{name}={value}" for name, value in export.options.items()]
    etree.SubElement(processing, "processingStepSettings").text = xml_safe(", ".join(settings))
    software = etree.SubElement(processing, "processingSoftware")
    etree.SubElement(software, "softwareName").text = "ocrsite"
    etree.SubElement(software, "applicationDescription").text = xml_safe(str(export.engine.get("model", "")))
    return description


def _order(pages: Sequence[tuple[TranscriptPage, list[list[TranscriptLine]]]]) -> etree._Element:
    order = etree.Element("ReadingOrder")
    group = etree.SubElement(order, "OrderedGroup", ID="order")
    for page, found in pages:
        for number in range(1, len(found) + 1):
            name = f"{page.number}-{number}"
            etree.SubElement(group, "ElementRef", ID=f"order-{name}", REF=f"block-{name}")
    return order


def _page(page: TranscriptPage, found: list[list[TranscriptLine]]) -> etree._Element:
    element = etree.Element("Page", ID=f"page-{page.number}", PHYSICAL_IMG_NR=str(page.number))
    if page.width and page.height:
        element.set("WIDTH", str(page.width))
        element.set("HEIGHT", str(page.height))
    if page.state != "done":
        element.set("QUALITY", "Missing")
        element.set("QUALITY_DETAIL", xml_safe((page.error or {}).get("message", "not read")))
    space = etree.SubElement(element, "PrintSpace")
    for number, lines in enumerate(found, start=1):
        corners = [corner for line in lines for corner in line.line.polygon]
        block = etree.SubElement(space, "TextBlock", {"ID": f"block-{page.number}-{number}"} | _place(corners, page))
        block.extend(_line(line, page) for line in lines)
    return element


def _line(line: TranscriptLine, page: TranscriptPage) -> etree._Element:
    attributes = {"ID": f"line-{line.id}", "BASEDIRECTION": "ttb" if is_vertical(line) else "ltr"}
    element = etree.Element("TextLine", attributes | _place(line.line.polygon, page))
    element.append(_shape(on_page(line.line.polygon, page)))
    for number, word in enumerate(words(line), start=1):
        if number > 1:
            etree.SubElement(element, "SP")
        element.append(_string(line, word, f"word-{line.id}-{number}", page))
    return element


def _string(line: TranscriptLine, word: Word, name: str, page: TranscriptPage) -> etree._Element:
    element = etree.Element("String", {"ID": name, "CONTENT": word.text} | _place(word.polygon, page))
    if line.corrected is None:
        element.set("WC", f"{line.line.confidence:.4f}")
    for character, polygon in word.characters:
        etree.SubElement(element, "Glyph", {"CONTENT": character} | _place(polygon, page))
    return element


def _shape(corners: Sequence[Point]) -> etree._Element:
    shape = etree.Element("Shape")
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    etree.SubElement(shape, "Polygon", POINTS=points)
    return shape


def _place(corners: Sequence[Point], page: TranscriptPage) -> dict[str, str]:
    left, top, right, bottom = box(corners, page)
    numbers = {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}
    return {name: str(number) for name, number in numbers.items()}
