"""Original files in storage: named by their hash, so that identical bytes are kept once, for as long as one
document has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files import File
from django.db import connection, transaction
from django.db.models.fields.files import FieldFile

from .models import Document, Verb, original_name, record

if TYPE_CHECKING:
    from .models.audit import Actor


def store(document: Document, path: Path) -> str:
    """Puts the bytes into storage under their hash, unless they are there already; the stored name."""
    field = document.original
    name = original_name(document, path.name)
    if field.storage.exists(name) and field.storage.size(name) == document.bytes:
        return name
    with path.open("rb") as file:
        return field.storage.save(name, File(file))


@contextmanager
def lock_content(sha256: str) -> Iterator[None]:
    """A transaction beside which no other one begins or ends the use of these bytes.

    So an original goes with its last document, and never while another document is just getting it. SQLite has
    one writer at a time anyway; PostgreSQL locks the hash until the transaction ends.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
        yield


def discard(document: Document, actor: Actor) -> None:
    """Deletes a document for good: its results, its page images, and its original unless another document has it."""
    with transaction.atomic():
        # As ``lock``, and nobody refers to it any more either.
        if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
            return
        # Held, so that no worker notes a picture that is then forgotten: it finds its page gone and deletes it.
        pages = document.pages.select_for_update()
        files = [file for page in pages for file in (page.image, page.thumbnail) if file]
        original = document.original
        record(Verb.DELETED, document, actor)
        document.delete()
        transaction.on_commit(lambda: _remove(files, original, document.sha256))


def _remove(files: list[FieldFile], original: FieldFile, sha256: str) -> None:
    for file in files:
        file.storage.delete(file.name or "")
    with lock_content(sha256):
        if not Document.objects.filter(original=original.name).exists():
            original.storage.delete(original.name or "")
