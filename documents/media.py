"""Private files over HTTP: the right type, no sniffing, an ETag, and byte ranges for large ones."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator

from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from documents.exports import Format
from documents.models import Document
from documents.transcript import Transcript
from recognition.errors import OriginalMissingError

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})\Z")


def serve(request: HttpRequest, file: FieldFile, *, media_type: str, etag: str, filename: str = "") -> HttpResponseBase:
    """``file`` for a request whose right to it has been checked.

    ``filename``: offer it as a download of that name; else it is shown in place. Answers 304 to a
    matching If-None-Match, 206 to a single byte range and 416 to one outside the file; a Range header of
    any other form is ignored (RFC 9110, 14.2). Raises Http404 where the file has gone from storage.
    """
    quoted = f'"{etag}"'
    wanted = _RANGE.match(request.headers.get("Range", ""))
    if request.headers.get("If-None-Match") == quoted:
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        try:
            source = file.open("rb")  # now, while there can still be another answer
        except FileNotFoundError as error:
            raise Http404 from error
        if wanted:
            response = _part(source, *wanted.groups(), media_type=media_type)
        else:
            response = FileResponse(source, content_type=media_type, as_attachment=bool(filename), filename=filename)
    response["ETag"] = quoted
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return response


def original(request: HttpRequest, document: Document) -> HttpResponseBase:
    """A document's file as it was uploaded, as a download. Raises OriginalMissingError."""
    name = document.download_name()
    try:
        return serve(request, document.original, media_type=document.media_type, etag=document.sha256, filename=name)
    except Http404 as error:
        raise OriginalMissingError from error


def export(exported: Transcript, wanted: Format) -> FileResponse:
    """A document in one of the export formats, as a download. Raises a FileError where it cannot be written."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    wanted.write(exported, file)
    file.seek(0)
    name = f"{exported.title}.{wanted.extension}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=wanted.media_type)


def _part(source: FieldFile, first: str, last: str, *, media_type: str) -> HttpResponseBase:
    """The bytes from ``first`` to ``last``; without ``first``, the final ``last`` bytes."""
    size = source.size
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, stop = max(0, size - int(last)), size
    if start >= stop:
        source.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_read(source, start, stop), status=206, content_type=media_type)
    response["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response["Content-Length"] = str(stop - start)
    return response


def _read(source: FieldFile, start: int, stop: int) -> Iterator[bytes]:
    with source:
        source.seek(start)
        while start < stop and (chunk := source.read(min(CHUNK, stop - start))):
            start += len(chunk)
            yield chunk
