"""Actions of administrators on many documents: a few are done at once, more by a worker, which can be watched.

Each document is a transaction of its own, in which it also counts as done. So a job that dies, or is delivered twice,
repeats nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from documents import editing, originals
from documents.messages import explain
from documents.models import BulkAction, Document, QuotaExceededError, RefusedError, error_as_json, paced
from documents.processing import queue
from recognition.options import Options

from . import operations, retirement

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 50
"""Documents with which something is done while the administrator waits."""

TIME_SLICE = 10.0
"""Seconds after which a worker makes room for others."""


def begin(action: str, actor: User, documents: Sequence[UUID], **options: Any) -> BulkAction:
    """Does ``action``, one of ACTIONS, with all ``documents``: now if they are few, else as a job."""
    begun = BulkAction.objects.create(
        actor=actor, action=action, documents=[str(number) for number in documents], options=options
    )
    if len(documents) <= AT_ONCE:
        for _ in _steps(begun):
            pass
    else:
        transaction.on_commit(partial(queue.enqueue_bulk_action, begun))
    return begun


def work_on(number: str) -> None:
    """The job: a time slice of what is left to do."""
    begun = BulkAction.objects.select_related("actor").filter(pk=number, finished=None).first()
    if begun is None:
        return
    until = time.monotonic() + TIME_SLICE
    for _ in paced(_steps(begun)):
        if time.monotonic() > until:
            queue.enqueue_bulk_action(begun)
            return


def _steps(begun: BulkAction) -> Iterator[None]:
    while _step(begun):
        yield
    if begun.done >= len(begun.documents):
        with transaction.atomic():
            if begun.end() and begun.action == RETIRE:
                _finish_retirement(begun)


def _finish_retirement(begun: BulkAction) -> None:
    try:
        retirement.finish(begun.options, begun.actor)
    except RefusedError as error:
        begun.note_problem(begun.option("name"), str(error))


def _step(begun: BulkAction) -> bool:
    """Does the action with the next document; False if there is none."""
    with transaction.atomic():
        number = begun.advance()
        if number is None:
            return False
        document = Document.objects.select_related("current_run").filter(pk=number).first()
        if document is None:  # deleted meanwhile
            return True
        try:
            with transaction.atomic():
                ACTIONS[begun.action](document, begun)
        except RefusedError as error:
            begun.note_failure(document.title, str(error))
        except QuotaExceededError as error:
            begun.note_failure(document.title, explain(error_as_json(error)))
    return True


def _retry(document: Document, begun: BulkAction) -> None:
    if document.current_run is not None:
        editing.retry(document.current_run, begun.actor)


def _read_again(document: Document, begun: BulkAction) -> None:
    if document.trashed is None:
        run = document.current_run
        editing.run_again(document, Options.parse(run.options if run else {}), begun.actor)


def _reassign(document: Document, begun: BulkAction) -> None:
    operations.reassign(document, retirement.heir(begun.options), begun.actor)


RETIRE = "retire"
ACTIONS: dict[str, Callable[[Document, BulkAction], object]] = {
    "retry_failed_pages": _retry,
    "read_again": _read_again,
    "reassign": _reassign,
    "trash": lambda document, begun: operations.trash(document, begun.actor),
    "restore": lambda document, begun: editing.restore(document, begun.actor),
    "delete": lambda document, begun: originals.discard(document, begun.actor),
    RETIRE: _reassign,
}
