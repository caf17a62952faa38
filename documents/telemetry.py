"""What the platform tells of its work: counters for whoever measures it, and the context of each line of the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache

import redis
from django.conf import settings

from documents.redis_answers import SECONDS_TO_ANSWER, asking

COUNTERS = "ocrsite:counters"
"""Of all processes together, in Redis: lost with it, which those who read counters are used to."""

_context: ContextVar[dict[str, str] | None] = ContextVar("context", default=None)


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Adds to a counter. What cannot be counted is not worth an error."""
    try:
        field = json.dumps([name, sorted(labels.items())])
        with asking():
            connection().hincrbyfloat(COUNTERS, field, amount)
    except redis.RedisError:
        logging.getLogger(__name__).debug("Not counted: %s", name)


def count_child(reason: str) -> None:
    """Counts a confined process that ended before its time; ``reason``: the code of the error."""
    count("children_ended", reason=reason)


def counters() -> Iterator[tuple[str, dict[str, str], float]]:
    """Name, labels and value of each counter. Raises redis.RedisError."""
    found = connection().hgetall(COUNTERS)
    for field, value in sorted(found.items()):
        name, labels = json.loads(field)
        yield name, dict(labels), float(value)


def connection() -> redis.Redis:
    """The Redis of the platform. Who gets no answer within two seconds gets a redis.RedisError; see ``asking``."""
    return _connection(settings.RQ_QUEUES["recognition"]["URL"])


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Names what the lines of the log are about that are written inside: a request, a run."""
    token = _context.set((_context.get() or {}) | ids)
    try:
        yield
    finally:
        _context.reset(token)


class JsonFormatter(logging.Formatter):
    """A line of the log as one JSON object, with what it is ``about``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **(_context.get() or {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@cache
def _connection(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=SECONDS_TO_ANSWER)
