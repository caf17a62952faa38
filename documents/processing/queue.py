"""Calls workers to runs. The database says what is to be done; what the queue loses, ``reconcile`` makes good."""

from __future__ import annotations

import functools
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import django_rq
import redis
from django.conf import settings
from django.db.models import Count, Exists, OuterRef
from redis.client import Pipeline, PubSub
from rq import Queue, Worker, worker_registration

from documents.models import BUSY, UNFINISHED, BulkAction, PageResult, Replacement, Run
from documents.redis_answers import asking

QUEUE = "recognition"
INTERACTIVE = "interactive"
"""The queue that workers look at first: somebody sits there and waits."""

WORK_ON_RUN = "documents.processing.tasks.work_on_run"
READ_REGION = "documents.processing.interactive.read"
READ_FILE = "documents.processing.transient.read"
WORK_ON_REPLACEMENT = "documents.editing.replacing.work_on"
WORK_ON_BULK_ACTION = "documents.library.bulk_actions.work_on"
"""Named, not imported: the tasks import this module."""

TASKS = frozenset({WORK_ON_RUN, READ_REGION, READ_FILE, WORK_ON_REPLACEMENT, WORK_ON_BULK_ACTION})
"""All that workers do, whatever else is written into the queue."""

MEGABYTES = "megabytes"
"""Field of a worker's entry in Redis: the memory that it had at its last heartbeat."""

MOST_AT_ONCE = 1000
"""Runs that one look of the reconciler calls workers to; the next look takes more."""

INSERT_FAIRLY = """
local function person(id) return string.sub(id, 1, (string.find(id, "_", 1, true) or 1) - 1) end
local newcomer = person(ARGV[1])
local first = redis.call("LRANGE", KEYS[1], 0, ARGV[2] - 1)
local turn = 1
for _, id in ipairs(first) do
  if person(id) == newcomer then turn = turn + 1 end
end
local turns = {}
for _, id in ipairs(first) do
  local other = person(id)
  turns[other] = (turns[other] or 0) + 1
  if turns[other] > turn then
    return redis.call("LINSERT", KEYS[1], "BEFORE", id, ARGV[1])
  end
end
return redis.call("RPUSH", KEYS[1], ARGV[1])
"""
"""Puts a job before the first one with which another person has had more turns. Redis runs it as one step."""

LOOKED_AT = 200
"""Jobs at the head of a queue, among which the place of a new one is looked for, however many wait behind them."""

LONGEST_SILENCE = 1.0
"""Seconds after which whoever waits for a page looks by themselves."""

SECONDS_TO_LOOK = 86_400
"""How long the queue keeps a job that failed, for whoever looks into it."""

log = logging.getLogger(__name__)


class FairQueue(Queue):
    """People take turns in it: everybody's first job comes before anybody's second.

    The number of the person is the beginning of a job's id (``job_id``).
    """

    def push_job_id(self, job_id: str, pipeline: Pipeline | None = None, at_front: bool = False) -> None:
        if at_front:
            super().push_job_id(job_id, pipeline, at_front)
            return
        insert = self.connection.register_script(INSERT_FAIRLY)
        insert(keys=[self.key], args=[job_id, LOOKED_AT], client=pipeline)


def get_queue(name: str = QUEUE) -> Queue:
    # Callers decide when to enqueue (on commit), so django-rq need not.
    connection = _connection(name, settings.RQ_QUEUES[name]["URL"])
    queue: Queue = django_rq.get_queue(name, commit_mode="auto", queue_class=FairQueue, connection=connection)
    return queue


@functools.cache
def _connection(name: str, url: str) -> redis.Redis:
    """One pool of connections for the whole process: django-rq would connect anew for each queue that it gives."""
    connection: redis.Redis = django_rq.get_connection(name)
    return connection


def job_id(person: int, subject: str) -> str:
    """An id for a job that ``person`` has asked for, about ``subject``, which ``subject_of`` gives again."""
    return f"{person}_{subject}-{uuid.uuid4().hex}"


def subject_of(job_id: str) -> str:
    return job_id.partition("_")[2].rpartition("-")[0]


def enqueue_workers(run: Run, queue: str = QUEUE) -> None:
    """Calls workers to a run: one job for each worker, but no more than there are pages to read.

    ``queue``: INTERACTIVE for what somebody waits for; after a worker's time slice it continues like any other.
    Without Redis the run stays waiting in the database, and ``reconcile`` calls workers later.
    """
    free = PageResult.objects.filter(run=run).claimable().count()
    try:
        with asking():
            enqueue([(run.document.owner_id, run.pk)] * min(free, _workers()), queue)
    except redis.RedisError:
        log.warning("Redis is unreachable: run %s waits until it is back", run.pk)


def enqueue_replacement(replacement: Replacement) -> None:
    """Calls a worker to a replacement; without Redis it waits in the database for ``reconcile``."""
    _enqueue_one(WORK_ON_REPLACEMENT, replacement, replacement.author_id)


def enqueue_bulk_action(begun: BulkAction) -> None:
    """Calls a worker to an action on many documents; without Redis it waits as a replacement does."""
    _enqueue_one(WORK_ON_BULK_ACTION, begun, begun.actor_id)


def _enqueue_one(task: str, row: Replacement | BulkAction, person: int) -> None:
    try:
        with asking():
            get_queue(INTERACTIVE).enqueue(
                task,
                str(row.pk),
                job_id=job_id(person, _subject_of(row)),
                result_ttl=0,
                failure_ttl=SECONDS_TO_LOOK,
            )
    except redis.RedisError:
        log.warning("Redis is unreachable: %s waits until it is back", _subject_of(row))


def reconcile() -> int:
    """Calls workers to each unfinished run that none is called to or at work on, and to share runs if some are idle.

    Makes good whatever was lost between database and queue: a flushed Redis, a worker killed in the
    middle of a job, an upload while Redis was down. Returns the jobs added. However many documents wait, it asks the
    database and Redis a few times only.
    """
    worker_registration.clean_worker_registry(get_queue())  # the dead count as idle
    waiting = [*get_queue().get_job_ids(), *get_queue(INTERACTIVE).get_job_ids()]
    called = Counter(map(subject_of, waiting))
    at_work = Counter(str(run) for run in PageResult.objects.leased().values_list("run", flat=True))
    pages = PageResult.objects.filter(run=OuterRef("pk")).claimable()
    runs = Run.objects.filter(Exists(pages), state__in=UNFINISHED).order_by("created")
    owners = dict(runs.values_list("pk", "document__owner"))
    unfinished = list(owners)
    missing = [run for run in unfinished if not called[str(run)] and not at_work[str(run)]][:MOST_AT_ONCE]
    idle = _workers() - called.total() - at_work.total() - len(missing)
    missing += _shared(unfinished[:idle], called + Counter(map(str, missing)), idle) if idle > 0 else []
    enqueue([(owners[run], run) for run in missing])
    forgotten = [each for each in Replacement.objects.filter(state__in=BUSY) if not called[_subject_of(each)]]
    for replacement in forgotten:
        enqueue_replacement(replacement)
    left = [each for each in BulkAction.objects.filter(finished=None) if not called[_subject_of(each)]]
    for begun in left:
        enqueue_bulk_action(begun)
    return len(missing) + len(forgotten) + len(left)


def _subject_of(row: Replacement | BulkAction) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def _shared(runs: Sequence[uuid.UUID], called: Counter[str], idle: int) -> list[uuid.UUID]:
    """Of ``runs`` those that further workers can share: each as often as workers are ``idle`` and pages are free."""
    pages = PageResult.objects.filter(run__in=runs).claimable()
    free = dict(pages.order_by().values_list("run").annotate(Count("pk")))
    shared = [run for run in runs for _ in range(free.get(run, 0) - called[str(run)])]
    return shared[:idle]


@dataclass(frozen=True)
class WorkerSeen:
    """A worker process as it last reported itself."""

    name: str
    busy: bool
    seen: datetime | None
    megabytes: int

    @property
    def slot(self) -> str:
        return self.name.rpartition(".")[0]


def workers() -> list[WorkerSeen]:
    """The worker processes that report to Redis, wherever they run, by name."""
    redis = get_queue().connection
    seen = [
        WorkerSeen(
            each.name,
            each.get_current_job_id() is not None,
            each.last_heartbeat,
            int(redis.hget(each.key, MEGABYTES) or 0),
        )
        for each in Worker.all(connection=redis)
    ]
    return sorted(seen, key=lambda worker: worker.name)


def waiting() -> dict[str, int]:
    """How many calls to workers stand in each queue."""
    return {name: get_queue(name).count for name in (INTERACTIVE, QUEUE)}


def tell_page_read(run: uuid.UUID) -> None:
    """Wakes those who are ``listening`` for pages of ``run``. The database says how far it is."""
    try:
        get_queue(INTERACTIVE).connection.publish(_channel(run), "page")
    except redis.RedisError:
        log.debug("Nobody is told of a page: run %s", run)


@contextmanager
def listening(run: uuid.UUID | None) -> Iterator[Callable[[float], None]]:
    """A function that waits for the next page of ``run``, so many seconds at most and never longer than one.

    It returns at once for a page that was read since it was made, and waits without Redis too.
    """
    listener: PubSub = get_queue(INTERACTIVE).connection.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]

    def wait(seconds: float) -> None:
        seconds = min(seconds, LONGEST_SILENCE)
        try:
            listener.get_message(timeout=seconds)
        except redis.RedisError:
            time.sleep(seconds)

    try:
        with suppress(redis.RedisError):
            listener.subscribe(_channel(run))
        yield wait
    finally:
        listener.close()


def _channel(run: uuid.UUID | None) -> str:
    return f"ocrsite:pages:{run}"


def has_more_than_its_share(person: int) -> bool:
    """Whether workers read more pages of ``person`` than of somebody else who waits, who should be first then.

    Turns alone would not do: a page of one person may take a minute, and all pages of another one a second each.
    """
    try:
        asking = {job.partition("_")[0] for job in get_queue().get_job_ids(0, LOOKED_AT)}
    except redis.RedisError:
        return False
    others = {int(number) for number in asking if number.isdecimal()} - {person}
    if not others:
        return False
    owners = PageResult.objects.leased().filter(run__document__owner__in=[person, *others])
    reading = Counter(owners.values_list("run__document__owner", flat=True))
    return any(reading[other] < reading[person] for other in others)


def somebody_waits() -> bool:
    """Whether something has to be read at once: a worker at a long document then leaves it for that."""
    try:
        return bool(get_queue(INTERACTIVE).count)
    except redis.RedisError:
        return False


def _workers() -> int:
    return max(1, Worker.count(queue=get_queue()))


def enqueue(runs: Sequence[tuple[int, uuid.UUID]], queue: str = QUEUE) -> None:
    """One job for each of ``runs``, which come with the numbers of their owners. Raises redis.RedisError."""
    calls = [
        Queue.prepare_data(
            WORK_ON_RUN,
            (str(run),),
            job_id=job_id(owner, str(run)),
            timeout=-1,
            result_ttl=0,
            failure_ttl=SECONDS_TO_LOOK,
        )
        for owner, run in runs
    ]
    if calls:
        get_queue(queue).enqueue_many(calls)
