"""What people have proof-read: lines and pages marked as checked, or no longer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from documents.models import COUNTED, Document, Mark, PageCheck, PageResult, State, Verb, marked, record

from .texts import refresh_texts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from documents.transcript import TranscriptLine

COUNTED_AT_ONCE = 200
"""Page results; the next round takes the rest."""


def check(result: PageResult, *, author: User, texts: Mapping[str, str] | None = None) -> None:
    """Marks lines of ``result`` as checked. ``texts``: by their ids, what their reader saw; None: all as they stand.

    A line that says something else by now is not marked. Raises LookupError if there is no such line.
    """
    with _marking(result) as (lines, marks, others):
        if texts is not None and (unknown := texts.keys() - lines.keys()):
            raise LookupError(", ".join(sorted(unknown)))
        seen = [line for line in lines.values() if texts is None or texts.get(line.id) == line.text]
        new = {line.id: Mark(line.line.polygon, line.text) for line in seen if line.text and line.id not in marks}
        is_empty = not any(line.text for line in lines.values())
        PageCheck.keep(result.page, [] if is_empty else [*others, *marks.values(), *new.values()], author)
        _record(Verb.CHECKED, result, author, new, whole=texts is None or len(texts) == len(lines))


def uncheck(result: PageResult, *, author: User, line_ids: Collection[str] | None = None) -> None:
    """Takes marks off lines of ``result``, or off the whole page; what was corrected by hand stays checked.

    Raises LookupError if there is no such line.
    """
    with _marking(result) as (lines, marks, others):
        if line_ids is not None and (unknown := set(line_ids) - lines.keys()):
            raise LookupError(", ".join(sorted(unknown)))
        left = {} if line_ids is None else {key: mark for key, mark in marks.items() if key not in line_ids}
        if line_ids is not None and (left or others):
            PageCheck.keep(result.page, [*others, *left.values()], author)
        else:
            PageCheck.objects.filter(page=result.page).delete()
        _record(Verb.UNCHECKED, result, author, marks.keys() - left.keys(), whole=line_ids is None)


def count_uncounted() -> int:
    """Counts what is checked of pages that were read before anything was counted; how many pages."""
    uncounted = PageResult.objects.filter(state=State.DONE, lines_total=None).select_related("page", "run")
    found = list(uncounted.defer("stages")[:COUNTED_AT_ONCE])
    for result in found:
        with transaction.atomic():
            if Document.objects.lock(result.page.document_id) is not None:
                PageResult.objects.select_related("page", "run").get(pk=result.pk).refresh_text()
    return len(found)


@contextmanager
def _marking(result: PageResult) -> Iterator[tuple[dict[str, TranscriptLine], dict[str, Mark], list[Mark]]]:
    """The lines of ``result`` and the marks on them, by id, and marks that stand for lines of other runs.

    What is marked inside counts afterwards.
    """
    page = result.page
    with transaction.atomic():
        if Document.objects.lock(page.document_id) is None:
            raise LookupError(page.document_id)
        result.refresh_from_db(fields=["lines", "blocks", "rotation"])
        edits = result.edits()
        known = edits.check.marks if edits.check else []
        lines = {line.id: line for line in result.transcript(edits).lines}
        marks = dict(marked(list(lines.values()), known))
        yield lines, marks, [mark for mark in known if mark not in marks.values()]
        refresh_texts(page)
        result.refresh_from_db(fields=COUNTED)


def _record(verb: Verb, result: PageResult, author: User, line_ids: Collection[str], *, whole: bool) -> None:
    """A page that is marked as a whole is said to be, without the ids of all its lines."""
    details = {} if whole else {"lines": " ".join(line_ids)}
    if whole or line_ids:
        record(verb, result.page.document, author, page=result.page.number, **details)
