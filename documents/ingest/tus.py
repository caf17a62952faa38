"""Resumable uploads: after a lost connection, an upload continues where it ended.

The bytes of an upload lie in the folder of uploads, under its number; how many of them there are is the truth about
how much has arrived. They are this web server's own: where there are several, a person has to stay with one of them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext_noop

from documents.errors import IntakeError
from documents.models import Document, PartialUpload, check_quota, clean_title
from recognition.errors import FileError

from . import intake, space

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT = timedelta(days=1)
"""How long an upload waits for the rest of its file."""

PIECE = 256 * 1024
LONGEST_NAME = 255


class MisplacedError(Exception):
    """The piece does not begin where the last one ended. ``offset``: where that was."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"this upload resumes at byte {offset}")
        self.offset = offset


class IncompleteError(IntakeError):
    """The file is not whole yet, or its bytes have gone."""

    code = "file-incomplete"
    explanations = (gettext_noop("Not all of this file has arrived. Send it again."),)

    def __init__(self) -> None:
        super().__init__("Not all of this file has arrived. Send it again.")


def begin(*, name: str, size: int, owner: User) -> PartialUpload:
    """A new upload, empty. Raises FileTooLargeError where a file of this size would not be taken.

    And QuotaExceededError where its owner has no room for it beside what is on its way already, NoSpaceError where the
    disk has none.
    """
    if size > settings.OCRSITE_MAX_BYTES:
        raise intake.too_large()
    remove_abandoned()
    space.check_disk(size)
    check_quota(owner, bytes=space.arriving(owner) + size, pages=0)
    upload = PartialUpload.objects.create(name=clean_title(name)[-LONGEST_NAME:], size=size, owner=owner)
    _path(upload).touch()
    return upload


def offset(upload: PartialUpload) -> int:
    """How many bytes have arrived; all of them if it has become a document. IncompleteError if its bytes have gone."""
    try:
        return upload.size if upload.document_id else _path(upload).stat().st_size
    except FileNotFoundError:
        raise IncompleteError from None


def append(upload: PartialUpload, start: int, body: IO[bytes]) -> int:
    """Adds a piece that begins at byte ``start``; where the next one begins.

    What arrives is kept also if the connection is lost before its end. Reads no more than the file is said to have.
    There is no lock, which a lost connection might hold for long: each byte has its place, so a second request that
    writes the same ones does no harm. Raises MisplacedError, IncompleteError if the bytes before have gone, and
    NoSpaceError.
    """
    end = offset(upload)
    if start != end:
        raise MisplacedError(end)
    with space.writing(), _path(upload).open("r+b", buffering=0) as file:
        while end < upload.size and (piece := body.read(min(PIECE, upload.size - end))):
            end += os.pwrite(file.fileno(), piece, end)
    return end


def take(upload: PartialUpload, receive: Callable[[File[bytes]], Document]) -> Document:
    """Hands the whole file to ``receive``; what it became, also if it has become that before.

    Raises IncompleteError and what ``receive`` raises. A file that is refused is gone; after anything else that goes
    wrong it can be taken once more.
    """
    return take_together([upload], lambda files: receive(files[0]))


def take_together(uploads: Sequence[PartialUpload], receive: Callable[[list[File[bytes]]], Document]) -> Document:
    """Hands whole files to ``receive``, which makes one document of them, as ``take`` does with one.

    If ``receive`` raises a RefusedTogetherError, the others can be taken once more.
    """
    numbers = [upload.pk for upload in uploads]
    with ExitStack() as stack:
        files = {}
        for upload in sorted(uploads, key=lambda each: each.pk):
            if offset(upload) < upload.size:
                raise IncompleteError
            if upload.document_id is None:
                files[upload.pk] = stack.enter_context(_path(upload).open("rb"))
                fcntl.flock(files[upload.pk], fcntl.LOCK_EX)  # whoever asks twice waits, and gets the same answer twice
        now = PartialUpload.objects.select_related("document").in_bulk(numbers)
        if len(now) < len(uploads):
            raise IncompleteError
        if taken := [found.document for found in now.values() if found.document is not None]:
            return taken[0]
        try:
            document = receive([File(files[upload.pk], upload.name) for upload in uploads])
        except intake.RefusedTogetherError as refused:
            for place in refused.refusals:
                discard(uploads[place])
            raise
        except FileError:
            for upload in uploads:
                discard(upload)
            raise
        PartialUpload.objects.filter(pk__in=numbers).update(document=document)
        for upload in uploads:
            _path(upload).unlink(missing_ok=True)  # its sender may have given it up meanwhile
    return document


def discard(upload: PartialUpload) -> None:
    """Deletes an upload and its bytes."""
    _path(upload).unlink(missing_ok=True)
    upload.delete()


def expires(upload: PartialUpload) -> datetime:
    """When an unfinished upload is forgotten."""
    return upload.created + KEPT


def remove_abandoned() -> None:
    """Forgets the uploads whose time is over, and bytes that no longer belong to any."""
    PartialUpload.objects.filter(created__lt=timezone.now() - KEPT).delete()
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"):
        with suppress(FileNotFoundError):  # others tidy up at the same time
            if path.stat().st_mtime < time.time() - KEPT.total_seconds():
                path.unlink()


def _path(upload: PartialUpload) -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / f"{upload.pk}.part"
