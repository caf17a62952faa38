"""Whether disk and quota have space for a file, checked before any of it is received."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, Sum
from django.utils.translation import gettext_noop

from documents import limits
from documents.errors import LaterError
from documents.models import PartialUpload, UploadPiece, check_quota
from documents.telemetry import count

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest


SMALL = 64 * 1024
"""Bytes of a request that may well have no file: it names one that arrived in pieces, say."""


class NoSpaceError(LaterError):
    """The server has no space left for the file. Nothing is wrong with the file."""

    code = "no-space"
    explanations = (
        gettext_noop("The server has no room for this file at present. Tell an administrator, and try again later."),
    )

    def __init__(self) -> None:
        count("limits_hit", limit="disk")
        super().__init__("The server has no room for this file at present. Tell an administrator, and try again later.")


def check_request(request: HttpRequest, user: User | AnonymousUser) -> None:
    """Raises NoSpaceError, QuotaExceededError or TooManyMegabytesError if the files of a request would be too much.

    Goes by its Content-Length, and reads nothing of its body.
    """
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length <= SMALL:
        return
    check_disk(length)
    if isinstance(user, User):
        check_quota(user, bytes=length + arriving(user), pages=0)
        limits.take_megabytes(user, length)


def check_disk(bytes: int) -> None:
    """Raises NoSpaceError if ``bytes`` more, beside what is still to arrive of unfinished uploads, use the reserve."""
    free = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free
    if free - bytes - _still_to_arrive() < settings.OCRSITE_DISK_RESERVE:
        raise NoSpaceError


def arriving(owner: User) -> int:
    """Bytes of the unfinished uploads of a person, as large as their files will be."""
    return PartialUpload.objects.of(owner).filter(document=None).aggregate(sum=Sum("size"))["sum"] or 0


@contextmanager
def writing() -> Iterator[None]:
    """Tells a full disk from other trouble: raises NoSpaceError in place of the system's error."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoSpaceError from error
        raise


def _still_to_arrive() -> int:
    announced = PartialUpload.objects.filter(document=None).aggregate(sum=Sum("size"))["sum"] or 0
    arrived = UploadPiece.objects.filter(upload__document=None).aggregate(sum=Sum(F("end") - F("start")))["sum"] or 0
    return max(0, announced - arrived)
