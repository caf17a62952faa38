"""The pages of a document in a row, each with its thumbnail."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from documents.models import Run, State


class Strip(NamedTuple):
    """The pages of a run in their order: the ``states`` of all, and their ``entries`` in the row.

    A book has hundreds of entries, over which a template would take longest of all.
    """

    states: list[str]
    entries: SafeString


def strip_of(run: Run, shown: int) -> Strip:
    """That of ``run``, when the page with the number ``shown`` is open."""
    labels = {state.value: escape(state.label) for state in State}
    pages = reverse("documents:page", args=[run.document_id, 1]).removesuffix("1/")
    rows = list(
        run.results.order_by("page__number").values_list(
            "page__number", "state", "page__thumbnail", "lines_unchecked", "lines_doubtful"
        )
    )
    entries = []
    for number, state, thumbnail, unchecked, doubtful in rows:
        attributes = _attributes(run, pages, number, state, unchecked, doubtful)
        if number == shown:
            attributes += ' aria-current="page"'
        inside = _inside(number, labels[state], f"{pages}{number}/thumbnail/" if thumbnail else "")
        entries.append(f'<li><a class="thumb" {attributes}>{inside}</a></li>')
    return Strip([state for _, state, *_ in rows], mark_safe("\n".join(entries)))


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
