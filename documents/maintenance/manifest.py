"""The list of what a dump contains. It is written last, so a dump without one is not complete."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from documents.batch_output import whole

FORMAT = "ocrsite-archive/1"
MANIFEST = "manifest.json"


class TransferError(Exception):
    """A dump cannot be written or restored. The message says what to do."""


@dataclass(frozen=True)
class TableFile:
    """A file of JSON lines. ``rows``: how many."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. ``tables``: by the name of the model. ``files``: the list of what is in ``files/``.

    ``migrations``: the newest of each app, which tell the shape of the tables. ``problems``: what was missing or
    damaged already where the archive comes from.
    """

    created: str
    migrations: dict[str, str]
    tables: dict[str, TableFile]
    files: TableFile
    bytes: int
    problems: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1)
        with whole(folder / MANIFEST) as file:
            file.write(text.encode())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises TransferError if there is no complete archive of this format in the folder."""
        try:
            data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            message = f"There is no {MANIFEST} in {folder}: it is no archive, or one that was never finished."
            raise TransferError(message) from None
        except ValueError as error:
            raise TransferError(f"{folder / MANIFEST} is damaged: {error}.") from error
        if data.pop("format", None) != FORMAT:
            raise TransferError(f"{folder} is no archive of the format {FORMAT}.")
        tables = {name: TableFile(**part) for name, part in data.pop("tables").items()}
        return cls(tables=tables, files=TableFile(**data.pop("files")), **data)


def newest_migrations() -> dict[str, str]:
    """The shape of the tables: the newest migration of each app. Raises TransferError if some are not applied yet."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(leaves):
        raise TransferError("The database is not up to date: call manage.py migrate first.")
    return dict(leaves)


def table_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl"


def digest_of(path: Path) -> str:
    """Raises TransferError if there is no such file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise TransferError(f"The archive is not complete: {path} is missing.") from None
