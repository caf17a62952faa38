from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import proposals
from documents.management.repeating import repeat
from documents.proposals import asking

PAUSE = 2.0
"""Seconds between two looks at which lines wait."""


class Command(BaseCommand):
    help = "Asks the language model about the lines that people want proposals for, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask about what waits now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if not proposals.is_configured():
            raise CommandError("There is no language model: set OCRSITE_LLM_URL and OCRSITE_LLM_MODEL.")
        repeat(asking.propose_due, PAUSE, once=once)
