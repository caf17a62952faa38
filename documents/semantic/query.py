"""Searches by meaning: compares the words of a query with every chunk that somebody may see.

Exact, in bounded memory, on every database: rows are read some megabytes at a time.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Length

from documents import limits
from documents.exports.chunks import Chunk, chunk_of
from documents.models import Document, DocumentFilters, PageResult, State, edits_by_page
from documents.search.models import EmbeddedChunks, EmbeddingState
from documents.search.query import EVERYTHING
from documents.telemetry import count
from documents.transcript import TranscriptPage
from documents.turns import NoTurnError, Turns
from recognition.errors import RecognitionError, gettext_noop

from .endpoint import Vectors, embed

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser, User

MOST_HITS = 20

SECONDS = 10
"""For the model, while a person waits."""

BYTES_AT_ONCE = 8 * 2**20
"""Of vectors that are in memory, there as numbers of twice the size as well."""

TURNS = Turns(at_once=3, of_one=4, patience=20)


class TooManyAtOnceError(RecognitionError):
    """Too many searches by meaning are under way. ``wait``: after how many seconds to search again."""

    code = "too-many-searches-at-once"
    wait = 60
    explanations = (gettext_noop("Too many searches by meaning are under way. Try again in a minute."),)

    def __init__(self) -> None:
        count("limits_hit", limit=self.code)
        super().__init__(self.explanations[0])


@dataclass(frozen=True)
class Hit:
    """A chunk as its document says it now, of which something like the query was said. ``score``: up to 1.

    ``number``: of the chunk. ``drawn``: whether its first page has a thumbnail.
    """

    document: Document
    number: int
    chunk: Chunk
    score: float
    drawn: bool

    @property
    def page(self) -> int:
        return self.chunk.lines[0][0]

    @property
    def line(self) -> str:
        """The id of its first line, less the page's number, as addresses have it."""
        return self.chunk.lines[0][1].id.partition("-")[2]


@dataclass(frozen=True, order=True)
class _Found:
    score: float
    row: int
    place: int


def search(
    user: User | AnonymousUser, query: str, filters: DocumentFilters = EVERYTHING, language: str = ""
) -> list[Hit]:
    """The chunks whose meaning is nearest to that of ``query``, the nearest first, up to MOST_HITS.

    Raises TooManySearchesError, TooManyAtOnceError and NoVectorsError.
    """
    if not query.strip() or user.pk is None:
        return []
    limits.take(limits.TooManySearchesError, user)
    try:
        with TURNS.of(user.pk):
            (vector,) = embed([settings.OCRSITE_EMBEDDINGS_QUERY_PREFIX + query], SECONDS)
            return nearest(user, vector, filters, language)
    except NoTurnError as error:
        raise TooManyAtOnceError from error


def nearest(
    user: User | AnonymousUser, vector: Vectors, filters: DocumentFilters = EVERYTHING, language: str = ""
) -> list[Hit]:
    """As ``search``, for the vector of a query."""
    return _hits(user, _nearest(vector, _rows(user, filters, language)))


def _rows(user: User | AnonymousUser, filters: DocumentFilters, language: str) -> QuerySet[EmbeddedChunks]:
    """Of documents that ``user`` may see, of the runs that these show."""
    visible = Document.objects.visible_to(user).matching(filters)
    shown = Exists(visible.filter(pk=OuterRef("document"), current_run=OuterRef("run")))
    rows = EmbeddedChunks.objects.filter(shown, model=settings.OCRSITE_EMBEDDINGS_MODEL)
    return rows.filter(language=language) if language else rows


def _nearest(vector: Vectors, rows: QuerySet[EmbeddedChunks]) -> list[_Found]:
    best: list[_Found] = []
    for part in _parts(rows.filter(dimensions=len(vector))):
        origins: list[tuple[int, int]] = []
        blocks: list[bytes] = []
        for pk, vectors in EmbeddedChunks.objects.filter(pk__in=part).values_list("pk", "vectors"):
            origins += [(pk, place) for place in range(len(vectors) // (2 * len(vector)))]
            blocks.append(bytes(vectors))
        if not origins:
            continue
        matrix = np.frombuffer(b"".join(blocks), "<f2").reshape(-1, len(vector))
        scores = matrix.astype(np.float32) @ vector
        for place in np.argsort(scores)[-MOST_HITS:]:
            best.append(_Found(float(scores[place]), *origins[place]))
        best = heapq.nlargest(MOST_HITS, best)
    return best


def _parts(rows: QuerySet[EmbeddedChunks]) -> Iterator[list[int]]:
    """The keys of the rows, as many at a time as there may be in memory."""
    part: list[int] = []
    total = 0
    for pk, size in rows.order_by("pk").values_list("pk", Length("vectors")):
        if part and total + size > BYTES_AT_ONCE:
            yield part
            part, total = [], 0
        part.append(pk)
        total += size
    if part:
        yield part


def _hits(user: User | AnonymousUser, found: Sequence[_Found]) -> list[Hit]:
    """What documents say now in these places; without those where nothing is left."""
    rows = EmbeddedChunks.objects.in_bulk({each.row for each in found})
    documents = (
        Document.objects.visible_to(user).select_related("owner").in_bulk({row.document_id for row in rows.values()})
    )
    named = {pk for each in found if each.row in rows for pk, _ in rows[each.row].chunks[each.place]["lines"]}
    shown = PageResult.objects.filter(pk__in=named, run=F("page__document__current_run"), state=State.DONE)
    pages, unchanged = _pages(shown), _unchanged(documents)
    hits = []
    for each in found:
        row = rows.get(each.row)
        document = documents.get(row.document_id) if row else None
        if row is None or document is None:
            continue
        about = row.chunks[each.place]
        here = [(*pages[pk], keys) for pk, keys in about["lines"] if pk in pages]
        here = [found for found in here if found[0].page.document_id == document.pk]
        here.sort(key=lambda found: found[1].number)
        ids = {f"{page.number}-{key}" for _, page, keys in here for key in keys}
        headings = about["headings"] if document.pk in unchanged else []
        chunk = chunk_of([page for _, page, _ in here], ids, headings)
        if chunk.lines:
            drawn = any(result.page.thumbnail for result, page, _ in here if page.number == chunk.lines[0][0])
            hits.append(Hit(document, about["number"], chunk, round(each.score, 4), drawn))
    return hits


def _pages(results: QuerySet[PageResult]) -> dict[int, tuple[PageResult, TranscriptPage]]:
    """By their keys, results with their pages as they stand."""
    found = list(results.select_related("page", "run"))
    edits = edits_by_page(pk__in=[result.page_id for result in found])
    return {result.pk: (result, result.transcript(edits[result.page_id])) for result in found}


def _unchanged(documents: Collection[UUID]) -> set[UUID]:
    """Those that have not changed since they were embedded: only they surely have the headings that were noted."""
    complete = EmbeddingState.objects.filter(document__in=documents, run=F("document__current_run"))
    return set(complete.values_list("pk", flat=True))
