"""Tables that go on at the head of the next column are one table."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from recognition.geometry import BBox, union
from recognition.page import Block, Line, Table, grid_positions

ALIKE = 0.04
"""Borders of columns are in the same places if they differ by no more than this share of the table's width."""

SAME = 80
"""Heads of tables are the same if so many percent of their characters are."""

AWAY = 0.5
"""A table goes on no further away than this share of its width."""


def with_continued(blocks: Sequence[Block], lines: Sequence[Line]) -> list[Block]:
    """The ``blocks`` of a page, with each table that goes on in the next columns as one block, where it begins.

    Its parts have columns in the same places. The next part repeats the head of the one before, or nothing stands
    below that one nor above the next one.
    """
    tables = sorted((block for block in blocks if block.table), key=lambda block: block.box[0])
    whole: list[list[Block]] = []
    for table in tables:
        before = next((parts for parts in whole if _goes_on(parts[-1], table, lines)), None)
        if before:
            before.append(table)
        else:
            whole.append([table])
    heads = {id(parts[0]): _as_one(parts) for parts in whole}
    later = {id(part) for parts in whole for part in parts[1:]}
    return [heads.get(id(block), block) for block in blocks if id(block) not in later]


def _as_one(parts: Sequence[Block]) -> Block:
    if len(parts) == 1:
        return parts[0]
    rows = tuple(row for part in parts if part.table for row in part.table.rows)
    indices = tuple(i for part in parts for i in part.lines)
    return Block("table", union(part.box for part in parts), indices, Table(rows))


def _goes_on(first: Block, second: Block, lines: Sequence[Line]) -> bool:
    """Whether ``second`` stands to the right of ``first`` and is a part of the same table."""
    width, other = (block.box[2] - block.box[0] for block in (first, second))
    gap = (second.box[0] - first.box[2]) / width
    if not (-ALIKE < gap < AWAY and abs(other / width - 1) < ALIKE and _same_columns(first, second)):
        return False
    return _same_heads(first, second, lines) or _from_foot_to_head(first, second, lines)


def _same_columns(first: Block, second: Block) -> bool:
    one, other = _borders(first), _borders(second)
    return len(one) == len(other) > 1 and all(abs(a - b) <= ALIKE for a, b in zip(one, other, strict=True))


def _borders(block: Block) -> list[float]:
    """Where each column begins, as a share of the width of the table."""
    assert block.table is not None
    left, _, right, _ = block.box
    starts: dict[int, list[float]] = {}
    for _, column, cell in grid_positions(block.table.rows):
        starts.setdefault(column, []).append((cell.box[0] - left) / (right - left))
    return [sorted(found)[len(found) // 2] for _, found in sorted(starts.items())]


def _same_heads(first: Block, second: Block, lines: Sequence[Line]) -> bool:
    one, other = (_text(block, lines) for block in (first, second))
    return bool(one and other) and fuzz.ratio(one, other) >= SAME


def _text(block: Block, lines: Sequence[Line]) -> str:
    """The text of the first row."""
    assert block.table is not None
    return "".join(lines[i].raw for cell in block.table.rows[0] for i in cell.lines)


def _from_foot_to_head(first: Block, second: Block, lines: Sequence[Line]) -> bool:
    """Whether ``first`` is the last in its column, and ``second``, which begins higher, the first in the next one."""
    held = {*first.lines, *second.lines}
    others = [line.box for i, line in enumerate(lines) if i not in held]
    below = any(box[1] >= first.box[3] and _is_in_column(box, first.box) for box in others)
    above = any(box[3] <= second.box[1] and _is_in_column(box, second.box) for box in others)
    return not below and not above and second.box[1] < first.box[1]


def _is_in_column(box: BBox, column: BBox) -> bool:
    """Whether most of ``box`` stands in the ``column`` of a table; headings over several columns do not."""
    shared = min(box[2], column[2]) - max(box[0], column[0])
    return shared > (box[2] - box[0]) / 2
