"""Whether everything is there that a document needs on its way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from documents.processing import queue
from documents.processing.worker import SECONDS_KNOWN
from recognition import weights

PATIENCE = 5.0
"""Seconds that all checks together may take."""


class NotReadyError(Exception):
    """What is missing, in words."""


def database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()  # this thread may not be asked again for long


def redis() -> None:
    queue.get_queue().connection.ping()


def storage() -> None:
    default_storage.exists("originals")


def disk() -> None:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < settings.OCRSITE_DISK_RESERVE:
        reserve = settings.OCRSITE_DISK_RESERVE // 2**20
        raise NotReadyError(f"{free // 2**20} MB are free, less than the reserve of {reserve} MB.")


def model() -> None:
    if not weights.installed(settings.OCRSITE_MODEL, settings.OCRSITE_WEIGHTS):
        raise NotReadyError(f"The model {settings.OCRSITE_MODEL} is not installed.")


def workers() -> None:
    since = timezone.now() - timedelta(seconds=SECONDS_KNOWN)
    if not any(worker.seen and worker.seen >= since for worker in queue.workers()):
        raise NotReadyError("No worker is running.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "redis": redis,
    "storage": storage,
    "disk": disk,
    "weights": model,
    "workers": workers,
}

_pool = ThreadPoolExecutor(max_workers=len(CHECKS), thread_name_prefix="readiness")
_asked: dict[str, Future[None]] = {}


def missing() -> dict[str, str]:
    """What is missing or does not answer, with the reason; empty if all is there.

    A check that still hangs from an earlier call is not begun a second time.
    """
    for name, check in CHECKS.items():
        if name not in _asked or _asked[name].done():
            _asked[name] = _pool.submit(check)
    asked = dict(_asked)
    wait(asked.values(), PATIENCE)
    return {name: reason for name, future in asked.items() if (reason := _reason(future))}


def _reason(future: Future[None]) -> str:
    if not future.done():
        return f"No answer within {PATIENCE:g} s."
    error = future.exception()
    if isinstance(error, NotReadyError):
        return str(error)
    return f"Failed: {type(error).__name__}." if error else ""  # its words may name hosts and users
