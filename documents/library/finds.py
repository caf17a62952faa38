"""What find and replace found, as people look through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count

from documents.models import LEFT_ALONE, PageResult, ReplacedLine, ReplacedState, Replacement, ReplacementState

MOST_NAMED = 200


@dataclass(frozen=True)
class Hit:
    """One place in a line. ``name``: by which forms choose it. ``head``, ``old``, ``tail``: the line around it."""

    name: str
    head: str
    old: str
    tail: str
    is_chosen: bool


@dataclass(frozen=True)
class FoundLine:
    """A line with its hits."""

    line: ReplacedLine
    hits: list[Hit]

    @property
    def is_deleted(self) -> bool:
        """Whether nothing is left of the line when it is replaced."""
        return bool(self.line.chosen) and not self.line.after


@dataclass(frozen=True)
class FoundPage:
    """The finds of a page that follow each other in a list."""

    result: PageResult
    lines: list[FoundLine]


@dataclass(frozen=True)
class Summary:
    """How many lines are in which state.

    ``total``: all. ``left_alone``: the first MOST_NAMED of those that were not changed.
    """

    total: int
    hits: int
    chosen: int
    done: int
    undone: int
    settled: int
    left_alone_count: int
    left_alone: list[ReplacedLine]


def summary(replacement: Replacement) -> Summary:
    """Of all lines of ``replacement``, on whichever page of a list they are."""
    counts = dict(replacement.lines.order_by().values_list("state").annotate(Count("pk")))
    hits = chosen = 0
    if replacement.state == ReplacementState.PREVIEW:
        for spans, some in replacement.lines.values_list("spans", "chosen"):
            hits += len(spans)
            chosen += len(some)
    waiting = ReplacedState.DONE if replacement.state == ReplacementState.UNDOING else ReplacedState.WAITING
    total = sum(counts.values())
    left = replacement.lines.filter(state__in=LEFT_ALONE).select_related("result__page__document")
    return Summary(
        total=total,
        hits=hits,
        chosen=chosen,
        done=counts.get(ReplacedState.DONE, 0),
        undone=counts.get(ReplacedState.UNDONE, 0),
        settled=total - counts.get(waiting, 0),
        left_alone_count=sum(counts.get(state, 0) for state in LEFT_ALONE),
        left_alone=list(left[:MOST_NAMED]),
    )


def by_page(lines: Iterable[Any]) -> list[FoundPage]:
    """``lines`` in their order, those of a page together."""
    groups = groupby(lines, key=lambda line: line.result_id)
    pages = []
    for _result_id, some in groups:
        found = [FoundLine(line, _hits(line)) for line in some]
        pages.append(FoundPage(found[0].line.result, found))
    return pages


def _hits(line: ReplacedLine) -> list[Hit]:
    text = line.before
    return [
        Hit(f"{line.pk}-{start}", text[:start], text[start:end], text[end:], [start, end] in line.chosen)
        for start, end in line.spans
    ]
