"""One page read again: a new run that takes over what another run made of the other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, models, transaction

from recognition.page import Options

from .archive import Document, Page
from .audit import Verb, record
from .quotas import check_quota
from .results import PageResult
from .runs import Run

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class UnfinishedError(Exception):
    """The run is still going on, so there is nothing whole to take over."""


def read_page_again(base: Run, number: int, options: Options, requested_by: User) -> Run:
    """A run like ``base`` in which page ``number`` waits to be read with ``options``; current from now on.

    Whoever calls this enqueues workers. Raises UnfinishedError while ``base`` is not through, and
    QuotaExceededError if that is more than ``requested_by`` may have read.
    """
    check_quota(requested_by, pages=1)
    with transaction.atomic():
        document = Document.objects.lock(base.document_id)  # nobody corrects its pages while they are copied
        base = Run.objects.get(pk=base.pk)
        if document is None or not base.is_finished:
            raise UnfinishedError
        page = document.pages.get(number=number)
        run = Run.objects.create(
            document=document,
            options=base.options,
            engine=base.engine,
            requested_by=requested_by,
            based_on=base,
            page_number=number,
        )
        _take_over(base, run, but=page)
        PageResult.objects.create(run=run, page=page, options=options.to_dict())
        Document.objects.filter(pk=document.pk).update(current_run=run)
        record(Verb.READ_AGAIN, document, requested_by, page=number, pages=1, **options.to_dict())
    return run


def _take_over(base: Run, run: Run, but: Page) -> None:
    """Copies what ``base`` made of all pages ``but`` one.

    The database does it by itself: the lines of a book are some hundred megabytes.
    """
    mine = ("id", "run_id")
    columns = [str(field.column) for field in PageResult._meta.concrete_fields if field.column not in mine]
    names = ", ".join(map(connection.ops.quote_name, columns))
    table = connection.ops.quote_name(PageResult._meta.db_table)
    key = Run._meta.pk
    assert isinstance(key, models.UUIDField)
    numbers = [key.get_db_prep_value(each.pk, connection) for each in (run, base)]
    copy = f"INSERT INTO {table} (run_id, {names}) SELECT %s, {names} FROM {table} WHERE run_id = %s AND page_id <> %s"
    with connection.cursor() as cursor:
        cursor.execute(copy, [*numbers, but.pk])
