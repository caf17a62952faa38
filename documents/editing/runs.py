"""Which reading of a document holds: run again, retried, cancelled, and made current."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from documents.errors import CancelledError
from documents.models import (
    Document,
    Reader,
    RefusedError,
    Run,
    State,
    Verb,
    check_quota,
    error_as_json,
    record,
    start_model_reading,
    start_page_rerun,
)
from documents.processing import queue
from documents.search import index
from recognition.errors import error_class
from recognition.options import Options

if TYPE_CHECKING:
    from documents.models import PageResult
    from documents.models.audit import Actor
    from recognition.page import PageReading


class UnfinishedError(Exception):
    """The run is still going on, so there is nothing whole to take over."""


def run_again(document: Document, options: Options, requested_by: User) -> Run:
    """A new run of a document with other options, current when it is done; the earlier runs stay.

    Raises QuotaExceededError.
    """
    check_quota(requested_by, pages=document.page_count)
    with transaction.atomic():
        locked = Document.objects.lock(document.pk)
        if locked is None:
            raise LookupError(document.pk)
        run = Run.start(locked, options, requested_by)
        index.refresh_moved(document.pk)
        record(Verb.READ_AGAIN, document, requested_by, pages=document.page_count, **options.to_dict())
        transaction.on_commit(partial(queue.enqueue_workers, run))
    return run


def run_page_again(base: Run, number: int, options: Options, requested_by: User) -> Run:
    """A new run like ``base`` in which page ``number`` is read with other options, ahead of other work.

    It becomes current when that is done.

    Raises QuotaExceededError if that is more than ``requested_by`` may have read, and UnfinishedError while ``base``,
    or the run that is to become current, is not through.
    """
    check_quota(requested_by, pages=1)
    with transaction.atomic():
        document = Document.objects.lock(base.document_id)
        base = Run.objects.select_related("document").get(pk=base.pk)
        if document is None or not base.is_finished or (document.next_run and not document.next_run.is_finished):
            raise UnfinishedError
        base.document = document
        run = start_page_rerun(base, document.pages.get(number=number), options, requested_by)
        index.refresh_moved(document.pk)
        record(Verb.READ_AGAIN, document, requested_by, page=number, pages=1, **options.to_dict())
        transaction.on_commit(partial(queue.enqueue_workers, run, queue.INTERACTIVE))
    return run


def run_page_by_model(base: Run, number: int, model: str, requested_by: User) -> Run:
    """A new run like ``base`` in which page ``number`` is read by a vision model. It does not become current by itself.

    Raises QuotaExceededError, UnfinishedError while ``base`` is not through, and RefusedError for a page without lines.
    """
    check_quota(requested_by, pages=1)
    with transaction.atomic():
        document = Document.objects.lock(base.document_id)
        result = base.results.select_related("page").filter(page__number=number, state=State.DONE).first()
        if document is None or not base.is_finished:
            raise UnfinishedError
        if result is None or not result.lines:
            raise RefusedError(gettext("There are no lines on this page, so a model's text would have no place."))
        base.document = document
        run = start_model_reading(base, result, model, requested_by)
        record(Verb.READ_AGAIN, document, requested_by, page=number, pages=1, model=model)
    return run


def finish_page_by_model(result: PageResult, reading: PageReading) -> bool:
    """Keeps what a model read, or why it did not; False if somebody else has asked it meanwhile."""
    with index.reindexing(result.run.document_id, [result.page.number]):
        return result.finish(reading)


def retry(run: Run, actor: Actor, number: int | None = None) -> int:
    """Has the failed pages of ``run`` (or the one with ``number``) read once more; returns how many.

    Raises QuotaExceededError if those that count are more than ``actor`` may have read.
    """
    with transaction.atomic():
        Document.objects.lock(run.document_id)
        failed = run.results.filter(state=State.FAILED)
        if number is not None:
            failed = failed.filter(page__number=number)
        errors = failed.values_list("error", flat=True)
        # Pages that were never tried, or failed for reasons of ours, were counted when they were asked for.
        counted = sum(error is None or _blames_input(error["code"]) for error in errors)
        if isinstance(actor, User):
            check_quota(actor, pages=counted)
        again: dict[str, Any] = {"attempts": 0, "error": None, "finished": None, "worker": "", "lease_until": None}
        count = failed.update(state=State.QUEUED, **again)
        if count:
            same = Run.objects.filter(pk=run.pk)
            same.update(cancelled=None)
            same.filter(finished__isnull=False).update(started=None)  # its time so far is noted
            if run.reader == Reader.ENGINE:
                newer = Document.objects.filter(pk=run.document_id, current_run__created__lt=run.created)
                newer.update(next_run=run)
            record(Verb.RETRIED, run.document, actor, pages=count, counted=counted)
            run.settle()
            transaction.on_commit(partial(queue.enqueue_workers, run))
    return count


def cancel(run: Run, actor: Actor) -> int:
    """Gives up the pages that nobody has begun; returns how many. Pages already being read are finished."""
    with transaction.atomic():
        Document.objects.lock(run.document_id)
        now = timezone.now()
        count = run.results.filter(state=State.QUEUED).update(
            state=State.FAILED, error=error_as_json(CancelledError()), finished=now
        )
        if count:
            Run.objects.filter(pk=run.pk).update(cancelled=now)
            record(Verb.CANCELLED, run.document, actor, pages=count)
            Document.objects.filter(pk=run.document_id, next_run=run).update(next_run=None)
            run.settle()
    return count


def make_current(run: Run, actor: Actor) -> None:
    """Takes ``run`` as the document's text from now on, be it done or not."""
    with index.reindexing(run.document_id) as document:
        if document is None:
            raise LookupError(run.document_id)
        run.document = document
        run.take_over()
        record(Verb.MADE_CURRENT, run.document, actor, run=str(run.pk))


def _blames_input(code: str) -> bool:
    error = error_class(code)
    return error is None or error.blames_input
