"""Who did what is written down once, stays as it was written, and is shown to those whom it concerns."""

from __future__ import annotations

import csv
import importlib
import io
import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from documents import originals
from documents.exports.csv_table import inert
from documents.models import Document, Event, Verb, record
from documents.models.audit import FinalError
from documents.views.activity import sittings
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def noted() -> list[tuple[str, str]]:
    """Everything that has been noted, the oldest first."""
    return list(Event.objects.order_by("id").values_list("actor_name", "verb"))


# what the owner does: (method, the rest of the address, form, what is noted)
ACTS = [
    ("get", "", {}, Verb.VIEWED),
    ("get", "pages/2/", {}, Verb.VIEWED),
    ("get", "pages/1/image/", {}, Verb.VIEWED),
    ("get", "pages/1/lines/1/history/", {}, Verb.VIEWED),
    ("get", "text/", {}, Verb.VIEWED),
    ("get", "find/", {"find": "台"}, Verb.VIEWED),
    ("get", "compare/", {}, Verb.VIEWED),
    ("get", "original/", {}, Verb.DOWNLOADED),
    ("get", "export/txt/", {}, Verb.EXPORTED),
    ("post", "pages/1/lines/", {"changes": '[{"line": "1", "text": "臺北", "seen": null}]'}, Verb.CORRECTED),
    ("post", "runs/", {"direction": "vertical-rl"}, Verb.READ_AGAIN),
    ("post", "runs/{run}/current/", {}, Verb.MADE_CURRENT),
]


@pytest.mark.parametrize(("method", "rest", "form", "verb"), ACTS, ids=[f"{act[3]} {act[1]}" for act in ACTS])
def test_what_people_do_is_noted(method, rest, form, verb, document: Document, as_owner: Client) -> None:
    address = document.get_absolute_url() + rest.format(run=document.current_run_id)
    assert getattr(as_owner, method)(address, form).status_code < 400
    assert noted() == [("owner", Verb.UPLOADED), ("owner", verb)]
    event = Event.objects.latest("id")
    assert (event.document, event.title, event.owner) == (document.pk, "book", document.owner)


@pytest.mark.parametrize("rest", ["pages/1/", "pages/1/lines/1-1/", "pages/1/image/"])
def test_what_programs_read_is_noted_as_what_people_see(rest: str, document: Document, as_owner: Client) -> None:
    assert as_owner.get(f"/api/v1/documents/{document.pk}/{rest}").status_code == 200
    assert noted() == [("owner", Verb.UPLOADED), ("owner", Verb.VIEWED)]


def test_a_list_with_small_pictures_and_the_progress_are_no_views(document: Document, as_owner: Client) -> None:
    for address in ("/", f"{document.get_absolute_url()}progress/", f"{document.get_absolute_url()}pages/1/thumbnail/"):
        as_owner.get(address)
    assert noted() == [("owner", Verb.UPLOADED)]


def test_taking_a_correction_back_is_noted_as_that(document: Document, as_owner: Client) -> None:
    address = f"{document.get_absolute_url()}pages/1/lines/"
    seen = None
    for text in "臺北", "台北":
        change = {"line": "1", "text": text, "seen": seen}
        seen = as_owner.post(address, {"changes": json.dumps([change])}).json()["lines"][0]["seen"]
    assert [verb for _, verb in noted()] == [Verb.UPLOADED, Verb.CORRECTED, Verb.WITHDREW]


def test_cancelling_and_trying_again_are_noted_with_their_pages(receive, fake_engine, as_owner: Client) -> None:
    waiting = receive(upload("book.pdf", book(2)))
    as_owner.post(f"{waiting.get_absolute_url()}cancel/")
    as_owner.post(f"{waiting.get_absolute_url()}retry/")
    as_owner.post(f"{waiting.get_absolute_url()}retry/")  # nothing has failed: nothing is done, nothing noted
    assert [verb for _, verb in noted()] == [Verb.UPLOADED, Verb.CANCELLED, Verb.RETRIED]
    assert Event.objects.latest("id").details == {"pages": 2, "counted": 0}


def test_what_is_refused_is_not_noted(document: Document, as_stranger: Client) -> None:
    as_stranger.get(document.get_absolute_url())
    as_stranger.get(f"{document.get_absolute_url()}export/txt/")
    assert noted() == [("owner", Verb.UPLOADED)]


def test_a_view_is_noted_once_an_hour_for_each_person(document: Document, owner: User, stranger: User) -> None:
    for _ in range(3):
        record(Verb.VIEWED, document, owner)
    record(Verb.VIEWED, document, stranger)
    with patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=61)):
        record(Verb.VIEWED, document, owner)
    assert noted()[1:] == [("owner", Verb.VIEWED), ("stranger", Verb.VIEWED), ("owner", Verb.VIEWED)]


def test_what_happened_outlives_document_and_person(document: Document, owner: User, stranger: User) -> None:
    record(Verb.VIEWED, document, stranger)
    originals.discard(document, owner)
    stranger.delete()
    event = Event.objects.get(verb=Verb.DELETED)
    assert (event.title, event.actor_name, event.owner) == ("book", "owner", owner)
    assert ("stranger", Verb.VIEWED) in noted()


@pytest.mark.parametrize("actor", [None, AnonymousUser()], ids=["the platform", "a stranger"])
def test_nobody_in_particular_has_no_name(actor, document: Document) -> None:
    record(Verb.TRASHED, document, actor)
    assert noted()[-1] == ("", Verb.TRASHED)


def test_the_models_refuse_to_change_or_remove_events(document: Document) -> None:
    event = Event.objects.get()
    for attempt in (event.save, event.delete, Event.objects.all().delete, lambda: Event.objects.update(title="")):
        with pytest.raises(FinalError):
            attempt()


@pytest.mark.parametrize("statement", ["UPDATE documents_event SET title = ''", "DELETE FROM documents_event"])
def test_the_database_refuses_to_change_or_remove_events(statement: str, document: Document, every_guard) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().title == "book"


@pytest.fixture
def every_guard(db):
    """SQLite's tests run without the guard against deletion (tests/conftest.py): here it stands, as migrated."""
    guards = importlib.import_module("documents.migrations.0005_audit").GUARDS
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(next(guard for guard in guards["sqlite"] if "no_delete" in guard))
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER documents_event_no_delete")


def test_the_owner_reads_what_happened(document: Document, stranger: User, as_owner: Client) -> None:
    record(Verb.SHARED, document, stranger)
    shown = as_owner.get(f"{document.get_absolute_url()}activity/").content.decode()
    assert "stranger" in shown
    assert "uploaded it" in shown
    assert "pages: 2" in shown


def test_the_table_is_complete_and_safe_in_a_spreadsheet(receive, fake_engine: FakeEngine, as_owner: Client) -> None:
    evil = receive(upload("=HYPERLINK(1).png"))
    answer = as_owner.get(f"{evil.get_absolute_url()}activity/table/")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert rows[0][:4] == ["when", "who", "what", "document"]
    assert rows[1][1:4] == ["owner", "uploaded it", "'=HYPERLINK(1)"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_administrators_read_everything_and_change_nothing(document: Document) -> None:
    boss = Client(headers={"accept-language": "en"})
    boss.force_login(User.objects.create_superuser("boss"))
    event = Event.objects.get()
    assert "owner uploaded it book · file: book.pdf · pages: 2" in boss.get("/admin/documents/event/").content.decode()
    shown = boss.get(f"/admin/documents/event/{event.pk}/change/").content.decode()
    assert "file: book.pdf · pages: 2" in shown
    assert "{" not in shown.split('id="content"')[1]
    assert boss.post(f"/admin/documents/event/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    table = boss.post("/admin/documents/event/", {"action": "as_csv", "_selected_action": [event.pk]})
    assert "owner,uploaded it,book" in b"".join(table).decode()


def test_what_one_person_does_in_one_go_is_one_row() -> None:
    now = timezone.now()
    acts = [
        ("chen", Verb.VIEWED, 5),
        ("lin", Verb.CORRECTED, 10),
        ("lin", Verb.CORRECTED, 20),
        ("lin", Verb.VIEWED, 90),
    ]
    events = [Event(actor_name=name, verb=verb, time=now - timedelta(minutes=age)) for name, verb, age in acts]
    found = sittings(events)
    assert [(each.first.actor_name, len(each.events)) for each in found] == [("chen", 1), ("lin", 2), ("lin", 1)]
    assert [times for _act, times in found[1].acts] == [2]
