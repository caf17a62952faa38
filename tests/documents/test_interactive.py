"""Parts of a page read on the spot, before anything else."""

from __future__ import annotations

import pytest

from documents.models import Document, Run
from documents.processing import interactive, queue
from recognition.options import Options
from recognition.page import Line
from tests.support.documents import line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

PART = Options(region=((20, 20), (180, 20), (180, 90), (20, 90)), script="none")


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(3)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def test_a_part_of_a_page_is_read_and_told_in_pixels_of_the_page(document: Document, fake_engine: FakeEngine) -> None:
    page = document.pages.get(number=2)
    handle = interactive.ask(page, PART, rotation=0, person=1)
    assert interactive.answer(page, handle).state == "waiting"
    fake_engine.read = lambda image: [line(30, 30, 90, 50, "部分")]  # type: ignore[method-assign]
    run_worker()
    answer = interactive.answer(page, handle)
    assert answer.state == "done"
    (found,) = map(Line.from_dict, answer.lines)
    assert (found.text, found.box) == ("部分", (34, 34, 94, 54))  # the part was cut out with some air around it
    assert Run.objects.get().state == "done"  # the run knows nothing of it


def test_whoever_waits_is_answered_while_a_long_document_is_read(receive, fake_engine: FakeEngine) -> None:
    document = receive(upload("book.pdf", book(4)))
    page = document.pages.get(number=4)
    handles: list[str] = []
    done_when_asked_and_answered: list[int] = []

    def look(image) -> None:
        done = document.current_run.counts()["done"]
        if done == 1 and not handles:  # somebody asks while the second page is being read
            handles.append(interactive.ask(page, PART, rotation=0, person=1))
            done_when_asked_and_answered.append(done)
        elif handles and interactive.answer(page, handles[0]).state == "waiting":
            done_when_asked_and_answered.append(done)

    fake_engine.on_read = look
    run_worker()
    assert interactive.answer(page, handles[0]).state == "done"
    assert done_when_asked_and_answered == [1, 2]  # the part was the next thing to be read
    assert Run.objects.get().state == "done"


def test_a_run_that_somebody_waits_for_goes_before_the_others(receive, fake_engine: FakeEngine) -> None:
    long = receive(upload("long.pdf", book(4)))
    short = receive(upload("short.png"))
    queue.enqueue_workers(short.current_run, queue.INTERACTIVE)
    first: list[int] = []
    fake_engine.on_read = lambda image: first.append(Run.objects.get(document=short).counts()["running"])
    run_worker()
    assert first[0] == 1
    assert Run.objects.get(document=long).state == "done"


def test_reconciling_knows_of_jobs_in_either_queue(receive) -> None:
    run = receive().current_run
    queue.get_queue().empty()
    queue.enqueue_workers(run, queue.INTERACTIVE)
    assert queue.reconcile() == 0


def test_what_redis_lost_or_somebody_made_up_is_lost(document: Document) -> None:
    page, other = document.pages.get(number=1), document.pages.get(number=2)
    handle = interactive.ask(page, PART, rotation=0, person=1)
    assert interactive.answer(other, handle).state == "lost"
    assert interactive.answer(page, f"page-{page.pk}-made-up").state == "lost"
    queue.get_queue(queue.INTERACTIVE).connection.flushall()
    assert interactive.answer(page, handle).state == "lost"


def test_a_page_that_cannot_be_read_says_why(document: Document, fake_engine: FakeEngine) -> None:
    page = document.pages.get(number=1)
    off_the_page = Options(region=((9000, 9000), (9100, 9000), (9100, 9100), (9000, 9100)))
    handle = interactive.ask(page, off_the_page, rotation=0, person=1)
    run_worker()
    answer = interactive.answer(page, handle)
    assert answer.state == "failed"
    assert answer.error is not None
    assert answer.error["code"] == "option-invalid"


def test_what_goes_wrong_unexpectedly_is_lost_and_the_worker_lives_on(
    document: Document, fake_engine: FakeEngine
) -> None:
    page = document.pages.get(number=1)
    fake_engine.on_read = lambda image: 1 // 0  # type: ignore[assignment, return-value]
    handle = interactive.ask(page, PART, rotation=0, person=1)
    run_worker()
    assert interactive.answer(page, handle).state == "lost"
