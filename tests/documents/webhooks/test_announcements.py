"""What webhooks are told, and of what."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from documents import editing
from documents.editing import correct
from documents.library import operations
from documents.models import Delivery, Document, Subject, Webhook
from documents.webhooks import delivery as sender
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.webhooks import Receiver, hurry, messages
from tests.support.worker import run_worker


@pytest.mark.django_db(transaction=True)
def test_a_document_that_was_read_is_told_with_its_addresses(
    hook: Webhook, receiver: Receiver, receive, fake_engine
) -> None:
    document = receive(upload("book.pdf", book(2)))
    run_worker()
    assert sender.deliver() == 1
    (message,) = messages(receiver)
    assert message["type"] == "document.done"
    assert message["data"] == {
        "id": str(document.pk),
        "title": "book",
        "page_count": 2,
        "status": "done",
        "run": str(document.current_run_id),
        "current": True,
        "pages_done": 2,
        "pages_failed": 0,
        "url": f"https://ocr.example.org/api/v1/documents/{document.pk}/",
        "html_url": f"https://ocr.example.org/documents/{document.pk}/",
    }
    assert Delivery.objects.get().state == "done"
    assert sender.deliver() == 0


@pytest.mark.django_db(transaction=True)
def test_who_has_given_a_document_away_is_told_nothing_more_of_it(
    hook: Webhook, receiver: Receiver, receive, fake_engine, owner: User, stranger: User
) -> None:
    document = receive()
    stale = Document.objects.get(pk=document.pk)  # as in a request that has just begun
    run_worker()
    theirs = Webhook.objects.create(user=stranger, url=receiver.url, subjects=Subject.values)
    operations.reassign(document, stranger, owner)
    assert not hook.deliveries.exists()
    result = stale.runs.get().results.select_related("page").get()
    result.page.document = stale
    correct(result, "1-1", "臺北", author=stranger, seen=None)
    assert not hook.deliveries.exists()
    assert [delivery.subject for delivery in theirs.deliveries.all()] == [Subject.CORRECTED]


@pytest.mark.django_db(transaction=True)
def test_failed_and_partly_failed_documents_are_told_as_such(
    hook: Webhook, receiver: Receiver, receive, fake_engine: FakeEngine, owner: User
) -> None:
    document = receive(upload("book.pdf", book(2)))
    editing.cancel(document.current_run, owner)
    editing.retry(document.current_run, owner, 1)
    run_worker()
    sender.deliver()
    sender.deliver()
    assert [message["type"] for message in messages(receiver)] == ["document.failed", "document.partial"]


@pytest.fixture
def told(hook: Webhook, receive, fake_engine: FakeEngine) -> Document:
    """A document that has been read, of which the webhook knows."""
    document: Document = receive()
    run_worker()
    Delivery.objects.all().delete()
    return document


@pytest.mark.django_db(transaction=True)
def test_many_corrections_are_told_once(hook: Webhook, receiver: Receiver, told: Document, owner: User) -> None:
    result = told.current_run.results.get()
    first = editing.correct(result, "1-1", "臺北", author=owner, seen=None)
    editing.correct(result, "1-1", "臺北市", author=owner, seen=first.pk)
    assert sender.deliver() == 0  # they are gathered for a while
    hurry()
    sender.deliver()
    (message,) = messages(receiver)
    assert (message["type"], message["data"]["id"]) == ("document.corrected", str(told.pk))


@pytest.mark.django_db(transaction=True)
def test_a_webhook_switched_off_and_on_is_told_of_the_next_correction(
    hook: Webhook, receiver: Receiver, told: Document, owner: User
) -> None:
    result = told.current_run.results.get()
    first = editing.correct(result, "1-1", "臺北", author=owner, seen=None)
    hook.switch(False)
    hook.switch(True)
    editing.correct(result, "1-1", "臺北市", author=owner, seen=first.pk)
    hurry()
    assert sender.deliver() == 1
    assert [message["type"] for message in messages(receiver)] == ["document.corrected"]


@pytest.mark.django_db(transaction=True)
def test_only_the_owner_is_told_and_only_what_was_asked_for(
    hook: Webhook, receiver: Receiver, receive, fake_engine, stranger: User
) -> None:
    Webhook.objects.create(user=stranger, url=receiver.url, subjects=Subject.values)
    Webhook.objects.filter(pk=hook.pk).update(subjects=["document.failed"])
    receive()
    run_worker()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_told(told: Document, owner: User) -> None:
    result = told.current_run.results.get()
    with pytest.raises(editing.ConflictError):
        editing.correct(result, "1-1", "x", author=owner, seen=99)
    assert not Delivery.objects.exists()
