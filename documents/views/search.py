"""Search in all visible documents, and inside one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from documents import semantic
from documents.access import run_of, viewed
from documents.library.forms import SearchForm
from documents.models import Reach
from documents.search import query, within

LAST = 2**63 - 1
"""The highest number that a hit can have in the database."""


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Pages, titles and tags that say ``?q=``; ``&after=`` names the hit after which the list continues."""
    reach = Reach.of(request.user)
    form = SearchForm(request.GET, reach=reach)
    chosen = form.wanted()
    asked = chosen.pop("q", "")
    if semantic.is_configured() and request.GET.get("by") == "meaning":
        return _search_by_meaning(request, form, asked, chosen)
    after = request.GET.get("after", "")
    hits = query.search(
        request.user,
        asked if form.is_valid() else "",
        form.filters(),
        chosen.get("language", ""),
        after=min(int(after), LAST) if after.isdecimal() and len(after) < 20 else None,
        reach=reach,
    )
    fragment = request.htmx and after  # type: ignore[attr-defined]
    context = {"form": form, "asked": asked, "chosen": chosen, "hits": hits, "most": query.MOST_COUNTED}
    context["has_meanings"] = semantic.is_configured()
    return render(request, "documents/_hits.html" if fragment else "documents/search.html", context)


def _search_by_meaning(request: HttpRequest, form: SearchForm, asked: str, chosen: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "asked": asked, "chosen": chosen, "has_meanings": True, "by_meaning": True}
    status = 200
    try:
        wanted = asked if form.is_valid() else ""
        context["hits"] = semantic.search(request.user, wanted, form.filters(), chosen.get("language", ""))
    except semantic.NoVectorsError:
        context["refusal"], status = gettext("The model does not answer. Try again later, or search by words."), 503
    except semantic.TooManyAtOnceError as error:
        context["refusal"], status = gettext(error.explanations[0]), 429
    return render(request, "documents/search.html", context, status=status)


@require_GET
def find(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lines of one run that say ``?find=``: a part of the viewer."""
    found = viewed(request, pk)
    run = run_of(request, found)
    asked = request.GET.get("find", "")[:200]
    context = {"document": found, "run": run, "asked": asked, "finds": within.find_in(run, asked)}
    return render(request, "documents/_finds.html", context)
