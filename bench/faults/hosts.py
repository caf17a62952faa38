"""Several hosts for real: ``python -m bench.faults.hosts``.

PostgreSQL, Redis and an S3-compatible storage on one host, workers on three others, each host in a network of its own
and without a folder that they share. They read one document together. Meanwhile one is cut off, and one freezes.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tests.support import object_storage

from .network import SERVERS, Network, NoRightsError, network
from .site import Site, book, done, end_in_order, site, until

if TYPE_CHECKING:
    from documents.models import Run

HOSTS = ("one", "two", "three")
S3_PORT = 9000
STORAGE = f"http://{SERVERS}:{S3_PORT}"
HEAD = (
    "| Pages | Read by each host | Pages lost | Pages begun again | Others had read their pages after |\n"
    "|---|---|---|---|---|"
)
NO_RIGHTS = 3
"""The exit status where this machine does not let us make networks."""


class NetworkSite(Site):
    """A site whose parts meet in a network only."""

    network: ClassVar[Network]

    def addresses(self) -> dict[str, str]:
        return {
            "REDIS_URL": f"redis://{SERVERS}:6379",
            "S3_BUCKET": "ocrsite",
            "S3_ENDPOINT_URL": STORAGE,
            **object_storage.KEYS,
        }

    def inside(self, host: str) -> list[str]:
        return self.network.inside(host) if host in HOSTS else []

    def data(self, host: str) -> Path:
        folder = self.folder / host
        folder.mkdir(exist_ok=True)
        return folder

    def redis_options(self) -> list[str]:
        return ["--port", "6379", "--bind", SERVERS, "--protected-mode", "no"]

    def start_storage(self) -> None:
        """An S3-compatible server with an empty bucket."""
        self.start(*object_storage.command(SERVERS, S3_PORT))
        until(lambda: object_storage.is_made(STORAGE, "ocrsite"), 60, "the storage starts")


def run(pages: int, lease: int, seconds: float) -> str:
    """The row of a table: what happened, and what it cost. Raises NoRightsError, TooLongError and AssertionError."""
    with network(HOSTS) as made:
        NetworkSite.network = made
        with site(NetworkSite, lease, seconds, SERVERS) as running:
            running.start_storage()
            running.start_reconciler()
            for host in HOSTS:
                running.start_host(host)
            return _read_together(running, pages)


def _read_together(running: NetworkSite, pages: int) -> str:
    until(lambda: running.workers_known() == len(HOSTS), 90, "workers start on all hosts")
    document = book(pages)
    results = document.results.all()
    reading = results.filter(state="running").values("worker").distinct()
    until(lambda: len(_readers(document)) == reading.count() == len(HOSTS), 90, "all hosts read")
    running.network.pull(HOSTS[0])
    running.hosts[1].process.send_signal(signal.SIGSTOP)
    held = results.filter(pk__in=list(results.filter(state="running").values_list("pk", flat=True)))
    alone = until(lambda: not held.exclude(state="done").exists(), 4 * running.lease + 90, "others read their pages")
    running.network.plug(HOSTS[0])
    running.hosts[1].process.send_signal(signal.SIGCONT)
    until(lambda: done(document) == pages, 300, "the document is read")
    document.refresh_from_db()
    assert document.state == "done"
    assert results.count() == results.values("page").distinct().count() == pages
    assert all(len(result.lines) == 1 for result in results)
    _check_images(document)
    again = results.filter(attempts__gt=1).count()
    shares = ", ".join(map(str, sorted(_readers(document).values())))
    return f"| {pages} | {shares} | {pages - done(document)} | {again} | {alone:.1f} s |"


def _readers(document: Run) -> Counter[str]:
    """How many pages each host has read; a host is the end of a worker's name."""
    done_by = document.results.filter(state="done").values_list("worker", flat=True)
    return Counter(worker.rpartition("-")[2] for worker in done_by)


def _check_images(document: Run) -> None:
    """Every page has its two pictures, but for those that a host held when it lost the storage: a text is worth more
    than its picture, which ``check_archive`` draws anew. Whoever lost a page may have left further pictures."""
    from django.core.files.storage import default_storage

    folder = f"pages/{document.document_id}"
    _, there = default_storage.listdir(folder)
    stored = {f"{folder}/{name}" for name in there}
    drawn = list(document.document.pages.exclude(image=""))
    assert len(drawn) >= document.document.pages.count() - len(HOSTS)
    for page in drawn:
        assert {page.image.name, page.thumbnail.name} <= stored, page


def main() -> int:
    end_in_order()
    parser = argparse.ArgumentParser(prog="python -m bench.faults.hosts", description=__doc__)
    parser.add_argument("--pages", type=int, default=200, help="of the document (default: 200)")
    parser.add_argument("--lease", type=int, default=10, metavar="SECONDS", help="OCRSITE_LEASE_SECONDS (10)")
    parser.add_argument("--seconds", type=float, default=0.2, help="that a page takes (default: 0.2)")
    arguments = parser.parse_args()
    try:
        row = run(arguments.pages, arguments.lease, arguments.seconds)
    except NoRightsError as error:
        sys.stderr.write(f"This machine does not let us make networks: {error}\n")
        return NO_RIGHTS
    sys.stdout.write(f"{HEAD}\n{row}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
