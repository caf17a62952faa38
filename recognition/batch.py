"""Many files on all cores: one process per core, each with its own engine on one thread.

This is faster than one process with as many threads (measured in docs/design-notes.md). The processes share pages
rather than files, so that one long PDF keeps all of them busy.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from . import pipeline, raster
from .errors import BrokenFileError, EngineError, FileError, RecognitionError
from .options import Options
from .page import PageReading

if TYPE_CHECKING:
    from .engine import Engine

PREFETCH = 4
"""Pages submitted for each process: enough that none waits for work, few enough to keep memory flat."""

log = logging.getLogger(__name__)

LoadEngine = Callable[[], "Engine"]
OnPage = Callable[[Path, int, int], None]


@dataclass(frozen=True)
class FileResult:
    """The pages of one file in order, or the error for which none could be read."""

    path: Path
    pages: Sequence[PageReading] = ()
    error: RecognitionError | None = None


@dataclass
class _Process:
    """The state of a worker process."""

    load: LoadEngine
    options: Options
    limits: raster.Limits

    @cached_property
    def engine(self) -> Engine:
        """Loaded on first use: an error then becomes the exception of that call."""
        return self.load()


_process: _Process


class ReaderPool:
    """A pool of processes that read pages; a context manager. ``load`` makes an engine and must be picklable."""

    def __init__(self, load: LoadEngine, options: Options, limits: raster.Limits, workers: int) -> None:
        self._job = load, options, limits
        self._workers = workers
        self._pool = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def metadata(self) -> Mapping[str, Any]:
        """Backend, device, model, versions and checksums of the engine, as plain JSON types.

        Raises WeightsError or EngineError if it cannot be started.
        """
        return self._pool.submit(_metadata).result()

    def read(self, paths: Sequence[Path], on_page: OnPage = lambda path, number, count: None) -> Iterator[FileResult]:
        """Reads all pages of all files, and yields the files in order, without page images.

        A file that cannot be read is yielded with its error, and the next ones follow. ``on_page`` is called
        after each page with the file, the number of its finished pages, and the number of its pages.
        """
        files: deque[_Submitted] = deque()
        for path in paths:
            files.append(self._submit(path))
            while sum(len(file.pages) for file in files) > self._workers * PREFETCH:
                yield self._collect(files, on_page)
        while files:
            yield self._collect(files, on_page)

    def _open(self) -> ProcessPoolExecutor:
        # Fresh processes: neither CUDA nor the engines' threads survive a fork.
        return ProcessPoolExecutor(self._workers, get_context("spawn"), _start, self._job)

    def _submit(self, path: Path) -> _Submitted:
        try:
            count = raster.inspect(path, self._job[2]).page_count
        except FileError as error:
            return _Submitted(path, [], error)
        except OSError as error:
            return _Submitted(path, [], BrokenFileError(f"This file cannot be opened: {error.strerror}."))
        except Exception:
            log.exception("%s", path)
            return _Submitted(path, [], BrokenFileError("Opening this file failed unexpectedly; the log says why."))
        try:
            return _Submitted(path, [self._pool.submit(_read, path, number) for number in range(1, count + 1)])
        except BrokenProcessPool:
            self._pool = self._open()
            return self._submit(path)

    def _collect(self, files: deque[_Submitted], on_page: OnPage) -> FileResult:
        """Waits for the first of ``files``.

        A crashed process breaks the whole pool, and it is unknown which file was at fault. So the first file
        is read once more, alone: if the pool breaks again, that file is to blame.
        """
        file = files.popleft()
        try:
            return file.result(on_page)
        except BrokenProcessPool:
            self._pool = self._open()
            alone = self._submit(file.path)
        try:
            result = alone.result(on_page)
        except BrokenProcessPool:
            message = "The engine crashed on this file, twice. Read its pages one by one to find out which one it is."
            result = FileResult(file.path, error=EngineError(message))
            self._pool = self._open()
        files.extend([self._submit(files.popleft().path) for _ in range(len(files))])
        return result


@dataclass(frozen=True)
class _Submitted:
    """A file with its submitted pages, or the error for which none were submitted."""

    path: Path
    pages: Sequence[Future[PageReading]]
    error: FileError | None = None

    def result(self, on_page: OnPage) -> FileResult:
        """Waits for all pages.

        Raises BrokenProcessPool if a process crashes meanwhile, and WeightsError or EngineError if the engine
        cannot be started, since then no page can be read.
        """
        done: list[PageReading] = []
        for number, page in enumerate(self.pages, start=1):
            try:
                done.append(page.result())
            except (BrokenProcessPool, RecognitionError):
                raise
            except Exception:
                log.exception("%s, page %s", self.path, number)
                message = "Reading this page failed unexpectedly; the log says why."
                done.append(PageReading(number=number, error=EngineError(message)))
            on_page(self.path, len(done), len(self.pages))
        return FileResult(self.path, done, self.error)


def _start(load: LoadEngine, options: Options, limits: raster.Limits) -> None:
    global _process
    # Ctrl-C reaches all processes of a terminal. The process that opened the pool decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    _process = _Process(load, options, limits)


def _follow_parent() -> None:
    """Ends this process if the one that opened the pool is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _metadata() -> dict[str, Any]:
    return dict(_process.engine.metadata())


def _read(path: Path, number: int) -> PageReading:
    this = _process
    (result,) = pipeline.recognise(path, this.options, this.engine, numbers=[number], limits=this.limits)
    return replace(result, image=None)
