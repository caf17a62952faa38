"""Many files on all cores: one process per core, each with its own engine on one thread.

Measured to be faster than one process with as many threads (docs/design-notes.md). Pages, not files,
are what the processes share, so that one long PDF keeps all of them busy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from . import pipeline, raster
from .errors import FileError
from .page import Options, PageResult

if TYPE_CHECKING:
    from .engine import Engine

AHEAD = 4
"""Pages handed out for each process: enough that none waits for work, few enough to keep memory flat."""

LoadEngine = Callable[[], "Engine"]


@dataclass(frozen=True)
class FileResult:
    """What became of one file: its pages in order, or why the file as a whole could not be read."""

    path: Path
    pages: Sequence[PageResult] = ()
    error: FileError | None = None


@dataclass
class _Process:
    """What each worker process holds."""

    load: LoadEngine
    options: Options
    limits: raster.Limits

    @cached_property
    def engine(self) -> Engine:
        """Loaded on first use, so that what goes wrong then comes back as that call's exception."""
        return self.load()


_process: _Process


class Readers:
    """A pool of processes that read pages; a context manager. ``load`` makes an engine and must be picklable."""

    def __init__(self, load: LoadEngine, options: Options, limits: raster.Limits, workers: int) -> None:
        self._limits = limits
        self._ahead = workers * AHEAD
        # Fresh processes: neither CUDA nor the engines' threads survive a fork.
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (load, options, limits))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def describe(self) -> Mapping[str, Any]:
        """The engine's description. Raises WeightsError or EngineError if it cannot be started."""
        return self._pool.submit(_describe).result()

    def read(
        self, paths: Sequence[Path], on_page: Callable[[Path, int, int], None] = lambda path, number, count: None
    ) -> Iterator[FileResult]:
        """Reads all pages of all files; gives the files in order, without page images.

        A file that cannot be read comes with its error, and the next ones follow. ``on_page`` hears of
        each finished page: file, page number, pages of that file.
        """
        files = deque[tuple[Path, deque[Future[PageResult]] | FileError]]()
        for path in paths:
            files.append((path, self._submit(path)))
            while sum(len(pages) for _, pages in files if not isinstance(pages, FileError)) > self._ahead:
                yield self._collect(*files.popleft(), on_page)
        for path, pages in files:
            yield self._collect(path, pages, on_page)

    def _submit(self, path: Path) -> deque[Future[PageResult]] | FileError:
        try:
            count = raster.inspect(path, self._limits).page_count
        except FileError as error:
            return error
        return deque(self._pool.submit(_read, path, number) for number in range(1, count + 1))

    def _collect(
        self,
        path: Path,
        pages: deque[Future[PageResult]] | FileError,
        on_page: Callable[[Path, int, int], None],
    ) -> FileResult:
        if isinstance(pages, FileError):
            return FileResult(path, error=pages)
        done, count = [], len(pages)
        while pages:
            done.append(pages.popleft().result())
            on_page(path, len(done), count)
        return FileResult(path, done)


def _start(load: LoadEngine, options: Options, limits: raster.Limits) -> None:
    global _process
    _process = _Process(load, options, limits)


def _describe() -> dict[str, Any]:
    return dict(_process.engine.describe())


def _read(path: Path, number: int) -> PageResult:
    this = _process
    (result,) = pipeline.recognise(path, this.options, this.engine, numbers=[number], limits=this.limits)
    return replace(result, image=None)
