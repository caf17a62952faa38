"""Private files over HTTP: the right type, no sniffing, ETags made of the content, and byte ranges for large ones."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _

from documents import pictures
from documents.exports import FORMATS, Format, zip_bundle
from documents.ingest import space
from documents.models import Document, Original, Page, Verb, record
from documents.pictures import Cut
from documents.processing.page_images import turn_images
from documents.telemetry import count
from documents.transcript import Transcript
from documents.turns import NoTurnError, Turns
from recognition.errors import OriginalDamagedError, OriginalMissingError, RecognitionError, gettext_noop

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

CHUNK = 64 * 1024
LARGE = 2**20
"""Bytes of an export that needs more room on the disk than its reserve."""

TURNS = Turns(at_once=3, of_one=6, patience=30)
"""Of the exports that one web process writes."""

ARCHIVES = Turns(at_once=3, of_one=2, patience=0)
"""Of the archives that one web process sends: a thread is busy with each as long as it is being made."""

_RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})\Z")


class TooManyExportsError(RecognitionError):
    """People download too much at a time for a further export to be written now. ``wait``: seconds to the next try."""

    code = "too-many-exports"
    explanations = (gettext_noop("Too many downloads are being prepared. Try this one again in a minute."),)
    wait = 60

    def __init__(self) -> None:
        count("limits_hit", limit=self.code)
        super().__init__(self.explanations[0])


def picture(request: HttpRequest, page: Page, kind: Literal["image", "thumbnail"] = "image") -> HttpResponseBase:
    """A page image or thumbnail, shown in place.

    Raises Http404 where it has gone from storage, and TooManyExportsError. Pictures are drawn anew under the name they
    had, so their ETag is made of name, size and time of the last change.
    """
    source = _current(request, page, kind)
    file: FieldFile = getattr(page, kind)
    changed = file.storage.get_modified_time(file.name or "")
    version = f"{file.name} {source.file.size} {changed.isoformat()}"
    etag = hashlib.sha256(version.encode()).hexdigest()
    return _served(request, source, media_type="image/jpeg", etag=etag, changed=changed)


def _current(request: HttpRequest, page: Page, kind: Literal["image", "thumbnail"]) -> FieldFile:
    """A picture of the page, turned as the page is. Large ones wait for each other, so a turn is needed for that."""
    is_slow = page.turn != page.image_turn and pictures.is_large(page.width or 0, page.height or 0)
    try:
        with _turn(request.user) if is_slow else nullcontext():
            turn_images(page)
    except FileNotFoundError as error:
        raise Http404 from error
    return _opened(getattr(page, kind))


def cut_of_page(request: HttpRequest, page: Page, cut: Cut) -> bytes:
    """The file that ``cut`` makes of the page image.

    Raises Http404 where the image has gone from storage, and TooManyExportsError.
    """
    with _current(request, page, "image") as source, _turn(request.user):
        return pictures.make(source, cut)


def made(request: HttpRequest, content: bytes, media_type: str) -> HttpResponseBase:
    """A picture that was made for this request."""
    etag = hashlib.sha256(content).hexdigest()
    return _served(request, File(io.BytesIO(content)), media_type=media_type, etag=etag)


def originals(request: HttpRequest, document: Document, number: int | None = None) -> HttpResponseBase:
    """The file of a document as it was uploaded, or its files in a ZIP archive, as a download.

    ``number``: only this file of them, from 1; Http404 if there is none. Raises OriginalMissingError,
    OriginalDamagedError, TooManyExportsError, and PermissionDenied if the files show pages that are not in the
    document.
    """
    kept = list(document.originals_for(request.user))
    if not kept:
        raise PermissionDenied(_("The original file has pages that are not in this document. Ask its owner for it."))
    if number is not None and not 1 <= number <= len(kept):
        raise Http404
    if number is None and len(kept) > 1:
        files = zip_bundle.pack_files((original.name, partial(_found, original)) for original in kept)
        return _archive(files, f"{document.title}.zip", request.user)
    original = kept[number - 1 if number else 0]
    name = f"{document.title}.{original.kind}" if document.originals.count() == 1 else original.name
    return _served(request, _found(original), media_type=original.media_type, etag=original.sha256, filename=name)


def _found(original: Original) -> FieldFile:
    try:
        source = _opened(original.file)
    except Http404 as error:
        raise OriginalMissingError from error
    if source.size != original.bytes:
        source.close()
        raise OriginalDamagedError
    return source


def export(request: HttpRequest, exported: Transcript, wanted: Format) -> HttpResponseBase:
    """A document in one of the export formats, as a download.

    Raises a FileError where it cannot be written, NoSpaceError among them, and TooManyExportsError.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    with _turn(request.user), space.writing():
        wanted.write(exported, file)
    if file.tell() > LARGE:  # and may lie there for long, if its reader is slow
        space.check_disk(0)
    file.seek(0)
    etag = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    name = f"{exported.title}.{wanted.extension}"
    return _served(request, File(file), media_type=wanted.media_type, etag=etag, filename=name)


def bundle(
    user: User, numbers: Sequence[UUID], formats: Sequence[str], choices: Mapping[str, Any]
) -> StreamingHttpResponse:
    """The documents of these numbers as a ZIP archive, sent while it is being made.

    ``formats``: names of ``exports.FORMATS``. ``choices``: as ``Transcript.chosen`` takes them. What ``user`` may not
    see by the time that its turn comes is left out, and the archive says so. Raises TooManyExportsError.
    """
    gone: list[str] = []

    def documents() -> Iterator[Transcript]:
        for number in numbers:
            found = Document.objects.visible_to(user).select_related("current_run").filter(pk=number).first()
            if found is None or found.current_run is None:
                gone.append(_("A document that was here a moment ago is gone."))
                continue
            record(Verb.EXPORTED, found, user, format=",".join(formats))
            found.current_run.document = found
            yield found.current_run.export().chosen(**choices)

    turn = partial(TURNS.of, user.pk, within=True)
    packed = zip_bundle.pack(documents(), [FORMATS[name] for name in formats], gone, turn)
    return _archive(packed, f"ocrsite-{timezone.localtime():%Y-%m-%d}.zip", user)


def _archive(packed: Iterator[bytes], name: str, user: User | AnonymousUser) -> StreamingHttpResponse:
    """The pieces of a ZIP archive, in a turn of ``user`` to the end. Raises TooManyExportsError."""

    def in_turn() -> Iterator[bytes]:
        with _turn(user, ARCHIVES):
            yield b""
            yield from packed

    pieces = in_turn()
    next(pieces)  # its turn is taken now, while there can still be another answer
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@contextmanager
def _turn(user: User | AnonymousUser, turns: Turns = TURNS) -> Iterator[None]:
    """A turn of ``user``, to make something that costs time. Raises TooManyExportsError."""
    try:
        with turns.of(user.pk or 0):
            yield
    except NoTurnError as error:
        raise TooManyExportsError from error


def _opened(file: FieldFile) -> FieldFile:
    try:
        return file.open("rb")  # now, while there can still be another answer
    except FileNotFoundError as error:
        raise Http404 from error


def _served(
    request: HttpRequest,
    source: File[Any],
    *,
    media_type: str,
    etag: str,
    filename: str = "",
    changed: datetime | None = None,
) -> HttpResponseBase:
    """The open file ``source`` for a request whose right to it has been checked; it is closed in any case.

    ``etag``: without quotes; equal for equal bytes only. ``filename``: offer it as a download of that name; else it
    is shown in place. Answers 304 and 412 as the request's conditions want it, 206 to a single byte range and 416 to
    one outside the file. A Range header of any other form is ignored (RFC 9110, 14.2), and so is one for another
    version than this (If-Range, 13.1.5; a date there is too coarse to tell versions apart).
    """
    quoted = f'"{etag}"'
    modified = int(changed.timestamp()) if changed else None
    wanted = _RANGE.match(request.headers.get("Range", ""))
    response: HttpResponseBase | None = get_conditional_response(request, etag=quoted, last_modified=modified)
    if response is not None:
        source.close()
    elif wanted and request.headers.get("If-Range", quoted) == quoted:
        response = _part(source, *wanted.groups(), media_type=media_type)
    else:
        response = FileResponse(source, content_type=media_type, as_attachment=bool(filename), filename=filename)
    response["ETag"] = quoted
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    return response


def _part(source: File[Any], first: str, last: str, *, media_type: str) -> HttpResponseBase:
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


def _read(source: File[Any], start: int, stop: int) -> Iterator[bytes]:
    with source:
        source.seek(start)
        while start < stop and (chunk := source.read(min(CHUNK, stop - start))):
            start += len(chunk)
            yield chunk
