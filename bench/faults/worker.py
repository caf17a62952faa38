"""A worker process whose engine is a stand-in: it takes a known time for a page and reads one line."""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

import django


class StandIn:
    def __init__(self, seconds: float) -> None:
        self.seconds_per_page = seconds
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
        from recognition.page import Line

        time.sleep(self.seconds_per_page)
        return [Line("台北", 0.9, ((1, 1), (9, 1), (9, 4), (1, 4)))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.faults.worker", description=__doc__)
    parser.add_argument("--slot")
    parser.add_argument("--seconds", type=float, default=0.2, help="for a page (default: 0.2)")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocrsite.settings")
    django.setup()

    import recognition.engine
    from documents.processing import slots, worker

    recognition.engine.load = lambda *args, **options: StandIn(arguments.seconds)  # type: ignore[assignment]
    with slots.own_slot(arguments.slot) as name:
        worker.run_worker(name)


if __name__ == "__main__":
    main()
