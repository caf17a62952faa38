"""Private files over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Document, Event
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db
CONTENT = book(1)
SIZE = len(CONTENT)


@pytest.fixture
def url(receive) -> str:
    return f"/documents/{receive(upload('書.pdf', CONTENT)).pk}/original/"


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_comes_whole_with_its_type_and_no_sniffing(url: str, as_owner: Client) -> None:
    answer = as_owner.get(url)
    assert body(answer) == CONTENT
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "private" in answer.headers["Cache-Control"]
    assert "filename*=utf-8''%E6%9B%B8.pdf" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=10-", 10, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=5-{SIZE * 2}", 5, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
    ],
)
def test_a_byte_range_gives_just_that_part(url: str, as_owner: Client, asked, start, stop) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 206
    assert body(answer) == CONTENT[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_the_file_is_416(url: str, as_owner: Client, asked) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=" + "9" * 5000 + "-"])
def test_a_range_of_another_form_is_ignored(url: str, as_owner: Client, asked) -> None:
    answer = as_owner.get(url, headers={"range": asked})
    assert answer.status_code == 200
    assert body(answer) == CONTENT


def test_an_unchanged_file_is_not_sent_again(url: str, as_owner: Client) -> None:
    tag = as_owner.get(url).headers["ETag"]
    assert as_owner.get(url, headers={"if-none-match": tag}).status_code == 304
    assert as_owner.get(url, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("asked", [{}, {"range": "bytes=0-9"}, {"range": "bytes=-5"}])
def test_an_original_that_is_gone_from_storage_says_so(receive, as_owner: Client, asked: dict[str, str]) -> None:
    document = receive()
    document.original.storage.delete(document.original.name)
    answer = as_owner.get(f"/documents/{document.pk}/original/", headers=asked)
    assert answer.status_code == 422
    assert "missing from the archive" in answer.content.decode()
    assert as_owner.get(f"/api/v1/documents/{document.pk}/original/").json()["code"] == "original-missing"
    assert not Event.objects.filter(verb="downloaded").exists()
    kept = as_owner.post(f"/documents/{document.pk}/again/", headers={"accept": "application/json"})
    assert kept.json()["files"][0]["error"]["code"] == "original-missing"
    assert Document.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_gone_from_storage_is_not_found(receive, fake_engine, as_owner: Client) -> None:
    document = receive()
    run_worker()
    page = document.pages.get()
    for file in (page.image, page.thumbnail):
        file.storage.delete(file.name)
    url = f"documents/{document.pk}/pages/1"
    assert as_owner.get(f"/{url}/image/").status_code == 404
    assert as_owner.get(f"/{url}/image/", headers={"range": "bytes=0-9"}).status_code == 404
    assert as_owner.get(f"/api/v1/{url}/image/").json()["code"] == "not-found"
    assert as_owner.get(f"/{url}/thumbnail/").status_code == 404
