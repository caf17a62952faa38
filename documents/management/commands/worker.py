from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.processing import slots, worker
from recognition.errors import RecognitionError


class Command(BaseCommand):
    help = "Reads pages until it is stopped. Start one process per processor core."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slot", help="the place of this worker on its machine (default: the first free one)")
        parser.add_argument("--burst", action="store_true", help="stop when there is nothing left to read")

    def handle(self, *args: Any, slot: str | None, burst: bool, **options: Any) -> None:
        try:
            with slots.own_slot(slot) as name:
                worker.run_worker(name, burst=burst)
        except slots.SlotTakenError as error:
            raise CommandError(str(error)) from error
        except RecognitionError as error:  # no engine: say why, in place of a traceback
            raise CommandError(error.message) from error
