"""Many documents as one ZIP archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents import editing, telemetry
from documents.exports import FORMATS
from documents.exports.zip_bundle import LONGEST_NAME, Names, pack
from documents.models import Document, Event, Folder
from documents.transcript import Transcript, TranscriptLine, TranscriptOriginal, TranscriptPage
from recognition.page import Line
from tests.support.fake_engine import FakeEngine
from tests.support.files import book, picture, upload
from tests.support.worker import run_worker

BOX = ((10, 10), (90, 10), (90, 40), (10, 40))


def export(title: str, path: Path | None = None, pages: int = 1) -> Transcript:
    lines = [TranscriptLine("1-1", Line("台北車站", 0.9, BOX))]
    return Transcript(
        title=title,
        page_count=pages,
        options={},
        engine={},
        pages=[TranscriptPage(n + 1, 100, 100, "done", lines) for n in range(pages)],
        originals=[TranscriptOriginal("0" * 64, pages, lambda: nullcontext(path))] if path else [],
    )


def opened(chunks: Iterator[bytes]) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.testzip() is None
    return archive


def test_names_keep_chinese_characters_and_are_distinct() -> None:
    archive = opened(pack([export("會議紀錄"), export("會議紀錄")], [FORMATS["txt"], FORMATS["csv"]]))
    assert archive.namelist() == ["會議紀錄.txt", "會議紀錄.csv", "會議紀錄 (2).txt", "會議紀錄 (2).csv"]
    assert all(entry.flag_bits & 0x800 for entry in archive.infolist())  # UTF-8
    assert archive.read("會議紀錄.txt").decode() == "台北車站\n"


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["a", "A", "a"], ["a", "A (2)", "a (3)"]),
        (["../../etc/passwd", "a/b\\c:d"], ["_.._etc_passwd", "a_b_c_d"]),
        (["...", " "], ["_", "_ (2)"]),
        (["problems"], ["problems (2)"]),
        (["CON", "aux", "nul.2026", "Com1 .x", "lpt²"], ["_CON", "_aux", "_nul.2026", "_Com1 .x", "_lpt²"]),
        (["nul", "_NUL"], ["_nul", "_NUL (2)"]),
        (["console", "com", "com10", "a.con"], ["console", "com", "com10", "a.con"]),
        (["字" * 255], ["字" * (LONGEST_NAME // 3)]),
    ],
)
def test_names_are_such_as_every_file_system_takes(titles: list[str], names: list[str]) -> None:
    given = Names()
    assert [given.distinct(title) for title in titles] == names


def test_what_cannot_be_written_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(book(1))) as pdf:
        forbidden = pikepdf.Permissions(modify_other=False)
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="secret", user="", allow=forbidden))
    archive = opened(pack([export("鎖", tmp_path / "locked.pdf"), export("開")], [FORMATS["txt"]]))
    assert archive.namelist() == ["鎖.txt", "開.txt"]
    archive = opened(pack([export("鎖", tmp_path / "locked.pdf")], [FORMATS["pdf"], FORMATS["txt"]]))
    assert archive.namelist() == ["鎖.txt", "problems.txt"]
    assert "鎖.pdf: This PDF is protected against changes" in archive.read("problems.txt").decode()


def test_what_fails_unexpectedly_is_told_and_logged_and_the_rest_is_there(caplog: pytest.LogCaptureFixture) -> None:
    def fail(exported: Transcript, out: BinaryIO) -> None:
        out.write(b"half of it")
        raise ZeroDivisionError

    archive = opened(pack([export("怪"), export("開")], [replace(FORMATS["csv"], write=fail), FORMATS["txt"]]))
    assert archive.namelist() == ["怪.txt", "開.txt", "problems.txt"]
    assert "怪.csv: The server has failed" in archive.read("problems.txt").decode()
    assert "ZeroDivisionError" in caplog.text


def test_it_is_sent_while_it_is_made() -> None:
    made = []

    def documents() -> Iterator[Transcript]:
        for n in range(3):
            made.append(n)
            yield export(str(n))

    chunks = pack(documents(), [FORMATS["txt"]])
    next(chunks)
    assert made == [0]


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library(receive, fake_engine: FakeEngine, owner: User) -> dict[str, Document]:
    """Three documents that have been read, one of them in a folder."""
    found = {name: receive(upload(f"{name}.png")) for name in ("一", "二", "三")}
    run_worker()
    folder = Folder.create(owner, "案卷")
    Document.objects.filter(pk=found["三"].pk).update(folder=folder)
    return {name: Document.objects.get(pk=document.pk) for name, document in found.items()}


def names(client: Client, **asked: object) -> list[str]:
    answer = client.post("/export/", {"formats": "txt"} | asked)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    return sorted(zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist())


def test_a_selection_a_folder_a_list_and_a_search_can_be_downloaded(
    library: dict[str, Document], as_owner: Client
) -> None:
    first, second, third = (library[name] for name in ("一", "二", "三"))
    assert names(as_owner, document=[first.pk, second.pk]) == ["一.txt", "二.txt"]
    assert names(as_owner, folder=third.folder_id) == ["三.txt"]
    assert names(as_owner, scope="mine") == ["一.txt", "三.txt", "二.txt"]
    assert names(as_owner, q="三") == ["三.txt"]
    assert names(as_owner, q="台北", folder=third.folder_id) == ["三.txt"]
    assert "/export/?q=%E4%B8%89" in as_owner.get("/search/", {"q": "三"}).content.decode()
    assert as_owner.post("/export/", {"q": '""', "formats": "txt"}).status_code == 404
    assert names(as_owner, document=first.pk, formats=["md", "alto"]) == ["一.alto.xml", "一.md"]
    assert Event.objects.filter(verb="exported", document=first.pk).count() == 3


def test_nobody_gets_what_they_may_not_see(library: dict[str, Document], as_stranger: Client) -> None:
    asked = {"document": library["一"].pk, "formats": "txt"}
    assert as_stranger.post("/export/", asked).status_code == 404
    assert as_stranger.get("/export/", asked).status_code == 404
    assert as_stranger.post("/export/", {"formats": "txt"}).status_code == 404


def test_the_page_asks_for_formats_and_says_what_is_wrong(library: dict[str, Document], as_owner: Client) -> None:
    page = as_owner.get("/export/", {"document": library["一"].pk}).content.decode()
    assert f'name="document" value="{library["一"].pk}"' in page
    assert all(str(known.label) in page for known in FORMATS.values())
    came = {"document": library["一"].pk, "next": "/?sort=title"}
    for answer in (as_owner.get("/export/", came), as_owner.post("/export/", came)):
        assert '<a class="icon-link" href="/?sort=title">' in answer.content.decode()
    assert as_owner.post("/export/", {"document": library["一"].pk}).status_code == 400
    assert as_owner.post("/export/", {"document": "nonsense", "formats": "txt"}).status_code == 404


def test_more_than_an_archive_takes_is_said(library: dict[str, Document], as_owner: Client, monkeypatch) -> None:
    monkeypatch.setattr("documents.views.bundles.MOST", 2)
    answer = as_owner.post("/export/", {"formats": "txt"})
    assert "more than 2 documents" in answer.content.decode()


def test_of_one_persons_archives_few_are_made_at_a_time(library: dict[str, Document], as_owner: Client) -> None:
    asked = {"document": library["一"].pk, "formats": "txt"}
    being_made = [as_owner.post("/export/", asked) for _ in range(2)]
    refused = as_owner.post("/export/", asked, headers={"accept": "text/html"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Too many downloads are being prepared" in refused.content.decode()
    wanted = {"documents": [str(library["一"].pk)], "formats": ["txt"]}
    program = as_owner.post("/api/v1/bulk/bundle/", wanted, "application/json")
    assert (program.status_code, program["Retry-After"], program.json()["code"]) == (429, "60", "too-many-exports")
    assert {"limit": "too-many-exports"} in [labels for name, labels, _ in telemetry.counters() if name == "limits_hit"]
    being_made[0].close()  # whoever asked has gone
    assert names(as_owner, document=library["一"].pk) == ["一.txt"]
    being_made[1].close()


def test_the_originals_of_a_document_are_such_an_archive(
    receive, fake_engine: FakeEngine, as_owner: Client, owner: User
) -> None:
    documents = [receive(upload("a.png", picture(text))) for text in "一二"]
    run_worker()
    joined = editing.join_documents(documents, actor=owner)
    address = f"/documents/{joined.pk}/original/"
    being_made = [as_owner.get(address) for _ in range(2)]
    assert as_owner.get(address).status_code == 429
    for answer in being_made:
        assert len(zipfile.ZipFile(io.BytesIO(answer.getvalue())).namelist()) == 2
    assert as_owner.get(address).getvalue()
