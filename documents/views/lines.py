"""The lines of a page: corrected, deleted, restored."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from documents import editing, models, viewer
from documents.access import editable, result_of, viewed
from documents.forms import CorrectionForm, SeenForm
from documents.models import Correction, PageResult


@require_POST
def correct(request: HttpRequest, pk: UUID, number: int, line: str) -> HttpResponse:
    """Writes a line's text: ``text``, and in ``seen`` the number of the correction that the author looked at.

    Without a text the line is deleted. Answers the line as it holds now; 409, and with the other's
    text, if somebody else was quicker.
    """
    result = result_of(request, editable(request, pk), number)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        raise Http404
    author, line_id = cast(User, request.user), f"{number}-{line}"
    return _answer(result, line_id, lambda: editing.correct(result, line_id, author=author, **form.cleaned_data))


@require_POST
def take_back(request: HttpRequest, pk: UUID, number: int, line: str) -> HttpResponse:
    """Withdraws the correction of a line that ``seen`` numbers. Answers as ``correct`` does."""
    result = result_of(request, editable(request, pk), number)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Http404
    author, line_id = cast(User, request.user), f"{number}-{line}"
    return _answer(result, line_id, lambda: editing.take_back(result, line_id, author=author, **form.cleaned_data))


@require_GET
def line_history(request: HttpRequest, pk: UUID, number: int, line: str) -> HttpResponse:
    """Who wrote what over a line, and when."""
    result = result_of(request, viewed(request, pk), number)
    try:
        changes = models.history(result, f"{number}-{line}")
    except LookupError:
        raise Http404 from None
    return render(request, "documents/_line_history.html", {"changes": changes})


def _answer(result: PageResult, line_id: str, change: Callable[[], Correction | None]) -> HttpResponse:
    try:
        active = change()
    except editing.ConflictError as conflict:
        return JsonResponse(viewer.line_state(result, line_id, conflict.current), status=409)
    except LookupError:
        raise Http404 from None
    return JsonResponse(viewer.line_state(result, line_id, active))
