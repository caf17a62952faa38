from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import vision
from documents.management.repeating import repeat

PAUSE = 2.0
"""Seconds between two looks at which pages wait."""


class Command(BaseCommand):
    help = "Asks the vision model about the pages that people want it to read, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about what waits now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not vision.is_configured():
            raise CommandError("There is no vision model: set OCRSITE_VISION_URL and OCRSITE_VISION_MODEL.")
        repeat(vision.read_due, PAUSE, once=once)
