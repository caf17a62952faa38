"""The trash: restoring, and deleting for good."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document
from tests.support.documents import make, titles
from tests.support.files import picture, upload

pytestmark = pytest.mark.django_db


def test_the_trash_restores_and_deletes_for_good_after_asking(
    receive, as_owner: Client, as_stranger: Client, django_capture_on_commit_callbacks
) -> None:
    back, gone = (receive(upload(f"{name}.png", picture(name))) for name in ("back", "gone"))
    for document in (back, gone):
        as_owner.post("/documents/selection/", {"document": document.pk, "action": "trash"})
    assert titles(as_owner) == []
    assert {document.title for document in as_owner.get("/trash/").context["page"].documents} == {"back", "gone"}
    assert as_stranger.post("/trash/", {"document": back.pk, "action": "restore"}).status_code == 404
    as_owner.post("/trash/", {"document": back.pk, "action": "restore"})
    asked = as_owner.post("/trash/", {"document": gone.pk, "action": "delete"})
    assert "for good?" in asked.content.decode()
    original = gone.first_original.file
    assert Document.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        as_owner.post("/trash/", {"document": gone.pk, "action": "delete", "sure": "1"})
    assert titles(as_owner) == ["back"]
    assert not original.storage.exists(original.name)


@pytest.mark.parametrize("action", ["restore", "delete"])
def test_who_selects_nothing_in_the_trash_is_told_so(action: str, as_owner: Client) -> None:
    assert "Select something first." in as_owner.post("/trash/", {"action": action}, follow=True).content.decode()


def test_what_is_not_in_the_trash_is_not_deleted_for_good(owner: User, as_owner: Client) -> None:
    document = make(owner)
    answer = as_owner.post("/trash/", {"document": document.pk, "action": "delete", "sure": "1"})
    assert answer.status_code == 404
    assert Document.objects.get() == document
