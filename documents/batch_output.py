"""Reading many files into a folder: which files, where their results go, and which are there already.

Names are settled before anything is read, results appear only as whole files, and a journal in the
output folder knows what is finished, so that a batch can be broken off and taken up again.
"""

from __future__ import annotations

import glob
import json
import os
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from recognition import raster

JOURNAL = ".ocrsite-recognise.jsonl"


class NameClashError(Exception):
    """Results of two files would get one name, or lie among the files to be read."""


@dataclass(frozen=True)
class Source:
    """A file to be read. ``place``: where it lies below what was asked for; its results go to the same place.

    ``stamp``: size and time of change of the file before it was read.
    """

    path: Path
    place: Path
    stamp: tuple[int, int]


@dataclass
class Found:
    """What the names on a command line stand for.

    ``problems``: the names that stand for nothing, and the files that cannot be opened. ``ignored``: how many files in
    folders are of no readable type.
    """

    sources: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: int = 0


@dataclass(frozen=True)
class Job:
    """A file to be read. ``stem``: its results' path below the output folder, but for the suffix."""

    path: Path
    stem: str
    stamp: tuple[int, int]


def find(names: Iterable[str], apart_from: Path) -> Found:
    """Files, all that is readable in folders and below, and what patterns like ``scans/**/*.png`` match.

    A file that is named twice is read once. Hidden files and the folder ``apart_from`` are passed over.
    """
    found, seen = Found(), set()
    apart_from = apart_from.resolve()
    for name in names:
        path = Path(name)
        if path.is_dir():
            paths, base = list(_below(path, apart_from)), path
            named = [path for path in paths if path.suffix.lower() in raster.SUFFIXES]
            found.ignored += len(paths) - len(named)
            reason = "nothing in this folder can be read"
        elif path.exists() or not glob.has_magic(name):
            named, base = [path] if path.exists() else [], path.parent
            reason = "there is no such file"
        else:
            base = _fixed_part(path)
            named = list(_matching(name, base, apart_from))
            reason = "no file matches"
        if not named:
            found.problems.append(f"{name}: {reason}")
        for path in named:
            try:
                stat, target = path.stat(), path.resolve()
            except OSError as error:  # such as a link to what is there no more
                found.problems.append(f"{path}: it cannot be opened: {error.strerror}")
                continue
            if target not in seen:
                seen.add(target)
                found.sources.append(Source(path, path.relative_to(base), (stat.st_size, stat.st_mtime_ns)))
    return found


def plan(sources: Sequence[Source], output_dir: Path, extensions: Sequence[str]) -> list[Job]:
    """Where each file's results go: its place without its suffix, as in ``2024/letter.txt``.

    Files that only their suffix tells apart keep it: ``letter.png.txt``, ``letter.pdf.txt``. Raises
    NameClashError where that does not help, or where results would lie among the files to be read.
    """
    alike = defaultdict(list)
    for source in sources:
        alike[_same(source.place.with_suffix(""))].append(source)
    stems: dict[str, Source] = {}
    jobs = []
    _refuse_to_overwrite(sources, output_dir, extensions)
    for source in sources:
        alone = len(alike[_same(source.place.with_suffix(""))]) == 1
        stem = source.place.with_suffix("") if alone else source.place
        other = stems.setdefault(_same(stem), source)
        if other is not source:
            raise NameClashError(f"{other.path} and {source.path} would both become {stem}.{extensions[0]}.")
        jobs.append(Job(source.path, stem.as_posix(), source.stamp))
    return jobs


class Journal:
    """What is finished in an output folder: one line of JSON for each file read, the last word holds.

    ``settings``: what shaped the results; what was read with others is not finished.
    """

    def __init__(self, output_dir: Path, settings: Mapping[str, Any]) -> None:
        self._folder = output_dir
        self._path = output_dir / JOURNAL
        self._settings = dict(settings)
        self._entries = dict(self._read())

    def is_finished(self, job: Job, extensions: Iterable[str]) -> bool:
        """Whether all these results of the file as it is now are there."""
        return set(extensions) <= self._finished(job) and all(
            (self._folder / f"{job.stem}.{extension}").exists() for extension in extensions
        )

    def note(self, job: Job, extensions: Iterable[str]) -> None:
        finished = sorted(self._finished(job) | set(extensions))
        entry = {"file": list(job.stamp), "settings": self._settings, "extensions": finished}
        self._entries[job.stem] = entry
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([job.stem, entry], ensure_ascii=False) + "\n")

    def _finished(self, job: Job) -> set[str]:
        """The results that were written of the file as it is now, with these settings."""
        entry = self._entries.get(job.stem)
        if entry is None or entry["file"] != list(job.stamp) or entry["settings"] != self._settings:
            return set()
        return set(entry["extensions"])

    def _read(self) -> Iterator[tuple[str, Any]]:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                stem, entry = json.loads(line)
            except ValueError:  # cut off when the power went: that file is read once more
                continue
            yield stem, entry


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when it is complete; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A folder of its own: the file's name may be as long as names can be, and gets the permissions that new files get.
    with tempfile.TemporaryDirectory(prefix=".", suffix=".partial", dir=path.parent) as folder:
        partial = Path(folder, "result")
        with partial.open("wb") as file:
            yield file
        partial.replace(path)


def _below(folder: Path, apart_from: Path) -> Iterator[Path]:
    """All files in ``folder`` and below, in the order of their names."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and (Path(parent) / name).resolve() != apart_from
        )
        yield from (Path(parent) / name for name in sorted(names) if name[0] != ".")


def _matching(pattern: str, base: Path, apart_from: Path) -> Iterator[Path]:
    """All files that match, in the order of their names; results of an earlier time that lie below ``base`` do not."""
    apart = base.resolve() in apart_from.parents
    for path in map(Path, sorted(glob.glob(pattern, recursive=True))):  # noqa: PTH207  # absolute too
        if path.is_file() and not (apart and path.parent.resolve().is_relative_to(apart_from)):
            yield path


def _refuse_to_overwrite(sources: Sequence[Source], output_dir: Path, extensions: Sequence[str]) -> None:
    """A result that can itself be read must not lie beside what is read: it might replace it, or be read next time."""
    readable = [extension for extension in extensions if f".{extension}" in raster.SUFFIXES]
    here = output_dir.resolve()
    if readable and any(here / source.place == source.path.resolve() for source in sources):
        raise NameClashError(
            f"Results ending in .{readable[0]} would lie among the files to be read: choose another folder."
        )


def _fixed_part(pattern: Path) -> Path:
    """The folders before the first wildcard."""
    fixed = pattern
    while glob.has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _same(path: Path) -> str:
    """Equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", str(path)).casefold()
