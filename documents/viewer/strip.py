"""The pages of a document in a row, each with its thumbnail."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.html import escape

from documents.models import Run, State


class Thumb(NamedTuple):
    """One page, as HTML wants it: a book has hundreds, and templates take longest over numbers and escaping.

    ``link``: the query that opens it. ``unchecked``, ``doubtful``: how many of its lines; empty before that is known.
    """

    number: str
    state: str
    label: str
    link: str
    is_drawn: bool
    unchecked: str
    doubtful: str


def thumbs(run: Run) -> list[Thumb]:
    """Those of all pages of ``run``, in their order."""
    labels = {state.value: escape(state.label) for state in State}
    rows = run.results.order_by("page__number").values_list(
        "page__number", "state", "page__thumbnail", "lines_unchecked", "lines_doubtful"
    )
    return [
        Thumb(
            number=str(number),
            state=state,
            label=labels[state],
            link=f"?run={run.pk}&amp;page={number}",
            is_drawn=bool(thumbnail),
            unchecked="" if unchecked is None else str(unchecked),
            doubtful="" if unchecked is None else str(doubtful or 0),
        )
        for number, state, thumbnail, unchecked, doubtful in rows
    ]
