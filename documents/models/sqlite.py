"""SQLite has one writer at a time, and its file may be damaged.

Long work leaves others their turn, and reading never waits for one. PostgreSQL locks rows, so nothing here makes a
difference there.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, OperationalError, connection

BUSY, REST = 0.25, 0.15
"""Seconds of work, and of rest after it. Who waits for SQLite looks at least ten times a second whether it is free."""

T = TypeVar("T")


def paced(items: Iterable[T]) -> Iterator[T]:
    """``items``, with rests in between. Whoever takes them writes for each in a transaction of its own."""
    begun = time.monotonic()
    for item in items:
        yield item
        if connection.vendor == "sqlite" and not connection.in_atomic_block and time.monotonic() > begun + BUSY:
            time.sleep(REST)
            begun = time.monotonic()


@contextmanager
def without_waiting() -> Iterator[None]:
    """Inside, a statement fails at once with an ``is_locked`` error while somebody else writes."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


def is_locked(error: Exception) -> bool:
    """Whether SQLite says that somebody else is writing."""
    return isinstance(error, OperationalError) and "locked" in str(error)


def is_damaged(error: Exception) -> bool:
    """Whether SQLite says that its file is no sound database."""
    return isinstance(error, DatabaseError) and any(words in str(error) for words in ("malformed", "not a database"))


def is_read_only(error: Exception) -> bool:
    """Whether a file, or SQLite's, cannot be written because nobody may."""
    if isinstance(error, OperationalError):
        return any(words in str(error) for words in ("readonly database", "unable to open database"))
    return isinstance(error, OSError) and error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}
