from __future__ import annotations

import logging
import time
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from recognition import jobs

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Puts runs back in line that the database calls unfinished and the queue has forgotten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, at this interval")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.stdout.write(f"Jobs added: {jobs.reconcile()}")
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
        except (redis.RedisError, DatabaseError) as error:
            log.warning("Not reconciled: %s", error)
