"""Snapshots of an SQLite database: each is whole, and all of them together take little more than what has changed.

A copy of the database is cut into chunks, and each chunk is kept once under its SHA-256. A snapshot is the list of its
chunks; its name is its time. SQLite makes the copy while others write (its online backup).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from documents.batch_output import whole

CHUNK = 256 * 1024
"""Bytes. A changed page of the database costs one chunk; a list of chunks takes 3 MB for a database of 10 GB."""

NAME = "%Y-%m-%dT%H-%M-%SZ"


class SnapshotError(Exception):
    """A snapshot cannot be taken or used. The message says what to do."""


class Snapshots:
    """Those in ``folder``, which is made as needed."""

    def __init__(self, folder: Path) -> None:
        self._lists, self._chunks = folder / "snapshots", folder / "chunks"

    def take(self, database: Path, now: datetime) -> tuple[datetime, int]:
        """Takes a snapshot; its time, in whole seconds, and the bytes that were new."""
        self._lists.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = self._lists / ".copy"
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        digests, new = [], 0
        with copy.open("rb") as file:
            while chunk := file.read(CHUNK):
                digests.append(hashlib.sha256(chunk).hexdigest())
                new += self._keep(digests[-1], chunk)
        copy.unlink()
        taken = now.astimezone(UTC).replace(microsecond=0)
        with whole(self._path(taken)) as file:
            file.write(json.dumps(digests).encode())
        return taken, new

    def times(self) -> list[datetime]:
        """When the snapshots were taken, the oldest first."""
        names = sorted(path.stem for path in self._lists.glob("*.json"))
        return [datetime.strptime(name, NAME).replace(tzinfo=UTC) for name in names]

    def write(self, taken: datetime, database: Path) -> None:
        """Writes the database of a snapshot. Raises SnapshotError if it is damaged."""
        with database.open("wb") as file:
            for digest in self._digests(taken):
                file.write(self._chunk(digest))
        with closing(sqlite3.connect(database)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise SnapshotError(f"The database of {taken} is damaged: {found}. Take an earlier time.")

    def forget(self, times: list[datetime]) -> None:
        """Deletes snapshots, and the chunks that only they had."""
        for taken in times:
            self._path(taken).unlink()
        used = {digest for taken in self.times() for digest in self._digests(taken)}
        for path in list(self._all_chunks()):
            if path.name not in used:
                path.unlink()

    def _path(self, taken: datetime) -> Path:
        return self._lists / f"{taken.astimezone(UTC).strftime(NAME)}.json"

    def _digests(self, taken: datetime) -> list[str]:
        return list(json.loads(self._path(taken).read_text()))

    def _keep(self, digest: str, chunk: bytes) -> int:
        """Keeps a chunk unless it is there; the bytes that this took."""
        path = self._chunks / digest[:2] / digest
        if path.exists():
            return 0
        packed = zlib.compress(chunk, 3)
        with whole(path) as file:
            file.write(packed)
        return len(packed)

    def _chunk(self, digest: str) -> bytes:
        try:
            chunk = zlib.decompress((self._chunks / digest[:2] / digest).read_bytes())
        except (OSError, zlib.error) as error:
            raise SnapshotError(f"A part of the database is missing: {digest}. Take an earlier time.") from error
        if hashlib.sha256(chunk).hexdigest() != digest:
            raise SnapshotError(f"A part of the database is damaged: {digest}. Take an earlier time.")
        return chunk

    def _all_chunks(self) -> Iterator[Path]:
        return self._chunks.glob("??/*")
