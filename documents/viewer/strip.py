"""The pages of a document in a row, each with its thumbnail."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape

from documents.models import Run, State


class Thumb(NamedTuple):
    """One page, as HTML wants it: a book has hundreds, and templates take longest over values and escaping.

    ``attributes``: of its link. ``inside``: what that shows, its thumbnail once it is drawn, number and state.
    """

    number: int
    state: str
    attributes: str
    inside: str


def thumbs(run: Run) -> list[Thumb]:
    """Those of all pages of ``run``, in their order."""
    labels = {state.value: escape(state.label) for state in State}
    pages = reverse("documents:page", args=[run.document_id, 1]).removesuffix("1/")
    rows = run.results.order_by("page__number").values_list(
        "page__number", "state", "page__thumbnail", "lines_unchecked", "lines_doubtful"
    )
    return [
        Thumb(
            number=number,
            state=state,
            attributes=_attributes(run, pages, number, state, unchecked, doubtful),
            inside=_inside(number, labels[state], f"{pages}{number}/thumbnail/" if thumbnail else ""),
        )
        for number, state, thumbnail, unchecked, doubtful in rows
    ]


def _attributes(run: Run, pages: str, number: int, state: str, unchecked: int | None, doubtful: int | None) -> str:
    """``pages``: the address under which the pages lie; like all else here, nothing in it needs escaping."""
    link = f"?run={run.pk}&amp;page={number}"
    counts = f' data-unchecked="{unchecked}" data-doubtful="{doubtful or 0}"' if unchecked is not None else ""
    return (
        f'data-number="{number}" data-state="{state}" data-picture="{pages}{number}/thumbnail/"{counts} '
        f'href="{link}" hx-get="{pages}{number}/?run={run.pk}" hx-push-url="{link}"'
    )


def _inside(number: int, state: str, picture: str) -> str:
    drawn = f'<img src="{picture}" alt="" loading="lazy">' if picture else ""
    return (
        f'<span class="thumb-picture">{drawn}</span><span class="thumb-number">{number}</span>'
        f'<span class="visually-hidden thumb-state">{state}</span>'
    )
