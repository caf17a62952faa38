"""Chains of lines parted into blocks, and the kind of each block: by its place, its type and its first characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from recognition.geometry import BBox, union
from recognition.page import Block, BlockType, Line
from recognition.separators import Separators

from . import type_sizes
from .boxes import Floats
from .sidebars import is_sidebar
from .type_sizes import LARGE

SMALL = 0.9
"""Type of a footnote is smaller than this."""

GAP = 0.75
"""White between two paragraphs, in type sizes beyond what is usual between the lines of the chain: an empty line has
more, and what is put between the paragraphs of a chapter less."""

SHORT = 1.5
"""A paragraph's last line ends so many characters before the edge of its column."""

APART = 1.3
"""A header or a footer stands so many times further from the text than lines stand from each other."""

NUMBERED = 1.5
"""The box of a page number, or of a running head beside one, is no higher than this, in sizes of the page's text."""

FEW = 8
"""A page of no more lines has neither header nor footer."""

ENDINGS = "。．.!?！？」』”…：:"
NUMBER = re.compile(
    r"[\W_]*(?:第\s*|p(?:age|\.)?\s*)?(?:\d{1,4}|[ivxlc]{1,7}|[〇一二三四五六七八九十百]{1,5})\s*[頁页]?[\W_]*", re.I
)
ITEM = re.compile(r"[•·‧●○■□◆◇▪▸►–*※]|[(（]?[\d一二三四五六七八九十a-zA-Z]{1,2}[)）.．、]")
CAPTION = re.compile(r"[▲▼△▽]|(?:圖|图|表|照片|fig(?:ure)?|table|plate|photo)[.．]?\s*[\d一二三四五六七八九十]", re.I)


class Sizes:
    """The lines of a page as they are set: ``size``, the height of their boxes in pixels; ``start`` and ``end`` along
    the line, ``top`` and ``bottom`` across lines, growing as one reads on; ``type``, how large their characters are
    (see ``type_sizes``). All (n,). ``usual``: the size of the text, which is most of the page."""

    def __init__(self, lines: Sequence[Line]) -> None:
        boxes = np.array([line.box for line in lines]).reshape(-1, 4)
        self.vertical = np.array([line.direction == "vertical-rl" for line in lines], dtype=bool)
        left, top, right, bottom = boxes.T
        self.start, self.end = np.where(self.vertical, top, left), np.where(self.vertical, bottom, right)
        self.top, self.bottom = np.where(self.vertical, -right, top), np.where(self.vertical, -left, bottom)
        self.size = np.maximum(self.bottom - self.top, 1e-6)
        lengths = self.end - self.start
        self.usual = type_sizes.usual(self.size, lengths)
        self.type = type_sizes.relative(lines, self.size, lengths)


def blocks_of(lines: Sequence[Line], chains: Sequence[Sequence[int]], separators: Separators) -> list[Block]:
    """The blocks of ``chains`` (indices of ``lines``), chain by chain: headers first, page numbers and footers last.

    A picture becomes a figure, which stands before its caption or else after the text above it.
    """
    sizes, pictures = Sizes(lines), separators.pictures
    main = max(chains, key=lambda chain: sum(len(lines[i].raw) for i in chain), default=())
    first: list[Block] = []
    body: list[Block] = []
    last: list[Block] = []
    for chain in chains:
        parts = list(_parts(lines, chain, sizes))
        kind = _margin(lines, chain, sizes) or _aside(lines, chain, sizes, pictures)
        if not kind and is_sidebar(lines, chain, main, separators):
            kind = "sidebar"
        items = sum(bool(ITEM.match(lines[part[0]].raw)) for part in parts)
        into = body if kind not in ("header", "footer", "page-number") else last if _below(lines, chain) else first
        for part in parts:
            of = kind or _kind(lines, part, sizes, items)
            into.append(Block(of, union(lines[i].box for i in part), tuple(part)))
    for picture in pictures:
        insert(body, Block("figure", picture), above(lines, body, picture))
    return [*first, *body, *last]


def insert(blocks: list[Block], block: Block, anchor: int | None) -> None:
    """Puts ``block`` after the one that has the line ``anchor``, or first if there is none."""
    at = next((k for k, each in enumerate(blocks) if anchor in each.lines), -1)
    blocks.insert(at + 1, block)


def above(lines: Sequence[Line], blocks: Sequence[Block], picture: BBox) -> int | None:
    """The last line before the caption that stands at ``picture`` or else, of the lines over it, the lowest one."""
    for before, block in pairwise(blocks):
        if (
            block.type == "caption"
            and before.lines
            and _adjoins(block.box, picture, lines[block.lines[0]].box[3] - lines[block.lines[0]].box[1])
        ):
            return before.lines[-1]
    over = [
        i
        for block in blocks
        for i in block.lines
        if lines[i].box[3] <= picture[1] and lines[i].box[0] < picture[2] and lines[i].box[2] > picture[0]
    ]
    return max(over, key=lambda i: lines[i].box[3], default=None)


def _parts(lines: Sequence[Line], chain: Sequence[int], sizes: Sizes) -> Iterator[list[int]]:
    """A chain parted where its column, its type or its paragraph ends."""
    gaps = [sizes.top[b] - sizes.bottom[a] for a, b in pairwise(chain)]
    inner = [gap for gap in gaps if -0.5 * sizes.usual < gap < 2 * sizes.usual]
    usual = float(np.median(inner)) if inner else 0.0
    part = [chain[0]]
    for (a, b), gap in zip(pairwise(chain), gaps, strict=True):
        if _parts_here(lines, a, b, gap - usual, sizes, part):
            yield part
            part = []
        part.append(b)
    yield part


def _parts_here(lines: Sequence[Line], a: int, b: int, gap: float, sizes: Sizes, part: Sequence[int]) -> bool:
    size = max(sizes.size[a], sizes.size[b])
    told = next((i for i in reversed(part) if len(lines[i].raw) > 1), None)
    if told is not None and len(lines[b].raw) > 1:
        smaller, larger = sorted(sizes.type[[told, b]])
        if sizes.vertical[told] != sizes.vertical[b] or larger > LARGE * smaller:
            return True
    if min(sizes.bottom[a], sizes.bottom[b]) - max(sizes.top[a], sizes.top[b]) > 0.5 * size:
        return False  # side by side: pieces of one line, or a row
    if bool(gap < -size) or gap > GAP * size or sizes.start[b] >= sizes.end[a] or sizes.end[b] <= sizes.start[a]:
        return True
    edge = max(sizes.end[i] for i in part)
    return bool(lines[a].raw[-1:] in ENDINGS and edge - sizes.end[a] > SHORT * size) or bool(ITEM.match(lines[b].raw))


def _margin(lines: Sequence[Line], chain: Sequence[int], sizes: Sizes) -> BlockType | None:
    """Whether a chain is all that stands at the head or the foot of the page, in no larger type than the text.

    Beside a page number, or being one, it is hardly a title, and its type may be somewhat larger.
    """
    if len(lines) <= FEW or len(chain) > 2:
        return None
    boxes = np.array([line.box for line in lines])
    own = boxes[list(chain)]
    beside = (boxes[:, 1] < own[:, 3].max()) & (boxes[:, 3] > own[:, 1].min())
    rest = boxes[~beside]
    level = np.flatnonzero(beside)
    if len(level) > len(chain) + 1 or not len(rest):
        return None
    numbers = {int(i) for i in level if NUMBER.fullmatch(lines[i].raw.strip())}
    if max(sizes.size[i] for i in chain) > (NUMBERED if numbers else 1.1) * sizes.usual:
        return None
    height = float(np.median(np.minimum(boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0])))
    above, below = own[:, 1].min() - rest[:, 3].max(), rest[:, 1].min() - own[:, 3].max()
    rows = [i for i in np.flatnonzero(~sizes.vertical) if i not in chain]
    if max(above, below) < max(0.7 * height, APART * _white(boxes[rows])):
        return None
    if numbers.issuperset(chain):
        return "page-number"
    return "footer" if above > below else "header"


def _white(boxes: Floats) -> float:
    """How much white is usually below a horizontal line before the next one under it, in pixels; 0 where none is."""
    if not len(boxes):
        return 0.0
    left, top, right, bottom = boxes.T
    under = (np.minimum(right[:, None], right) > np.maximum(left[:, None], left)) & (top > (top + bottom)[:, None] / 2)
    gaps = np.where(under, top - bottom[:, None], np.inf).min(axis=1)
    return float(np.median(gaps[np.isfinite(gaps)])) if np.isfinite(gaps).any() else 0.0


def _below(lines: Sequence[Line], chain: Sequence[int]) -> bool:
    """Whether a chain stands in the lower half of the page."""
    tops, bottoms = zip(*((line.box[1], line.box[3]) for line in lines), strict=True)
    return bool(lines[chain[0]].box[1] > (min(tops) + max(bottoms)) / 2)


def _aside(lines: Sequence[Line], chain: Sequence[int], sizes: Sizes, pictures: Sequence[BBox]) -> BlockType | None:
    """Captions: short chains that say so, or stand under, over or beside a picture; footnotes, in small type below."""
    if len(chain) > 8:
        return None
    box = union(lines[i].box for i in chain)
    size = max(sizes.size[i] for i in chain)
    if CAPTION.match(lines[chain[0]].raw) and len(chain) <= 4:
        return "caption"
    if (
        len(chain) <= 5
        and size < LARGE * sizes.usual
        and any(_adjoins(box, picture, 1.5 * size) for picture in pictures)
    ):
        return "caption"
    if size < SMALL * sizes.usual and _below(lines, chain) and lines[chain[0]].raw[:1] in "0123456789①②③④⑤*※註注":
        return "footnote"
    return None


def _adjoins(box: BBox, picture: BBox, reach: float) -> bool:
    """Whether a box stands within ``reach`` of a side of ``picture``, and no further along it than the picture."""
    for near, far, low, high in ((1, 3, 0, 2), (0, 2, 1, 3)):
        away = max(picture[near] - box[far], box[near] - picture[far])
        inside = min(box[high], picture[high]) - max(box[low], picture[low])
        if -reach < away < reach and inside > 0.8 * (box[high] - box[low]):
            return True
    return False


def _kind(lines: Sequence[Line], part: Sequence[int], sizes: Sizes, items: int) -> BlockType:
    is_large = np.median(sizes.type[list(part)]) > LARGE
    if len(part) <= 3 and is_large and sum(len(lines[i].raw) for i in part) > 1:
        return "title"
    if items > 1 and ITEM.match(lines[part[0]].raw):
        return "list"
    return "text"
