"""hOCR: HTML or XHTML whose titles have the places, as tesseract, kraken and others write it."""

from __future__ import annotations

import re

from lxml import html

from recognition.geometry import Point, corners
from recognition.page import BlockType, Line

from .pages import (
    Markup,
    Region,
    Transcription,
    WrittenPage,
    joined,
    line_of,
    looks_vertical,
    number_of,
    points_of,
    written_page,
)

LINES = ("ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat")
BLOCKS: dict[str, BlockType] = {"ocr_header": "header", "ocr_footer": "footer", "ocr_caption": "caption"}


def read(content: bytes) -> Transcription:
    """HTML has no entities but its own, so there is none to refuse."""
    root: Markup = html.document_fromstring(content, parser=html.HTMLParser(no_network=True, huge_tree=False))
    systems = root.xpath("//meta[@name='ocr-system']/@content")
    return Transcription("hOCR", str(systems[0]) if systems else "", tuple(map(_page, _of_class(root, "ocr_page"))))


def _page(element: Markup) -> WrittenPage:
    title = _properties(element)
    box = points_of(title.get("bbox", ""))
    width, height = box[1] if len(box) == 2 else (0.0, 0.0)
    regions: dict[Markup, list[Line]] = {}
    types: dict[Markup, BlockType] = {}
    for found in _of_class(element, *LINES):
        if any(True for _ in _of_class(found, *LINES)):  # a float of lines is none itself
            continue
        line = _line(found)
        if line is not None:
            block = next((each for each in found.iterancestors() if _has_class(each, "ocr_par", "ocr_carea")), element)
            regions.setdefault(block, []).append(line)
            types.setdefault(block, next((kind for name, kind in BLOCKS.items() if _has_class(found, name)), "text"))
    return written_page(
        [Region(lines, types[block]) for block, lines in regions.items()], width, height, title.get("image", "")
    )


def _line(element: Markup) -> Line | None:
    title, text = _properties(element), joined([element.text_content()])
    outline: list[Point] = points_of(title.get("poly", ""))
    box = points_of(title.get("bbox", ""))
    if len(outline) < 3 and len(box) == 2:
        outline = list(corners((*box[0], *box[1])))
    known = [
        number_of(sure) / 100
        for word in _of_class(element, "ocrx_word")
        if (sure := _properties(word).get("x_wconf")) is not None
    ]
    confidence = sum(known) / len(known) if known else None
    style = " ".join(each.get("style", "") for each in (element, *element.iterancestors()))
    vertical = "vertical-rl" in style or looks_vertical(outline, text)
    return line_of(text, outline, confidence, vertical=vertical)


def _properties(element: Markup) -> dict[str, str]:
    """What the title says: "bbox 0 0 10 20; x_wconf 93; image "a.png""."""
    found = {}
    for part in re.findall(r"(?:[^;\"']|\"[^\"]*\"|'[^']*')+", element.get("title", "")):
        name, _, value = part.strip().partition(" ")
        found[name] = value.strip().strip("\"'")
    return found


def _of_class(element: Markup, *names: str) -> list[Markup]:
    return [child for child in element.iterdescendants() if _has_class(child, *names)]


def _has_class(element: Markup, *names: str) -> bool:
    return isinstance(element.tag, str) and not {*names}.isdisjoint(element.get("class", "").split())
