"""Runs and the files that are made of them."""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Document, Run
from tests.support.api import API, problem
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_document_is_read_again_and_an_earlier_run_made_current(document: Document, program: Client) -> None:
    first = str(document.current_run_id)
    made = program.post(
        f"{API}/documents/{document.pk}/runs/", {"direction": "vertical-rl"}, content_type="application/json"
    )
    assert made.status_code == 201
    assert (made.json()["options"]["direction"], made.json()["current"]) == ("vertical-rl", False)
    run_worker()
    done = program.get(made.json()["url"]).json()
    assert (done["state"], done["current"]) == ("done", True)
    runs = program.get(f"{API}/documents/{document.pk}/runs/").json()
    assert [run["id"] for run in runs] == [made.json()["id"], first]
    assert program.post(f"{API}/documents/{document.pk}/runs/{first}/current/").json()["current"] is True
    assert Document.objects.get().current_run_id == document.current_run_id
    page = program.get(f"{API}/documents/{document.pk}/pages/1/?run={made.json()['id']}").json()
    assert page["run"] == made.json()["id"]


def test_one_page_is_read_again(document: Document, program: Client, fake_engine: FakeEngine) -> None:
    runs = f"{API}/documents/{document.pk}/runs/"
    read = fake_engine.pages_read
    made = program.post(runs, {"page": 2, "direction": "vertical-rl"}, content_type="application/json")
    assert made.status_code == 201
    problem(program.post(runs, {"page": 2}, content_type="application/json"), 409, "unfinished")
    run_worker()
    assert fake_engine.pages_read == read + 1
    problem(program.post(runs, {"page": 3}, content_type="application/json"), 400, "invalid")


def test_a_run_is_cancelled_and_tried_again(program: Client, receive, fake_engine: FakeEngine) -> None:
    waiting = receive()
    url = f"{API}/documents/{waiting.pk}/runs/{waiting.current_run_id}"
    assert program.post(f"{url}/cancel/").json()["state"] == "failed"
    assert program.post(f"{url}/retry/").json()["state"] == "queued"
    run_worker()
    assert Run.objects.get().state == "done"


def test_exports_are_those_of_the_web(document: Document, program: Client, as_owner: Client) -> None:
    for suffix in ("txt", "json"):
        mine = program.get(f"{API}/documents/{document.pk}/export/{suffix}/")
        web = as_owner.get(f"/documents/{document.pk}/export/{suffix}/")
        assert mine.getvalue() == web.getvalue()
        assert mine.headers["Content-Type"] == web.headers["Content-Type"]
    problem(program.get(f"{API}/documents/{document.pk}/export/exe/"), 404, "format-unknown")
    original = program.get(f"{API}/documents/{document.pk}/original/")
    with document.first_original.file.open() as file:
        assert original.getvalue() == file.read()
