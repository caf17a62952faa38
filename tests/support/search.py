"""What the search finds, and whether its index is right."""

from __future__ import annotations

from documents.models import DocumentFilters
from documents.search import index, query


def found(user, wanted: str, language: str = "", **filters) -> list[tuple[str, int]]:
    """Title and page of every hit, over all pages of hits."""
    hits, after = [], None
    while True:
        answer = query.search(user, wanted, DocumentFilters(**filters), language, after)
        hits += [(hit.document.title, hit.number) for hit in answer.hits]
        after = answer.after
        if after is None:
            assert answer.total == len(hits)
            return hits


def rebuilt() -> int:
    """How many entries a rebuild finds wrong."""
    return sum(changed for _, changed in index.rebuild())
