"""Files sent piece by piece: what has arrived stays, is nobody else's, and becomes one document."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.test.client import FakePayload
from django.utils import timezone

from documents import originals
from documents.ingest import tus
from documents.models import Document, PartialUpload, UploadPiece
from recognition.errors import FileTooLargeError, UnsupportedTypeError
from tests.support.files import picture
from tests.support.s3 import in_bucket, objects, serve_bucket

pytestmark = pytest.mark.django_db(transaction=True)

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {"Content-Type": "application/offset+octet-stream", **TUS}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path


@pytest.fixture
def bucket() -> Iterator[str]:
    with serve_bucket() as address:
        yield address


@pytest.fixture
def part(owner: User) -> PartialUpload:
    return tus.begin(name="書頁.png", size=10, owner=owner)


def pieces_in_storage() -> list[str]:
    try:
        return [f"uploads/{name}" for name in default_storage.listdir("uploads")[1]]
    except FileNotFoundError:
        return []


def begin(client: Client, size: object, name: str = "書頁.png") -> str:
    """Begins a part over HTTP; its address."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()},is_note"
    answer = client.post("/parts/", headers={"Upload-Length": str(size), "Upload-Metadata": metadata, **TUS})
    assert answer.status_code == 201
    return answer.headers["Location"]


def send(client: Client, address: str, start: object, piece: bytes, **headers: str):
    headers = PIECE | {"Upload-Offset": str(start)} | headers
    return client.patch(address, piece, content_type=headers.pop("Content-Type"), headers=headers)


def take(client: Client, address: str):
    number = address.strip("/").split("/")[-1]
    return client.post("/documents/", {"part": number}, headers={"accept": "application/json"})


def test_pieces_become_one_document_with_the_name_of_the_file(as_owner: Client) -> None:
    content = picture()
    address = begin(as_owner, len(content))
    half = len(content) // 2
    assert send(as_owner, address, 0, content[:half]).headers["Upload-Offset"] == str(half)
    assert as_owner.head(address, headers=TUS).headers["Upload-Offset"] == str(half)
    assert send(as_owner, address, half, content[half:]).status_code == 204
    outcome = take(as_owner, address)
    assert outcome.status_code == 201
    document = Document.objects.get()
    assert outcome.json()["files"][0]["id"] == str(document.pk)
    assert document.title == "書頁"
    with document.first_original.file.open() as kept:
        assert kept.read() == content
    assert not pieces_in_storage()


def test_each_piece_may_go_to_another_web_server(as_owner: Client, bucket: str, settings, tmp_path: Path) -> None:
    """With files in S3 nothing but database and bucket is shared; here each request has a server of its own."""
    settings.STORAGES = settings.STORAGES | {"default": in_bucket(bucket)}
    content = picture()

    def on_another_server() -> None:
        settings.FILE_UPLOAD_TEMP_DIR = tmp_path / os.urandom(4).hex()
        settings.FILE_UPLOAD_TEMP_DIR.mkdir()

    on_another_server()
    address = begin(as_owner, len(content))
    size = len(content) // 8
    for start in range(0, len(content), size):
        on_another_server()
        assert send(as_owner, address, start, content[start : start + size]).status_code == 204
    on_another_server()
    assert as_owner.head(address, headers=TUS).headers["Upload-Offset"] == str(len(content))
    assert take(as_owner, address).status_code == 201
    with Document.objects.get().first_original.file.open() as kept:
        assert kept.read() == content
    assert not UploadPiece.objects.exists()
    assert not [name for name in objects() if "/uploads/" in name]


def test_of_two_requests_with_the_same_bytes_one_is_kept(part: PartialUpload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tus, "offset", lambda upload: 0)  # as both have asked before either had ended
    tus.append(part, 0, io.BytesIO(b"01234"))
    with pytest.raises(tus.MisplacedError):
        tus.append(part, 0, io.BytesIO(b"01234"))
    assert len(pieces_in_storage()) == UploadPiece.objects.count() == 1


def test_what_another_server_is_just_taking_is_waited_for(part: PartialUpload, receive, monkeypatch) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))
    PartialUpload.objects.update(claimed=timezone.now())
    document = receive()

    def ready(seconds: float) -> None:
        PartialUpload.objects.update(document=document, claimed=None)

    monkeypatch.setattr(tus.time, "sleep", ready)
    assert tus.take(part, lambda file: pytest.fail("it was taken twice")) == document


def test_what_a_lost_server_was_taking_can_be_taken(part: PartialUpload, receive) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))
    PartialUpload.objects.update(claimed=timezone.now() - tus.CLAIMED - timedelta(seconds=1))
    assert tus.take(part, lambda file: receive()) == Document.objects.get()


def test_whoever_did_not_hear_the_answer_asks_again_and_gets_the_same_document(as_owner: Client) -> None:
    content = picture()
    address = begin(as_owner, len(content))
    send(as_owner, address, 0, content)
    first, second = (take(as_owner, address).json() for _ in range(2))
    assert first == second
    assert Document.objects.count() == 1
    assert as_owner.head(address, headers=TUS).headers["Upload-Offset"] == str(len(content))


def test_what_arrived_before_the_connection_was_lost_is_kept(part: PartialUpload) -> None:
    class Lost(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(4) or self.fail()

        def fail(self) -> bytes:
            raise OSError("connection reset")

    with pytest.raises(OSError, match="reset"):
        tus.append(part, 0, Lost(b"abcdefgh"))
    assert tus.offset(part) == 8
    assert tus.append(part, 8, io.BytesIO(b"ij")) == 10


@pytest.mark.parametrize("start", ["4", "0"])
def test_a_piece_out_of_place_is_told_where_to_go_on(as_owner: Client, start: str) -> None:
    address = begin(as_owner, 10)
    send(as_owner, address, 0, b"abc")
    answer = send(as_owner, address, start, b"x")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "3")


@pytest.mark.parametrize(
    ("headers", "piece", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, b"x", 412),
        ({"Content-Type": "text/plain"}, b"x", 415),
        ({"Upload-Offset": "-1"}, b"x", 400),
        ({}, b"x" * 11, 413),
    ],
)
def test_a_piece_that_makes_no_sense_is_refused_and_nothing_of_it_kept(
    as_owner: Client, headers: dict[str, str], piece: bytes, status: int
) -> None:
    address = begin(as_owner, 10)
    assert send(as_owner, address, 0, piece, **headers).status_code == status
    assert as_owner.head(address, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ***"}, 400),
        ({"Upload-Length": str(2**40)}, 413),
        ({"Upload-Length": "9" * 5000}, 400),
    ],
)
def test_a_file_that_could_not_be_taken_is_refused_before_it_is_sent(
    as_owner: Client, headers: dict[str, str], status: int
) -> None:
    answer = as_owner.post("/parts/", headers=headers | TUS)
    assert answer.status_code == status
    assert answer.content
    assert not PartialUpload.objects.exists()


def test_the_server_says_what_it_can_do(as_owner: Client, settings) -> None:
    answer = as_owner.options("/parts/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination"}
    assert answer.headers["Tus-Max-Size"] == str(settings.OCRSITE_MAX_BYTES)


def test_a_part_is_nobody_elses(part: PartialUpload, as_stranger: Client) -> None:
    address = f"/parts/{part.pk}/"
    answers = [as_stranger.head(address, headers=TUS), send(as_stranger, address, 0, b"x"), take(as_stranger, address)]
    answers.append(as_stranger.delete(address, headers=TUS))
    assert [answer.status_code for answer in answers] == [404] * 4
    assert tus.offset(part) == 0


def test_without_login_nothing_is_received(part: PartialUpload) -> None:
    body = FakePayload(b"0123456789")
    headers = PIECE | {"Upload-Offset": "0"}
    answer = Client().patch(f"/parts/{part.pk}/", headers=headers, **{"wsgi.input": body, "CONTENT_LENGTH": "10"})
    assert answer.status_code == 401
    assert body.read() == b"0123456789"
    assert Client().post("/parts/", headers=TUS).status_code == 401
    assert take(Client(), f"/parts/{part.pk}/").status_code == 302


@pytest.mark.parametrize("number", ["00000000-0000-0000-0000-000000000000", "nonsense"])
def test_a_part_that_does_not_exist_is_404(as_owner: Client, number: str) -> None:
    assert as_owner.post("/documents/", {"part": number}).status_code == 404


def test_a_file_that_is_not_whole_is_refused_and_can_be_completed(as_owner: Client) -> None:
    content = picture()
    address = begin(as_owner, len(content))
    send(as_owner, address, 0, content[:100])
    refused = take(as_owner, address)
    assert refused.status_code == 422
    assert refused.json()["files"][0]["error"]["code"] == "file-incomplete"
    send(as_owner, address, 100, content[100:])
    assert take(as_owner, address).status_code == 201


def test_a_file_that_is_refused_is_gone(part: PartialUpload, owner: User) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))

    def refuse(file) -> Document:
        raise UnsupportedTypeError("no")

    with pytest.raises(UnsupportedTypeError):
        tus.take(part, refuse)
    assert not PartialUpload.objects.exists()
    assert not pieces_in_storage()


def test_after_a_mishap_a_file_can_be_taken_once_more(part: PartialUpload) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))

    def fail(file) -> Document:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tus.take(part, fail)
    assert tus.offset(part) == 10


def test_a_part_can_be_given_up(as_owner: Client) -> None:
    address = begin(as_owner, 10)
    assert as_owner.delete(address, headers=TUS).status_code == 204
    assert as_owner.head(address, headers=TUS).status_code == 404


def test_a_part_whose_bytes_have_gone_says_so(as_owner: Client, part: PartialUpload) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))
    for name in pieces_in_storage():
        default_storage.delete(name)
    outcome = as_owner.post("/documents/", {"part": str(part.pk)}, headers={"accept": "application/json"})
    assert outcome.json()["files"][0]["error"]["code"] == "file-incomplete"
    assert as_owner.head(f"/parts/{part.pk}/", headers=TUS).status_code == 404  # and so it is sent from the start


def test_abandoned_parts_are_forgotten_after_a_day(part: PartialUpload, owner: User) -> None:
    tus.append(part, 0, io.BytesIO(b"01234"))
    PartialUpload.objects.update(created=timezone.now() - tus.KEPT - timedelta(seconds=1))
    fresh = tus.begin(name="fresh", size=5, owner=owner)
    assert list(PartialUpload.objects.all()) == [fresh]
    assert not pieces_in_storage()


def test_too_large_a_file_is_not_begun(owner: User, settings) -> None:
    settings.OCRSITE_MAX_BYTES = 9
    with pytest.raises(FileTooLargeError):
        tus.begin(name="x", size=10, owner=owner)


def test_options_are_remembered_for_each_person(as_owner: Client, as_stranger: Client) -> None:
    def chosen(client: Client) -> str:
        return client.get("/").context["form"]["direction"].value()

    assert as_owner.post("/preferences/", {"direction": "vertical-rl"}).status_code == 204
    assert (chosen(as_owner), chosen(as_stranger)) == ("vertical-rl", "auto")
    assert as_owner.post("/preferences/", {"direction": "upwards"}).status_code == 400
    assert chosen(as_owner) == "vertical-rl"


def test_an_option_that_has_gone_since_is_forgotten(as_owner: Client, owner: User, settings) -> None:
    settings.OCRSITE_MODEL = "brand-new"
    as_owner.post("/preferences/", {"model": "brand-new"})
    settings.OCRSITE_MODEL = "newer"
    assert as_owner.get("/").context["form"]["model"].value() == "newer"


def test_what_is_on_its_way_needs_room_too(as_owner: Client, owner: User, settings) -> None:
    settings.OCRSITE_USER_MEGABYTES = 1
    half = {"Upload-Length": str(2**19), **TUS}
    assert [as_owner.post("/parts/", headers=half).status_code for _ in range(2)] == [201, 201]
    refused = as_owner.post("/parts/", headers=half)
    assert refused.status_code == 413
    assert "1" in refused.content.decode()
    tus.discard(PartialUpload.objects.first())
    assert as_owner.post("/parts/", headers=half).status_code == 201


def test_what_was_deleted_for_good_needs_no_room_any_more(as_owner: Client, owner: User, settings) -> None:
    content = picture()
    settings.OCRSITE_USER_MEGABYTES = 1
    address = begin(as_owner, len(content))
    send(as_owner, address, 0, content)
    document = Document.objects.get(pk=take(as_owner, address).json()["files"][0]["id"])
    PartialUpload.objects.update(size=2**20)  # as if it had been as large as all of the room
    originals.discard(document, owner)
    assert as_owner.post("/parts/", headers={"Upload-Length": str(2**20), **TUS}).status_code == 201
    assert take(as_owner, address).status_code == 404  # as a part that was given up


def test_a_part_given_up_while_it_was_taken_is_a_document_all_the_same(receive, part: PartialUpload) -> None:
    tus.append(part, 0, io.BytesIO(b"0123456789"))

    def receive_slowly(file) -> Document:
        document = receive()
        tus.discard(PartialUpload.objects.get())
        return document

    assert tus.take(part, receive_slowly) == Document.objects.get()


def test_a_name_that_no_database_keeps_is_cleaned(as_owner: Client) -> None:
    begin(as_owner, 10, "a\0b.png")
    assert PartialUpload.objects.get().name == "ab.png"
