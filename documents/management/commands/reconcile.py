from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from documents import editing
from documents.library import operations
from documents.models import write_postponed
from documents.processing import queue
from documents.search import index

INDEX_EVERY = 600.0
"""Seconds between two looks at the whole search index, which cost half a second at a hundred thousand pages."""

SESSIONS_EVERY = 3600.0
"""Seconds after which sessions are deleted that have expired: each login, and each try, makes one."""

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Puts runs back in line that the queue has forgotten, deletes what has been in the trash for long "
        "and sessions that have expired, and brings the search index up to date."
    )

    index_due = sessions_due = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="keep running, at this interval")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.stdout.write(f"Jobs added: {queue.reconcile()}")
            write_postponed()
            self.stdout.write(f"Documents deleted: {operations.purge()}")
            call_command("clearsessions")
            self.stdout.write(f"Documents that can be found again: {index.catch_up()}")
            self.stdout.write(f"Pages counted for proof-reading: {editing.count_uncounted()}")
            return
        while True:
            self.reconcile()
            time.sleep(every)

    def reconcile(self) -> None:
        """Once; what fails now is tried again at the next round."""
        close_old_connections()
        try:
            if added := queue.reconcile():
                log.info("Jobs added: %s", added)
            write_postponed()
            if deleted := operations.purge():
                log.info("Documents deleted that were in the trash: %s", deleted)
            if counted := editing.count_uncounted():
                log.info("Pages counted for proof-reading: %s", counted)
            if time.monotonic() >= self.sessions_due:
                call_command("clearsessions")
                self.sessions_due = time.monotonic() + SESSIONS_EVERY
            if time.monotonic() >= self.index_due:
                self.catch_up()
        except (redis.RedisError, DatabaseError, InterfaceError) as error:
            log.warning("Not reconciled: %s", error)

    def catch_up(self) -> None:
        """Brings some documents into the search index that are not in it; the next round takes more, if there are."""
        if found := index.catch_up():
            log.info("Documents that can be found again: %s", found)
        else:
            self.index_due = time.monotonic() + INDEX_EVERY
