"""The blocks of a page as they stand: those that were read, with the lines that people took away, moved or drew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from documents.transcript import TranscriptBlock, TranscriptCell, TranscriptLine
from recognition.geometry import center, contains, union
from recognition.page import Block, Cell, Table


def placed(
    number: int, blocks: Sequence[Block], lines: Sequence[TranscriptLine], names: Sequence[str | None] | None = None
) -> list[TranscriptBlock]:
    """``blocks`` of page ``number`` with its ``lines``, both in reading order.

    ``names``: the ids of the lines by the numbers that blocks and cells have for them, None for one that is not there;
    without them, lines are numbered as they were read.

    The lines decide: a block stands where its first line does, and one whose lines somebody moved apart comes in
    pieces. A table stays whole. A line of no block, which somebody drew, goes to the cell of a table that it lies in,
    to the block of a neighbour in whose box it is, or to that of both, and else is a block of its own. A block without
    lines stays behind the one that it followed. No blocks: the page was read before there were any, and has none.

    The ids of blocks tell which of ``blocks`` they are ("3-b2"), which piece of one ("3-b2.2"), or of which line that
    somebody drew ("3-bc42").
    """
    if not blocks:
        return []
    if names is None:
        names = [f"{number}-{n + 1}" for n in range(1 + max((n for block in blocks for n in block.lines), default=-1))]
    owners = _owners(blocks, lines, names)
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
            found.append((owner, TranscriptBlock("", block.type, block.box, inside, _rows(block.table, inside, names))))
    for k, block in enumerate(blocks):
        if all(k != known for known, _ in found):  # a figure, or nothing is left of its lines
            behind = max((n for n, (known, _) in enumerate(found) if known is not None and known < k), default=-1)
            rows = _rows(block.table, [], names) if block.table else None
            found.insert(behind + 1, (k, TranscriptBlock("", block.type, block.box, [], rows)))
    return _with_ids(number, found)


def _with_ids(number: int, found: Sequence[tuple[int | None, TranscriptBlock]]) -> list[TranscriptBlock]:
    pieces = Counter[int]()
    named = []
    for owner, block in found:
        if owner is None:
            name = f"{number}-b{block.lines[0].id.partition('-')[2]}"
        else:
            pieces[owner] += 1
            name = f"{number}-b{owner + 1}" + (f".{pieces[owner]}" if pieces[owner] > 1 else "")
        named.append(replace(block, id=name))
    return named


def _owners(
    blocks: Sequence[Block], lines: Sequence[TranscriptLine], names: Sequence[str | None]
) -> dict[str, int | None]:
    """By line id: the number of the block that a line belongs to."""
    known = {names[index]: k for k, block in enumerate(blocks) for index in block.lines}
    owners = {line.id: known.get(line.id) for line in lines}
    for n, line in enumerate(lines):
        if owners[line.id] is None:
            owners[line.id] = _table_around(blocks, line)
        if owners[line.id] is None:
            before = owners[lines[n - 1].id] if n else None
            after = known.get(lines[n + 1].id) if n + 1 < len(lines) else None
            owners[line.id] = _of_neighbour(blocks, line, before, after)
    return owners


def _of_neighbour(blocks: Sequence[Block], line: TranscriptLine, before: int | None, after: int | None) -> int | None:
    """The block of both neighbours, or that of one in whose box the line is; never a table."""
    for owner in (before, after):
        if owner is None or blocks[owner].table is not None:
            continue
        if before == after or contains(blocks[owner].box, center(line.line.box)):
            return owner
    return None


def _table_around(blocks: Sequence[Block], line: TranscriptLine) -> int | None:
    middle = center(line.line.box)
    for k, block in enumerate(blocks):
        if block.table and any(contains(cell.box, middle) for row in block.table.rows for cell in row):
            return k
    return None


def _rows(table: Table, lines: Sequence[TranscriptLine], names: Sequence[str | None]) -> list[list[TranscriptCell]]:
    """The cells of ``table`` with ``lines``: those that belong to them, and those that were drawn into them."""
    cells = [cell for row in table.rows for cell in row]
    places = {names[index]: n for n, cell in enumerate(cells) for index in cell.lines}
    held: list[list[TranscriptLine]] = [[] for _ in cells]
    for line in lines:
        around = (n for n, cell in enumerate(cells) if contains(cell.box, center(line.line.box)))
        place = places[line.id] if line.id in places else next(around, None)
        if place is not None:
            held[place].append(line)
    taken = iter(held)
    return [[TranscriptCell(cell.box, next(taken), cell.rowspan, cell.colspan) for cell in row] for row in table.rows]


def numbered(blocks: Sequence[TranscriptBlock], lines: Sequence[TranscriptLine]) -> list[Block]:
    """``blocks`` as they stand, with their lines numbered by their place among ``lines``."""
    place = {line.id: index for index, line in enumerate(lines)}

    def indices(held: Sequence[TranscriptLine]) -> tuple[int, ...]:
        return tuple(sorted(place[line.id] for line in held))

    def numbered_cell(cell: TranscriptCell) -> Cell:
        return Cell(cell.box, indices(cell.lines), cell.rowspan, cell.colspan)

    def table(rows: Sequence[Sequence[TranscriptCell]]) -> Table:
        return Table(tuple(tuple(map(numbered_cell, row)) for row in rows))

    return [
        Block(block.type, block.box, indices(block.lines), None if block.table is None else table(block.table))
        for block in blocks
    ]
