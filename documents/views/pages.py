"""One page of a run."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from documents import viewer
from documents.access import result_of, viewed
from documents.forms import OptionsForm
from documents.models import Document


@require_GET
def page(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """One page of the carousel: its image, a shape for each line, and the lines.

    ``?line=`` marks one of them, ``?find=`` what is searched.
    """
    return render(request, "documents/_page.html", page_context(request, viewed(request, pk), number))


def page_context(request: HttpRequest, document: Document, number: int) -> dict[str, object]:
    """What the template of a page needs: the page as it stands in a run, and what may be done with it."""
    result = result_of(request, document, number)
    return {
        "document": document,
        "run": result.run,
        "view": viewer.page_view(result.run, result, request.GET.get("line", ""), request.GET.get("find", "")),
        "page_form": OptionsForm(initial=result.options or result.run.options, auto_id="page_%s"),
    }
