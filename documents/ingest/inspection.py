"""Inspects uploads before they are stored: in confined processes, a few at a time, and fairly."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_noop

from documents.errors import LaterError
from documents.processing.limits import file_limits
from documents.telemetry import count, count_child
from documents.turns import NoTurnError, Turns
from recognition import raster
from recognition.confinement import ConfinedReader, ProcessLimits
from recognition.transcriptions import Transcription

TURNS = Turns(at_once=2, of_one=4, patience=30)
"""Of the inspections of one web process."""

LIMITS = ProcessLimits(memory=3 * 2**29, seconds=8)
"""For one file, in memory (1.5 GiB) and processor time. Reading its pages has limits of its own."""

TRANSCRIPTION_LIMITS = ProcessLimits(memory=3 * 2**29, seconds=60)
"""For one file of what another program wrote: that of a book has some hundred megabytes of markup."""


class BusyError(LaterError):
    """The server is too busy to inspect the file now. Nothing is wrong with the file."""

    code = "too-many-at-once"
    explanations = (
        gettext_noop("Too many files are being checked at this moment. Send this one again in a few seconds."),
    )

    def __init__(self) -> None:
        count("limits_hit", limit=self.code)
        super().__init__("Too many files are being checked at this moment. Send this one again in a few seconds.")


def transcription(path: Path, name: str, person: int) -> Transcription:
    """What a file called ``name`` says that another program wrote. Raises a FileError and BusyError as ``inspect``."""
    try:
        with TURNS.of(person), ConfinedReader(TRANSCRIPTION_LIMITS, count_child) as reader:
            return reader.transcription(path, name, file_limits())
    except NoTurnError as error:
        raise BusyError from error


def unlock(path: Path, person: int, password: str) -> None:
    """Replaces the PDF at ``path`` by a copy without its ``password``. Raises a FileError, and BusyError."""
    unlocked = path.with_name(f"{path.name}.unlocked")
    try:
        with TURNS.of(person), ConfinedReader(LIMITS, count_child) as reader, unlocked.open("xb") as out:
            reader.unlock_pdf(path, password, out)
        unlocked.replace(path)
    except NoTurnError as error:
        raise BusyError from error
    finally:
        unlocked.unlink(missing_ok=True)


def inspect(path: Path, person: int) -> raster.FileInfo:
    """What the file is. Raises a FileError that says why it is refused, and BusyError.

    ``person``: the number of whoever sends it.
    """
    try:
        with TURNS.of(person), ConfinedReader(LIMITS, count_child) as reader:
            return reader.inspect(path, file_limits())
    except NoTurnError as error:
        raise BusyError from error
