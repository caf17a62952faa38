"""The order in which the lines of a page are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from documents.models import Document, Verb, announce_correction, record
from documents.search import index
from recognition import layout
from recognition.page import Direction

from .seen import UNCONDITIONAL, Unconditional

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.models import PageResult


class OrderConflictError(Exception):
    """Somebody else has edited the order of the page meanwhile."""


def rearrange(result: PageResult, ids: Sequence[str] | None, *, author: User, seen: int | Unconditional) -> None:
    """Has the lines of ``result`` read in the order of ``ids`` from now on; None: in that in which they were read.

    ``seen``: the number of the order that the author was looking at; UNCONDITIONAL replaces no order that somebody
    edited, whoever it was. Raises OrderConflictError if that is not the one that holds, and ValueError if an id is no
    line's.
    """
    with index.reindexing(result.page.document_id, [result.page.number]) as document:
        if document is None:
            raise OrderConflictError
        if unknown := set(ids or ()) - set(result.placement().lines):
            raise ValueError(f"no lines of this page: {', '.join(sorted(unknown))}")
        row = type(result).objects.filter(pk=result.pk)
        unchanged = row.filter(order__isnull=True) if seen is UNCONDITIONAL else row.filter(order_number=seen)
        if not unchanged.update(order=ids, order_number=F("order_number") + 1):
            raise OrderConflictError
        record(Verb.REORDERED, result.page.document, author, page=result.page.number)
        # The lines too: the page may have been read since ``result`` was looked up.
        result.refresh_from_db(fields=["order", "order_number", "lines", "rotation"])
        result.refresh_text()
        announce_correction(document)


def rearrange_by_direction(
    result: PageResult, direction: Direction, *, author: User, seen: int | Unconditional
) -> None:
    """Orders the lines of ``result`` anew for a page written in ``direction``. OCR does not run again.

    Raises OrderConflictError as ``rearrange`` does.
    """
    with transaction.atomic():
        Document.objects.lock(result.page.document_id)
        lines = result.active_lines(result.page.corrections.active())
        ids = [lines[place].id for place in layout.sequence(result.to_upright_page(lines), direction)]
        rearrange(result, ids, author=author, seen=seen)
