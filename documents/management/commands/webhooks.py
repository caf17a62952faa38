from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from documents.ingest import manifest_imports
from documents.management.repeating import repeat
from documents.models import forget_old_deliveries
from documents.webhooks import delivery

PAUSE = 1.0
"""Seconds between two looks at what is due."""

MANIFESTS_AT_ONCE = 2
"""That are fetched side by side, each by a thread; whoever publishes them is not to be flooded."""

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Sends webhooks what they are to be told, and fetches the images of IIIF manifests, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            while delivery.deliver() or manifest_imports.import_due():
                pass
            return
        for _ in range(MANIFESTS_AT_ONCE):
            arguments = (manifest_imports.import_due, PAUSE)
            threading.Thread(target=repeat, args=arguments, kwargs={"once": False}, daemon=True).start()
        tidy, sender = time.monotonic(), delivery.Sender()
        while True:
            close_old_connections()
            try:
                sender.begin()
                sender.note(PAUSE)
                if time.monotonic() >= tidy:
                    forget_old_deliveries()
                    tidy = time.monotonic() + 3600
            except (DatabaseError, InterfaceError) as error:
                log.warning("Not sent: %s", error)
                time.sleep(10 * PAUSE)
