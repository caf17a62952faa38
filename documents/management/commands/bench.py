from __future__ import annotations

import subprocess
import tempfile
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bench import corpus, harness, report, systems
from recognition.errors import RecognitionError


def names(value: str) -> list[str]:
    """The systems of a comma-separated list."""
    wanted = [name.strip() for name in value.split(",")]
    unknown = [name for name in wanted if name not in systems.SYSTEMS]
    if unknown:
        raise ArgumentTypeError(f"no such system: {', '.join(unknown)}; there are {', '.join(systems.SYSTEMS)}")
    return wanted


class Command(BaseCommand):
    help = "Measures speed and accuracy of our pipeline and of its peers, in one run (docs/benchmarks.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--install", action="store_true", help="install the peers, each apart from the product")
        what.add_argument("--corpus", type=Path, metavar="DIR", help="pages, with their text or only for their speed")
        parser.add_argument("--only", type=names, metavar="NAME,...", help=f"of: {', '.join(systems.SYSTEMS)}")
        parser.add_argument("--pages", type=int, metavar="N", help="the first N files of each category (default: all)")
        parser.add_argument("--rounds", type=int, default=1, metavar="N", help="read everything N times (default: 1)")
        parser.add_argument("--block", type=int, default=12, metavar="N", help="pages before the next system's turn")
        parser.add_argument("--processes", type=int, default=harness.CORES, metavar="N", help="default: one per core")
        parser.add_argument("--output-dir", type=Path, metavar="DIR", help="keep the texts, a folder for each system")

    def handle(self, *args: Any, install: bool, **options: Any) -> None:
        folder = settings.DATA_DIR / "bench"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if install:
                systems.install(folder, settings.OCRSITE_WEIGHTS, self.say)
            else:
                self.compare(folder, **options)
        except (corpus.CorpusError, harness.RunnerError, RecognitionError, subprocess.CalledProcessError) as error:
            raise CommandError(str(error)) from error

    def compare(self, folder: Path, *, only: list[str] | None, output_dir: Path | None, **options: Any) -> None:
        chosen = only or ["ocrsite", *systems.PEERS]
        absent = systems.missing(chosen, folder)
        if absent:
            self.say(f"Not installed (see --install), left out: {', '.join(absent)}")
        with tempfile.TemporaryDirectory() as drawn:
            items = corpus.read(options["corpus"], Path(drawn), options["pages"])
            measured = harness.run(
                [name for name in chosen if name not in absent],
                [page for item in items for page in item.pages] * options["rounds"],
                folder=folder,
                weights=settings.OCRSITE_WEIGHTS,
                block=options["block"],
                processes=options["processes"],
                report=self.say,
            )
        if output_dir is not None:
            write_texts(output_dir, items, measured)
        self.stdout.write(report.markdown(items, measured))

    def say(self, message: str) -> None:
        self.stderr.write(message, lambda text: text)


def write_texts(folder: Path, items: list[corpus.Item], measured: dict[str, harness.Measurement]) -> None:
    for name, system in measured.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for item in items:
            (folder / name / f"{item.stem}.txt").write_text(system.text(item), encoding="utf-8")
