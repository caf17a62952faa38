"""How a page is arranged: the kinds and the order of its blocks, the grids of its tables, the order of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from documents.blocks import changes, numbered
from documents.blocks.changes import GridChange
from documents.models import Edits, Verb, announce_correction, in_order, place, record
from documents.search import index
from documents.transcript import TranscriptLine
from recognition import layout
from recognition.geometry import BBox, union
from recognition.options import Direction
from recognition.page import Block, BlockType, Table

from .seen import UNCONDITIONAL, Unconditional
from .texts import refresh_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import Page, PageResult

Seen = int | Unconditional
"""The number of the arrangement that the author was looking at, 0 for the page as it was read; UNCONDITIONAL replaces
none that somebody made, whoever it was."""


class ArrangementConflictError(Exception):
    """Somebody else has arranged the page meanwhile."""


def rearrange(result: PageResult, ids: Sequence[str] | None, *, author: User, seen: Seen) -> int:
    """Has the lines of ``result`` read in the order of ``ids`` from now on; None: has all as it was read.

    Gives the number of the new arrangement. Raises ArrangementConflictError if ``seen`` is not the one that holds, and
    ValueError if an id is no line's.
    """
    with arranging(result, author, seen, Verb.REORDERED) as draft:
        draft.blocks = draft.read
        draft.order = draft.order_by(ids, result) if ids else None
    return draft.number


def rearrange_by_direction(result: PageResult, direction: Direction, *, author: User, seen: Seen) -> int:
    """Orders the lines of ``result`` anew for a page written in ``direction``. OCR does not run again.

    Gives and raises what ``rearrange`` does.
    """
    with arranging(result, author, seen, Verb.REORDERED) as draft:
        draft.blocks, draft.order = draft.read, layout.sequence(result.to_upright_page(draft.lines), direction)
    return draft.number


def arrange_as_before(result: PageResult, number: int, *, author: User, seen: Seen) -> int:
    """Takes changes back: the page is as it was in the arrangement with ``number`` (0: as it was read).

    Gives and raises what ``rearrange`` does, and LookupError if there is no such arrangement.
    """
    with arranging(result, author, seen, Verb.ARRANGED, change="undo") as draft:
        draft.before = number
    return draft.number


def retype_block(result: PageResult, block: str, kind: BlockType, *, author: User, seen: Seen) -> int:
    """Makes the block with the id ``block`` one of another kind. What becomes a table gets the grid of its lines.

    Gives and raises what ``rearrange`` does, and LookupError if there is no such block.
    """
    with arranging(result, author, seen, Verb.ARRANGED, block=block, change="kind", kind=kind) as draft:
        at = draft.find(block)
        table = _grid_of(result, draft, at) if kind == "table" else None
        draft.reorder(changes.retyped(draft.blocks, at, kind, table))
    return draft.number


def move_block(result: PageResult, block: str, position: int, *, author: User, seen: Seen) -> int:
    """Has a block read as the ``position``-th of its page, counted from 1.

    Gives and raises what ``retype_block`` does, and ValueError if there is no such place.
    """
    with arranging(result, author, seen, Verb.REORDERED, block=block) as draft:
        draft.reorder(changes.moved(draft.blocks, draft.find(block), position))
    return draft.number


def change_grid(result: PageResult, block: str, change: GridChange, at: int, *, author: User, seen: Seen) -> int:
    """Adds a row or column to a table before the one at ``at``, counted from 0, or takes that one away.

    Lines of a row that is taken away become text beside the table. Gives and raises what ``retype_block`` does, and
    ValueError if it is no table, or has no such row.
    """
    with arranging(result, author, seen, Verb.ARRANGED, block=block, change=change) as draft:
        draft.reorder(changes.regridded(draft.blocks, draft.find(block), change, at, draft.boxes))
    return draft.number


@dataclass
class Draft:
    """The page as it stands, and what becomes of it.

    ``lines``: in reading order. ``blocks``: with their lines numbered by their place among ``lines``; ``ids``: theirs.
    ``read``: the same blocks, but whole where lines that were moved part them, and without lines that were drawn.
    ``order``: the numbers of the lines in their new order; None has all as it was read. ``before``: the number of an
    arrangement that is to hold again. ``number``: of the one that was made.
    """

    lines: Sequence[TranscriptLine]
    blocks: list[Block]
    ids: Sequence[str]
    read: list[Block]
    order: Sequence[int] | None
    before: int | None = None
    number: int = 0

    @classmethod
    def of(cls, result: PageResult, edits: Edits) -> Draft:
        placement = place(result.page.number, result.read_lines(), edits.corrections)
        page = result.standing(placement, edits.arrangement)
        lines, blocks = page.lines, numbered(page.blocks, page.lines)
        if not blocks and lines:  # the page was read before there were any
            blocks = [Block("text", union(line.line.box for line in lines), tuple(range(len(lines))))]
        ids = [block.id for block in page.blocks]
        known, names = result.known_blocks(placement, edits.arrangement)
        where = {line.id: n for n, line in enumerate(lines)}
        read = changes.renumbered(known, {n: where[name] for n, name in enumerate(names) if name in where})
        return cls(lines, blocks, ids, read, range(len(lines)))

    @property
    def boxes(self) -> list[BBox]:
        return [line.line.box for line in self.lines]

    def find(self, block: str) -> int:
        """The place of the block with this id. Raises LookupError."""
        if block not in self.ids:
            raise LookupError(block)
        return self.ids.index(block)

    def order_by(self, ids: Sequence[str], result: PageResult) -> list[int]:
        """The order in which ``ids`` come one after the other. Raises ValueError if one is no line's."""
        place = {line.id: n for n, line in enumerate(self.lines)}
        if unknown := set(ids) - set(place):
            raise ValueError(f"These are no lines of this page: {', '.join(sorted(unknown))}.")
        return [place[line.id] for line in in_order(self.lines, ids, lambda: result.to_upright_page(self.lines))]

    def reorder(self, blocks: list[Block]) -> None:
        """Takes ``blocks`` for those of the page, in their order."""
        self.blocks, self.order = blocks, changes.sequence(blocks)


@contextmanager
def arranging(result: PageResult, author: User, seen: Seen, verb: Verb, **details: Any) -> Iterator[Draft]:
    """The page of ``result`` as it stands; what is made of it inside holds afterwards."""
    page = result.page
    with index.reindexing(page.document_id, [page.number]) as document:  # locked: two editors take turns
        latest = page.arrangements.last()
        number = latest.number if latest else 0
        unchanged = latest is None or latest.is_as_read if seen is UNCONDITIONAL else number == seen
        if document is None or not unchanged:
            raise ArrangementConflictError
        result.refresh_from_db(fields=["lines", "blocks", "rotation"])  # it may have been read since it was looked up
        draft = Draft.of(result, result.edits())
        yield draft
        draft.number = number + 1
        page.arrangements.create(number=draft.number, author=author, **_content(page, draft))
        refresh_texts(page)
        record(verb, page.document, author, page=page.number, **details)
        announce_correction(document)


def _content(page: Page, draft: Draft) -> dict[str, Any]:
    """The places and blocks of the arrangement that is to hold."""
    if draft.before:
        found = page.arrangements.filter(number=draft.before).first()
        if found is None:
            raise LookupError(draft.before)
        return {"places": found.places, "blocks": found.blocks}
    if draft.before == 0 or draft.order is None:
        return {"places": None, "blocks": []}
    blocks = changes.renumbered(draft.blocks, {n: place for place, n in enumerate(draft.order)})
    return {"places": [draft.boxes[n] for n in draft.order], "blocks": [block.to_dict() for block in blocks]}


def _grid_of(result: PageResult, draft: Draft, at: int) -> Table:
    """The grid in which the lines of the block at ``at`` stand."""
    indices = draft.blocks[at].lines
    found = layout.as_table(result.to_upright_page([draft.lines[n] for n in indices]), whole=True)
    if not found.blocks:
        raise ValueError("A block without text is no table.")
    (block,) = found.mapped(result.from_upright_page()).blocks
    (numbered_block,) = changes.renumbered([block], {n: indices[origin] for n, origin in enumerate(found.origins)})
    assert numbered_block.table is not None
    return numbered_block.table
