"""Whom one can share with, and what those see of it who are new to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from documents.library import operations, people
from documents.models import Document, Folder, Reach, RefusedError
from tests.support.documents import new_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def chen(db) -> User:
    return User.objects.create_user("chen", "ming@example.org", first_name="小明", last_name="陳")


@pytest.mark.parametrize("text", ["chen", "ming@example.org", "Ming@Example.org", "陳小明", "陳 小明", "小明　陳"])
def test_people_are_found_by_login_name_mail_address_and_full_name(chen: User, text: str) -> None:
    assert people.find(text) == chen


def test_the_site_may_allow_login_names_only(chen: User, settings) -> None:
    settings.OCRSITE_FIND_PEOPLE = "login"
    assert people.find("chen") == chen
    with pytest.raises(RefusedError, match="exactly as the person does to log in"):
        people.find("陳小明")


def test_of_several_with_one_name_nobody_is_taken(chen: User) -> None:
    User.objects.create_user("chen2", first_name="小明", last_name="陳")
    with pytest.raises(RefusedError, match="chen, chen2"):
        people.find("陳小明")


@pytest.mark.parametrize("text", ["", "小明", "example.org", "inactive"])
def test_nobody_is_found_by_a_part_of_a_name_or_once_they_have_left(chen: User, text: str) -> None:
    User.objects.create_user("inactive", is_active=False)
    with pytest.raises(RefusedError):
        people.find(text)


def test_names_are_suggested_as_far_as_the_site_allows(chen: User, owner: User, as_owner: Client, settings) -> None:
    assert "chen" not in as_owner.get("/people/?person=小明").content.decode()
    settings.OCRSITE_FIND_PEOPLE = "search"
    assert '<option value="chen">' in as_owner.get("/people/?person=小明").content.decode()
    assert "chen" not in as_owner.get("/people/?person=明").content.decode()
    settings.OCRSITE_FIND_PEOPLE = "exact"
    team = Group.objects.create(name="team")
    team.user_set.add(chen, owner)
    assert list(people.suggested("", owner)) == [chen]


def test_a_name_that_is_nobodys_is_said_beside_the_field_and_stays_there(owner: User, as_owner: Client) -> None:
    document = new_document(owner, "a", "text")
    sent = {"action": "share", "document": document.pk, "person": "nobody", "here": f"/documents/{document.pk}/manage/"}
    answer = as_owner.post("/documents/selection/", sent, follow=True)
    form = answer.context["grantee_form"]
    assert "Nobody has this login name" in str(form.errors["person"])
    assert 'value="nobody"' in answer.content.decode()
    assert not list(answer.context["messages"])
    answer = as_owner.post("/documents/selection/", sent | {"person": "owner"}, follow=True)
    assert "This is you." in answer.content.decode()


def test_what_is_shared_is_new_until_it_is_opened(owner: User, stranger: User, as_stranger: Client) -> None:
    document = new_document(owner, "a", "text")
    new_document(stranger, "mine", "text")
    assert as_stranger.get("/").context["new"] == 0
    operations.share(document, owner, user=stranger, may_edit=False)
    listed = as_stranger.get("/")
    assert listed.context["new"] == 1
    assert [each.is_new for each in listed.context["page"].documents] == [False, True]
    as_stranger.get(document.get_absolute_url())
    assert as_stranger.get("/").context["new"] == 0


def test_what_comes_into_folders_is_new_to_all_but_whose_it_is(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    """Whoever was there first or came later: their numbers stand on either side of the other's."""
    for mine, theirs in ((owner, stranger), (stranger, owner)):
        folder = Folder.create(theirs, "folder")
        operations.share(folder, theirs, user=mine, may_edit=True)
        Document.objects.filter(pk=new_document(mine, "in their folder", "text").pk).update(folder=folder)
        Document.objects.filter(pk=new_document(theirs, "in my folder", "text").pk).update(folder=folder)
    since = timezone.now() - timedelta(days=1)
    for person in (owner, stranger):
        found = Document.objects.of_others(Reach.of(person), since=since)
        assert {document.owner for document in found} == {owner, stranger} - {person}
        assert found.count() == 2
        assert not Document.objects.of_others(Reach.of(person), since=timezone.now())
    assert as_stranger.get("/").context["new"] == 2
