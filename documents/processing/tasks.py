"""What workers do: read pages of a run, and save what came of them."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from django.db import close_old_connections, connection

from documents.models import PageResult, Run
from documents.originals import OpenOriginal
from documents.search import index
from documents.telemetry import about, count
from recognition.errors import EngineError, RecognitionError, TooMuchMemoryError, TooMuchTimeError
from recognition.options import Options
from recognition.page import PageReading

from .engine import confined_reader, warm_engine, watchdog
from .heartbeat import holding, lease
from .limits import file_limits
from .outages import DATABASE_AWAY, until_back
from .page_images import draw, page_reader, store_images
from .queue import enqueue, has_more_than_its_share, somebody_waits, tell_page_read
from .worker import WarmWorker, worker_slot

TIME_SLICE = 10.0
"""Seconds that a job works on one run before it makes room for others."""

log = logging.getLogger(__name__)


class StorageError(Exception):
    """What was read cannot be kept at present; its cause says why."""


def work_on_run(run_id: str) -> None:
    """The job: reads pages of a run for its time slice, then makes room for others."""
    with about(run=run_id):
        _work_on_run(run_id)


def _work_on_run(run_id: str) -> None:
    if not connection.in_atomic_block:  # within a transaction, as in tests, it is the one to use
        close_old_connections()
    slot = worker_slot()
    try:
        run = until_back(lambda: Run.objects.select_related("document").get(pk=run_id), WarmWorker.is_stopping)
        if not has_more_than_its_share(run.document.owner_id):
            _read_pages(run, slot)
    except DATABASE_AWAY as error:
        log.warning("The database is away in the middle of a page: %s", error)
        hand_back(slot, tried=False)
    except StorageError:
        hand_back(slot, tried=False)  # the page is not to blame, however long this lasts
        raise
    except Exception:
        hand_back(slot)  # now, instead of when its lease ends
        raise
    finally:
        confined_reader().close()
    if PageResult.objects.filter(run=run).claimable().exists():
        enqueue([(run.document.owner_id, run.pk)])


def _read_pages(run: Run, slot: str) -> None:
    until = time.monotonic() + TIME_SLICE
    with OpenOriginal() as originals:
        while claimed := PageResult.objects.claim(run, slot, lease()):
            with watchdog(), holding(claimed):
                read_page(run, claimed, originals)
            if time.monotonic() > until or WarmWorker.is_stopping() or somebody_waits():
                break


def hand_back(slot: str, *, tried: bool = True) -> None:
    """Releases what the worker in ``slot`` holds, as soon as the database is there to be told."""
    until_back(lambda: PageResult.objects.release(slot, tried=tried), WarmWorker.is_stopping)


def read_page(run: Run, claimed: PageResult, originals: OpenOriginal) -> None:
    """Reads one claimed page and saves what came of it, failure included."""
    reading = recognise_page(run, claimed, originals)
    too_much = isinstance(reading.error, TooMuchMemoryError | TooMuchTimeError)  # it would be too much once more
    image = reading.image or (None if claimed.page.image or too_much else draw(claimed.page, originals))
    if image and not claimed.page.image:
        try:
            store_images(claimed.page, image)
        except DATABASE_AWAY:
            raise
        except Exception as error:  # each storage has its own
            raise StorageError from error
    with index.reindexing(run.document_id, [claimed.page.number]):
        saved = claimed.finish(reading)
        index.refresh_moved(run.document_id)  # with its last page the run may have become the current one
    tell_page_read(run.pk)
    if not saved:
        log.warning("Page given to another worker meanwhile: number %s", claimed.page.number)
        return
    count("pages", state="failed" if reading.error else "done")
    for stage, seconds in reading.seconds.items():
        count("stage_seconds", seconds, stage=stage)


def recognise_page(run: Run, claimed: PageResult, originals: OpenOriginal) -> PageReading:
    """One page of the run; whatever goes wrong in recognition comes back as the result's error."""
    from recognition import pipeline  # OpenCV and the engines stay out of the web process

    page = claimed.page
    try:
        options = Options.parse(claimed.options or run.options)
        engine = warm_engine(options.model)
        run.begin(dict(engine.metadata()))
        (reading,) = pipeline.recognise(
            originals.path(page.original),
            options,
            engine,
            numbers=[page.original_number],
            limits=file_limits(),
            rotation=0 if page.turn else None,  # whoever turned it has set it upright
            files=page_reader(page),
        )
    except RecognitionError as error:
        return PageReading(number=page.number, error=error)
    except Exception:
        log.exception("Run %s, page %s", run.pk, page.number)
        message = "Reading this page failed unexpectedly. Try again; if that fails too, the worker's log says why."
        return PageReading(number=page.number, error=EngineError(message))
    return replace(reading, number=page.number)
