"""What becomes of uploads where there is no room: asked at once, told in words, and nothing is left behind."""

from __future__ import annotations

import errno
import http.client
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client

from documents import exports, media
from documents.ingest import intake, space
from documents.models import AccessToken, Document
from documents.transcript import Transcript
from ocrsite.local_storage import LocalStorage
from recognition.options import Options
from tests.support.files import book, picture, upload

pytestmark = pytest.mark.django_db(transaction=True)
PLENTY = 10**15
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def full(settings) -> None:
    """A disk of which everything is reserved."""
    settings.OCRSITE_DISK_RESERVE = PLENTY


def large() -> bytes:
    return picture() + os.urandom(space.SMALL)


@pytest.mark.usefixtures("full")
def test_a_full_disk_refuses_files_in_words_through_every_door(as_owner: Client, owner: User) -> None:
    form = as_owner.post("/documents/", {"file": upload("a.png", large())}, **JSON)
    assert form.status_code == 507
    assert form.json()["files"][0]["error"]["code"] == "no-space"
    program = as_owner.post("/api/v1/documents/", {"file": upload("a.png", large())})
    assert (program.status_code, program.json()["code"]) == (507, "no-space")
    pieces = as_owner.post("/parts/", headers={"upload-length": "100", "tus-resumable": "1.0.0"})
    assert pieces.status_code == 507
    assert "no room" in pieces.content.decode()
    with pytest.raises(space.NoSpaceError):
        intake.receive(upload(), name="page.png", owner=owner, options=Options())
    assert not Document.objects.exists()


@pytest.mark.usefixtures("full")
def test_with_a_full_disk_everything_else_goes_on(receive, as_owner: Client, settings) -> None:
    settings.OCRSITE_DISK_RESERVE = 2**20
    document = receive()
    settings.OCRSITE_DISK_RESERVE = PLENTY
    assert as_owner.get(f"/documents/{document.pk}/").status_code == 200
    assert as_owner.post(f"/documents/{document.pk}/title/", {"title": "新"}).status_code in {200, 302}


def test_large_exports_leave_the_reserve_alone_and_small_ones_go_on(
    document: Document, as_owner: Client, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(exported: Transcript, out: BinaryIO) -> None:
        out.write(b"x" * (2 * media.LARGE))

    settings.OCRSITE_DISK_RESERVE = PLENTY
    assert as_owner.get(f"/documents/{document.pk}/export/txt/").status_code == 200
    monkeypatch.setitem(exports.FORMATS, "csv", replace(exports.FORMATS["csv"], write=write))
    page = as_owner.get(f"/documents/{document.pk}/export/csv/")
    assert (page.status_code, "no room" in page.content.decode()) == (422, True)
    program = as_owner.get(f"/api/v1/documents/{document.pk}/export/csv/")
    assert (program.status_code, program.json()["code"]) == (507, "no-space")
    settings.OCRSITE_DISK_RESERVE = 2**20
    assert as_owner.get(f"/documents/{document.pk}/export/csv/").status_code == 200


def test_unfinished_uploads_keep_their_room(as_owner: Client, settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OCRSITE_DISK_RESERVE = 2**20
    usage = type("usage", (), {"free": 2**20 + 100_000})
    monkeypatch.setattr(space.shutil, "disk_usage", lambda folder: usage)
    begin = {"upload-length": "60000", "tus-resumable": "1.0.0"}
    assert as_owner.post("/parts/", headers=begin).status_code == 201
    assert as_owner.post("/parts/", headers=begin).status_code == 507


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.client.HTTPConnection]:
    from ocrsite.wsgi import application

    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
        running.shutdown()


@pytest.mark.parametrize(("limit", "status"), [("OCRSITE_DISK_RESERVE", 507), ("OCRSITE_USER_MEGABYTES", 413)])
def test_the_answer_comes_before_any_byte_of_the_file_was_sent(
    as_owner: Client, server: http.client.HTTPConnection, settings, limit: str, status: int
) -> None:
    setattr(settings, limit, PLENTY if status == 507 else 1)
    server.putrequest("POST", "/documents/")
    server.putheader("Cookie", f"sessionid={as_owner.cookies['sessionid'].value}")
    server.putheader("Content-Type", "multipart/form-data; boundary=line")
    server.putheader("Content-Length", str(100 * 2**20))
    server.putheader("Accept", "application/json")
    server.endheaders()
    answer = server.getresponse()
    assert answer.status == status
    assert b"message" in answer.read()


def test_a_program_is_told_of_its_quota_before_its_files_are_kept(owner: User, settings) -> None:
    settings.OCRSITE_USER_MEGABYTES = 1
    _token, secret = AccessToken.issue(owner, "scanner", "write", timedelta(days=1))
    sent = {"file": upload("a.png", picture() + b"\0" * 2**21)}
    answer = Client().post("/api/v1/documents/", sent, headers={"authorization": f"Bearer {secret}"})
    assert answer.json()["code"] == "quota-storage"


def test_a_form_from_elsewhere_is_still_refused(owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post("/documents/", {"file": upload()}, **JSON).status_code == 403
    assert not Document.objects.exists()


# Files have their name once they are whole


class BreaksOff(ContentFile):
    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_nothing_is_left_of_a_file_that_breaks_off(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    with pytest.raises(OSError, match="No space"):
        storage.save("originals/ab/file", BreaksOff(b"whole"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("originals/ab/file", ContentFile(b"whole")) == "originals/ab/file"


def test_nobody_finds_half_a_file(tmp_path: Path) -> None:
    storage, seen = LocalStorage(tmp_path), []

    class Slow(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"half"
            seen.append(storage.exists("pages/1.jpg"))
            yield b"whole"

    storage.save("pages/1.jpg", Slow(b""))
    assert seen == [False]
    with storage.open("pages/1.jpg") as file:
        assert file.read() == b"halfwhole"
    assert storage.save("pages/1.jpg", ContentFile(b"other")) != "pages/1.jpg"
    assert len(list((tmp_path / "pages").iterdir())) == 2


def test_a_disk_that_is_full_in_the_middle_is_no_fault_of_the_file(
    as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*args: object, **more: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LocalStorage, "_save", no_space)
    answer = as_owner.post("/api/v1/documents/", {"file": io.BytesIO(book(1))})
    assert (answer.status_code, answer.json()["code"]) == (507, "no-space")
    assert not Document.objects.exists()
