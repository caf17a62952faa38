"""Draw leaves of block-printed books, as boxes without a picture, to train the layout on.

    python -m bench.leaves OUT [--count 120] [--seed 1]

Each page is written as ``bench.train_layout`` reads it. Columns run from the right; in each, large characters and
notes in two rows, verses, or entries of a table of contents follow each other from the head to the foot, and the
next column goes on. Nothing on such a page is read tier by tier, however well its entries line up.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import drawing

TEXT = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰致雨露結為霜金生麗水玉出崑岡"


class TextBox(NamedTuple):
    """In characters: ``x`` from the left of the column (0) to its right (1), ``y`` down from the head of the text."""

    left: float
    top: float
    right: float
    bottom: float
    characters: int


class Seen(NamedTuple):
    """A leaf on its picture: ``size`` of its type in pixels; by how much edges are ``off``, and all boxes ``grown`` on
    each side, so that those of neighbouring columns overlap; ``lean`` of the columns, aside for each step down."""

    size: float
    off: float
    grown: float
    lean: float


class Leaf(NamedTuple):
    """``rows``: characters a column. ``pitch``: from column to column, in heights of a character."""

    columns: int
    rows: int
    pitch: float


def entry(top: float, count: int) -> TextBox:
    return TextBox(0.1, top, 0.9, top + count, count)


def with_notes(leaf: Leaf, chance: random.Random) -> Iterator[list[TextBox]]:
    """Text with notes: a note fills the right row of its stretch, then the left one, and may run on over columns."""
    share = chance.choice([0.2, 0.5, 0.8])
    raised = chance.random() < 0.5
    column: list[TextBox] = []
    at = 0.0
    is_note = False
    left_over = 0
    columns = 0
    while columns < leaf.columns:
        if not left_over:
            is_note = chance.random() < share if is_note is False else False
            left_over = chance.randint(2, 50) if is_note else chance.randint(1, chance.choice([4, 12, 40]))
        free = leaf.rows - at
        if is_note:
            height = min(free, (left_over + 1) // 2 * 0.95)
            taken = min(left_over, int(2 * free))
            half = (taken + 1) // 2
            column.append(TextBox(0.5, at, 0.98, at + max(0.8, height), half))
            if taken > half:
                column.append(TextBox(0.02, at, 0.5, at + max(0.8, height * (taken - half) / half), taken - half))
        else:
            taken = min(left_over, max(1, int(free)))
            height = float(taken)
            column.append(entry(at, taken))
        left_over -= taken
        at += height
        if at > leaf.rows - 1 or (not left_over and chance.random() < 0.04):
            yield column
            columns += 1
            column, at = [], float(chance.choice([0, 0, 1])) if raised else 0.0


def contents(leaf: Leaf, chance: random.Random) -> Iterator[list[TextBox]]:
    """Entries in two to five tiers, some of them empty, headings among them that stand higher or alone."""
    tiers = chance.choice([2, 2, 3, 4, 5])
    high = leaf.rows / tiers
    longest = max(2, int(high - chance.choice([0.5, 1, 2])))
    noted = chance.choice([0, 0, 0.15, 0.3])
    filled = chance.choice([0.7, 0.9, 1])
    for _ in range(leaf.columns):
        if chance.random() < 0.15:
            yield [entry(chance.choice([-1, 0, 1]), chance.randint(2, leaf.rows - 2))]
            continue
        column: list[TextBox] = []
        used = tiers if chance.random() < 0.8 else chance.randint(1, tiers)
        for tier in range(used):
            if tier and chance.random() > filled:
                continue
            top = tier * high + chance.choice([0, 0, 0.3, 1 if high > 4 else 0])
            count = chance.randint(2, longest)
            column.append(entry(top, count))
            if chance.random() < noted:
                note = min(2.0, high - count - 0.5)
                if note > 0.6:
                    column += [
                        TextBox(0.5, top + count, 0.98, top + count + note, 2),
                        TextBox(0.02, top + count, 0.5, top + count + note, 2),
                    ]
        yield column


def verses(leaf: Leaf, chance: random.Random) -> Iterator[list[TextBox]]:
    """Verses of one length above each other; each column runs on through its blanks."""
    tiers = chance.choice([2, 2, 3, 4])
    high = leaf.rows / tiers
    count = max(2, int(high - chance.uniform(0.6, 2)))
    for n in range(leaf.columns):
        if n and chance.random() < 0.08:
            yield [entry(2, chance.randint(2, 6))]
        else:
            yield [
                entry(tier * high, count)
                for tier in range(tiers if chance.random() < 0.9 else chance.randint(1, tiers))
            ]


def plain(leaf: Leaf, chance: random.Random) -> Iterator[list[TextBox]]:
    for _ in range(leaf.columns):
        top = chance.choice([0, 0, 0, 1, 2, -1])
        yield [entry(top, leaf.rows - top if chance.random() < 0.7 else chance.randint(1, leaf.rows - top))]


KINDS: list[Callable[[Leaf, random.Random], Iterator[list[TextBox]]]] = [
    with_notes,
    with_notes,
    contents,
    contents,
    verses,
    plain,
]


def page(chance: random.Random) -> dict[str, object]:
    size = chance.uniform(30, 160)
    leaf = Leaf(chance.randint(6, 12), chance.randint(12, 24), chance.uniform(1.05, 2.2))
    kind = chance.choice(KINDS)
    leaves = chance.choice([1, 1, 2])
    seen = Seen(size, chance.uniform(0.01, 0.06) * size, chance.uniform(-0.05, 0.16) * size, chance.gauss(0, 0.008))
    width = leaf.columns * leaf.pitch * size
    fold = chance.uniform(0.5, 4) * size
    flows: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for half in range(leaves):
        right = (leaves - half) * (width + fold)
        for n, column in enumerate(kind(leaf, chance)):
            left = right - (n + 1) * leaf.pitch * size
            for box in column:
                lines.append(drawn(box, left, leaf.pitch * size, seen, chance))
        if chance.random() < 0.4:
            title = TextBox(0.2, chance.uniform(0, 3), 0.7, chance.uniform(5, 8), 4)
            flows.append({"lines": [drawn(title, right - width - fold, min(fold, size), seen, chance)]})
    return {"family": kind.__name__, "flows": [{"lines": lines}, *flows]}


def drawn(box: TextBox, left: float, pitch: float, seen: Seen, chance: random.Random) -> dict[str, object]:
    aside = seen.lean * (box.top + box.bottom) / 2 * seen.size
    edges = (
        left + box.left * pitch + aside,
        box.top * seen.size,
        left + box.right * pitch + aside,
        box.bottom * seen.size,
    )
    ways = -1, -1, 1, 1
    shaken = [
        round(edge + way * seen.grown + chance.gauss(0, seen.off), 1) for edge, way in zip(edges, ways, strict=True)
    ]
    return {"text": "".join(chance.choices(TEXT, k=max(1, box.characters))), "box": shaken, "vertical": True}


if __name__ == "__main__":
    drawing.run(__doc__, "leaf", 120, page)
