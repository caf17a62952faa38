"""Backups of a site on one machine, while people work; and back to how it was at a point in time.

A backup folder has ``snapshots/`` and ``chunks/`` of the database, ``files/`` of the storage, and ``secret-key``. Each
run adds what is new. Originals never change, so a file is copied once; a page image is copied again when it is drawn
again. Files that are gone from the site move to ``gone/DATE/``, where they stay as long as snapshots of that time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from documents.batch_output import whole

from .snapshots import SnapshotError, Snapshots

EVERY_ONE_FOR = timedelta(days=1)
"""For so long all snapshots stay; of older ones the last of each day."""

KEY, FILES, GONE, DATABASE, MEDIA = "secret-key", "files", "gone", "db.sqlite3", "media"


@dataclass(frozen=True)
class Saved:
    """What a run added. ``files``: how many, and ``bytes``: in the database's chunks and in files."""

    taken: datetime
    files: int
    bytes: int


def back_up(data: Path, folder: Path, now: datetime, keep: timedelta) -> Saved:
    """Adds to the backup in ``folder`` what is new in the data folder of a site, which may be at work.

    ``keep``: how long it can be restored. Raises SnapshotError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Files before rows, and once more after them: what a row names is there, even if it is deleted meanwhile.
    files, size = _copy_new(data / MEDIA, folder / FILES)
    taken, new = Snapshots(folder).take(data / DATABASE, now)
    later, more = _copy_new(data / MEDIA, folder / FILES)
    if (data / KEY).exists():  # otherwise it is in the environment, where the site gets it from
        with whole(folder / KEY) as file:
            file.write((data / KEY).read_bytes())
    _set_aside(data / MEDIA, folder, now.date())
    _thin_out(folder, now, keep)
    return Saved(taken, files + later, new + size + more)


def restore(folder: Path, data: Path, at: datetime | None = None) -> datetime:
    """Restores the newest snapshot that is not younger than ``at`` (None: the newest) into an empty data folder.

    Returns the time of the snapshot. Raises SnapshotError; then the data folder has no database.
    """
    times = [taken for taken in Snapshots(folder).times() if at is None or taken <= at]
    if not times:
        raise SnapshotError(f"There is no snapshot of that time in {folder}. --list shows those there are.")
    if any(data.glob(f"{DATABASE}*")):
        raise SnapshotError(f"There is a database in {data}. Stop the site, move that folder away, and try again.")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    gone = [each for each in sorted((folder / GONE).glob("*")) if each.name >= times[-1].date().isoformat()]
    for source in (*gone, folder / FILES):  # what is there now is newer
        for name in _names(source):
            _copy(source / name, data / MEDIA / name)
    if (folder / KEY).exists():
        _copy(folder / KEY, data / KEY)
    partial = data / f".{DATABASE}"
    Snapshots(folder).write(times[-1], partial)
    partial.replace(data / DATABASE)
    return times[-1]


def _copy_new(source: Path, target: Path) -> tuple[int, int]:
    """Copies what ``target`` does not have or has from an earlier time; how many files and bytes."""
    files = size = 0
    for name in _names(source):
        try:
            found = (source / name).stat()
            if not _is_same(found, target / name):
                _copy(source / name, target / name)
                files, size = files + 1, size + found.st_size
        except FileNotFoundError:
            continue  # deleted meanwhile
    return files, size


def _is_same(found: os.stat_result, copy: Path) -> bool:
    try:
        other = copy.stat()
    except FileNotFoundError:
        return False
    return (found.st_size, found.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _copy(source: Path, target: Path) -> None:
    """A copy with the times of the original, under its name only when it is complete."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copy2(source, partial)
    partial.replace(target)


def _names(folder: Path) -> Iterator[str]:
    """All complete files in ``folder``, by their path in it."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if not name.startswith("."):
                yield os.path.relpath(Path(parent, name), folder)


def _set_aside(media: Path, folder: Path, today: date) -> None:
    """Moves copies of files that the site has no more."""
    for name in list(_names(folder / FILES)):
        if not (media / name).exists():
            target = folder / GONE / today.isoformat() / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / FILES / name).replace(target)


def _thin_out(folder: Path, now: datetime, keep: timedelta) -> None:
    """Forgets what is older than ``keep``, and all but the last snapshot of each day before yesterday."""
    last = {taken.date(): taken for taken in Snapshots(folder).times()}
    old = [
        taken
        for taken in Snapshots(folder).times()
        if taken < now - keep or (taken < now - EVERY_ONE_FOR and taken != last[taken.date()])
    ]
    if old:
        Snapshots(folder).forget(old)
    for gone in (folder / GONE).glob("*"):
        if datetime.fromisoformat(gone.name).replace(tzinfo=UTC) < now - keep:
            shutil.rmtree(gone)
