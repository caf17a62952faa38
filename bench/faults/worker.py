"""A worker process whose engine is a stand-in: it takes a known time for a page and reads some lines."""

from __future__ import annotations

import argparse
import os
import random
import time
from typing import Any

import django


class StandIn:
    def __init__(self, seconds: float, lines: int) -> None:
        self.seconds_per_page, self.lines = seconds, lines
        self.seconds: dict[str, float] = {}

    def metadata(self) -> dict[str, str]:
        return {"backend": "stand-in", "model": "none"}

    def warm(self) -> None:
        pass

    def orientation(self, image: object) -> int:
        return 0

    def read_line(self, image: object, direction: str) -> None:
        return None

    def read(self, image: object) -> list[Any]:
        time.sleep(self.seconds_per_page)
        return [_line(1 + 5 * number) for number in range(self.lines)]


def _line(top: int) -> Any:
    """A line of 24 characters by chance, so that it takes the space that lines take."""
    from recognition.page import Line

    text = "".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(24))
    positions = tuple((n + random.random()) / len(text) for n in range(len(text)))
    return Line(text, 0.9, ((1, top), (201, top), (201, top + 4), (1, top + 4)), positions=positions)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.faults.worker", description=__doc__)
    parser.add_argument("--slot")
    parser.add_argument("--seconds", type=float, default=0.2, help="for a page (default: 0.2)")
    parser.add_argument("--lines", type=int, default=1, help="of a page (default: 1)")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    django.setup()

    import recognition.engine
    from documents.processing import slots, worker

    recognition.engine.load = lambda *args, **options: StandIn(arguments.seconds, arguments.lines)  # type: ignore[assignment]
    with slots.own_slot(arguments.slot) as name:
        worker.run_worker(name)


if __name__ == "__main__":
    main()
