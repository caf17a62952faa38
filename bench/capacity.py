"""What coordination costs: ``python -m bench.capacity`` reads pages with more and more workers.

The engine is a stand-in that takes a known time for a page, without the processor, and reads as many lines as a usual
page has. So what is measured is everything else: database, Redis, storage, and the worker around its engine.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.faults.site import Site, book, done, end_in_order, site, until

if TYPE_CHECKING:
    from documents.models import Run

LINES = 36
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """What has been used so far: seconds of processor, and how much else."""

    database: float
    redis: float
    workers: float
    transactions: int
    wal: int
    commands: int
    stored: int

    def row(self, later: Used, workers: int, pages: int, seconds: float, took: float) -> str:
        """A line of the table: what each page has cost between this and ``later``."""
        ideal = pages * seconds / workers

        def each(name: str, scale: float = 1.0) -> float:
            return float(getattr(later, name) - getattr(self, name)) * scale / pages

        return (
            f"| {workers} | {pages / took:.1f} | {took / ideal - 1:.1%} | {each('database', 1000):.1f} ms, "
            f"{each('transactions'):.0f} transactions, {each('wal') / 1024:.0f} KB | {each('redis', 1000):.2f} ms, "
            f"{each('commands'):.0f} commands | {each('stored') / 1024:.0f} KB | {each('workers', 1000):.0f} ms |"
        )


HEAD = (
    "| Workers | Pages a second | Over the ideal | Database, per page | Redis, per page | Storage, per page "
    "| Worker without engine, per page |\n|---|---|---|---|---|---|---|"
)


def used(running: Site) -> Used:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(xact_commit), pg_current_wal_lsn() - '0/0' FROM pg_stat_database")
        transactions, wal = cursor.fetchone()
        cursor.execute("SELECT pid FROM pg_stat_activity")
        backends = [pid for (pid,) in cursor.fetchall()]
    redis = running.queue.info()
    postmaster = int((running.database.folder / "cluster" / "postmaster.pid").read_text().split()[0])
    workers = [host.process.pid for host in running.hosts]
    return Used(
        database=_seconds([*backends, postmaster]),
        redis=redis["used_cpu_sys"] + redis["used_cpu_user"],
        workers=_seconds(_with_children(workers)),
        transactions=int(transactions),
        wal=int(wal),
        commands=redis["total_commands_processed"],
        stored=sum(path.stat().st_size for path in (running.folder / "media").rglob("*") if path.is_file()),
    )


def _seconds(processes: Iterable[int]) -> float:
    """Processor time of processes and of their children that have ended."""
    total = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def _with_children(processes: Sequence[int]) -> list[int]:
    found = list(processes)
    for process in found:
        children = Path(f"/proc/{process}/task/{process}/children")
        if children.exists():
            found += map(int, children.read_text().split())
    return found


def _await(document: Run, pages: int) -> None:
    """Asks seldom, as each time costs the database something."""
    while done(document) < pages:
        time.sleep(0.5)


def main() -> int:
    end_in_order()
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("workers", type=int, nargs="*", default=[1, 4, 16, 32], help="how many (1 4 16 32)")
    parser.add_argument("--seconds", type=float, default=4.0, help="that a page takes (default: 4)")
    parser.add_argument("--pages", type=int, default=8, help="for each worker (default: 8)")
    arguments = parser.parse_args()
    with site(Site, lease=40, page=arguments.seconds) as running:
        running.lines = LINES
        running.start_reconciler()
        sys.stdout.write(f"{HEAD}\n")
        for workers in arguments.workers:
            while len(running.hosts) < workers:
                running.start_host(f"host{len(running.hosts)}")
            until(lambda: running.workers_known() >= len(running.hosts), 300, "workers start")
            pages = workers * arguments.pages
            document = book(pages)
            _await(document, 1)  # now all are at work
            first, before, begun = done(document), used(running), time.monotonic()
            _await(document, pages)
            took = time.monotonic() - begun
            row = before.row(used(running), workers, pages - first, arguments.seconds, took)
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
