"""For requests of people, who cannot wait for a Redis that does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings

SECONDS_TO_ANSWER = 2
"""It usually takes a thousandth of that."""

SECONDS_LEFT_ALONE = 5
"""After a question without an answer: one request of many waits for it, and not each of them for each question."""

_silent_until: dict[str, float] = {}


@contextmanager
def asking(url: str = "") -> Iterator[None]:
    """Around a question to the Redis at ``url``, or the queue's; raises redis.RedisError at once if it is silent."""
    url = url or settings.RQ_QUEUES["recognition"]["URL"]
    if time.monotonic() < _silent_until.get(url, 0):
        raise redis.ConnectionError("Redis did not answer a moment ago.")
    try:
        yield
    except redis.TimeoutError:
        _silent_until[url] = time.monotonic() + SECONDS_LEFT_ALONE
        raise
