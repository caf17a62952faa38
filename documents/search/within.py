"""Search inside one document: the lines of one run that contain the searched text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from documents.models import Run, State, edits_by_page

from .passages import Piece, places, split_at
from .query import phrases_of
from .text import stream

MOST_SHOWN = 200


@dataclass(frozen=True)
class Find:
    """A line that says what is searched. ``key``: its id without the page, as addresses have it."""

    page: int
    key: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Finds:
    """The first MOST_SHOWN lines, and whether there are ``more``."""

    lines: list[Find]
    more: bool


def find_in(run: Run, query: str) -> Finds:
    """The lines of ``run`` that say any of the phrases of ``query``, page by page."""
    phrases = phrases_of(query)
    wanted = [stream(phrase) for phrase in phrases]
    finds: list[Find] = []
    results = run.results.filter(state=State.DONE).select_related("page").defer("lines", "blocks", "stages")
    edits = edits_by_page(document=run.document_id)
    for result in results.order_by("page__number"):
        said = stream(result.text)
        if not any(phrase in said for phrase in wanted):
            continue
        result.run = run
        result.refresh_from_db(fields=["lines", "blocks"])
        parts = places(result.transcript(edits[result.page_id]).lines, phrases)
        for line, found in groupby(parts, key=lambda part: part.line):
            pieces = split_at(line.text, [(part.start, part.end) for part in found])
            finds.append(Find(result.page.number, line.id.partition("-")[2], pieces))
        if len(finds) > MOST_SHOWN:
            break
    return Finds(finds[:MOST_SHOWN], len(finds) > MOST_SHOWN)
