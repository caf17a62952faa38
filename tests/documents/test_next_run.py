"""A new run of a document that has a text: everybody sees that text until the new one is done."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing
from documents.models import Document, Run
from recognition.errors import PageError
from recognition.options import Options
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

BOX = ((10, 10), (90, 10), (90, 40), (10, 40))


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A book of two pages that has been read."""
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def now(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def reads(fake_engine: FakeEngine, text: str) -> None:
    fake_engine.read = lambda image: [Line(text, 0.9, BOX)]  # type: ignore[method-assign]


def test_the_old_text_stays_until_the_new_one_is_done(
    document: Document, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    reads(fake_engine, "臺北")
    run = editing.run_again(document, Options(), owner)
    assert (now(document).current_run, now(document).next_run) == (document.current_run, run)
    assert as_owner.get(f"/documents/{document.pk}/export/txt/").getvalue().decode() == "台北\n\n台北\n"
    page = as_owner.get(document.get_absolute_url()).content.decode()
    assert 'id="next-run"' in page
    assert "台北" in page
    run_worker()
    assert (now(document).current_run, now(document).next_run) == (run, None)
    assert as_owner.get(f"/documents/{document.pk}/export/txt/").getvalue().decode() == "臺北\n\n臺北\n"
    assert 'id="next-run"' not in as_owner.get(document.get_absolute_url()).content.decode()


def test_a_document_without_a_text_shows_the_new_run_at_once(receive, owner: User) -> None:
    document = receive(upload("book.pdf", book(2)))
    editing.cancel(document.current_run, owner)
    run = editing.run_again(document, Options(), owner)
    assert (now(document).current_run, now(document).next_run) == (run, None)


def test_what_people_do_meanwhile_is_there_afterwards(document: Document, owner: User, fake_engine: FakeEngine) -> None:
    editing.run_page_again(document.current_run, 1, Options(), owner)
    second = document.current_run.results.select_related("page").get(page__number=2)
    editing.correct(second, "2-1", "臺北", author=owner, seen=None)
    run_worker()
    assert [result.text for result in now(document).current_run.results.all()] == ["台北", "臺北"]


def test_where_pages_fail_the_old_text_stays_until_they_are_read_or_somebody_decides(
    document: Document, owner: User, as_owner: Client, fake_engine: FakeEngine
) -> None:
    def tear(image) -> None:
        raise PageError("torn")

    fake_engine.on_read = tear
    run = editing.run_again(document, Options(), owner)
    run_worker()
    assert now(document).current_run == document.current_run
    assert "could not be read" in as_owner.get(document.get_absolute_url()).content.decode()
    fake_engine.on_read = lambda image: None
    editing.retry(Run.objects.get(pk=run.pk), owner)
    run_worker()
    assert (now(document).current_run, now(document).next_run) == (run, None)


def test_a_cancelled_run_does_not_become_current_and_any_may_be_made_so(document: Document, owner: User) -> None:
    run = editing.run_again(document, Options(), owner)
    editing.cancel(run, owner)
    assert (now(document).current_run, now(document).next_run) == (document.current_run, None)
    editing.make_current(run, owner)
    assert now(document).current_run == run
