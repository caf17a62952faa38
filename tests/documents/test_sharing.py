"""Who may see and change what: shares of documents and folders with people and teams."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents.models import Document, Folder, Reach, RefusedError, Share, Tag
from documents.models.folders import MAX_DEPTH
from tests.support.documents import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(db) -> User:
    return User.objects.create_user("reader")


@pytest.fixture
def team(reader: User) -> Group:
    """A team of which the reader is a member."""
    team = Group.objects.create(name="team")
    reader.groups.add(team)
    return team


def gates(user: User | AnonymousUser) -> dict[str, set[str]]:
    """The titles that each gate lets ``user`` have."""
    documents = Document.objects
    found = {
        "read": documents.visible_to(user),
        "edit": documents.editable_by(user),
        "own": documents.owned_by(user),
        "trash": documents.trash_of(user),
    }
    return {gate: {document.title for document in passed} for gate, passed in found.items()}


NOTHING: dict[str, set[str]] = {"read": set(), "edit": set(), "own": set(), "trash": set()}


def test_an_owner_passes_all_gates_and_others_none(owner: User, stranger: User) -> None:
    make(owner)
    assert gates(owner) == NOTHING | {"read": {"a"}, "edit": {"a"}, "own": {"a"}}
    assert gates(stranger) == gates(AnonymousUser()) == NOTHING


@pytest.mark.parametrize("may_edit", [False, True])
@pytest.mark.parametrize("by_team", [False, True])
@pytest.mark.parametrize("by_folder", [False, True])
def test_a_share_opens_what_it_says(
    owner: User, reader: User, team: Group, stranger: User, may_edit: bool, by_team: bool, by_folder: bool
) -> None:
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "inner", outer)
    beside = Folder.create(owner, "beside")
    document = make(owner, "a", folder=inner)
    make(owner, "b", folder=beside)
    make(owner, "c")
    what = {"folder": outer} if by_folder else {"document": document}
    whom = {"team": team} if by_team else {"user": reader}
    share = Share.objects.create(**what, **whom, may_edit=may_edit)
    assert gates(reader) == NOTHING | {"read": {"a"}, "edit": {"a"} if may_edit else set()}
    assert gates(stranger) == NOTHING
    share.delete()
    assert gates(reader) == NOTHING


def test_who_leaves_a_team_loses_what_it_sees(owner: User, reader: User, team: Group) -> None:
    Share.objects.create(document=make(owner), team=team)
    reader.groups.clear()
    assert gates(reader) == NOTHING


def test_a_document_reached_by_many_ways_comes_once(owner: User, reader: User, team: Group) -> None:
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "inner", outer)
    other = Group.objects.create(name="other")
    reader.groups.add(other)
    document = make(owner, folder=inner)
    for what in ({"document": document}, {"folder": outer}, {"folder": inner}):
        for whom in ({"user": reader}, {"team": team}, {"team": other}):
            Share.objects.create(**what, **whom)
    assert Document.objects.visible_to(reader).count() == 1
    assert not Document.objects.editable_by(reader).exists()


def test_a_folder_is_not_reached_through_another_whose_number_begins_alike(owner: User, reader: User) -> None:
    folders = [Folder.create(owner, str(number)) for number in range(12)]
    first = Folder.objects.create(owner=owner, name="one", path="1/")
    eleventh = Folder.objects.create(owner=owner, name="eleven", path="11/")
    make(owner, "a", folder=first)
    make(owner, "b", folder=eleventh)
    Share.objects.create(folder=first, user=reader)
    assert gates(reader)["read"] == {"a"}
    assert len(folders) == 12


def test_the_owner_of_a_folder_reads_and_edits_what_others_put_into_it(owner: User, reader: User) -> None:
    folder = Folder.create(owner, "ours")
    make(reader, folder=folder)
    assert gates(owner) == NOTHING | {"read": {"a"}, "edit": {"a"}}


def test_what_is_in_the_trash_is_nowhere_else(owner: User, reader: User) -> None:
    document = make(owner, trashed=timezone.now())
    Share.objects.create(document=document, user=reader, may_edit=True)
    assert gates(owner) == NOTHING | {"trash": {"a"}}
    assert gates(reader) == NOTHING


def test_administrators_have_no_other_gate(owner: User) -> None:
    make(owner)
    assert gates(User.objects.create_superuser("boss")) == NOTHING


def test_each_gate_asks_what_is_shared_and_then_once(owner: User, reader: User, team: Group) -> None:
    Share.objects.create(document=make(owner), team=team)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert gates(reader)["read"] == {"a"}
    assert len(queries) == 4 + 2  # those of the owner alone, and of the trash, ask nothing about shares


def test_the_reach_of_a_person_is_what_is_shared_at_that_moment(owner: User, reader: User, team: Group) -> None:
    outer, other = Folder.create(owner, "outer"), Folder.create(owner, "other")
    inner = Folder.create(owner, "inner", outer)
    assert Reach.of(reader).paths == ()
    for folder in (inner, outer):
        Share.objects.create(folder=folder, team=team)
    Share.objects.create(folder=other, user=reader, may_edit=True)
    reach = Reach.of(reader)
    assert (reach.paths, reach.has_documents) == (tuple(sorted([outer.path, other.path])), False)
    assert set(Folder.objects.in_reach(reach)) == {outer, inner, other}
    assert set(Folder.objects.topmost_in_reach(reach)) == {outer, other}
    assert [reach.opens(folder) for folder in (outer, inner, Folder.create(owner, "closed"))] == [True, True, False]
    assert Reach.of(reader, may_edit=True).paths == (other.path,)
    Share.objects.create(document=make(owner), user=reader)
    assert Reach.of(reader).has_documents
    assert Reach.of(AnonymousUser()).paths == ()


def test_folders_whose_numbers_begin_alike_are_told_apart(owner: User, reader: User) -> None:
    for number in (1, 10, 11):
        Folder.objects.create(pk=number, owner=owner, name=str(number), path=f"{number}/")
        make(owner, title=str(number), folder_id=number)
    Share.objects.create(folder_id=1, user=reader)
    assert gates(reader)["read"] == {"1"}


def test_any_number_of_folders_can_be_shared(owner: User, reader: User) -> None:
    """As many conditions beside each other are too deep for SQLite."""
    made = [Folder(pk=number, owner=owner, name=str(number), path=f"{number}/") for number in range(1, 1202)]
    Folder.objects.bulk_create(made)
    Share.objects.bulk_create(Share(folder=folder, user=reader) for folder in made[:-1])
    for folder in made[-2:]:
        make(owner, title=folder.name, folder=folder)
    assert gates(reader)["read"] == {"1200"}
    assert Folder.objects.visible_to(reader).count() == 1200


@pytest.mark.parametrize(
    "wrong", [{}, {"document", "folder", "user"}, {"document", "user", "team"}, {"folder"}, {"team"}]
)
def test_a_share_is_of_one_thing_with_one_party(owner: User, reader: User, team: Group, wrong: set[str]) -> None:
    values = {"document": make(owner), "folder": Folder.create(owner, "f"), "user": reader, "team": team}
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(**{name: values[name] for name in wrong})


def test_a_thing_is_shared_with_a_party_once(owner: User, reader: User) -> None:
    document = make(owner)
    Share.objects.create(document=document, user=reader)
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(document=document, user=reader, may_edit=True)


def test_a_moved_folder_takes_its_subtree_along(owner: User, reader: User) -> None:
    open_folder, closed = Folder.create(owner, "open"), Folder.create(owner, "closed")
    inner = Folder.create(owner, "inner", closed)
    make(owner, folder=Folder.create(owner, "innermost", inner))
    Share.objects.create(folder=open_folder, user=reader)
    inner.move(open_folder)
    assert gates(reader)["read"] == {"a"}
    inner.move(None)
    assert gates(reader)["read"] == set()
    assert inner.path == f"{inner.pk}/"


def test_a_folder_cannot_be_put_into_itself_or_into_another_persons(owner: User, stranger: User) -> None:
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "inner", outer)
    for target in (outer, inner, Folder.create(stranger, "theirs")):
        with pytest.raises(RefusedError):
            outer.move(target)


def test_folders_beside_each_other_have_different_names(owner: User, stranger: User) -> None:
    outer = Folder.create(owner, "outer")
    inner = Folder.create(owner, "outer", outer)
    Folder.create(stranger, "outer")
    other = Folder.create(owner, "other")
    for refused in (
        lambda: Folder.create(owner, " outer\t"),
        lambda: other.rename("outer"),
        lambda: inner.move(None),
        lambda: Folder.create(owner, " \u200b"),
        lambda: Folder.create(owner, "x" * 101),
    ):
        with pytest.raises(RefusedError):
            refused()
    outer.rename("outer")


def test_folders_lie_only_so_deep(owner: User) -> None:
    deepest = None
    for level in range(MAX_DEPTH):
        deepest = Folder.create(owner, str(level), deepest)
    with pytest.raises(RefusedError):
        Folder.create(owner, "deeper", deepest)
    two = Folder.create(owner, "two")
    Folder.create(owner, "three", two)
    with pytest.raises(RefusedError):
        two.move(Folder.objects.get(name=str(MAX_DEPTH - 2)))
    two.move(Folder.objects.get(name=str(MAX_DEPTH - 3)))


def test_a_tag_is_found_again_however_it_is_typed(db) -> None:
    tag = Tag.named("  Letters\u3000of 1939 ")
    assert tag.name == "Letters of 1939"
    assert Tag.named("letters OF 1939") == tag
    for name in ("", " \n", "x" * 51):
        with pytest.raises(RefusedError):
            Tag.named(name)


def test_a_folder_made_in_one_that_is_just_being_moved_is_where_that_is_now(owner: User, reader: User) -> None:
    shared = Folder.create(owner, "shared")
    Share.objects.create(folder=shared, user=reader)
    before = Folder.create(owner, "private", shared)
    Folder.objects.get(pk=before.pk).move(None)
    made = Folder.create(owner, "new", before)
    assert made.path == f"{before.pk}/{made.pk}/"
    assert not Folder.objects.visible_to(reader).filter(pk=made.pk).exists()
    Folder.objects.get(pk=before.pk).delete()
    with pytest.raises(RefusedError):
        Folder.create(owner, "newer", before)
