"""Threads beside a job: they renew leases and report the worker as alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection

from documents.models import PageResult

from .outages import AWAY, PAUSE

BEATS = 4
"""Heartbeats within one lease, so that a lease outlasts some that fail."""

SECONDS_TO_END = 5.0

log = logging.getLogger(__name__)


def lease() -> timedelta:
    """How long a page stays with a worker that is not heard of."""
    return timedelta(seconds=settings.OCRSITE_LEASE_SECONDS)


@contextmanager
def holding(claimed: PageResult) -> Iterator[None]:
    """Renews the lease of a page for as long as somebody is at work on it."""

    def renew() -> None:
        if not claimed.renew(lease()):
            log.warning("Page given to another worker meanwhile: number %s", claimed.page.number)

    with beating(renew):
        yield


@contextmanager
def beating(action: Callable[[], None]) -> Iterator[None]:
    """Calls ``action`` at every heartbeat, from a thread; sooner again where database or Redis are away."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(action, done), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(SECONDS_TO_END)


def _beat(action: Callable[[], None], done: threading.Event) -> None:
    every = settings.OCRSITE_LEASE_SECONDS / BEATS
    pause = every
    try:
        while not done.wait(pause):
            pause = every
            try:
                action()
            except AWAY as error:
                log.warning("A heartbeat failed and is tried again: %s", error)
                connection.close()
                pause = min(every, PAUSE)
    finally:
        connection.close()  # each thread has its own
