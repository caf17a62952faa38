"""The lines of a page: changed, drawn, put in order; and what became of each."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from documents import editing, models, viewer
from documents.access import editable, result_of, viewed
from documents.models import Document, PageResult
from documents.region_forms import ChangesForm


@require_POST
def change_lines(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Changes texts and boxes of lines, and keeps lines that somebody drew: all of it or nothing.

    Answers the lines as they are now, which of them the drawings are, and how much of the document is checked; with
    drawn lines also their fragments and the blocks of the page. 409, and the line as it is, if somebody else was
    quicker.
    """
    document = editable(request, pk)
    result = result_of(request, document, number)
    form = ChangesForm(request.POST, page=result.page)
    if not form.is_valid():
        return JsonResponse({"message": form.errors.as_text()}, status=400)
    try:
        ids = editing.change(result, **form.cleaned_data, author=cast(User, request.user))
    except LookupError:
        raise Http404 from None
    except editing.ConflictError as conflict:
        return JsonResponse(_answer(request, document, result, [conflict.line_id]), status=409)
    return JsonResponse(_answer(request, document, result, ids, count=len(form.cleaned_data["drawings"])))


@require_GET
def line_history(request: HttpRequest, pk: UUID, number: int, line: str) -> HttpResponse:
    """Who wrote what over a line, and when."""
    result = result_of(request, viewed(request, pk), number)
    try:
        changes = models.history(result, f"{number}-{line}")
    except LookupError:
        raise Http404 from None
    return render(request, "documents/_line_history.html", {"changes": changes})


def _answer(
    request: HttpRequest, document: Document, result: PageResult, ids: list[str], count: int = 0
) -> dict[str, object]:
    """``count``: how many of ``ids``, at their end, are those of drawings."""
    view = viewer.page_view(result.run, result)
    keys = [line_id.partition("-")[2] for line_id in ids]
    by_key = {line.key: line for line in view.shown(keys)}
    lines = [by_key[key] for key in dict.fromkeys(keys) if key in by_key]
    answer: dict[str, object] = {
        "lines": [viewer.line_data(line) for line in lines],
        "document": viewer.document_left(result.run),
    }
    if drawn := [line for line in lines if line.is_drawn]:
        context = {"document": document, "run": result.run, "view": view, "tag": "li"}
        answer["items"] = {
            line.key: render_to_string("documents/_line.html", context | {"line": line}, request) for line in drawn
        }
        answer["blocks"] = viewer.arrangement_data(view)["blocks"]
    return answer | {"drawn": keys[len(keys) - count :]}
