"""Folders on the web: made, renamed, moved, deleted, and what is told of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document, Folder, Share
from tests.support.documents import make
from tests.support.files import upload

pytestmark = pytest.mark.django_db


def test_folders_are_made_renamed_moved_and_deleted(owner: User, as_owner: Client) -> None:
    as_owner.post("/folders/", {"name": "outer"})
    outer = Folder.objects.get()
    as_owner.post("/folders/", {"name": "inner", "parent": outer.pk})
    inner = Folder.objects.get(parent=outer)
    assert "There is a folder" in as_owner.post("/folders/", {"name": "outer"}, follow=True).content.decode()
    as_owner.post(f"/folders/{inner.pk}/rename/", {"name": "inmost"})
    as_owner.post(f"/folders/{inner.pk}/move/", {"folder": ""})
    inner.refresh_from_db()
    assert (inner.name, inner.parent) == ("inmost", None)
    make(owner, folder=inner)
    refused = as_owner.post(f"/folders/{inner.pk}/delete/", follow=True)
    assert "not empty" in refused.content.decode()
    as_owner.post(f"/folders/{inner.pk}/delete/", {"with_contents": "on"})
    assert Folder.objects.get() == outer
    assert Document.objects.trash_of(owner).count() == 1


def test_who_shares_a_folder_above_is_told_but_not_what_it_is_called(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    above = Folder.create(owner, "Above")
    inside = Folder.create(owner, "Inside", above)
    Share.objects.create(folder=above, user=User.objects.create_user("another"))
    Share.objects.create(folder=inside, user=stranger, may_edit=True)
    document = make(stranger, folder=inside)
    page = as_stranger.get(f"/documents/{document.pk}/manage/").content.decode()
    assert "another" in page
    assert "because of a folder above it" in page
    assert "“Inside”" in page
    assert "Above" not in page


@pytest.mark.parametrize("digits", [30, 5000])
def test_a_number_longer_than_any_names_nothing(owner: User, as_owner: Client, digits: int) -> None:
    document, folder, number = make(owner), Folder.create(owner, "here"), "9" * digits
    for address, sent in (
        ("/documents/", {"file": upload(), "folder": number}),
        (f"/documents/{document.pk}/again/", {"folder": number}),
        ("/documents/selection/", {"action": "move", "document": str(document.pk), "folder": number}),
        ("/folders/", {"name": "new", "parent": number}),
        (f"/folders/{folder.pk}/move/", {"folder": number}),
    ):
        assert as_owner.post(address, sent).status_code == 404, address
    assert as_owner.get(f"/documents/{document.pk}/", {"page": number}).status_code == 404


def test_a_document_left_behind_in_anothers_folder_says_so(owner: User, stranger: User, as_stranger: Client) -> None:
    folder = Folder.create(owner, "Hidden")
    document = make(stranger, folder=folder)
    page = as_stranger.get(f"/documents/{document.pk}/manage/").content.decode()
    assert "It is in a folder of owner that you may not look into" in page
    assert "Hidden" not in page
    Share.objects.create(folder=folder, user=stranger)
    assert "It is in a folder" not in as_stranger.get(f"/documents/{document.pk}/manage/").content.decode()
