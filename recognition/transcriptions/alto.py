"""ALTO of any version, in pixels or in the units of libraries: places are fractions of the page in any case."""

from __future__ import annotations

from recognition.geometry import corners
from recognition.page import Line

from .pages import (
    Markup,
    Region,
    Transcription,
    everywhere,
    joined,
    line_of,
    looks_vertical,
    named,
    number_of,
    points_of,
    written_page,
)


def read(root: Markup) -> Transcription:
    creator = next((element.text or "" for element in everywhere(root, "softwareName")), "")
    image = next((element.text or "" for element in everywhere(root, "fileName")), "")
    pages = list(everywhere(root, "Page"))
    written = tuple(
        written_page(
            [_region(block) for block in _in_order(root, page)],
            number_of(page.get("WIDTH")),
            number_of(page.get("HEIGHT")),
            image.strip() if len(pages) == 1 else "",
        )
        for page in pages
    )
    return Transcription("ALTO", creator.strip(), written)


def _in_order(root: Markup, page: Markup) -> list[Markup]:
    blocks = list(everywhere(page, "TextBlock"))
    order = {ref.get("REF"): place for place, ref in enumerate(everywhere(root, "ElementRef"))}
    return sorted(blocks, key=lambda block: order.get(block.get("ID"), len(order)))


def _region(block: Markup) -> Region:
    return Region([line for element in named(block, "TextLine") if (line := _line(element)) is not None])


def _line(element: Markup) -> Line | None:
    strings = list(named(element, "String"))
    if next(named(element, "SP"), None) is None:
        text = joined(each.get("CONTENT", "") for each in strings)
    else:
        text = "".join(_piece(part) for part in named(element, "String", "SP", "HYP"))
    known = [(number_of(each.get("WC")), len(each.get("CONTENT", ""))) for each in strings if each.get("WC")]
    weight = sum(length for _, length in known)
    confidence = sum(sure * length for sure, length in known) / weight if weight else None
    outline = next((points_of(shape.get("POINTS", "")) for shape in everywhere(element, "Polygon")), [])
    if len(outline) < 3:
        left, top = number_of(element.get("HPOS")), number_of(element.get("VPOS"))
        width, height = number_of(element.get("WIDTH")), number_of(element.get("HEIGHT"))
        outline = list(corners((left, top, left + width, top + height))) if width and height else []
    says = element.get("BASEDIRECTION")
    vertical = says in {"ttb", "btt"} if says else looks_vertical(outline, text)
    baseline = points_of(element.get("BASELINE", ""))
    return line_of(text, outline, confidence, vertical=vertical, baseline=baseline)


def _piece(part: Markup) -> str:
    if part.tag.endswith("SP"):
        return " "
    return str(part.get("CONTENT", ""))
