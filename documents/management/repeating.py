"""What long-running commands have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, close_old_connections

log = logging.getLogger(__name__)


def repeat(step: Callable[[], object], pause: float, *, once: bool) -> None:
    """Calls ``step`` until it is stopped, or ``once``: until there is nothing to do.

    ``step`` says whether it has done something. If not, it is called again after ``pause`` seconds, and after more if
    the database is away. ``once`` raises what the database says.
    """
    while True:
        wait = pause
        try:
            if step():
                continue
        except (DatabaseError, InterfaceError) as error:
            if once:
                raise
            log.warning("Nothing done: %s", error)
            wait = 5 * pause
        if once:
            return
        time.sleep(wait)
        close_old_connections()  # not within the transaction of whoever calls this once
