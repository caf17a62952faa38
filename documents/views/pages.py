"""One page of a run: shown, and its lines corrected."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from documents import models, viewer
from documents.forms import CorrectionForm

from .access import editable, run_of, visible


@require_GET
def page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page of the carousel: its image, a shape for each line, and the lines."""
    found = visible(request, pk)
    run = run_of(request, found)
    models.record(models.Verb.VIEWED, found, request.user)
    result = get_object_or_404(run.results.select_related("page"), page__number=number)
    view = viewer.page_view(run, result)
    return render(request, "documents/_page.html", {"document": found, "run": run, "view": view})


@require_POST
def correct(request: HttpRequest, pk: UUID, number: int, line: int) -> HttpResponse:
    """Writes a line's text: ``text``, and in ``seen`` the number of the correction that the author looked at.

    Answers the line as it holds now; 409, and with the other's text, if somebody else was quicker.
    """
    found = editable(request, pk)
    result = get_object_or_404(run_of(request, found).results.select_related("page"), page__number=number)
    form = CorrectionForm(request.POST)
    if not form.is_valid() or not 1 <= line <= len(result.lines):
        raise Http404
    author = cast(User, request.user)
    try:
        standing = models.correct(
            result, line - 1, form.cleaned_data["text"], author=author, seen=form.cleaned_data["seen"]
        )
    except models.Conflict as conflict:
        return JsonResponse(viewer.line_state(result, line, conflict.current), status=409)
    return JsonResponse(viewer.line_state(result, line, standing))
