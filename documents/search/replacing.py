"""Finds what is to be replaced, in all that its author may edit of a page, a document or a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from documents.models import (
    LONGEST_TEXT,
    Document,
    DocumentFilters,
    PageResult,
    RefusedError,
    ReplacedLine,
    Replacement,
    State,
    edits_by_page,
)

from .literal import Literal

if TYPE_CHECKING:
    from django.db.models import QuerySet

MOST_PAGES = 5000
"""Pages that are looked through at a time: some seconds."""

MOST_LINES = 5000
"""Lines of one replacement."""

BATCH = 200
"""Pages whose texts are in memory at the same time."""


def prepare(replacement: Replacement) -> Replacement:
    """Saves ``replacement`` with the lines of the current runs that have its text; all finds are chosen.

    Raises RefusedError for more than MOST_PAGES pages, and where a line would become too long.
    """
    numbers = list(_results(replacement).values_list("pk", flat=True)[: MOST_PAGES + 1])
    if len(numbers) > MOST_PAGES:
        raise RefusedError(
            _(
                "There are more than %(most)d pages here, which is more than are looked through at a time. "
                "Choose a folder inside this one, or a document."
            )
            % {"most": MOST_PAGES}
        )
    found = list(islice(_found(replacement, numbers), MOST_LINES + 1))
    if any(len(line.after) > LONGEST_TEXT for line in found):
        raise RefusedError(_("A line has at most %(most)s characters.") % {"most": LONGEST_TEXT})
    replacement.more = len(found) > MOST_LINES
    with transaction.atomic():
        replacement.save()
        ReplacedLine.objects.bulk_create(found[:MOST_LINES], batch_size=500)
        replacement.forget_older_previews()
    return replacement


def _results(replacement: Replacement) -> QuerySet[PageResult]:
    """What is looked through, in the order in which people see it: the newest document first."""
    documents = Document.objects.editable_by(replacement.author)
    if replacement.document is not None:
        documents = documents.filter(pk=replacement.document.pk)
    else:
        documents = documents.matching(DocumentFilters(folder=replacement.folder))
    results = PageResult.objects.filter(
        state=State.DONE, run=F("page__document__current_run"), page__document__in=documents
    )
    if replacement.page_number is not None:
        results = results.filter(page__number=replacement.page_number)
    return results.order_by("-page__document__created", "page__document", "page__number")


def _found(replacement: Replacement, numbers: Sequence[int]) -> Iterator[ReplacedLine]:
    wanted = Literal(
        replacement.find,
        ignore_case=replacement.ignore_case,
        ignore_width=replacement.ignore_width,
        ignore_script=replacement.ignore_script,
    )
    for start in range(0, len(numbers), BATCH):
        some = numbers[start : start + BATCH]
        texts = dict(PageResult.objects.filter(pk__in=some).values_list("pk", "text"))
        candidates = [number for number in some if texts.get(number, "") in wanted]
        results = PageResult.objects.select_related("page", "run").in_bulk(candidates)
        edits = edits_by_page(pk__in=[result.page_id for result in results.values()])
        for number in candidates:
            result = results[number]
            for line in result.transcript(edits[result.page_id]).lines:
                if spans := wanted.spans(line.text):
                    yield ReplacedLine(
                        replacement=replacement,
                        result=result,
                        line_id=line.id,
                        before=line.text,
                        spans=spans,
                        chosen=spans,
                    )
