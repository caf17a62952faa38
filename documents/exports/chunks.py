"""A document in pieces for retrieval, by programs that answer questions: JSON lines, or Markdown.

A chunk follows the blocks of the pages. It ends between two lines of running text or two rows of a table, never inside
one, and knows where each of its lines stands.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from statistics import median
from typing import Any

from documents.transcript import Transcript, TranscriptBlock, TranscriptCell, TranscriptLine, TranscriptPage

from .flow import MARGINAL, shown
from .markdown import block_as_markdown
from .paragraphs import joined, running_text
from .structure import is_vertical

DEEPER = 0.9
"""A heading in type smaller than this part of the one above it belongs under it."""


@dataclass(frozen=True)
class Unit:
    """What is never cut: a line of text, or a row of a table."""

    page: int
    block: TranscriptBlock
    lines: Sequence[TranscriptLine]
    row: Sequence[TranscriptCell] | None = None

    @property
    def length(self) -> int:
        return sum(len(line.text) for line in self.lines)


@dataclass(frozen=True)
class Chunk:
    """A piece of a document. ``headings``: those that it stands under, the outermost first; with its own, if it begins
    with one."""

    units: Sequence[Unit]
    headings: Sequence[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(text_of(block) for _, block in self.blocks)

    @property
    def pages(self) -> list[int]:
        return list(dict.fromkeys(unit.page for unit in self.units))

    @property
    def lines(self) -> list[tuple[int, TranscriptLine]]:
        return [(unit.page, line) for unit in self.units for line in unit.lines if line.text.strip()]

    @property
    def blocks(self) -> list[tuple[int, TranscriptBlock]]:
        """Each block with the lines or rows of it that are in this chunk, and its page."""
        found = []
        for (page, _), group in groupby(self.units, key=lambda unit: (unit.page, unit.block.id)):
            units = list(group)
            lines = [line for unit in units for line in unit.lines]
            rows = [unit.row for unit in units if unit.row is not None]
            found.append((page, replace(units[0].block, lines=lines, table=rows or None)))
        return found


def text_of(block: TranscriptBlock) -> str:
    """The text of a block: its paragraphs, or the rows of its table with tabs between the cells."""
    if block.table is None:
        return "\n".join(joined(block.lines))
    return "\n".join("\t".join(running_text(cell.lines).replace("\t", " ") for cell in row) for row in block.table)


def chunks(export: Transcript) -> list[Chunk]:
    """The document in chunks of at most ``export.chunk_size`` characters, unless a single line or row has more.

    A heading begins a chunk and stays with what follows it. What fits into one chunk is not spread over two. Headers,
    footers and page numbers are left out.
    """
    most = export.chunk_size
    found: list[Chunk] = []
    path: list[tuple[float, str]] = []
    held: list[Unit] = []

    def close(keep: Sequence[Unit] = ()) -> None:
        if held:
            found.append(Chunk(tuple(held), tuple(text for _, text in path)))
        held[:] = keep

    for units in _by_block(export.pages):
        block, length = units[0].block, sum(unit.length for unit in units)
        if block.type == "title":
            if any(unit.block.type != "title" for unit in held):
                close()
            _enter(path, block)
            held += units
            continue
        if _length(held) + length > most and any(unit.block.type != "title" for unit in held):
            close()
        for unit in units:
            if held and _length(held) + unit.length > most and held[-1].block.type != "title":
                close()
            held.append(unit)
    close()
    return found


def chunk_of(pages: Iterable[TranscriptPage], ids: Collection[str], headings: Sequence[str]) -> Chunk:
    """The lines with these ids, and the rows that have any of them, as a chunk again. Empty if there are none."""
    units = [unit for units in _by_block(pages) for unit in units if any(line.id in ids for line in unit.lines)]
    return Chunk(units, headings)


def as_json_lines(export: Transcript) -> str:
    """One JSON object a line: text, pages, headings, direction of writing, lines with their boxes, and a link."""
    return "".join(
        json.dumps(_data(export, chunk, number), ensure_ascii=False) + "\n"
        for number, chunk in enumerate(chunks(export), start=1)
    )


def as_markdown_chunks(export: Transcript) -> str:
    """Markdown with a comment before each chunk that says, as JSON, where it comes from."""
    found = []
    for number, chunk in enumerate(chunks(export), start=1):
        about = _data(export, chunk, number)
        del about["text"]
        comment = json.dumps(about, ensure_ascii=False).replace("--", "-\\u002d")
        found += [f"<!-- {comment} -->", *(text for _, block in chunk.blocks for text in block_as_markdown(block))]
    return "\n\n".join(found) + "\n"


def _by_block(pages: Iterable[TranscriptPage]) -> Iterator[list[Unit]]:
    for page in pages:
        for block in shown(page):
            if block.type in MARGINAL:
                continue
            if block.table is None:
                units = [Unit(page.number, block, [line]) for line in block.lines if line.text.strip()]
            else:
                units = [_row(page.number, block, row) for row in block.table]
            if units := [unit for unit in units if unit.length]:
                yield units


def _row(page: int, block: TranscriptBlock, row: Sequence[TranscriptCell]) -> Unit:
    return Unit(page, block, [line for cell in row for line in cell.lines], row)


def _length(units: Sequence[Unit]) -> int:
    return sum(unit.length for unit in units)


def _enter(path: list[tuple[float, str]], title: TranscriptBlock) -> None:
    """Puts a heading where it belongs by the size of its type: under larger ones, in place of those of its size."""
    size = median(_thickness(line) for line in title.lines if line.text.strip())
    while path and path[-1][0] * DEEPER <= size:
        path.pop()
    path.append((size, running_text(title.lines)))


def _thickness(line: TranscriptLine) -> float:
    left, top, right, bottom = line.line.box
    return min(right - left, bottom - top)


def _data(export: Transcript, chunk: Chunk, number: int) -> dict[str, Any]:
    lines = chunk.lines
    down = sum(len(line.text) for _, line in lines if is_vertical(line))
    page, first = lines[0]
    return {
        "document": export.id,
        "title": export.title,
        "chunk": number,
        "pages": chunk.pages,
        "headings": list(chunk.headings),
        "direction": "vertical-rl" if 2 * down > sum(len(line.text) for _, line in lines) else "horizontal",
        "text": chunk.text,
        "blocks": [block.id for _, block in chunk.blocks],
        "lines": [
            {"id": line.id, "page": page, "box": [round(value, 1) for value in line.line.box]} for page, line in lines
        ],
        "link": f"{export.url}?page={page}&line={first.id.partition('-')[2]}" if export.url else None,
    }
