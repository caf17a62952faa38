"""One function for each thing that can fail: it breaks that, waits until all is well, and says what it cost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.test import override_settings

from documents.processing.slots import host_id

from .site import Site, book, done, until

if TYPE_CHECKING:
    from documents.models import Run

PAGES = 24
PATIENCE = 900.0
"""Seconds for what may take long on a machine with much other work."""


@dataclass(frozen=True)
class Outcome:
    """``lost``: pages that were not read in the end. ``again``: that were begun more than once.

    ``seconds``: from when all was there again, or from the loss of what does not come back, until work went on.
    """

    lost: int
    again: int
    seconds: float


def database_restarted(site: Site, away: float) -> Outcome:
    """The database stops in the middle of pages and starts again later."""
    from django.db import connection

    run = _begun(site)
    connection.close()
    site.database.stop()
    time.sleep(away)
    site.database.start()
    before = done(run)
    return _outcome(run, until(lambda: done(run) > before, PATIENCE, "a page is read after the database is back"))


def redis_emptied(site: Site, away: float) -> Outcome:
    """Redis forgets everything; until all workers are known again."""
    run = _begun(site)
    site.queue.flushall()
    return _outcome(
        run, until(lambda: site.workers_known() >= len(site.hosts), PATIENCE, "all workers are known again")
    )


def redis_restarted(site: Site, away: float) -> Outcome:
    """Redis ends and starts again later, empty; a document that came meanwhile is read."""
    run = _begun(site)
    site.redis.kill()
    site.redis.wait()
    other = book(PAGES)
    time.sleep(away)
    site.start_redis()
    seconds = until(lambda: done(other), PATIENCE, "a page is read after Redis is back")
    outcome = _outcome(run, seconds)
    until(lambda: site.workers_known() >= len(site.hosts), PATIENCE, "all workers are known again")
    return Outcome(outcome.lost + _outcome(other, seconds).lost, outcome.again, seconds)


def worker_killed(site: Site, away: float) -> Outcome:
    """A worker is killed in the middle of a page; its successor takes the page back."""
    run = _begun(site)
    site.hosts[0].process.kill()
    return _outcome(run, _until_read(run, site))


def host_lost(site: Site, away: float) -> Outcome:
    """A host with a worker is gone for good; another host reads the page that it held."""
    run = _begun(site)
    site.hosts[0].lose()
    outcome = _outcome(run, _until_read(run, site))
    site.hosts[0] = site.start_host("one")
    site.hosts.pop()
    return outcome


def host_frozen(site: Site, away: float) -> Outcome:
    """A host stands still in the middle of a page for longer than its lease, and goes on then."""
    run = _begun(site)
    site.hosts[0].process.send_signal(signal.SIGSTOP)
    seconds = _until_read(run, site)
    site.hosts[0].process.send_signal(signal.SIGCONT)
    return _outcome(run, seconds)


SCENARIOS: dict[str, Callable[[Site, float], Outcome]] = {
    each.__name__.replace("_", "-"): each
    for each in (database_restarted, redis_emptied, redis_restarted, worker_killed, host_lost, host_frozen)
}


def _begun(site: Site) -> Run:
    """A run that both hosts are in the middle of."""
    until(lambda: site.workers_known() >= len(site.hosts), PATIENCE, "workers start")
    run = book(PAGES)
    running = run.results.filter(state="running").values("worker").distinct()
    until(lambda: done(run) >= 2 and running.count() == len(site.hosts), PATIENCE, "all workers begin")
    return run


def _until_read(run: Run, site: Site) -> float:
    """Waits until the pages are read that the first host held when it stopped; the seconds that took."""
    with override_settings(DATA_DIR=site.folder / site.hosts[0].name):
        host = host_id()
    held = list(run.results.filter(state="running", worker__endswith=host).values_list("pk", flat=True))
    unread = run.results.filter(pk__in=held).exclude(state="done")
    return until(lambda: not unread.exists(), 2 * site.lease + PATIENCE, "its page is read")


def _outcome(run: Run, seconds: float) -> Outcome:
    until(lambda: not run.results.filter(state__in=["queued", "running"]).exists(), PATIENCE, "the document is read")
    return Outcome(PAGES - done(run), run.results.filter(attempts__gt=1).count(), seconds)
