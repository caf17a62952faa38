"""Reading on the spot: somebody has marked a part of a page and waits for its text.

What is read is no part of a run. It waits in Redis for whoever asked; if it is lost, one asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import close_old_connections, connection
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus

from documents.models import Page, error_as_json
from recognition.errors import OriginalMissingError
from recognition.options import Options

from .engine import confined_reader, warm_engine, watchdog
from .limits import file_limits
from .page_images import page_reader
from .queue import INTERACTIVE, READ_REGION, get_queue, job_id, subject_of

SECONDS_TO_WAIT = 120
"""Nobody waits longer than that for a worker."""

SECONDS_TO_FETCH = 600


@dataclass(frozen=True)
class Answer:
    """How far it is. ``lines``: once it is done, in reading order, as ``Line.to_dict`` writes them.

    ``table``: the block that it is, as ``Block.to_dict`` writes it, where a table was asked for. ``error``: as it is
    stored, if the page could not be read. What is lost has to be asked for again.
    """

    state: Literal["waiting", "done", "failed", "lost"]
    lines: list[dict[str, Any]] = field(default_factory=list)
    table: dict[str, Any] | None = None
    error: Mapping[str, Any] | None = None


def ask(page: Page, options: Options, rotation: int | None, person: int) -> str:
    """Has ``page``, or the region of it that ``options`` name, read before anything else; a handle for ``answer``.

    ``person``: the number of whoever asks; people take turns.
    ``rotation``: by how many degrees the page is known to be turned. Raises redis.RedisError.
    """
    handle = job_id(person, _subject(page))
    get_queue(INTERACTIVE).enqueue(
        READ_REGION,
        page.pk,
        options.to_dict(),
        rotation,
        job_id=handle,
        ttl=SECONDS_TO_WAIT,
        result_ttl=SECONDS_TO_FETCH,
        failure_ttl=SECONDS_TO_FETCH,
    )
    return handle


def answer(page: Page, handle: str) -> Answer:
    """What has become of what was asked of ``page``. Raises redis.RedisError."""
    queue = get_queue(INTERACTIVE)
    try:
        if subject_of(handle) != _subject(page):
            raise NoSuchJobError
        job = Job.fetch(handle, connection=queue.connection, serializer=queue.serializer)
    except NoSuchJobError:
        return Answer("lost")
    match job.get_status():
        case JobStatus.FINISHED:
            return Answer(**(job.return_value() or {"state": "lost"}))
        case JobStatus.FAILED | JobStatus.STOPPED | JobStatus.CANCELED:
            return Answer("lost")
        case _:
            return Answer("waiting")


def read(page_id: int, options: dict[str, str], rotation: int | None) -> dict[str, Any]:
    """The job: an ``Answer`` as a dictionary."""
    from recognition import pipeline  # OpenCV and the engines stay out of the web process

    if not connection.in_atomic_block:
        close_old_connections()
    page = Page.objects.select_related("original").get(pk=page_id)
    wanted = Options.parse(options)
    engine = warm_engine(wanted.model)
    try:
        with watchdog(), page.original.local() as original:
            (reading,) = pipeline.recognise(
                original,
                wanted,
                engine,
                numbers=[page.original_number],
                limits=file_limits(),
                rotation=rotation,
                files=page_reader(page),
            )
    except OriginalMissingError as error:
        return {"state": "failed", "error": error_as_json(error)}
    confined_reader().close()
    if reading.error is not None:
        return {"state": "failed", "error": error_as_json(reading.error)}
    table = reading.blocks[0].to_dict() if wanted.layout == "table" and reading.blocks else None
    return {"state": "done", "lines": [line.to_dict() for line in reading.lines], "table": table}


def _subject(page: Page) -> str:
    return f"page-{page.pk}"
