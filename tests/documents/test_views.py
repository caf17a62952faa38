"""What the pages of the site show and do."""

from __future__ import annotations

import io
import json
from uuid import uuid4

import jsonschema
import pikepdf
import pypdfium2
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from documents.editing import correct
from documents.library import operations
from documents.models import Document, Folder
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, upload
from tests.support.json_schema import SCHEMA
from tests.support.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(receive, fake_engine: FakeEngine) -> Document:
    """A document of the owner's that has been read."""
    received = receive(upload("book.pdf", book(2)))
    run_worker()
    return Document.objects.get(pk=received.pk)


def test_the_history_shows_only_my_documents(document: Document, as_owner: Client, as_stranger: Client) -> None:
    assert document.title in as_owner.get("/").content.decode()
    assert document.title not in as_stranger.get("/").content.decode()


@pytest.mark.parametrize("url", ["/documents/{missing}/", "/documents/{pk}/?page=3", "/documents/{pk}/?run=nonsense"])
def test_what_does_not_exist_is_404(url: str, document: Document, as_owner: Client) -> None:
    assert as_owner.get(url.format(pk=document.pk, missing=uuid4())).status_code == 404


def test_a_page_can_be_opened_by_its_address(document: Document, as_owner: Client) -> None:
    assert as_owner.get(f"/documents/{document.pk}/?page=2").context["result"].page.number == 2


def test_the_text_file_has_the_pages_in_order(document: Document, as_owner: Client) -> None:
    answer = as_owner.get(f"/documents/{document.pk}/export/txt/")
    assert answer.getvalue().decode() == "台北\n\n台北\n"
    assert "book.txt" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_json_file_keeps_to_its_schema(document: Document, as_owner: Client) -> None:
    data = json.loads(as_owner.get(f"/documents/{document.pk}/export/json/").getvalue())
    jsonschema.validate(data, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert data["document"]["id"] == str(document.pk)
    assert data["text"] == "台北\n\n台北"
    assert data["pages"][1]["lines"][0]["id"] == "2-1"
    assert data["pages"][0]["lines"][0]["polygon"] == [[10, 10], [90, 10], [90, 40], [10, 40]]


def test_unread_pages_are_named_in_the_json_too(receive, as_owner: Client) -> None:
    waiting = receive(upload("book.pdf", book(2)))
    data = json.loads(as_owner.get(f"/documents/{waiting.pk}/export/json/").getvalue())
    jsonschema.validate(data, SCHEMA)
    assert [page["state"] for page in data["pages"]] == ["queued", "queued"]


def test_a_page_that_was_not_read_is_named_in_the_text(receive, as_owner: Client) -> None:
    waiting = receive(upload("book.pdf", book(2)))
    answer = as_owner.get(f"/documents/{waiting.pk}/export/txt/")
    assert answer.getvalue().decode() == "[page 1: not read]\n\n[page 2: not read]\n"


def test_a_page_that_failed_does_not_count_as_read(document: Document, as_owner: Client) -> None:
    run = document.current_run
    failed = run.results.get(page__number=2)
    failed.state, failed.error = "failed", {"code": "cancelled", "message": ""}
    with transaction.atomic():
        failed.save()
        run.settle()
    page = as_owner.get(f"/documents/{document.pk}/progress/").content.decode()
    assert '<span class="progress-count">1 / 2, 1 failed</span>' in page


def test_who_finds_nothing_is_told_so(document: Document, as_owner: Client) -> None:
    address = f"/documents/{document.pk}/find/?find="
    assert "<ol" in as_owner.get(address + "台").content.decode()
    page = as_owner.get(address + "龍").content.decode()
    assert "Nothing found." in page
    assert "<ol" not in page


def test_the_text_and_the_marks_between_pages_can_be_chosen(document: Document, as_owner: Client, owner: User) -> None:
    result = document.current_run.results.first()
    correct(result, "1-1", "臺北", author=owner, seen=None)
    url = f"/documents/{document.pk}/export/txt/"
    assert as_owner.get(url).getvalue().decode() == "臺北\n\n台北\n"
    assert as_owner.get(url + "?text=raw&pages=form-feed").getvalue().decode() == "台北\n\f台北\n"
    assert as_owner.get(url + "?pages=heading").getvalue().decode() == "--- 1 ---\n臺北\n\n--- 2 ---\n台北\n"
    assert as_owner.get(url + "?text=nonsense").status_code == 404


def test_a_pdf_can_be_downloaded_with_its_text(document: Document, as_owner: Client) -> None:
    answer = as_owner.get(f"/documents/{document.pk}/export/pdf/")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert pypdfium2.PdfDocument(answer.getvalue())[1].get_textpage().get_text_range() == "台北"


def test_a_pdf_that_allows_no_changes_says_so(receive, fake_engine: FakeEngine, as_owner: Client) -> None:
    protected = io.BytesIO()
    with pikepdf.open(io.BytesIO(book(1))) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(protected, encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    locked = receive(upload("locked.pdf", protected.getvalue()))
    run_worker()
    answer = as_owner.get(f"/documents/{locked.pk}/export/pdf/")
    assert answer.status_code == 422
    assert "Upload a copy without protection" in answer.content.decode()


def test_an_unknown_export_format_is_404(document: Document, as_owner: Client) -> None:
    assert as_owner.get(f"/documents/{document.pk}/export/exe/").status_code == 404


def test_file_names_of_downloads_keep_chinese_characters(receive, fake_engine, as_owner: Client) -> None:
    named = receive(upload("說明書.png"))
    answer = as_owner.get(f"/documents/{named.pk}/export/txt/")
    assert "filename*=utf-8''%E8%AA%AA%E6%98%8E%E6%9B%B8.txt" in answer.headers["Content-Disposition"]


def test_an_earlier_run_can_be_shown_and_made_current(document: Document, as_owner: Client) -> None:
    first = document.current_run_id
    as_owner.post(f"/documents/{document.pk}/runs/", {"direction": "vertical-rl"})
    assert Document.objects.get(pk=document.pk).current_run_id == first
    run_worker()
    second = Document.objects.get(pk=document.pk).current_run_id
    assert second != first
    shown = as_owner.get(f"/documents/{document.pk}/", {"run": str(first)})
    assert shown.context["run"].pk == first
    as_owner.post(f"/documents/{document.pk}/runs/{first}/current/")
    assert Document.objects.get(pk=document.pk).current_run_id == first


def test_a_run_of_another_document_is_not_shown(document: Document, receive, as_owner: Client) -> None:
    other = receive()
    assert as_owner.get(f"/documents/{document.pk}/?run={other.current_run_id}").status_code == 404


def test_the_way_back_goes_through_the_folders_that_the_reader_may_open(
    document: Document, owner: User, stranger: User, as_owner: Client, as_stranger: Client
) -> None:
    above = Folder.create(owner, "Estate", None)
    inside = Folder.create(owner, "Letters", above)
    operations.move(document, inside, owner)
    operations.share(inside, owner, user=stranger, may_edit=False)

    def shown(client: Client) -> list[str]:
        return [folder.name for folder in client.get(f"/documents/{document.pk}/").context["way"]]

    assert shown(as_owner) == ["Estate", "Letters"]
    assert shown(as_stranger) == ["Letters"]
    operations.move(document, None, owner)
    assert shown(as_owner) == []


def test_titles_with_markup_are_shown_as_text(receive, fake_engine: FakeEngine, as_owner: Client) -> None:
    evil = receive(upload("<img src=x onerror=alert(1)>.png"))
    run_worker()
    for url in ("/", f"/documents/{evil.pk}/"):
        page = as_owner.get(url).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("model", ["document", "run", "page", "pageresult"])
def test_administrators_see_every_list_and_record(model: str, document: Document, owner: User) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    assert boss.get(f"/admin/documents/{model}/").status_code == 200
    record = {
        "document": document,
        "run": document.current_run,
        "page": document.pages.first(),
        "pageresult": document.current_run.results.first(),
    }[model]
    assert boss.get(f"/admin/documents/{model}/{record.pk}/change/").status_code == 200


def test_administrators_delete_documents_with_their_files(document: Document) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    original = document.first_original.file
    assert document.title in boss.get(f"/admin/documents/document/{document.pk}/delete/").content.decode()
    boss.post(f"/admin/documents/document/{document.pk}/delete/", {"post": "yes"})
    assert not Document.objects.exists()
    assert not original.storage.exists(original.name)


def test_single_jobs_are_nobodys_business(as_owner: Client) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    for client in (boss, as_owner):
        assert client.get("/admin/django_rq/dashboard/").status_code in {302, 404}


def test_a_form_that_was_open_too_long_is_refused_with_a_page_that_says_what_to_do(owner: User) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(owner)
    answer = client.post("/trash/", {"action": "restore", "csrfmiddlewaretoken": "stale"})
    assert answer.status_code == 403
    assert "Go back, reload the page and try again." in answer.content.decode()


def test_what_is_refused_says_of_what_it_speaks(
    document: Document, owner: User, stranger: User, as_stranger: Client
) -> None:
    operations.share(document, owner, user=stranger, may_edit=False)
    addresses = {
        f"/documents/{document.pk}/manage/": "You may read this document but not change it.",
        f"/documents/{document.pk}/activity/": "Only the owner of this document may do this.",
        "/admin/login/": "Your account does not allow this.",
    }
    for address, words in addresses.items():
        answer = as_stranger.get(address)
        assert answer.status_code == 403
        assert words in answer.content.decode()
    told = as_stranger.get(f"/api/v1/documents/{document.pk}/shares/").json()
    assert told["detail"] == "You may read this but not change it."


def test_health_answers_without_login(client: Client) -> None:
    assert client.get("/health/").content == b"ok\n"
