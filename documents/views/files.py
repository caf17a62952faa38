"""Files: originals, page images, and the export formats."""

from __future__ import annotations

import tempfile
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from documents import exports, media
from documents.models import Page, Verb, record

from .access import run_of, visible


@require_GET
def page_image(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = _page(request, pk, number)
    return media.serve(request, found.image, media_type="image/jpeg", etag=f"{pk}-{number}")


@require_GET
def thumbnail(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = _page(request, pk, number)
    return media.serve(request, found.thumbnail, media_type="image/jpeg", etag=f"{pk}-{number}-small")


@require_GET
def original(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file as it was uploaded."""
    found = visible(request, pk)
    record(Verb.DOWNLOADED, found, request.user)
    return media.serve(
        request, found.original, media_type=found.media_type, etag=found.sha256, filename=found.download_name()
    )


@require_GET
def export(request: HttpRequest, pk: UUID, suffix: str) -> FileResponse:
    """A run's text as a file in one of the export formats."""
    found = visible(request, pk)
    if suffix not in exports.FORMATS:
        raise Http404
    wanted = exports.FORMATS[suffix]
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    run = run_of(request, found)
    wanted.write(run.export(), file)
    record(Verb.EXPORTED, found, request.user, format=suffix, run=str(run.pk))
    file.seek(0)
    name = f"{found.title}.{wanted.extension}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=wanted.media_type)


def _page(request: HttpRequest, pk: UUID, number: int) -> Page:
    """A page whose image has been made."""
    return get_object_or_404(visible(request, pk).pages.exclude(image=""), number=number)
