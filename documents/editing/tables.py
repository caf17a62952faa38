"""A region of a page that somebody had read as a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from documents.blocks import changes
from documents.models import Document, Placement, Verb, at_places
from recognition.geometry import BBox, bounds, center, contains, intersection_over_union
from recognition.page import Line, Table

from .arrangement import arranging
from .lines import ConflictError, Drawing, LineChange, change

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import PageResult

SAME = 0.5
"""Intersection over union from which a line of the table is one that the page has already."""


@dataclass(frozen=True)
class DrawnTable:
    """``box``: of the region, in pixels of the page image. ``lines``: what was read there, as the author left it.

    ``read``: the text of each before that. ``table``: its cells have the numbers of ``lines``.
    """

    box: BBox
    lines: Sequence[Drawing]
    read: Sequence[str]
    table: Table


def keep_table(result: PageResult, drawn: DrawnTable, *, author: User, seen: Collection[int], arrangement: int) -> int:
    """Makes what was read in a region a table of the page; gives the number of the new arrangement.

    A line that the page has already at the place of one that was read stays, with what somebody wrote over it, unless
    the author wrote something else now. Lines that were read otherwise now are deleted, and those that the page lacks
    are drawn. A line where nothing was read goes to the cell around it.

    ``seen``: the corrections on the page, and ``arrangement`` the number of its arrangement, that the author was
    looking at. Raises ConflictError if another correction would be lost, and ArrangementConflictError; then nothing is
    kept.
    """
    with transaction.atomic():
        Document.objects.lock(result.page.document_id)
        ids = _write_lines(result, drawn, author, seen)
        with arranging(result, author, arrangement, Verb.ARRANGED, change="table") as draft:
            place = {line.id: n for n, line in enumerate(draft.lines)}
            numbers = {n: place[line_id] for n, line_id in ids.items()}
            table = changes.renumbered_table(drawn.table, numbers)
            others = [n for n, line in enumerate(draft.lines) if line.text and n not in numbers.values()]
            draft.blocks = changes.with_table(draft.blocks, drawn.box, changes.filled(table, others, draft.boxes))
    return draft.number


def _write_lines(result: PageResult, drawn: DrawnTable, author: User, seen: Collection[int]) -> dict[int, str]:
    """By number of a line of the table the id of the line of the page that it is now."""
    placement = result.placement()
    ids = _known_lines(placement, drawn)
    read = [bounds(line.polygon) for line in drawn.lines]
    changed = [
        (line_id, "")
        for line_id, line in _inside(placement, drawn.box).items()
        if line_id not in ids.values() and any(_are_at_one_place(line.box, box) for box in read)
    ]
    for n, line_id in ids.items():
        text, holding = drawn.lines[n].text, placement.by_line.get(line_id)
        before = holding.text if holding else placement.lines[line_id].text
        if text != before and not (holding and holding.text and text == drawn.read[n]):
            changed.append((line_id, text))
    missing = [n for n, line in enumerate(drawn.lines) if n not in ids and line.text]
    writes = [_change(placement, line_id, text, seen) for line_id, text in changed]
    written = change(result, writes, [drawn.lines[n] for n in missing], author=author, seen=seen)
    return ids | dict(zip(missing, written[len(writes) :], strict=True))


def _are_at_one_place(a: BBox, b: BBox) -> bool:
    return contains(a, center(b)) or contains(b, center(a))


def _change(placement: Placement, line_id: str, text: str, seen: Collection[int]) -> LineChange:
    holding = placement.by_line.get(line_id)
    if holding and holding.pk not in seen:
        raise ConflictError(line_id, holding)
    return LineChange(line_id, text, holding.pk if holding else None)


def _known_lines(placement: Placement, drawn: DrawnTable) -> dict[int, str]:
    """The lines of the table that the page has already; one that several of the table stand in is none of them."""
    boxes = [bounds(line.polygon) for line in drawn.lines]
    inside = _inside(placement, drawn.box)
    known = {}
    for n, line_id in enumerate(at_places(boxes, inside)):
        if line_id is None or intersection_over_union(boxes[n], inside[line_id].box) < SAME:
            continue
        if not any(contains(inside[line_id].box, center(box)) for k, box in enumerate(boxes) if k != n):
            known[n] = line_id
    return known


def _inside(placement: Placement, box: BBox) -> dict[str, Line]:
    """The lines in ``box`` that nobody has deleted."""
    texts = placement.texts()
    return {
        line_id: line
        for line_id, line in placement.lines.items()
        if contains(box, center(line.box)) and texts.get(line_id, line.text)
    }
