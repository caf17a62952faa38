from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.maintenance.backup import back_up
from documents.maintenance.snapshots import SnapshotError


class Command(BaseCommand):
    help = (
        "Backs up a site on one machine (SQLite, files in the data folder) while people work. The first time it copies "
        "everything, later only what is new."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="where backups are, best on another disk")
        parser.add_argument("--every", type=int, metavar="SECONDS", help="go on, and back up so often")
        parser.add_argument("--keep", type=int, default=30, metavar="DAYS", help="how far back to keep (default: 30)")

    def handle(self, *args: Any, folder: Path, every: int | None, keep: int, **options: Any) -> None:
        refuse_other_set_ups()
        while True:
            try:
                saved = back_up(settings.DATA_DIR, folder, datetime.now(UTC), timedelta(days=keep))
            except (OSError, sqlite3.Error, SnapshotError) as error:
                if not every:
                    raise CommandError(f"The backup failed: {error}") from error
                self.stderr.write(f"The backup failed and is tried again: {error}")
            else:
                self.stdout.write(f"{saved.taken:%Y-%m-%dT%H:%M:%SZ}: {saved.files} new files, {saved.bytes} new bytes")
            if not every:
                return
            time.sleep(every)


def refuse_other_set_ups() -> None:
    """Raises CommandError where database or files are elsewhere."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not on_sqlite or "location" not in settings.STORAGES["default"]["OPTIONS"]:
        raise CommandError(
            "This backs up a site with SQLite and files in the data folder. For PostgreSQL and S3 see "
            "docs/administration.md, 'Back up'."
        )
