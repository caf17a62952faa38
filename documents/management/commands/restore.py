from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.maintenance.backup import restore
from documents.maintenance.snapshots import SnapshotError, Snapshots

from .backup import refuse_other_set_ups


def moment(text: str) -> datetime:
    """A time in ISO 8601; in UTC where it does not say otherwise."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Restores a backup into an empty data folder (OCRSITE_DATA), as it was at a point in time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--at", type=moment, metavar="TIME", help="such as 2026-11-30T10:15 in UTC (the newest)")
        parser.add_argument("--list", action="store_true", help="show the times that can be restored, and do nothing")

    def handle(self, *args: Any, folder: Path, at: datetime | None, list: bool, **options: Any) -> None:
        if list:
            for taken in Snapshots(folder).times():
                self.stdout.write(f"{taken:%Y-%m-%dT%H:%M:%SZ}")
            return
        refuse_other_set_ups()
        try:
            taken = restore(folder, settings.DATA_DIR, at)
        except (OSError, sqlite3.Error, SnapshotError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored as of {taken:%Y-%m-%dT%H:%M:%SZ}. Start the site, then run check_archive.")
