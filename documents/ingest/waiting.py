"""Files that are read while somebody waits: as documents, or, if they are not to be kept, without becoming any."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

import redis
from django.core.files import File

from documents import exports, limits, originals
from documents.models import UNFINISHED, Document, Run, Verb, check_quota, record
from documents.processing import queue, transient
from recognition.errors import FileError
from recognition.options import Options

from . import intake

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST_WAITING = 2
"""Of a web process' threads, those that may wait at a time; the others are for everybody else."""

SEATS = threading.BoundedSemaphore(MOST_WAITING)

MOST_BYTES = 4 * transient.LARGEST
"""Of the files of one request that are not kept, in all; further ones become documents for a while."""

SEVERAL_PAGES = frozenset({".pdf", ".tif", ".tiff", ".djvu", ".djv"})
"""Suffixes of files that may have several pages; their content is looked at by workers."""


@dataclass(frozen=True)
class Outcome:
    """What has become of a file.

    ``result``: as JSON (``ocrsite/1``). ``document``: where OCR continues. ``error``: why it was refused.
    """

    result: str = ""
    document: Document | None = None
    error: FileError | None = None


@dataclass(frozen=True)
class _Asked:
    """A file for which somebody waits. ``handle``: of one that is read without becoming a document."""

    file: File[bytes]
    document: Document | None = None
    handle: str = ""
    error: FileError | None = None


def read(
    files: Sequence[File[bytes]], *, owner: User, options: Options, keep: bool, seconds: float
) -> Iterator[Outcome]:
    """Reads files ahead of all other work, for up to ``seconds`` in all, and tells what has become of each.

    What takes longer is kept as a document, whether it is to be kept or not, and so is everything while too many others
    wait.
    """
    with _seat() as seated:
        until = time.monotonic() + (seconds if seated else 0)
        left = MOST_BYTES if seated and seconds and not keep else 0
        asked = []
        for file in files:
            each = _ask(file, owner, options, left)
            left -= (file.size or 0) if each.handle else 0
            asked.append(each)
        for each in asked:
            yield _outcome(each, owner, options, until, keep=keep)


@contextmanager
def _seat() -> Iterator[bool]:
    """Whether a thread can be spared for waiting."""
    seated = SEATS.acquire(blocking=False)
    try:
        yield seated
    finally:
        if seated:
            SEATS.release()


def _ask(file: File[bytes], owner: User, options: Options, left: int) -> _Asked:
    """Has a file read; without making it a document if it has at most ``left`` bytes and is a picture."""
    try:
        if (file.size or 0) <= min(left, transient.LARGEST) and _suffix(file) not in SEVERAL_PAGES:
            limits.take(limits.TooManyUploadsError, owner)
            check_quota(owner, pages=1)
            title = intake.title_from(file.name or "")
            try:
                return _Asked(file, handle=transient.ask(file.read(), title, options, owner.pk))
            except redis.RedisError:
                return _Asked(file, _take_in(file, owner, options, limited=False))
        return _Asked(file, _take_in(file, owner, options))
    except FileError as error:
        return _Asked(file, error=error)


def _outcome(asked: _Asked, owner: User, options: Options, until: float, *, keep: bool) -> Outcome:
    if asked.error is not None:
        return Outcome(error=asked.error)
    document = asked.document
    if document is None:
        if result := _result(asked.handle, until):
            record(Verb.RECOGNISED, None, owner, pages=1)
            return Outcome(result)
        asked.file.seek(0)
        try:
            document = _take_in(asked.file, owner, options, limited=False)
        except FileError as error:
            return Outcome(error=error)
    run = _finished(document, until)
    if run is None:
        return Outcome(document=document)
    result = exports.as_json(run.export())
    if not keep:
        originals.discard(document, owner)
    return Outcome(result)


def _take_in(file: File[bytes], owner: User, options: Options, *, limited: bool = True) -> Document:
    name = file.name or ""
    return intake.receive(file, name=name, owner=owner, options=options, queue=queue.INTERACTIVE, limited=limited)


def _result(handle: str, until: float) -> str:
    try:
        return transient.wait(handle, until - time.monotonic())
    except redis.RedisError:
        return ""


def _finished(document: Document, until: float) -> Run | None:
    """The document's run once it is finished; None if that takes longer."""
    with queue.listening(document.current_run_id) as next_page:
        while True:
            run = Run.objects.select_related("document").filter(document=document).exclude(state__in=UNFINISHED).first()
            left = until - time.monotonic()
            if run is not None or left <= 0:
                return run
            next_page(left)


def _suffix(file: File[bytes]) -> str:
    return PurePath(file.name or "").suffix.lower()
