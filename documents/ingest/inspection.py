"""Inspects uploads before they are stored: in confined processes, a few at a time, and fairly."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_noop

from documents.errors import IntakeError
from documents.processing.limits import file_limits
from recognition import raster
from recognition.confinement import ConfinedReader, ProcessLimits

AT_ONCE = 2
"""Files that one web process has inspected at a time; the others wait for their turn."""

PER_PERSON = 4
"""Files of one person that one web process inspects or lets wait; further ones are refused for now."""

PATIENCE = 30.0
"""Seconds to wait for a turn."""

LIMITS = ProcessLimits(memory=3 * 2**29, seconds=8)
"""For one file, in memory (1.5 GiB) and processor time. Reading its pages has limits of its own."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_waiting: Counter[int] = Counter()
_count = threading.Lock()


class BusyError(IntakeError):
    """The server is too busy to inspect the file now. Nothing is wrong with the file."""

    code = "too-many-at-once"
    explanations = (
        gettext_noop("Too many files are being checked at this moment. Send this one again in a few seconds."),
    )

    def __init__(self) -> None:
        super().__init__("Too many files are being checked at this moment. Send this one again in a few seconds.")


def inspect(path: Path, person: int) -> raster.FileInfo:
    """What the file is. Raises a FileError that says why it is refused, and BusyError.

    ``person``: the number of whoever sends it.
    """
    with _turn(person), ConfinedReader(LIMITS) as reader:
        return reader.inspect(path, file_limits())


@contextmanager
def _turn(person: int) -> Iterator[None]:
    with _count:
        if _waiting[person] >= PER_PERSON:
            raise BusyError
        _waiting[person] += 1
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise BusyError
        try:
            yield
        finally:
            _turns.release()
    finally:
        with _count:
            _waiting[person] -= 1
            if not _waiting[person]:
                del _waiting[person]
