"""What a transcription is, and what its three formats have in common."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from recognition.geometry import Point, Polygon, bounds, corners
from recognition.page import Block, BlockType, Line, LineDirection

Format = Literal["PAGE XML", "ALTO", "hOCR"]
Markup = Any
"""An element of lxml."""


@dataclass(frozen=True)
class WrittenPage:
    """A page as another program wrote it down, in pixels (or other units) of an image of ``width`` x ``height``.

    ``width``, ``height``: 0 if it does not say them. ``image``: the name of that image, and ``file``: of the file of
    markup; empty if unknown. ``lines``: in reading order; the lines of a block follow each other.
    """

    width: float
    height: float
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...] = ()
    image: str = ""
    file: str = ""


@dataclass(frozen=True)
class Transcription:
    """Pages that another program wrote down. ``creator``: that program, if it says so."""

    format: Format
    creator: str
    pages: tuple[WrittenPage, ...]


@dataclass(frozen=True)
class Region:
    """Lines that belong together, in reading order."""

    lines: Sequence[Line]
    type: BlockType = "text"


def written_page(regions: Sequence[Region], width: float, height: float, image: str = "") -> WrittenPage:
    """A page of ``regions`` in reading order; those without lines are left out."""
    lines, blocks = list[Line](), list[Block]()
    for region in regions:
        if region.lines:
            indices = tuple(range(len(lines), len(lines) + len(region.lines)))
            box = bounds([point for line in region.lines for point in line.polygon])
            blocks.append(Block(region.type, box, indices))
            lines += region.lines
    return WrittenPage(width, height, tuple(lines), tuple(blocks), image)


def line_of(
    text: str,
    outline: Sequence[Point],
    confidence: float | None,
    *,
    vertical: bool = False,
    baseline: Sequence[Point] = (),
) -> Line | None:
    """A line; None without text or place. ``confidence``: of 1; None, as of a person's text, counts as 1."""
    text = " ".join(text.split())
    if not text or not outline:
        return None
    direction: LineDirection = "vertical-rl" if vertical else "horizontal"
    sure = 1.0 if confidence is None else min(1.0, max(0.0, confidence))
    return Line(text, sure, _quadrilateral(outline, baseline, vertical=vertical), direction)


def joined(words: Iterable[str]) -> str:
    """Words as one text: with spaces, but none between characters of Chinese and Japanese, which are words there."""
    return _BETWEEN_HAN.sub("", " ".join(" ".join(words).split()))


_HAN = r"[\u2e80-\u312f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_BETWEEN_HAN = re.compile(f"(?<={_HAN}) (?={_HAN})")


def looks_vertical(outline: Sequence[Point], text: str) -> bool:
    """Whether a line whose direction nobody says is written downwards: it is much higher than wide."""
    if not outline or len(text.strip()) < 2:
        return False
    left, top, right, bottom = bounds(outline)
    return bottom - top > 2 * (right - left)


def points_of(text: str) -> list[Point]:
    """Points from "x,y x,y" or "x y x y"; numbers that are none, or endless, are left out with their points."""
    numbers = [_number(part) for part in re.split(r"[\s,]+", text.strip()) if part]
    pairs = zip(numbers[::2], numbers[1::2], strict=False)
    return [(x, y) for x, y in pairs if math.isfinite(x) and math.isfinite(y)]


def number_of(text: str | None) -> float:
    """A number that is not negative; 0 for anything else."""
    value = _number(text or "")
    return value if math.isfinite(value) and 0 <= value < 10**7 else 0.0


def named(element: Markup, *names: str) -> Iterator[Markup]:
    """The children of these names, whatever their namespace."""
    return (child for child in element if isinstance(child.tag, str) and child.tag.rpartition("}")[2] in names)


def everywhere(element: Markup, *names: str) -> Iterator[Markup]:
    """The same of all descendants, in the order of the document."""
    return (child for child in element.iter() if isinstance(child.tag, str) and child.tag.rpartition("}")[2] in names)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _quadrilateral(outline: Sequence[Point], baseline: Sequence[Point], *, vertical: bool) -> Polygon:
    """The smallest rectangle around ``outline`` along the ``baseline``, from the corner where the text begins."""
    if len(outline) == 4 and not baseline and _begins_at_the_left(outline, vertical=vertical):
        a, b, c, d = outline
        return a, b, c, d
    along = (baseline[-1][0] - baseline[0][0], baseline[-1][1] - baseline[0][1]) if len(baseline) > 1 else (0.0, 0.0)
    length = math.hypot(*along)
    if vertical or not length:
        return corners(bounds(outline))
    x, y = along[0] / length, along[1] / length
    turned = [(px * x + py * y, py * x - px * y) for px, py in outline]
    a, b, c, d = ((u * x - v * y, u * y + v * x) for u, v in corners(bounds(turned)))
    return a, b, c, d


def _begins_at_the_left(outline: Sequence[Point], *, vertical: bool) -> bool:
    """Whether four corners come clockwise from the top left one."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = outline
    across = bx - ax > abs(by - ay) and cx - dx > abs(cy - dy)
    down = dy - ay > abs(dx - ax) and cy - by > abs(cx - bx)
    return across and down
