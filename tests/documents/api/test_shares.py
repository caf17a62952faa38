"""With whom a document is shared."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from documents.models import Document, Folder, Share
from tests.support.api import API, holding, line, patch, problem

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_document_is_shared_and_the_share_taken_back(document: Document, program: Client, stranger: User) -> None:
    shares, theirs = f"{API}/documents/{document.pk}/shares/", holding(stranger, "write")
    read = program.post(shares, {"user": "stranger"}, content_type="application/json")
    assert (read.status_code, read.json()["user"], read.json()["may_edit"]) == (201, "stranger", False)
    assert theirs.get(f"{API}/documents/{document.pk}/").status_code == 200
    problem(patch(theirs, line(document), {"text": "台北"}), 403, "permission-denied")
    problem(theirs.get(shares), 403, "permission-denied")
    edit = program.post(shares, {"user": "stranger", "may_edit": True}, content_type="application/json")
    assert edit.json() == read.json() | {"may_edit": True}
    assert patch(theirs, line(document), {"text": "台北"}).status_code == 200
    assert program.get(shares).json() == [edit.json()]
    assert program.delete(f"{shares}{edit.json()['id']}/").status_code == 204
    problem(theirs.get(f"{API}/documents/{document.pk}/"), 404, "not-found")


def test_shares_by_a_folder_are_listed_but_are_the_folders(document: Document, program: Client, owner: User) -> None:
    folder, team = Folder.create(owner, "letters"), Group.objects.create(name="archive")
    Document.objects.filter(pk=document.pk).update(folder=folder)
    share = Share.objects.create(folder=folder, team=team)
    shares = f"{API}/documents/{document.pk}/shares/"
    listed = program.get(shares).json()
    assert [(found["id"], found["team"], found["folder"]) for found in listed] == [(share.pk, "archive", folder.pk)]
    problem(program.delete(f"{shares}{share.pk}/"), 404, "not-found")


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"user": "nobody"}, 400, "invalid"),
        ({"team": "of others"}, 400, "invalid"),
        ({"user": "stranger", "team": "of others"}, 400, "invalid"),
        ({"user": "owner"}, 422, "refused"),
    ],
)
def test_a_share_that_cannot_be_is_refused(
    wanted: dict, status: int, code: str, document: Document, program: Client, stranger: User
) -> None:
    Group.objects.create(name="of others")
    answer = program.post(f"{API}/documents/{document.pk}/shares/", wanted, content_type="application/json")
    problem(answer, status, code)
