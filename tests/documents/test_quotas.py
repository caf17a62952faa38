"""What people and teams may keep and have read: told before anything is stored, and shown to them."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from documents import editing, originals
from documents.editing import run_page_again
from documents.ingest import intake
from documents.models import (
    AccessToken,
    Document,
    Event,
    Quota,
    QuotaExceededError,
    QuotaOverride,
    Verb,
    record,
)
from documents.models.quotas import bytes_by_owner
from recognition.errors import EngineError, PageError
from recognition.options import Options
from tests.support.documents import new_original
from tests.support.files import book, picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team(owner: User, stranger: User) -> Group:
    made = Group.objects.create(name="readers")
    made.user_set.add(owner, stranger)
    return made


def large() -> bytes:
    """A readable picture of a megabyte and a bit: what follows a PNG's end is padding."""
    return picture() + bytes(2**20)


def test_without_limits_everything_is_taken_and_counted(receive, owner: User) -> None:
    document = receive(upload("book.pdf", book(2)))
    quota = Quota(owner, None, None)
    assert (quota.bytes_used, quota.pages_today) == (document.bytes, 2)


def test_a_file_that_somebody_has_twice_counts_once_for_them(owner: User, stranger: User) -> None:
    for person, letter, size in [
        (owner, "a", 5),
        (owner, "a", 5),
        (owner, "a", 5),
        (stranger, "a", 5),
        (stranger, "b", 7),
    ]:
        document = Document.objects.create(owner=person, title=letter, page_count=0)
        new_original(document, sha256=letter * 64, bytes=size)
    assert bytes_by_owner() == {owner.pk: 5, stranger.pk: 12}
    assert [Quota(person, None, None).bytes_used for person in (owner, stranger)] == [5, 12]


def test_only_what_was_read_has_pages(owner: User) -> None:
    for verb, details in (
        (Verb.UPLOADED, {"pages": 2}),
        (Verb.READ_AGAIN, {"pages": 3, "counted": 1.5}),
        (Verb.READ_REGION, {}),
        (Verb.PAGES_LEFT, {"pages": [1, 2]}),
    ):
        record(verb, None, owner, **details)
    assert list(Event.objects.order_by("pk").values_list("pages", flat=True)) == [2, 1.5, None, None]
    assert Quota(owner, None, None).pages_today == 3.5


def test_what_would_not_fit_is_refused_before_it_is_stored(receive, owner: User, settings, tmp_path) -> None:
    settings.OCRSITE_USER_MEGABYTES = 2
    receive(upload("first.png", large()))
    with pytest.raises(QuotaExceededError) as refusal:
        receive(upload("second.png", large()[:-1]))
    assert refusal.value.params == {"used": 1, "allowed": 2}
    assert Document.objects.count() == 1
    assert len([path for path in (tmp_path / "media" / "originals").rglob("*") if path.is_file()]) == 1


def test_the_trash_takes_room_until_it_is_emptied(receive, owner: User, settings) -> None:
    settings.OCRSITE_USER_MEGABYTES = 2
    first = receive(upload("first.png", large()))
    Document.objects.update(trashed=timezone.now())
    with pytest.raises(QuotaExceededError):
        receive(upload("second.png", large()))
    originals.discard(first, owner)
    receive(upload("second.png", large()))


def test_pages_of_the_day_are_counted_and_no_page_comes_back_by_deleting(receive, owner: User, settings) -> None:
    settings.OCRSITE_USER_PAGES_A_DAY = 3
    originals.discard(receive(upload("book.pdf", book(2))), owner)
    with pytest.raises(QuotaExceededError) as refusal:
        receive(upload("book.pdf", book(2)))
    assert refusal.value.params == {"used": 2, "allowed": 3, "pages": 2}
    receive()
    tomorrow = timezone.now() + timedelta(days=1)
    with patch("django.utils.timezone.now", return_value=tomorrow):
        receive(upload("book.pdf", book(2)))


def test_reading_again_counts_whole_documents_and_single_pages(receive, fake_engine, owner: User, settings) -> None:
    document = receive(upload("book.pdf", book(2)))
    run_worker()
    document.refresh_from_db()
    run_page_again(document.current_run, 1, Options(), owner)
    editing.run_again(document, Options(), owner)
    assert Quota(owner, None, None).pages_today == 2 + 1 + 2
    settings.OCRSITE_USER_PAGES_A_DAY = 5
    with pytest.raises(QuotaExceededError):
        editing.run_again(document, Options(), owner)
    assert document.runs.count() == 3


def test_a_failed_page_that_is_tried_again_counts_unless_the_fault_was_ours(
    receive, fake_engine, owner: User, as_owner: Client, settings
) -> None:
    def fail(error: Exception | None) -> None:
        def look(image) -> None:
            if error:
                raise error

        fake_engine.on_read = look

    document = receive(upload("book.pdf", book(2)))
    run = document.current_run
    editing.cancel(run, owner)
    assert editing.retry(run, owner) == 2
    fail(EngineError("it gave up"))
    run_worker()
    assert editing.retry(run, owner) == 2
    fail(PageError("torn"))
    run_worker()
    assert Quota(owner, None, None).pages_today == 2
    settings.OCRSITE_USER_PAGES_A_DAY = 3
    answer = as_owner.post(f"{document.get_absolute_url()}retry/", follow=True)
    assert "this needs 2 more" in answer.content.decode()
    assert run.counts()["failed"] == 2
    assert editing.retry(run, owner, 1) == 1
    assert Quota(owner, None, None).pages_today == 3
    token = AccessToken.issue(owner, "t", "write", timedelta(days=1))[1]
    address = f"/api/v1/documents/{document.pk}/runs/{run.pk}/retry/"
    refused = Client().post(address, headers={"authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.json()["code"]) == (422, "quota-pages")


def test_a_part_of_a_page_counts_as_the_fraction_that_it_is(
    receive, fake_engine, owner: User, as_owner: Client, settings
) -> None:
    document = receive()
    run_worker()
    page = document.pages.get()
    address = f"{document.get_absolute_url()}pages/1/region/"
    whole = f"0,0 {page.width},0 {page.width},{page.height} 0,{page.height}"
    upper = f"0,0 {page.width},0 {page.width},{page.height / 2} 0,{page.height / 2}"
    settings.OCRSITE_USER_PAGES_A_DAY = 2
    assert as_owner.post(address, {"region": upper}).status_code == 202
    assert Quota(owner, None, None).pages_today == 1.5
    assert 'data-label="pages read today">2 / 2</td>' in as_owner.get("/accounts/").content.decode()  # in whole ones
    refused = as_owner.post(address, {"region": whole})
    assert (refused.status_code, "used 1 of your 2 pages" in refused.json()["message"]) == (422, True)
    crossed = f"0,0 {page.width},{page.height} {page.width},0 0,{page.height}"
    assert as_owner.post(address, {"region": crossed}).status_code == 422
    assert as_owner.post(address, {"region": upper}).status_code == 202
    assert as_owner.post(address, {"region": "10,10 20,10 20,20 10,20"}).status_code == 422
    events = Event.objects.filter(verb="read-part", document=document.pk)
    assert [event.details for event in events] == [{"page": 1, "counted": 0.5}] * 2
    assert "2 / 2" in as_owner.get("/accounts/").content.decode()


def test_a_team_shares_its_quota(receive, owner: User, stranger: User, team: Group, settings) -> None:
    settings.OCRSITE_TEAM_PAGES_A_DAY = 2
    receive()
    intake.receive(upload(), name="page.png", owner=stranger, options=Options())
    with pytest.raises(QuotaExceededError) as refusal:
        receive()
    assert refusal.value.params["team"] == "readers"


def test_administrators_make_exceptions(receive, owner: User, stranger: User, team: Group, settings) -> None:
    settings.OCRSITE_USER_PAGES_A_DAY = settings.OCRSITE_TEAM_PAGES_A_DAY = 1
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    form = {
        "name": "readers",
        "quota_override-TOTAL_FORMS": "1",
        "quota_override-INITIAL_FORMS": "0",
        "quota_override-0-pages_a_day": "9",
    }
    assert boss.post(f"/admin/auth/group/{team.pk}/change/", form).status_code == 302
    QuotaOverride.objects.create(user=owner, pages_a_day=2)
    receive()
    receive()
    with pytest.raises(QuotaExceededError) as refusal:
        receive()
    assert refusal.value.params == {"used": 2, "allowed": 2, "pages": 1}


def test_an_exception_may_allow_nothing(receive, owner: User) -> None:
    QuotaOverride.objects.create(user=owner, megabytes=0)
    with pytest.raises(QuotaExceededError):
        receive()


def test_the_refusal_says_what_is_used_and_allowed(as_owner: Client, settings) -> None:
    settings.OCRSITE_USER_PAGES_A_DAY = 1
    answer = as_owner.post("/documents/", {"file": upload("book.pdf", book(2))}, headers={"accept": "application/json"})
    error = answer.json()["files"][0]["error"]
    assert error["code"] == "quota-pages"
    assert "used 0 of your 1 pages for today; this needs 2 more" in error["message"]


def test_reading_again_over_the_quota_is_told_on_the_page(receive, as_owner: Client, settings) -> None:
    document = receive()
    settings.OCRSITE_USER_PAGES_A_DAY = 1
    answer = as_owner.post(f"{document.get_absolute_url()}runs/", follow=True)
    assert "Continue tomorrow" in answer.content.decode()
    assert document.runs.count() == 1
    assert not Event.objects.filter(verb="read-again").exists()


def test_people_see_what_they_use(receive, as_owner: Client, team: Group, settings) -> None:
    settings.OCRSITE_USER_MEGABYTES, settings.OCRSITE_TEAM_PAGES_A_DAY = 100, 500
    receive(upload("book.pdf", book(2)))
    page = as_owner.get("/accounts/").content.decode()
    assert "100.0" in page
    assert "2 / 500" in page
