"""From text lines to the layout of a page: its blocks and the order in which they are read.

1. ``seals`` takes out what is stamped on the page, and ``watermarks`` what runs aslant over its text.
2. ``merged_columns`` parts lines that detection took for one across columns.
3. ``tables`` takes tables out; each is then one thing among the lines.
4. ``margins`` sets running heads and page numbers apart; ``order.cuts`` parts the rest of the page at its gutters and
   gives a first order, or several where it is not clear what a gutter is.
5. ``order.successors`` says which line follows which, and so gathers lines into chains: an article through all of its
   columns, a caption, a sidebar; ``numbering`` sorts those that numbers begin, and ``precedence`` puts first what
   stands right above. ``readings`` takes the first order that it is surest about.
6. ``blocks`` parts chains into headings, paragraphs, captions and so on.
7. ``continued`` puts the parts of a table together that stand in several columns.

What the lines do not show, rules, pictures and grounds, ``detection`` finds in the pixels of the page beforehand.

``line_numbers`` takes line numbers out before all this, and puts them back at the heads of their lines or,
those of every fifth line, behind the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from recognition.geometry import BBox, bounds, corners
from recognition.options import Direction
from recognition.page import Block, Line, Matrix, Table, apply_matrix
from recognition.separators import Separators

from . import blocks, continued, forced, margins, merged_columns, seals, tables, watermarks
from .credibility import credible
from .order import cuts, readings

__all__ = ["Layout", "Separators", "arrange", "as_table", "sequence"]


@dataclass(frozen=True)
class Layout:
    """``lines``: in reading order. ``origins``: for each the index of the given line that it is, or is a part of.

    ``blocks``: in reading order, with every line in exactly one; boxes in the pixels of the lines.
    """

    lines: tuple[Line, ...] = ()
    origins: tuple[int, ...] = ()
    blocks: tuple[Block, ...] = ()

    def in_order(self) -> Layout:
        """The same with its lines numbered anew, block by block."""
        order = [i for block in self.blocks for i in block.lines]
        return Layout(
            tuple(self.lines[i] for i in order),
            tuple(self.origins[i] for i in order),
            blocks_with(self.blocks, order),
        )

    def mapped(self, matrix: Matrix) -> Layout:
        """The same in other coordinates (see ``PageImage.to_page``)."""

        def moved(box: BBox) -> BBox:
            return bounds(apply_matrix(matrix, corners(box)))

        return replace(
            self,
            lines=tuple(line.mapped(matrix) for line in self.lines),
            blocks=tuple(with_boxes(block, moved) for block in self.blocks),
        )


def blocks_with(found: Sequence[Block], order: Sequence[int]) -> tuple[Block, ...]:
    """The blocks with the lines in ``order``, each numbered by its place there; those that lose all lines left out."""
    place = {i: k for k, i in enumerate(order)}

    def kept(lines: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(place[i] for i in lines if i in place)

    def table(of: Table | None) -> Table | None:
        return of and Table(tuple(tuple(replace(cell, lines=kept(cell.lines)) for cell in row) for row in of.rows))

    renumbered = (replace(block, lines=kept(block.lines), table=table(block.table)) for block in found)
    return tuple(new for new, block in zip(renumbered, found, strict=True) if new.lines or not block.lines)


def with_boxes(block: Block, moved: Callable[[BBox], BBox]) -> Block:
    """The block with its box, and those of its cells, ``moved``."""
    table = block.table and Table(
        tuple(tuple(replace(cell, box=moved(cell.box)) for cell in row) for row in block.table.rows)
    )
    return replace(block, box=moved(block.box), table=table)


def arrange(lines: Sequence[Line], direction: Direction = "auto", separators: Separators | None = None) -> Layout:
    """The layout of an upright page whose ``lines`` come in any order.

    A ``direction`` other than "auto" governs the whole page. With "auto" each region goes by the shapes of its
    boxes; square boxes follow the others, and their ``direction`` is set accordingly. Where a line runs on into
    the next column, because detection took two for one, its parts are given as two lines. ``separators``: what
    parts the page beside white space, in the pixels of the lines.
    """
    if not lines:
        return Layout()
    separators = (separators or Separators()).without_text(lines)
    stamped = seals.holding(lines, separators.seals)
    inside = {i for _, of_seal in stamped for i in of_seal}
    aslant = [i for i in watermarks.aslant(lines) if i not in inside]
    outside = [i for i in range(len(lines)) if i not in inside and i not in aslant]
    body = _arranged([lines[i] for i in outside], direction, separators) if outside else Layout()
    page, origins, arranged = list(body.lines), [outside[k] for k in body.origins], list(body.blocks)
    for box, of_seal in stamped:
        anchor = blocks.above(body.lines, body.blocks, box)
        read = cuts.ordered([lines[i] for i in of_seal], direction)
        blocks.insert(arranged, Block("seal", box, tuple(range(len(page), len(page) + len(read)))), anchor)
        page += (line for _, line in read)
        origins += (of_seal[k] for k, _ in read)
    for i in aslant:
        arranged.append(Block("text", lines[i].box, (len(page),)))
        page.append(lines[i])
        origins.append(i)
    return Layout(tuple(page), tuple(origins), tuple(arranged)).in_order()


def _arranged(lines: Sequence[Line], direction: Direction, separators: Separators) -> Layout:
    """The layout of what stands in no seal."""
    lines, given = merged_columns.parted(lines, separators)
    found = credible(tables.find(lines, separators), lines, direction, separators)
    of_tables = [i for table in found.tables for i in table.lines]
    loose = sorted(set(range(len(found.lines))) - set(of_tables))
    stand_ins = [Line("", 1.0, corners(table.box)) for table in found.tables]
    head, foot = margins.of([found.lines[i] for i in loose], [table.box for table in found.tables])
    body = [i for k, i in enumerate(loose) if k not in (*head, *foot)]
    order, chains = readings.read([found.lines[i] for i in body], direction, separators, stand_ins)
    text = [(body[k], line) for k, line in order if k < len(body)]
    before = len(text)
    first, last = (cuts.ordered([found.lines[loose[k]] for k in margin], direction) for margin in (head, foot))
    text += ((loose[head[k]], line) for k, line in first)
    text += ((loose[foot[k]], line) for k, line in last)
    parted = [line for _, line in text]
    alone = [[i] for i in range(before, len(parted))]
    arranged = blocks.blocks_of(parted, [*alone[: len(first)], *chains, *alone[len(first) :]], separators)
    for k, _ in reversed(order):  # so that of two tables with no text between them the first one stays first
        if k < len(body):
            before -= 1
        else:
            block = _block(found.tables[k - len(body)], of_tables, len(parted))
            blocks.insert(arranged, block, before - 1)
    origins = [given[found.origins[i]] for i in (*(i for i, _ in text), *of_tables)]
    whole = (*parted, *(found.lines[i] for i in of_tables))
    return Layout(whole, tuple(origins), tuple(continued.with_continued(arranged, whole))).in_order()


def as_table(lines: Sequence[Line], separators: Separators | None = None, *, whole: bool = False) -> Layout:
    """The layout of ``lines``, of an upright page, of which a person says that they are one table.

    ``separators``: as for ``arrange``. ``whole``: no line is parted, whatever columns it crosses.
    """
    if not lines:
        return Layout()
    found = forced.find(lines, (separators or Separators()).without_text(lines), whole=whole)
    (table,) = found.tables
    return Layout(found.lines, found.origins, (Block("table", table.box, table.lines, table.table),)).in_order()


def _block(found: tables.FoundTable, of_tables: Sequence[int], offset: int) -> Block:
    """The block of a table whose lines are numbered by their place among those ``of_tables``, from ``offset``."""
    block = Block("table", found.box, tuple(found.lines), found.table)
    (numbered,) = blocks_with([block], of_tables)
    shifted = {place: place + offset for place in numbered.lines}
    table = numbered.table and Table(
        tuple(
            tuple(replace(cell, lines=tuple(shifted[i] for i in cell.lines)) for cell in row)
            for row in numbered.table.rows
        )
    )
    return replace(numbered, lines=tuple(shifted.values()), table=table)


def sequence(lines: Sequence[Line], direction: Direction = "auto", separators: Separators | None = None) -> list[int]:
    """The indices of ``lines`` in reading order, each once: a line that runs on stands where it begins."""
    return list(dict.fromkeys(arrange(lines, direction, separators).origins))
