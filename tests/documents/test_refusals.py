"""Requests that cannot be served: each answer names the limit, to programs and to people."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from documents.models import Document

pytestmark = pytest.mark.django_db
DOORS = [("/documents/", {"accept": "text/html"}), ("/api/v1/documents/", {})]
FORM = "--X\r\nContent-Disposition: form-data; name=direction\r\n\r\nauto\r\n--X--\r\n"


@pytest.mark.parametrize(("address", "headers"), DOORS)
def test_too_much_at_a_time_is_refused_with_the_limit(as_owner: Client, address: str, headers: dict) -> None:
    files = {"file": [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(101)]}
    fields = {f"f{number}": "1" for number in range(10_001)}
    for sent, limit in (
        (files, "100 files"),
        (fields, "10000 fields"),
        ({"direction": "x" * 3_000_000}, "2621440 bytes"),
    ):
        answer = as_owner.post(address, sent, headers=headers)
        assert (answer.status_code, f"At most {limit}" in told(answer) or limit in told(answer)) == (413, True)


@pytest.mark.parametrize(("address", "headers"), DOORS)
@pytest.mark.parametrize("charset", ["idna", "hex", "undefined", "nonsense"])
def test_a_character_set_that_nobody_writes_in_is_refused(
    as_owner: Client, address: str, headers: dict, charset: str
) -> None:
    kind = f"multipart/form-data; boundary=X; charset={charset}"
    answer = as_owner.generic("POST", address, FORM, content_type=kind, headers=headers)
    assert (answer.status_code, "UTF-8" in told(answer)) == (415, True)


@pytest.mark.parametrize(("address", "headers"), [*DOORS, ("/accounts/login/", {})])
def test_nothing_is_traced(client: Client, address: str, headers: dict) -> None:
    answer = client.generic("TRACE", address, headers=headers)
    assert (answer.status_code, "TRACE" in answer["Allow"]) == (405, False)
    assert told(answer)


def test_a_page_says_when_an_address_takes_nothing(as_owner: Client) -> None:
    answer = as_owner.put("/documents/", headers={"accept": "text/html"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "<h1>" in told(answer)


def test_a_name_that_is_not_the_sites_gets_a_page(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"host": "elsewhere.example", "accept": "text/html"})
    assert (answer.status_code, "could not understand" in told(answer)) == (400, True)


@pytest.mark.parametrize("address", ["/", "/api/v1/documents/"])
def test_a_database_that_stays_locked_asks_to_come_back(
    as_owner: Client, document: Document, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("documents.models.archive.DocumentQuerySet.in_reach", locked)
    answer = as_owner.get(address, headers={"accept": "text/html"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "busy" in told(answer)


def told(answer) -> str:
    return answer.content.decode()
