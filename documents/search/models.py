"""The search index: the texts of the archive as tokens, and, where there is a model for that, as vectors.

One row, an entry, for each page that was read and one for each document's title and tags. The databases
keep them searchable by themselves, see ``migrations/0001_entries.py``: SQLite by a full-text table that
triggers keep equal to the rows, PostgreSQL by an index over what a function takes out of ``stream``.
Nothing in here is precious: ``manage.py rebuild_search`` makes it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

from documents.models import Document, PageResult, Run

from .text import is_word

PLACES = 2**20
"""Numbers that the entries of one document have to themselves: its title has the first, each page its own."""

LATEST = 2**43 - 1
"""Milliseconds of the epoch, beyond which uploads cannot be told apart (in the year 2248)."""

LONGEST_BEGINNING = 8
"""Characters of a word's beginning that PostgreSQL looks up at once; ``search_grams`` there has it too."""


OTHER_LANGUAGE = "other"
"""Of texts with neither Han nor kana."""


class Entry(models.Model):
    """What is found in one place.

    ``id``: made of the time of upload and the page number, so that ids ascend in the order in which hits are
    shown: the newest document first, its title before its pages. A query then walks no further than it shows.
    """

    id = models.BigAutoField(primary_key=True)  # always given; an integer key is the row number in SQLite
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="entries")
    result = models.OneToOneField(
        PageResult,
        on_delete=models.CASCADE,
        related_name="entry",
        null=True,
        help_text="the reading that a page is found by; none for title and tags",
    )
    language = models.CharField(max_length=8, blank=True)
    stream = models.TextField(help_text="see documents.search.text.stream")

    def __str__(self) -> str:
        return f"{self.document_id} · {self.number}"

    @property
    def number(self) -> int:
        """The page's number; 0 for title and tags."""
        return self.id % PLACES


class EmbeddingState(models.Model):
    """How far the chunks of a document have become vectors; see ``documents.semantic``.

    ``run``: whose chunks are all there, as the document says them now; None if somebody has to look. ``changes``: how
    often the document has changed since it was first looked at. ``next_try``: nobody looks before that.
    """

    document = models.OneToOneField(Document, on_delete=models.CASCADE, primary_key=True, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    changes = models.PositiveBigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.document_id} · {self.model}"


class EmbeddedChunks(models.Model):
    """Some chunks of a document in one language, and their vectors.

    ``chunks``: for each its ``number`` in the document, the ``hash`` of what the model was given, its ``lines`` as
    pairs of a page's result and the ids of lines there less the page's number, and its ``headings``. ``vectors``: one
    after the other, of length 1, each of ``dimensions`` numbers of two bytes, the lower first.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="embedded_chunks")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    model = models.CharField(max_length=200)
    language = models.CharField(max_length=8)
    dimensions = models.PositiveIntegerField()
    chunks = models.JSONField()
    vectors = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.document_id} · {self.language}"


@models.TextField.register_lookup
class PhraseLookup(models.Lookup):
    """``stream__says=[" 台 北", " taipei"]``: entries that say every one of these phrases, written as streams."""

    lookup_name = "says"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        table = connection.ops.quote_name(self.lhs.alias)
        return f"{table}.id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH %s)", [full_text_query(self.rhs)]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, _ = self.process_lhs(compiler, connection)
        phrases = [phrase.split() for phrase in self.rhs]
        grams = sorted({gram for tokens in phrases for gram in _grams(tokens)})
        unsure = [
            f" {' '.join(tokens)}" for tokens in phrases if max(map(len, tokens)) > 1 or "".join(tokens) not in grams
        ]
        said = [f"search_grams({column}) @> %s::text[]", *[f"position(%s in {column}) > 0" for _ in unsure]]
        return f"({' AND '.join(said)})", [grams, *unsure]


def full_text_query(phrases: Iterable[str]) -> str:
    """What asks SQLite's full-text table for all of these phrases, written as streams."""
    return " AND ".join(_fts_phrase(phrase.split()) for phrase in phrases)


def _fts_phrase(tokens: list[str]) -> str:
    """A phrase in the language of FTS5."""
    goes_on = " *" if is_word(tokens[-1]) else ""
    return f'"{" ".join(tokens)}"{goes_on}'


def _grams(tokens: list[str]) -> set[str]:
    """Which grams of ``search_grams`` a page has that says the phrase: pairs of characters, beginnings of words."""
    pairs = list(pairwise(tokens))
    if is_word(tokens[-1]):
        pairs = pairs[:-1]
    doubles = {a + b for a, b in pairs if len(a) == len(b) == 1}
    return doubles | {token[:LONGEST_BEGINNING] for token in tokens if token not in "".join(doubles)}
