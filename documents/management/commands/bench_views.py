from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test.utils import override_settings

from bench import lists


class Command(BaseCommand):
    help = (
        "Measures the list of documents in an archive of made-up ones, in a throw-away database on the server that "
        "DATABASE_URL names, or in SQLite (docs/benchmarks.md)."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--documents", type=int, default=100_000, metavar="N", help="(default: 100000)")

    def handle(self, *args: Any, documents: int, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing has been collected
            before = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}):
                    self.measure(documents)
            finally:
                connection.creation.destroy_test_db(before, verbosity=0)

    def measure(self, documents: int) -> None:
        people = lists.create_users()
        for written in lists.create_documents(documents):
            self.stderr.write(f"{written} of {documents} documents written", lambda text: text)
        if connection.vendor == "postgresql":  # as its autovacuum would
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        self.stdout.write(f"{connection.vendor}, {documents:,} documents; milliseconds of the start page\n\n")
        self.stdout.write(f"| list | {' | '.join(people)} |\n|---|{'---|' * len(people)}")
        for view, query in lists.VIEWS.items():
            self.stdout.write(lists.table_row(view, [lists.time_list(user, query) for user in people.values()]))
