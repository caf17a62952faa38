"""The one door for changes: what an author may overwrite without having seen it, and when workers are called."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from documents import editing
from documents.editing import UNCONDITIONAL, ArrangementConflictError, ConflictError
from documents.models import Document, PageResult
from documents.processing import queue
from recognition.errors import PageError
from recognition.options import Options
from tests.support.documents import result_of
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_condition_an_author_overwrites_what_was_read_and_their_own(document: Document, owner: User) -> None:
    for text in ("臺北", "臺中", "臺南"):
        editing.correct(result_of(document), "1-1", text, author=owner, seen=UNCONDITIONAL)
    assert result_of(document).text == "臺南\n車站"


def test_without_a_condition_nobody_overwrites_what_somebody_else_has_just_written(
    document: Document, owner: User, stranger: User
) -> None:
    looked_up_before = result_of(document)
    other = editing.correct(result_of(document), "1-1", "臺北", author=stranger, seen=None)
    with pytest.raises(ConflictError) as conflict:
        editing.correct(looked_up_before, "1-1", "臺中", author=owner, seen=UNCONDITIONAL)
    assert conflict.value.current == other
    assert result_of(document).text == "臺北\n車站"


def test_without_a_condition_only_the_order_as_read_is_replaced(document: Document, owner: User) -> None:
    looked_up_before = result_of(document)
    editing.rearrange(result_of(document), ["1-2", "1-1"], author=owner, seen=UNCONDITIONAL)
    for result in (looked_up_before, result_of(document)):
        with pytest.raises(ArrangementConflictError):
            editing.rearrange(result, ["1-1", "1-2"], author=owner, seen=UNCONDITIONAL)
    assert result_of(document).text == "車站\n台北"
    editing.rearrange(result_of(document), None, author=owner, seen=1)
    editing.rearrange_by_direction(result_of(document), "horizontal", author=owner, seen=UNCONDITIONAL)
    assert result_of(document).text == "台北\n車站"


def test_workers_are_called_to_a_retry_once_it_is_committed(receive, fake_engine: FakeEngine, owner: User) -> None:
    def tear(image: object) -> None:
        raise PageError("torn")

    fake_engine.on_read = tear
    run = receive(upload("book.pdf", book(2))).current_run
    run_worker()
    with transaction.atomic():
        assert editing.retry(run, owner) == 2
        assert queue.waiting()[queue.QUEUE] == 0
    assert queue.waiting()[queue.QUEUE] > 0


def test_no_worker_is_called_to_what_was_rolled_back(receive, fake_engine: FakeEngine, owner: User) -> None:
    document = receive()
    run_worker()
    with transaction.atomic():
        editing.run_again(document, Options(), owner)
        transaction.set_rollback(True)
    assert queue.waiting()[queue.QUEUE] == 0
    assert document.runs.count() == 1


def test_a_line_of_a_document_that_is_gone_cannot_be_changed(document: Document, owner: User) -> None:
    result: PageResult = result_of(document)
    Document.objects.filter(pk=document.pk).update(current_run=None)
    Document.objects.filter(pk=document.pk).delete()
    with pytest.raises(LookupError):
        editing.correct(result, "1-1", "臺北", author=owner, seen=UNCONDITIONAL)
