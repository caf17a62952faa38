"""The page on which the pages of a document are in the hand, files that become one document, and joined lists."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document, PartialUpload, Run, Share
from recognition.options import Options
from tests.support.documents import new_document
from tests.support.files import book, picture, upload

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def texts(document: Document) -> list[str]:
    run = Document.objects.get(pk=document.pk).current_run
    return list(run.results.order_by("page__number").values_list("text", flat=True))


def keys(document: Document) -> list[int]:
    return list(document.pages.order_by("number").values_list("pk", flat=True))


def names(document: Document) -> list[tuple[str, int]]:
    return [
        (page.original.name, page.original_number)
        for page in document.pages.select_related("original").order_by("number")
    ]


def test_pages_are_moved_with_buttons_alone(owner: User, as_owner: Client) -> None:
    document = new_document(owner, "書", "甲", "乙", "丙", "丁")
    address, (first, second, third, fourth) = f"/documents/{document.pk}/pages/", keys(document)
    assert as_owner.get(address, {"page": third}).content.decode().count(" checked") == 1
    as_owner.post(address, {"action": "earlier", "page": [second, fourth]})
    assert texts(document) == ["乙", "甲", "丁", "丙"]
    as_owner.post(address, {"action": "later", "page": [first]})
    assert texts(document) == ["乙", "丁", "甲", "丙"]
    answer = as_owner.post(address, {"action": "part-here", "page": [first]}, follow=True)
    assert "2 pages are now in" in answer.content.decode()
    assert texts(document) == ["乙", "丁"]
    assert texts(Document.objects.get(title__startswith="書, pages")) == ["甲", "丙"]
    as_owner.post(address, {"action": "take-out", "page": [second]})
    assert (texts(document), Document.objects.trash_of(owner).count()) == (["丁"], 1)
    answer = as_owner.post(address, {"action": "turn-left"}, follow=True)
    assert "Select pages first." in answer.content.decode()


def test_a_script_is_told_why_an_order_is_not_kept(owner: User, as_owner: Client) -> None:
    document = new_document(owner, "書", "甲", "乙")
    order = {"action": "order", "page": keys(document)[::-1]}
    answer = as_owner.post(f"/documents/{document.pk}/pages/", order, headers=JSON)
    assert (answer.status_code, answer.json(), texts(document)) == (200, {}, ["乙", "甲"])
    order["page"] = order["page"][:1]
    answer = as_owner.post(f"/documents/{document.pk}/pages/", order, headers=JSON)
    assert (answer.status_code, "meanwhile" in answer.json()["error"]) == (409, True)
    Run.start(document, Options(), owner)
    answer = as_owner.post(f"/documents/{document.pk}/pages/", {"action": "turn-right", **order}, headers=JSON)
    assert "still running" in answer.json()["error"]


def test_pages_go_to_a_document_of_ones_own_only(owner: User, stranger: User, as_owner: Client) -> None:
    document, other = new_document(owner, "書", "甲", "乙"), new_document(owner, "別", "丙")
    foreign = new_document(stranger, "他", "丁")
    Share.objects.create(document=foreign, user=owner, may_edit=True)
    address = f"/documents/{document.pk}/pages/"
    moved = {"action": "move", "page": keys(document)[0]}
    assert as_owner.post(address, moved | {"target": foreign.pk}).status_code == 404
    assert "Choose a document" in as_owner.post(address, moved | {"target": ""}, follow=True).content.decode()
    assert "別" in as_owner.get(f"{address}targets/", {"q": "別"}).content.decode()
    as_owner.post(address, moved | {"target": other.pk})
    assert (texts(document), texts(other)) == (["乙"], ["丙", "甲"])
    answer = as_owner.post(address, {"action": "join", "target": other.pk})
    assert f"/documents/{document.pk}/pages/?page=" in answer.url
    assert (texts(document), Document.objects.filter(pk=other.pk).exists()) == (["乙", "丙", "甲"], False)


def test_a_tab_that_shows_another_page_changes_none(owner: User, as_owner: Client) -> None:
    document = new_document(owner, "書", "甲", "乙")
    seen = document.pages.get(number=1).key
    as_owner.post(f"/documents/{document.pk}/pages/", {"action": "later", "page": keys(document)[0]})
    address = f"/documents/{document.pk}/pages/1/lines/"
    form = {"changes": json.dumps([{"line": "1", "text": "丙", "seen": None}])}
    assert as_owner.post(address, form, headers={"x-page": seen}).status_code == 404
    assert texts(document) == ["乙", "甲"]
    now = document.pages.get(number=1).key
    assert as_owner.post(address, form, headers={"x-page": now}).status_code == 200
    assert texts(document) == ["丙", "甲"]


def test_selected_documents_are_joined(owner: User, as_owner: Client) -> None:
    second, first = new_document(owner, "乙", "丙"), new_document(owner, "丁", "甲")
    chosen = {"document": [first.pk, second.pk], "action": "join"}
    assert "Join into one document" in as_owner.get("/documents/selection/", chosen).content.decode()
    as_owner.post("/documents/selection/", chosen | {"order": "newest"})
    assert (texts(first), list(Document.objects.all())) == (["甲", "丙"], [first])
    alone = as_owner.post("/documents/selection/", {"document": first.pk, "action": "join"}, follow=True)
    assert "at least two" in alone.content.decode()


def test_files_become_one_document(owner: User, as_owner: Client) -> None:
    files = [upload("2.png", picture("二")), upload("10.pdf", book(2)), upload("1.png", picture("一"))]
    answer = as_owner.post("/documents/", {"file": files, "together": "on", "title": "卷"}, headers=JSON)
    assert [file["name"] for file in answer.json()["files"]] == ["2.png", "10.pdf", "1.png"]
    document = Document.objects.get()
    assert (document.title, document.page_count) == ("卷", 4)
    assert names(document) == [("2.png", 1), ("10.pdf", 1), ("10.pdf", 2), ("1.png", 1)]
    download = as_owner.get(f"/documents/{document.pk}/original/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(download.streaming_content)))
    assert archive.namelist() == ["2.png", "10.pdf", "1.png"]
    assert archive.read("1.png") == picture("一")


def test_a_bad_file_keeps_out_the_document_and_the_others_can_be_sent_again(owner: User, as_owner: Client) -> None:
    headers = {"Tus-Resumable": "1.0.0"}

    def sent(name: str, content: bytes) -> PartialUpload:
        begun = as_owner.post("/parts/", headers=headers | {"Upload-Length": str(len(content))})
        patched = headers | {"Upload-Offset": "0"}
        as_owner.patch(begun["Location"], content, content_type="application/offset+octet-stream", headers=patched)
        return PartialUpload.objects.get(pk=begun["Location"].split("/")[-2])

    good, bad, other = sent("a", picture("甲")), sent("b", b"no picture"), sent("c", picture("乙"))
    form = {"part": [good.pk, bad.pk, other.pk], "together": "on"}
    answer = as_owner.post("/documents/", form, headers=JSON)
    assert answer.status_code == 422
    codes = [file["error"]["code"] for file in answer.json()["files"]]
    assert (codes[0], codes[2]) == ("other-refused", "other-refused")
    assert codes[1] != "other-refused"
    assert not Document.objects.exists()
    for _ in range(2):
        answer = as_owner.post("/documents/", form | {"part": [good.pk, other.pk]}, headers=JSON)
        assert answer.status_code == 201
        assert Document.objects.get().page_count == 2


def test_the_same_files_in_the_same_order_are_a_duplicate(owner: User, as_owner: Client) -> None:
    def send(*texts: str) -> dict:
        files = [upload(f"{text}.png", picture(text)) for text in texts]
        return as_owner.post("/documents/", {"file": files, "together": "on"}, headers=JSON).json()["files"][0]

    first = send("甲", "乙")
    again = send("甲", "乙")
    assert again["error"]["code"] == "duplicate"
    assert again["known"][0]["url"] == first["url"]
    assert "url" in send("乙", "甲")
    assert "url" in send("甲")
    assert as_owner.post(again["again"], {"name": "twice"}, headers=JSON).status_code == 201
    assert Document.objects.get(title="twice").page_count == 2


def test_a_picture_may_come_twice_in_a_document(owner: User, as_owner: Client) -> None:
    files = [upload(f"{name}.png", picture("甲")) for name in "ab"]
    as_owner.post("/documents/", {"file": files, "together": "on"}, headers=JSON)
    document = Document.objects.get()
    assert (document.page_count, document.originals.count()) == (2, 1)


def test_a_document_of_too_many_pages_is_refused(owner: User, as_owner: Client, settings) -> None:
    settings.OCRSITE_MAX_PAGES = 2
    files = [upload("a.pdf", book(2)), upload("b.png")]
    answer = as_owner.post("/documents/", {"file": files, "together": "on"}, headers=JSON)
    assert (answer.status_code, answer.json()["files"][0]["error"]["code"]) == (422, "too-many-pages-together")
