"""Dumps an instance into a folder, while people continue to work."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.utils import timezone

from documents.models import Original

from .contents import CHUNK, carried, rows
from .manifest import Manifest, TableFile, TransferError, newest_migrations, table_file

FILES = "files"
COPIED = 2**20
"""Bytes, at a time."""
REPORTED = 1000
"""Files, at a time."""

Report = Callable[[str], None]


def dump_archive(folder: Path, report: Report) -> Manifest:
    """Writes everything into ``folder``, which must be new or empty.

    Tables are read as of one moment, and files afterwards: originals never change. A file that is missing or
    damaged is a problem in the manifest, and everything else is carried all the same. Raises TransferError.
    """
    carried_models, migrations, created = carried(), newest_migrations(), timezone.now().isoformat()
    if folder.exists() and any(folder.iterdir()):
        raise TransferError(f"{folder} is not empty. Name a new folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # passwords' hashes and other secrets go in there
    with tempfile.TemporaryFile("w+", encoding="utf-8") as names:
        tables = {}
        with snapshot():
            for model in carried_models:
                label = model._meta.label
                tables[label] = write_table(table_file(folder, label), rows(model))
                names.writelines(f"{name}\n" for name in file_names(model))
                report(f"{label}: {tables[label].rows} rows")
        names.seek(0)
        copied = Copied(folder)
        copies = counted(copied.all(line.rstrip("\n") for line in names), report)
        files = write_table(table_file(folder, FILES), copies)
    report(f"{files.rows} files, {copied.bytes / 2**20:,.1f} MB")
    manifest = Manifest(created, migrations, tables, files, copied.bytes, copied.problems)
    manifest.write(folder)
    return manifest


class Copied:
    """Files on their way out of storage, and what was wrong with them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FILES
        self.bytes = 0
        self.problems: list[str] = []

    def all(self, names: Iterable[str]) -> Iterator[str]:
        """Copies each file once; gives a line of JSON with its name, bytes and SHA-256."""
        for name in names:
            target = self._folder / name
            if target.exists():  # several documents have one original
                continue
            try:
                size, sha256 = copy_out(name, target)
            except FileNotFoundError:
                self.problems += [f"missing: {what}" for what in owners(name)]
                continue
            self.problems += [f"SHA-256 differs: {what}" for what in owners(name, other_than=sha256)]
            self.bytes += size
            yield json.dumps({"name": name, "bytes": size, "sha256": sha256}) + "\n"


def counted(lines: Iterable[str], report: Report) -> Iterator[str]:
    """The same lines, with a word now and then about how many there have been."""
    for count, line in enumerate(lines, 1):
        yield line
        if count % REPORTED == 0:
            report(f"{count} files")


def copy_out(name: str, target: Path) -> tuple[int, str]:
    """Copies a file from storage to ``target``; its size and SHA-256. Raises FileNotFoundError."""
    digest, size = hashlib.sha256(), 0
    with default_storage.open(name) as source:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            for chunk in source.chunks(COPIED):
                digest.update(chunk)
                size += out.write(chunk)
    return size, digest.hexdigest()


def owners(name: str, other_than: str | None = None) -> list[str]:
    """What a file belongs to, in words. ``other_than``: only documents that say it has another SHA-256."""
    originals = Original.objects.filter(file=name).select_related("document")
    if other_than is not None:
        originals = originals.exclude(sha256=other_than)
    named = [f"{name}, the original of {each.document.title} ({each.document_id})" for each in originals]
    return named or ([name] if other_than is None else [])


def file_names(model: type[models.Model]) -> Iterator[str]:
    """The names of all files in storage that a table speaks of."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.FileField):
            named = model._base_manager.exclude(**{field.name: ""}).order_by("pk")
            yield from named.values_list(field.name, flat=True).iterator(chunk_size=CHUNK)


def write_table(path: Path, lines: Iterable[str]) -> TableFile:
    """Writes lines into a new file."""
    digest, count = hashlib.sha256(), 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line.encode())
            digest.update(line.encode())
            count += 1
    return TableFile(count, digest.hexdigest())


@contextmanager
def snapshot() -> Iterator[None]:
    """All tables as they are at this moment, whatever is written meanwhile; nobody is kept from writing."""
    if connection.vendor == "sqlite":
        usual = connection.transaction_mode  # type: ignore[attr-defined]  # the stubs do not know SQLite's
        connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]  # one reader more, and not the writer
        try:
            with transaction.atomic():
                yield
        finally:
            connection.transaction_mode = usual  # type: ignore[attr-defined]
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
