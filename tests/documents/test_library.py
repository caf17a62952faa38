"""The list of documents: filters, sorting, paging, folders, what is done with a selection, duplicates, the trash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import editing
from documents.library import listing, operations
from documents.models import Document, Folder, Run, SavedFilter, Share
from tests.support.documents import make
from tests.support.files import picture, upload

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


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


def titles(client: Client, address: str = "/") -> list[str]:
    return [document.title for document in client.get(address).context["page"].documents]


@pytest.mark.parametrize("sort", listing.SORTS)
def test_pages_follow_each_other_without_a_gap_in_both_directions(owner: User, sort: str) -> None:
    documents = shelf(owner, 60)
    if sort == "-trashed":
        Document.objects.update(trashed=timezone.now())
        mine = Document.objects.trash_of(owner)
    else:
        mine = Document.objects.visible_to(owner)
    pages = [listing.read(mine, owner, sort)]
    while pages[-1].after:
        pages.append(listing.read(mine, owner, sort, after=pages[-1].after))
    forwards = [document for page in pages for document in page.documents]
    assert set(forwards) == set(documents)
    assert [len(page.documents) for page in pages] == [25, 25, 10]
    field = listing.SORTS[sort]
    by_number = dict(mine.values_list("pk", field))
    values = [by_number[document.pk] for document in forwards]
    assert values == sorted(values, reverse=sort.startswith("-"))
    page = pages[-1]
    while page.before:
        page = listing.read(mine, owner, sort, before=page.before)
    assert page.documents == pages[0].documents
    assert not pages[0].before


def test_a_place_that_makes_no_sense_shows_the_first_page(owner: User, as_owner: Client) -> None:
    shelf(owner, 2)
    for place in ("nonsense", "~", "2020~also", f"x~{Document.objects.first().pk}"):
        assert titles(as_owner, f"/?after={place}") == ["000", "001"]


def test_the_list_is_filtered(owner: User, stranger: User, as_owner: Client) -> None:
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
    assert cost() <= first
    assert first <= 20


def test_a_long_list_is_not_counted_to_its_end(owner: User, as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 10)
    shelf(owner, 10)
    assert as_owner.get("/").context["count"] == "10"
    make(owner, "one more")
    assert as_owner.get("/").context["count"] == "10+"


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
        ({"action": "share", "person": "nobody"}, "nobody of this name"),
        ({"action": "share"}, "Name a person or a team"),
        ({"action": "share", "person": "owner"}, "belongs to owner already"),
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
def test_a_mistyped_name_can_be_mended_where_it_was_typed(of: str, owner: User, as_owner: Client) -> None:
    document, folder = make(owner), Folder.create(owner, "letters", None)
    page = f"/documents/{document.pk}/manage/"
    where = f"/folders/{folder.pk}/share/" if of == "folder" else "/documents/selection/"
    for name in ("nobdy", "nobody"):
        form = {"document": document.pk, "action": "share", "person": name, "may_edit": "1", "here": page}
        answer = as_owner.post(where, form, follow=True)
        page = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
        assert "nobody of this name" in answer.content.decode()
        shown = answer.context["party_form"]
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
    assert Document.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        as_owner.post("/trash/", {"document": gone.pk, "action": "delete", "sure": "1"})
    assert titles(as_owner) == ["back"]
    assert not gone.original.storage.exists(gone.original.name)


@pytest.mark.parametrize("action", ["restore", "delete"])
def test_who_selects_nothing_in_the_trash_is_told_so(action: str, as_owner: Client) -> None:
    assert "Select something first." in as_owner.post("/trash/", {"action": action}, follow=True).content.decode()


def test_what_is_not_in_the_trash_is_not_deleted_for_good(owner: User, as_owner: Client) -> None:
    document = make(owner)
    answer = as_owner.post("/trash/", {"document": document.pk, "action": "delete", "sure": "1"})
    assert answer.status_code == 404
    assert Document.objects.get() == document


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


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 400 + ".png"])
def test_a_name_that_no_database_keeps_is_made_one(owner: User, as_owner: Client, name: str) -> None:
    as_owner.post("/documents/", {"file": upload()})
    known = Document.objects.get()
    answer = as_owner.post(f"/documents/{known.pk}/again/", {"name": name}, headers={"accept": "application/json"})
    assert answer.status_code == 201
    again = Document.objects.exclude(pk=known.pk).get()
    assert again.title in ("ab", "x" * 255)


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
