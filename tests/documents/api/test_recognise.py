"""Recognition while a program waits for the text."""

from __future__ import annotations

import threading
import time

import jsonschema
import pytest
from django.conf import settings
from django.test import Client

from documents.api import recognise
from documents.models import Document
from tests.support.api import API, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import upload
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
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload()})
    assert answer.json()["text"] == "台北"
    assert not Document.objects.exists()


def test_what_takes_too_long_is_read_on_and_not_lost(program: Client, fake_engine: FakeEngine) -> None:
    answer = program.post(f"{API}/recognise/?wait=0&keep=false", {"file": upload()})
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["url"]
    run_worker()
    assert program.get(answer.json()["url"]).json()["status"] == "done"


def test_waiting_takes_no_more_threads_than_may_be_spared(
    program: Client, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "WAITING", threading.BoundedSemaphore(1))
    with recognise.WAITING:
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
