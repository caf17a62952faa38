"""Between the queue and the pipeline: runs. With ``live`` the only modules that know RQ.

The database says what is to be done; a job only says "work on run X". It claims pages one by one,
reads and saves each, and goes to the end of the line after a fair share, so that a one-page upload
is not stuck behind a 500-page book and any number of workers can share one document. A second
delivery of a job finds nothing to claim. A worker that dies loses only the page it held.
"""

from __future__ import annotations

import faulthandler
import functools
import io
import logging
import resource
import socket
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import django_rq
import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import close_old_connections
from django.utils import timezone
from PIL import Image
from rq import Queue, SimpleWorker, Worker, get_current_job
from rq.job import Job

from documents.models import UNFINISHED, Page, PageResult, Run, State
from documents.search import index

from . import raster
from .errors import EngineError, RecognitionError
from .page import Options, PageImage, PageReading

if TYPE_CHECKING:
    from .engine import Engine

QUEUE = "recognition"
INTERACTIVE = "interactive"
"""The queue that workers look at first: somebody sits there and waits."""

SHARE_SECONDS = 10.0
THUMBNAIL = (240, 340)
LARGEST_JPEG = 65_500
"""Pixels of a side, by the format."""

log = logging.getLogger(__name__)


class StorageFailed(Exception):
    """What was read cannot be kept at present; its cause says why."""


def limits() -> raster.Limits:
    """The limits in force for one file."""
    return raster.Limits(
        bytes=settings.OCRSITE_MAX_BYTES, pixels=settings.OCRSITE_MAX_PIXELS, pages=settings.OCRSITE_MAX_PAGES
    )


def queue(name: str = QUEUE) -> Queue:
    # Callers decide when to enqueue (on commit), so django-rq need not.
    line: Queue = django_rq.get_queue(name, commit_mode="auto")
    return line


def wake(run: Run, line: str = QUEUE) -> None:
    """Calls workers to a run: one job for each worker, but no more than there are pages to read.

    ``line``: INTERACTIVE for what somebody waits for; after a worker's share it goes on like any other.
    Without Redis the run stays waiting in the database, and ``reconcile`` calls workers later.
    """
    try:
        _enqueue(run, _wanted(run), line)
    except redis.RedisError:
        log.warning("Redis is unreachable: run %s waits until it is back", run.pk)


def reconcile() -> int:
    """Calls workers to every unfinished run that fewer are called to or at work on than it could use.

    Makes good whatever was lost between database and queue: a flushed Redis, a worker killed in the
    middle of a job, an upload while Redis was down. Returns the jobs added.
    """
    waiting = [*queue().get_job_ids(), *queue(INTERACTIVE).get_job_ids()]
    called = Counter(job_id.rpartition("-")[0] for job_id in waiting)
    added = 0
    for run in Run.objects.filter(state__in=UNFINISHED).order_by("created"):
        at_work = PageResult.objects.filter(run=run, state=State.RUNNING, lease_until__gte=timezone.now()).count()
        missing = _wanted(run) - called[str(run.pk)] - at_work
        if missing > 0:
            _enqueue(run, missing)
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
    found = Worker.all(connection=queue().connection)
    seen = [WorkerSeen(each.name, each.get_current_job_id() is not None, each.last_heartbeat) for each in found]
    return sorted(seen, key=lambda worker: worker.name)


def waiting() -> dict[str, int]:
    """How many calls to workers stand in each queue."""
    return {name: queue(name).count for name in (INTERACTIVE, QUEUE)}


def work_on_run(run_id: str) -> None:
    """The job: reads pages of a run for a fair share of time, then makes room for others."""
    close_old_connections()
    run = Run.objects.select_related("document").get(pk=run_id)
    slot = worker_slot()
    until = time.monotonic() + SHARE_SECONDS
    try:
        with run.document.local_original() as original:
            while claimed := PageResult.objects.claim(run, slot, _lease()):
                with watchdog():
                    read_page(run, claimed, original)
                if time.monotonic() > until or WarmWorker.is_stopping() or somebody_waits():
                    break
    except StorageFailed:
        PageResult.objects.release(slot, tried=False)  # the page is not to blame, however long this lasts
        raise
    except Exception:
        PageResult.objects.release(slot)  # now, instead of when its lease ends
        raise
    if PageResult.objects.filter(run=run).claimable().exists():
        _enqueue(run, 1)


def somebody_waits() -> bool:
    """Whether something has to be read at once: a worker at a long document then leaves it for that."""
    try:
        return bool(queue(INTERACTIVE).count)
    except redis.RedisError:
        return False


def read_page(run: Run, claimed: PageResult, original: Path) -> None:
    """Reads one claimed page and saves what came of it, failure included."""
    reading = recognise_page(run, claimed, original)
    if not claimed.page.image and (image := reading.image or draw(original, claimed.page.number)):
        try:
            store_images(claimed.page, image)
        except Exception as error:  # each storage has its own
            raise StorageFailed from error
    # With the one page that such a run reads, those that it took over are found by it.
    pages = [claimed.page.number] if run.page_number is None else None
    with index.following(run.document_id, pages):
        saved = claimed.finish(reading)
    if not saved:
        log.warning("Page given to another worker meanwhile: %s", claimed)


def recognise_page(run: Run, claimed: PageResult, original: Path) -> PageReading:
    """One page of the run; whatever goes wrong in recognition comes back as the result's error."""
    from . import pipeline  # OpenCV and the engines stay out of the web process

    number = claimed.page.number
    try:
        options = Options.parse(claimed.options or run.options)
        engine = warm_engine(options.model)
        run.begin(dict(engine.metadata()))
        (reading,) = pipeline.recognise(original, options, engine, numbers=[number], limits=limits())
    except RecognitionError as error:
        return PageReading(number=number, error=error)
    except Exception:
        log.exception("Run %s, page %s", run.pk, number)
        message = "Reading this page failed unexpectedly. Try again; if that fails too, the worker's log says why."
        return PageReading(number=number, error=EngineError(message))
    return reading


@contextmanager
def watchdog() -> Iterator[None]:
    """Ends this process if what is inside takes longer than a page may.

    A native call that hangs cannot be interrupted from Python, but faulthandler's C thread can end the
    process. Its supervisor starts another one, which takes back the page.
    """
    faulthandler.dump_traceback_later(settings.OCRSITE_PAGE_TIMEOUT, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@functools.lru_cache(maxsize=1)
def warm_engine(model: str) -> Engine:
    """The engine, loaded once per process (and once more when somebody asks for another model)."""
    from . import engine

    return engine.load(
        model, backend=settings.OCRSITE_ENGINE, folder=settings.OCRSITE_WEIGHTS, device=settings.OCRSITE_DEVICE
    )


def draw(original: Path, number: int) -> PageImage | None:
    """The image of a page that was read without one, or could not be read; None if it cannot be drawn."""
    try:
        ((_, image),) = raster.pages(original, [number], limits=limits())
    except Exception:  # the page's text is worth more than its picture
        log.exception("Page %s of %s cannot be drawn", number, original)
        return None
    return image if isinstance(image, PageImage) else None


def store_images(page: Page, image: PageImage) -> None:
    """Keeps the page image and a thumbnail of it, both as JPEG (smaller where JPEG cannot be so large)."""
    picture = Image.fromarray(image.pixels)
    folder = f"pages/{page.document_id}"
    page.width, page.height = picture.size
    shown = picture.reduce(-(-max(picture.size) // LARGEST_JPEG))
    page.image.save(f"{folder}/{page.number}.jpg", _jpeg(shown, quality=88), save=False)
    small = picture.reduce(max(1, min(picture.width // THUMBNAIL[0], picture.height // THUMBNAIL[1]) // 2))
    small.thumbnail(THUMBNAIL)
    page.thumbnail.save(f"{folder}/{page.number}-small.jpg", _jpeg(small, quality=80), save=False)
    if not page.keep_images():  # another run of the document was quicker
        for file in (page.image, page.thumbnail):
            file.delete(save=False)


class WarmWorker(SimpleWorker):
    """A worker that runs jobs in its own process, where the models stay loaded.

    Its name is its slot and something unique: RQ refuses the name of a worker that it has not yet
    noticed to be dead, while the pages that the dead one held are known by the slot alone.
    """

    current: ClassVar[WarmWorker | None] = None

    def __init__(self, slot: str) -> None:
        WarmWorker.current = self
        lines = [queue(INTERACTIVE), queue()]
        super().__init__(
            lines,
            name=f"{slot}.{uuid.uuid4().hex[:8]}",
            connection=lines[0].connection,
            serializer=lines[0].serializer,
        )

    @classmethod
    def is_stopping(cls) -> bool:
        """Whether this process has been asked to stop: a job then leaves after the page at hand."""
        return cls.current is not None and bool(cls.current._stop_requested)

    def execute_job(self, job: Job, queue: Queue) -> None:
        super().execute_job(job, queue)
        if resident_megabytes() > settings.OCRSITE_WORKER_MEGABYTES:
            log.info("Recycled: the worker has grown over %s MB", settings.OCRSITE_WORKER_MEGABYTES)
            self._stop_requested = True


def run_worker(slot: str, *, burst: bool = False) -> None:
    """Works until told to stop, or grown too large; a supervisor starts the next one.

    ``slot`` names the place of this worker (host and number). Only one process may have it at a
    time, so whatever an earlier one still holds there was lost with it and is handed back first.
    """
    released = PageResult.objects.release(slot)
    if released:
        log.warning("Pages taken back from the previous worker in %s: %s", slot, released)
    warm_engine(settings.OCRSITE_MODEL).warm()
    reconcile()
    WarmWorker(slot).work(burst=burst, logging_level="WARNING")


def worker_slot() -> str:
    """The slot of the worker that runs the current job."""
    job = get_current_job()
    name = job.worker_name if job else None
    return name.rpartition(".")[0] if name else f"{socket.gethostname()}-inline"


def resident_megabytes() -> int:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def _lease() -> timedelta:
    """A little longer than the watchdog lets a page take, so that a live worker never loses a page."""
    return timedelta(seconds=settings.OCRSITE_PAGE_TIMEOUT + 30)


def _wanted(run: Run) -> int:
    """How many jobs a run can use: as many as there are workers, at most one for each claimable page."""
    line = queue()
    pages = PageResult.objects.filter(run=run).claimable().count()
    return min(pages, max(1, Worker.count(queue=line)))


def _enqueue(run: Run, jobs: int, line: str = QUEUE) -> None:
    for _ in range(jobs):
        queue(line).enqueue(work_on_run, str(run.pk), job_id=f"{run.pk}-{uuid.uuid4().hex}", result_ttl=0)


def _jpeg(picture: Image.Image, quality: int) -> ContentFile[bytes]:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return ContentFile(out.getvalue())
