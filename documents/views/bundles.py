"""Many documents as one download: a selection, a folder or another list, or what a search finds."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from documents import media
from documents.forms import BundleForm
from documents.library.forms import ListForm, SearchForm
from documents.models import Document, Reach
from documents.models.archive import DocumentQuerySet
from documents.search import query as search

from .selection import back

MOST = 1000
"""Documents in one archive. Their pages are sent as they are written, so the limit is patience."""


@require_http_methods(["GET", "POST"])
def bundle(request: HttpRequest) -> HttpResponseBase:
    """GET asks for formats and texts; POST sends the ZIP archive while it is being made.

    Either takes the documents that ``document`` names, or else those that ``q`` finds, or those of the list that the
    other parameters describe, as the start page has them.
    """
    asked = request.POST if request.method == "POST" else request.GET
    documents = _asked_for(asked, cast(User, request.user))
    numbers = list(documents.values_list("pk", flat=True)[: MOST + 1])
    if not numbers:
        raise Http404
    form = BundleForm(request.POST if request.method == "POST" else None)
    if len(numbers) > MOST:
        form.fields.clear()
    elif form.is_valid():
        return media.bundle(cast(User, request.user), numbers, form.cleaned_data["formats"], form.choices())
    context = {
        "form": form,
        "count": len(numbers),
        "most": MOST,
        "asked": _kept(asked),
        "next": back(asked.get("next", "")),
    }
    return render(request, "documents/bundle.html", context, status=400 if form.errors else 200)


def _asked_for(asked: QueryDict, user: User) -> DocumentQuerySet:
    if named := asked.getlist("document"):
        try:
            return Document.objects.visible_to(user).filter(pk__in=[UUID(number) for number in named])
        except ValueError:
            raise Http404 from None
    reach = Reach.of(user)
    if asked.get("q"):
        form = SearchForm(asked, reach=reach)
        wanted = form.wanted()
        phrases = search.phrases_of(wanted.get("q", ""))
        found = search.matches(user, phrases, form.filters(), wanted.get("language", ""))
        return Document.objects.in_reach(reach).filter(pk__in=found.values("document"))
    listed = ListForm(asked, reach=reach)
    return Document.objects.in_scope(reach, listed.wanted().get("scope", "")).matching(listed.filters())


def _kept(asked: QueryDict) -> list[tuple[str, Any]]:
    """What says which documents, to be sent along with the form."""
    names = dict.fromkeys(("document", *ListForm.base_fields, *SearchForm.base_fields))
    return [(name, value) for name in names for value in asked.getlist(name) if value]
