"""Many documents as one ZIP archive that is sent while it is being made."""

from __future__ import annotations

import logging
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

from django.core.files import File
from django.utils import timezone

from documents.transcript import Transcript
from recognition.errors import RecognitionError

from .formats import Format

CHUNK = 256 * 1024
LONGEST_NAME = 180
"""Bytes of a name in UTF-8, without its ending: what all file systems have room for."""

PROBLEMS = "problems.txt"
UNEXPECTED = "The server has failed to write this file, and its log says why. Tell an administrator."

log = logging.getLogger(__name__)

_UNWANTED = {ord(character): "_" for character in '/\\:*?"<>|'} | dict.fromkeys(range(32), "_")

_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever follows the dot."""


def pack(
    documents: Iterable[Transcript],
    formats: Sequence[Format],
    problems: Sequence[str] = (),
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Iterator[bytes]:
    """The archive, piece by piece: every document in every format, each as its own download would be.

    One file at a time is on disk, and little of it in memory. What cannot be written is told, with ``problems``, in
    a file of the archive; more may be added to them as long as documents come. ``turn``: within which each file is
    written.
    """
    failed: list[str] = []
    names, out = Names(), _Outbox()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for export in documents:
            name = names.distinct(export.title)
            for wanted in formats:
                with tempfile.TemporaryFile() as file:
                    try:
                        with turn():
                            wanted.write(export, file)
                    except RecognitionError as error:
                        failed.append(f"{name}.{wanted.extension}: {error.message}")
                        continue
                    except Exception:  # the archive has begun: there is no other answer any more
                        log.exception("Document %s as %s", export.id, wanted.extension)
                        failed.append(f"{name}.{wanted.extension}: {UNEXPECTED}")
                        continue
                    file.seek(0)
                    yield from _add(archive, out, f"{name}.{wanted.extension}", file)
        if told := [*problems, *failed]:
            archive.writestr(PROBLEMS, "\n".join(told) + "\n")
    yield out.taken()


def pack_files(files: Iterable[tuple[str, Callable[[], File[bytes]]]]) -> Iterator[bytes]:
    """An archive of files, each with its name, as they are; what cannot be opened is told in a file of the archive."""
    names, out, failed = Names(), _Outbox(), list[str]()
    with zipfile.ZipFile(out, "w") as archive:
        for name, opened in files:
            stem, dot, suffix = name.rpartition(".")
            distinct = f"{names.distinct(stem if dot else name)}{dot}{suffix if dot else ''}"
            try:
                with opened() as file:
                    yield from _add(archive, out, distinct, file, is_packed=True)
            except RecognitionError as error:
                failed.append(f"{distinct}: {error.message}")
        if failed:
            archive.writestr(PROBLEMS, "\n".join(failed) + "\n")
    yield out.taken()


class Names:
    """File names made of titles, each only once, whatever the file system thinks of capital letters."""

    def __init__(self) -> None:
        self._given: set[str] = {PROBLEMS.rpartition(".")[0]}

    def distinct(self, title: str) -> str:
        """The title without what file names cannot have, with a number if it was there before."""
        plain = title.translate(_UNWANTED).strip(" .")
        plain = _cut(f"_{plain}" if _DEVICE.match(plain) or not plain else plain)
        name, number = plain, 1
        while name.casefold() in self._given:
            number += 1
            name = f"{plain} ({number})"
        self._given.add(name.casefold())
        return name


def _cut(name: str) -> str:
    return name.encode()[:LONGEST_NAME].decode(errors="ignore")


def _add(
    archive: zipfile.ZipFile, out: _Outbox, name: str, file: BinaryIO | File[bytes], *, is_packed: bool = False
) -> Iterator[bytes]:
    entry = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
    # What is packed already is not packed again.
    is_packed = is_packed or name.endswith((".pdf", ".zip"))
    entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as target:
        while chunk := file.read(CHUNK):
            target.write(chunk)
            yield out.taken()


class _Outbox:
    """Takes what is written until somebody takes it out."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        taken, self._chunks = b"".join(self._chunks), []
        return taken
