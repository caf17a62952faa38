"""While database or Redis are down, workers wait, and then resume."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import redis
from django.db import InterfaceError, OperationalError, connection

DATABASE_AWAY = (OperationalError, InterfaceError)
AWAY = (*DATABASE_AWAY, redis.ConnectionError, redis.TimeoutError)

PAUSE = 1.0
"""Seconds between two tries. A server that comes back hears from each worker once a second."""

T = TypeVar("T")

log = logging.getLogger(__name__)


def until_back(action: Callable[[], T], give_up: Callable[[], bool] = lambda: False) -> T:
    """What ``action`` returns, which is tried again while database or Redis cannot be reached.

    Once ``give_up`` says so, the error is raised after all.
    """
    waiting = False
    while True:
        try:
            result = action()
        except AWAY as error:
            if give_up():
                raise
            if not waiting:
                log.warning("Waiting for the database or Redis: %s", error)
            waiting = True
            connection.close()
            time.sleep(PAUSE)
        else:
            if waiting:
                log.info("Database and Redis are back")
            return result
