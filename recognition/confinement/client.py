"""The side that asks: children by file, and a reader that the pipeline can use like any other."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec

from recognition.errors import EngineError, TooMuchMemoryError, TooMuchTimeError
from recognition.page import DocumentText, PageImage, PagePlace
from recognition.raster import FileInfo, Limits
from recognition.textlayer import TextLayer
from recognition.transcriptions import Transcription

from .wire import WRITTEN, Answer, Order, Question, error_of, image_of

log = logging.getLogger(__name__)

ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""All that a nursery knows of the environment: no secrets, and no threads, which a fork would lose."""

MORE_THAN_PIXELS = 64 * 2**20
"""Bytes of an answer at most beside those of a page image, or of the lines of a page."""

CALLED_BACK = 3
"""Times the processor time of a question that it may take by the clock, on a machine with other work."""


@dataclass(frozen=True)
class ProcessLimits:
    """What one child may take. ``memory``: bytes of address space, of which some 400 MB are libraries.

    ``seconds``: of processor time for one question.
    """

    memory: int = 2 * 2**30
    seconds: int = 60


class NurseryLostError(Exception):
    """The nursery was stopped, and its children with it. No file is to blame for that: ask again."""


class Nursery:
    """The process that children are forked from. Threads may share one; a forked process starts its own."""

    _current: Nursery | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = Path(__file__).parents[2]
        command = [sys.executable, "-m", "recognition.confinement.nursery", str(theirs.fileno())]
        self.process = subprocess.Popen(
            command, cwd=root, env=ENVIRONMENT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()
        self.owner = os.getpid()
        self._control = ours
        self._talk = threading.Lock()
        if ours.recv(16) != b"ready":
            raise EngineError("The process that parses files does not start. The log says why.")

    @classmethod
    def shared(cls) -> Nursery:
        """The one of this process, started if need be."""
        with cls._lock:
            current = cls._current
            if current is None or current.owner != os.getpid() or current.process.poll() is not None:
                current = cls._current = Nursery()
            return current

    def fork(self, path: Path, limits: ProcessLimits, end: int, folder: Path | None) -> int:
        """A child that may read ``path``, write into ``folder``, and answers on the pipe ``end``; its number."""
        readable = [str(path.resolve())]
        order = {"memory": limits.memory, "readable": readable, "folder": str(folder.resolve()) if folder else None}
        return self._told(order, [end])

    def end(self, pid: int) -> int:
        """Ends a child, whatever it is doing; how it ended, maybe before, as ``waitpid`` says it."""
        return self._told({"end": pid})

    def _told(self, order: Mapping[str, object], descriptors: Sequence[int] = ()) -> int:
        """The number that the nursery answers. Raises NurseryLostError; then another one can be started."""
        with self._talk:
            try:
                socket.send_fds(self._control, [json.dumps(order).encode()], descriptors)
                if answer := self._control.recv(32):
                    return int(answer)
            except OSError:
                pass
            self.process.kill()
            self.process.wait()
            raise NurseryLostError


def prepare() -> None:
    """Starts the nursery, so that the first file does not wait for it."""
    Nursery.shared()


class Child:
    """A confined process that knows one file, and may write into ``folder``. Use it as a context, or call ``close``.

    Everything but ``close`` may raise NurseryLostError.
    """

    def __init__(self, path: Path, limits: ProcessLimits, folder: Path | None = None) -> None:
        self.path, self.limits, self.folder = path, limits, folder
        self._nursery = Nursery.shared()
        self._pipe, theirs = Pipe()
        try:
            self._pid = self._nursery.fork(path, limits, theirs.fileno(), folder)
        finally:
            theirs.close()
        self._closed = False

    def ask(
        self,
        question: Question,
        number: int,
        limits: Limits,
        text: DocumentText | None = None,
        places: tuple[PagePlace, ...] = (),
        name: str = "",
        password: str = "",
    ) -> Answer:
        """Raises what the file is to blame for: a RecognitionError, among them TooMuchMemoryError and TooMuchTimeError.

        After the last two the child is gone.
        """
        folder = str(self.folder.resolve()) if self.folder else ""
        order = Order(
            question=question,
            path=str(self.path.resolve()),
            number=number,
            limits=limits,
            seconds=self.limits.seconds,
            text=text,
            folder=folder,
            places=places,
            name=name,
            password=password,
        )
        try:
            self._pipe.send_bytes(msgspec.msgpack.encode(order))
            if not self._pipe.poll(CALLED_BACK * self.limits.seconds):
                raise self._too_long()
            answer = msgspec.msgpack.decode(self._pipe.recv_bytes(3 * limits.pixels + MORE_THAN_PIXELS), type=Answer)
        except (EOFError, OSError) as error:
            raise self._reason() from error
        except msgspec.DecodeError as error:
            self.close()
            raise EngineError("The process that parses this file said something that cannot be.") from error
        if answer.memory_exhausted:
            raise TooMuchMemoryError(self.limits.memory)
        if answer.failure is not None:
            raise error_of(answer.failure)
        if answer.trouble:
            log.error("A confined process: %s", answer.trouble)
            raise EngineError("Parsing this file failed unexpectedly. The log says why.")
        return answer

    def close(self) -> None:
        """Ends the child, whatever it is doing."""
        if not self._closed:
            self._closed = True
            self._pipe.close()
            with suppress(NurseryLostError):
                self._nursery.end(self._pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _too_long(self) -> TooMuchTimeError:
        self.close()
        return TooMuchTimeError(self.limits.seconds)

    def _reason(self) -> TooMuchMemoryError | TooMuchTimeError:
        """Why the child ended by itself: the kernel's timer, or else memory that its libraries did not get."""
        self._closed = True
        self._pipe.close()
        status = self._nursery.end(self._pid)  # changes nothing about one that ends; one that only fell silent goes on
        log.warning("A confined process ended with status %s on %s", status, self.path)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            return TooMuchTimeError(self.limits.seconds)
        return TooMuchMemoryError(self.limits.memory)


class ConfinedReader:
    """A ``FileReader`` whose files are parsed by children, one for each file, kept until another file is asked for.

    One thread uses it at a time. ``close`` it, or use it as a context, so that no child stays. ``on_end``: is told the
    code of the error with which a child ended before its time.
    """

    def __init__(
        self, limits: ProcessLimits = ProcessLimits(), on_end: Callable[[str], None] = lambda code: None
    ) -> None:
        self._limits, self._on_end = limits, on_end
        self._child: Child | None = None
        self._key: tuple[Path, int] | None = None

    def inspect(self, path: Path, limits: Limits) -> FileInfo:
        info = self._ask("inspect", path, 1, limits).info
        if info is None:
            raise EngineError("The process that parses this file did not say what it is.")
        return info

    def draw(self, path: Path, number: int, limits: Limits) -> PageImage:
        return _image(self._ask("draw", path, number, limits))

    def text_layer(self, path: Path, number: int, limits: Limits) -> TextLayer | None:
        return self._ask("text_layer", path, number, limits).layer

    def without_text(self, path: Path, number: int, limits: Limits) -> PageImage:
        return _image(self._ask("without_text", path, number, limits))

    def transcription(self, path: Path, name: str, limits: Limits) -> Transcription:
        """What a file called ``name`` of PAGE XML, ALTO or hOCR says; see ``recognition.transcriptions``."""
        answer = self._once("transcription", path, limits, name=name)
        if answer.transcription is None:
            raise EngineError("The process that parses this file did not say what it is.")
        return answer.transcription

    def write_searchable_pdf(self, path: Path, text: DocumentText, out: BinaryIO) -> None:
        """Writes the file with its ``text`` as a PDF; see ``recognition.searchable_pdf``, also for the errors."""
        with tempfile.TemporaryDirectory(prefix="ocrsite-") as name:
            self._once("searchable_pdf", path, Limits(), Path(name), text=text)
            _copy_written(Path(name), out)

    def unlock_pdf(self, path: Path, password: str, out: BinaryIO) -> None:
        """Writes the PDF at ``path`` without its ``password``. Raises WrongPasswordError or BrokenFileError."""
        with tempfile.TemporaryDirectory(prefix="ocrsite-") as name:
            self._once("unlocked_pdf", path, Limits(), Path(name), password=password)
            _copy_written(Path(name), out)

    def assemble_pdf(self, folder: Path, places: Sequence[PagePlace], title: str, out: BinaryIO) -> None:
        """Writes a PDF of pages of the PDFs in ``folder``, in this order; see ``recognition.searchable_pdf``."""
        text = DocumentText(title, "", len(places))
        self._once("assembled_pdf", folder, Limits(), folder, text=text, places=tuple(places))
        _copy_written(folder, out)

    def close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = self._key = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _once(
        self, question: Question, path: Path, limits: Limits, folder: Path | None = None, **details: Any
    ) -> Answer:
        """The answer of a child that is asked nothing else, and may write into ``folder``."""

        def ask() -> Answer:
            with Child(path, self._limits, folder) as child, self._ending():
                return child.ask(question, 1, limits, **details)

        return _again_if_lost(ask)

    def _ask(self, question: Question, path: Path, number: int, limits: Limits) -> Answer:
        return _again_if_lost(partial(self._ask_kept, question, path, number, limits))

    def _ask_kept(self, question: Question, path: Path, number: int, limits: Limits) -> Answer:
        """The answer of the child that is kept for this file."""
        key = path, path.stat().st_mtime_ns
        if self._child is None or self._key != key:
            self.close()
            self._child, self._key = Child(path, self._limits), key
        with self._ending():
            return self._child.ask(question, number, limits)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Closes and reports a child that ends."""
        try:
            yield
        except NurseryLostError:
            self.close()
            raise
        except (TooMuchMemoryError, TooMuchTimeError, EngineError) as error:
            self.close()  # another page may be an honest one, and begins with a fresh child
            self._on_end(error.code)
            raise


def _again_if_lost(ask: Callable[[], Answer]) -> Answer:
    """Raises EngineError if the nursery is lost a second time."""
    for _ in range(2):
        try:
            return ask()
        except NurseryLostError:
            log.warning("The process that parses files was stopped")
    raise EngineError("The process that parses files was stopped, and so was the next one. Try again.")


def _copy_written(folder: Path, out: BinaryIO) -> None:
    """Copies what a child has written. Nothing but a file of that folder is read, whatever has become of the child."""
    with os.fdopen(os.open(folder / WRITTEN, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        shutil.copyfileobj(file, out)


def _image(answer: Answer) -> PageImage:
    if answer.picture is None:
        raise EngineError("The process that parses this file did not draw it.")
    return image_of(answer.picture)
