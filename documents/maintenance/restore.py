"""Restores a dump into an empty instance: all of it, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.utils import validate_file_name
from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction

from documents.search import index

from .contents import carried, insert
from .dump import FILES, REPORTED, Report
from .manifest import Manifest, TransferError, digest_of, newest_migrations, table_file


def restore_archive(folder: Path, report: Report) -> Manifest:
    """Restores a dump. Raises TransferError; then no row has been written.

    Everything is compared with its SHA-256 first. Files come before rows: what a failure leaves of them in storage
    belongs to nothing, and serves the next try.
    """
    manifest = Manifest.read(folder)
    refuse_other_shape(manifest)
    refuse_if_occupied()
    refuse_damage(folder, manifest)
    for count in store_files(folder):
        if count % REPORTED == 0 or count == manifest.files.rows:
            report(f"{count} of {manifest.files.rows} files")
    with transaction.atomic():
        refuse_if_occupied()
        User.objects.all().delete()  # at most the administrator whom the set-up made
        for model in carried():
            label = model._meta.label
            with table_file(folder, label).open(encoding="utf-8") as lines:
                insert(model, lines)
            report(f"{label}: {manifest.tables[label].rows} rows")
        try:
            connection.check_constraints()
        except IntegrityError as error:
            raise TransferError(f"The archive contradicts itself: {error}") from error
        reset_sequences(carried())
    for documents, _entries in index.rebuild():
        report(f"search index: {documents} more documents")
    return manifest


def refuse_other_shape(manifest: Manifest) -> None:
    here = newest_migrations()
    other = sorted(app for app in here.keys() | manifest.migrations if here.get(app) != manifest.migrations.get(app))
    if other:
        differences = ", ".join(f"{app} {manifest.migrations.get(app)} there, {here.get(app)} here" for app in other)
        raise TransferError(
            f"The archive comes from another version ({differences}). Take it in with that version, then update."
        )


def refuse_if_occupied() -> None:
    """An instance is empty if nobody has done anything in it yet; the administrator of the set-up does not count."""
    found = [model._meta.label for model in carried() if model is not User and model._base_manager.exists()]
    if found or User.objects.count() > 1 or User.objects.filter(is_superuser=False).exists():
        raise TransferError(
            f"This instance is not empty (it has rows in {', '.join(found) or 'auth.User'}). Name an empty database."
        )


def refuse_damage(folder: Path, manifest: Manifest) -> None:
    for label, part in {**manifest.tables, FILES: manifest.files}.items():
        if digest_of(table_file(folder, label)) != part.sha256:
            raise TransferError(f"{table_file(folder, label)} is damaged: its SHA-256 differs from the manifest's.")


def store_files(folder: Path) -> Iterator[int]:
    """Puts all files into storage under their names; gives how many there are by now."""
    with table_file(folder, FILES).open(encoding="utf-8") as lines:
        for count, line in enumerate(lines, 1):
            entry = json.loads(line)
            name = str(validate_file_name(entry["name"], allow_relative_path=True))
            source = folder / FILES / name
            if digest_of(source) != entry["sha256"]:
                raise TransferError(f"{source} is damaged: its SHA-256 differs.")
            store(source, name)
            yield count


def store(source: Path, name: str) -> None:
    """No row speaks of any file yet, so one that has the name is what an earlier try left, whole or not."""
    if default_storage.exists(name):
        default_storage.delete(name)
    with source.open("rb") as file:
        stored = default_storage.save(name, File(file))
    if stored != name:
        raise TransferError(f"The storage keeps {name} as {stored}: somebody else is writing there.")


def reset_sequences(tables: list[type[models.Model]]) -> None:
    """New rows get numbers after those that were carried."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
