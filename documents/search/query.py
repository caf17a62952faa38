"""Queries the index, one page of hits at a time.

The words of a query must all be said on one page (or in the title and tags of one document); "words in quotation
marks" as a phrase. Only what ``Document.objects.visible_to`` shows is ever looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from documents import limits
from documents.models import Document, DocumentFilters, Edits, Page, Reach, Run, edits_by_page
from documents.models.archive import DocumentQuerySet

from .models import Entry
from .passages import Match, Piece, matches_in, pieces, snippet, written_page
from .text import TokenizedText, stream

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

HITS_A_PAGE = 20
MOST_COUNTED = 1000
EVERYTHING = DocumentFilters()

# Corner brackets are the quotation marks of Chinese. Only around a whole word of the query: what is copied from a text
# has them within.
_PHRASE = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]|(?<!\S)[「『]([^「」『』]+)[」』](?!\S)|([^\s"“”＂]+)')


@dataclass(frozen=True)
class Hit:
    """A page that says what was searched; ``number`` is 0 where a document's title and tags do.

    ``run``: the reading that the page is found by. ``pieces``: the snippet, or the title; ``tags``: those of the
    document, for a title. ``matches``: what to mark on the page. ``drawn``: whether there is a thumbnail, of
    page 1 for a title.
    """

    document: Document
    number: int
    run: Run | None
    pieces: list[Piece]
    tags: list[list[Piece]]
    matches: list[Match]
    drawn: bool

    @property
    def is_current(self) -> bool:
        """Whether the document shows the reading by which the page is found."""
        return self.run is None or self.run.pk == self.document.current_run_id


@dataclass(frozen=True)
class Hits:
    """A page of hits. ``after``: what to ask for to get the next one. ``total``: counted up to MOST_COUNTED + 1."""

    hits: list[Hit]
    after: int | None
    total: int

    @property
    def many(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > MOST_COUNTED


def phrases_of(query: str) -> list[str]:
    """What a query asks for: words, and what stands in quotation marks; without what is nothing but invisible."""
    return [phrase for found in _PHRASE.findall(query) for phrase in found if stream(phrase)]


def search(
    user: User | AnonymousUser,
    query: str,
    filters: DocumentFilters = EVERYTHING,
    language: str = "",
    after: int | None = None,
    reach: Reach | None = None,
) -> Hits:
    """The hits that follow ``after`` (from the start, if not given), the newest documents first.

    ``language``: of the page, as ``text.language_of`` says it; "" for any. ``reach``: of ``user``, where it is known.
    Raises TooManySearchesError.
    """
    phrases = phrases_of(query)
    if not phrases:
        return Hits([], None, 0)
    said, visible = _matching(reach or Reach.of(user), phrases, filters, language)
    counted = _first(said, visible, MOST_COUNTED + 1)
    following = counted if after is None else _first(said.filter(pk__gt=after), visible, HITS_A_PAGE + 1)
    shown = following[:HITS_A_PAGE]
    entries = Entry.objects.filter(pk__in=shown).select_related("document__owner", "result__page", "result__run")
    hits = _hits(list(entries.prefetch_related("document__tags").defer("stream").order_by("pk")), phrases)
    return Hits(hits, shown[-1] if len(following) > HITS_A_PAGE else None, len(counted))


def matches(
    user: User | AnonymousUser, phrases: Sequence[str], filters: DocumentFilters, language: str = ""
) -> QuerySet[Entry]:
    """The entries that say all of ``phrases``, in the order in which they are shown; none for no phrases.

    Raises TooManySearchesError.
    """
    if not phrases:
        return Entry.objects.none()
    said, visible = _matching(Reach.of(user), phrases, filters, language)
    return said.filter(Exists(visible.filter(pk=OuterRef("document")))).order_by("pk")


def _matching(
    reach: Reach, phrases: Sequence[str], filters: DocumentFilters, language: str
) -> tuple[QuerySet[Entry], DocumentQuerySet]:
    """The entries that say all of ``phrases``, and the documents to which they have to belong, as a condition on each
    entry: a list of all that somebody may see is long in a large archive."""
    limits.take(limits.TooManySearchesError, reach.user)
    few = Document.objects.few_in_reach(reach)
    said = Entry.objects.filter(stream__says=[stream(phrase) for phrase in phrases])
    if few is not None:
        said = said.filter(document__in=few)
    if language:
        said = said.filter(language=language)
    return said, Document.objects.in_reach(reach).among(few).matching(filters)


def _first(said: QuerySet[Entry], visible: DocumentQuerySet, most: int) -> list[int]:
    """The keys of the first entries that belong to one of the documents.

    PostgreSQL cannot know how many entries say something. Left to itself it asks of each of 100,000 whether its
    document may be seen, and sorts them then. Here they are sorted first, and asked in turn until there are enough:
    "IS TRUE" keeps it from making a join of that, in which the order might be lost.
    """
    if connection.vendor != "postgresql":
        found = said.filter(Exists(visible.filter(pk=OuterRef("document"))))
        return list(found.order_by("pk").values_list("pk", flat=True)[:most])
    try:
        entries, values = said.order_by("pk").values("pk", "document").query.sql_with_params()
        documents, more = visible.filter(pk=RawSQL("said.document_id", ())).values("pk").query.sql_with_params()
    except EmptyResultSet:  # of somebody who may read nothing
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH said (id, document_id) AS MATERIALIZED ({entries}) "
            f"SELECT id FROM said WHERE (EXISTS ({documents})) IS TRUE LIMIT %s",
            [*values, *more, most],
        )
        return [key for (key,) in cursor.fetchall()]


def _hits(entries: Sequence[Entry], phrases: Sequence[str]) -> list[Hit]:
    edits = edits_by_page(pk__in=[entry.result.page_id for entry in entries if entry.result is not None])
    titled = [entry.document_id for entry in entries if entry.result is None]
    drawn = set(
        Page.objects.filter(document__in=titled, number=1).exclude(thumbnail="").values_list("document_id", flat=True)
    )
    hits = []
    for entry in entries:
        if entry.result is None:
            hits.append(_title(entry.document, phrases, drawn=entry.document_id in drawn))
        else:
            hits.append(_page(entry, phrases, edits[entry.result.page_id]))
    return hits


def _title(document: Document, phrases: Sequence[str], *, drawn: bool) -> Hit:
    title, *tags = (pieces(words, phrases) for words in [document.title, *(tag.name for tag in document.tags.all())])
    return Hit(document, 0, None, title, tags, [], drawn)


def _page(entry: Entry, phrases: Sequence[str], edits: Edits) -> Hit:
    result = entry.result
    assert result is not None
    page = result.transcript(edits)
    written = TokenizedText(written_page(page))
    return Hit(
        document=entry.document,
        number=entry.number,
        run=result.run,
        pieces=snippet(written, phrases),
        tags=[],
        matches=matches_in(written, page.lines, phrases),
        drawn=bool(result.page.thumbnail),
    )
