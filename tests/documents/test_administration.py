"""The administration: what it shows of the archive and its workers, what it does, and to whom it opens."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import redis
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from documents import editing
from documents.admin.dashboards import masked
from documents.admin.filters import PeriodFilter
from documents.ingest import intake
from documents.models import Document, Event, Folder, PageResult, Quota, State, Verb
from documents.processing import queue as work_queue
from recognition.options import Options
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENTS = "/admin/documents/document/"
TAIPEI = ZoneInfo("Asia/Taipei")
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def boss(db) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def act(client: Client, action: str, *documents: Document, **more: object):
    form = {"action": action, "_selected_action": [str(each.pk) for each in documents]} | more
    return client.post(DOCUMENTS, form, follow=True)


def fail(document: Document, number: int = 1, code: str = "page-failed") -> None:
    error = {"code": code, "message": "It failed.", "params": {"number": number}}
    results = PageResult.objects.filter(run=document.current_run, page__number=number)
    results.update(state=State.FAILED, error=error, finished=timezone.now())


def test_seconds_and_confidence_are_rounded_in_lists(document: Document, boss: Client) -> None:
    PageResult.objects.update(seconds=1.3765938459982863, confidence=0.9772327579702043)
    page = boss.get("/admin/documents/pageresult/").content.decode()
    assert ">1.4<" in page
    assert ">0.98<" in page
    assert re.search(r'class="field-time_taken[^"]*">\d+\.\d<', boss.get("/admin/documents/run/").content.decode())


def test_options_of_a_run_are_told_in_words(document: Document, boss: Client) -> None:
    run = document.current_run
    run.options |= {"direction": "vertical-rl"}
    run.save()
    for address in (f"/admin/documents/run/{run.pk}/change/", f"{DOCUMENTS}{document.pk}/change/"):
        shown = boss.get(address).content.decode()
        assert "Vertical, right to left" in shown
        assert "vertical-rl" not in shown


def test_the_list_shows_pages_and_the_reason_of_failures(document: Document, boss: Client) -> None:
    fail(document, 2)
    page = boss.get(DOCUMENTS).content.decode()
    assert "1 / 2" in page
    assert "1: Page 2 is damaged or too large" in page


def test_documents_are_found_by_the_reason_of_their_failure(document: Document, receive, boss: Client) -> None:
    receive(upload("other.png"))
    fail(document)
    for value, titles in {"any": {"book"}, "page-failed": {"book"}, "worker-lost": set()}.items():
        shown = boss.get(DOCUMENTS, {"failure": value}).context["cl"].queryset
        assert {each.title for each in shown} == titles


def test_the_list_takes_as_many_queries_for_many_documents_as_for_few(document, receive, boss: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            boss.get(DOCUMENTS)
        return len(captured)

    few = queries()
    for number in range(6):
        receive(upload(f"more{number}.png"))
    assert queries() == few < 20


def test_the_picture_of_a_document_is_shown_to_administrators_only(document: Document, boss: Client, as_owner) -> None:
    address = re.findall(r'<img src="([^"]+thumbnail/)"', boss.get(DOCUMENTS).content.decode())[0]
    assert boss.get(address).headers["Content-Type"] == "image/jpeg"
    assert as_owner.get(address).headers["Location"].startswith("/admin/login/")
    staff = Client()
    staff.force_login(User.objects.create_user("staff", is_staff=True))
    assert staff.get(address).status_code == 404


def test_failed_pages_are_read_again(document: Document, boss: Client) -> None:
    fail(document)
    assert "Done with 1 document." in act(boss, "retry_failed_pages", document).content.decode()
    run_worker()
    assert not PageResult.objects.exclude(state=State.DONE).exists()


def test_documents_are_read_again_as_last_time(document: Document, boss: Client, as_owner: Client) -> None:
    as_owner.post(f"{document.get_absolute_url()}runs/", {"direction": "vertical-rl"})
    run_worker()
    act(boss, "read_again", document)
    assert document.runs.count() == 3
    run_worker()
    document.refresh_from_db()
    assert document.current_run.options["direction"] == "vertical-rl"
    assert document.current_run.requested_by.username == "boss"


def test_a_document_is_given_to_another_owner_after_asking_to_whom(document, owner, stranger, boss: Client) -> None:
    Document.objects.update(folder=Folder.create(owner, "mine"))
    assert "new owner" in act(boss, "reassign", document).content.decode().lower()
    act(boss, "reassign", document, owner=stranger.pk)
    document.refresh_from_db()
    assert (document.owner, document.folder) == (stranger, None)
    event = Event.objects.get(verb=Verb.REASSIGNED)
    assert (event.actor_name, event.owner, event.details) == ("boss", owner, {"name": "stranger"})


def test_documents_go_into_the_trash_and_out_again(document: Document, boss: Client, as_owner: Client) -> None:
    act(boss, "trash", document)
    assert as_owner.get(document.get_absolute_url()).status_code == 404
    act(boss, "restore", document)
    assert as_owner.get(document.get_absolute_url()).status_code == 200
    assert list(Event.objects.order_by("id").values_list("verb", flat=True))[1:3] == [Verb.TRASHED, Verb.RESTORED]


def test_deleting_for_good_asks_first_and_is_for_superusers(document: Document, boss: Client) -> None:
    staff = Client()
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="documents"))
    staff.force_login(user)
    act(staff, "delete_selected", document, sure="on")
    assert Document.objects.exists()
    assert "Yes, delete" in act(boss, "delete_selected", document).content.decode()
    act(boss, "delete_selected", document, sure="on")
    assert not Document.objects.exists()
    assert Event.objects.get(verb=Verb.DELETED).actor_name == "boss"


def test_a_changed_title_is_noted(document: Document, owner: User, boss: Client) -> None:
    form = {
        "title": "new",
        "owner": owner.pk,
        "originals-TOTAL_FORMS": "0",
        "originals-INITIAL_FORMS": "0",
        "runs-TOTAL_FORMS": "0",
        "runs-INITIAL_FORMS": "0",
    }
    assert boss.post(f"{DOCUMENTS}{document.pk}/change/", form).status_code == 302
    event = Event.objects.get(verb=Verb.CHANGED)
    assert (event.actor_name, event.details) == ("boss", {"title": "new", "before": "book"})


@pytest.mark.parametrize("title", ["\u200b\u200b", "\u202e", "\u0958" * 200])
def test_a_title_that_cannot_be_kept_is_refused(title: str, document: Document, owner, boss: Client) -> None:
    form = {
        "title": title,
        "owner": owner.pk,
        "originals-TOTAL_FORMS": "0",
        "originals-INITIAL_FORMS": "0",
        "runs-TOTAL_FORMS": "0",
        "runs-INITIAL_FORMS": "0",
    }
    answer = boss.post(f"{DOCUMENTS}{document.pk}/change/", form)
    assert answer.context["adminform"].form.errors == {"title": ["A title has 1 to 255 characters."]}


def test_what_was_read_and_what_files_are_called_is_never_markup(
    receive, fake_engine: FakeEngine, boss: Client
) -> None:
    box = ((10, 10), (90, 10), (90, 40), (10, 40))
    fake_engine.read = lambda image: [Line(MARKUP, 0.9, box)]  # type: ignore[method-assign]
    evil = receive(upload(f"{MARKUP.replace('/', '∕')}.png"))
    run_worker()
    result = PageResult.objects.get()
    fail(evil, code=MARKUP)
    addresses = [
        DOCUMENTS,
        f"{DOCUMENTS}{evil.pk}/change/",
        "/admin/documents/pageresult/",
        f"/admin/documents/pageresult/{result.pk}/change/",
        "/admin/documents/event/",
        "/admin/queue/",
        "/admin/usage/",
    ]
    for address in addresses:
        page = boss.get(address)
        assert page.status_code == 200, address
        assert "<script>alert(1)" not in page.content.decode(), address


def test_the_queue_shows_what_waits_what_is_read_and_what_failed(document, receive, boss: Client) -> None:
    fail(document)
    receive(upload("waiting.png"))
    page = boss.get("/admin/queue/")
    assert page.context["waiting"] == 1
    assert page.context["oldest"].run.document.title == "waiting"
    assert page.context["queues"] == {"interactive": 0, "recognition": 1}
    assert page.context["failures"] == [("This page cannot be drawn. Scan or export it again.", 1)]
    assert page.context["pace"] == 0.1
    assert "No worker is running" in page.content.decode()


def test_the_queue_shows_the_workers(boss: Client, receive, fake_engine: FakeEngine) -> None:
    seen: list[str] = []
    fake_engine.on_read = lambda image: seen.append(boss.get("/admin/queue/").content.decode())
    receive()
    run_worker("desk")
    assert "at work" in seen[0]
    assert re.search(r"desk\.\w{8}", seen[0])


def test_the_queue_is_shown_without_redis_too(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(work_queue, "waiting", gone)
    assert "Redis does not answer" in boss.get("/admin/queue/").content.decode()


def test_usage_is_shown_by_person_and_by_team(document: Document, owner: User, stranger: User, boss: Client) -> None:
    team = Group.objects.create(name="readers")
    team.user_set.add(owner, stranger)
    people, teams = (list(uses) for _, uses in boss.get("/admin/usage/").context["tables"])
    mine = next(use for use in people if use.name == "owner")
    assert (mine.documents, mine.bytes, mine.months) == (1, document.bytes, [0, 0, 0, 0, 0, 2])
    assert [(use.name, use.documents, use.months[-1]) for use in teams] == [("readers", 1, 2)]


def test_usage_tells_months_apart(owner: User, boss: Client) -> None:
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for time, pages in ((month, 1), (month - timedelta(microseconds=1), 2), (month - timedelta(days=365), 4)):
        Event.objects.create(actor=owner, time=time, verb=Verb.UPLOADED, details={"pages": pages})
    mine = next(use for use in boss.get("/admin/usage/").context["tables"][0][1] if use.name == "owner")
    assert mine.months == [0, 0, 0, 0, 2, 1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="how SQLite says what it looks through")
def test_usage_looks_at_the_events_of_the_months_only(owner: User, boss: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        boss.get("/admin/usage/")
    asked = [query["sql"] for query in captured.captured_queries if 'FROM "documents_event"' in query["sql"]]
    with connection.cursor() as cursor:
        for statement in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            assert "USING INDEX events_with_pages (time>? AND time<?)" in str(cursor.fetchall())
    assert len(asked) == 6


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_acts_are_worded_as_by_django(language: str) -> None:
    with translation.override(language):
        for verb in [*Verb.values, "of a later version"]:
            event = Event(verb=verb)
            assert event.verb_label == event.get_verb_display()


def test_usage_counts_pages_as_the_quota_does(document: Document, owner: User, boss: Client) -> None:
    fail(document)
    assert editing.retry(document.current_run, owner) == 1
    editing.run_again(document, Options(), owner)
    page = document.pages.first()
    half = ((0, 0), (page.width, 0), (page.width, page.height / 2), (0, page.height / 2))
    intake.recognise_region(page, Options(region=half), None, owner)
    answer = boss.get("/admin/usage/")
    mine = next(use for use in answer.context["tables"][0][1] if use.name == "owner")
    assert mine.months[-1] == Quota(owner, None, None).pages_today == 2 + 1 + 2 + 0.5
    assert "<td>5.5</td>" in answer.content.decode()


def test_settings_are_shown_without_their_secrets(boss: Client, settings) -> None:
    settings.REDIS_URL = "redis://:opensesame@host:6379/0"
    settings.EMAIL_HOST_PASSWORD = "opensesame"
    settings.STORAGES = settings.STORAGES | {"other": {"OPTIONS": {"secret_key": "opensesame", "bucket_name": "scans"}}}
    page = boss.get("/admin/settings/").content.decode()
    assert "opensesame" not in page
    assert settings.SECRET_KEY not in page
    assert "scans" in page
    assert "redis://•••@host:6379/0" in page


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"PASSWORD": "x", "NAME": "y"}, {"PASSWORD": "•••", "NAME": "y"}),
        ([{"client_id": "a", "secret": "b"}], [{"client_id": "a", "secret": "•••"}]),
        ("postgres://me:x@host/db", "postgres://•••@host/db"),
        ({"PASSWORD": ""}, {"PASSWORD": ""}),
        (True, True),
    ],
)
def test_masks(value: object, shown: object) -> None:
    assert masked(value) == shown


@pytest.mark.parametrize("name", ["admin-queue", "admin-usage", "admin-settings"])
def test_dashboards_open_by_right_only(name: str, boss: Client, as_owner: Client) -> None:
    address = reverse(name)
    staff = Client()
    staff.force_login(User.objects.create_user("staff", is_staff=True))
    assert boss.get(address).status_code == 200
    assert staff.get(address).status_code == 403
    assert as_owner.get(address).headers["Location"].startswith("/admin/login/")
    assert boss.get("/admin/").content.decode().count(address) == 1
    assert address not in staff.get("/admin/").content.decode()


@pytest.mark.parametrize("address", ["/admin/", "/admin/queue/", "/admin/usage/", "/admin/settings/", DOCUMENTS])
def test_the_administration_speaks_chinese(address: str, document: Document, boss: Client) -> None:
    page = boss.get(address, headers={"accept-language": "zh-hant"}).content.decode()
    assert re.search("佇列|使用量|設定|文件", page)


def test_the_chinese_administration_uses_the_words_of_the_glossary(boss: Client) -> None:
    page = boss.get("/admin/", headers={"accept-language": "zh-hant"}).content.decode()
    assert re.search("團隊", page)
    assert re.search("單一登入", page)
    assert re.search("頁面", page)
    assert not re.search("群組|社群|頁數", page)


def staff_with(*rights: str) -> User:
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return staff


def test_only_superusers_delete_superusers(boss: Client, owner: User) -> None:
    client = Client()
    client.force_login(staff_with("view_user", "change_user", "delete_user"))
    superuser = User.objects.get(username="boss")
    assert client.post(f"/admin/auth/user/{superuser.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [superuser.pk, owner.pk], "post": "yes"}
    assert client.post("/admin/auth/user/", form).status_code == 403
    assert client.post(f"/admin/auth/user/{owner.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()


def test_nobody_gives_rights_to_their_own_team(db) -> None:
    staff, team = staff_with("view_group", "change_group"), Group.objects.create(name="team")
    staff.groups.add(team)
    client = Client()
    client.force_login(staff)
    form = {"name": "readers", "permissions": [Permission.objects.get(codename="delete_user").pk]}
    assert client.post(f"/admin/auth/group/{team.pk}/change/", form).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.permissions.count()) == ("readers", 0)


LISTS = ["document", "event", "page", "pageresult", "run", "correction"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_sorts_and_compares_no_whole_table(document: Document, boss: Client, name: str) -> None:
    """However many rows there are, it reads those that it shows, and counts the others."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the tables, which is next to nothing here")
    with CaptureQueriesContext(connection) as captured:
        assert boss.get(f"/admin/documents/{name}/").status_code == 200
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"))
                steps = [step for *_, step in cursor.fetchall()]
                assert not [step for step in steps if re.search(r"TEMP B-TREE FOR (ORDER|GROUP|DISTINCT)", step)], query


def test_lists_are_narrowed_by_year_month_and_day(document: Document, receive, boss: Client) -> None:
    older = receive(upload("older.png"))
    Document.objects.filter(pk=older.pk).update(created=datetime(2024, 2, 29, 23, 30, tzinfo=TAIPEI))

    def shown(period: str) -> set[str]:
        return {each.title for each in boss.get(DOCUMENTS, {"period": period}).context["cl"].result_list}

    for period in ("2024", "2024-02", "2024-02-29"):
        assert shown(period) == {"older"}
    assert shown("2024-03") == shown("2023") == set()
    assert shown("2024-02-30") == shown("rubbish") == shown("") == {"older", "book"}
    filters = boss.get(DOCUMENTS, {"period": "2024-02"}).context["cl"].filter_specs
    offered = [value for each in filters if isinstance(each, PeriodFilter) for value, _ in each.lookup_choices]
    assert offered[:4] == ["2024", "2024-02", "2024-02-29", "2024-03"]


def test_documents_are_found_by_title_owner_and_file(document: Document, receive, stranger: User, boss: Client) -> None:
    receive(upload("letter.png"), owner=stranger)
    sha256 = document.originals.get().sha256
    for words, titles in {"BOO": {"book"}, stranger.username: {"letter"}, sha256: {"book"}, sha256[:20]: set()}.items():
        assert {each.title for each in boss.get(DOCUMENTS, {"q": words}).context["cl"].result_list} == titles
