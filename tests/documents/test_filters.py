"""One filter of documents: the list, the search, the API and downloads of many documents agree on what it leaves in."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents.models import Document, DocumentFilters, Folder, RunState, Share, Tag
from documents.search import index
from tests.support.documents import new_document

pytestmark = pytest.mark.django_db

API = "/api/v1"
DAY = date(2026, 3, 2)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@pytest.fixture
def archive(owner: User, stranger: User) -> dict[str, object]:
    """Documents that each filter tells apart; all say 共同."""
    team = Group.objects.create(name="readers")
    owner.groups.add(team)
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "inner", outer)
    theirs = Folder.create(stranger, "theirs")
    Share.objects.create(folder=theirs, team=team)

    def add(title: str, **fields: object) -> Document:
        return new_document(fields.pop("owner", owner), title, "共同", **{"created": at(DAY, 12)} | fields)

    for title, name in (("tagged", "Manual"), ("cafe", "caf\N{LATIN SMALL LETTER E WITH ACUTE}")):
        add(title).tags.add(Tag.named(name))
    add("in-outer", folder=outer)
    add("in-inner", folder=inner)
    add("shared", owner=stranger)
    Share.objects.create(document=Document.objects.get(title="shared"), team=team)
    add("shared-by-folder", owner=stranger, folder=theirs)
    Share.objects.create(document=Document.objects.get(title="shared-by-folder"), user=owner)
    add("hidden", owner=stranger)
    add("first-minute", created=at(DAY + timedelta(days=1), 0))
    add("last-minute", created=at(DAY - timedelta(days=1), 23, 59))
    failed = add("failed")
    failed.current_run.state = RunState.FAILED
    failed.current_run.save()
    for document in Document.objects.all():
        index.refresh(document.pk)
    return {"team": team, "outer": outer}


ALL = {
    "tagged",
    "cafe",
    "in-outer",
    "in-inner",
    "shared",
    "shared-by-folder",
    "first-minute",
    "last-minute",
    "failed",
}

FILTERS = {
    "none": ({}, ALL),
    "tag": ({"tag": "Manual"}, {"tagged"}),
    "tag in other capitals": ({"tag": "mANUAL"}, {"tagged"}),
    "tag with stray spaces": ({"tag": " Manual "}, {"tagged"}),
    "tag in decomposed characters": ({"tag": "cafe\N{COMBINING ACUTE ACCENT}"}, {"cafe"}),
    "tag that nobody uses": ({"tag": "manua"}, set()),
    "owner": ({"owner": "stranger"}, {"shared", "shared-by-folder"}),
    "owner in other capitals": ({"owner": "Stranger"}, set()),
    "team": ({"team": "readers"}, {"shared", "shared-by-folder"}),
    "folder with the folders inside it": ({"folder": "outer"}, {"in-outer", "in-inner"}),
    "state": ({"state": "failed"}, {"failed"}),
    "since midnight": ({"since": DAY + timedelta(days=1)}, {"first-minute"}),
    "until midnight": ({"until": DAY - timedelta(days=1)}, {"last-minute"}),
    "one day": ({"since": DAY, "until": DAY}, ALL - {"first-minute", "last-minute"}),
    "several": ({"owner": "owner", "since": DAY + timedelta(days=1), "tag": "Manual"}, set()),
}


def from_list(client: Client, asked: dict[str, object]) -> set[str]:
    return {document.title for document in client.get("/", asked).context["page"].documents}


def from_search(client: Client, asked: dict[str, object]) -> set[str]:
    return {hit.document.title for hit in client.get("/search/", asked | {"q": "共同"}).context["hits"].hits}


def from_bundle(client: Client, asked: dict[str, object]) -> set[str]:
    answer = client.post("/export/", asked | {"formats": "txt"})
    if answer.status_code == 404:
        return set()
    return {name.removesuffix(".txt") for name in zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()}


def from_searched_bundle(client: Client, asked: dict[str, object]) -> set[str]:
    return from_bundle(client, asked | {"q": "共同"})


def _for_api(asked: dict[str, object]) -> dict[str, object]:
    """The API says status, and names a team."""
    renamed = {"status" if name == "state" else name: value for name, value in asked.items()}
    return renamed | ({"team": Group.objects.get(pk=asked["team"]).name} if "team" in asked else {})


def from_api_list(client: Client, asked: dict[str, object]) -> set[str]:
    return {found["title"] for found in client.get(f"{API}/documents/", _for_api(asked)).json()["results"]}


def from_api_list_with_words(client: Client, asked: dict[str, object]) -> set[str]:
    return from_api_list(client, asked | {"q": "共同"})


def from_api_search(client: Client, asked: dict[str, object]) -> set[str]:
    found = client.get(f"{API}/search/", _for_api(asked) | {"q": "共同"}).json()["results"]
    return {hit["title"] for hit in found}


DOORS = [
    from_list,
    from_search,
    from_bundle,
    from_searched_bundle,
    from_api_list,
    from_api_list_with_words,
    from_api_search,
]


@pytest.mark.parametrize("name", FILTERS)
def test_every_door_leaves_in_the_same_documents(name: str, archive: dict, as_owner: Client) -> None:
    asked, expected = FILTERS[name]
    keys = {field: archive[field if field == "team" else "outer"].pk for field in ("team", "folder") if field in asked}
    found = {door.__name__: door(as_owner, asked | keys) for door in DOORS}
    assert found == {door.__name__: expected for door in DOORS}


def test_days_of_upload_are_a_range_that_an_index_serves(owner: User) -> None:
    filters = DocumentFilters(since=DAY, until=DAY)
    with CaptureQueriesContext(connection) as queries:
        list(Document.objects.visible_to(owner).matching(filters))
    condition = queries[-1]["sql"].partition(" WHERE ")[2].lower()
    assert '"created" >=' in condition
    assert '"created" <' in condition
    assert "django_datetime_cast" not in condition
    assert "::date" not in condition


@pytest.mark.parametrize("door", ["documents", "search"])
@pytest.mark.parametrize("day", ["since=0001-01-01", "until=9999-12-31"])
def test_a_day_at_the_ends_of_the_calendar_is_refused_by_the_api(door: str, day: str, as_owner: Client) -> None:
    answer = as_owner.get(f"{API}/{door}/?q=x&{day}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("door", ["documents", "search"])
def test_the_api_finds_nothing_in_a_team_or_folder_of_others(door: str, archive: dict, as_stranger: Client) -> None:
    for asked in ({"team": "readers"}, {"folder": archive["outer"].pk}):
        assert as_stranger.get(f"{API}/{door}/", asked | {"q": "共同"}).json()["results"] == []
