from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.maintenance.manifest import TransferError
from documents.maintenance.restore import restore_archive


class Command(BaseCommand):
    help = "Takes what export_archive wrote into this instance, which must be empty: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = restore_archive(folder, lambda said: self.stderr.write(said, lambda text: text))
        except TransferError as error:
            raise CommandError(str(error)) from error
        for problem in manifest.problems:
            self.stderr.write(f"As in the instance it comes from: {problem}")
        self.stdout.write(f"The archive of {manifest.created} is in. Restart the platform's processes.")
