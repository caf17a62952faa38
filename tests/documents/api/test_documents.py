"""Documents: uploaded, listed, changed and deleted."""

from __future__ import annotations

import base64
import io

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document, Folder, QuotaOverride, Share, Tag
from tests.support.api import API, holding, patch, problem
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_locked_pdf_comes_with_its_password(program: Client) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(book(2))) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="secret", owner="owner"))
    sent = {"file": upload("a.pdf", locked.getvalue())}
    problem(program.post(f"{API}/documents/", sent), 422, "file-encrypted")
    (taken,) = program.post(
        f"{API}/documents/", {**sent, "file": upload("a.pdf", locked.getvalue()), "password": "secret"}
    ).json()
    assert taken["page_count"] == 2


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
    program.get(f"{API}/me/")  # notes the use of the token, once a minute
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
    assert Document.objects.get().trashed  # it can be restored


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
