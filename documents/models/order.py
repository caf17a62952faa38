"""The order in which the lines of a page are read, where people mended it.

What was read stays as it is: the order is kept beside it, as the ids of the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.db.models import F

from documents.exports import ExportLine
from recognition import layout
from recognition.page import Direction, Line, turning_back

from .archive import Document
from .audit import Verb, record
from .webhooks import announce_correction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .results import PageResult


class OrderConflict(Exception):
    """Somebody else has mended the order of the page meanwhile."""


def in_order(
    lines: Sequence[ExportLine], known: Sequence[str], geometry: Callable[[], Sequence[Line]]
) -> list[ExportLine]:
    """``lines`` as the ids ``known`` have it; one that they do not name follows the line that it follows on the page.

    ``geometry``: gives the same lines on the upright page, if that is needed.
    """
    waiting = {line.id: line for line in lines}
    ordered = [waiting.pop(line_id) for line_id in known if line_id in waiting]
    if waiting:
        as_seen = [lines[index] for index in layout.sequence(geometry())]
        if as_seen[0].id in waiting:
            ordered.insert(0, as_seen[0])
        for before, line in pairwise(as_seen):
            if line.id in waiting:
                ordered.insert(ordered.index(before) + 1, line)
    return ordered


def rearrange(result: PageResult, ids: Sequence[str] | None, *, author: User, seen: int) -> None:
    """Has the lines of ``result`` read in the order of ``ids`` from now on; None: in that in which they were read.

    ``seen``: the number of the order that the author was looking at. Raises OrderConflict if that is not the
    one that holds, and ValueError if an id is no line's.
    """
    with transaction.atomic():
        document = Document.objects.hold(result.page.document_id)  # in turn with those who correct its lines
        if document is None:
            raise OrderConflict
        if unknown := set(ids or ()) - set(result.placement().lines):
            raise ValueError(f"no lines of this page: {', '.join(sorted(unknown))}")
        unchanged = type(result).objects.filter(pk=result.pk, order_number=seen)
        if not unchanged.update(order=ids, order_number=F("order_number") + 1):
            raise OrderConflict
        record(Verb.REORDERED, result.page.document, author, page=result.page.number)
        # The lines too: the page may have been read since ``result`` was looked up.
        result.refresh_from_db(fields=["order", "order_number", "lines", "rotation"])
        result.refresh_text()
        announce_correction(document)


def rearrange_by(result: PageResult, direction: Direction, *, author: User, seen: int) -> None:
    """Orders the lines of ``result`` anew for a page written in ``direction``; nothing is read again."""
    lines = result.standing_lines(result.page.corrections.standing())
    ids = [lines[index].id for index in layout.sequence(upright(result, lines), direction)]
    rearrange(result, ids, author=author, seen=seen)


def upright(result: PageResult, lines: Sequence[ExportLine]) -> list[Line]:
    """The lines as they are on the page set upright, each with the text that stands there."""
    from_upright = turning_back(result.rotation, result.page.width or 0, result.page.height or 0)
    matrix = np.asarray(np.linalg.inv(from_upright), dtype=np.float64)
    return [replace(line.line.mapped(matrix), raw=line.text or line.line.raw) for line in lines]
