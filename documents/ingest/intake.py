"""The only entrance for files: each one is checked, stored and queued for OCR."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_noop

from documents import originals
from documents.errors import IntakeError
from documents.models import (
    LONGEST_TITLE,
    Document,
    Folder,
    Page,
    Run,
    Verb,
    check_quota,
    clean_title,
    record,
)
from documents.processing import interactive
from documents.processing import queue as work_queue
from documents.search import index
from recognition import raster
from recognition.errors import BrokenFileError, FileError, FileTooLargeError, OriginalMissingError
from recognition.page import Options

from . import inspection, space

if TYPE_CHECKING:
    from django.contrib.auth.models import User


log = logging.getLogger(__name__)


class DuplicateError(IntakeError):
    """The same bytes are in the archive: in ``documents`` that the sender may see, the newest first."""

    code = "duplicate"
    explanations = (
        gettext_noop("This file is here already: %(title)s"),
        gettext_noop("This file is here already."),
    )

    def __init__(self, documents: Sequence[Document]) -> None:
        newest = documents[0]
        super().__init__(
            f"This file is here already, as {newest.title!r}. Open that, or keep it a second time.", title=newest.title
        )
        self.documents = documents


def receive(
    upload: File[bytes],
    *,
    name: str,
    owner: User,
    options: Options,
    title: str = "",
    folder: Folder | None = None,
    duplicates: Literal["keep", "ask"] = "keep",
    queue: str = work_queue.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
) -> Document:
    """Takes one file into the archive; its document, whose first run is queued.

    Raises a FileError that says why the file is refused; then nothing of it is kept. ``title``: clean, or empty
    for that which ``name`` gives. ``duplicates``: "ask" raises
    DuplicateError for bytes that ``owner`` can see in the archive already; ``receive_again`` then keeps them.
    ``queue``: INTERACTIVE where somebody waits for what is read. ``put_away``: what else is done with the document
    as it comes in; if that fails, it has not come in.
    """
    space.check_disk(upload.size or 0)
    with space.writing(), tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as local:
        sha256, size = _copy(upload, local)  # type: ignore[arg-type]
        if duplicates == "ask" and (known := _known(sha256, owner)):
            raise DuplicateError(known)
        path = Path(local.name)
        info = _inspected(path, name, owner)
        document = Document(
            owner=owner,
            title=title or title_from(name),
            sha256=sha256,
            kind=info.suffix.removeprefix("."),
            media_type=info.media_type,
            bytes=size,
            page_count=info.page_count,
            folder=folder,
        )
        _enter(document, path, name, options, queue, put_away, duplicates)
    return document


def receive_again(
    known: Document, *, name: str, owner: User, options: Options, folder: Folder | None = None
) -> Document:
    """A second document of the bytes of ``known``, which ``owner`` may see: without sending them again.

    Raises QuotaExceededError and OriginalMissingError.
    """
    document = Document(
        owner=owner,
        title=title_from(name),
        sha256=known.sha256,
        kind=known.kind,
        media_type=known.media_type,
        bytes=known.bytes,
        page_count=known.page_count,
        folder=folder,
    )
    try:
        with known.local_original() as path:
            _enter(document, path, name, options)
    except FileNotFoundError as error:
        raise OriginalMissingError from error
    return document


def recognise_region(
    page: Page, options: Options, rotation: int | None, requested_by: User, *, as_table: bool = False
) -> str:
    """Has the region that ``options`` name read at once; as ``interactive.ask``. It counts as the part of a
    page that it is.

    Raises QuotaExceededError and redis.RedisError.
    """
    part = share_of(page, options)
    check_quota(requested_by, pages=part)
    with transaction.atomic():
        record(Verb.READ_REGION, page.document, requested_by, page=page.number, counted=part)
        return interactive.ask(page, options, rotation, as_table=as_table)


def share_of(page: Page, options: Options) -> float:
    """How much of ``page`` the region is that ``options`` name: a thousandth at least, 1 for all of it."""
    if options.region is None or not page.width or not page.height:
        return 1.0
    xs, ys = zip(*options.region, strict=True)
    area = (max(xs) - min(xs)) * (max(ys) - min(ys))  # what is read is all that its corners enclose, in any order
    return min(1.0, max(0.001, round(area / (page.width * page.height), 3)))


def too_large() -> FileTooLargeError:
    """The error for a file over the limit."""
    most = settings.OCRSITE_MAX_BYTES
    return FileTooLargeError(
        f"This file has more than the {most // 2**20} MB allowed. Split it or save it smaller.", limit=most
    )


def title_from(filename: str) -> str:
    """A file's name as a title: without the suffix of a type that is read here, and no longer than titles can be."""
    path = Path(clean_title(filename))
    title = path.stem if path.suffix.lower() in raster.SUFFIXES else path.name
    return title[:LONGEST_TITLE].strip() or "—"


def _copy(upload: File[bytes], target: File[bytes]) -> tuple[str, int]:
    """Copies the upload to ``target``; its SHA-256 and size. Raises FileTooLargeError as soon as it is."""
    digest, size, most = hashlib.sha256(), 0, settings.OCRSITE_MAX_BYTES
    for chunk in upload.chunks():
        size += len(chunk)
        if size > most:
            raise too_large()
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return digest.hexdigest(), size


def _inspected(path: Path, name: str, owner: User) -> raster.FileInfo:
    """What there is in the file called ``name``. Raises a FileError whatever it is that cannot be understood.

    Anything else would be raised at each further try, and keep out the files that come with it.
    """
    try:
        return inspection.inspect(path, owner.pk)
    except (FileError, OSError, MemoryError):  # the last two are trouble of ours, and may be over at the next try
        raise
    except Exception as error:
        log.exception("A file of user %s cannot be inspected", owner.pk)
        raise BrokenFileError(
            "This file is not as files of its type are. Open and save it again, or scan it again."
        ) from error


def _known(sha256: str, user: User) -> list[Document]:
    """The documents with these bytes that ``user`` may see, the newest first."""
    return list(Document.objects.visible_to(user).filter(sha256=sha256).order_by("-created", "-pk"))


def _enter(
    document: Document,
    path: Path,
    name: str,
    options: Options,
    queue: str = work_queue.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
    duplicates: Literal["keep", "ask"] = "keep",
) -> None:
    """Stores the bytes at ``path`` as the original of a new document, and queues its first run.

    Raises DuplicateError if the same bytes have come in beside it, and were not to.
    """
    check_quota(document.owner, bytes=document.bytes, pages=document.page_count)
    document.original.name = originals.store(document, path)
    with originals.lock_content(document.sha256):
        if duplicates == "ask" and (known := _known(document.sha256, document.owner)):
            raise DuplicateError(known)
        if not document.original.storage.exists(document.original.name):
            originals.store(document, path)  # it was there already, and has gone meanwhile with the last document of it
        document.save()
        Page.objects.bulk_create([Page(document=document, number=n + 1) for n in range(document.page_count)])
        run = Run.start(document, options, document.owner)
        record(
            Verb.UPLOADED,
            document,
            document.owner,
            file=clean_title(name),
            bytes=document.bytes,
            pages=document.page_count,
        )
        index.refresh(document.pk)
        put_away(document)
        transaction.on_commit(partial(work_queue.enqueue_workers, run, queue))
