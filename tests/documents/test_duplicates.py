"""Files that are in the archive already, and into what folder they go."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document, Folder, Share
from tests.support.files import upload

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def test_a_file_that_is_here_already_is_kept_again_only_when_asked(owner: User, as_owner: Client) -> None:
    folder = Folder.create(owner, "letters")

    def send(**data: object):
        sent = {"file": upload("again.png"), "folder": folder.pk, **data}
        return as_owner.post("/documents/", sent, headers=JSON).json()["files"][0]

    first = send()
    second = send()
    assert second["error"]["code"] == "duplicate"
    assert second["known"] == [{"title": "again", "url": first["url"]}]
    assert Document.objects.count() == 1
    kept = as_owner.post(second["again"], {"name": "twice.png", "folder": folder.pk}, headers=JSON).json()["files"][0]
    assert kept["url"] != first["url"]
    assert set(Document.objects.values_list("title", "folder__name")) == {("again", "letters"), ("twice", "letters")}


def test_without_scripts_a_duplicate_can_be_kept_as_well(owner: User, as_owner: Client) -> None:
    as_owner.post("/documents/", {"file": upload("a.png")})
    page = as_owner.post("/documents/", {"file": upload("b.png")}).content.decode()
    (again,) = {f"/documents/{document.pk}/again/" for document in Document.objects.all()}
    assert f'action="{again}"' in page
    as_owner.post(again, {"name": "b.png"})
    assert set(Document.objects.values_list("title", flat=True)) == {"a", "b"}


def test_nothing_is_put_into_a_folder_that_one_may_only_read(owner: User, stranger: User, as_stranger: Client) -> None:
    folder = Folder.create(owner, "letters")
    Share.objects.create(folder=folder, user=stranger)
    answer = as_stranger.post("/documents/", {"file": upload(), "folder": folder.pk}, headers=JSON)
    assert answer.status_code == 404
    assert not Document.objects.exists()


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 400 + ".png"])
def test_a_name_that_no_database_keeps_is_made_one(owner: User, as_owner: Client, name: str) -> None:
    as_owner.post("/documents/", {"file": upload()})
    known = Document.objects.get()
    answer = as_owner.post(f"/documents/{known.pk}/again/", {"name": name}, headers={"accept": "application/json"})
    assert answer.status_code == 201
    again = Document.objects.exclude(pk=known.pk).get()
    assert again.title in ("ab", "x" * 255)
