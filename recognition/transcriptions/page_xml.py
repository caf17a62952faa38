"""PAGE XML of any version: of Transkribus, eScriptorium, OCR-D, or our own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recognition.page import BlockType, Line

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

TYPES: dict[str, BlockType] = {
    "heading": "title",
    "caption": "caption",
    "header": "header",
    "footer": "footer",
    "page-number": "page-number",
    "footnote": "footnote",
    "marginalia": "sidebar",
    "list-label": "list",
}
"""The types of regions, by what we call them; all others are text."""

INDEX = re.compile(r"readingOrder\s*\{\s*index\s*:\s*(\d{1,9})")


def read(root: Markup) -> Transcription:
    creator = next((element.text or "" for element in everywhere(root, "Creator")), "")
    pages = tuple(
        written_page(
            [_region(region) for region in _in_order(page)],
            number_of(page.get("imageWidth")),
            number_of(page.get("imageHeight")),
            page.get("imageFilename", ""),
        )
        for page in named(root, "Page")
    )
    return Transcription("PAGE XML", creator.strip(), pages)


def _in_order(page: Markup) -> list[Markup]:
    """The regions that have lines of their own, as the page says that they are read, else as they come."""
    regions = [region for region in page.iter() if next(named(region, "TextLine"), None) is not None]
    order = {ref: place for place, ref in enumerate(_references(page))}
    custom = {id(region): _index(region) for region in regions}

    def place(numbered: tuple[int, Markup]) -> tuple[int, int]:
        number, region = numbered
        known = next((order[each.get("id")] for each in _upwards(region) if each.get("id") in order), None)
        if known is not None:
            return known, number
        return (len(order), number) if order else (custom[id(region)], number)

    return [region for _, region in sorted(enumerate(regions), key=place)]


def _references(page: Markup) -> Iterator[str]:
    for order in named(page, "ReadingOrder"):
        yield from _referred(order)


def _referred(group: Markup) -> Iterator[str]:
    """The ids of regions in a group, by their index where they have one."""
    inside = list(named(group, "RegionRef", "RegionRefIndexed", *_GROUPS))
    for each in sorted(inside, key=lambda each: number_of(each.get("index"))):
        if ref := each.get("regionRef"):
            yield ref
        yield from _referred(each)


_GROUPS = tuple(f"{kind}Group{suffix}" for kind in ("Ordered", "Unordered") for suffix in ("", "Indexed"))


def _upwards(region: Markup) -> Iterator[Markup]:
    yield region
    yield from region.iterancestors()


def _index(element: Markup) -> int:
    """Transkribus says the order of regions and lines in an attribute."""
    found = INDEX.search(element.get("custom", ""))
    return int(found[1]) if found else 0


def _region(region: Markup) -> Region:
    vertical = region.get("readingDirection") in {"top-to-bottom", "bottom-to-top"}
    elements = sorted(named(region, "TextLine"), key=_index)
    lines = [line for element in elements if (line := _line(element, vertical=vertical)) is not None]
    return Region(lines, TYPES.get(region.get("type", ""), "text"))


def _line(element: Markup, *, vertical: bool) -> Line | None:
    outline, text = _points(element, "Coords"), ""
    text, confidence = _text(element)
    if not text:
        words = [_text(word) for word in named(element, "Word")]
        text = joined(word for word, _ in words)
        known = [sure for _, sure in words if sure is not None]
        confidence = sum(known) / len(known) if known else None
    baseline = _points(element, "Baseline")
    says = element.get("readingDirection")
    down = says in {"top-to-bottom", "bottom-to-top"} if says else vertical or looks_vertical(outline, text)
    return line_of(text, outline or baseline, confidence, vertical=down, baseline=baseline)


def _points(element: Markup, name: str) -> list[tuple[float, float]]:
    found = next(named(element, name), None)
    if found is None:
        return []
    if found.get("points"):
        return points_of(found.get("points"))
    return [(number_of(point.get("x")), number_of(point.get("y"))) for point in named(found, "Point")]  # of 2010


def _text(element: Markup) -> tuple[str, float | None]:
    """The first choice of the texts of an element, and how sure it is."""
    choices = sorted(named(element, "TextEquiv"), key=lambda each: number_of(each.get("index")))
    for choice in choices:
        for kind in ("Unicode", "PlainText"):
            for found in named(choice, kind):
                if found.text and found.text.strip():
                    sure = choice.get("conf")
                    return found.text, number_of(sure) if sure else None
    return "", None
