from __future__ import annotations

import functools
import hashlib
import logging
import os
import signal
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from documents import batch_output, exports, transcript
from documents.checks import ENGINES
from documents.ingest import intake
from documents.management.arguments import add_options, options_of
from documents.processing import limits
from documents.processing.transcripts import transcript_of
from recognition import batch, engine
from recognition.errors import EngineError, RecognitionError, WeightsError
from recognition.options import Options

log = logging.getLogger(__name__)


def formats(value: str) -> list[exports.Format]:
    """The formats of a comma-separated list."""
    wanted = [name.strip() for name in value.split(",")]
    unknown = [name for name in wanted if name not in exports.FORMATS]
    if unknown:
        raise ArgumentTypeError(f"no such format: {', '.join(unknown)}; there are {', '.join(exports.FORMATS)}")
    return [exports.FORMATS[name] for name in wanted]


def chunk_size(value: str) -> int:
    """Characters of a chunk."""
    size = int(value)
    if not transcript.SMALLEST_CHUNK <= size <= transcript.LARGEST_CHUNK:
        raise ArgumentTypeError(f"from {transcript.SMALLEST_CHUNK} to {transcript.LARGEST_CHUNK}")
    return size


class Command(BaseCommand):
    help = (
        "Reads files and folders and writes <stem>.txt and <stem>.json for each, in the same tree of folders. What is "
        "there already is skipped. Needs no web, queue or database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "names",
            nargs="+",
            metavar="FILE",
            help="pictures (JPEG, PNG, HEIC, ...), TIFF, DjVu or PDF; a folder of them; or 'scans/**/*.png'",
        )
        parser.add_argument("--output-dir", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--format", type=formats, default="txt,json", help=f"of: {','.join(exports.FORMATS)} (default: %(default)s)"
        )
        parser.add_argument("--force", action="store_true", help="also read files whose results are there already")
        add_options(parser)
        for name, said in CHOICES_OF_EXPORTS.items():
            values = transcript.CHOICES[name]
            parser.add_argument(f"--{name}", choices=values, default=values[0], help=f"{said} (default: %(default)s)")
        parser.add_argument(
            "--size",
            type=chunk_size,
            default=transcript.CHUNK,
            help="characters of a chunk, at most, in the formats chunks and chunks_md (default: %(default)s)",
        )
        parser.add_argument("--engine", choices=ENGINES, default=settings.OCRSITE_ENGINE)
        parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one per core)")

    def handle(self, *args: Any, names: Sequence[str], output_dir: Path, force: bool, **arguments: Any) -> None:
        signal.signal(signal.SIGTERM, interrupt)
        options = options_of(arguments)
        load = functools.partial(
            engine.load,
            options.model,
            backend=arguments["engine"],
            folder=settings.OCRSITE_WEIGHTS,
            device=settings.OCRSITE_DEVICE,
        )
        choices = {name: arguments[name] for name in [*CHOICES_OF_EXPORTS, "size"]}
        batch_of_files = Batch(output_dir, arguments["format"], options, arguments["engine"], choices)
        found = batch_output.find(names, output_dir)
        if found.ignored:
            self.say(f"Passed over as no pictures or PDFs: {found.ignored} files")
        try:
            files = batch_of_files.todo(found.sources, force=force)
        except batch_output.NameClashError as error:
            raise CommandError(str(error)) from error
        if len(files) < len(found.sources):
            self.say(f"There already: {len(found.sources) - len(files)} files (--force reads them again)")
        problems = found.problems
        begun = time.monotonic()
        progress = Progress(len(files))
        try:
            with batch.ReaderPool(load, options, limits.file_limits(), max(1, arguments["workers"])) as readers:
                problems += batch_of_files.read(readers, files, progress)
        except (WeightsError, EngineError) as error:
            raise CommandError(error.message) from error
        except KeyboardInterrupt:
            message = "Interrupted. All results written so far are complete. The same command resumes from there."
            raise CommandError(message, returncode=130) from None
        finally:
            progress.close()
        self.say(progress.summary(time.monotonic() - begun))
        if problems:
            raise CommandError("Not everything could be read:\n" + "\n".join(problems))

    def say(self, message: str) -> None:
        self.stderr.write(message, self.style.SUCCESS)


CHOICES_OF_EXPORTS = {
    "pages": "what stands between the pages of plain text",
    "lines": "plain text with a line for each line of the page, or for each paragraph",
    "margins": "headers, footers and page numbers in plain text",
}
"""What can be chosen of plain text, in words."""


class Progress:
    """How far it is: a bar on a terminal, elsewhere a line for each page."""

    def __init__(self, files: int) -> None:
        self.files = self.pages = 0
        self._bar = tqdm(total=files, bar_format="{l_bar}{bar}| {postfix} [{elapsed}<{remaining}]", disable=None)

    def page(self, path: Path, number: int, count: int) -> None:
        self.pages += 1
        if self._bar.disable:
            sys.stderr.write(f"{path.name}: page {number} of {count}\n")
        else:
            self._bar.set_postfix_str(f"{self.pages} pages, {path.name}", refresh=False)
            self._bar.update(1 / count)

    def file(self) -> None:
        self.files += 1
        self._bar.n = self.files  # pages that were read twice, or not at all, made it inexact
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()

    def summary(self, seconds: float) -> str:
        return f"{self.pages} pages of {self.files} files in {seconds:.1f} s: {self.pages / seconds:.2f} pages/s"


class Batch:
    """Files on their way into an output folder."""

    def __init__(
        self,
        output_dir: Path,
        formats: Sequence[exports.Format],
        options: Options,
        backend: str,
        choices: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        output_dir.mkdir(parents=True, exist_ok=True)
        self._folder = output_dir
        self._formats = formats
        self._extensions = [wanted.extension for wanted in formats]
        self._options = options
        self._choices = choices
        unusual = {name: value for name, value in choices.items() if value != transcript.DEFAULTS[name]}
        self._journal = batch_output.Journal(output_dir, {"options": options.to_dict(), "engine": backend} | unusual)

    def todo(self, sources: Sequence[batch_output.Source], *, force: bool) -> list[batch_output.Job]:
        """The files whose results are not there yet, or all. Raises NameClashError."""
        planned = batch_output.plan(sources, self._folder, self._extensions)
        return [file for file in planned if force or not self._journal.is_finished(file, self._extensions)]

    def read(self, readers: batch.ReaderPool, files: Sequence[batch_output.Job], progress: Progress) -> Iterable[str]:
        """Reads the files and writes their results; the problems there were. Raises WeightsError, EngineError."""
        if not files:
            return []
        description = readers.metadata()
        results = readers.read([file.path for file in files], progress.page)
        problems: list[str] = []
        for file, result in zip(files, results, strict=True):
            failed = list(reasons(result))
            if result.error is None:
                failed += self._write(file, result, description)
            if not failed:
                self._journal.note(file, self._extensions)
            problems += failed
            progress.file()
        return problems

    def _write(self, file: batch_output.Job, result: batch.FileResult, description: Mapping[str, Any]) -> Iterator[str]:
        """Writes all formats that can be written; why the others cannot."""
        try:
            exported = export(result, self._options, description).chosen(**self._choices)
        except OSError as error:
            yield f"{file.path}: it cannot be opened any more: {error.strerror}"
            return
        for wanted in self._formats:
            name = f"{file.stem}.{wanted.extension}"
            try:
                with batch_output.whole(self._folder / name) as out:
                    wanted.write(exported, out)
            except OSError as error:
                yield f"{file.path}: {name} cannot be written: {error.strerror or error}"
            except RecognitionError as error:
                yield f"{file.path}: {name} cannot be written: {error.message}"
            except Exception:  # such as a PDF that is odd in a way nobody has thought of
                log.exception("%s as %s", file.path, wanted.extension)
                yield f"{file.path}: {name} cannot be written: this failed unexpectedly, and the log says why."


def reasons(result: batch.FileResult) -> Iterable[str]:
    """Why the file, or pages of it, could not be read."""
    if result.error is not None:
        yield f"{result.path}: {result.error.message}"
    for page in result.pages:
        if page.error:
            yield f"{result.path}, page {page.number}: {page.error.message}"


def interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM stops a batch as Ctrl-C does, and no process is left behind."""
    raise KeyboardInterrupt


def export(result: batch.FileResult, options: Options, description: Mapping[str, Any]) -> transcript.Transcript:
    """The same value that the web exports, so that both write the same bytes."""
    with result.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return transcript_of(intake.title_from(result.path.name), result.pages, options, description, result.path, sha256)
