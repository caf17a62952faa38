from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from documents import proposals
from documents.proposals import asking

PAUSE = 2.0
"""Seconds between two looks at which lines wait."""

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Asks the language model about the lines that people want proposals for, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about what waits now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not proposals.is_configured():
            raise CommandError("There is no language model: set OCRSITE_LLM_URL and OCRSITE_LLM_MODEL.")
        while True:
            close_old_connections()
            try:
                if not asking.propose_due():
                    if once:
                        return
                    time.sleep(PAUSE)
            except (DatabaseError, InterfaceError) as error:
                log.warning("Nothing asked: %s", error)
                time.sleep(5 * PAUSE)
