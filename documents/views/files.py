"""Files: originals, page images, and the export formats."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from documents import exports, media, messages, models
from documents.access import MOST_DIGITS, run_of, viewed, visible
from documents.forms import ExportForm
from documents.models import Document, Verb, record
from recognition.errors import OriginalMissingError, RecognitionError


@require_GET
def page_image(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = get_object_or_404(viewed(request, pk).pages.exclude(image=""), number=number)
    return media.picture(request, found)


@require_GET
def thumbnail(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Of page ``number``; ``?of=`` names it by its key instead, for whoever puts pages in another order meanwhile."""
    key = request.GET.get("of", "")
    wanted = {"pk": int(key)} if key.isdecimal() and len(key) <= MOST_DIGITS else {"number": number}
    found = get_object_or_404(visible(request, pk).pages.exclude(image=""), **wanted)
    return media.picture(request, found, "thumbnail")


@require_GET
def original(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file as it was uploaded; of several, a ZIP archive."""
    found = visible(request, pk)
    try:
        response = media.originals(request, found)
    except OriginalMissingError as error:
        return _refused(request, found, error)
    record(Verb.DOWNLOADED, found, request.user)
    return response


@require_GET
def export(request: HttpRequest, pk: UUID, suffix: str) -> HttpResponseBase:
    """A run's text as a file in one of the export formats.

    ``?text=`` chooses which of the three texts; ``?pages=``, ``?lines=`` and ``?margins=`` say what plain text is like.
    """
    found = visible(request, pk)
    form = ExportForm(request.GET)
    if suffix not in exports.FORMATS or not form.is_valid():
        raise Http404
    run = run_of(request, found)
    try:
        response = media.export(request, run.export().chosen(**form.choices()), exports.FORMATS[suffix])
    except RecognitionError as error:
        return _refused(request, found, error)
    record(Verb.EXPORTED, found, request.user, format=suffix, run=str(run.pk))
    return response


def _refused(request: HttpRequest, document: Document, error: RecognitionError) -> HttpResponse:
    reason = messages.explain(models.error_as_json(error))
    return render(request, "documents/refused.html", {"document": document, "reason": reason}, status=422)
