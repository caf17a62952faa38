from __future__ import annotations

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.processing import worker
from recognition.errors import RecognitionError


class Command(BaseCommand):
    help = "Reads pages until it is stopped. One process per processor core; give each on a machine its own --slot."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slot", default="0", help="the place of this worker on its machine (default: 0)")
        parser.add_argument("--burst", action="store_true", help="stop when there is nothing left to read")

    def handle(self, *args: Any, slot: str, burst: bool, **options: Any) -> None:
        try:
            worker.run_worker(f"{socket.gethostname()}-{slot}", burst=burst)
        except RecognitionError as error:  # no engine: say why, in place of a traceback
            raise CommandError(error.message) from error
