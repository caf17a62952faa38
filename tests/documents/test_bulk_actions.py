"""The administration acts on all that was chosen, and an account can be retired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from documents import editing
from documents.library import bulk_actions, operations
from documents.models import (
    AccessToken,
    BulkAction,
    Correction,
    Document,
    Event,
    Folder,
    Scope,
    Share,
    Verb,
    Webhook,
)
from documents.processing import queue
from tests.support.documents import make
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENTS = "/admin/documents/document/"
PEOPLE = "/admin/auth/user/"


@pytest.fixture
def boss(db) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture(autouse=True)
def _without_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.models.sqlite.REST", 0)


@pytest.fixture
def many(owner: User, settings) -> int:
    """More documents than a form may have fields."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
    Document.objects.bulk_create([Document(owner=owner, title=f"{number}", page_count=0) for number in range(151)])
    return 151


def test_all_that_was_chosen_is_acted_on_by_a_worker_that_can_be_watched(
    boss: Client, many: int, stranger: User, fake_engine
) -> None:
    first = str(Document.objects.first().pk)
    chosen = {"action": "reassign", "select_across": "1", "_selected_action": first}
    asked = boss.post(DOCUMENTS, chosen)
    assert (asked.status_code, "and 101 more documents" in asked.content.decode()) == (200, True)
    assert asked.content.decode().count('name="_selected_action"') == 1
    begun = boss.post(DOCUMENTS, chosen | {"owner": stranger.pk}, follow=True)
    page = begun.content.decode()
    assert "0 / 151" in page
    assert 'http-equiv="refresh"' in page
    run_worker()
    page = boss.get(begun.request["PATH_INFO"]).content.decode()
    assert "151 / 151" in page
    assert 'http-equiv="refresh"' not in page
    assert Document.objects.filter(owner=stranger).count() == many
    assert Event.objects.filter(verb=Verb.REASSIGNED).count() == many


def test_all_that_was_chosen_is_deleted_for_good_after_asking_once(boss: Client, owner: User, fake_engine) -> None:
    for number in range(bulk_actions.AT_ONCE + 1):
        make(owner, f"{number}")
    chosen = {"action": "delete_selected", "select_across": "1", "_selected_action": str(Document.objects.first().pk)}
    assert "Yes, delete" in boss.post(DOCUMENTS, chosen).content.decode()
    assert Document.objects.count() == bulk_actions.AT_ONCE + 1
    boss.post(DOCUMENTS, chosen | {"sure": "on"})
    run_worker()
    assert not Document.objects.exists()


def test_other_lists_delete_all_that_was_chosen_too(boss: Client, owner: User, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    for number in range(30):
        AccessToken.issue(owner, f"{number}", Scope.READ, timedelta(days=1))
    chosen = {
        "action": "delete_selected",
        "select_across": "1",
        "_selected_action": str(owner.access_tokens.first().pk),
    }
    page = boss.post("/admin/documents/accesstoken/", chosen).content.decode()
    assert "Delete all 30 entries" in page
    assert page.count('type="hidden"') < 20
    boss.post("/admin/documents/accesstoken/", chosen | {"post": "yes"})
    assert not AccessToken.objects.exists()


def test_a_job_that_dies_or_comes_twice_repeats_nothing(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = User.objects.create_superuser("boss")
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 0)
    begun = bulk_actions.begin("trash", actor, [make(owner, f"{number}").pk for number in range(4)])
    acts: list[Document] = []

    def dies_at_the_third(document: Document, begun: BulkAction) -> None:
        acts.append(document)
        if len(acts) == 3:
            raise MemoryError
        operations.trash(document, actor)

    monkeypatch.setitem(bulk_actions.ACTIONS, "trash", dies_at_the_third)
    with pytest.raises(MemoryError):
        bulk_actions.work_on(str(begun.pk))
    assert BulkAction.objects.get().done == 2
    queue.get_queue(queue.INTERACTIVE).empty()
    assert queue.reconcile() == 1  # called again
    bulk_actions.work_on(str(begun.pk))
    bulk_actions.work_on(str(begun.pk))
    assert (len(acts), Document.objects.exclude(trashed=None).count()) == (5, 4)
    assert Event.objects.filter(verb=Verb.TRASHED).count() == 4
    assert BulkAction.objects.get().finished


def test_what_could_not_be_done_is_said_with_its_reason(boss: Client, owner: User, document, settings) -> None:
    settings.OCRSITE_USER_PAGES_A_DAY = 1
    form = {"action": "read_again", "_selected_action": [str(document.pk)]}
    User.objects.filter(username="boss").update(is_superuser=True)
    editing.run_again(document, bulk_actions.Options(), User.objects.get(username="boss"))
    page = boss.post(DOCUMENTS, form, follow=True).content.decode()
    assert "pages for today" in page
    assert "Done with 0 documents" in page


@pytest.fixture
def leaving(owner: User, document: Document, stranger: User) -> User:
    """The owner, who has a document, folders, a team, shares, a token, a webhook and a correction."""
    line = next(iter(document.current_run.results.get().placement().lines))
    editing.correct(document.current_run.results.get(), line, "改", author=owner, seen=None)
    folder = Folder.create(owner, "letters")
    Folder.create(owner, "inner", folder)
    Document.objects.update(folder=folder)
    Folder.create(stranger, "letters")
    third = User.objects.create_user("third")
    shared = make(third, "shared")
    Share.objects.create(document=shared, user=owner, may_edit=True)
    Share.objects.create(document=shared, user=stranger)
    Share.objects.create(document=document, user=stranger)
    owner.groups.add(Group.objects.create(name="archive"))
    AccessToken.issue(owner, "scanner", Scope.WRITE, timedelta(days=1))
    Webhook.register(owner, "https://a.example.org/", ["document.done"])
    return owner


def retire(boss: Client, person: User, heir: User, authorship: str):
    form = {"action": "retire", "_selected_action": str(person.pk)}
    assert "The account is closed at once" in boss.post(PEOPLE, form).content.decode()
    return boss.post(PEOPLE, form | {"heir": heir.pk, "authorship": authorship}, follow=True)


@pytest.mark.parametrize("authorship", ["name", "anonymous"])
def test_a_retired_account_hands_over_what_it_has(
    boss: Client, leaving: User, stranger: User, document: Document, as_owner: Client, authorship: str
) -> None:
    page = retire(boss, leaving, stranger, authorship).content.decode()
    assert "1 / 1" in page
    document.refresh_from_db()
    assert document.owner == stranger
    assert (document.folder.name, document.folder.owner) == ("letters (owner)", stranger)
    assert set(Folder.objects.filter(owner=stranger).values_list("name", flat=True)) == {
        "letters",
        "letters (owner)",
        "inner",
    }
    assert Share.objects.get().may_edit  # of two shares the stronger; none of what is the heir's own
    assert [team.name for team in stranger.groups.all()] == ["archive"]
    assert not AccessToken.objects.exists()
    assert not Webhook.objects.exists()
    assert as_owner.get("/").status_code == 302  # the session is over
    author = Correction.objects.get().author
    if authorship == "name":
        assert (author.username, author.is_active, author.has_usable_password()) == ("owner", False, False)
    else:
        assert (author.username, author.is_active) == ("former-member", False)
        assert not User.objects.filter(username="owner").exists()
    assert Event.objects.filter(verb=Verb.CORRECTED, actor_name="owner").exists()  # the activity forgets nothing


def test_folders_are_handed_over_whatever_the_heir_has_already(boss: Client, owner: User, stranger: User) -> None:
    User.objects.filter(pk=owner.pk).update(username="n" * 150)
    kept, long = f"letters ({'n' * 50})", "l" * 100
    for person, names in {owner: ["letters", long], stranger: ["letters", kept, long]}.items():
        for name in names:
            Folder.create(person, name)
    retire(boss, owner, stranger, "name")
    names = list(Folder.objects.filter(owner=stranger).values_list("name", flat=True))
    assert (len(names), max(map(len, names))) == (5, 100)
    assert f"letters ({'n' * 50}, 2)" in names


def test_nobody_retires_themselves_or_people_with_more_rights(boss: Client, owner: User) -> None:
    me = User.objects.get(username="boss")
    form = {"action": "retire", "_selected_action": str(me.pk), "heir": owner.pk, "authorship": "name"}
    assert "cannot retire your own account" in boss.post(PEOPLE, form, follow=True).content.decode()
    staff = Client(headers={"accept-language": "en"})
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth", content_type__model="user"))
    staff.force_login(user)
    staff.post(PEOPLE, form, follow=True)
    me.refresh_from_db()
    assert me.is_active


def test_two_accounts_may_retire_one_after_the_other(
    boss: Client, leaving: User, stranger: User, receive: Callable[..., Document]
) -> None:
    heir = User.objects.create_user("heir")
    retire(boss, leaving, stranger, "anonymous")
    retire(boss, stranger, heir, "anonymous")
    assert Document.objects.filter(owner=heir).count() == 1
    assert Correction.objects.get().author.username == "former-member"


def test_an_heir_who_leaves_meanwhile_ends_the_retirement_with_that_reason(
    boss: Client, leaving: User, fake_engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 0)
    Folder.objects.filter(owner=leaving).update(owner=User.objects.get(username="third"))
    heir = User.objects.create_user("heir")
    retire(boss, leaving, heir, "anonymous")
    heir.delete()
    run_worker()
    begun = BulkAction.objects.get()
    assert begun.finished
    assert [name for name, reason in begun.problems if "has left, too" in reason] == ["page", "owner"]
    assert (Document.objects.filter(owner=leaving).count(), queue.reconcile()) == (1, 0)
    page = boss.get(f"/admin/documents/bulkaction/{begun.pk}/change/").content.decode()
    assert "Choose another person" in page
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 50)
    assert "1 / 1" in retire(boss, leaving, User.objects.create_user("another"), "anonymous").content.decode()
    assert not User.objects.filter(username="owner").exists()
