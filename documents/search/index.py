"""Keeps the index equal to what the archive says now.

Whoever changes a title, a tag or the current text of a page does so inside ``reindexing``. What
slipped through nevertheless (an archive from before there was an index, rows written by other means) is
found by ``catch_up``, which the reconciler calls, and by ``rebuild``, which compares everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.utils import timezone

from documents.models import Document, Page, PageResult, State, paced
from recognition.convert import language

from .models import LATEST, OTHER_LANGUAGE, PLACES, EmbeddingState, Entry
from .text import GAP, stream

if TYPE_CHECKING:
    from uuid import UUID

PART = 50
"""Pages of a document that are brought up to date in one transaction, where nobody waits for all of them."""

BATCH = 200
"""Documents that are looked at in one go, and the most that ``catch_up`` brings up to date."""

QUIET = timedelta(seconds=20)
"""From a change of a document until its chunks are compared: who corrects a line corrects the next one, too."""


def refresh(document_id: UUID, pages: Iterable[int] | None = None) -> int:
    """Brings title, tags and ``pages`` (numbers; all, if not given) up to date; how many entries that changed.

    A page is found by the text of the current run; where that has none (yet), by the last one that was read.
    """
    with transaction.atomic():
        document = Document.objects.lock(document_id)
        if document is None:  # deleted meanwhile, and its entries with it
            return 0
        _unsettle(document)
        first = _heading(document)
        entries = Entry.objects.filter(document=document)
        results = PageResult.objects.filter(page__document=document)
        if pages is not None:
            numbers = list(pages)
            entries = entries.filter(pk__in=[first, *(first + number for number in numbers)])
            results = results.filter(page__number__in=numbers)
        wanted = [_titled(first, document)]
        wanted += [_read(first, document, result) for result in _readings(document, results)]
        return _replace(list(entries), wanted)


def refresh_moved(document_id: UUID) -> int:
    """Brings only those pages up to date that are to be found by another reading now; how many entries that changed.

    For when a document has got another current run and the texts are as they were: a book costs two small queries.
    """
    with transaction.atomic():
        document = Document.objects.lock(document_id)
        if document is None:
            return 0
        chosen = _chosen(document, PageResult.objects.filter(page__document=document))
        moved = PageResult.objects.filter(pk__in=chosen, entry=None)
        return refresh(document_id, moved.values_list("page__number", flat=True))


def forget_pages(documents: Iterable[UUID]) -> None:
    """Takes out what pages of these documents say, before they get other numbers; ``refresh`` puts it in again."""
    Entry.objects.filter(document__in=list(documents), result__isnull=False).delete()


@contextmanager
def reindexing(document_id: UUID, pages: Iterable[int] | None = None) -> Iterator[Document | None]:
    """Around a change of a document: both in one transaction, the change and what it does to the index.

    Gives the document, locked; None if it is gone.
    """
    with transaction.atomic():
        yield Document.objects.lock(document_id)
        refresh(document_id, pages)


def rebuild() -> Iterator[tuple[int, int]]:
    """Compares the whole index with the archive and repairs it, the newest documents first.

    Yields, after each batch, how many documents it has looked at and how many entries it changed. May be
    stopped at any time: what is done is done, and a second pass changes nothing where nothing has changed.
    """
    documents = Document.objects.order_by("-created", "-pk").values_list("created", "pk")
    batch = list(documents[:BATCH])
    while batch:
        yield len(batch), sum(_refresh_in_parts(pk) for _, pk in paced(batch))
        created, pk = batch[-1]
        batch = list(documents.filter(Q(created__lt=created) | Q(created=created, pk__lt=pk))[:BATCH])


def behind() -> list[UUID]:
    """Some documents (at most BATCH) without entry, or with a page that has been read and is not found by it.

    A text that was changed without a word to the index is not among them: ``rebuild`` compares the texts.
    """
    read = PageResult.objects.filter(state=State.DONE, run=F("page__document__current_run"))
    pages = read.filter(entry=None).values_list("page__document_id", flat=True)[:BATCH]
    return list({*pages, *Document.objects.filter(entries=None).values_list("pk", flat=True)[:BATCH]})[:BATCH]


def catch_up() -> int:
    """Refreshes what is ``behind``; how many documents it was."""
    documents = behind()
    for pk in paced(documents):
        _refresh_in_parts(pk)
    return len(documents)


def _refresh_in_parts(document_id: UUID) -> int:
    """As ``refresh``, but a long document is held for some pages at a time."""
    entries = Entry.objects.filter(document=document_id).values_list("pk", flat=True)
    pages = Page.objects.filter(document=document_id).values_list("number", flat=True)
    numbers = sorted({*pages, *(entry % PLACES for entry in entries)} - {0})
    parts = [numbers[start : start + PART] for start in range(0, len(numbers), PART)]
    return sum(refresh(document_id, part) for part in paced(parts or [[]]))


def _heading(document: Document) -> int:
    """The number of the entry of title and tags, made if there is none yet; those of the pages follow it.

    It says when the document came. Of two that came in the same millisecond one counts as a millisecond older.
    """
    known = Entry.objects.filter(document=document).order_by("pk").values_list("pk", flat=True).first()
    if known is not None:
        return known - known % PLACES
    for age in count(LATEST - int(document.created.timestamp() * 1000)):
        entry, _ = Entry.objects.get_or_create(pk=age * PLACES, defaults={"document": document})
        if entry.document_id == document.pk:
            break
    return entry.pk


def _titled(first: int, document: Document) -> Entry:
    words = [document.title, *document.tags.order_by("pk").values_list("name", flat=True)]
    heading = GAP.join(stream(word) for word in words)
    return Entry(pk=first, document=document, language=language(document.title) or OTHER_LANGUAGE, stream=heading)


def _read(first: int, document: Document, result: PageResult) -> Entry:
    return Entry(
        pk=first + result.page.number,
        document=document,
        result=result,
        language=language(result.text) or OTHER_LANGUAGE,
        stream=stream(result.text),
    )


def _readings(document: Document, results: QuerySet[PageResult]) -> QuerySet[PageResult]:
    """Of all readings of some pages those that the pages are found by."""
    found = PageResult.objects.filter(pk__in=_chosen(document, results))
    return found.select_related("page").only("text", "page__number").order_by("page__number")


def _chosen(document: Document, results: QuerySet[PageResult]) -> list[int]:
    current = ExpressionWrapper(Q(run=document.current_run_id), BooleanField())
    ordered = results.order_by(current, "finished", "pk").values_list("page", "pk", "state")
    # Of several the last one stays. Asked for the state, SQLite would look at all pages in that state.
    chosen = {page: pk for page, pk, state in ordered if state == State.DONE}
    return list(chosen.values())


def _unsettle(document: Document) -> None:
    """Notes that its chunks may no longer be those that were embedded. What has a time already keeps it."""
    later = Case(When(run=None, then=F("next_try")), default=Value(timezone.now() + QUIET))
    EmbeddingState.objects.filter(document=document).update(run=None, changes=F("changes") + 1, next_try=later)


def _replace(present: Iterable[Entry], wanted: Iterable[Entry]) -> int:
    """Makes the entries that are ``present`` those that are ``wanted``; how many had to be written or removed."""
    before = {entry.pk: entry for entry in present}
    new = []
    changed = 0
    for entry in wanted:
        old = before.pop(entry.pk, None)
        if old is None:
            new.append(entry)
        elif any(getattr(old, name) != getattr(entry, name) for name in ("result_id", "language", "stream")):
            entry.save(force_update=True)
            changed += 1
    Entry.objects.bulk_create(new)
    Entry.objects.filter(pk__in=list(before)).delete()
    return changed + len(new) + len(before)
