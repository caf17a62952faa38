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

from documents.models import Document, Reach

from .models import Entry, full_text_query

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from documents.models.archive import DocumentQuerySet


FIRST = 1000
"""Entries of which each is asked whether it may be seen, before it is looked up what somebody may see at all."""


@dataclass(frozen=True)
class Scan:
    """Which entries are wanted: those that say all ``phrases`` (streams), of documents that are ``visible`` to whoever
    has this ``reach``. ``entries``: with what else is asked of them.
    """

    phrases: list[str]
    entries: QuerySet[Entry]
    visible: DocumentQuerySet
    reach: Reach

    def all(self) -> QuerySet[Entry]:
        """All of them, in their order."""
        said = self.entries.filter(stream__says=self.phrases)
        few = Document.objects.few_in_reach(self.reach)
        if few is not None:
            said = said.filter(document__in=few)
        return said.filter(Exists(self.visible.filter(pk=OuterRef("document")))).order_by("pk")

    def first(self, most: int, after: int = 0) -> list[int]:
        """The keys of the first ones beyond the key ``after``."""
        first = self._first_of_postgresql if connection.vendor == "postgresql" else self._first_of_sqlite
        try:
            return first(most, after)
        except EmptyResultSet:  # of somebody who may read nothing
            return []

    def _first_of_sqlite(self, most: int, after: int) -> list[int]:
        """SQLite's full-text table gives its rows in their order, one after the other, if it is asked for them itself.

        Whoever may read little has most of them refused. After some it is looked up which entries are of their
        documents. (A plus hides this condition from that table, which would look for the phrases anew for each entry.)
        """
        said, values = "FROM search_fts WHERE search_fts MATCH %s AND rowid > %s", [full_text_query(self.phrases)]
        entries = self.entries.filter(Exists(self.visible.filter(pk=OuterRef("document"))))
        entry, rights = entries.filter(pk=RawSQL("search_fts.rowid", ())).values("pk").query.sql_with_params()
        asked = _rows(
            f"SELECT rowid, EXISTS ({entry}) {said} ORDER BY rowid LIMIT %s", [*rights, *values, after, FIRST]
        )
        found = [key for key, is_visible in asked if is_visible]
        if len(asked) < FIRST or len(found) >= most:
            return found[:most]
        theirs, listed = self._entries_in_reach()
        further = f"SELECT rowid {said} {theirs} AND EXISTS ({entry}) ORDER BY rowid LIMIT %s"
        return found + [key for (key,) in _rows(further, [*values, asked[-1][0], *listed, *rights, most - len(found)])]

    def _entries_in_reach(self) -> tuple[str, Sequence[Any]]:
        documents = Document.objects.some_in_reach(self.reach)
        if documents is None:
            return "", []
        entries = Entry.objects.filter(document__in=documents.values("pk")).values("pk")
        listed, values = entries.query.sql_with_params()
        return f"AND +rowid IN ({listed})", values

    def _first_of_postgresql(self, most: int, after: int) -> list[int]:
        """PostgreSQL's index gives all that say it in no order. They are sorted first, and asked in turn until
        enough of them may be seen.

        It cannot know how many say something. Left to itself it would ask all, or list all documents that somebody may
        read; as a value of each row, and with "IS TRUE", both are done as they are written.
        """
        said = self.entries.filter(stream__says=self.phrases, pk__gt=after)
        documents = Document.objects.some_in_reach(self.reach)
        if documents is not None:
            listed, numbers = documents.values("pk").query.sql_with_params()
            said = said.extra(where=[f"(document_id IN ({listed})) IS TRUE"], params=numbers)
        entries, values = said.order_by("pk").values("pk", "document").query.sql_with_params()
        visible = self.visible.filter(pk=RawSQL("said.document_id", ())).values(found=Value(True))
        is_visible, rights = visible.query.sql_with_params()
        statement = f"WITH said (id, document_id) AS MATERIALIZED ({entries}) SELECT id FROM said WHERE ({is_visible})"
        return [key for (key,) in _rows(f"{statement} LIMIT %s", [*values, *rights, most])]


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
