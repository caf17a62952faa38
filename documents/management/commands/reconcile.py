from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from documents import organise
from recognition import jobs

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Puts runs back in line that the queue has forgotten, and deletes what has been in the trash for long."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, at this interval")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.stdout.write(f"Jobs added: {jobs.reconcile()}")
            self.stdout.write(f"Documents deleted: {organise.purge()}")
            return
        while True:
            self.reconcile()
            time.sleep(every)

    def reconcile(self) -> None:
        """Once; what fails now is tried again at the next round."""
        close_old_connections()
        try:
            if added := jobs.reconcile():
                log.info("Jobs added: %s", added)
            if deleted := organise.purge():
                log.info("Documents deleted that were in the trash: %s", deleted)
        except (redis.RedisError, DatabaseError) as error:
            log.warning("Not reconciled: %s", error)
