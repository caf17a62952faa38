"""The only entrance for files: each one is checked, stored and queued for OCR."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_noop

from documents import limits, originals
from documents.errors import IntakeError
from documents.models import (
    LONGEST_TITLE,
    Document,
    Folder,
    Original,
    Page,
    Run,
    Verb,
    check_page_count,
    check_quota,
    clean_title,
    kept_name,
    record,
)
from documents.processing import interactive
from documents.processing import queue as work_queue
from documents.search import index
from recognition import raster
from recognition.errors import BrokenFileError, EncryptedFileError, FileError, FileTooLargeError
from recognition.options import Options

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


class RefusedTogetherError(Exception):
    """Files that were to be one document are not taken, since some of them are refused. ``refusals``: by position."""

    def __init__(self, refusals: Mapping[int, FileError]) -> None:
        super().__init__("; ".join(error.message for error in refusals.values()))
        self.refusals = refusals


class OtherRefusedError(IntakeError):
    """Nothing is wrong with this file, but another one of the same document is refused."""

    code = "other-refused"
    explanations = (gettext_noop("Not taken, because another file of the same document is refused."),)

    def __init__(self) -> None:
        super().__init__("Not taken, because another file of the same document is refused.")


class PartedOriginalError(IntakeError):
    """Some pages of the document's files are in other documents, so it is not what was uploaded."""

    code = "original-parted"
    explanations = (
        gettext_noop("This document has only some pages of its files, so it is not kept again. Upload the files."),
    )

    def __init__(self) -> None:
        super().__init__("This document has only some pages of its files. Upload the files to have them again.")


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
    limited: bool = True,
    password: str = "",
) -> Document:
    """Takes one file into the archive; its document, whose first run is queued.

    Raises a FileError that says why the file is refused; then nothing of it is kept. ``title``: clean, or empty
    for that which ``name`` gives. ``duplicates``: "ask" raises DuplicateError for bytes that ``owner`` can see in the
    archive already; ``receive_again`` then keeps them.
    ``queue``: INTERACTIVE where somebody waits for what is read. ``put_away``: what else is done with the document
    as it comes in; if that fails, it has not come in. ``limited``: whether it counts towards what
    ``owner`` may send within an hour. ``password``: of a locked PDF, which is kept without it.
    """
    if limited:
        limits.take(limits.TooManyUploadsError, owner)
    document = Document(owner=owner, title=title or title_from(name), folder=folder)
    try:
        _receive(document, [(upload, name)], options, queue, put_away, duplicates, password)
    except RefusedTogetherError as refused:
        raise refused.refusals[0] from None
    return document


def receive_together(
    uploads: Sequence[tuple[File[bytes], str]],
    *,
    owner: User,
    options: Options,
    title: str = "",
    folder: Folder | None = None,
    duplicates: Literal["keep", "ask"] = "keep",
    put_away: Callable[[Document], None] = lambda document: None,
    password: str = "",
    limited: bool = True,
) -> Document:
    """Takes files, each with its name, into the archive as one document, with their pages in this order.

    All of them or none: raises RefusedTogetherError if some are refused, and a FileError if all of them are too much,
    or, with "ask", a document of the same files is there already. ``title``: else that of the first. ``limited``: as
    for ``receive``.
    """
    if limited:
        limits.take(limits.TooManyUploadsError, owner, len(uploads))
    document = Document(owner=owner, title=titled(title) or title_from(uploads[0][1]), folder=folder)
    _receive(document, uploads, options, put_away=put_away, duplicates=duplicates, password=password)
    return document


def receive_again(
    known: Document, *, name: str, owner: User, options: Options, folder: Folder | None = None
) -> Document:
    """A second document of the files of ``known``, which ``owner`` may see: without sending them again.

    Raises QuotaExceededError, TooManyUploadsError, OriginalMissingError and PartedOriginalError.
    """
    limits.take(limits.TooManyUploadsError, owner)
    document = Document(owner=owner, title=title_from(name), folder=folder, **known.conditions)
    kept = list(known.originals.all())
    if known.page_count < sum(original.page_count for original in kept):
        raise PartedOriginalError
    with ExitStack() as stack:
        paths = [stack.enter_context(original.local()) for original in kept]
        for original in kept:
            original.pk = None
        _enter(document, list(zip(kept, paths, strict=True)), options)
    return document


def recognise_region(page: Page, options: Options, rotation: int | None, requested_by: User) -> str:
    """Has the region that ``options`` name read at once; as ``interactive.ask``. It counts as the part of a
    page that it is.

    Raises QuotaExceededError, TooManyRegionsError and redis.RedisError.
    """
    part = share_of(page, options)
    check_quota(requested_by, pages=part)
    limits.take(limits.TooManyRegionsError, requested_by)
    with transaction.atomic():
        record(Verb.READ_REGION, page.document, requested_by, page=page.number, counted=part)
        return interactive.ask(page, options, rotation, requested_by.pk)


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
    return titled(path.stem if path.suffix.lower() in raster.SUFFIXES else path.name) or "—"


def titled(title: str) -> str:
    """``title`` as it is kept, no longer than titles can be; empty if nothing is left of it."""
    return clean_title(title)[:LONGEST_TITLE].strip()


def _receive(
    document: Document,
    uploads: Sequence[tuple[File[bytes], str]],
    options: Options,
    queue: str = work_queue.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
    duplicates: Literal["keep", "ask"] = "keep",
    password: str = "",
) -> None:
    """Takes the files as those of ``document``. Raises RefusedTogetherError, and a FileError for all of them."""
    space.check_disk(sum(upload.size or 0 for upload, _ in uploads))
    with space.writing(), tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        paths = [Path(folder, str(number)) for number in range(len(uploads))]
        sums = [copy(upload, path) for (upload, _), path in zip(uploads, paths, strict=True)]
        if duplicates == "ask" and (known := _known([sha256 for sha256, _ in sums], document.owner)):
            raise DuplicateError(known)
        files, refusals = [], {}
        for number, ((_, name), (sha256, size), path) in enumerate(zip(uploads, sums, paths, strict=True)):
            try:
                info = _opened(path, name, document.owner, password)
            except FileError as error:
                refusals[number] = error
                continue
            if password:  # it may have been replaced by a copy without one
                sha256, size = _sum(path)
            original = Original(
                name=kept_name(name),
                sha256=sha256,
                kind=info.suffix.removeprefix("."),
                media_type=info.media_type,
                bytes=size,
                page_count=info.page_count,
            )
            files.append((original, path))
        if refusals:
            raise RefusedTogetherError(refusals)
        _enter(document, files, options, queue, put_away, duplicates)


def copy(upload: File[bytes], path: Path) -> tuple[str, int]:
    """Copies the upload to ``path``; its SHA-256 and size. Raises FileTooLargeError as soon as it is."""
    digest, size, most = hashlib.sha256(), 0, settings.OCRSITE_MAX_BYTES
    with path.open("xb") as target:
        for chunk in upload.chunks():
            size += len(chunk)
            if size > most:
                raise too_large()
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest(), size


def _sum(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _opened(path: Path, name: str, owner: User, password: str) -> raster.FileInfo:
    """What there is in the file. A locked PDF is replaced by a copy without its ``password``, which is kept nowhere."""
    try:
        return _inspected(path, name, owner)
    except EncryptedFileError:
        if not password:
            raise
    inspection.unlock(path, owner.pk, password)
    return _inspected(path, name, owner)


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


def _known(hashes: Sequence[str], user: User) -> list[Document]:
    """The documents that ``user`` may see and that are just the files with these SHA-256s, the newest first."""
    having = Document.objects.visible_to(user).filter(originals__sha256=hashes[0]).prefetch_related("originals")
    return [document for document in having.order_by("-created", "-pk") if _is_of(document, hashes)]


def _is_of(document: Document, hashes: Sequence[str]) -> bool:
    kept = list(document.originals.all())
    is_whole = document.page_count == sum(original.page_count for original in kept)
    return is_whole and [original.sha256 for original in kept] == list(hashes)


def _enter(
    document: Document,
    files: Sequence[tuple[Original, Path]],
    options: Options,
    queue: str = work_queue.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
    duplicates: Literal["keep", "ask"] = "keep",
) -> None:
    """Stores the files as originals of a new document, with their pages in this order, and queues its first run.

    Raises DuplicateError if the same bytes have come in beside it, and were not to.
    """
    hashes = [original.sha256 for original, _ in files]
    contents = {original.sha256: (original, path) for original, path in files}  # a file may come twice among others
    document.page_count = check_page_count(sum(original.page_count for original, _ in files))
    size = sum(original.bytes for original, _ in contents.values())
    check_quota(document.owner, bytes=size, pages=document.page_count)
    for original, path in contents.values():
        original.file.name = originals.store(original, path)
    with originals.lock_content(hashes):
        if duplicates == "ask" and (known := _known(hashes, document.owner)):
            raise DuplicateError(known)
        document.save()
        for original, path in contents.values():
            if not original.file.storage.exists(original.file.name or ""):
                originals.store(original, path)  # it was there already, and has gone meanwhile with its last document
            original.document = document
            original.save()
        places = [(contents[original.sha256][0], n + 1) for original, _ in files for n in range(original.page_count)]
        Page.objects.bulk_create(
            Page(document=document, number=number, original=original, original_number=place)
            for number, (original, place) in enumerate(places, start=1)
        )
        run = Run.start(document, options, document.owner)
        record(
            Verb.UPLOADED,
            document,
            document.owner,
            file=", ".join(original.name for original, _ in files),
            bytes=size,
            pages=document.page_count,
        )
        index.refresh(document.pk)
        put_away(document)
        transaction.on_commit(partial(work_queue.enqueue_workers, run, queue))
