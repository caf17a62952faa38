"""Queries the index, one page of hits at a time.

The words of a query must all be said on one page (or in the title and tags of one document); "words in quotation
marks" as a phrase. Only what ``Document.objects.visible_to`` shows is ever looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents import limits
from documents.models import Document, DocumentFilters, Edits, Page, Reach, Run, edits_by_page
from documents.transcript import TranscriptPage

from .models import Entry
from .passages import Match, Piece, matches_in, pieces, snippet, written_page
from .scan import Scan
from .text import TokenizedText, stream

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User
    from django.db.models import QuerySet

HITS_A_PAGE = 20
MOST_COUNTED = 1000
EVERYTHING = DocumentFilters()

SHOWN = (
    *("document__title", "document__created", "document__current_run", "document__owner__username"),
    *(f"result__page__{name}" for name in ("number", "width", "height", "thumbnail")),
    *(f"result__{name}" for name in ("state", "lines", "blocks", "rotation", "source", "seconds", "error", "warnings")),
    *("result__codes", "result__options", "result__finished", "result__run__options"),
)
"""What is read of an entry, its document, page and run, to show it."""

# Corner brackets are the quotation marks of Chinese. Only around a whole word of the query: what is copied from a text
# has them within.
_PHRASE = re.compile(r'["“”＂]([^"“”＂]*)["“”＂]|(?<!\S)[「『]([^「」『』]+)[」』](?!\S)|([^\s"“”＂]+)')


@dataclass(frozen=True)
class Hit:
    """A page that says what was searched; ``number`` is 0 where a document's title and tags do.

    ``run``: the reading that the page is found by, and ``page`` what it says. ``pieces``: the snippet, or the title;
    ``tags``: those of the document, for a title. ``drawn``: whether there is a thumbnail, of page 1 for a title.
    """

    document: Document
    number: int
    run: Run | None
    page: TranscriptPage | None
    phrases: Sequence[str]
    pieces: list[Piece]
    tags: list[list[Piece]]
    drawn: bool

    @property
    def is_current(self) -> bool:
        """Whether the document shows the reading by which the page is found."""
        return self.run is None or self.run.pk == self.document.current_run_id

    def matches(self) -> list[Match]:
        """What to mark on the page."""
        return matches_in(TokenizedText(written_page(self.page)), self.page.lines, self.phrases) if self.page else []


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
    scan = _scan(reach or Reach.of(user), phrases, filters, language)
    counted = scan.first(MOST_COUNTED + 1)
    following = counted if after is None else scan.first(HITS_A_PAGE + 1, after)
    shown = following[:HITS_A_PAGE]
    entries = Entry.objects.filter(pk__in=shown).select_related("document__owner", "result__page", "result__run")
    hits = _hits(list(entries.prefetch_related("document__tags").only(*SHOWN).order_by("pk")), phrases)
    return Hits(hits, shown[-1] if len(following) > HITS_A_PAGE else None, len(counted))


def matches(
    user: User | AnonymousUser, phrases: Sequence[str], filters: DocumentFilters, language: str = ""
) -> QuerySet[Entry]:
    """The entries that say all of ``phrases``, in the order in which they are shown; none for no phrases.

    Raises TooManySearchesError.
    """
    if not phrases:
        return Entry.objects.none()
    return _scan(Reach.of(user), phrases, filters, language).all()


def _scan(reach: Reach, phrases: Sequence[str], filters: DocumentFilters, language: str) -> Scan:
    limits.take(limits.TooManySearchesError, reach.user)
    return Scan(
        phrases=[stream(phrase) for phrase in phrases],
        entries=Entry.objects.filter(language=language) if language else Entry.objects.all(),
        filters=filters,
        reach=reach,
    )


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
    return Hit(document, 0, None, None, phrases, title, tags, drawn)


def _page(entry: Entry, phrases: Sequence[str], edits: Edits) -> Hit:
    result = entry.result
    assert result is not None
    page = result.transcript(edits)
    return Hit(
        document=entry.document,
        number=entry.number,
        run=result.run,
        page=page,
        phrases=phrases,
        pieces=snippet(written_page(page), phrases),
        tags=[],
        drawn=bool(result.page.thumbnail),
    )
