"""Goes through the entries that say something, in the order in which they are shown, until there are enough.

Nothing is weighed for that, and only so much looked at as is shown or counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from documents.models import Document, DocumentFilters, Reach

from .models import Entry, full_text_query

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from documents.models.archive import DocumentQuerySet


FIRST = 100
"""Entries of which each is asked whether it may be seen, before it is looked up what somebody may see at all."""

SAMPLE = 100
"""Entries that are looked at to know how many are hits."""

WALK = 5000
"""Entries that are read one after the other where so many are hits that the index would give too much."""


@dataclass(frozen=True)
class Scan:
    """Which entries are wanted: those that say all ``phrases`` (streams), of documents that ``filters`` leave in and
    that are visible to whoever has this ``reach``. ``entries``: with what else is asked of them.
    """

    phrases: list[str]
    entries: QuerySet[Entry]
    filters: DocumentFilters
    reach: Reach

    @property
    def visible(self) -> DocumentQuerySet:
        return Document.objects.in_reach(self.reach).matching(self.filters)

    def all(self) -> QuerySet[Entry]:
        """All of them, in their order."""
        said = self.entries.filter(stream__says=self.phrases)
        few = Document.objects.few_in_reach(self.reach)
        if few is not None:
            said = said.filter(document__in=few)
        return said.filter(self._may_be_seen()).order_by("pk")

    def first(self, most: int, after: int = 0) -> list[int]:
        """The keys of the first ones beyond the key ``after``."""
        first = self._first_of_postgresql if connection.vendor == "postgresql" else self._first_of_sqlite
        try:
            return first(most, after)
        except EmptyResultSet:  # of somebody who may read nothing
            return []

    def _may_be_seen(self) -> Exists:
        return Exists(self.visible.filter(pk=OuterRef("document")))

    def _listed(self) -> tuple[str, Sequence[Any]] | None:
        """A statement with the documents of somebody who may see little, and its values; else None."""
        parts = Document.objects.some_in_reach(self.reach)
        if parts is None:
            return None
        if not parts:
            raise EmptyResultSet
        first, *others = [part.matching(self.filters).values("pk") for part in parts]
        statement, values = (first.union(*others) if others else first).query.sql_with_params()
        return statement, values

    def _first_of_sqlite(self, most: int, after: int) -> list[int]:
        """SQLite's full-text table gives its rows in their order, one after the other, if it is asked for them itself.

        Whoever may read little has most of them refused. After some it is looked up which entries are of their
        documents. (A plus hides this condition from that table, which would look for the phrases anew for each entry.)
        """
        said, values = "FROM search_fts WHERE search_fts MATCH %s AND rowid > %s", [full_text_query(self.phrases)]
        entries = self.entries.filter(self._may_be_seen(), pk=RawSQL("search_fts.rowid", ()))
        entry, rights = entries.values("pk").query.sql_with_params()
        asked = _rows(
            f"SELECT rowid, EXISTS ({entry}) {said} ORDER BY rowid LIMIT %s", [*rights, *values, after, FIRST]
        )
        found = [key for key, is_visible in asked if is_visible]
        if len(asked) < FIRST or len(found) >= most:
            return found[:most]
        may_be_seen, listed = f"EXISTS ({entry})", self._listed()
        if listed is not None:
            theirs = self.entries.filter(document__in=RawSQL(*listed)).values("pk")
            entry, rights = theirs.query.sql_with_params()
            may_be_seen = f"+rowid IN ({entry})"
        further = f"SELECT rowid {said} AND {may_be_seen} ORDER BY rowid LIMIT %s"
        return found + [key for (key,) in _rows(further, [*values, asked[-1][0], *rights, most - len(found)])]

    def _first_of_postgresql(self, most: int, after: int) -> list[int]:
        """PostgreSQL's index gives all that say it in no order, so they have to be sorted before each is asked.

        It cannot know how many say something, and plans as if few did. As a value of each row, and with "IS TRUE",
        conditions are asked where they are written.
        """
        listed = self._listed()
        if listed is not None:
            documents, values = listed
            said = self._indexed(after).extra(where=[f"(document_id IN ({documents})) IS TRUE"], params=values)
            return _sorted(said, "", [], most)
        visible = self.visible.filter(pk=RawSQL("search_entry.document_id", ())).order_by().values(found=Value(True))
        may_be_seen, rights = visible.query.sql_with_params()
        read = self.entries.filter(*[GreaterThan(StrIndex("stream", Value(phrase)), 0) for phrase in self.phrases])
        hits = read.extra(where=[f"({may_be_seen}) IS TRUE"], params=rights)
        found, last = _walk(hits, most, after) if _are_many(hits, most) else ([], after)
        if last is None or len(found) == most:
            return found
        return found + _sorted(self._indexed(last), f"WHERE ({may_be_seen})", rights, most - len(found))

    def _indexed(self, after: int) -> QuerySet[Entry]:
        return self.entries.filter(stream__says=self.phrases, pk__gt=after)


def _are_many(hits: QuerySet[Entry], most: int) -> bool:
    """Whether WALK entries probably have ``most`` hits: numbers of documents are random, so the first are a sample."""
    sample = Entry.objects.order_by("document_id").values("pk")[:SAMPLE]
    return hits.filter(pk__in=sample).count() * WALK >= most * SAMPLE


def _walk(hits: QuerySet[Entry], most: int, after: int) -> tuple[list[int], int | None]:
    """The first hits among the next WALK entries, and the last one of these; None if there are not so many."""
    following = Entry.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    last = following[WALK - 1 : WALK].first()
    near = hits.filter(pk__gt=after) if last is None else hits.filter(pk__gt=after, pk__lte=last)
    return list(near.order_by("pk").values_list("pk", flat=True)[:most]), last


def _sorted(said: QuerySet[Entry], condition: str, values: Sequence[Any], most: int) -> list[int]:
    """The first of ``said`` that fulfil the condition, which is asked of one after the other."""
    entries, wanted = said.order_by("pk").values("pk", "document").query.sql_with_params()
    named = f"WITH said (id, document_id) AS MATERIALIZED ({entries}) SELECT id FROM said AS search_entry"
    return [key for (key,) in _rows(f"{named} {condition} LIMIT %s", [*wanted, *values, most])]


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
