"""Two runs side by side, and lines that are taken over from one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast, get_args
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents import comparison, editing
from documents.access import MOST_DIGITS, editable, page_number, run_of, viewed
from documents.models import Correction, Document, Run
from documents.transcript import TranscriptLine, Version
from documents.turns import LONG

SECONDS_TO_COMPARE = 2.0
"""For two runs; what is left is on a page of its own."""

PAGES_AT_ONCE = 20
"""That are fetched from the database."""

Lines = Sequence[TranscriptLine]


@dataclass(frozen=True)
class Shown:
    """A line of both runs, with the keys of its lines; empty on the side that does not have it."""

    row: comparison.Row
    before: str
    after: str


@dataclass(frozen=True)
class PageShown:
    """``before_all``, ``after_all``: the keys of all lines that differ. ``seen``: the corrections on the page."""

    compared: comparison.PageComparison
    rows: list[Shown]
    seen: str

    @property
    def before_all(self) -> list[tuple[str, str]]:
        return [(each.before, each.after) for each in self.rows if each.row.differs]

    @property
    def after_all(self) -> list[tuple[str, str]]:
        return [(each.after, each.before) for each in self.rows if each.row.differs]


@require_GET
def compare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Two runs line by line: ``?before=`` and ``?after=`` name them, ``&page=`` the page from which on.

    ``&text=`` says which of the texts.
    """
    found = viewed(request, pk)
    before, after = run_of(request, found, "before"), run_of(request, found, "after")
    version, start = _version(request.GET.get("text", "corrected")), page_number(request, found)
    texts = _texts(before, after, version, start)
    with LONG.of(request.user.pk or 0):
        pages, following = comparison.compare_pages(texts, SECONDS_TO_COMPARE)
    context = {
        "document": found,
        "before": before,
        "after": after,
        "version": version,
        "pages": _shown(found, pages, *(_lines(run, version, [p.number for p in pages]) for run in (before, after))),
        "start": start,
        "following": following,
    }
    return render(request, "documents/compare.html", context)


@require_POST
def take_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes lines over from the run ``side`` ("before" or "after") of two: each ``take`` is the key of a line there and
    of its counterpart in the other run, with a comma between them; one of them may be empty."""
    found = editable(request, pk)
    before, after = (
        get_object_or_404(found.runs, pk=_uuid(request.POST.get(name, ""))) for name in ("before", "after")
    )
    number, side = request.POST.get("page", ""), request.POST.get("side", "")
    version = _version(request.POST.get("text", "corrected"))
    if not number.isdecimal() or len(number) > MOST_DIGITS or side not in {"before", "after"} or not found.current_run:
        raise Http404
    source, other = (before, after) if side == "before" else (after, before)
    result = get_object_or_404(found.current_run.results.select_related("page"), page__number=int(number))
    here, there = (_lines(run, version, [int(number)]).get(int(number), []) for run in (source, other))
    pairs = [take.partition(",")[::2] for take in request.POST.getlist("take")]
    taken, dropped = {mine for mine, _theirs in pairs if mine}, {theirs for mine, theirs in pairs if not mine}
    try:
        editing.take_over(
            result,
            [line for line in here if _key(line) in taken],
            [line for line in there if _key(line) in dropped],
            author=cast(User, request.user),
            seen={int(key) for key in request.POST.get("seen", "").split() if key.isdecimal()},
        )
    except editing.ConflictError:
        messages.error(request, _("Somebody else has changed these lines since. Look at them again."))
    query = urlencode({"before": str(before.pk), "after": str(after.pk), "text": version})
    return redirect(f"{reverse('documents:compare', args=[pk])}?{query}#page-{number}")


def _texts(before: Run, after: Run, version: Version, start: int) -> Iterator[tuple[int, str, str]]:
    """Number and both texts of each page from ``start`` on; some at a time are fetched."""
    if version == "corrected":
        stored = (
            run.results.filter(page__number__gte=start).order_by("page__number").values_list("page__number", "text")
            for run in (before, after)
        )
        both = zip(*(texts.iterator(PAGES_AT_ONCE) for texts in stored), strict=True)
        yield from ((number, text, other) for (number, text), (_, other) in both)
        return
    for first in range(start, before.document.page_count + 1, PAGES_AT_ONCE):
        numbers = range(first, min(first + PAGES_AT_ONCE, before.document.page_count + 1))
        old, new = (_lines(run, version, numbers) for run in (before, after))
        for number in numbers:
            text, other = ("\n".join(line.text for line in lines.get(number, [])) for lines in (old, new))
            yield number, text, other


def _lines(run: Run, version: Version, numbers: Sequence[int]) -> dict[int, Lines]:
    """By page, the lines with a text in this version."""
    exported = run.export(numbers).chosen(text=version)
    return {page.number: [line for line in page.lines if line.text] for page in exported.pages}


def _shown(
    document: Document,
    pages: Sequence[comparison.PageComparison],
    before: Mapping[int, Lines],
    after: Mapping[int, Lines],
) -> list[PageShown]:
    active = Correction.objects.active().filter(page__document=document, page__number__in=[p.number for p in pages])
    seen: dict[int, list[str]] = {}
    for number, key in active.values_list("page__number", "pk"):
        seen.setdefault(number, []).append(str(key))
    return [
        PageShown(
            page,
            [
                Shown(*each)
                for each in zip(
                    page.rows,
                    _keys([row.before for row in page.rows], before.get(page.number, [])),
                    _keys([row.after for row in page.rows], after.get(page.number, [])),
                    strict=True,
                )
            ],
            " ".join(seen.get(page.number, [])),
        )
        for page in pages
    ]


def _keys(side: Sequence[Sequence[comparison.Piece]], lines: Lines) -> list[str]:
    """For each row of one side the key of its line; empty for none."""
    waiting = iter(lines)
    return [_key(line) if pieces and (line := next(waiting, None)) else "" for pieces in side]


def _key(line: TranscriptLine) -> str:
    return line.id.partition("-")[2]


def _version(name: str) -> Version:
    if name not in get_args(Version):
        raise Http404
    return cast(Version, name)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
