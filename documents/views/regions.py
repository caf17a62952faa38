"""Regions of a page: OCR at once, and lines that people keep of it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import redis
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents import editing, messages
from documents.access import editable, result_of, visible
from documents.ingest import intake
from documents.models import QuotaExceededError, State, error_as_json
from documents.processing import interactive
from documents.region_forms import DrawnForm, OrderForm, RegionForm


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
    return JsonResponse({"state": answer.state, "lines": answer.lines, "message": message})


@require_POST
def draw(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Keeps lines that somebody drew. Answers their keys; 409 if one would write over what somebody else wrote."""
    result = result_of(request, editable(request, pk), number)
    form = DrawnForm(request.POST, page=result.page)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    try:
        ids = editing.draw(
            result, form.cleaned_data["lines"], author=cast(User, request.user), seen=form.cleaned_data["seen"]
        )
    except LookupError:
        raise Http404 from None
    except editing.ConflictError as conflict:
        other = conflict.current
        assert other is not None
        return JsonResponse({"author": str(other.author), "text": other.text, "seen": other.pk}, status=409)
    return JsonResponse({"lines": [line_id.partition("-")[2] for line_id in ids]}, status=201)


@require_POST
def order(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Edits the order of a page: by the keys of its ``lines``, by ``direction``, or back to that in which it was read.

    Answers 409 if somebody else has edited it since the order numbered ``seen``.
    """
    result = result_of(request, editable(request, pk), number)
    form = OrderForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    author, seen = cast(User, request.user), form.cleaned_data["seen"]
    try:
        if direction := form.cleaned_data["direction"]:
            editing.rearrange_by_direction(result, direction, author=author, seen=seen)
        else:
            ids = [f"{number}-{key}" for key in form.cleaned_data["lines"]]
            editing.rearrange(result, ids or None, author=author, seen=seen)
    except editing.OrderConflictError:
        return JsonResponse({}, status=409)
    except ValueError as error:
        return JsonResponse({"message": str(error)}, status=400)
    return JsonResponse({"seen": result.order_number})
