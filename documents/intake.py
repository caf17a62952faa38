"""The only door for bytes: a file comes in, is checked as a whole, stored, and put in line to be read."""

from __future__ import annotations

import hashlib
import tempfile
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models.fields.files import FieldFile

from recognition import jobs, raster
from recognition.errors import FileTooLarge
from recognition.page import Options

from .models import Document, Page, Run, Verb, original_name, record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .models.audit import Actor


def receive(upload: File[bytes], *, name: str, owner: User, options: Options) -> Document:
    """Takes one file in and returns its document, with a first run waiting to be worked on.

    Raises a FileError that says why the file is refused; then nothing of it is kept.
    """
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as local:
        sha256, size = _copy(upload, local)  # type: ignore[arg-type]
        info = raster.inspect(Path(local.name), jobs.limits())
        document = Document(
            owner=owner,
            title=title_from(name),
            sha256=sha256,
            kind=info.suffix.removeprefix("."),
            media_type=info.media_type,
            bytes=size,
            page_count=info.page_count,
        )
        document.original.name = _store(document, Path(local.name))
        with transaction.atomic():
            document.save()
            Page.objects.bulk_create([Page(document=document, number=n + 1) for n in range(info.page_count)])
            run = Run.start(document, options, owner)
            record(Verb.UPLOADED, document, owner, file=name, bytes=size, pages=info.page_count)
            transaction.on_commit(lambda: jobs.wake(run))
        # Its bytes may have been there already, and gone meanwhile with the last other document that had them.
        _store(document, Path(local.name))
    return document


def read_again(document: Document, options: Options, requested_by: User) -> Run:
    """A new run of a document with other options; the earlier runs stay."""
    with transaction.atomic():
        run = Run.start(document, options, requested_by)
        record(Verb.READ_AGAIN, document, requested_by, **options.to_dict())
        transaction.on_commit(lambda: jobs.wake(run))
    return run


def too_large() -> FileTooLarge:
    """The error for a file over the limit."""
    most = settings.OCRSITE_MAX_BYTES
    return FileTooLarge(
        f"This file has more than the {most // 2**20} MB allowed. Split it or save it smaller.", limit=most
    )


def discard(document: Document, actor: Actor) -> None:
    """Deletes a document for good: its results, its page images, and its original unless another document has it."""
    with transaction.atomic():
        files = [file for page in document.pages.all() for file in (page.image, page.thumbnail) if file]
        original = document.original
        record(Verb.DELETED, document, actor)
        document.delete()
        transaction.on_commit(lambda: _remove(files, original))


def title_from(filename: str) -> str:
    """A file's name as a title: without its suffix, composed, and free of control characters."""
    stem = Path(unicodedata.normalize("NFC", filename)).stem
    title = "".join(c for c in stem if unicodedata.category(c)[0] != "C").strip()
    return title or "—"


def _copy(upload: File[bytes], target: File[bytes]) -> tuple[str, int]:
    """Copies the upload to ``target``; its SHA-256 and size. Raises FileTooLarge as soon as it is."""
    digest, size, most = hashlib.sha256(), 0, settings.OCRSITE_MAX_BYTES
    for chunk in upload.chunks():
        size += len(chunk)
        if size > most:
            raise too_large()
        digest.update(chunk)
        target.write(chunk)
    target.flush()
    return digest.hexdigest(), size


def _remove(files: list[FieldFile], original: FieldFile) -> None:
    if not Document.objects.filter(original=original.name).exists():
        files = [*files, original]
    for file in files:
        file.storage.delete(file.name or "")


def _store(document: Document, path: Path) -> str:
    """Puts the bytes into storage under their hash, unless they are there already; the stored name."""
    field = document.original
    name = original_name(document, path.name)
    if field.storage.exists(name) and field.storage.size(name) == document.bytes:
        return name
    with path.open("rb") as file:
        return field.storage.save(name, File(file))
