"""How well tables are understood: pairs of neighbouring cells, after Göbel et al., "ICDAR 2013 Table Competition".

A table is a list of rows, each a list of cells {"text", "rowspan", "colspan"}, as in the JSON export.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

TableRows = Sequence[Sequence[Mapping[str, Any]]]
Relation = tuple[str, str, str]

ALIKE = 0.8
"""Share of their characters that two texts of one cell have in common."""


OFF = 0.3
"""Their lengths differ by no more than this share of the longer one."""


def matches(tables: Sequence[TableRows], truth: Sequence[TableRows]) -> tuple[int, int, int]:
    """Of the neighbours in ``truth`` those that ``tables`` has too; how many there are in each."""
    wanted = [relation for table in truth for relation in _relations(table)]
    given = [relation for table in tables for relation in _relations(table)]
    unmatched = list(given)
    for relation in wanted:
        for k, other in enumerate(unmatched):
            if _is_like(relation, other):
                del unmatched[k]
                break
    return len(given) - len(unmatched), len(wanted), len(given)


def _relations(rows: TableRows) -> list[Relation]:
    """Neighbouring cells with text: the left or upper one, the other one, and which way it lies."""
    texts: list[str] = []
    grid: dict[tuple[int, int], int] = {}
    for r, row in enumerate(rows):
        column = 0
        for cell in row:
            while (r, column) in grid:
                column += 1
            for down in range(cell["rowspan"]):
                for right in range(cell["colspan"]):
                    grid[r + down, column + right] = len(texts)
            texts.append(_normalised(cell["text"]))
            column += cell["colspan"]
    found = {
        (cell, grid[other], way)
        for (r, c), cell in grid.items()
        for other, way in (((r, c + 1), "right"), ((r + 1, c), "below"))
        if other in grid and grid[other] != cell
    }
    return [(texts[a], texts[b], way) for a, b, way in sorted(found) if texts[a] and texts[b]]


def _normalised(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if not char.isspace())


def _is_like(one: Relation, other: Relation) -> bool:
    return one[2] == other[2] and _is_same(one[0], other[0]) and _is_same(one[1], other[1])


def _is_same(one: str, other: str) -> bool:
    if one == other:
        return True
    shared, longest = (Counter(one) & Counter(other)).total(), max(len(one), len(other))
    return shared >= ALIKE * (len(one) + len(other)) / 2 and abs(len(one) - len(other)) <= OFF * longest
