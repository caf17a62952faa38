"""Files sent piece by piece: after a lost connection the next piece goes on where the last one ended.

The bytes of a part lie in the folder of uploads, under its number; how many of them there are is the truth about
how much has arrived. They are this web server's own: where there are several, a person has to stay with one of them.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_noop

from recognition.errors import FileError

from . import intake
from .errors import IntakeError
from .models import Document, Part, require_room

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT = timedelta(days=1)
"""How long a part waits for the rest of its file."""

PIECE = 256 * 1024
LONGEST_NAME = 255


class Misplaced(Exception):
    """The piece does not begin where the last one ended. ``offset``: where that was."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"this part goes on at byte {offset}")
        self.offset = offset


class Incomplete(IntakeError):
    """The file is not whole yet, or its bytes have gone."""

    code = "file-incomplete"
    explanations = (gettext_noop("Not all of this file has arrived. Send it again."),)

    def __init__(self) -> None:
        super().__init__("Not all of this file has arrived. Send it again.")


def begin(*, name: str, size: int, owner: User) -> Part:
    """A new part, empty. Raises FileTooLargeError where a file of this size would not be taken.

    And QuotaExceeded where its owner has no room for it beside what is on its way already.
    """
    if size > settings.OCRSITE_MAX_BYTES:
        raise intake.too_large()
    remove_abandoned()
    arriving = Part.objects.of(owner).filter(document=None).aggregate(sum=Sum("size"))["sum"] or 0
    require_room(owner, bytes=arriving + size, pages=0)
    part = Part.objects.create(name=intake.clean_title(name)[-LONGEST_NAME:], size=size, owner=owner)
    _path(part).touch()
    return part


def offset(part: Part) -> int:
    """How many bytes have arrived; all of them if it has become a document. Incomplete if its bytes have gone."""
    try:
        return part.size if part.document_id else _path(part).stat().st_size
    except FileNotFoundError:
        raise Incomplete from None


def append(part: Part, start: int, body: IO[bytes]) -> int:
    """Adds a piece that begins at byte ``start``; where the next one begins.

    What arrives is kept also if the connection is lost before its end. Reads no more than the file is said to have.
    There is no lock, which a lost connection might hold for long: each byte has its place, so a second request that
    writes the same ones does no harm. Raises Misplaced, and Incomplete if the bytes before have gone.
    """
    end = offset(part)
    if start != end:
        raise Misplaced(end)
    with _path(part).open("r+b", buffering=0) as file:
        while end < part.size and (piece := body.read(min(PIECE, part.size - end))):
            end += os.pwrite(file.fileno(), piece, end)
    return end


def take(part: Part, receive: Callable[[File[bytes]], Document]) -> Document:
    """Hands the whole file to ``receive``; what it became, also if it has become that before.

    Raises Incomplete and what ``receive`` raises. A file that is refused is gone; after anything else that goes
    wrong it can be taken once more.
    """
    if part.document is not None:
        return part.document
    if offset(part) < part.size:
        raise Incomplete
    with _path(part).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # whoever asks twice waits, and gets the same answer twice
        now = Part.objects.select_related("document").filter(pk=part.pk).first()
        if now is None:
            raise Incomplete
        if now.document is not None:
            return now.document
        try:
            document = receive(File(file, part.name))
        except FileError:
            discard(part)
            raise
        Part.objects.filter(pk=part.pk).update(document=document)
        _path(part).unlink(missing_ok=True)  # its sender may have given it up meanwhile
    return document


def discard(part: Part) -> None:
    """Forgets a part."""
    _path(part).unlink(missing_ok=True)
    part.delete()


def expires(part: Part) -> datetime:
    """When an unfinished part is forgotten."""
    return part.created + KEPT


def remove_abandoned() -> None:
    """Forgets the parts whose time is over, and bytes that no longer belong to any."""
    Part.objects.filter(created__lt=timezone.now() - KEPT).delete()
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"):
        with suppress(FileNotFoundError):  # others tidy up at the same time
            if path.stat().st_mtime < time.time() - KEPT.total_seconds():
                path.unlink()


def _path(part: Part) -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / f"{part.pk}.part"
