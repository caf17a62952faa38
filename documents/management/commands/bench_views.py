from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test.utils import override_settings

from bench import views


class Command(BaseCommand):
    help = (
        "Measures lists, documents, searches and the administration in an archive of made-up documents, in a "
        "throw-away database on the server that DATABASE_URL names, or in SQLite (docs/benchmarks.md)."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--documents", type=int, default=100_000, metavar="N", help="(default: 100000)")

    def handle(self, *args: Any, documents: int, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            local = {"BACKEND": "ocrsite.local_storage.LocalStorage", "OPTIONS": {"location": folder}}
            plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nothing has been collected
            before = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                with override_settings(
                    STORAGES={"default": local, "staticfiles": plain},
                    OCRSITE_USER_SEARCHES_A_MINUTE=10**9,  # nobody opens as much as this
                ):
                    self.measure(documents)
            finally:
                connection.creation.destroy_test_db(before, verbosity=0)

    def measure(self, documents: int) -> None:
        people = views.create_users()
        boss = User.objects.create_superuser("boss")
        for written in views.create_documents(documents):
            self.stderr.write(f"{written} of {documents} documents written", lambda text: text)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")  # as its autovacuum would
                cursor.execute("SET max_parallel_workers_per_gather = 0")  # the time of others is not seen
        self.stdout.write(
            f"{connection.vendor}, {documents:,} documents; milliseconds of processor / number of queries\n"
        )
        self.show({name: views.measure(user, views.lists(user)) for name, user in people.items()})
        self.show({name: views.measure(user, views.SEARCHES) for name, user in people.items()})
        owner, user = next(iter(people.items()))
        self.show({owner: views.measure(user, views.reading(user))})
        self.show({"administrator": views.measure(boss, views.administration())})

    def show(self, costs: dict[str, dict[str, views.Cost]]) -> None:
        self.stdout.write("\n".join(["", *views.table(costs)]))
