"""The blocks of a page as they stand: those that were read, with the lines that people took away, moved or drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from documents.transcript import TranscriptBlock, TranscriptCell, TranscriptLine
from recognition.geometry import center, contains
from recognition.page import Block, Table


def placed(number: int, blocks: Sequence[Block], lines: Sequence[TranscriptLine]) -> list[TranscriptBlock]:
    """``blocks`` of page ``number`` with its ``lines``, both in reading order.

    The lines decide: a block stands where its first line does, and one without lines stays behind the block that it
    followed. A line of no block, which somebody drew, goes to the cell of a table that it lies in, and else is a block
    of its own. No blocks: the page was read before there were any, and has none.
    """
    if not blocks:
        return []
    indices = {f"{number}-{index + 1}": index for block in blocks for index in block.lines}
    order = {line.id: position for position, line in enumerate(lines)}
    known = {indices[line.id]: line for line in lines if line.id in indices}
    found = [_standing(f"{number}-b{count}", block, known, order) for count, block in enumerate(blocks, start=1)]
    held = {line.id for block in found for line in block.lines}
    for line in lines:
        if line.id not in held:
            _add(found, line, order, f"{number}-b{len(found) + 1}")
    return _ordered(found, order)


def _standing(
    name: str, block: Block, known: Mapping[int, TranscriptLine], order: Mapping[str, int]
) -> TranscriptBlock:
    lines = sorted((known[i] for i in block.lines if i in known), key=lambda line: order[line.id])
    return TranscriptBlock(name, block.type, block.box, lines, _rows(block.table, known, order))


def _rows(
    table: Table | None, known: Mapping[int, TranscriptLine], order: Mapping[str, int]
) -> list[list[TranscriptCell]] | None:
    if table is None:
        return None
    return [
        [
            TranscriptCell(
                cell.box,
                sorted((known[i] for i in cell.lines if i in known), key=lambda line: order[line.id]),
                cell.rowspan,
                cell.colspan,
            )
            for cell in row
        ]
        for row in table.rows
    ]


def _add(blocks: list[TranscriptBlock], line: TranscriptLine, order: Mapping[str, int], name: str) -> None:
    """Puts ``line`` into the cell in which its middle lies, or behind all blocks as one of its own."""
    middle = center(line.line.box)
    for k, block in enumerate(blocks):
        for r, row in enumerate(block.table or ()):
            for c, cell in enumerate(row):
                if contains(cell.box, middle):
                    lines = sorted([*cell.lines, line], key=lambda each: order[each.id])
                    rows = [list(each) for each in block.table or ()]
                    rows[r][c] = replace(cell, lines=lines)
                    held = sorted([*block.lines, line], key=lambda each: order[each.id])
                    blocks[k] = replace(block, lines=held, table=rows)
                    return
    blocks.append(TranscriptBlock(name, "text", line.line.box, [line]))


def _ordered(blocks: Sequence[TranscriptBlock], order: Mapping[str, int]) -> list[TranscriptBlock]:
    """By their first lines; those without lines behind the one before them."""
    ranks: list[tuple[int, int]] = []
    for block in blocks:
        behind = ranks[-1][0] if ranks else -1
        ranks.append((min((order[line.id] for line in block.lines), default=behind), len(ranks)))
    return [block for _, block in sorted(zip(ranks, blocks, strict=True), key=lambda pair: pair[0])]
