"""The running text of a page by its blocks, as word processors, web pages and Markdown set it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.transcript import TranscriptBlock, TranscriptCell, TranscriptLine, TranscriptPage
from recognition.geometry import union
from recognition.page import grid_positions

from .paragraphs import paragraphs, running_text
from .structure import blocks, is_vertical

MARGINAL = {"header", "footer", "page-number"}
"""Kinds of blocks that stand around the text, not in it."""

_ITEM = re.compile(r"^\s*(?:[-–—•·●○■□◆▪*]|[(（]?(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3})[.．、)）])\s*")


@dataclass(frozen=True)
class Spot:
    """A cell of a table and where it begins: ``row`` and ``column``, counted from 0."""

    row: int
    column: int
    cell: TranscriptCell

    @property
    def text(self) -> str:
        return running_text(self.cell.lines)

    @property
    def spans(self) -> bool:
        return self.cell.rowspan > 1 or self.cell.colspan > 1


def parts(page: TranscriptPage) -> Sequence[TranscriptBlock]:
    """The blocks of ``page``; of one that was read before there were any, its lines in blocks of text."""
    if page.blocks:
        return page.blocks
    return [
        TranscriptBlock(f"{page.number}-b{count}", "text", union(line.line.box for line in lines), lines)
        for count, lines in enumerate(blocks(page.lines), start=1)
    ]


def shown(page: TranscriptPage) -> list[TranscriptBlock]:
    """The blocks of ``page`` with something to be seen: text, a table, or a picture."""
    return [
        block
        for block in parts(page)
        if block.table is not None or block.type == "figure" or any(line.text.strip() for line in block.lines)
    ]


def texts(block: TranscriptBlock) -> list[str]:
    """The paragraphs of a block, or the items of a list; all of a heading or a caption is one."""
    if block.type in {"text", "sidebar", "footnote"}:
        return paragraphs(block.lines)
    if block.type == "list":
        return items(block)
    text = running_text(block.lines)
    return [text] if text else []


def items(block: TranscriptBlock) -> list[str]:
    """The items of a list with their marks: a line without one goes on with the item above it."""
    found: list[list[TranscriptLine]] = []
    for line in block.lines:
        if not line.text.strip():
            continue
        if found and not _ITEM.match(line.text):
            found[-1].append(line)
        else:
            found.append([line])
    return [running_text(lines) for lines in found]


def without_mark(item: str) -> str:
    """A list's item less its bullet; a number stays, since it says something."""
    return re.sub(r"^\s*[-–—•·●○■□◆▪*]\s*", "", item)


def spots(rows: Sequence[Sequence[TranscriptCell]]) -> list[Spot]:
    """The cells of a table, row by row, with their places in its grid."""
    return [Spot(row, column, cell) for row, column, cell in grid_positions(rows)]


def size(rows: Sequence[Sequence[TranscriptCell]]) -> tuple[int, int]:
    """How many rows and columns the grid of a table has."""
    found = spots(rows)
    height = max((spot.row + spot.cell.rowspan for spot in found), default=0)
    return max(height, len(rows)), max((spot.column + spot.cell.colspan for spot in found), default=0)


def filled(rows: Sequence[Sequence[TranscriptCell]]) -> list[list[str]]:
    """The text of each field of a table's grid: that of a cell where it begins, none where it goes on."""
    height, width = size(rows)
    grid = [[""] * width for _ in range(height)]
    for spot in spots(rows):
        grid[spot.row][spot.column] = spot.text
    return grid


def is_vertical_page(page: TranscriptPage) -> bool:
    """Whether most characters of a page stand in lines that run downwards."""
    down = sum(len(line.text) for line in page.lines if is_vertical(line))
    return down > sum(len(line.text) for line in page.lines if not is_vertical(line))
