"""Original files in storage: named by their hash, so that identical bytes are kept once, for as long as one
document has pages of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files import File
from django.db import connection, transaction
from django.db.models.fields.files import FieldFile

from .models import Document, Original, Verb, record
from .models.archive import original_name

if TYPE_CHECKING:
    from .models.audit import Actor


def store(original: Original, path: Path) -> str:
    """Puts the bytes into storage under their hash, unless they are there already; the stored name."""
    storage, name = original.file.storage, original_name(original, path.name)
    if storage.exists(name) and storage.size(name) == original.bytes:
        return name
    with path.open("rb") as file:
        return str(storage.save(name, File(file)))


@contextmanager
def lock_content(hashes: Iterable[str]) -> Iterator[None]:
    """A transaction beside which no other one begins or ends the use of the bytes with these SHA-256s.

    So an original goes with its last document, and never while another document is just getting it. SQLite has
    one writer at a time anyway; PostgreSQL locks the hashes, in one order, until the transaction ends.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for sha256 in sorted(set(hashes)):
                    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
        yield


def discard(document: Document, actor: Actor) -> None:
    """Deletes a document for good: its results, its page images, and its originals unless another document has them."""
    with transaction.atomic():
        # As ``lock``, and nobody refers to it any more either.
        if Document.objects.select_for_update().filter(pk=document.pk).first() is None:
            return
        # Held, so that no worker notes a picture that is then forgotten: it finds its page gone and deletes it.
        pages = document.pages.select_for_update()
        files = [file for page in pages for file in (page.image, page.thumbnail) if file]
        kept = list(document.originals.all())
        record(Verb.DELETED, document, actor)
        document.delete()
        transaction.on_commit(lambda: _remove(files, kept))


def _remove(files: list[FieldFile], kept: list[Original]) -> None:
    for file in files:
        file.storage.delete(file.name or "")
    for original in kept:
        with lock_content([original.sha256]):
            if not Original.objects.filter(file=original.file.name).exists():
                original.file.storage.delete(original.file.name or "")


class OpenOriginal:
    """The original that a page comes from, as a file on this machine until a page of another one is asked for."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._opened: tuple[int, Path] | None = None

    def path(self, original: Original) -> Path:
        """Raises OriginalMissingError."""
        if self._opened is None or self._opened[0] != original.pk:
            self.close()
            self._opened = original.pk, self._stack.enter_context(original.local())
        return self._opened[1]

    def close(self) -> None:
        self._opened = None
        self._stack.close()

    def __enter__(self) -> OpenOriginal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
