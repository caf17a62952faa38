"""The only door for bytes: a file comes in, is checked as a whole, stored, and put in line to be read."""

from __future__ import annotations

import hashlib
import logging
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_noop

from recognition import jobs, live, raster
from recognition.errors import BrokenFileError, FileError, FileTooLargeError, OriginalMissingError
from recognition.page import Options

from . import models
from .errors import IntakeError
from .models import Document, Folder, Page, Run, Verb, original_name, record, require_room
from .search import index

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .models.audit import Actor

LONGEST_TITLE = 255

log = logging.getLogger(__name__)


class Duplicate(IntakeError):
    """The same bytes are here already, in ``documents`` that their sender may see, the newest first."""

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
    folder: Folder | None = None,
    duplicates: Literal["keep", "ask"] = "keep",
    line: str = jobs.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
) -> Document:
    """Takes one file in and returns its document, with a first run waiting to be worked on.

    Raises a FileError that says why the file is refused; then nothing of it is kept. ``duplicates``: "ask" raises
    Duplicate for bytes that ``owner`` can see in the archive already; ``receive_again`` then keeps them nevertheless.
    ``line``: jobs.INTERACTIVE where somebody waits for what is read. ``put_away``: what else is done with the document
    as it comes in; if that fails, it has not come in.
    """
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as local:
        sha256, size = _copy(upload, local)  # type: ignore[arg-type]
        if duplicates == "ask" and (known := _known(sha256, owner)):
            raise Duplicate(known)
        path = Path(local.name)
        info = _inspected(path, name)
        document = Document(
            owner=owner,
            title=title_from(name),
            sha256=sha256,
            kind=info.suffix.removeprefix("."),
            media_type=info.media_type,
            bytes=size,
            page_count=info.page_count,
            folder=folder,
        )
        _enter(document, path, name, options, line, put_away)
    return document


def receive_again(
    known: Document, *, name: str, owner: User, options: Options, folder: Folder | None = None
) -> Document:
    """A second document of the bytes of ``known``, which ``owner`` may see: without sending them again.

    Raises QuotaExceeded and OriginalMissingError.
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


def read_again(document: Document, options: Options, requested_by: User) -> Run:
    """A new run of a document with other options; the earlier runs stay. Raises QuotaExceeded."""
    require_room(requested_by, pages=document.page_count)
    with transaction.atomic():
        Document.objects.hold(document.pk)
        run = Run.start(document, options, requested_by)
        index.refresh_moved(document.pk)
        record(Verb.READ_AGAIN, document, requested_by, pages=document.page_count, **options.to_dict())
        transaction.on_commit(lambda: jobs.wake(run))
    return run


def read_page_again(base: Run, number: int, options: Options, requested_by: User) -> Run:
    """A new run like ``base`` in which one page is read with other options, soon. Raises QuotaExceeded, Unfinished."""
    with transaction.atomic():
        document = Document.objects.hold(base.document_id)
        others_change = document is None or document.current_run_id != base.pk
        run = models.read_page_again(base, number, options, requested_by)
        index.refresh(base.document_id, None if others_change else [number])
        transaction.on_commit(lambda: jobs.wake(run, jobs.INTERACTIVE))
    return run


def read_part(page: Page, options: Options, rotation: int | None, requested_by: User) -> str:
    """Has the region that ``options`` name read at once; as ``live.ask``. It counts as the part of a page that it is.

    Raises QuotaExceeded and redis.RedisError.
    """
    part = share_of(page, options)
    require_room(requested_by, pages=part)
    with transaction.atomic():
        record(Verb.READ_PART, page.document, requested_by, page=page.number, counted=part)
        return live.ask(page, options, rotation)


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


def discard(document: Document, actor: Actor) -> None:
    """Deletes a document for good: its results, its page images, and its original unless another document has it."""
    with transaction.atomic():
        # As ``hold``, and nobody refers to it any more either.
        if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
            return
        # Held, so that no worker notes a picture that is then forgotten: it finds its page gone, and takes it away.
        pages = document.pages.select_for_update()
        files = [file for page in pages for file in (page.image, page.thumbnail) if file]
        original = document.original
        record(Verb.DELETED, document, actor)
        document.delete()
        transaction.on_commit(lambda: _remove(files, original, document.sha256))


def title_from(filename: str) -> str:
    """A file's name as a title: without its suffix, and no longer than titles can be."""
    return clean_title(Path(unicodedata.normalize("NFC", filename)).stem)[:LONGEST_TITLE].strip() or "—"


def clean_title(title: str) -> str:
    """A title as it is kept: composed, free of control characters; empty if nothing is left."""
    composed = unicodedata.normalize("NFC", title)
    return "".join(c for c in composed if unicodedata.category(c)[0] != "C").strip()


@contextmanager
def sole_use(sha256: str) -> Iterator[None]:
    """A transaction beside which no other one begins or ends the use of these bytes.

    So an original goes with its last document, and never while another document is just getting it. SQLite has
    one writer at a time anyway; PostgreSQL locks the hash until the transaction ends.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
        yield


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


def _inspected(path: Path, name: str) -> raster.FileInfo:
    """What there is in the file called ``name``. Raises a FileError whatever it is that cannot be understood.

    Anything else would be raised at each further try, and keep out the files that come with it.
    """
    try:
        return raster.inspect(path, jobs.limits())
    except (FileError, OSError, MemoryError):  # the last two are trouble of ours, and may be over at the next try
        raise
    except Exception as error:
        log.exception("The file %r cannot be inspected", name)
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
    line: str = jobs.QUEUE,
    put_away: Callable[[Document], None] = lambda document: None,
) -> None:
    """Stores the bytes at ``path`` as the original of a new document, and puts its first run in line."""
    require_room(document.owner, bytes=document.bytes, pages=document.page_count)
    document.original.name = _store(document, path)
    with sole_use(document.sha256):
        if not document.original.storage.exists(document.original.name):
            _store(document, path)  # it was there already, and has gone meanwhile with the last document of it
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
        transaction.on_commit(lambda: jobs.wake(run, line))


def _remove(files: list[FieldFile], original: FieldFile, sha256: str) -> None:
    for file in files:
        file.storage.delete(file.name or "")
    with sole_use(sha256):
        if not Document.objects.filter(original=original.name).exists():
            original.storage.delete(original.name or "")


def _store(document: Document, path: Path) -> str:
    """Puts the bytes into storage under their hash, unless they are there already; the stored name."""
    field = document.original
    name = original_name(document, path.name)
    if field.storage.exists(name) and field.storage.size(name) == document.bytes:
        return name
    with path.open("rb") as file:
        return field.storage.save(name, File(file))
