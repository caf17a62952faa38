from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from documents import vision

PAUSE = 2.0
"""Seconds between two looks at which pages wait."""

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Asks the vision model about the pages that people want it to read, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about what waits now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not vision.is_configured():
            raise CommandError("There is no vision model: set OCRSITE_VISION_URL and OCRSITE_VISION_MODEL.")
        while True:
            close_old_connections()
            try:
                if not vision.read_due():
                    if once:
                        return
                    time.sleep(PAUSE)
            except (DatabaseError, InterfaceError) as error:
                log.warning("Nothing asked: %s", error)
                time.sleep(5 * PAUSE)
