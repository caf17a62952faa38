"""Resumable uploads: after a lost connection, an upload continues where it ended.

Each piece becomes a file in storage, and a row says which bytes it has. All web servers share both, so the next piece
may go to any of them.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from documents import limits
from documents.errors import IntakeError, LaterError
from documents.models import Document, PartialUpload, UploadPiece, check_quota, clean_title
from recognition.errors import FileError

from . import intake, space
from .inspection import BusyError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT = timedelta(days=1)
"""How long an upload waits for the rest of its file."""

CLAIMED = timedelta(minutes=10)
"""After which a process that was making a document of an upload counts as lost."""

PATIENCE = 60.0
LOOKS_EVERY = 0.2
"""Seconds to wait for another process that makes a document of the same upload, and between two looks."""

FOLDER = "uploads"
"""Of the pieces, in storage."""

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


class TooManyUnfinishedError(LaterError):
    """So many files of a person are on their way already that no further one is begun."""

    code = "too-many-unfinished"
    wait = 60
    explanations = (
        gettext_noop(
            "%(allowed)s of your files have not arrived completely. Send those to their end, or wait a day until they "
            "are forgotten."
        ),
        gettext_noop("Too many of your files have not arrived completely. Send those to their end first."),
    )

    def __init__(self) -> None:
        allowed = int(settings.OCRSITE_USER_UNFINISHED_UPLOADS)
        super().__init__(self.explanations[0] % {"allowed": allowed}, allowed=allowed)


def begin(*, name: str, size: int, owner: User) -> PartialUpload:
    """A new upload, empty. Raises FileTooLargeError where a file of this size would not be taken.

    And QuotaExceededError where its owner has no room for it beside what is on its way already, NoSpaceError where the
    disk has none, and TooManyUnfinishedError and TooManyMegabytesError where its owner sends too much at a time.
    """
    if size > settings.OCRSITE_MAX_BYTES:
        raise intake.too_large()
    remove_abandoned()
    space.check_disk(size)
    if PartialUpload.objects.of(owner).filter(document=None).count() >= settings.OCRSITE_USER_UNFINISHED_UPLOADS:
        raise TooManyUnfinishedError
    check_quota(owner, bytes=space.arriving(owner) + size, pages=0)
    limits.take_megabytes(owner, size)
    return PartialUpload.objects.create(name=clean_title(name)[-LONGEST_NAME:], size=size, owner=owner)


def offset(upload: PartialUpload) -> int:
    """How many bytes have arrived; all of them if it has become a document."""
    return upload.size if upload.document_id else upload.pieces.aggregate(end=Max("end"))["end"] or 0


def append(upload: PartialUpload, start: int, body: IO[bytes]) -> int:
    """Adds a piece that begins at byte ``start``; where the next one begins.

    What arrives is kept also if the connection is lost before its end. Reads no more than the file is said to have.
    There is no lock, which a lost connection might hold for long: of two requests that send the same bytes, the first
    to end is kept. Raises MisplacedError, IncompleteError if the upload is gone, and NoSpaceError.
    """
    end = offset(upload)
    if start != end:
        raise MisplacedError(end)
    with space.writing(), tempfile.SpooledTemporaryFile(PIECE, dir=str(settings.FILE_UPLOAD_TEMP_DIR)) as piece:
        try:
            while end < upload.size and (part := body.read(min(PIECE, upload.size - end))):
                piece.write(part)
                end += len(part)
        finally:
            if end > start:
                _keep(upload, start, end, File(piece))
    return end


def take(upload: PartialUpload, receive: Callable[[File[bytes]], Document]) -> Document:
    """Hands the whole file to ``receive``; what it became, also if it has become that before.

    Raises IncompleteError and what ``receive`` raises. A file that is refused for good is gone; after anything else
    that goes wrong it can be taken once more.
    """
    return take_together([upload], lambda files: receive(files[0]))


def take_together(uploads: Sequence[PartialUpload], receive: Callable[[list[File[bytes]]], Document]) -> Document:
    """Hands whole files to ``receive``, which makes one document of them, as ``take`` does with one.

    If ``receive`` raises a RefusedTogetherError, the others can be taken once more.
    """
    if any(offset(upload) < upload.size for upload in uploads):
        raise IncompleteError
    with ExitStack() as claimed:
        for upload in sorted(uploads, key=lambda each: each.pk):  # in one order: no two wait for each other
            known = _claim(upload)
            if known is not None:
                return known
            claimed.callback(_release, upload)
        try:
            document = receive([WholeFile(upload) for upload in uploads])
        except intake.RefusedTogetherError as refused:
            for place, error in refused.refusals.items():
                _discard_refused(uploads[place], error)
            raise
        except FileError as error:
            for upload in uploads:
                _discard_refused(upload, error)
            raise
        PartialUpload.objects.filter(pk__in=[upload.pk for upload in uploads]).update(document=document)
        for upload in uploads:
            _remove_pieces(upload)
    return document


class WholeFile(File):  # type: ignore[type-arg]  # takes no argument at run time
    """The pieces of an upload as one file, read from the first byte to the last. Raises IncompleteError on the way."""

    def __init__(self, upload: PartialUpload) -> None:
        super().__init__(None, upload.name)
        self.size = upload.size
        self._pieces = list(upload.pieces.all())

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        given = 0
        try:
            for piece in self._pieces:
                with default_storage.open(piece.name) as file:
                    for chunk in file.chunks(chunk_size):
                        given += len(chunk)
                        yield chunk
        except FileNotFoundError as error:
            raise IncompleteError from error
        if given != self.size:
            raise IncompleteError


def discard(upload: PartialUpload) -> None:
    """Deletes an upload and its bytes."""
    _remove_pieces(upload)
    upload.delete()


def expires(upload: PartialUpload) -> datetime:
    """When an unfinished upload is forgotten."""
    return upload.created + KEPT


def remove_abandoned() -> None:
    """Forgets the uploads whose time is over."""
    for upload in PartialUpload.objects.filter(created__lt=timezone.now() - KEPT):
        discard(upload)


def _keep(upload: PartialUpload, start: int, end: int, piece: File[bytes]) -> None:
    piece.seek(0)
    name = default_storage.save(f"{FOLDER}/{upload.pk}-{start}-{uuid.uuid4().hex}", piece)
    try:
        with transaction.atomic():
            UploadPiece.objects.create(upload=upload, start=start, end=end, name=name)
    except IntegrityError as error:
        default_storage.delete(name)
        if not PartialUpload.objects.filter(pk=upload.pk).exists():
            raise IncompleteError from error
        raise MisplacedError(offset(upload)) from error


def _discard_refused(upload: PartialUpload, error: FileError) -> None:
    """Discards a file that would be refused again."""
    if not isinstance(error, LaterError):
        discard(upload)


def _claim(upload: PartialUpload) -> Document | None:
    """Claims the upload for this process; or waits for what another process makes of it, and gives that.

    Raises IncompleteError if it is given up meanwhile, and BusyError.
    """
    mine = PartialUpload.objects.filter(pk=upload.pk)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        now = timezone.now()
        free = Q(claimed=None) | Q(claimed__lt=now - CLAIMED)
        if mine.filter(free, document=None).update(claimed=now):
            return None
        found = mine.select_related("document").first()
        if found is None:
            raise IncompleteError
        if found.document is not None:
            return found.document
        time.sleep(LOOKS_EVERY)
    raise BusyError


def _release(upload: PartialUpload) -> None:
    PartialUpload.objects.filter(pk=upload.pk).update(claimed=None)


def _remove_pieces(upload: PartialUpload) -> None:
    for piece in upload.pieces.all():
        default_storage.delete(piece.name)
    upload.pieces.all().delete()
