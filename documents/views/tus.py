"""Files sent piece by piece, by the tus protocol (https://tus.io/protocols/resumable-upload, version 1.0.0: core,
creation, expiration, termination). A file that is whole is handed to ``upload`` by its number.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import IO, Concatenate, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from documents import messages
from documents.ingest import tus as uploads
from documents.ingest.space import NoSpaceError
from documents.models import PartialUpload, QuotaExceededError, error_as_json
from recognition.errors import FileTooLargeError

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
MOST_DIGITS = 20
"""Of a number of bytes."""

View = Callable[Concatenate[HttpRequest, ...], HttpResponse]


def tus(view: View) -> View:
    """Speaks the protocol: its version in every answer, and 401 instead of a login page, before a body is received."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            response = HttpResponse(status=401)
        elif request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412, headers={"Tus-Version": VERSION})
        else:
            response = view(request, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return login_not_required(answer)


@tus
@require_http_methods(["OPTIONS", "POST"])
def parts(request: HttpRequest) -> HttpResponse:
    """Says what the server can do, or begins an upload: 201 with its address, 413 if there is no room for the file."""
    if request.method == "OPTIONS":
        most = str(settings.OCRSITE_MAX_BYTES)
        extensions = "creation,expiration,termination"
        headers = {"Tus-Version": VERSION, "Tus-Extension": extensions, "Tus-Max-Size": most}
        return HttpResponse(status=204, headers=headers)
    size = _number(request, "Upload-Length")
    if size is None:
        return _refused(400, "Upload-Length has to say how many bytes the file has.")
    try:
        name = _metadata(request).get("filename", "")
        part = uploads.begin(name=name, size=size, owner=cast(User, request.user))
    except (binascii.Error, UnicodeDecodeError):
        return _refused(400, "Upload-Metadata has to be pairs of a key and a value in Base64, separated by commas.")
    except (FileTooLargeError, QuotaExceededError) as error:
        return _refused(413, messages.explain(error_as_json(error)))
    except NoSpaceError as error:
        return _refused(507, messages.explain(error_as_json(error)))
    except uploads.TooManyUnfinishedError as error:
        response = _refused(429, messages.explain(error_as_json(error)))
        response["Retry-After"] = str(error.wait)
        return response
    location = reverse("documents:part", args=[part.pk])
    return HttpResponse(status=201, headers={"Location": location, "Upload-Expires": _expires(part)})


@tus
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def part(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Progress, next piece or end of an upload. 410: what had arrived is gone, start again."""
    found = get_object_or_404(PartialUpload.objects.of(request.user), pk=pk)
    if request.method == "DELETE":
        uploads.discard(found)
        return HttpResponse(status=204)
    try:
        return _offset(found) if request.method == "HEAD" else _append(request, found)
    except uploads.IncompleteError:
        return _refused(410, "What had arrived of this file has gone. Send it again.")


def named_parts(request: HttpRequest) -> list[PartialUpload]:
    """The parts that a form names as ``part``; 404 if one is not there or somebody else's."""
    mine = PartialUpload.objects.of(request.user).select_related("document")
    try:
        numbers = dict.fromkeys(UUID(number) for number in request.POST.getlist("part"))
        return [get_object_or_404(mine, pk=number) for number in numbers]
    except ValueError:
        raise Http404 from None


def _append(request: HttpRequest, found: PartialUpload) -> HttpResponse:
    start = _number(request, "Upload-Offset")
    if request.content_type != PIECE_TYPE:
        return _refused(415, f"A piece has to be of type {PIECE_TYPE}.")
    if start is None:
        return _refused(400, "Upload-Offset has to say at which byte the piece begins.")
    if start + int(request.headers.get("Content-Length") or 0) > found.size:
        return _refused(413, "The piece goes beyond the end of the file.")
    try:
        end = uploads.append(found, start, cast(IO[bytes], request))
    except uploads.MisplacedError as error:
        return HttpResponse(status=409, headers={"Upload-Offset": str(error.offset)})
    except NoSpaceError as error:
        return _refused(507, messages.explain(error_as_json(error)))
    return HttpResponse(status=204, headers={"Upload-Offset": str(end), "Upload-Expires": _expires(found)})


def _offset(found: PartialUpload) -> HttpResponse:
    offset = str(uploads.offset(found))
    return HttpResponse(headers={"Upload-Offset": offset, "Upload-Length": str(found.size)})


def _metadata(request: HttpRequest) -> dict[str, str]:
    """The pairs of Upload-Metadata, decoded."""
    pairs = [pair.split() for pair in request.headers.get("Upload-Metadata", "").split(",") if pair.strip()]
    return {key: base64.b64decode("".join(value), validate=True).decode() for key, *value in pairs}


def _number(request: HttpRequest, header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < MOST_DIGITS else None


def _expires(part: PartialUpload) -> str:
    return http_date(uploads.expires(part).timestamp())


def _refused(status: int, reason: str) -> HttpResponse:
    return HttpResponse(f"{reason}\n", status=status, content_type="text/plain; charset=utf-8")
