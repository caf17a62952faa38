"""One page read again: a new run that copies the other pages from an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from recognition.options import Options

from .archive import Page
from .page_moves import copy_results
from .results import PageResult, Reader
from .runs import Run

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def start_model_reading(base: Run, result: PageResult, model: str, requested_by: User) -> Run:
    """A run like ``base`` in which the page of ``result``, one of its, waits for a vision model. It never becomes
    current by itself.

    Call it while the document is locked.
    """
    with transaction.atomic():
        run = Run.objects.create(
            document=base.document,
            options=base.options,
            engine={"backend": "vision", "model": model},
            requested_by=requested_by,
            based_on=base,
            page_number=result.page.number,
            reader=Reader.VISION,
        )
        copy_results(base, run, but=[result.page_id])
        PageResult.objects.create(run=run, page=result.page, options=result.options or base.options)
        run.settle()
    return run


def start_page_rerun(base: Run, page: Page, options: Options, requested_by: User) -> Run:
    """A run like ``base`` in which ``page`` waits to be read with ``options``; current when that is done.

    Call it while the document is locked, so that nobody corrects the other pages while they are copied.
    """
    with transaction.atomic():
        run = Run.objects.create(
            document=base.document,
            options=base.options,
            engine=base.engine,
            requested_by=requested_by,
            based_on=base,
            page_number=page.number,
        )
        copy_results(base, run, but=[page.pk])
        PageResult.objects.create(run=run, page=page, options=options.to_dict())
        run.await_turn()
    return run
