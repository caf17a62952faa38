"""Search and its filters."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document
from tests.support.api import API, holding, problem
from tests.support.fake_engine import FakeEngine
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_word_is_found_with_its_page_and_line(document: Document, program: Client, stranger: User) -> None:
    found = program.get(f"{API}/search/?q=臺北").json()  # the text has the simpler form
    assert (found["total"], found["more"], found["next"]) == (2, False, None)
    first = found["results"][0]
    assert (first["page"], first["lines"]) == (1, ["1-1"])
    assert [piece["text"] for piece in first["snippet"] if piece["found"]] == ["台北"]
    assert program.get(first["url"]).json()["number"] == 1
    titled = program.get(f"{API}/search/?q=book").json()["results"]
    assert [(hit["page"], hit["title"]) for hit in titled] == [(None, "book")]
    assert holding(stranger, "read").get(f"{API}/search/?q=台北").json()["total"] == 0


def test_a_hit_of_an_earlier_reading_leads_to_that_reading(document: Document, program: Client, as_owner) -> None:
    def lead() -> tuple[dict, str]:
        hit = program.get(f"{API}/search/?q=台北").json()["results"][0]
        return program.get(hit["url"]).json(), as_owner.get(hit["html_url"]).content.decode()

    first = str(document.current_run_id)
    program.post(f"{API}/documents/{document.pk}/runs/", {}, content_type="application/json")
    page, shown = lead()  # nobody has begun to read it again
    assert (page["run"], page["text"]) == (first, "台北")
    assert "台北" in shown
    run_worker()
    page, shown = lead()
    assert (page["run"] != first, page["text"]) == (True, "台北")
    assert "台北" in shown


def test_hits_are_filtered_and_turned_page_by_page(program: Client, receive, fake_engine: FakeEngine) -> None:
    for _ in range(25):
        receive()
    url, pages = f"{API}/search/?q=page", []
    while url:
        shown = program.get(url).json()
        pages.append(len(shown["results"]))
        url = shown["next"]
    assert pages == [20, 5]
    for nothing in ("owner=nobody", "tag=none", "folder=9", "status=done", "since=2999-01-01", "until=1999-01-01"):
        assert program.get(f"{API}/search/?q=page&{nothing}").json()["results"] == []
    problem(program.get(f"{API}/search/"), 400, "invalid")
