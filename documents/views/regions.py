"""Regions of a page: OCR at once."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import redis
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents import editing, messages
from documents.access import editable, result_of, visible
from documents.ingest import intake
from documents.models import QuotaExceededError, State, error_as_json
from documents.processing import interactive
from documents.region_forms import RegionForm, TableForm


@require_POST
def read_region(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Runs OCR on a region of a page at once. Answers 202 with the address that will have its lines."""
    result = result_of(request, visible(request, pk), number)
    form = RegionForm(request.POST, page=result.page)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    options = form.options(result.options or result.run.options)
    try:
        rotation = result.rotation if result.state == State.DONE else None
        handle = intake.recognise_region(result.page, options, rotation, cast(User, request.user))
    except QuotaExceededError as error:
        return JsonResponse({"message": messages.explain(error_as_json(error))}, status=422)
    except redis.RedisError:
        return JsonResponse({"message": _("OCR is not available at the moment. Try again shortly.")}, status=503)
    return JsonResponse({"answer": reverse("documents:region", args=[pk, number, handle])}, status=202)


@require_GET
def region(request: HttpRequest, pk: UUID, number: int, handle: str) -> HttpResponse:
    """What was read of a part: its state ("waiting", "done", "failed", "lost"), and its lines or why there are none."""
    page = get_object_or_404(visible(request, pk).pages, number=number)
    try:
        answer = interactive.answer(page, handle)
    except redis.RedisError:
        answer = interactive.Answer("lost")
    message = messages.explain(answer.error) if answer.error else ""
    return JsonResponse({"state": answer.state, "lines": answer.lines, "table": answer.table, "message": message})


@require_POST
def table(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Keeps a region as a table. Answers the number of the arrangement that holds then.

    409 if somebody else has arranged the page since, or one of the lines in the region.
    """
    result = result_of(request, editable(request, pk), number)
    form = TableForm(request.POST, page=result.page)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    wanted, author = form.cleaned_data, cast(User, request.user)
    seen = {"seen": wanted["seen"], "arrangement": wanted["arrangement"]}
    try:
        number_now = editing.keep_table(result, wanted["drawn"], author=author, **seen)
    except editing.ArrangementConflictError:
        return JsonResponse({}, status=409)
    except editing.ConflictError as conflict:
        other = conflict.current
        assert other is not None
        return JsonResponse({"author": str(other.author), "text": other.text, "seen": other.pk}, status=409)
    return JsonResponse({"seen": number_now}, status=201)
