"""The blocks of a page as the viewer shows them: frames in the picture, groups and tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from documents.transcript import TranscriptBlock, TranscriptCell
from recognition.geometry import BBox
from recognition.page import BlockType

if TYPE_CHECKING:
    from . import LineView

KINDS: dict[BlockType, Promise] = {
    "title": _("Heading"),
    "text": pgettext_lazy("kind of block", "Text"),
    "list": _("List"),
    "table": _("Table"),
    "figure": _("Figure"),
    "caption": _("Caption"),
    "header": _("Header"),
    "footer": _("Footer"),
    "page-number": _("Page number"),
    "footnote": _("Footnote"),
    "sidebar": _("Sidebar"),
    "seal": _("Seal"),
}
"""In words."""


@dataclass(frozen=True)
class CellView:
    """A cell of a table. ``box``: left, top, width and height on the page."""

    box: str
    lines: Sequence[LineView]
    rowspan: int
    colspan: int

    @property
    def data(self) -> dict[str, Any]:
        """As a script reads it (static/js/reader/block-view.js)."""
        place = [int(side) for side in self.box.split()]
        lines = [line.key for line in self.lines]
        return {"place": place, "rowspan": self.rowspan, "colspan": self.colspan, "lines": lines}


@dataclass(frozen=True)
class BlockView:
    """One block. ``number`` counts in reading order, from 1. ``key`` names it on its page: "b2".

    ``rows``: of a table. A page that was read before there were blocks is one without a key.
    """

    key: str
    number: int
    type: BlockType
    box: BBox
    lines: Sequence[LineView]
    rows: Sequence[Sequence[CellView]] | None = None

    @property
    def is_framed(self) -> bool:
        """Whether there is something in it still: people may have deleted all its lines."""
        return self.rows is not None or not self.lines or any(not line.is_gone for line in self.lines)

    @property
    def label(self) -> Promise:
        return KINDS[self.type]

    @property
    def frame(self) -> dict[str, int]:
        """Where it is on the page, as SVG writes rectangles."""
        left, top, right, bottom = map(round, self.box)
        return {"x": left, "y": top, "width": right - left, "height": bottom - top}

    @property
    def data(self) -> dict[str, Any]:
        """As a script reads it (static/js/reader/block-view.js)."""
        is_framed = self.key and self.is_framed
        return {
            "key": self.key,
            "kind": self.type,
            "frame": list(self.frame.values()) if is_framed else None,
            "lines": [line.key for line in self.lines] if self.rows is None else [],
            "rows": None if self.rows is None else [[cell.data for cell in row] for row in self.rows],
        }


def block_views(blocks: Sequence[TranscriptBlock], lines: Mapping[str, LineView]) -> list[BlockView]:
    """``blocks`` of a page, whose ``lines`` are given by id; without any, all lines in a nameless one."""
    if not blocks:
        return [BlockView("", 0, "text", (0, 0, 0, 0), list(lines.values()))]
    return [
        BlockView(
            key=block.id.partition("-")[2],
            number=number,
            type=block.type,
            box=block.box,
            lines=[lines[line.id] for line in block.lines],
            rows=None if block.table is None else [[_cell(cell, lines) for cell in row] for row in block.table],
        )
        for number, block in enumerate(blocks, start=1)
    ]


def _cell(cell: TranscriptCell, lines: Mapping[str, LineView]) -> CellView:
    left, top, right, bottom = map(round, cell.box)
    shown = [lines[line.id] for line in cell.lines]
    return CellView(f"{left} {top} {right - left} {bottom - top}", shown, cell.rowspan, cell.colspan)
