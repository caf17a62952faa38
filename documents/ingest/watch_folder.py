"""A folder from which new files are imported, such as the folder of a scanner.

Whoever imports a file holds a lock on it, so several importers can share a folder. Nothing is remembered
outside the folder: a file that lies there is still to be imported, whatever became of an earlier importer.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.core.files import File

from documents import editing
from documents.library import operations
from documents.messages import explain
from documents.models import Document, Folder, QuotaExceededError, error_as_json
from recognition.errors import BrokenFileError, EmptyFileError, FileError
from recognition.options import Options

from . import intake
from .space import NoSpaceError

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, User

IMPORTED, FAILED = "imported", "failed"
UNFINISHED = {".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".swp"}
"""What the names of files end in that some program is still writing."""
HALVES = (EmptyFileError, BrokenFileError)
"""What the beginning of a file looks like."""

SLOW = 12
"""How much longer than others a file that looks like a half is waited for: two minutes instead of ten seconds."""

F_SETSIG = 10
"""Of Linux; Python's fcntl does not name it."""

LONGEST_NAME = 255
"""Bytes of the name of a file, on all file systems in use."""

SYSTEM = {"thumbs.db", "desktop.ini"}

Stamp = tuple[int, int]


class After(StrEnum):
    """What happens to a file that has been imported."""

    MOVE = "move"
    DELETE = "delete"
    KEEP = "keep"


class Outcome(StrEnum):
    IMPORTED = "imported"
    DUPLICATE = "there already"
    FAILED = "failed"


@dataclass(frozen=True)
class Taken:
    """What became of one file; ``note``: the title it has in the archive, or why it was refused."""

    path: Path
    outcome: Outcome
    note: str

    def __str__(self) -> str:
        return f"{self.path}: {self.outcome}: {self.note}"


@dataclass(frozen=True)
class Filing:
    """Whose the files become, how they are read, and where they go. ``folder``: names from the top of the tree."""

    owner: User
    options: Options
    folder: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    teams: tuple[Group, ...] = ()

    def receive(self, file: BinaryIO, name: str) -> Document:
        """Takes a file into the archive. Raises FileError; DuplicateError if the owner can see it there already."""
        return intake.receive(
            File(file),
            name=name,
            owner=self.owner,
            options=self.options,
            folder=self._folder(),
            duplicates="ask",
            put_away=self._put_away,
            limited=False,
        )

    def _put_away(self, document: Document) -> None:
        if self.tags:
            editing.tag(document, self.owner, add=self.tags)
        for team in self.teams:
            operations.share(document, self.owner, team=team, may_edit=False)

    def _folder(self) -> Folder | None:
        """Looked up for each file: people rename and delete folders. Made if it is not there."""
        folder = None
        for name in self.folder:
            beside = Folder.objects.filter(owner=self.owner, parent=folder, name=name)
            folder = beside.first() or Folder.create(self.owner, name, folder)
        return folder


class WatchFolder:
    """``folder`` and, with ``recursive``, all below it. A file that has not changed for ``settle`` seconds is whole.

    One that cannot be read then may be half of what a slow writer sends: it is looked at again when it has not changed
    for SLOW times as long. One that another process still has open for writing is let be.
    """

    def __init__(self, folder: Path, filing: Filing, *, recursive: bool, settle: float, after: After) -> None:
        self._folder = folder
        self._filing = filing
        self._recursive = recursive
        self._settle = settle
        self._patience = SLOW * settle
        self._after = after
        self._doubted: dict[Path, Stamp] = {}
        self._seen: dict[Path, tuple[Stamp, float]] = {}
        self._done: dict[Path, Stamp] = {}

    def ready(self) -> list[Path]:
        """The files that can be taken now, in the order of their names. Looks at the folder once."""
        now, seen = time.monotonic(), {}
        for path in self._candidates():
            stamp = _stamp(path)
            if stamp is not None and self._done.get(path) != stamp:
                before, since = self._seen.get(path, (stamp, now))
                seen[path] = (stamp, since if before == stamp else now)
        self._seen = seen
        return [path for path, (stamp, since) in seen.items() if now - since >= self._wait_for(path, stamp)]

    def _wait_for(self, path: Path, stamp: Stamp) -> float:
        return self._patience if self._doubted.get(path) == stamp else self._settle

    @property
    def waiting(self) -> bool:
        """Whether there are files that were not yet taken when the folder was last looked at."""
        return bool(self._seen)

    def take(self, path: Path) -> Taken | None:
        """Imports one file and moves or deletes it; None if it is gone, or if another importer has it.

        What is wrong with the file puts it into ``failed/`` with the reason beside it. What is wrong with us
        (database, storage, quota) is raised and leaves it where it is.
        """
        self._seen.pop(path, None)
        stamp = _stamp(path)
        if stamp is not None and _is_being_written(path):
            self._seen[path] = stamp, time.monotonic()
            return None
        file = _locked(path)
        if file is None:
            return None
        with file:
            stamp = _stamp(path)
            try:
                taken = Taken(path, Outcome.IMPORTED, self._filing.receive(file, path.name).title)
            except intake.DuplicateError as duplicate:
                taken = Taken(path, Outcome.DUPLICATE, duplicate.documents[0].title)
            except (QuotaExceededError, NoSpaceError):  # nothing is wrong with the file
                raise
            except FileError as error:
                if self._may_be_half(path, stamp, error):
                    return None
                taken = Taken(path, Outcome.FAILED, explain(error_as_json(error)))
            now = _stamp(path)
            if now is not None and now != stamp:  # it was still being written after all: again when it is whole
                self._seen[path] = now, time.monotonic()
            elif now is not None:
                self._done[path] = now  # even if it cannot be moved: it is not taken over and over
                self._tidy(taken)
        return taken

    def _may_be_half(self, path: Path, stamp: Stamp | None, error: FileError) -> bool:
        """Whether a file that cannot be read has changed so lately that its writer may only be slow."""
        if stamp is None or not isinstance(error, HALVES) or self._doubted.get(path) == stamp:
            return False
        if time.time() - stamp[1] / 1e9 >= self._patience:
            return False
        self._doubted[path] = stamp
        self._seen[path] = stamp, time.monotonic()
        return True

    def _tidy(self, taken: Taken) -> None:
        if self._after == After.KEEP:
            return
        if taken.outcome == Outcome.FAILED:
            aside = self._move(taken.path, FAILED)
            _free(_named(aside, ".reason.txt")).write_text(f"{taken.note}\n", encoding="utf-8")
        elif self._after == After.DELETE:
            taken.path.unlink()
        else:
            self._move(taken.path, IMPORTED)
        self._done.pop(taken.path, None)

    def _move(self, path: Path, where: str) -> Path:
        """Into a folder beside, at the same place; scanners begin anew with their numbers, so a name may be taken."""
        target = _free(self._folder / where / path.relative_to(self._folder))
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(self._folder.resolve()):
            raise OSError(f"{target.parent} leads out of the folder. Remove this link.")
        return path.rename(target)

    def _candidates(self) -> Iterator[Path]:
        """All files but those that are hidden, still being written, or have been dealt with."""
        for parent, folders, names in os.walk(self._folder):
            here = Path(parent)
            folders[:] = sorted(
                name
                for name in folders
                if self._recursive and name[0] != "." and not (here == self._folder and name in (IMPORTED, FAILED))
            )
            yield from (here / name for name in sorted(names) if _is_meant(name))


def _is_meant(name: str) -> bool:
    lower = name.lower()
    return name[0] not in ".~" and lower not in SYSTEM and Path(lower).suffix not in UNFINISHED


def _named(path: Path, ending: str, stem: str | None = None) -> Path:
    """A path beside ``path`` that ends in ``ending``, with as much of the name before it as file systems allow."""
    name = path.name if stem is None else stem
    room = LONGEST_NAME - len(os.fsencode(ending))
    if len(os.fsencode(name)) > room:
        name = os.fsencode(name)[:room].decode(errors="ignore")  # without half characters
    return path.with_name(name + ending)


def _free(wanted: Path) -> Path:
    """``wanted``, or a name beside it with a number that nothing has yet."""
    target, number = wanted, 1
    while target.exists():
        number += 1
        target = _named(wanted, f"-{number}{wanted.suffix}", wanted.stem)
    return target


def _is_being_written(path: Path) -> bool:
    """Whether a process has the file open for writing, as far as the file system tells: local ones do.

    A lease to read is refused while anybody writes. Who begins to write in this moment has us signalled, by a signal
    that is ignored.
    """
    try:
        with path.open("rb") as file:
            fcntl.fcntl(file, F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno in {errno.EAGAIN, errno.EWOULDBLOCK}
    return False


def _stamp(path: Path) -> Stamp | None:
    """Size and time of change; None if there is no such file (any more).

    Links are no files here: whoever may write into the folder could have everything read that we can read.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _locked(path: Path) -> BinaryIO | None:
    """The file, open and ours until it is closed; None if it is somebody else's, or gone.

    Opened for writing where that is allowed: network shares lock nothing else.
    """
    try:
        with ExitStack() as opened:
            file = opened.enter_context(path.open("r+b" if os.access(path, os.W_OK) else "rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):  # not replaced while we opened it
                opened.pop_all()
                return file
    except (BlockingIOError, FileNotFoundError):
        pass
    return None
