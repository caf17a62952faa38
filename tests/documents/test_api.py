"""The REST API as programs use it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.utils import timezone

from documents import urls
from documents.api import recognise
from documents.models import AccessToken, Correction, Document, Folder, QuotaOverride, Run, Share, Tag
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)

API = "/api/v1"
OCRSITE_1 = json.loads((Path(urls.__file__).parent / "schema" / "ocrsite-1.json").read_text())


@pytest.fixture
def program(owner: User) -> Client:
    """A program with a token of the owner's that may write."""
    return holding(owner, "write")


def holding(user: User, scope: str, lifetime: timedelta = timedelta(days=1)) -> Client:
    _, secret = AccessToken.issue(user, "a program", scope, lifetime)
    return Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.fixture
def document(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def problem(answer, status: int, code: str) -> dict:
    """The problem document that ``answer`` has to be."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    data = answer.json()
    assert (data["status"], data["code"], data["type"]) == (status, code, f"urn:ocrsite:problem:{code}")
    assert data["detail"]
    return data


def patch(client: Client, url: str, data: object, **headers: str):
    return client.patch(url, json.dumps(data), content_type="application/json", headers=headers)


def line(document: Document, number: int = 1) -> str:
    return f"{API}/documents/{document.pk}/pages/{number}/lines/{number}-1/"


# Tokens


def test_a_token_is_stored_as_a_hash_only(owner: User) -> None:
    token, secret = AccessToken.issue(owner, "scanner", "read", timedelta(days=1))
    stored = json.dumps(list(AccessToken.objects.values()), default=str)
    assert secret not in stored
    assert AccessToken.authenticate(secret) == token


def test_a_token_acts_for_its_user_and_notes_its_use(owner: User, program: Client) -> None:
    answer = program.get(f"{API}/me/").json()
    assert (answer["username"], answer["token"]["scope"]) == ("owner", "write")
    assert AccessToken.objects.get().last_used is not None


@pytest.mark.parametrize("spoil", ["expired", "revoked", "inactive user", "wrong", "empty", "two words"])
def test_a_token_that_does_not_hold_is_refused(spoil: str, owner: User) -> None:
    token, secret = AccessToken.issue(owner, "scanner", "read", timedelta(days=1))
    if spoil == "expired":
        AccessToken.objects.update(expires=timezone.now())
    elif spoil == "revoked":
        token.delete()
    elif spoil == "inactive user":
        User.objects.update(is_active=False)
    shown = {"wrong": secret[:-1], "empty": "", "two words": f"{secret} {secret}"}.get(spoil, secret)
    answer = Client().get(f"{API}/me/", headers={"authorization": f"Bearer {shown}"})
    problem(answer, 401, "token-invalid")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_token_nothing_is_answered_and_nothing_received(db) -> None:
    problem(Client().get(f"{API}/documents/"), 401, "not-authenticated")
    problem(Client().post(f"{API}/documents/", {"file": upload()}), 401, "not-authenticated")
    assert not Document.objects.exists()


def test_a_token_for_reading_changes_nothing(document: Document, owner: User) -> None:
    reader = holding(owner, "read")
    assert reader.get(f"{API}/documents/{document.pk}/").status_code == 200
    problem(reader.delete(f"{API}/documents/{document.pk}/"), 403, "scope-insufficient")
    problem(patch(reader, line(document), {"text": "x"}), 403, "scope-insufficient")
    assert Document.objects.exists()


def test_a_person_who_is_logged_in_may_use_the_api_but_no_other_site_in_their_name(owner: User) -> None:
    person = Client(enforce_csrf_checks=True)
    person.force_login(owner)
    assert person.get(f"{API}/documents/").status_code == 200
    problem(person.post(f"{API}/documents/", {"file": upload()}), 403, "permission-denied")


# Documents


def test_files_are_taken_in_read_and_listed(program: Client, fake_engine: FakeEngine) -> None:
    answer = program.post(
        f"{API}/documents/", {"file": [upload("說明書.png"), upload("b.pdf", book(2))], "direction": "vertical-rl"}
    )
    assert answer.status_code == 201
    first, second = answer.json()
    assert (first["title"], first["page_count"], second["page_count"]) == ("說明書", 1, 2)
    run_worker()
    shown = program.get(first["url"]).json()
    assert (shown["status"], shown["pages_done"], shown["pages_failed"]) == ("done", 1, 0)
    assert shown["options"]["direction"] == "vertical-rl"
    assert [entry["id"] for entry in program.get(f"{API}/documents/").json()["results"]] == [second["id"], first["id"]]


def test_of_several_files_a_refused_one_says_why(program: Client) -> None:
    answer = program.post(f"{API}/documents/", {"file": [upload("note.txt", b"just words"), upload()]})
    assert answer.status_code == 201
    refused, taken = answer.json()
    assert (refused["status"], refused["error"]["code"]) == ("refused", "file-type-unsupported")
    assert (taken["status"], taken["error"]) == ("queued", None)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "file-empty"),
        (b"just words", 415, "file-type-unsupported"),
        (b"%PDF-1.7 nothing", 422, "file-broken"),
        (b"x" * 3000, 413, "file-too-large"),
    ],
)
def test_a_single_file_that_is_refused_is_a_problem(content, status, code, program: Client, settings) -> None:
    settings.OCRSITE_MAX_BYTES = 2000
    problem(program.post(f"{API}/documents/", {"file": upload("a.pdf", content)}), status, code)
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "file"),
        ({"file": "words"}, "file"),
        ({"scan": "file"}, "scan"),
        ({"file": "file", "direction": "upwards"}, "direction"),
        ({"file": "file", "directoin": "auto"}, "directoin"),
        ({"file": "file", "model": "nobody's"}, "model"),
    ],
)
def test_an_upload_that_says_something_else_is_refused(fields: dict, field: str, program: Client) -> None:
    sent = {name: upload() if value == "file" else value for name, value in fields.items()}
    answer = problem(program.post(f"{API}/documents/", sent), 400, "invalid")
    assert [error["field"] for error in answer["errors"]] == [field]
    assert not Document.objects.exists()


def test_the_list_is_filtered_and_paged(program: Client, receive, fake_engine: FakeEngine) -> None:
    titles = [f"第{number}冊" for number in range(5)]
    for title in titles:
        receive(upload(f"{title}.png"))
    seen, url = [], f"{API}/documents/?page_size=2"
    while url:
        page = program.get(url).json()
        assert len(page["results"]) <= 2
        seen += [entry["title"] for entry in page["results"]]
        url = page["next"]
    assert seen == titles[::-1]
    assert [e["title"] for e in program.get(f"{API}/documents/?q=3冊").json()["results"]] == ["第3冊"]
    tagged, foldered = Document.objects.order_by("created")[:2]
    tagged.tags.add(Tag.named("詩"))
    folder = Folder.create(tagged.owner, "outer")
    Document.objects.filter(pk=foldered.pk).update(folder=Folder.create(tagged.owner, "inner", folder))
    assert [e["title"] for e in program.get(f"{API}/documents/?tag=詩").json()["results"]] == ["第0冊"]
    assert [e["title"] for e in program.get(f"{API}/documents/?folder={folder.pk}").json()["results"]] == ["第1冊"]
    assert program.get(f"{API}/documents/?folder={folder.pk + 9}").json()["results"] == []
    assert len(program.get(f"{API}/documents/?status=queued").json()["results"]) == 5
    assert program.get(f"{API}/documents/?status=done").json()["results"] == []
    assert program.get(f"{API}/documents/?owner=stranger").json()["results"] == []


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    program: Client, receive, django_assert_max_num_queries
) -> None:
    for _ in range(6):
        receive()
    with django_assert_max_num_queries(5):
        assert len(program.get(f"{API}/documents/").json()["results"]) == 6


@pytest.mark.parametrize("query", ["stauts=done", "status=lost", "page_size=0", "page_size=many"])
def test_a_filter_that_nobody_knows_is_no_filter(query: str, program: Client) -> None:
    problem(program.get(f"{API}/documents/?{query}"), 400, "invalid")


@pytest.mark.parametrize(
    "cursor",
    ["p=", "p=soon", "p=2020-13-45", "p=2020-01-01", "p=a%00b", "p=0001-01-01T00:00:00%2B14:00", "o=1&r=1&p=z", "o=x"],
)
def test_a_cursor_that_was_not_given_is_refused(cursor: str, document: Document, program: Client) -> None:
    given = base64.b64encode(cursor.encode()).decode()
    answer = problem(program.get(f"{API}/documents/", {"cursor": given}), 400, "invalid")
    assert answer["errors"][0]["field"] == "cursor"


def test_a_name_that_no_answer_can_have_is_refused_all_the_same(document: Document, program: Client) -> None:
    url = f"{API}/documents/{document.pk}/"
    answer = program.patch(url, '{"\\ud800": 1}', content_type="application/json")
    assert problem(answer, 400, "invalid")["errors"][0]["field"] == r"\ud800"


def test_a_stranger_finds_nothing(document: Document, stranger: User) -> None:
    client = holding(stranger, "write")
    assert client.get(f"{API}/documents/").json()["results"] == []
    for method, path in [
        ("get", ""),
        ("delete", ""),
        ("get", "pages/1/"),
        ("get", "pages/1/image/"),
        ("get", "pages/1/lines/1-1/"),
        ("get", "runs/"),
        ("post", "runs/"),
        ("get", "export/txt/"),
        ("get", "original/"),
    ]:
        problem(getattr(client, method)(f"{API}/documents/{document.pk}/{path}"), 404, "not-found")


def test_a_document_is_renamed_and_deleted(document: Document, program: Client) -> None:
    url = f"{API}/documents/{document.pk}/"
    assert patch(program, url, {"title": "唐詩", "tags": ["詩", "draft"]}).json()["title"] == "唐詩"
    assert patch(program, url, {"tags": ["詩", "唐"]}).json()["tags"] == ["唐", "詩"]
    problem(patch(program, url, {"titel": "唐詩"}), 400, "invalid")
    problem(patch(program, url, {"title": ""}), 400, "invalid")
    assert program.delete(url).status_code == 204
    problem(program.get(url), 404, "not-found")
    assert Document.objects.get().trashed  # it can be taken back


@pytest.mark.parametrize(
    ("here", "sent"), [("invoice", "Invoice"), ("2024 tax", "2024  tax"), ("caf\u00e9", "cafe\u0301")]
)
def test_a_tag_that_is_there_stays_however_it_is_spelt(here: str, sent: str, document: Document, program) -> None:
    url = f"{API}/documents/{document.pk}/"
    patch(program, url, {"tags": [here, "gone"]})
    assert patch(program, url, {"tags": [sent]}).json()["tags"] == [here]


def test_only_the_owner_moves_a_document_and_only_into_folders_that_there_are(
    document: Document, program: Client, owner: User, stranger: User
) -> None:
    url = f"{API}/documents/{document.pk}/"
    folder, foreign = Folder.create(owner, "詩"), Folder.create(stranger, "else")
    assert patch(program, url, {"folder": folder.pk}).json()["folder"] == folder.pk
    assert [entry["name"] for entry in program.get(f"{API}/folders/").json()] == ["詩"]
    problem(patch(program, url, {"folder": foreign.pk}), 400, "invalid")
    Share.objects.create(document=document, user=stranger, may_edit=True)
    editor = holding(stranger, "write")
    assert patch(editor, url, {"title": "by an editor"}).status_code == 200
    problem(patch(editor, url, {"title": "lost", "folder": foreign.pk}), 403, "permission-denied")
    assert Document.objects.get().title == "by an editor"


def test_bytes_that_are_here_already_are_kept_or_refused_as_asked(program: Client) -> None:
    assert program.post(f"{API}/documents/", {"file": upload()}).status_code == 201
    again = program.post(f"{API}/documents/", {"file": upload(), "duplicates": "refuse"})
    problem(again, 409, "duplicate")
    assert program.post(f"{API}/documents/", {"file": upload()}).status_code == 201
    assert Document.objects.count() == 2


def test_who_has_used_up_a_quota_is_told(document: Document, program: Client, owner: User) -> None:
    QuotaOverride.objects.create(user=owner, pages_a_day=2)
    problem(program.post(f"{API}/documents/", {"file": upload()}), 422, "quota-pages")
    again = program.post(f"{API}/documents/{document.pk}/runs/", {}, content_type="application/json")
    problem(again, 422, "quota-pages")


def test_what_has_not_changed_is_not_sent_again(document: Document, program: Client) -> None:
    url = f"{API}/documents/{document.pk}/"
    first = program.get(url)
    assert program.get(url, headers={"if-none-match": first.headers["ETag"]}).status_code == 304
    patch(program, url, {"title": "another"})
    assert program.get(url, headers={"if-none-match": first.headers["ETag"]}).status_code == 200
    assert "private" in first.headers["Cache-Control"]


# Sending twice


def test_an_upload_sent_again_with_its_key_is_not_taken_in_twice(program: Client) -> None:
    key = {"idempotency-key": "9d0c"}
    first = program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    again = program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Document.objects.count() == 1


@pytest.mark.parametrize("change", [{"file": "other"}, {"script": "none"}, {"name": "other.png"}])
def test_a_key_that_was_used_for_something_else_is_refused(change: dict, program: Client) -> None:
    key = {"idempotency-key": "9d0c"}
    program.post(f"{API}/documents/", {"file": upload()}, headers=key)
    other = {"file": upload(change.get("name", "page.png"), picture("別的") if "file" in change else None)}
    other |= {name: value for name, value in change.items() if name == "script"}
    problem(program.post(f"{API}/documents/", other, headers=key), 422, "idempotency-key-reused")
    assert Document.objects.count() == 1


def test_a_fault_of_ours_at_one_file_does_not_undo_the_others(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileSystemStorage.save

    def fail_for_the_second(storage: FileSystemStorage, *args: object) -> str:
        if Document.objects.exists():
            raise OSError("no space left")
        return store(storage, *args)

    monkeypatch.setattr(FileSystemStorage, "save", fail_for_the_second)
    both = {"file": [upload(), upload("b.png", picture("別的"))]}
    taken, failed = program.post(f"{API}/documents/", both, headers={"idempotency-key": "9d0c"}).json()
    assert (taken["status"], failed["status"], failed["error"]["code"]) == ("queued", "refused", "server-error")
    both = {"file": [upload(), upload("b.png", picture("別的"))]}
    again = program.post(f"{API}/documents/", both, headers={"idempotency-key": "9d0c"})
    assert again.json() == [taken, failed]
    problem(program.post(f"{API}/documents/", {"file": upload("b.png", picture("別的"))}), 500, "server-error")
    assert Document.objects.count() == 1


def test_a_key_is_of_one_user_and_of_one_success(program: Client, stranger: User) -> None:
    key = {"idempotency-key": "9d0c"}
    problem(
        program.post(f"{API}/documents/", {"file": upload("a.txt", b"words")}, headers=key),
        415,
        "file-type-unsupported",
    )
    assert program.post(f"{API}/documents/", {"file": upload()}, headers=key).status_code == 201
    assert holding(stranger, "write").post(f"{API}/documents/", {"file": upload()}, headers=key).status_code == 201
    assert Document.objects.count() == 2


# Pages and lines


def test_a_page_has_its_lines_in_order_and_its_image(document: Document, program: Client) -> None:
    page = program.get(f"{API}/documents/{document.pk}/pages/2/").json()
    assert (page["number"], page["state"], page["text"]) == (2, "done", "台北")
    assert page["lines"][0]["id"] == "2-1"
    image = program.get(page["image"])
    assert image.headers["Content-Type"] == "image/jpeg"
    problem(program.get(f"{API}/documents/{document.pk}/pages/3/"), 404, "not-found")


def test_a_line_is_corrected_and_exported_as_corrected(document: Document, program: Client) -> None:
    before = program.get(line(document))
    changed = patch(program, line(document), {"text": "臺北"}, **{"if-match": before.headers["ETag"]})
    assert (changed.json()["text"], changed.json()["corrected"], changed.json()["raw"]) == ("臺北", "臺北", "台北")
    assert changed.headers["ETag"] != before.headers["ETag"]
    assert program.get(f"{API}/documents/{document.pk}/export/txt/").getvalue().decode().startswith("臺北")
    assert patch(program, line(document), {"text": "台北"}).json()["corrected"] is None


def test_what_somebody_else_wrote_is_not_overwritten(document: Document, program: Client, stranger: User) -> None:
    seen = program.get(line(document)).headers["ETag"]
    result = document.current_run.results.get(page__number=1)
    Correction.objects.create(page=result.page, polygon=result.lines[0]["polygon"], text="新北", author=stranger)
    late = patch(program, line(document), {"text": "臺北"}, **{"if-match": seen})
    assert problem(late, 412, "line-changed")["current"]["text"] == "新北"
    blind = patch(program, line(document), {"text": "臺北"})
    current = problem(blind, 409, "line-conflict")["current"]
    problem(patch(program, line(document), {"text": "臺北"}, **{"if-match": "9" * 5000}), 412, "line-changed")
    knowing = patch(program, line(document), {"text": "臺北"}, **{"if-match": f'"{current["version"]}"'})
    assert knowing.json()["text"] == "臺北"
    assert patch(program, line(document), {"text": "臺北市"}).status_code == 200  # one's own


@pytest.mark.parametrize("tag", ['W/"0"', '"0", "1"', "*", '"latest"'])
def test_if_match_takes_one_version_and_nothing_else(document: Document, program: Client, tag: str) -> None:
    problem(patch(program, line(document), {"text": "臺北"}, **{"if-match": tag}), 412, "line-changed")
    order = f"{API}/documents/{document.pk}/pages/1/order/"
    problem(put(program, order, {"lines": ["1-1"]}, **{"if-match": tag}), 412, "order-changed")
    assert not Correction.objects.exists()


def put(client: Client, url: str, data: object, **headers: str):
    return client.put(url, json.dumps(data), content_type="application/json", headers=headers)


def ids(page: dict) -> list[str]:
    return [line["id"] for line in page["lines"]]


@pytest.fixture
def couplet(receive: Callable[..., Document], fake_engine: FakeEngine) -> Document:
    """A page of two lines."""
    boxes = [((10, top), (90, top), (90, top + 30), (10, top + 30)) for top in (10, 60)]
    fake_engine.read = lambda image: [Line("台北", 0.9, box) for box in boxes]  # type: ignore[method-assign]
    received = receive()
    run_worker()
    return Document.objects.get(pk=received.pk)


def test_the_order_of_a_page_is_mended_and_undone(couplet: Document, program: Client) -> None:
    page, order = f"{API}/documents/{couplet.pk}/pages/1/", f"{API}/documents/{couplet.pk}/pages/1/order/"
    read = program.get(page).json()
    assert (ids(read), read["order_mended"]) == (["1-1", "1-2"], False)
    mended = put(program, order, {"lines": ["1-2", "1-1"]}, **{"if-match": f'"{read["order_version"]}"'})
    assert mended.status_code == 200
    assert mended.json() == program.get(page).json()
    assert (ids(mended.json()), mended.json()["order_mended"]) == (["1-2", "1-1"], True)
    told = problem(program.delete(order), 409, "order-conflict")
    assert told["current"] == mended.json()
    undone = program.delete(order, headers={"if-match": f'"{mended.json()["order_version"]}"'}).json()
    assert (ids(undone), undone["order_mended"]) == (["1-1", "1-2"], False)
    assert ids(put(program, order, {"direction": "vertical-rl"}).json())


def test_an_order_that_somebody_else_has_mended_is_not_replaced(couplet: Document, program: Client) -> None:
    order = f"{API}/documents/{couplet.pk}/pages/1/order/"
    version = put(program, order, {"lines": ["1-2", "1-1"]}).json()["order_version"]
    problem(put(program, order, {"lines": ["1-1"]}), 409, "order-conflict")
    told = problem(put(program, order, {"lines": ["1-1"]}, **{"if-match": '"0"'}), 412, "order-changed")
    assert told["current"]["order_version"] == version
    assert ids(put(program, order, {"lines": ["1-1"]}, **{"if-match": f'"{version}"'}).json()) == ["1-1", "1-2"]


@pytest.mark.parametrize(
    "order", [{}, {"lines": []}, {"lines": ["2-1"]}, {"direction": "up"}, {"lines": ["1-1"], "direction": "auto"}]
)
def test_an_order_that_is_none_is_refused(order: dict, document: Document, program: Client) -> None:
    problem(put(program, f"{API}/documents/{document.pk}/pages/1/order/", order), 400, "invalid")


def test_a_page_without_lines_has_nothing_to_order(receive, fake_engine: FakeEngine, program: Client) -> None:
    order = f"{API}/documents/{receive(upload('book.pdf', book(2))).pk}/pages/1/order/"
    problem(put(program, order, {"lines": ["1-1"]}), 400, "invalid")
    assert put(program, order, {"direction": "horizontal"}).json()["lines"] == []


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


@pytest.mark.parametrize("body", ["[]", "{", '{"text": null}', '{"text": "a\\u0000"}', '{"txt": "a"}', '"text"'])
def test_a_correction_that_is_none_is_refused(body: str, document: Document, program: Client) -> None:
    answer = program.patch(line(document), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Correction.objects.exists()


# Runs and files


def test_a_document_is_read_again_and_an_earlier_run_made_current(document: Document, program: Client) -> None:
    first = str(document.current_run_id)
    made = program.post(
        f"{API}/documents/{document.pk}/runs/", {"direction": "vertical-rl"}, content_type="application/json"
    )
    assert made.status_code == 201
    assert (made.json()["options"]["direction"], made.json()["current"]) == ("vertical-rl", True)
    run_worker()
    assert program.get(made.json()["url"]).json()["state"] == "done"
    runs = program.get(f"{API}/documents/{document.pk}/runs/").json()
    assert [run["id"] for run in runs] == [made.json()["id"], first]
    assert program.post(f"{API}/documents/{document.pk}/runs/{first}/current/").json()["current"] is True
    assert Document.objects.get().current_run_id == document.current_run_id
    page = program.get(f"{API}/documents/{document.pk}/pages/1/?run={made.json()['id']}").json()
    assert page["run"] == made.json()["id"]


def test_one_page_is_read_again(document: Document, program: Client, fake_engine: FakeEngine) -> None:
    runs = f"{API}/documents/{document.pk}/runs/"
    read = fake_engine.pages_read
    made = program.post(runs, {"page": 2, "direction": "vertical-rl"}, content_type="application/json")
    assert made.status_code == 201
    problem(program.post(runs, {"page": 2}, content_type="application/json"), 409, "unfinished")
    run_worker()
    assert fake_engine.pages_read == read + 1
    problem(program.post(runs, {"page": 3}, content_type="application/json"), 400, "invalid")


def test_a_run_is_cancelled_and_tried_again(program: Client, receive, fake_engine: FakeEngine) -> None:
    waiting = receive()
    url = f"{API}/documents/{waiting.pk}/runs/{waiting.current_run_id}"
    assert program.post(f"{url}/cancel/").json()["state"] == "failed"
    assert program.post(f"{url}/retry/").json()["state"] == "queued"
    run_worker()
    assert Run.objects.get().state == "done"


def test_exports_are_those_of_the_web(document: Document, program: Client, as_owner: Client) -> None:
    for suffix in ("txt", "json"):
        mine = program.get(f"{API}/documents/{document.pk}/export/{suffix}/")
        web = as_owner.get(f"/documents/{document.pk}/export/{suffix}/")
        assert mine.getvalue() == web.getvalue()
        assert mine.headers["Content-Type"] == web.headers["Content-Type"]
    problem(program.get(f"{API}/documents/{document.pk}/export/exe/"), 404, "format-unknown")
    original = program.get(f"{API}/documents/{document.pk}/original/")
    with document.original.open() as file:
        assert original.getvalue() == file.read()


# Search


def test_a_word_is_found_with_its_page_and_line(document: Document, program: Client, stranger: User) -> None:
    found = program.get(f"{API}/search/?q=臺北").json()  # the text has the simpler form
    assert (found["total"], found["more"], found["next"]) == (2, False, None)
    first = found["results"][0]
    assert (first["page"], first["lines"]) == (1, ["1-1"])
    assert [piece["text"] for piece in first["snippet"] if piece["found"]] == ["台北"]
    assert program.get(first["url"]).json()["number"] == 1
    titled = program.get(f"{API}/search/?q=book").json()["results"]
    assert [(hit["page"], hit["title"]) for hit in titled] == [(None, "book")]
    assert holding(stranger, "read").get(f"{API}/search/?q=台北").json()["total"] == 0


def test_a_hit_of_an_earlier_reading_leads_to_that_reading(document: Document, program: Client, as_owner) -> None:
    def lead() -> tuple[dict, str]:
        hit = program.get(f"{API}/search/?q=台北").json()["results"][0]
        return program.get(hit["url"]).json(), as_owner.get(hit["html_url"]).content.decode()

    first = str(document.current_run_id)
    program.post(f"{API}/documents/{document.pk}/runs/", {}, content_type="application/json")
    page, shown = lead()  # nobody has begun to read it again
    assert (page["run"], page["text"]) == (first, "台北")
    assert "台北" in shown
    run_worker()
    page, shown = lead()
    assert (page["run"] != first, page["text"]) == (True, "台北")
    assert "台北" in shown


def test_hits_are_filtered_and_turned_page_by_page(program: Client, receive, fake_engine: FakeEngine) -> None:
    for _ in range(25):
        receive()
    url, pages = f"{API}/search/?q=page", []
    while url:
        shown = program.get(url).json()
        pages.append(len(shown["results"]))
        url = shown["next"]
    assert pages == [20, 5]
    for nothing in ("owner=nobody", "tag=none", "folder=9", "status=done", "since=2999-01-01", "until=1999-01-01"):
        assert program.get(f"{API}/search/?q=page&{nothing}").json()["results"] == []
    problem(program.get(f"{API}/search/"), 400, "invalid")


# Reading while somebody waits


@pytest.fixture
def at_work(fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is so quick that what is asked for is read at once."""
    monkeypatch.setitem(settings.RQ_QUEUES["interactive"], "ASYNC", False)


def test_a_file_is_read_while_one_waits(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/", {"file": upload("說明書.png"), "script": "none"})
    assert answer.status_code == 200
    data = answer.json()
    jsonschema.validate(data, OCRSITE_1)
    assert (data["text"], data["document"]["title"], data["run"]["options"]["script"]) == ("台北", "說明書", "none")
    assert Document.objects.get().title == "說明書"


def test_what_is_not_to_be_kept_is_gone_afterwards(program: Client, at_work: None) -> None:
    answer = program.post(f"{API}/recognise/?keep=false", {"file": upload()})
    assert answer.json()["text"] == "台北"
    assert not Document.objects.exists()


def test_what_takes_too_long_is_read_on_and_not_lost(program: Client, fake_engine: FakeEngine) -> None:
    answer = program.post(f"{API}/recognise/?wait=0&keep=false", {"file": upload()})
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json()["url"]
    run_worker()
    assert program.get(answer.json()["url"]).json()["status"] == "done"


def test_waiting_takes_no_more_threads_than_may_be_spared(
    program: Client, fake_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "WAITING", threading.BoundedSemaphore(1))
    with recognise.WAITING:
        begun = time.monotonic()
        assert program.post(f"{API}/recognise/?wait=30", {"file": upload()}).status_code == 202
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("content", "status", "code"), [(b"words", 415, "file-type-unsupported"), (b"x" * 3000, 413, "file-too-large")]
)
def test_a_file_that_cannot_be_read_is_a_problem_at_once(content, status, code, program: Client, settings) -> None:
    settings.OCRSITE_MAX_BYTES = 2000
    problem(program.post(f"{API}/recognise/", {"file": upload("a.png", content)}), status, code)


def test_several_files_at_once_are_not_for_waiting(program: Client) -> None:
    problem(program.post(f"{API}/recognise/", {"file": [upload(), upload()]}), 400, "invalid")
    problem(program.post(f"{API}/recognise/", {}), 400, "invalid")
    assert not Document.objects.exists()


# Problems


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "nowhere/", 404, "not-found"),
        ("get", "documents/00000000-0000-4000-8000-000000000000/", 404, "not-found"),
        ("get", "documents", 404, "not-found"),
        ("put", "documents/", 405, "method-not-allowed"),
        ("delete", "me/", 405, "method-not-allowed"),
    ],
)
def test_whatever_goes_wrong_is_a_problem_document(method, path, status, code, program: Client) -> None:
    problem(getattr(program, method)(f"{API}/{path}"), status, code)


def test_a_body_of_another_type_is_refused(document: Document, program: Client) -> None:
    answer = program.patch(line(document), "<text/>", content_type="application/xml")
    problem(answer, 415, "unsupported-media-type")
    problem(program.post(f"{API}/documents/", "{}", content_type="application/json"), 415, "unsupported-media-type")


def test_a_body_that_is_too_long_is_not_read(document: Document, program: Client) -> None:
    answer = program.patch(line(document), b" " * (1024 * 1024 + 1), content_type="application/json")
    problem(answer, 413, "body-too-large")


def test_a_body_that_nobody_can_read_is_refused(document: Document, program: Client) -> None:
    for body in ("[" * 100_000, "9" * 5000, '{"text"'):
        problem(program.patch(line(document), body, content_type="application/json"), 400, "parse-error")


def test_a_fault_of_ours_is_a_problem_document_too(program: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("documents.api.documents.listed", fail)
    problem(program.get(f"{API}/documents/"), 500, "server-error")


def test_who_asks_too_often_is_told_when_to_come_back(program: Client, settings) -> None:
    settings.OCRSITE_API_PER_MINUTE = 3
    answers = [program.get(f"{API}/me/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    problem(answers[-1], 429, "throttled")
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_without_redis_nobody_is_held_back(program: Client, settings, tmp_path) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nobody.sock"}}
    settings.OCRSITE_API_PER_MINUTE = 1
    assert [program.get(f"{API}/me/").status_code for _ in range(2)] == [200, 200]


# The schema


def test_the_schema_is_openapi_3_1_and_its_examples_keep_to_it(program: Client) -> None:
    schema = program.get(f"{API}/schema/").json()
    assert schema["openapi"].startswith("3.1")
    examples = 0
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            for example in content.get("examples", {}).values():
                examples += 1
                wanted = {**content["schema"], "components": schema["components"]}
                jsonschema.validate(example["value"], wanted, jsonschema.Draft202012Validator)
    assert examples >= 8
