"""Calls workers to runs. The database says what is to be done; what the queue loses, ``reconcile`` makes good."""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import django_rq
import redis
from django.utils import timezone
from rq import Queue, Worker

from documents.models import UNFINISHED, PageResult, Run, State

QUEUE = "recognition"
INTERACTIVE = "interactive"
"""The queue that workers look at first: somebody sits there and waits."""

WORK_ON_RUN = "documents.processing.tasks.work_on_run"
READ_REGION = "documents.processing.interactive.read"
"""Named, not imported: the tasks import this module."""

TASKS = frozenset({WORK_ON_RUN, READ_REGION})
"""All that workers do, whatever else is written into the queue."""

log = logging.getLogger(__name__)


def get_queue(name: str = QUEUE) -> Queue:
    # Callers decide when to enqueue (on commit), so django-rq need not.
    queue: Queue = django_rq.get_queue(name, commit_mode="auto")
    return queue


def enqueue_workers(run: Run, queue: str = QUEUE) -> None:
    """Calls workers to a run: one job for each worker, but no more than there are pages to read.

    ``queue``: INTERACTIVE for what somebody waits for; after a worker's time slice it continues like any other.
    Without Redis the run stays waiting in the database, and ``reconcile`` calls workers later.
    """
    try:
        enqueue(run, _wanted(run), queue)
    except redis.RedisError:
        log.warning("Redis is unreachable: run %s waits until it is back", run.pk)


def reconcile() -> int:
    """Calls workers to every unfinished run that fewer are called to or at work on than it could use.

    Makes good whatever was lost between database and queue: a flushed Redis, a worker killed in the
    middle of a job, an upload while Redis was down. Returns the jobs added.
    """
    waiting = [*get_queue().get_job_ids(), *get_queue(INTERACTIVE).get_job_ids()]
    called = Counter(job_id.rpartition("-")[0] for job_id in waiting)
    added = 0
    for run in Run.objects.filter(state__in=UNFINISHED).order_by("created"):
        at_work = PageResult.objects.filter(run=run, state=State.RUNNING, lease_until__gte=timezone.now()).count()
        missing = _wanted(run) - called[str(run.pk)] - at_work
        if missing > 0:
            enqueue(run, missing)
            added += missing
    return added


@dataclass(frozen=True)
class WorkerSeen:
    """A worker process as it last reported itself."""

    name: str
    busy: bool
    seen: datetime | None


def workers() -> list[WorkerSeen]:
    """The worker processes that report to Redis, wherever they run, by name."""
    found = Worker.all(connection=get_queue().connection)
    seen = [WorkerSeen(each.name, each.get_current_job_id() is not None, each.last_heartbeat) for each in found]
    return sorted(seen, key=lambda worker: worker.name)


def waiting() -> dict[str, int]:
    """How many calls to workers stand in each queue."""
    return {name: get_queue(name).count for name in (INTERACTIVE, QUEUE)}


def somebody_waits() -> bool:
    """Whether something has to be read at once: a worker at a long document then leaves it for that."""
    try:
        return bool(get_queue(INTERACTIVE).count)
    except redis.RedisError:
        return False


def _wanted(run: Run) -> int:
    """How many jobs a run can use: as many as there are workers, at most one for each claimable page."""
    pages = PageResult.objects.filter(run=run).claimable().count()
    return min(pages, max(1, Worker.count(queue=get_queue())))


def enqueue(run: Run, jobs: int, queue: str = QUEUE) -> None:
    for _ in range(jobs):
        get_queue(queue).enqueue(WORK_ON_RUN, str(run.pk), job_id=f"{run.pk}-{uuid.uuid4().hex}", result_ttl=0)
