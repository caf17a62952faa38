"""One page of a run."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from documents import models, viewer

from .access import run_of, visible


@require_GET
def page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page of the carousel: its image, a shape for each line, and the lines; ``?line=`` marks one of them."""
    found = visible(request, pk)
    run = run_of(request, found)
    models.record(models.Verb.VIEWED, found, request.user)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    view = viewer.page_view(run, result, request.GET.get("line", ""))
    return render(request, "documents/_page.html", {"document": found, "run": run, "view": view})
