"""OCR of one page again: a new run that copies the other pages from an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, models, transaction

from recognition.page import Options

from .archive import Document, Page
from .results import PageResult
from .runs import Run

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def start_page_rerun(base: Run, page: Page, options: Options, requested_by: User) -> Run:
    """A run like ``base`` in which ``page`` waits to be read with ``options``; current from now on.

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
        _take_over(base, run, but=page)
        PageResult.objects.create(run=run, page=page, options=options.to_dict())
        Document.objects.filter(pk=run.document_id).update(current_run=run)
    return run


def _take_over(base: Run, run: Run, but: Page) -> None:
    """Copies the results of ``base`` for all pages ``but`` one.

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
