"""Recognition while a program waits for the text."""

from __future__ import annotations

import threading
import time

import jsonschema
import pytest
from django.conf import settings
from django.test import Client

from documents.ingest import waiting
from documents.models import Document, Event
from documents.processing import queue
from tests.support.api import API, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture, upload
from tests.support.json_schema import SCHEMA
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_work(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is so quick that what is asked for is read at once."""
    monkeypatch.setitem(settings.RQ_QUEUES["interactive"], "ASYNC", False)


def test_a_file_is_read_while_one_waits(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/", {"file": upload("說明書.png"), "script": "none"})
    assert answer.status_code == 200
    data = answer.json()
    jsonschema.validate(data, SCHEMA)
    assert (data["text"], data["document"]["title"], data["run"]["options"]["script"]) == ("台北", "說明書", "none")
    assert Document.objects.get().title == "說明書"


def test_what_is_not_to_be_kept_is_gone_afterwards(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload("說明書.png")})
    jsonschema.validate(answer.json(), SCHEMA)
    assert answer.json()["text"] == "台北"
    assert answer.json()["document"]["title"] == "說明書"
    assert not Document.objects.exists()
    (event,) = Event.objects.filter(verb="recognised")  # it was never a document, but it counts
    assert (event.title, event.details) == ("", {"pages": 1})
    assert not queue.get_queue().connection.keys("ocrsite:*")


def test_a_file_with_pages_is_a_document_until_it_is_answered(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload("book.pdf", book(2))})
    assert [page["text"] for page in answer.json()["pages"]] == ["台北", "台北"]
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload("no-picture.png", book(1))})
    assert answer.json()["text"] == "台北"
    assert not Document.objects.exists()


def test_a_damaged_picture_that_is_not_to_be_kept_is_refused_as_any_other(program: Client, at_work: None) -> None:
    address = f"{API}/recognise/?keep=false"
    problem(program.post(address, {"file": upload("a.png", picture()[:300])}), 422, "file-broken")
    problem(program.post(address, {"file": upload("a.png", b"words")}), 415, "file-type-unsupported")
    assert not Document.objects.exists()


def test_pages_that_are_not_kept_count_towards_the_quota(program: Client, at_work: None, settings) -> None:
    settings.OCRSITE_USER_PAGES_A_DAY = 1
    assert program.post(f"{API}/recognise/?keep=false", {"file": upload()}).status_code == 200
    problem(program.post(f"{API}/recognise/?keep=false", {"file": upload()}), 422, "quota-pages")


def test_a_picture_of_which_the_layout_is_known(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload(), "layout": "table"}).json()
    (block,) = answer["pages"][0]["blocks"]
    assert [[cell["text"] for cell in row] for row in block["table"]["rows"]] == [["台北"]]
    assert answer["run"]["options"]["layout"] == "table"


@pytest.mark.parametrize("keep", ["true", "false"])
def test_a_batch_answers_for_each_file_in_order(keep: str, program: Client, at_work: None) -> None:
    files = [upload("1.png"), upload("2.png", b"words"), upload("3.pdf", book(2))]
    answer = program.post(f"{API}/recognise/batch/?keep={keep}", {"file": files})
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert [each["file"] for each in answer.json()] == ["1.png", "2.png", "3.pdf"]
    assert (first["result"]["text"], first["document"], first["error"]) == ("台北", None, None)
    assert (second["result"], second["error"]["code"]) == (None, "file-type-unsupported")
    assert len(third["result"]["pages"]) == 2
    assert Document.objects.count() == (2 if keep == "true" else 0)


def test_files_of_a_batch_that_take_longer_are_documents(program: Client, fake_engine: FakeEngine) -> None:
    answer = program.post(f"{API}/recognise/batch/?keep=false&wait=0", {"file": [upload("1.png"), upload("2.png")]})
    addresses = [each["document"]["url"] for each in answer.json()]
    run_worker()
    assert [program.get(address).json()["status"] for address in addresses] == ["done", "done"]


def test_a_batch_has_a_limit(program: Client) -> None:
    files = [upload(f"{number}.png", b"x") for number in range(51)]
    problem(program.post(f"{API}/recognise/batch/", {"file": files}), 400, "invalid")


def test_what_takes_too_long_is_read_on_and_not_lost(program: Client, fake_engine: FakeEngine) -> None:
    answer = program.post(f"{API}/recognise/?wait=0&keep=false", {"file": upload()})
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["url"]
    run_worker()
    assert program.get(answer.json()["url"]).json()["status"] == "done"


def test_waiting_takes_no_more_threads_than_may_be_spared(
    program: Client, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "SEATS", threading.BoundedSemaphore(1))
    with waiting.SEATS:
        begun = time.monotonic()
        assert program.post(f"{API}/recognise/?wait=30", {"file": upload()}).status_code == 202
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("content", "status", "code"), [(b"words", 415, "file-type-unsupported"), (b"x" * 3000, 413, "file-too-large")]
)
def test_a_file_that_cannot_be_read_is_a_problem_at_once(content, status, code, program: Client, settings) -> None:
    settings.OCRSITE_MAX_BYTES = 2000
    problem(program.post(f"{API}/recognise/", {"file": upload("a.png", content)}), status, code)


def test_several_files_at_once_are_not_for_waiting(program: Client) -> None:
    problem(program.post(f"{API}/recognise/", {"file": [upload(), upload()]}), 400, "invalid")
    problem(program.post(f"{API}/recognise/", {}), 400, "invalid")
    assert not Document.objects.exists()
