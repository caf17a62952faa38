"""What travels compressed, and what keeps its bytes."""

from __future__ import annotations

import gzip

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document
from tests.support.api import holding, patch
from tests.support.documents import new_document

pytestmark = pytest.mark.django_db

ACCEPTS = {"accept-encoding": "gzip", "accept-language": "en"}


@pytest.fixture(autouse=True)
def _static_files_as_they_are(settings) -> None:
    files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": files}


@pytest.fixture
def owner(db) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def document(owner: User) -> Document:
    return new_document(owner, "book", *[f"page {number}" for number in range(300)])


@pytest.fixture
def as_owner(owner: User) -> Client:
    client = Client(headers=ACCEPTS)
    client.force_login(owner)
    return client


def test_a_page_of_300_thumbnails_is_small_and_never_of_the_same_length(document: Document, as_owner: Client) -> None:
    answers = [as_owner.get(document.get_absolute_url()) for _ in range(8)]
    assert all(answer.headers["Content-Encoding"] == "gzip" for answer in answers)
    assert len(gzip.decompress(answers[0].content)) > 100_000
    assert max(len(answer.content) for answer in answers) < 30_000
    assert len({len(answer.content) for answer in answers}) > 1


def test_json_is_compressed_and_a_line_keeps_its_version(document: Document, owner: User) -> None:
    program = holding(owner, "write")
    page = program.get(f"/api/v1/documents/{document.pk}/pages/1/", headers=ACCEPTS)
    assert page.headers["Content-Encoding"] == "gzip"
    line = program.get(f"/api/v1/documents/{document.pk}/pages/1/lines/1-1/", headers=ACCEPTS)
    assert "Content-Encoding" not in line.headers
    address = f"/api/v1/documents/{document.pk}/pages/1/lines/1-1/"
    assert patch(program, address, {"text": "x" * 300}, **{"if-match": line.headers["ETag"]}).status_code == 200


def test_files_keep_their_bytes(document: Document, as_owner: Client) -> None:
    answer = as_owner.get(f"/documents/{document.pk}/export/txt/")
    assert "Content-Encoding" not in answer.headers
    assert not answer.headers["ETag"].startswith("W/")
