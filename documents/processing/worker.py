"""Worker processes: each runs its jobs itself, with the models loaded, until told to stop or grown too large."""

from __future__ import annotations

import logging
import os
import resource
import socket
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import django_rq
from django.conf import settings
from rq import Queue, SimpleWorker, get_current_job, worker_registration
from rq.job import Job

from documents.models import PageResult

from .engine import warm_engine
from .heartbeat import beating
from .outages import until_back
from .queue import INTERACTIVE, MEGABYTES, TASKS, get_queue, reconcile

SECONDS_KNOWN = 60
"""How long a worker that is not heard of is still taken for one."""

log = logging.getLogger(__name__)


class WarmWorker(SimpleWorker):
    """A worker that runs jobs in its own process, where the models stay loaded.

    Its name is its slot and something unique: RQ refuses the name of a worker that it has not yet
    noticed to be dead, while the pages that the dead one held are known by the slot alone.
    """

    current: ClassVar[WarmWorker | None] = None
    max_connection_wait_time = 4.0  # seconds between two tries to reach Redis

    def __init__(self, slot: str) -> None:
        WarmWorker.current = self
        queues = [get_queue(INTERACTIVE), get_queue()]
        super().__init__(
            queues,
            name=f"{slot}.{uuid.uuid4().hex[:8]}",
            connection=django_rq.get_connection(INTERACTIVE),  # of its own: it waits for jobs longer than others may
            serializer=queues[0].serializer,
            worker_ttl=SECONDS_KNOWN,
        )
        self._heartbeats = ExitStack()

    @classmethod
    def is_stopping(cls) -> bool:
        """Whether this process has been asked to stop: a job then leaves after the page at hand."""
        return cls.current is not None and bool(cls.current._stop_requested)

    def register_birth(self) -> None:
        super().register_birth()  # type: ignore[no-untyped-call]
        self._heartbeats.enter_context(beating(self.stay_known))

    def register_death(self) -> None:
        self._heartbeats.close()  # first, else it might rise again
        super().register_death()  # type: ignore[no-untyped-call]

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Says that this worker is there. RQ would have one be known for 7 minutes after it died in a job."""
        super().heartbeat(SECONDS_KNOWN, pipeline=pipeline)

    def stay_known(self) -> None:
        """A heartbeat from a thread: RQ's own come between jobs only. Registers again if Redis has forgotten."""
        if not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
        self.connection.hset(self.key, MEGABYTES, resident_megabytes())
        worker_registration.register(self)
        self.heartbeat()

    def execute_job(self, job: Job, queue: Queue) -> None:
        if not is_ours(job):
            log.error("Refused: a job in the queue asks for %r, which is none of the platform's", job.func_name)
            job.delete()
            return
        super().execute_job(job, queue)
        if resident_megabytes() > settings.OCRSITE_WORKER_MEGABYTES:
            log.info("Recycled: the worker has grown over %s MB", settings.OCRSITE_WORKER_MEGABYTES)
            self._stop_requested = True


def is_ours(job: Job) -> bool:
    """Whether a job asks for one of our tasks and nothing else: RQ would call whatever function is written in Redis."""
    callbacks = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    return job.func_name in TASKS and not any(callbacks)


def run_worker(slot: str, *, burst: bool = False) -> None:
    """Works until told to stop, or grown too large; a supervisor starts the next one.

    ``slot`` names the place of this worker, which only one live process has (``slots``). So whatever an earlier one
    still holds there was lost with it and is handed back first.
    """
    released = until_back(lambda: PageResult.objects.release(slot))
    if released:
        log.warning("Pages returned to the queue from the previous worker in %s: %s", slot, released)
    warm_engine(settings.OCRSITE_MODEL).warm()
    until_back(reconcile)
    WarmWorker(slot).work(burst=burst, logging_level="WARNING")


def worker_slot() -> str:
    """The slot of the worker that runs the current job."""
    job = get_current_job()
    name = job.worker_name if job else None
    return name.rpartition(".")[0] if name else f"{socket.gethostname()}-{os.getpid()}-inline"


def resident_megabytes() -> int:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20
