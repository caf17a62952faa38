from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.maintenance.dump import dump_archive
from documents.maintenance.manifest import TransferError


class Command(BaseCommand):
    help = (
        "Writes the whole archive into a new folder, from which import_archive takes it into an empty instance on any "
        "database: people, documents with all their files, readings, corrections, shares, activity."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = dump_archive(folder, lambda said: self.stderr.write(said, lambda text: text))
        except TransferError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The archive is in {folder}. It holds secrets: keep it like a password.")
        if manifest.problems:
            problems = "\n".join(manifest.problems)
            raise CommandError(f"It is complete but for what is wrong in this instance itself:\n{problems}")
