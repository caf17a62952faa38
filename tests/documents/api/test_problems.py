"""Whatever goes wrong is a problem document."""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Document
from tests.support.api import API, line, problem

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "nowhere/", 404, "not-found"),
        ("get", "documents/00000000-0000-4000-8000-000000000000/", 404, "not-found"),
        ("get", "documents", 404, "not-found"),
        ("put", "documents/", 405, "method-not-allowed"),
        ("delete", "me/", 405, "method-not-allowed"),
        ("put", "search/?q=letters", 405, "method-not-allowed"),
    ],
)
def test_whatever_goes_wrong_is_a_problem_document(method, path, status, code, program: Client) -> None:
    problem(getattr(program, method)(f"{API}/{path}"), status, code)


def test_a_body_of_another_type_is_refused(document: Document, program: Client) -> None:
    answer = program.patch(line(document), "<text/>", content_type="application/xml")
    problem(answer, 415, "unsupported-media-type")
    problem(program.post(f"{API}/documents/", "{}", content_type="application/json"), 415, "unsupported-media-type")


def test_a_body_that_is_too_long_is_not_read(document: Document, program: Client) -> None:
    answer = program.patch(line(document), b" " * (1024 * 1024 + 1), content_type="application/json")
    problem(answer, 413, "body-too-large")


def test_a_body_that_nobody_can_read_is_refused(document: Document, program: Client) -> None:
    for body in ("[" * 100_000, "9" * 5000, '{"text"'):
        problem(program.patch(line(document), body, content_type="application/json"), 400, "parse-error")


def test_half_a_character_is_refused_wherever_it_stands(document: Document, program: Client) -> None:
    for body in ({"direction": "\ud800"}, {"\ud800": 1}, {"text_layer": "\udfff"}):
        answer = program.post(f"{API}/documents/{document.pk}/runs/", body, content_type="application/json")
        problem(answer, 400, "invalid")


def test_a_fault_of_ours_is_a_problem_document_too(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("documents.api.documents.listed", fail)
    problem(program.get(f"{API}/documents/"), 500, "server-error")


def test_who_asks_too_often_is_told_when_to_come_back(program: Client, settings) -> None:
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 3
    answers = [program.get(f"{API}/me/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    problem(answers[-1], 429, "throttled")
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_without_redis_nobody_is_held_back(program: Client, settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(settings.RQ_QUEUES["recognition"], "URL", f"unix://{tmp_path}/nobody.sock")
    settings.OCRSITE_USER_REQUESTS_A_MINUTE = 1
    assert [program.get(f"{API}/me/").status_code for _ in range(2)] == [200, 200]
