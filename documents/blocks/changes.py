"""What people change in the blocks of a page, on plain values.

Blocks number their lines by their place among those of the page, which are in reading order. A change gives the blocks
in their new order, of which the lines follow (``sequence``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from recognition.geometry import BBox, center, contains, union
from recognition.page import Block, BlockType, Cell, Table

from . import grids

GridChange = Literal["add-row", "delete-row", "add-column", "delete-column"]


def retyped(blocks: Sequence[Block], index: int, kind: BlockType, table: Table | None) -> list[Block]:
    """The block at ``index`` of another kind. ``table``: the grid, and so the order, of what becomes a table."""
    block = blocks[index]
    grid = (block.table or table) if kind == "table" else None
    lines = block.lines if grid is None else _of_cells(grid)
    return [*blocks[:index], replace(block, type=kind, lines=lines, table=grid), *blocks[index + 1 :]]


def moved(blocks: Sequence[Block], index: int, position: int) -> list[Block]:
    """The block at ``index`` as the ``position``-th, counted from 1. Raises ValueError for no place on the page."""
    if not 1 <= position <= len(blocks):
        raise ValueError(f"The page has {len(blocks)} blocks.")
    rest = [*blocks[:index], *blocks[index + 1 :]]
    return [*rest[: position - 1], blocks[index], *rest[position - 1 :]]


def regridded(blocks: Sequence[Block], index: int, change: GridChange, at: int, boxes: Sequence[BBox]) -> list[Block]:
    """The table at ``index`` with a row or column more before the one at ``at``, or without that one.

    ``boxes``: of the lines of the page. What stood in a row that is taken away becomes text behind the table, or before
    it if it was the first. Raises ValueError if there is no table, or no such row.
    """
    table = blocks[index].table
    if table is None:
        raise ValueError("This block is no table.")
    if change in {"add-row", "add-column"}:
        grown = grids.with_row(table, at) if change == "add-row" else grids.with_column(table, at)
        return [*blocks[:index], replace(blocks[index], table=grown), *blocks[index + 1 :]]
    rest, released = grids.without_row(table, at) if change == "delete-row" else grids.without_column(table, at)
    kept = replace(blocks[index], table=rest, lines=tuple(i for i in blocks[index].lines if i not in released))
    loose = [Block("text", union(boxes[i] for i in released), released)] if released else []
    around = [*loose, kept] if at == 0 else [kept, *loose]
    return [*blocks[:index], *around, *blocks[index + 1 :]]


def with_table(blocks: Sequence[Block], box: BBox, table: Table) -> list[Block]:
    """A table in the place of the lines that its cells hold; blocks that lose all their lines to it are gone.

    A block that it parts goes on behind it: the order of the lines stays as it is.
    """
    held = sorted(index for row in table.rows for cell in row for index in cell.lines)
    rest = without_lines(blocks, held)
    first = held[0] if held else -1
    behind = [n for n, block in enumerate(rest, start=1) if block.lines and block.lines[0] < first]
    at = max(behind, default=0)
    return [*rest[:at], Block("table", box, tuple(held), table), *rest[at:]]


def filled(table: Table, lines: Sequence[int], boxes: Sequence[BBox]) -> Table:
    """The table with those of ``lines`` that stand in its cells; ``boxes``: of all lines of the page."""
    left = list(lines)

    def with_lines(cell: Cell) -> Cell:
        inside = [n for n in left if contains(cell.box, center(boxes[n]))]
        for n in inside:
            left.remove(n)
        return replace(cell, lines=tuple(sorted([*cell.lines, *inside])))

    return Table(tuple(tuple(map(with_lines, row)) for row in table.rows))


def sequence(blocks: Sequence[Block]) -> list[int]:
    """The numbers of the lines in the order of their blocks."""
    return [index for block in blocks for index in block.lines]


def renumbered(blocks: Sequence[Block], numbers: Mapping[int, int]) -> list[Block]:
    """The blocks with other numbers for their lines; lines that have none are left out."""
    return [
        replace(
            block,
            lines=_numbers(block.lines, numbers),
            table=None if block.table is None else renumbered_table(block.table, numbers),
        )
        for block in blocks
    ]


def renumbered_table(table: Table, numbers: Mapping[int, int]) -> Table:
    """The same for one table."""
    return Table(tuple(tuple(replace(cell, lines=_numbers(cell.lines, numbers)) for cell in row) for row in table.rows))


def _numbers(lines: Sequence[int], numbers: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted(numbers[index] for index in lines if index in numbers))


def _of_cells(table: Table) -> tuple[int, ...]:
    return tuple(index for row in table.rows for cell in row for index in cell.lines)


def without_lines(blocks: Sequence[Block], gone: Collection[int]) -> list[Block]:
    """The blocks without some of their lines; those that lose all are left out."""
    numbers = {index: index for block in blocks for index in block.lines if index not in gone}
    rest = renumbered(blocks, numbers)
    return [new for new, block in zip(rest, blocks, strict=True) if new.lines or not block.lines]
