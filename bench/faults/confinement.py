"""What confinement costs an honest file: inspected in this process and in a confined one, by turns."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recognition import raster
from recognition.confinement import ConfinedReader
from recognition.confinement.client import Nursery
from tests.support import synthetic_pages

HEAD = (
    "| Upload | Inspected in the web process | Confined | Confinement adds, processor | By the clock (median) |\n"
    "|---|---|---|---|---|"
)
MOST = 0.060
"""Seconds of processor time that confinement may add to an upload."""

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time for one file, in this process and ``confined``; ``longer``: by the clock, of pairs."""

    name: str
    plain: float
    confined: float
    longer: float

    @property
    def more(self) -> float:
        return self.confined - self.plain

    def row(self) -> str:
        """A line of the table under HEAD."""
        plain, confined, more, longer = (
            f"{1000 * seconds:.0f} ms" for seconds in (self.plain, self.confined, self.more, self.longer)
        )
        return f"| {self.name} | {plain} | {confined} | {more} | {longer} |"


def run(pairs: int = 50) -> list[Cost]:
    """One for each kind of file that people upload. Processor time counts in all processes that take part."""
    page = synthetic_pages.horizontal(["臺北市立圖書館閱覽室使用規則"] * 40)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page.save(folder / "page.png")
        page.save(folder / "page.jpg")
        synthetic_pages.scanned_pdf(folder / "scans.pdf", [page] * 20)
        return [
            _compared(kind, folder / file, pairs)
            for kind, file in (("PNG", "page.png"), ("JPEG", "page.jpg"), ("PDF of 20 scans", "scans.pdf"))
        ]


def _compared(kind: str, path: Path, pairs: int) -> Cost:
    def plainly() -> None:
        raster.inspect(path)

    def confined() -> None:
        with ConfinedReader() as reader:
            reader.inspect(path, raster.Limits())

    for first in (plainly, confined):  # what a process does once costs no upload anything
        first()
    pairs_taken = [(_spent(plainly), _spent(confined)) for _ in range(pairs)]
    longer = statistics.median(second[1] - first[1] for first, second in pairs_taken)
    return Cost(
        kind,
        statistics.fmean(first[0] for first, _ in pairs_taken),
        statistics.fmean(second[0] for _, second in pairs_taken),
        longer,
    )


def _spent(action: Callable[[], None]) -> tuple[float, float]:
    """Seconds of processor time, of the nursery and its children too, and by the clock."""
    nursery = Nursery.shared().process.pid
    begun = time.process_time() + _of_family(nursery), time.perf_counter()
    action()
    return time.process_time() + _of_family(nursery) - begun[0], time.perf_counter() - begun[1]


def _of_family(number: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS
