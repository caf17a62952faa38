"""The list of documents: its filters, its order, and its pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import editing
from documents.library import listing, operations
from documents.models import Document, Folder, Reach, Run, SavedFilter, Share, archive
from documents.search import index
from tests.support.documents import make, titles

pytestmark = pytest.mark.django_db


def shelf(owner: User, count: int, **values: object) -> list[Document]:
    """Documents with a finished run, each uploaded a minute before the one before it."""
    now = timezone.now()
    made = []
    for number in range(count):
        state = "failed" if number % 3 == 0 else "done"
        common = {"created": now - timedelta(minutes=number), "page_count": number % 4}
        document = make(owner, f"{number:03}", **common | values)
        document.current_run = Run.objects.create(document=document, options={}, state=state)
        document.save()
        made.append(document)
    return made


@pytest.mark.parametrize("sort", listing.SORTS)
def test_pages_follow_each_other_without_a_gap_in_both_directions(owner: User, sort: str) -> None:
    documents = shelf(owner, 60)
    if sort == "-trashed":
        Document.objects.update(trashed=timezone.now())
        mine = Document.objects.trash_of(owner)
    else:
        mine = Document.objects.visible_to(owner)
    pages = [listing.read(mine, Reach.of(owner), sort)]
    while pages[-1].after:
        pages.append(listing.read(mine, Reach.of(owner), sort, after=pages[-1].after))
    forwards = [document for page in pages for document in page.documents]
    assert set(forwards) == set(documents)
    assert [len(page.documents) for page in pages] == [25, 25, 10]
    field = listing.SORTS[sort]
    by_number = dict(mine.values_list("pk", field))
    values = [by_number[document.pk] for document in forwards]
    assert values == sorted(values, reverse=sort.startswith("-"))
    page = pages[-1]
    while page.before:
        page = listing.read(mine, Reach.of(owner), sort, before=page.before)
    assert page.documents == pages[0].documents
    assert not pages[0].before


def test_a_place_that_makes_no_sense_shows_the_first_page(owner: User, as_owner: Client) -> None:
    shelf(owner, 2)
    for place in ("nonsense", "~", "2020~also", f"x~{Document.objects.first().pk}"):
        assert titles(as_owner, f"/?after={place}") == ["000", "001"]


@pytest.mark.parametrize("looked_up", [0, 100])
def test_the_list_is_filtered(
    owner: User, stranger: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch, looked_up: int
) -> None:
    monkeypatch.setattr(listing, "SOME", looked_up)
    team = Group.objects.create(name="team")
    owner.groups.add(team)
    folder = Folder.create(owner, "letters")
    shelf(owner, 4)
    editing.tag(Document.objects.get(title="001"), owner, add=["1939"])
    operations.move(Document.objects.get(title="002"), folder, owner)
    theirs = make(stranger, "theirs")
    Share.objects.create(document=theirs, team=team)
    yesterday = timezone.localtime() - timedelta(days=1)
    Document.objects.filter(title="003").update(created=yesterday)
    for asked, found in {
        "scope=mine": {"000", "001", "002", "003"},
        "scope=shared": {"theirs"},
        "tag=1939": {"001"},
        "owner=stranger": {"theirs"},
        f"team={team.pk}": {"theirs"},
        f"folder={folder.pk}": {"002"},
        "state=failed": {"000", "003"},
        f"until={yesterday:%Y-%m-%d}": {"003"},
        f"since={yesterday:%Y-%m-%d}&until={yesterday:%Y-%m-%d}&state=failed": {"003"},
        f"since={timezone.localtime():%Y-%m-%d}&scope=mine": {"000", "001", "002"},
    }.items():
        assert set(titles(as_owner, f"/?{asked}")) == found, asked


def test_folders_and_teams_of_others_are_not_there(owner: User, stranger: User, as_stranger: Client) -> None:
    folder = Folder.create(owner, "private")
    team = Group.objects.create(name="team")
    for address in (f"/?folder={folder.pk}", f"/?team={team.pk}", "/?scope=everything"):
        assert as_stranger.get(address).status_code == 404
    assert "private" not in as_stranger.get("/").content.decode()


def test_a_filter_is_kept_for_oneself(owner: User, as_owner: Client, as_stranger: Client) -> None:
    answer = as_owner.post("/filters/", {"name": " Failed\tones ", "query": "state=failed&after=x&next=//evil&tag="})
    assert answer.headers["Location"] == "/?state=failed"
    assert "Failed ones" in as_owner.get("/").content.decode()
    assert "Failed ones" not in as_stranger.get("/").content.decode()
    kept = SavedFilter.objects.get()
    assert as_stranger.post(f"/filters/{kept.pk}/delete/").status_code == 404
    as_owner.post(f"/filters/{kept.pk}/delete/")
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("address", ["/", "/?scope=mine&sort=title", "/trash/"])
def test_a_page_costs_the_same_queries_however_long_the_list(owner: User, as_owner: Client, address: str) -> None:
    team = Group.objects.create(name="team")
    owner.groups.add(team)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_owner.get(address).status_code == 200
        return len(queries)

    few = shelf(owner, 2, trashed=timezone.now() if "trash" in address else None)
    Share.objects.create(document=few[0], team=team)
    editing.tag(few[1], owner, add=["a", "b"])
    first = cost()
    for document in shelf(owner, 30, trashed=timezone.now() if "trash" in address else None):
        editing.tag(document, owner, add=["a", document.title])
    assert cost() <= first + 1  # what does not fit on a page is counted
    assert first <= 22


def test_a_long_list_is_not_counted_to_its_end(owner: User, as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 10)
    shelf(owner, 10)
    assert as_owner.get("/").context["count"] == "10"
    make(owner, "one more")
    assert as_owner.get("/").context["count"] == "10+"


def test_what_a_filter_leaves_in_is_sorted_and_counted_in_one_go(owner: User, as_owner: Client) -> None:
    for document in shelf(owner, 30):
        editing.tag(document, owner, add=["卷宗", "b", "a"])
    make(owner, "another")
    with CaptureQueriesContext(connection) as captured:
        page = as_owner.get("/?tag=卷宗")
    asked = [
        query["sql"] for query in captured.captured_queries if "卷宗" in query["sql"] and "EXISTS" not in query["sql"]
    ]
    looked_up = 1 if connection.vendor == "postgresql" else 0  # whether few documents have the tag
    assert len(asked) == 1 + looked_up
    assert (page.context["count"], len(page.context["page"].documents)) == ("30", 25)
    assert {tuple(document.tag_names) for document in page.context["page"].documents} == {("a", "b", "卷宗")}
    further = as_owner.get("/", {"tag": "卷宗", "after": page.context["page"].after}).context
    assert (further["count"], len(further["page"].documents)) == ("30", 5)
    back = as_owner.get("/", {"tag": "卷宗", "before": further["page"].before}).context
    assert (back["count"], back["page"].documents) == ("30", page.context["page"].documents)


def test_a_filter_is_kept_whole_or_not_at_all(owner: User, as_owner: Client) -> None:
    as_owner.post("/filters/", {"name": "a\0b", "query": "tag=x"})
    answer = as_owner.post("/filters/", {"name": "long", "query": "tag=" + "x" * 600}, follow=True)
    assert "too long to be kept" in answer.content.decode()
    assert list(SavedFilter.objects.values_list("name", "query")) == [("ab", "tag=x")]


@pytest.mark.parametrize(
    "address",
    [
        "?after=x%00~00000000-0000-0000-0000-000000000000&sort=title",
        "?after=9999-12-31T23:59:59-23:59~00000000-0000-0000-0000-000000000000",
        "?until=9999-12-31",
        "?since=0001-01-01",
    ],
)
def test_an_address_beyond_what_databases_know_shows_the_list(owner: User, as_owner: Client, address: str) -> None:
    make(owner, "見本")
    assert "見本" in as_owner.get(f"/{address}").content.decode()


def plans(captured: CaptureQueriesContext) -> list[str]:
    """How SQLite looks for documents in the queries that were asked."""
    steps = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                names = {"documents_document", *re.findall(r'"documents_document" ([A-Z]\d+)', query["sql"])}
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
                steps += [step for *_, step in cursor.fetchall() if names & set(step.split()[1:2])]
    return steps


@pytest.mark.parametrize("address", ["/", "/?sort=title", "/?scope=shared", "/search/?q=書"])
def test_nobody_who_may_read_little_goes_through_the_whole_archive(
    owner: User, stranger: User, as_stranger: Client, address: str
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the tables, which is next to nothing here")
    documents = shelf(owner, 3)
    Share.objects.create(document=documents[0], user=stranger)
    index.refresh(documents[0].pk)
    with CaptureQueriesContext(connection) as captured:
        assert as_stranger.get(address).status_code == 200
    assert plans(captured)
    assert not [step for step in plans(captured) if step.startswith("SCAN") or "created>" in step]


def test_what_somebody_may_read_is_named_as_long_as_it_is_little(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FEW", 3)
    folder = Folder.create(owner, "open")
    mine, shared, inside, _other = shelf(owner, 4)
    Document.objects.filter(pk=mine.pk).update(owner=stranger)
    Document.objects.filter(pk=inside.pk).update(folder=folder)
    Share.objects.create(document=shared, user=stranger)
    Share.objects.create(folder=folder, user=stranger)
    named = Document.objects.few_in_reach(Reach.of(stranger))
    assert named is not None
    assert set(named) == {mine.pk, shared.pk, inside.pk}
    assert set(named) == set(Document.objects.visible_to(stranger).values_list("pk", flat=True))
    Document.objects.filter(pk=inside.pk).update(trashed=timezone.now())
    assert set(Document.objects.few_in_reach(Reach.of(stranger)) or ()) == {mine.pk, shared.pk}
    assert Document.objects.few_in_reach(Reach.of(AnonymousUser())) == []
    shelf(stranger, 3)
    assert Document.objects.few_in_reach(Reach.of(stranger)) is None


def test_what_somebody_may_read_is_looked_up_way_by_way(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder.create(owner, "open")
    mine, shared, inside, trashed, _other = shelf(owner, 5)
    Document.objects.filter(pk__in=[mine.pk, trashed.pk]).update(owner=stranger)
    Document.objects.filter(pk__in=[mine.pk, inside.pk]).update(folder=folder)
    Document.objects.filter(pk=trashed.pk).update(trashed=timezone.now())
    Share.objects.create(document=shared, user=stranger)
    Share.objects.create(folder=folder, user=stranger)
    parts = Document.objects.some_in_reach(Reach.of(stranger))
    assert parts is not None
    assert [set(part) for part in parts] == [{mine}, {mine, inside}, {shared}]
    monkeypatch.setattr(archive, "SOME", 1)
    assert Document.objects.some_in_reach(Reach.of(stranger)) is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite says what it reads")
def test_what_somebody_may_read_is_listed_from_indexes_alone(owner: User, stranger: User) -> None:
    folder = Folder.create(owner, "open")
    mine, inside = shelf(owner, 2)
    Document.objects.filter(pk=mine.pk).update(owner=stranger)
    Document.objects.filter(pk=inside.pk).update(folder=folder)
    Share.objects.create(folder=folder, user=stranger)
    parts = Document.objects.some_in_reach(Reach.of(stranger))
    assert parts is not None
    with CaptureQueriesContext(connection) as captured:
        assert [[row["pk"] for row in part.values("pk")] for part in parts] == [[mine.pk], [inside.pk]]
    looked_up = plans(captured)
    assert len(looked_up) == 2
    assert all("USING COVERING INDEX" in step for step in looked_up)


def test_for_somebody_who_may_read_nothing_nothing_is_looked_up(owner: User, stranger: User) -> None:
    shelf(owner, 2)
    assert Document.objects.some_in_reach(Reach.of(stranger)) == []


def test_how_far_the_work_in_large_folders_is_comes_after_the_page(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder.create(owner, "outer")
    for document in shelf(owner, 3, folder=Folder.create(owner, "inner", folder)):
        Run.objects.filter(document=document).update(lines_total=4, lines_unchecked=1)
    assert "75% checked" in as_owner.get("/").content.decode()
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    for address, sums in (("/", "?sums=yes"), (f"/?folder={folder.pk}", f"?folder={folder.pk}&amp;sums=yes")):
        page = as_owner.get(address).content.decode()
        assert "% checked" not in page.partition('id="history"')[0].partition('id="folders"')[2]
        assert f'hx-get="/{sums}" hx-trigger="load"' in page
    later = as_owner.get(f"/?folder={folder.pk}&sums=yes", headers={"HX-Request": "true"}).content.decode()
    assert later.count("75% checked") == 2  # of the folder that is open, and of the one in it
    assert 'id="folder-work" hx-swap-oob="true"' in later
    assert "hx-trigger" not in later
