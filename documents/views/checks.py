"""Proof-reading: which lines of a page somebody has checked."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from documents import editing, viewer
from documents.access import editable, result_of


@require_POST
def check(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Marks ``lines`` as checked: JSON of what their reader saw by the keys of lines; with ``undo``, takes it back.

    A line that says something else by now is not marked. Answers which lines of the page are checked, and how much of
    the page and of the document is.
    """
    found = editable(request, pk)
    result = result_of(request, found, number)
    texts = {f"{number}-{key}": text for key, text in _sent(request).items()}
    author = cast(User, request.user)
    try:
        if "undo" in request.POST:
            editing.uncheck(result, author=author, line_ids=texts)
        else:
            editing.check(result, author=author, texts=texts)
    except LookupError:
        raise Http404 from None
    return JsonResponse(viewer.checks_of(result))


def _sent(request: HttpRequest) -> dict[str, str]:
    try:
        lines: Any = json.loads(request.POST.get("lines", ""))
    except ValueError:
        raise Http404 from None
    if not isinstance(lines, dict) or not all(isinstance(text, str) for text in lines.values()):
        raise Http404
    return lines
