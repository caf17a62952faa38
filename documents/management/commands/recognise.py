from __future__ import annotations

import functools
import hashlib
import os
import time
from argparse import ArgumentTypeError
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import exports, intake
from documents.checks import ENGINES
from documents.models import State, error_as_json
from recognition import batch, engine, jobs
from recognition.errors import EngineError, WeightsError
from recognition.page import Options, PageResult


def formats(value: str) -> list[str]:
    """The formats of a comma-separated list."""
    wanted = [name.strip() for name in value.split(",")]
    unknown = [name for name in wanted if name not in exports.FORMATS]
    if unknown:
        raise ArgumentTypeError(f"no such format: {', '.join(unknown)}; there are {', '.join(exports.FORMATS)}")
    return wanted


class Command(BaseCommand):
    help = "Reads files and writes <stem>.txt and <stem>.json for each; needs no web, queue or database."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JPEG, PNG, WebP, TIFF or PDF")
        parser.add_argument("--output-dir", type=Path, required=True, metavar="DIR")
        parser.add_argument("--format", type=formats, default=["txt", "json"], help="txt,json (default: both)")
        for name, values in Options.choices().items():
            parser.add_argument(f"--{name.replace('_', '-')}", choices=values, default=values[0])
        parser.add_argument("--model", default=settings.OCRSITE_MODEL, help="default: %(default)s")
        parser.add_argument("--engine", choices=ENGINES, default=settings.OCRSITE_ENGINE)
        parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one per core)")

    def handle(self, *args: Any, files: Sequence[Path], output_dir: Path, **arguments: Any) -> None:
        refuse_collisions(files)
        output_dir.mkdir(parents=True, exist_ok=True)
        options = Options.parse({name: arguments[name] for name in (*Options.choices(), "model")})
        load = functools.partial(
            engine.load,
            options.model,
            backend=arguments["engine"],
            folder=settings.OCRSITE_WEIGHTS,
            device=settings.OCRSITE_DEVICE,
        )
        present = [file for file in files if file.is_file()]
        problems = [f"{file}: there is no such file" for file in files if not file.is_file()]
        begun, pages = time.monotonic(), 0
        with batch.Readers(load, options, jobs.limits(), max(1, arguments["workers"])) as readers:
            try:
                description = readers.describe()
            except (WeightsError, EngineError) as error:
                raise CommandError(error.message) from error
            for result in readers.read(present, self.show):
                if result.error is not None:
                    problems.append(f"{result.path}: {result.error.message}")
                    continue
                pages += len(result.pages)
                problems += [
                    f"{result.path}, page {page.number}: {page.error.message}" for page in result.pages if page.error
                ]
                written = export(result, options, description)
                try:
                    for name in arguments["format"]:
                        wanted = exports.FORMATS[name]
                        with (output_dir / f"{result.path.stem}.{wanted.extension}").open("wb") as file:
                            wanted.write(written, file)
                except OSError as error:
                    problems.append(f"{result.path}: its text cannot be written: {error.strerror}")
        seconds = time.monotonic() - begun
        self.stderr.write(f"{pages} pages in {seconds:.1f} s", self.style.SUCCESS)
        if problems:
            raise CommandError("Not everything could be read:\n" + "\n".join(problems))

    def show(self, path: Path, number: int, count: int) -> None:
        self.stderr.write(f"{path.name}: page {number} of {count}", lambda text: text)


def refuse_collisions(files: Sequence[Path]) -> None:
    """Two inputs of one stem would overwrite each other's results."""
    by_stem = defaultdict(set)
    for file in files:
        by_stem[file.stem].add(str(file))
    for stem, names in by_stem.items():
        if len(names) > 1:
            raise CommandError(
                f"{' and '.join(sorted(names))} would both become {stem}.txt. Rename one, or read them separately."
            )


def export(result: batch.FileResult, options: Options, engine: Mapping[str, Any]) -> exports.Export:
    """The same value that the web exports, so that both write the same bytes."""
    with result.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return exports.Export(
        title=intake.title_from(result.path.name),
        sha256=sha256,
        page_count=len(result.pages),
        options=options.to_dict(),
        engine=engine,
        pages=[export_page(page) for page in result.pages],
    )


def export_page(page: PageResult) -> exports.ExportPage:
    return exports.ExportPage(
        number=page.number,
        width=page.width or None,
        height=page.height or None,
        state=State.FAILED if page.error else State.DONE,
        lines=exports.as_read(page.number, page.lines),
        error=error_as_json(page.error) if page.error else None,
        seconds=sum(page.seconds.values()),
    )
