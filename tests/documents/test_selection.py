"""What is done with a selection of documents: tags, shares, folders."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from documents.models import Document, Folder, Share
from tests.support.documents import make

pytestmark = pytest.mark.django_db


def test_a_selection_is_treated_as_far_as_one_may(owner: User, stranger: User, as_stranger: Client) -> None:
    mine, readable, editable, hidden = (
        make(user, title)
        for user, title in [
            (stranger, "mine"),
            (owner, "readable"),
            (owner, "editable"),
            (owner, "hidden"),
        ]
    )
    Share.objects.create(document=readable, user=stranger)
    Share.objects.create(document=editable, user=stranger, may_edit=True)
    chosen = [document.pk for document in (mine, readable, editable, hidden)]

    def post(action: str, **data: object):
        return as_stranger.post("/documents/selection/", {"document": chosen, "action": action, **data}, follow=True)

    asked = as_stranger.get("/documents/selection/", {"document": chosen, "action": "tag"})
    assert {document.title for document in asked.context["documents"]} == {"mine", "editable"}
    assert asked.context["left_out"] == 1
    said = post("tag", add="信件， 1939").content.decode()
    assert "Tags of 2 documents changed. 1 other document is left out" in said
    tagged = {document.title: {tag.name for tag in document.tags.all()} for document in Document.objects.all()}
    assert tagged == {"mine": {"信件", "1939"}, "editable": {"信件", "1939"}, "readable": set(), "hidden": set()}
    said = post("trash").content.decode()
    assert '1 document moved to the trash. <a href="/trash/">To the trash</a> 2 other documents are left out' in said
    assert list(Document.objects.filter(trashed__isnull=False)) == [mine]


def test_what_is_asked_wrongly_is_said_and_changes_nothing(owner: User, stranger: User, as_owner: Client) -> None:
    document, theirs = make(owner), Folder.create(stranger, "theirs")
    Share.objects.create(folder=theirs, user=owner)
    for data, words in [
        ({"action": "share", "person": "nobody"}, "Nobody has this login name"),
        ({"action": "share"}, "Name a person or a team"),
        ({"action": "share", "person": "owner"}, "This is you."),
        ({"action": "move", "folder": theirs.pk}, "may not put anything"),
        ({"action": "tag", "add": "x" * 51}, "1 to 50 characters"),
    ]:
        answer = as_owner.post("/documents/selection/", {"document": document.pk, **data}, follow=True)
        assert words in answer.content.decode(), data
    document.refresh_from_db()
    assert document.folder is None
    assert not document.shares.exists()
    assert as_owner.post("/documents/selection/", {"document": "x", "action": "tag"}).status_code == 404
    assert as_owner.post("/documents/selection/", {"document": document.pk, "action": "x"}).status_code == 404


@pytest.mark.parametrize("of", ["document", "folder"])
def test_a_mistyped_name_can_be_edited_where_it_was_typed(of: str, owner: User, as_owner: Client) -> None:
    document, folder = make(owner), Folder.create(owner, "letters", None)
    page = f"/documents/{document.pk}/manage/"
    where = f"/folders/{folder.pk}/share/" if of == "folder" else "/documents/selection/"
    for name in ("nobdy", "nobody"):
        form = {"document": document.pk, "action": "share", "person": name, "may_edit": "1", "here": page}
        answer = as_owner.post(where, form, follow=True)
        page = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
        assert "Nobody has this login name" in answer.content.decode()
        shown = answer.context["grantee_form"]
        assert (shown["person"].value(), shown["may_edit"].value()) == (name, "1")


def test_nobody_is_sent_to_another_site_afterwards(owner: User, as_owner: Client) -> None:
    data = {"document": make(owner).pk, "action": "tag", "add": "a", "next": "https://evil.example/"}
    assert as_owner.post("/documents/selection/", data).headers["Location"] == "/"


def test_only_team_mates_are_suggested(owner: User, stranger: User, as_owner: Client) -> None:
    team = Group.objects.create(name="team")
    mate = User.objects.create_user("mate")
    mate.groups.add(team)
    owner.groups.add(team)
    page = as_owner.get(f"/documents/{make(owner).pk}/manage/").content.decode()
    assert 'value="mate"' in page
    assert "stranger" not in page


def test_a_share_is_given_changed_and_taken_back(owner: User, stranger: User, as_owner: Client, as_stranger) -> None:
    document = make(owner)
    address = f"/documents/{document.pk}/original/"
    as_owner.post("/documents/selection/", {"document": document.pk, "action": "share", "person": "stranger"})
    share = Share.objects.get()
    assert not share.may_edit
    as_owner.post(f"/shares/{share.pk}/", {"may_edit": "1"})
    assert Document.objects.editable_by(stranger).get() == document
    as_owner.post(f"/shares/{share.pk}/", {"remove": "1"})
    assert as_stranger.get(address).status_code == 404
