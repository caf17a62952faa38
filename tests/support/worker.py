"""A worker in the process of the tests."""

from __future__ import annotations

import signal

from documents.processing import worker


def run_worker(slot: str = "desk") -> None:
    """A worker that reads until nothing is left in line."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        worker.run_worker(slot, burst=True)
    finally:  # RQ's worker takes the signals of its process, which here is that of the tests
        for number, handler in before.items():
            signal.signal(number, handler)
