"""The blocks of a page as they stand: those that were read, with the lines that people took away, moved or drew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from documents.transcript import TranscriptBlock, TranscriptCell, TranscriptLine
from recognition.geometry import center, contains, union
from recognition.page import Block, Cell, Table


def placed(number: int, blocks: Sequence[Block], lines: Sequence[TranscriptLine]) -> list[TranscriptBlock]:
    """``blocks`` of page ``number`` with its ``lines``, both in reading order.

    The lines decide: a block stands where its first line does, and one whose lines somebody moved apart comes in
    pieces. A table stays whole. A line of no block, which somebody drew, goes to the cell of a table that it lies in,
    or to the block of both its neighbours, and else is a block of its own. A block without lines stays behind the one
    that it followed. No blocks: the page was read before there were any, and has none.
    """
    if not blocks:
        return []
    owners = _owners(number, blocks, lines)
    found: list[tuple[int | None, TranscriptBlock]] = []
    for owner, together in groupby(lines, key=lambda line: owners[line.id]):
        held = list(together)
        if owner is None:
            found += [(None, TranscriptBlock("", "text", line.line.box, [line])) for line in held]
        elif (block := blocks[owner]).table is None:
            box = block.box if len(held) >= len(block.lines) else union(line.line.box for line in held)
            found.append((owner, TranscriptBlock("", block.type, box, held)))
        elif all(owner != known for known, _ in found):
            inside = [line for line in lines if owners[line.id] == owner]
            found.append(
                (owner, TranscriptBlock("", block.type, block.box, inside, _rows(number, block.table, inside)))
            )
    for k, block in enumerate(blocks):
        if all(k != known for known, _ in found):  # a figure, or nothing is left of its lines
            behind = max((n for n, (known, _) in enumerate(found) if known is not None and known < k), default=-1)
            rows = _rows(number, block.table, []) if block.table else None
            found.insert(behind + 1, (k, TranscriptBlock("", block.type, block.box, [], rows)))
    return [replace(block, id=f"{number}-b{count}") for count, (_, block) in enumerate(found, start=1)]


def _owners(number: int, blocks: Sequence[Block], lines: Sequence[TranscriptLine]) -> dict[str, int | None]:
    """By line id: the number of the block that a line belongs to."""
    read = {f"{number}-{index + 1}": k for k, block in enumerate(blocks) for index in block.lines}
    owners = {line.id: read.get(line.id) for line in lines}
    for n, line in enumerate(lines):
        if owners[line.id] is None:
            owners[line.id] = _table_around(blocks, line)
        if owners[line.id] is None and 0 < n < len(lines) - 1:
            before, after = owners[lines[n - 1].id], read.get(lines[n + 1].id)
            owners[line.id] = before if before == after and before is not None and not blocks[before].table else None
    return owners


def _table_around(blocks: Sequence[Block], line: TranscriptLine) -> int | None:
    middle = center(line.line.box)
    for k, block in enumerate(blocks):
        if block.table and any(contains(cell.box, middle) for row in block.table.rows for cell in row):
            return k
    return None


def _rows(number: int, table: Table, lines: Sequence[TranscriptLine]) -> list[list[TranscriptCell]]:
    """The cells of ``table`` with ``lines``: those that were read in them, and those that were drawn into them."""
    read = {f"{number}-{index + 1}" for row in table.rows for cell in row for index in cell.lines}

    def held(cell: Cell, line: TranscriptLine) -> bool:
        if line.id in read:
            return any(line.id == f"{number}-{index + 1}" for index in cell.lines)
        return contains(cell.box, center(line.line.box))

    return [
        [
            TranscriptCell(cell.box, [line for line in lines if held(cell, line)], cell.rowspan, cell.colspan)
            for cell in row
        ]
        for row in table.rows
    ]
