from __future__ import annotations

import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from bench import search
from documents.search import index

OWNERS = 100


class Command(BaseCommand):
    help = (
        "Measures indexing and searching in an archive of made-up pages, in a throw-away database on the server "
        "that DATABASE_URL names, or in SQLite (docs/benchmarks.md)."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pages", type=int, default=100_000, metavar="N", help="(default: 100000)")
        parser.add_argument("--meaning", action="store_true", help="search by meaning, in one chunk a page")

    def handle(self, *args: Any, pages: int, meaning: bool, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            if connection.vendor == "sqlite":
                connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
            before = connection.settings_dict["NAME"]
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            try:
                (self.measure_meaning if meaning else self.measure)(pages)
            finally:
                connection.creation.destroy_test_db(before, verbosity=0)

    def written(self, pages: int) -> tuple[list[User], User]:
        """Owners of documents with as many pages, and a reader of all."""
        owners, reader, folder = search.create_users(OWNERS)
        for written in search.create_documents(pages, owners, folder):
            self.say(f"{written} of {pages} pages written")
        return owners, reader

    def measure_meaning(self, pages: int) -> None:
        owners, reader = self.written(pages)
        search.create_vectors()
        self.stdout.write(f"{connection.vendor}, {pages:,} chunks of {search.DIMENSIONS} dimensions\n")
        self.stdout.write("| who sees | median, ms | worst, ms | this process's processors, median, ms | memory, MB |")
        self.stdout.write("|---|---|---|---|---|")
        for who, user in (("all", reader), (f"one in {OWNERS}", owners[7])):
            clock, processor = ([1000 * each for each in times] for times in search.time_meanings(user, 20))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            times = f"{statistics.median(clock):.0f} | {max(clock):.0f} | {statistics.median(processor):.0f}"
            self.stdout.write(f"| {who} | {times} | {memory} |")

    def measure(self, pages: int) -> None:
        owners, reader = self.written(pages)
        start = time.perf_counter()
        for documents, entries in index.rebuild():
            self.say(f"{documents} documents, {entries} entries indexed")
        each = (time.perf_counter() - start) / pages
        if connection.vendor == "postgresql":  # as its autovacuum would
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        self.stdout.write(f"{connection.vendor}, {pages:,} pages\n\nRebuilding: {1000 * each:.1f} ms a page")
        changed = [1000 * seconds for seconds in search.time_changes(200)]
        self.stdout.write(f"A page changed: median {statistics.median(changed):.1f} ms, worst {max(changed):.0f} ms")
        self.stdout.write(f"Index: {search.index_bytes() / search.text_bytes():.2f} bytes for each byte of text")
        for who, user in (("all pages", reader), (f"one page in {OWNERS}", owners[7])):
            self.stdout.write(f"\n| characters, by who sees {who} | hits, mean | median, ms | worst, ms |")
            self.stdout.write("|---|---|---|---|")
            for length in range(1, 9):
                self.stdout.write(search.table_row(search.time_queries(user, length)))

    def say(self, message: str) -> None:
        self.stderr.write(message, lambda text: text)
