"""How long a program waits for the text of one small picture, beyond reading it: ``python -m bench.service``.

The set-up that ``make run`` starts, with one worker, is asked for a picture again and again by ``recognise/``. In turn
with it, this process reads the same picture, with the same engine and one thread; that is what the engine allows.
Processor time is that of all processes of the set-up. It needs what ``make test`` installs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from recognition import engine, pipeline
from recognition.options import Options
from tests.support import synthetic_pages
from tests.support.stack import ROOT, USER, Platform, platform

RECEIPT = ["咖啡館 收據", "統一編號 04595257", *(f"品項 {number} 咖啡豆 {number * 85} 元" for number in range(1, 11))]
TICKS = os.sysconf("SC_CLK_TCK")
HEAD = """| | by the clock, ms | beyond reading | processor, ms | beyond reading |
| --- | ---: | ---: | ---: | ---: |
"""
ISSUE = f"""
import django; django.setup()
from datetime import timedelta
from django.contrib.auth.models import User
from documents.models import AccessToken, Scope
user = User.objects.get(username={USER!r})
print(AccessToken.issue(user, "bench", Scope.WRITE, timedelta(days=1))[1])
"""


@dataclass
class Taken:
    """Seconds by the clock of each time, and of the processor in all."""

    clock: list[float] = field(default_factory=list)
    processor: float = 0.0

    def time(self, action: Callable[[], None], processor: Callable[[], float]) -> None:
        used, begun = processor(), time.perf_counter()
        action()
        self.clock.append(time.perf_counter() - begun)
        self.processor += processor() - used

    def row(self, name: str, reading: Taken) -> str:
        median, alone = statistics.median(self.clock), statistics.median(reading.clock)
        used = self.processor / len(self.clock)
        return (
            f"| {name} | {1000 * median:.0f} | {median / alone - 1:+.1%} "
            f"| {1000 * used:.0f} | {self.processor / reading.processor - 1:+.1%} |\n"
        )


def processor_of(site: Platform) -> float:
    """Processor time of all processes of the set-up, and of those of their children that have ended."""
    total = 0
    for number in site.processes():
        try:
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def token_of(site: Platform, weights: Path) -> str:
    environment = os.environ | {"OCRSITE_DATA": str(site.data), "OCRSITE_WEIGHTS": str(weights)}
    environment |= {"DJANGO_SETTINGS_MODULE": "ocrsite.settings"}
    issued = subprocess.run(
        [sys.executable, "-c", ISSUE], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return issued.stdout.strip()


def measure(picture: Path, times: int, weights: Path) -> str:
    reader = engine.load(folder=weights)
    with platform(weights) as site, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token_of(site, weights)}"

        def read() -> None:
            list(pipeline.recognise(picture, Options(), reader))

        def ask(keep: str) -> Callable[[], None]:
            def send() -> None:
                with picture.open("rb") as file:
                    address = f"{site.url}/api/v1/recognise/?keep={keep}"
                    answer = session.post(address, files={"file": file}, timeout=90)
                assert answer.status_code == 200, answer.text

            return send

        def used() -> float:
            return processor_of(site)

        alone, passing, kept = Taken(), Taken(), Taken()
        for warm_up in (read, ask("false"), ask("true")):
            warm_up()
        for _ in range(times):
            alone.time(read, time.process_time)
            passing.time(ask("false"), used)
            kept.time(ask("true"), used)
    rows = {"reading alone": alone, "`recognise/?keep=false`": passing, "`recognise/`, kept as a document": kept}
    return HEAD + "".join(taken.row(name, alone) for name, taken in rows.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.service", description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path, metavar="FILE", help="default: a drawn receipt")
    parser.add_argument("--times", type=int, default=30, metavar="N", help="how often it is read (default: 30)")
    parser.add_argument("--weights", type=Path, default=Path("var/weights"), metavar="DIR", help="default: var/weights")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        picture = arguments.picture or Path(folder) / "receipt.png"
        if arguments.picture is None:
            synthetic_pages.horizontal(RECEIPT, 32).save(picture)
        sys.stdout.write(measure(picture, arguments.times, arguments.weights.resolve()))


if __name__ == "__main__":
    main()
