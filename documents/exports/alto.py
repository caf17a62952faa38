"""ALTO 4.3, the XML of digital libraries: blocks, lines, words and characters in pixels of the page images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from lxml import etree

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptLine, TranscriptPage
from recognition.geometry import Point, corners, union

from .flow import shown
from .geometry import box, on_page
from .structure import Word, is_vertical, words, xml_safe

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


def write(export: Transcript, out: BinaryIO) -> None:
    """Writes one file for all pages. A page that was not read is there, empty, with the reason.

    Blocks have a tag for their kind. Tables and their rows are composed blocks, their cells blocks of text. Tags say
    how many rows and columns a cell spans.
    """
    pages = [(page, shown(page)) for page in export.pages]
    attributes = {"SCHEMAVERSION": "4.3", _LOCATION: f"{NAMESPACE} {SCHEMA}"}
    namespaces = {None: NAMESPACE, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("alto", attributes, nsmap=namespaces):
            # Elements are made without their namespace, and take that of the root when they are written.
            file.write(_description(export))
            blocks = [block for _, found in pages for block in found]
            if blocks:
                file.write(_tags(blocks))
                file.write(_order(blocks))
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


def _tags(blocks: Sequence[TranscriptBlock]) -> etree._Element:
    tags = etree.Element("Tags")
    for kind in sorted({block.type for block in blocks}):
        etree.SubElement(tags, "LayoutTag", ID=f"kind-{kind}", LABEL=kind)
    cells = [cell for block in blocks for row in block.table or () for cell in row]
    for span in sorted({span for cell in cells for span in _spans(cell)}):
        etree.SubElement(tags, "OtherTag", ID=span, LABEL=span)
    return tags


def _spans(cell: TranscriptCell) -> list[str]:
    """The tags of a cell that spans others."""
    counts = {"rowspan": cell.rowspan, "colspan": cell.colspan}
    return [f"{name}-{count}" for name, count in counts.items() if count > 1]


def _order(blocks: Sequence[TranscriptBlock]) -> etree._Element:
    order = etree.Element("ReadingOrder")
    group = etree.SubElement(order, "OrderedGroup", ID="order")
    for block in blocks:
        etree.SubElement(group, "ElementRef", ID=f"order-{block.id}", REF=f"block-{block.id}")
    return order


def _page(page: TranscriptPage, found: Sequence[TranscriptBlock]) -> etree._Element:
    element = etree.Element("Page", ID=f"page-{page.number}", PHYSICAL_IMG_NR=str(page.number))
    if page.width and page.height:
        element.set("WIDTH", str(page.width))
        element.set("HEIGHT", str(page.height))
    if page.state != "done":
        element.set("QUALITY", "Missing")
        element.set("QUALITY_DETAIL", xml_safe((page.error or {}).get("message", "not read")))
    space = etree.SubElement(element, "PrintSpace")
    space.extend(_block(block, page) for block in found)
    return element


def _block(block: TranscriptBlock, page: TranscriptPage) -> etree._Element:
    attributes = {"ID": f"block-{block.id}"} | _place(corners(block.box), page) | {"TAGREFS": f"kind-{block.type}"}
    lines = [_line(line, page) for line in block.lines if line.text.strip()]
    if block.table is not None:
        table = etree.Element("ComposedBlock", attributes | {"TYPE": "table"})
        for number, row in enumerate(block.table, start=1):
            table.append(_row(row, f"{block.id}-r{number}", page))
        return table
    if block.type == "figure" and lines:
        figure = etree.Element("ComposedBlock", attributes | {"TYPE": "figure"})
        place = _place(corners(block.box), page)
        etree.SubElement(figure, "TextBlock", {"ID": f"text-{block.id}"} | place).extend(lines)
        return figure
    element = etree.Element("Illustration" if block.type == "figure" else "TextBlock", attributes)
    element.extend(lines)
    return element


def _row(cells: Sequence[TranscriptCell], name: str, page: TranscriptPage) -> etree._Element:
    row = etree.Element("ComposedBlock", {"ID": f"block-{name}", "TYPE": "row"})
    for number, cell in enumerate(cells, start=1):
        attributes = {"ID": f"block-{name}-c{number}"} | _place(corners(cell.box), page)
        if spans := _spans(cell):
            attributes["TAGREFS"] = " ".join(spans)
        block = etree.SubElement(row, "TextBlock", attributes)
        block.extend(_line(line, page) for line in cell.lines if line.text.strip())
    if cells:
        for name, value in _place(corners(union(cell.box for cell in cells)), page).items():
            row.set(name, value)
    return row


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


def _shape(outline: Sequence[Point]) -> etree._Element:
    shape = etree.Element("Shape")
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)
    etree.SubElement(shape, "Polygon", POINTS=points)
    return shape


def _place(outline: Sequence[Point], page: TranscriptPage) -> dict[str, str]:
    left, top, right, bottom = box(outline, page)
    numbers = {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}
    return {name: str(number) for name, number in numbers.items()}
